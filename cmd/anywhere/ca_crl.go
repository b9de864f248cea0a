package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

const caCRLLong = `Shows what the CA of a set-up has revoked, and the lists that AWS has. --refresh
signs the list anew and brings it to AWS, as after a run that was stopped; --import
brings a list that was made elsewhere, in PEM or DER, from a file or a URL. A list
that lacks an entry of the one in use, or has a lower number, is refused: it would
let a revoked certificate in again. So is one that is not a CA's whole list.

A list of ours is valid as long as its CA. One from outside ends at its own next
update: --print-unit prints what brings it from its URL every hour. A run that finds
nothing new changes nothing. The unit needs AWS credentials that may do what
anywhere ca crl --plan shows; it runs with the AWS_PROFILE of the shell that printed
it.

AWS looks at lists of the CAs that the trust anchor holds. --hold-issuer puts the
intermediate that signed the list there, beside its root.

One run serves all set-ups of this machine that trust the CA, in other accounts or
Regions too, each with the AWS credentials that it was made with. --yes needs each
account named, and the unit names them. A trust anchor that is not reached is named
with the command, noted for anywhere status, and makes the exit code 1.`

const caCRLExample = `  anywhere ca crl
  anywhere ca crl --refresh
  anywhere ca crl --out root.crl --root
  anywhere ca crl --import https://ca.example.com/1.0/crl --hold-issuer
  AWS_PROFILE=lists anywhere ca crl --import https://ca.example.com/1.0/crl --print-unit systemd`

// caCRLFlags are the flags of anywhere ca crl.
type caCRLFlags struct {
	adminFlags
	refresh, plan, hold bool
	root                bool
	from, unit, out     string
	key                 caKeyFlags
}

func (a *app) caCRLCommand() *cobra.Command {
	var f caCRLFlags
	cmd := &cobra.Command{
		Use: "crl", Short: "Show, sign anew or import the revocation list", Long: caCRLLong, Example: caCRLExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if f.unit != "" {
				return a.printListUnit(cmd.Context(), f)
			}
			return a.orJSON(f.json, a.caCRL(cmd.Context(), f))
		},
	}
	f.declare(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.refresh, "refresh", false, "sign the list anew and bring it to AWS")
	flags.StringVar(&f.from, "import", "", "bring the list in `FILE`, or at an https URL, to AWS; - reads standard input")
	flags.StringVar(&f.out, "out", "", "write AWS's list of this CA to `FILE` in PEM, which must not exist yet")
	flags.BoolVar(&f.root, "root", false, "with --out: the list of the root above the CA, which names the intermediates that it let go")
	flags.BoolVar(&f.hold, "hold-issuer", false, "put the intermediate that signed it into the trust anchor, where AWS looks")
	flags.StringVar(&f.unit, "print-unit", "", "print what imports from the URL every hour, for `systemd`, launchd or schtasks, and do nothing")
	flags.BoolVar(&f.plan, "plan", false, "show what would be done and do nothing")
	f.key.declare(cmd)
	f.key.declareWhere(cmd)
	return cmd
}

func (f caCRLFlags) check() error {
	switch {
	case f.refresh && f.from != "":
		return &usageError{"ca crl: --refresh signs a list, --import brings one that is signed", "leave one of them out"}
	case f.out != "" && (f.refresh || f.plan || f.from != ""):
		return &usageError{"ca crl: --out writes the list that AWS has", "leave the other flags out"}
	case f.root && f.out == "":
		return &usageError{"ca crl: --root says which list is written", "add --out FILE"}
	case f.hold && f.from == "":
		return &usageError{"ca crl: --hold-issuer is for a list that another CA has signed", "add --import"}
	case f.unit != "" && !isURL(f.from):
		return &usageError{"ca crl: a unit fetches the list from where its CA publishes it", "add --import URL"}
	}
	return nil
}

func (a *app) caCRL(ctx context.Context, f caCRLFlags) (err error) {
	k, err := a.administer(ctx, f.adminFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.doors.close()) }()
	if err := k.find(f.key); err != nil {
		return err
	}
	if f.from != "" {
		return k.importList(ctx, f)
	}
	if f.root {
		return k.writeRootList(ctx, f.out)
	}
	plan, err := k.runner.PlanRevocation(ctx, steps.Revocation{Look: !f.refresh && !f.plan})
	if err != nil {
		return err
	}
	if f.out != "" {
		return k.writeList(plan, f.out)
	}
	if f.plan || !f.refresh {
		return k.printList(ctx, f.json, plan, !f.plan)
	}
	if !plan.CanSign {
		return &noKeyError{"bring a list that the CA has made elsewhere: anywhere ca crl --import FILE or URL"}
	}
	evidence, err := k.bringList(ctx, f, plan)
	return errors.Join(err, unreached(evidence))
}

// writeList writes the list that AWS has of the set-up's CA, for others who check
// certificates.
func (k *keeping) writeList(plan steps.RevocationPlan, out string) error {
	data := plan.InAWS()
	if data == nil {
		return &noListError{"anywhere ca crl --refresh makes one"}
	}
	return createNew(k.doors.home, out, data, 0o644)
}

// writeRootList does the same for the root above the CA.
func (k *keeping) writeRootList(ctx context.Context, out string) error {
	data, err := k.runner.RootList(ctx)
	if err != nil {
		return err
	}
	if data == nil {
		return &noListError{"anywhere ca rotate --finish makes the root sign one"}
	}
	return createNew(k.doors.home, out, data, 0o644)
}

// printList prints what is revoked, or what would be brought to AWS.
func (k *keeping) printList(ctx context.Context, asJSON bool, plan steps.RevocationPlan, standing bool) error {
	if !standing {
		return k.printRevocation(asJSON, plan, nil)
	}
	status, err := k.runner.ListStatus(ctx, plan)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(k.app.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.ListStatus
		}{schemaVersion, status})
	}
	w := k.app.stdout
	for _, e := range status.Entries {
		fmt.Fprintf(w, "%s  %s  %s\n", e.Serial.Hex(), e.At.Format(time.DateTime), foreign.Text(string(e.Reason)))
	}
	for _, l := range status.Lists {
		state := "enabled"
		if !l.Enabled {
			state = "disabled, so it keeps nobody out"
		}
		fmt.Fprintf(w, "list %s in AWS, of %s: number %s, %d entries, next update %s, %s%s\n", foreign.Text(l.Name), foreign.Text(l.Issuer), l.Number,
			l.Entries, l.NextUpdate.Format(time.DateTime), state, foreign.Text(l.Problem))
	}
	switch {
	case !plan.CanSign && len(status.Lists) == 0:
		fmt.Fprintln(w, "AWS has no list. The CA's key is not here: anywhere ca crl --import brings a list that the CA has made.")
	case !plan.CanSign:
	case status.InAWS == 0 && len(status.Entries) == 0:
		fmt.Fprintf(w, "%s has revoked nothing.\n", foreign.Text(plan.Issuer()))
	case status.InAWS < len(status.Entries):
		fmt.Fprintf(w, "%d revoked, %d of them in AWS's list. anywhere ca crl --refresh brings the rest.\n", len(status.Entries), status.InAWS)
	default:
		fmt.Fprintf(w, "%d revoked, all in AWS's list, valid until %s.\n", len(status.Entries), status.NextUpdate.Format(time.DateOnly))
	}
	if !status.Enabled && status.InAWS > 0 {
		fmt.Fprintln(w, "AWS's list is disabled, so it keeps nobody out. anywhere ca crl --refresh enables it.")
	}
	return nil
}
