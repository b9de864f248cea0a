package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// adminFlags are the flags of commands that change a set-up's AWS.
type adminFlags struct {
	setup, endpoint, region string
	accounts                []string
	yes, json, allowHTTP    bool
}

func (f *adminFlags) declare(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.setup, "setup", "", "set-up `NAME`; not needed if there is only one")
	flags.StringSliceVar(&f.accounts, "account", nil, "the AWS `ACCOUNT` that --yes may write to; several where set-ups of several have the same CA")
	flags.BoolVar(&f.yes, "yes", false, "do not ask")
	flags.BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	flags.StringVar(&f.endpoint, "endpoint", "", "base `URL` of another AWS; beats AWS_ENDPOINT_URL")
	flags.StringVar(&f.region, "region", "", "AWS Region")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to another machine")
}

// administer opens a set-up with the AWS credentials of its administrator.
func (a *app) administer(ctx context.Context, f adminFlags) (*keeping, error) {
	h, err := a.openHome()
	if err != nil {
		return nil, err
	}
	name, err := a.onlySetup(h, f.setup)
	if err != nil {
		return nil, err
	}
	d := &doors{app: a, home: h, endpoint: f.endpoint, region: f.region, http: f.allowHTTP}
	if d.made, err = steps.BeginOf(h, name); err != nil {
		return nil, err
	}
	if d.region == "" && d.made.Mode != home.ModeSandbox {
		d.region = d.made.Region
	}
	if d.endpoint == "" && d.made.Mode == home.ModeCustom {
		d.endpoint = d.made.Endpoint
	}
	r, err := a.runner(ctx, d, false, nil)
	if err != nil {
		return nil, err
	}
	k := &keeping{app: a, name: name, doors: d, runner: r}
	if err := r.Resume(ctx, name); err != nil {
		_ = d.close() // what opened it says more
		return nil, err
	}
	if site := r.Env().Site; site.Remembered {
		fmt.Fprintf(a.stderr, "Using AWS config profile %s, which set-up %s was made with: the AWS credentials at hand are not of account %s.\n", foreign.Text(site.AWSProfile), name, d.made.Account)
	}
	return k, nil
}

// approved asks for leave to do what, unless --yes gave it; outside the sandbox
// that needs the account.
func (k *keeping) approved(ctx context.Context, f adminFlags, what string) (steps.Approval, error) {
	begin := k.doors.made
	approval := steps.Approval{Also: f.accounts}
	switch {
	case slices.Contains(f.accounts, begin.Account):
		approval.Account = begin.Account
	case len(f.accounts) > 0:
		approval.Account = f.accounts[0]
	}
	if f.yes {
		if begin.Mode != home.ModeSandbox && len(f.accounts) == 0 {
			return approval, &usageError{fmt.Sprintf("approve: --yes writes to %s only when it is named", begin.Account), "add --account " + begin.Account}
		}
		return approval, nil
	}
	if !k.app.terminal {
		return approval, &usageError{"approve: nobody is there to say yes", "look with --plan, then add --yes"}
	}
	l := k.app.lines()
	fmt.Fprintf(l.out, "Type yes to %s: ", what)
	text, err := l.read(ctx)
	if err != nil {
		return approval, err
	}
	if strings.TrimSpace(text) != "yes" {
		return approval, &usageError{"approve: the answer was not yes; nothing was changed", "run the command again"}
	}
	return approval, nil
}
