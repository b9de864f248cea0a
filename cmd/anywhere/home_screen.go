package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"anywhere/signer/cache"
	"anywhere/signer/home"
	"anywhere/steps"
	"anywhere/tui"
)

// home is anywhere alone: at a terminal the home screen, else the help text.
func (a *app) home(cmd *cobra.Command, _ []string) error {
	if !a.terminal || a.getenv("TERM") == "dumb" {
		return cmd.Help()
	}
	for {
		out, err := tui.RunHome(cmd.Context(), &homeView{app: a}, a.screenOptions())
		switch {
		case err != nil:
			return err
		case out.State == tui.Failed:
			return out.Err
		case out.State == tui.Interrupted:
			return &silent{exitInterrupted}
		case out.State != tui.Elsewhere:
			return nil
		}
		if out.Next[0] == "sandbox" {
			fmt.Fprintln(a.stderr, "A shell that has the sandbox for its AWS; exit ends both.")
		}
		err = a.goOn(cmd.Context(), out.Next)
		if told, ok := errors.AsType[*silent](err); out.Next[0] != "doctor" || err != nil && !ok || ok && told.code == exitInterrupted {
			return err
		}
		// Whoever looked at a set-up wants to do something about it.
	}
}

// homeView shows the set-ups of this machine to the home screen.
type homeView struct{ app *app }

// Setups is what status says, with what only a screen has room for.
func (v *homeView) Setups(context.Context) ([]tui.Standing, error) {
	h, err := v.app.openHome()
	if err != nil {
		return nil, err
	}
	all, err := h.List()
	if err != nil {
		return nil, err
	}
	var list []tui.Standing
	for _, s := range all {
		list = append(list, v.standing(h, s))
	}
	return list, nil
}

func (v *homeView) standing(h home.Home, s home.Setup) tui.Standing {
	out := tui.Standing{Name: s.Name}
	begin, err := steps.BeginOf(h, s.Name)
	if err != nil {
		out.Problem = err.Error()
		return out
	}
	out.Mode, out.Account, out.Region = string(begin.Mode), begin.Account, begin.Region
	session, err := h.ReadSession(s)
	if err != nil {
		out.Unfinished = true
		out.Waits, _ = steps.Waits(h, s.Name) // else it is only not finished
		return out
	}
	if cert, err := x509.ParseCertificate(session.Certificate); err == nil {
		out.Subject, out.NotBefore, out.NotAfter = cert.Subject.String(), cert.NotBefore, cert.NotAfter
	}
	if notes, err := h.ReadNotes(s); err == nil {
		out.Verdict, out.Cause, out.Checked = notes.Verdict.Verdict, notes.Verdict.Cause, notes.Verdict.At
	}
	out.Session = v.lastSession(h, s.Name)
	return out
}

// lastSession is when the newest session that the cache holds for a set-up was
// obtained; zero if it holds none.
func (v *homeView) lastSession(h home.Home, setup string) (last time.Time) {
	files, err := filepath.Glob(filepath.Join(h.Cache(), setup+".*.json"))
	if err != nil {
		return last
	}
	kept := cache.Cache{Root: h.Root, Dir: h.Cache(), Disk: h.Disk, Now: v.app.now}
	for _, file := range files {
		if entry, ok := kept.Look(strings.TrimSuffix(filepath.Base(file), ".json")); ok && entry.Obtained.After(last) {
			last = entry.Obtained
		}
	}
	return last
}

// Next is the command that a key of the home screen runs.
func (v *homeView) Next(act tui.Act, setup string) []string {
	shell := v.app.getenv("SHELL")
	if shell == "" {
		shell = "sh"
	}
	for _, c := range []struct {
		act  tui.Act
		has  []string
		args []string
	}{
		{tui.ActSetUp, []string{"setup"}, []string{"setup"}},
		{tui.ActGoOn, []string{"setup"}, []string{"setup", "--name", setup}},
		{tui.ActCheck, []string{"doctor"}, []string{"doctor", setup}},
		{tui.ActRenew, []string{"cert", "renew"}, []string{"cert", "renew", "--setup", setup}},
		{tui.ActTearDown, []string{"teardown"}, []string{"teardown", setup}},
		{tui.ActSandbox, []string{"sandbox"}, []string{"sandbox", "--", shell}},
	} {
		if c.act == act && v.app.has(c.has...) {
			return c.args
		}
	}
	return nil
}
