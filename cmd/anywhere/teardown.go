package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// teardownFlags are the flags of anywhere teardown.
type teardownFlags struct {
	fromTags, account, endpoint, region string
	plan, yes, deleteCA, json, plain    bool
	allowHTTP                           bool
}

const teardownLong = `Takes a set-up away again: what its journal and its tags say it made, and
nothing else. What somebody else hung on our things stays, and so do they; the
commands to remove them are printed and the exit code is 1.

Outside the sandbox the key of a CA goes only with --delete-ca. Sessions that
were issued live until they expire.`

const teardownExample = `  anywhere teardown laptop
  anywhere teardown laptop --plan
  anywhere teardown laptop --yes --account 111122223333
  anywhere teardown --from-tags 7f3a91c2d4e5f60718293a4b5c6d7e8f     the machine is lost`

func (a *app) teardownCommand() *cobra.Command {
	var f teardownFlags
	cmd := &cobra.Command{
		Use: "teardown [NAME]", Short: "Take a set-up away again", Long: teardownLong, Example: teardownExample, Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.teardown(cmd.Context(), name, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.fromTags, "from-tags", "", "find what the set-up with this `ID` made in AWS by its tags, without a journal")
	flags.StringVar(&f.account, "account", "", "the AWS account that --yes may write to")
	flags.BoolVar(&f.plan, "plan", false, "show what would be removed and do nothing")
	flags.BoolVar(&f.yes, "yes", false, "do not ask")
	flags.BoolVar(&f.deleteCA, "delete-ca", false, "remove the CA and its key too")
	flags.BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	flags.BoolVar(&f.plain, "plain", false, "ask line by line, for screen readers and simple terminals")
	flags.StringVar(&f.endpoint, "endpoint", "", "base `URL` of another AWS; beats AWS_ENDPOINT_URL")
	flags.StringVar(&f.region, "region", "", "AWS Region")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to another machine")
	return cmd
}

// teardown runs the command; with --json whatever happens is one document.
func (a *app) teardown(ctx context.Context, name string, f teardownFlags) error {
	err := a.teardownOrSay(ctx, name, f)
	if err == nil || !f.json || isType[*silent](err) {
		return err
	}
	if err := printFailureJSON(a.stdout, err); err != nil {
		return err
	}
	tell(a.stderr, err)
	return &silent{exitOf(err)}
}

func (a *app) teardownOrSay(ctx context.Context, name string, f teardownFlags) (err error) {
	h, err := a.openHome()
	if err == nil {
		err = validAccount(f.account)
	}
	if err != nil {
		return err
	}
	d := &doors{app: a, home: h, endpoint: f.endpoint, region: f.region, http: f.allowHTTP, account: f.account}
	defer func() {
		if stopped := d.close(); err == nil {
			err = stopped
		}
	}()
	r, err := a.runner(ctx, d, false, nil)
	if err != nil {
		return err
	}
	run := &teardownRun{app: a, flags: f, runner: r, begun: a.now()}
	r.Env().DeleteCA = f.deleteCA
	if f.fromTags != "" {
		return run.fromTags(ctx)
	}
	if name, err = a.onlySetup(h, name); err != nil {
		return finishLast(h, name, f, err)
	}
	if d.made, err = steps.BeginOf(h, name); err != nil {
		return err
	}
	if d.made.ID == "" {
		return run.forgetUnbegun(h, name)
	}
	if d.region == "" && d.made.Mode != home.ModeSandbox {
		d.region = d.made.Region
	}
	if d.endpoint == "" && d.made.Mode == home.ModeCustom {
		d.endpoint = d.made.Endpoint
	}
	if err := r.Resume(ctx, name); err != nil {
		return err
	}
	return run.walkBack(ctx)
}

// onlySetup is the name that was given or, without one, the only set-up there
// is.
func (a *app) onlySetup(h home.Home, name string) (string, error) {
	if name != "" {
		if err := home.ValidName(name); err != nil {
			return "", &usageError{err.Error(), "anywhere status lists the set-ups"}
		}
		_, err := h.Find(name)
		return name, err
	}
	all, err := h.List()
	if err != nil {
		return "", err
	}
	switch len(all) {
	case 0:
		return "", &usageError{"choose set-up: there is none on this machine", "anywhere setup makes one"}
	case 1:
		return all[0].Name, nil
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return "", &usageError{"choose set-up: there are several: " + strings.Join(names, ", "), "name one of them"}
}

// finishLast removes the empty directories that the last teardown leaves if it is
// killed at its very end, where nothing tells any more that there was a set-up.
func finishLast(h home.Home, name string, f teardownFlags, err error) error {
	all, unread := h.List()
	if !errors.Is(err, home.ErrNoSetup) || unread != nil || len(all) > 0 || f.plan {
		return err
	}
	if left := h.Forget(name); left != nil {
		return errors.Join(err, left)
	}
	return err
}

// forgetUnbegun removes what a set-up left that was stopped before it made
// anything: its answers.
func (t *teardownRun) forgetUnbegun(h home.Home, name string) error {
	nothing := steps.Takedown{Setup: name}
	if t.flags.plan {
		return t.printPlan(nothing)
	}
	lock, err := h.Lock(h.Setup(name))
	if err != nil {
		return err
	}
	for _, file := range []string{h.Setup(name).AnswersFile(), h.Setup(name).JournalFile()} {
		if err := h.Disk.Remove(file); err != nil {
			return err
		}
	}
	if err := lock.Release(); err != nil {
		return err
	}
	if err := h.Forget(name); err != nil {
		return err
	}
	if t.flags.json {
		return t.printJSON(nothing, true)
	}
	fmt.Fprintf(t.app.stdout, "%s is gone; it had made nothing yet.\n", name)
	return nil
}

// printTakedown prints what a teardown would do.
func printTakedown(w io.Writer, t steps.Takedown) {
	fmt.Fprintf(w, "Teardown of %s\n", t.Setup)
	for _, r := range t.Removals {
		glyph, note := "-", r.Detail
		switch {
		case r.Gone:
			glyph, note = "·", "gone already"
		case r.Keep != "":
			glyph, note = "!", "stays: "+r.Keep
		}
		if r.Made.Step == steps.StepOpen && !r.Gone && r.Keep == "" {
			glyph = "~"
		}
		fmt.Fprintf(w, "  %s  %-22s %s  %s\n", glyph, r.Made.Noun, foreign.Text(r.Made.Name), foreign.Text(note))
	}
	for _, line := range t.Stays {
		fmt.Fprintf(w, "  !  %s\n", foreign.Text(line))
	}
}
