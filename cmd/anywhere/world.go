package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"anywhere/signer/home"
	"anywhere/signer/sharedconfig"
	"anywhere/steps"
)

// world puts together what the road may touch. look says whether AWS
// credentials are to be looked for, which asks AWS who is calling.
func (a *app) world(ctx context.Context, d *doors, look bool) (steps.World, error) {
	m, err := a.machine()
	if err != nil {
		return steps.World{}, err
	}
	m.AWSLabel = "an AWS account"
	if d.made.ID == "" { // one that began knows by whom
		m.AWSProfiles = a.adminProfiles()
		m.ManyProfiles = !a.environmentDecides() && len(m.AWSProfiles) > 0 && !onlyDefault(m.AWSProfiles)
	}
	switch {
	case look && m.ManyProfiles:
		m.AWSSays, m.HasAWS = fmt.Sprintf("by one of %d AWS config profiles", len(m.AWSProfiles)), true
	case look:
		m.AWSLabel, m.AWSSays, m.HasAWS = d.found(ctx)
	}
	return steps.World{Home: d.home, Now: a.now, Random: a.random, Wait: a.wait, Open: d.open, Reach: d.reach, Machine: m}, nil
}

// runner walks the whole road in that world, with what is answered already.
func (a *app) runner(ctx context.Context, d *doors, look bool, given map[string]string) (*steps.Runner, error) {
	world, err := a.world(ctx, d, look)
	if err != nil {
		return nil, err
	}
	return steps.NewRunner(world, steps.Road(), given)
}

// movePort writes a changed port of the sandbox through to its AWS config file
// and to the session files of its set-ups. They are of the sandbox in the home:
// one whose state lies elsewhere has its own.
func (a *app) movePort(h home.Home, state, url string) error {
	if !sameDir(state, h.Sandbox()) {
		return nil
	}
	all, err := h.List()
	if err != nil {
		return err
	}
	for _, s := range all {
		if session, err := h.ReadSession(s); err != nil || !moved(session, url) {
			continue
		}
		if err := a.moveSetup(h, s, url); err != nil {
			return fmt.Errorf("move set-up %s to the sandbox's new port: %w", s.Name, err)
		}
	}
	return nil
}

func moved(session home.Session, url string) bool {
	return session.Mode == home.ModeSandbox && session.Endpoint != url
}

// sameDir says whether two paths lead to one directory.
func sameDir(one, other string) bool {
	a, errA := os.Stat(one)
	b, errB := os.Stat(other)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// moveSetup writes the port into one set-up while nobody else writes it. A renewal
// that is busy with it may go on for minutes, and signing needs the port now: it is
// then written between its writes, and a renewal keeps the port that it finds.
func (a *app) moveSetup(h home.Home, s home.Setup, url string) (err error) {
	lock, err := home.LockFile(s.LockFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		defer func() { err = errors.Join(err, lock.Release()) }()
	case !errors.Is(err, home.ErrBusy):
		return err
	}
	session, err := h.ReadSession(s) // what a renewal may have written meanwhile
	if err != nil || !moved(session, url) {
		return nil
	}
	was := session.Endpoint
	session.Endpoint = url
	if err := h.WriteSession(s, session); err != nil {
		return err
	}
	return a.moveConfig(h, s, was, url)
}

// setupOfLine names the set-up that a credential_process line is for; empty if it is
// for none.
func setupOfLine(line string) string {
	words := sharedconfig.SplitCommand(line)
	at := slices.Index(words, "--setup")
	if at < 0 || at+1 >= len(words) || home.ValidName(words[at+1]) != nil {
		return ""
	}
	return words[at+1]
}

func (a *app) moveConfig(h home.Home, s home.Setup, was, url string) error {
	editor := sharedconfig.Editor{Path: sandboxFiles(h.Sandbox()).Config, Lock: h.ConfigLock(), Disk: h.Disk}
	_, err := editor.Apply(context.Background(), func(d *sharedconfig.Document) error {
		for _, section := range d.Sections() {
			line, _ := d.Get(section, "credential_process")
			if have, _ := d.Get(section, "endpoint_url"); have != was || setupOfLine(line) != s.Name {
				continue
			}
			if err := d.Set(section, "endpoint_url", url); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
