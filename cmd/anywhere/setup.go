package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"anywhere/signer/home"
	"anywhere/steps"
)

// setupFlags are the flags of anywhere setup.
type setupFlags struct {
	name, answers, account, as, endpoint, region, printPolicy string
	sandbox, yes, plan, plain, json, printAnswers, allowHTTP  bool
	set, accept                                               []string
}

const setupLong = `Sets this machine up, or goes on where an earlier run stopped.

Every question has a key; --set KEY=VALUE answers it in advance and it is not
asked. A secret is never an argument: --set KEY-file=FILE, --set KEY-env=NAME or
--set KEY-fd=N. --print-answers writes a commented file of all keys, and
--answers reads such a file.

At a terminal the wizard asks on the full screen, with --plain line by line.
Without a terminal everything must be answered: --yes takes every default and
approves the plan; in AWS it needs --account, equal to the caller's account. In the
sandbox --account chooses among its accounts, and makes the one that is not there.
Changes that cost money or cannot be undone want --accept CHANGE-ID as well.`

const setupExample = `  anywhere setup --sandbox
  anywhere setup --name build --plan --set ca.protection=none
  anywhere setup --name build --yes --account 111122223333 --set ca.protection=destroy-after-issuing --json
  anywhere setup --name build --plan --as cli --set ca.protection=none > setup.sh
  anywhere setup --name reports --set leaf.setup=build    one certificate, another role
  AWS_PROFILE=audit-admin anywhere setup --name audit --set leaf.setup=build    the same in another account
  anywhere setup --print-policy setup`

func (a *app) setupCommand() *cobra.Command {
	var f setupFlags
	cmd := &cobra.Command{
		Use: "setup", Short: "Set this machine up", Long: setupLong, Example: setupExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.setup(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "name of the set-up: a-z, 0-9 and -")
	flags.BoolVar(&f.sandbox, "sandbox", false, "use the AWS on this machine, for practice")
	flags.StringVar(&f.answers, "answers", "", "read answers from `FILE`")
	flags.StringArrayVar(&f.set, "set", nil, "answer one question: `KEY=VALUE`")
	flags.StringVar(&f.account, "account", "", "the AWS account that --yes may write to; in the sandbox, the one to use")
	flags.BoolVar(&f.yes, "yes", false, "take every default and approve the plan")
	flags.StringArrayVar(&f.accept, "accept", nil, "accept the change `CHANGE-ID`, for which --yes is not enough")
	flags.BoolVar(&f.plan, "plan", false, "show what would be done and do nothing")
	flags.StringVar(&f.as, "as", "text", "with --plan: `text` or cli, a shell script")
	flags.BoolVar(&f.plain, "plain", false, "ask line by line, for screen readers and simple terminals")
	flags.BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	flags.BoolVar(&f.printAnswers, "print-answers", false, "print a commented answers file and do nothing")
	flags.StringVar(&f.printPolicy, "print-policy", "", "print the least IAM policy for `setup`, teardown or doctor and do nothing")
	flags.StringVar(&f.endpoint, "endpoint", "", "base `URL` of another AWS; beats AWS_ENDPOINT_URL")
	flags.StringVar(&f.region, "region", "", "AWS Region")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to another machine")
	return cmd
}

// setup runs the command; with --json whatever happens is one document.
func (a *app) setup(ctx context.Context, f setupFlags) error {
	return a.orJSON(f.json, a.setupOrSay(ctx, f))
}

func (a *app) setupOrSay(ctx context.Context, f setupFlags) (err error) {
	if f.as != "text" && f.as != "cli" {
		return &usageError{fmt.Sprintf("--as %q: must be text or cli", f.as), "anywhere setup --plan --as cli"}
	}
	h, err := a.openHome()
	if err != nil {
		return err
	}
	given, err := a.given(f)
	if err != nil {
		return err
	}
	if err := validAccount(f.account); err != nil {
		return err
	}
	d := &doors{app: a, home: h, endpoint: f.endpoint, region: f.region, http: f.allowHTTP, account: f.account}
	defer func() {
		if stopped := d.close(); err == nil {
			err = stopped
		}
	}()
	if name := given["name"]; name != "" && home.ValidName(name) == nil {
		if d.made, err = steps.BeginOf(h, name); err != nil {
			return err
		}
		if d.made.Mode == home.ModeSandbox && f.account != "" && f.account != d.made.Account {
			return &steps.FixedError{Key: "account", Was: d.made.Account, Now: f.account}
		}
		if where := given["where"]; d.made.ID != "" && where != "" && where != whereOf(d.made) {
			return &steps.FixedError{Key: "where", Was: whereOf(d.made), Now: where} // before a sandbox is made for nothing
		} else if d.made.ID != "" {
			given["where"] = whereOf(d.made)
		}
	}
	r, err := a.runner(ctx, d, given["where"] == "" && !f.printAnswers, given)
	if err != nil {
		return err
	}
	run := &setupRun{app: a, flags: f, runner: r, begun: a.now()}
	switch {
	case f.printAnswers:
		return a.printAnswers(r)
	case f.printPolicy != "":
		return run.printPolicy(ctx)
	case f.yes || f.json || f.plan || !a.terminal && !f.plain:
		return run.headless(ctx)
	case f.plain || a.getenv("TERM") == "dumb":
		return run.byLine(ctx)
	}
	return run.onScreen(ctx)
}

// whereOf is the answer to where for a set-up that has begun.
func whereOf(b steps.Begin) string {
	if b.Mode == home.ModeSandbox {
		return "sandbox"
	}
	return "aws"
}

// setupRun is one run of anywhere setup.
type setupRun struct {
	app    *app
	flags  setupFlags
	runner *steps.Runner
	begun  time.Time
}
