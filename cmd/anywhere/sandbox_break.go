package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"anywhere/awsapi/sandbox"
	"anywhere/signer/home"
)

// sandboxFlags are what `anywhere sandbox` is told.
type sandboxFlags struct {
	listen, state string
	account       string
	faults        []string
	seed          uint64
	seeded        bool
	strictEKU     bool
	reset         bool
}

// changes says whether the sandbox is to be changed, not only served.
func (f sandboxFlags) changes() bool {
	return len(f.faults) > 0 || f.strictEKU || f.reset || f.seeded
}

// onlyChanges says whether there is nothing to serve: another process serves, or
// nothing but an empty or mended sandbox was wanted.
func (f sandboxFlags) onlyChanges(running *sandbox.Running) bool {
	mends := slices.Equal(f.faults, []string{"none"}) && !f.strictEKU
	return f.changes() && (!running.Serves() || mends || f.reset && len(f.faults) == 0 && f.listen == "")
}

// listFaults prints what --break knows.
func (a *app) listFaults() error {
	for _, kind := range sandbox.Faults() {
		name := kind.Name
		switch {
		case strings.HasSuffix(name, ":"):
			name += "VALUE"
		case name == "clock":
			name += "+TIME"
		}
		says := kind.Says
		if len(kind.Codes) > 0 {
			says += " (" + strings.Join(kind.Codes, ", ") + ")"
		}
		fmt.Fprintf(a.stdout, "%-26s %s\n", name, says)
	}
	fmt.Fprintf(a.stdout, "%-26s %s\n%-26s %s\n", "random", "one of those that harm a set-up, which one is not told", "none", "mend what went wrong before")
	return nil
}

// change resets and breaks the sandbox as asked, in whatever process serves it.
func (a *app) change(ctx context.Context, h home.Home, running *sandbox.Running, f sandboxFlags) error {
	if f.reset {
		if err := running.Reset(ctx); err != nil {
			return err
		}
		fmt.Fprintln(a.stderr, "The sandbox is empty.")
	}
	if f.seeded {
		if err := running.SetSeed(ctx, f.seed); err != nil {
			return err
		}
	}
	faults := f.faults
	if f.strictEKU {
		faults = append(faults, "strict-eku")
	}
	for _, name := range faults {
		did, err := running.Break(ctx, name)
		if _, ok := errors.AsType[interface {
			error
			Hint() string
		}](err); ok {
			return err
		}
		if err != nil {
			return &hinted{err, "anywhere sandbox --break list"}
		}
		switch {
		case name == "none":
			fmt.Fprintln(a.stderr, "Mended in the sandbox: all that was broken on purpose.")
		case strings.HasPrefix(name, "random"):
			fmt.Fprintln(a.stderr, "Broken in the sandbox: something. Find it with anywhere doctor; mend it with anywhere sandbox --break none.")
		default:
			fmt.Fprintf(a.stderr, "Broken in the sandbox: %s. It stays so; mend it with anywhere sandbox --break none.\n", did)
			a.tellSpared(h, running.URL, name)
		}
	}
	return nil
}

// tellSpared names the set-ups that a fault does not touch, so that nobody looks
// for it there.
func (a *app) tellSpared(h home.Home, url, fault string) {
	fault, only, _ := strings.Cut(fault, "@")
	all := sandbox.Faults()
	at := slices.IndexFunc(all, func(k sandbox.FaultKind) bool { return k.Name == fault })
	setups, err := h.List()
	if at < 0 || all[at].Spares == nil || err != nil {
		return
	}
	for _, s := range setups {
		session, err := h.ReadSession(s)
		if err != nil || session.Mode != home.ModeSandbox || session.Endpoint != url || only != "" && only != s.Name {
			continue
		}
		cert, err := x509.ParseCertificate(session.Certificate)
		if err != nil {
			continue
		}
		if why := all[at].Spares(sandbox.Asker{Certificate: cert, Seconds: session.DurationSeconds}); why != "" {
			fmt.Fprintf(a.stderr, "Set-up %s withstands it: %s.\n", s.Name, why)
		}
	}
}
