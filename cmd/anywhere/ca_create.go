package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
	"anywhere/steps"
)

const caCreateLong = `Makes a certificate authority that belongs to no set-up and can serve several of
them: a root alone, or a root whose key is put away and an intermediate that issues.
It lies in ~/.anywhere/ca, and no teardown removes it. --under makes another CA below
a root that stands; anywhere ca rotate --to-certificate then leads a set-up to it.

The questions are those of anywhere setup; --set KEY=VALUE answers one in advance.
A secret is never an argument: --set ca.passphrase-file=FILE, -env=NAME or -fd=N.

A run that was stopped is finished by the next one of the same name, by the answers
that were given then; anywhere status names it.`

const caCreateExample = `  anywhere ca create --name office
  anywhere ca create --name office --set ca.protection=passphrase --set ca.passphrase-file=/run/secrets/ca
  anywhere ca create --name office --set ca.shape=intermediate --set ca.root-file=/media/usb/root.key
  anywhere ca create --name office-2 --under ~/.anywhere/ca/1a2b3c4d/ca.pem --root-key /media/usb/root.key`

func (a *app) caCreateCommand() *cobra.Command {
	var name string
	var set []string
	var asJSON bool
	var under steps.Under
	var root caKeyFlags
	cmd := &cobra.Command{
		Use: "create", Short: "Make a certificate authority for several set-ups", Long: caCreateLong, Example: caCreateExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.orJSON(asJSON, a.caCreate(cmd.Context(), name, set, under, root, asJSON))
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what the CA is called: `NAME`-ca, unless ca.cn says otherwise")
	cmd.Flags().StringArrayVar(&set, "set", nil, "answer one question: `KEY=VALUE`")
	cmd.Flags().StringVar(&under.Certificate, "under", "", "make it below the root whose certificate is in `FILE`")
	cmd.Flags().StringVar(&under.Key, "root-key", "", "the key of that root: a file, or a `REFERENCE` to a token or TPM")
	root.declareFor(cmd, "root", "the root's key")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return cmd
}

func (a *app) caCreate(ctx context.Context, name string, set []string, under steps.Under, root caKeyFlags, asJSON bool) error {
	if err := home.ValidName(name); err != nil {
		return &usageError{"ca create: what is it called?", "anywhere ca create --name NAME, of a-z, 0-9 and -"}
	}
	h, err := a.openHome()
	if err != nil {
		return err
	}
	given, err := a.given(setupFlags{set: set})
	if err != nil {
		return err
	}
	world, err := a.world(ctx, &doors{app: a, home: h}, false)
	if err != nil {
		return err
	}
	if under.Passphrase, err = a.rootPassphrase(ctx, root); err != nil {
		return err
	}
	for _, file := range []*string{&under.Certificate, &under.Key} {
		if *file != "" && keystore.Device(*file) == "" {
			if *file, err = filepath.Abs(*file); err != nil { // a later run may go on from another directory
				return err
			}
		}
	}
	ca, err := steps.BeginCA(world, name, given, under)
	if err != nil {
		return err
	}
	if err := a.askForCA(ctx, ca, asJSON); err != nil {
		return err
	}
	made, err := ca.Make()
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(a.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.CreatedCA
		}{schemaVersion, made})
	} else {
		a.printCA(made)
	}
	return errors.Join(err, ca.Told())
}

// askForCA asks line by line, where somebody can be asked.
func (a *app) askForCA(ctx context.Context, ca *steps.NewCA, asJSON bool) error {
	if !a.terminal || asJSON {
		return ca.Missing()
	}
	l := a.lines()
	for {
		q, err := ca.Next()
		if q == nil || err != nil {
			return err
		}
		answer, back, err := l.ask(ctx, q)
		if err != nil {
			return err
		}
		if back {
			fmt.Fprintln(l.out, "  Start again to change an answer; nothing is made yet.")
			continue
		}
		if err := ca.Answer(ctx, q.Key, answer); err != nil {
			invalid, ok := errors.AsType[*steps.InvalidError](err)
			if !ok {
				return err
			}
			fmt.Fprintf(l.out, "  Not possible: %s\n", foreign.Text(invalid.Err.Error()))
		}
	}
}

func (a *app) printCA(made steps.CreatedCA) {
	if made.Resumed {
		fmt.Fprintln(a.stdout, "A run that was stopped had begun this one.")
	}
	line := func(label, value string) { fmt.Fprintf(a.stdout, "  %-12s %s\n", label, foreign.Text(value)) }
	fmt.Fprintf(a.stdout, "%s can issue certificates until %s.\n\n", foreign.Text(made.Certificate.Subject), made.Certificate.NotAfter.Format(time.DateOnly))
	if made.Anchor.SerialHex != made.Certificate.SerialHex {
		line("root", made.Anchor.Subject+", "+made.Anchor.Path)
		if made.RootKey != "" {
			line("its key", made.RootKey)
		} else {
			line("its key", "never written")
		}
	}
	line("certificate", made.Certificate.Path)
	line("key", made.Key)
	for _, file := range made.Unused {
		line("not used", file+", the key that the stopped run wrote")
	}
	line("use it", steps.Command{Args: made.Setup}.Line())
	line("remove it", steps.Command{Args: []string{"rm", "-r", made.Dir}}.Line())
}
