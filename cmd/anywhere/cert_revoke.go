package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/steps"
)

const certRevokeLong = `Revokes a certificate: it is written into the CA's ledger and into a revocation
list that the CA signs and AWS holds. Then the certificate is tried, if its key
is here, to see that AWS refuses it.

Name it by its serial (as in the session name), by its file or by its common
name; --list revokes what stands in a file, one to a line, with one list. Revoking
lets nobody in any more with that certificate. It does not end sessions that were
issued before: they live until they expire, unless --cut-sessions denies them
everything. It does not keep out another certificate of the same name.

Where other set-ups of this machine have the same CA, in other accounts or Regions
too, their trust anchors get the list as well, each with the AWS credentials that the
set-up was made with; one that is not reached is named, with the command, and the exit
code is 1. --yes needs each account named.

Without the CA's key no list can be signed; the other ways are then printed, with
whom each of them reaches. --close disables the trust anchor and the Roles
Anywhere profile at once, for an emergency; --close=trust-anchor and
--close=roles-anywhere-profile disable one of them. Whom that keeps out is shown, and
which other set-ups of this machine let in what the same CA issued: --all closes those
too. anywhere setup --name NAME opens a set-up again.`

const certRevokeExample = `  anywhere cert revoke 52a1c09be4d07f3a91c2d4e5f6071829 --reason keyCompromise
  anywhere cert revoke build-box-7 --all --cut-sessions
  anywhere cert revoke /path/to/certificate.pem --plan
  anywhere cert revoke --list stolen.txt --reason keyCompromise
  anywhere cert revoke --close --all
  anywhere cert revoke --close=roles-anywhere-profile --plan`

// certRevokeFlags are the flags of anywhere cert revoke.
type certRevokeFlags struct {
	adminFlags
	reason, list, close string
	all, cut, plan      bool
	key                 caKeyFlags
}

func (a *app) certRevokeCommand() *cobra.Command {
	var f certRevokeFlags
	cmd := &cobra.Command{
		Use: "revoke [SERIAL | FILE | CN]", Short: "Let a certificate in no more", Long: certRevokeLong, Example: certRevokeExample, Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.orJSON(f.json, a.certRevoke(cmd.Context(), strings.Join(args, ""), f))
		},
	}
	f.declare(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "", "why, in the words of RFC 5280: `REASON` such as keyCompromise or superseded")
	flags.StringVar(&f.list, "list", "", "revoke what each line of `FILE` names; - reads standard input")
	flags.BoolVar(&f.all, "all", false, "every valid certificate of that common name; with --close: every set-up that has the same CA")
	flags.BoolVar(&f.cut, "cut-sessions", false, "also deny everything to sessions of that name that are live now")
	flags.BoolVar(&f.plan, "plan", false, "show what would be done and do nothing")
	declareClose(cmd, &f.close)
	f.key.declare(cmd)
	f.key.declareWhere(cmd)
	return cmd
}

func (f certRevokeFlags) check(what string) error {
	known := func(r pki.Reason) bool { _, ok := r.Code(); return ok }
	switch {
	case what != "" && f.list != "":
		return &usageError{"cert revoke: --list names the certificates", "leave one of them out"}
	case !knownDoor(f.close):
		return &usageError{fmt.Sprintf("--close=%q: no such door", f.close), fmt.Sprintf("one of %v", steps.DoorIDs())}
	case f.close != "" && what != "" && knownDoor(what):
		return &usageError{"cert revoke: --close and " + what + " are two words", "write --close=" + what}
	case f.close != "" && what+f.list != "":
		return &usageError{"cert revoke: --close is for the whole set-up, not for one certificate", "leave one of them out"}
	case f.close == "" && what+f.list == "":
		return &usageError{"cert revoke: which certificate?", "name a serial, a certificate file or a common name; anywhere status lists the set-ups"}
	case !known(pki.Reason(f.reason)):
		return &usageError{fmt.Sprintf("--reason %q: no such reason", f.reason), fmt.Sprintf("one of %v", pki.Reasons())}
	}
	return nil
}

func (a *app) certRevoke(ctx context.Context, what string, f certRevokeFlags) (err error) {
	if err := f.check(what); err != nil {
		return err
	}
	k, err := a.administer(ctx, f.adminFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.doors.close()) }()
	if err := k.find(f.key); err != nil {
		return err
	}
	if f.close != "" {
		return k.closeSetup(ctx, f)
	}
	want := steps.Revocation{What: what, All: f.all, Reason: pki.Reason(f.reason), CutSessions: f.cut}
	if f.list != "" {
		if want.Listed, err = a.revokeList(f.list); err != nil {
			return err
		}
	}
	plan, err := k.runner.PlanRevocation(ctx, want)
	if err != nil {
		return err
	}
	if !plan.CanSign {
		return k.otherWays(ctx, plan, f.json)
	}
	if f.plan {
		return k.printRevocation(f.json, plan, nil)
	}
	if !f.json {
		printRevocationPlan(a.stderr, plan)
	}
	approval, err := k.approved(ctx, f.adminFlags, "revoke")
	if err != nil {
		return err
	}
	passphrase, err := a.caPassphrase(ctx, f.key)
	if err != nil {
		return err
	}
	evidence, err := k.runner.Revoke(ctx, plan, passphrase, approval, k.show)
	if err != nil {
		return err
	}
	return errors.Join(k.noteRoom(plan), k.printRevocation(f.json, plan, evidence), unreached(evidence))
}

// revokeList reads the lines of a file; what cert issue --list wrote its names
// into can be taken as it is.
func (a *app) revokeList(file string) ([]string, error) {
	data, err := a.readInput(file)
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		what, _, _ := strings.Cut(line, " ")
		all = append(all, what)
	}
	if len(all) == 0 {
		return nil, &usageError{foreign.Text(file) + ": no certificate is named in it", "a line is a serial, a certificate file or a common name"}
	}
	return all, nil
}

func printRevocationPlan(w io.Writer, p steps.RevocationPlan) {
	for _, c := range p.Certificates {
		note := ""
		if c.NotAfter.IsZero() {
			fmt.Fprintf(w, "  -  certificate %s  not known here\n", c.SerialHex)
			continue
		}
		if len(c.Users) > 0 {
			note = "; in use now by set-up " + strings.Join(c.Users, ", ")
		}
		fmt.Fprintf(w, "  -  certificate %s  CN=%s%s\n", c.SerialHex, foreign.Text(c.CommonName), note)
	}
	changes := append([]steps.Change{p.Change}, p.Cut...)
	if p.Unchanged {
		changes = p.Cut // only other trust anchors lack it
	}
	if p.Hold != nil {
		changes = append([]steps.Change{*p.Hold}, changes...)
	}
	for _, c := range changes {
		fmt.Fprintf(w, "  %s  %s %s  %s\n", planGlyph[c.Verb], c.Noun, foreign.Text(c.Name), foreign.Text(c.Detail))
	}
	for _, n := range p.Beside {
		printBeside(w, n)
	}
	for _, note := range p.Notes {
		fmt.Fprintf(w, "  !  %s\n", foreign.Text(note))
	}
}

// printBeside says what is done in another set-up of the same CA, or why not.
func printBeside(w io.Writer, n steps.Neighbour) {
	where := fmt.Sprintf("set-up %s, account %s, %s", n.Setup, n.Account, n.Region)
	for _, c := range n.Changes {
		fmt.Fprintf(w, "  %s  %s %s  %s; %s\n", planGlyph[c.Verb], c.Noun, foreign.Text(c.Name), foreign.Text(c.Detail), where)
	}
	if n.Problem != "" {
		fmt.Fprintf(w, "  !  %s: not reached: %s\n     with AWS credentials of account %s: %s\n", where, foreign.Text(n.Problem), n.Account, n.Command)
	}
}

// unreached makes a failure of what was done in some accounts only; everything was
// said.
func unreached(evidence []steps.Evidence) error {
	if slices.ContainsFunc(evidence, func(e steps.Evidence) bool { return e.Label == steps.LabelUnreached }) {
		return &silent{exitFailed}
	}
	return nil
}

// printRevocation prints the result, or the plan if there is no evidence yet.
func (k *keeping) printRevocation(asJSON bool, p steps.RevocationPlan, evidence []steps.Evidence) error {
	if asJSON {
		if evidence == nil {
			evidence = []steps.Evidence{}
		}
		return printJSON(k.app.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.RevocationPlan
			Evidence []steps.Evidence `json:"evidence"`
		}{schemaVersion, p, evidence})
	}
	if evidence == nil {
		printRevocationPlan(k.app.stdout, p) // it is what was asked for
		return nil
	}
	w := k.app.stdout
	k.printEvidence(p, evidence)
	until := k.app.now().Add(maxSessionLife).Format(time.DateTime)
	if len(p.Cut) > 0 {
		fmt.Fprintln(w, "Sessions already issued are denied everything; AWS may take some seconds to spread that.")
	} else {
		fmt.Fprintf(w, "Sessions already issued live until %s UTC at the latest; --cut-sessions denies them everything.\n", until)
	}
	fmt.Fprintln(w, "Another certificate of the same name is let in as before.")
	return nil
}

// printEvidence says what was seen, and who is left without a certificate that counts.
func (k *keeping) printEvidence(p steps.RevocationPlan, evidence []steps.Evidence) {
	w := k.app.stdout
	for _, e := range evidence {
		fmt.Fprintf(w, "%-8s %s  %s\n", e.Label, foreign.Text(e.Value), foreign.Text(e.Note))
	}
	for _, c := range p.Certificates {
		if c.InUse {
			fmt.Fprintf(w, "%s now signs with a revoked certificate: %s gives a new one.\n", strings.Join(c.Users, ", "), k.runner.Anew(c.Users[0]).Line())
		}
	}
}

// maxSessionLife is the longest a session of Roles Anywhere lives.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
const maxSessionLife = 12 * time.Hour

// otherWays says how to keep a certificate out when no list can be signed.
func (k *keeping) otherWays(ctx context.Context, p steps.RevocationPlan, asJSON bool) error {
	ways, err := k.runner.OtherWays(ctx, p)
	if err != nil {
		return err
	}
	failed := &noKeyError{"choose one of the other ways above"}
	if asJSON {
		if err := printJSON(k.app.stdout, struct {
			SchemaVersion int         `json:"schemaVersion"`
			Error         failure     `json:"error"`
			Ways          []steps.Way `json:"ways"`
		}{schemaVersion, describe(failed), ways}); err != nil {
			return err
		}
		return &silent{exitFailed}
	}
	for i, w := range ways {
		fmt.Fprintf(k.app.stdout, "%d. %s\n   reaches %s\n", i+1, foreign.Text(w.Title), foreign.Text(w.Reach))
		for _, c := range w.Commands {
			if c.File == "" {
				fmt.Fprintf(k.app.stdout, "   %s\n", c.Line())
				continue
			}
			for line := range strings.Lines(c.Shell()) { // from the edge: it is to be pasted into a shell
				fmt.Fprintln(k.app.stdout, foreign.Text(strings.TrimSuffix(line, "\n")))
			}
		}
	}
	others, err := k.runner.Neighbours()
	if err != nil {
		return err
	}
	for _, n := range others {
		fmt.Fprintf(k.app.stdout, "Set-up %s, account %s, lets in the same certificates: the same command with --setup %s prints its ways\n", n.Setup, n.Account, n.Setup)
	}
	return failed
}

// noListError says that AWS has no list of the CA.
type noListError struct{ fix string }

func (*noListError) Error() string {
	return "write revocation list: AWS has none of this CA that is ours"
}

// Hint makes one.
func (e *noListError) Hint() string { return e.fix }

// noKeyError says that the CA cannot sign a list any more.
type noKeyError struct{ fix string }

func (*noKeyError) Error() string {
	return "revoke certificate: the key of the CA is not here, so no revocation list can be signed"
}

// Hint is the way round.
func (e *noKeyError) Hint() string { return e.fix }
