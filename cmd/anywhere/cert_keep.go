package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
	"anywhere/steps"
)

// keeping is one run of a command that works on the certificates of a set-up.
type keeping struct {
	app    *app
	name   string
	doors  *doors
	runner *steps.Runner
	client signer.Client // asks for sessions as this machine
}

// keep opens a set-up without AWS credentials: sessions are asked for with the
// machine's own certificate.
func (a *app) keep(ctx context.Context, name string, allowHTTP bool) (*keeping, error) {
	k, err := a.keepOffline(ctx, name)
	if err != nil {
		return nil, err
	}
	k.doors.http = allowHTTP
	web, err := a.web()
	if err != nil {
		return nil, err
	}
	k.client = signer.Client{HTTP: web, Now: a.now, UserAgent: "anywhere/" + version, AllowHTTP: allowHTTP, Sleep: a.wait}
	if k.doors.made.Mode == home.ModeSandbox {
		site, err := k.doors.open(ctx, "sandbox", "")
		if err != nil {
			return nil, err
		}
		k.client = site.Client
	}
	return k, nil
}

// keepOffline opens a set-up for what needs no AWS at all.
func (a *app) keepOffline(ctx context.Context, name string) (*keeping, error) {
	h, err := a.openHome()
	if err != nil {
		return nil, err
	}
	if name, err = a.onlySetup(h, name); err != nil {
		return nil, err
	}
	d := &doors{app: a, home: h}
	if d.made, err = steps.BeginOf(h, name); err != nil {
		return nil, err
	}
	r, err := a.runner(ctx, d, false, nil)
	if err != nil {
		return nil, err
	}
	return &keeping{app: a, name: name, doors: d, runner: r}, nil
}

// show prints progress.
func (k *keeping) show(e steps.Event) { printEvent(k.app.stderr, e) }

// caKeyFlags say where the passphrase of a locked CA key comes from, and where the key
// lies.
type caKeyFlags struct{ file, env, fd, at string }

func (f *caKeyFlags) declare(cmd *cobra.Command) { f.declareFor(cmd, "ca", "the CA key") }

// declareFor declares the flags for a key that is not simply the CA's.
func (f *caKeyFlags) declareFor(cmd *cobra.Command, whose, key string) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, whose+"-passphrase-file", "", "read the passphrase of "+key+" from `FILE`")
	flags.StringVar(&f.env, whose+"-passphrase-env", "", "read it from the environment variable `NAME`")
	flags.StringVar(&f.fd, whose+"-passphrase-fd", "", "read it from the open file descriptor `N`")
}

// declareWhere declares the flag for a CA key that lies elsewhere than it was put.
func (f *caKeyFlags) declareWhere(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.at, "ca-key", "", "the CA's key, if it lies elsewhere now: a file, or a `REFERENCE` to a token or TPM")
}

// find tells a run where the CA's key lies, if a flag says so.
func (k *keeping) find(f caKeyFlags) error {
	at := f.at
	switch {
	case at == "":
		return nil
	case keystore.Device(at) == "":
		var err error
		if at, err = filepath.Abs(at); err != nil {
			return &usageError{err.Error(), "--ca-key FILE"}
		}
	case strings.Contains(at, "pin-value"):
		return &usageError{"--ca-key: a PIN in the reference is seen by every user of this machine", "leave pin-value out and it is asked for, or name its file with pin-source"}
	}
	k.runner.Env().CAKeyAt = at
	return nil
}

// caPassphrase is how the passphrase of a locked CA key is got, once it is
// needed: where the flags say, or by asking at a terminal. Nil means that nobody
// can be asked.
func (a *app) caPassphrase(ctx context.Context, f caKeyFlags) (func() ([]byte, error), error) {
	return a.askedPassphrase(ctx, f, "the CA key")
}

// rootPassphrase is caPassphrase for the key of the root above an intermediate.
func (a *app) rootPassphrase(ctx context.Context, f caKeyFlags) (func() ([]byte, error), error) {
	return a.askedPassphrase(ctx, f, "the root's key")
}

// askedPassphrase is how the passphrase of what is named is got.
func (a *app) askedPassphrase(ctx context.Context, f caKeyFlags, what string) (func() ([]byte, error), error) {
	for i, value := range []string{f.file, f.env, f.fd} {
		if value == "" {
			continue
		}
		secret, err := a.secretBy(secretWays[i], value)
		if err != nil {
			return nil, &usageError{fmt.Sprintf("read passphrase of %s: %v", what, err), "name it with -passphrase-file FILE, -env NAME or -fd N"}
		}
		return func() ([]byte, error) { return []byte(secret), nil }, nil
	}
	if !a.terminal {
		return nil, nil
	}
	return func() ([]byte, error) {
		text, err := a.lines().secret(ctx, "Passphrase of "+what+": ")
		return []byte(text), err
	}, nil
}

// readInput reads a file that a flag or an argument names; - is standard input.
func (a *app) readInput(path string) ([]byte, error) {
	if path != "-" {
		data, err := readNamed(path)
		if err != nil {
			return nil, &usageError{foreign.Text(err.Error()), "name a file, or - for standard input"}
		}
		return data, nil
	}
	return readAtMost(a.stdin, maxInput)
}
