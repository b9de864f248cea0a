package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// importList brings a list from outside to AWS, where that does not have it already,
// and keeps for status and the doctor what became of it.
func (k *keeping) importList(ctx context.Context, f caCRLFlags) error {
	plan, err := k.planImport(ctx, f)
	var evidence []steps.Evidence
	switch {
	case err != nil:
	case f.plan:
		return k.printRevocation(f.json, plan, nil)
	case plan.Unchanged && len(plan.Beside) == 0:
		evidence, err = []steps.Evidence{}, k.printUnchanged(f.json, plan)
	default:
		evidence, err = k.bringList(ctx, f, plan)
	}
	if noted := errors.Join(k.noteList(err), k.noteBeside(plan, evidence)); noted != nil {
		fmt.Fprintf(k.app.stderr, "anywhere: note the outcome: %s\n", foreign.Text(noted.Error()))
	}
	return errors.Join(err, unreached(evidence))
}

func (k *keeping) planImport(ctx context.Context, f caCRLFlags) (steps.RevocationPlan, error) {
	want := steps.Revocation{HoldIssuer: f.hold, Source: f.from}
	if f.from == "-" {
		want.Source = ""
	}
	var err error
	if isURL(f.from) {
		want.From, err = k.fetchList(ctx, f.from, f.allowHTTP)
	} else {
		want.From, err = k.app.readInput(f.from)
	}
	if err != nil {
		return steps.RevocationPlan{}, err
	}
	return k.runner.PlanRevocation(ctx, want)
}

func (k *keeping) printUnchanged(asJSON bool, plan steps.RevocationPlan) error {
	if asJSON {
		return k.printRevocation(true, plan, []steps.Evidence{})
	}
	fmt.Fprintf(k.app.stdout, "AWS has this list, with %d entries, valid until %s.\n", plan.Entries, plan.NextUpdate.Format(time.DateTime))
	return nil
}

// bringList asks for leave and brings what was planned to AWS.
func (k *keeping) bringList(ctx context.Context, f caCRLFlags, plan steps.RevocationPlan) ([]steps.Evidence, error) {
	a := k.app
	if !f.json {
		printRevocationPlan(a.stderr, plan)
	}
	var approval steps.Approval
	if writes := func(n steps.Neighbour) bool { return n.Problem == "" }; !plan.Unchanged || slices.ContainsFunc(plan.Beside, writes) {
		var err error
		if approval, err = k.approved(ctx, f.adminFlags, "bring the list to AWS"); err != nil {
			return nil, err
		}
	}
	passphrase, err := a.caPassphrase(ctx, f.key)
	if err != nil {
		return nil, err
	}
	evidence, err := k.runner.Revoke(ctx, plan, passphrase, approval, k.show)
	if err != nil {
		return nil, err
	}
	if evidence == nil {
		evidence = []steps.Evidence{} // nothing was to be tried, and all was done
	}
	if f.json {
		return evidence, k.printRevocation(true, plan, evidence)
	}
	fmt.Fprintf(a.stdout, "AWS has list number %d with %d entries, valid until %s.\n", plan.Number, plan.Entries, plan.NextUpdate.Format(time.DateTime))
	k.printEvidence(plan, evidence)
	if plan.Entries > 0 {
		fmt.Fprintf(a.stdout, "Sessions already issued live until %s UTC at the latest.\n", a.now().Add(maxSessionLife).UTC().Format(time.DateTime))
	}
	return evidence, nil
}

// noteBeside keeps for status what became of the list in the other set-ups.
func (k *keeping) noteBeside(plan steps.RevocationPlan, evidence []steps.Evidence) error {
	var failed error
	for _, n := range plan.Beside {
		says := ""
		for _, e := range evidence {
			if e.Label == steps.LabelUnreached && e.Value == n.AnchorARN {
				_, why, _ := strings.Cut(e.Note, ": ") // after which set-up it is
				says = "it did not get here: " + why
			}
		}
		if evidence != nil {
			failed = errors.Join(failed, k.app.noteList(k.doors.home, n.Setup, listWarning, says))
		}
	}
	return failed
}

// printListUnit prints what imports a list from its URL every hour, for every account
// that has a trust anchor of the same CA.
func (a *app) printListUnit(ctx context.Context, f caCRLFlags) error {
	h, err := a.openHome()
	if err != nil {
		return err
	}
	name, err := a.onlySetup(h, f.setup)
	if err != nil {
		return err
	}
	runner, err := a.runner(ctx, &doors{app: a, home: h}, false, nil)
	if err != nil {
		return err
	}
	made, others, err := runner.Believers(name)
	if err != nil {
		return err
	}
	accounts := []string{made.Account}
	for _, n := range others {
		if slices.Contains(accounts, n.Account) {
			continue
		}
		accounts = append(accounts, n.Account)
		if n.AWSProfile == "" && made.Mode != home.ModeSandbox {
			fmt.Fprintf(a.stderr, "note: set-up %s is in account %s, and no AWS config profile of that account is known: run a unit of its own there, with --setup %s\n", n.Setup, n.Account, n.Setup)
		}
	}
	return a.printUnit(name, f.unit, func(setup string) job {
		j := job{Name: "crl", Says: "Bring the revocation list of " + setup + " to AWS if it is new",
			Args: []string{"ca", "crl", "--import", f.from, "--setup", setup, "--yes", "--account", strings.Join(accounts, ",")}}
		if f.hold {
			j.Args = append(j.Args, "--hold-issuer")
		}
		if f.allowHTTP {
			j.Args = append(j.Args, "--allow-http")
		}
		if profile := a.getenv("AWS_PROFILE"); profile != "" {
			j.Environment = append(j.Environment, "AWS_PROFILE="+profile)
		}
		return j
	})
}
