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

// caCommand gathers what is done to certificate authorities.
func (a *app) caCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "ca", Short: "Look after certificate authorities", Args: noArgs,
		Long: "Looks after the certificate authority of a set-up and its revocation list.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.caImportCommand(), a.caRotateCommand(), a.caCRLCommand())
	return cmd
}

const caCRLLong = `Shows what the CA of a set-up has revoked. --refresh signs the list anew and brings
it to AWS, as after a run that was stopped; --import brings a list that was made
elsewhere, in PEM or DER. A list that lacks an entry of the one in use, or has a
lower number, is refused: it would let a revoked certificate in again.

A list of ours is valid as long as its CA. One from outside ends at its own next
update; bring the newer one before that.`

const caCRLExample = `  anywhere ca crl
  anywhere ca crl --refresh
  curl -s http://ca.example.com/1.0/crl | anywhere ca crl --import -`

// caCRLFlags are the flags of anywhere ca crl.
type caCRLFlags struct {
	adminFlags
	refresh, plan bool
	from          string
	key           caKeyFlags
}

func (a *app) caCRLCommand() *cobra.Command {
	var f caCRLFlags
	cmd := &cobra.Command{
		Use: "crl", Short: "Show, sign anew or import the revocation list", Long: caCRLLong, Example: caCRLExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.orJSON(f.json, a.caCRL(cmd.Context(), f)) },
	}
	f.declare(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.refresh, "refresh", false, "sign the list anew and bring it to AWS")
	flags.StringVar(&f.from, "import", "", "bring the list in `FILE` to AWS; - reads standard input")
	flags.BoolVar(&f.plan, "plan", false, "show what would be done and do nothing")
	f.key.declare(cmd)
	return cmd
}

func (a *app) caCRL(ctx context.Context, f caCRLFlags) (err error) {
	if f.refresh && f.from != "" {
		return &usageError{"ca crl: --refresh signs a list, --import brings one that is signed", "leave one of them out"}
	}
	k, err := a.administer(ctx, f.adminFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.doors.close()) }()
	var want steps.Revocation
	if f.from != "" {
		if want.From, err = a.readInput(f.from); err != nil {
			return err
		}
	}
	plan, err := k.runner.PlanRevocation(ctx, want)
	if err != nil {
		return err
	}
	if f.plan || !f.refresh && f.from == "" {
		return k.printList(f.json, plan, !f.plan)
	}
	if !f.json {
		printRevocationPlan(a, plan)
	}
	approval, err := k.approved(ctx, f.adminFlags, "bring the list to AWS")
	if err != nil {
		return err
	}
	passphrase, err := a.caPassphrase(ctx, f.key)
	if err != nil {
		return err
	}
	if _, err := k.runner.Revoke(ctx, plan, passphrase, approval, k.show); err != nil {
		return err
	}
	if f.json {
		return k.printRevocation(true, plan, []steps.Evidence{})
	}
	fmt.Fprintf(a.stdout, "AWS has list number %d with %d entries, valid until %s.\n", plan.Number, plan.Entries, plan.NextUpdate.Format(time.DateOnly))
	return nil
}

// printList prints what is revoked, or what would be brought to AWS.
func (k *keeping) printList(asJSON bool, plan steps.RevocationPlan, standing bool) error {
	if !standing {
		return k.printRevocation(asJSON, plan, nil)
	}
	status, err := k.runner.ListStatus(plan)
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
	switch {
	case status.InAWS == 0 && len(status.Entries) == 0:
		fmt.Fprintln(w, "Nothing is revoked.")
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
