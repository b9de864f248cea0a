package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

const caRotateLong = `Replaces the CA of a set-up by a new one, in steps that each look whether they are
done, so that a run which was stopped goes on:

  a new CA is made; the trust anchor holds both; this machine gets a certificate of
  the new one, proved by a session; the old one is taken out of the trust anchor.

--to-certificate and --to-key lead to a CA that you have instead of a new one: the key
may be a file, in a token (pkcs11:...) or in a TPM (handle:...). An intermediate comes
with its root in the same file. A CA of anywhere ca create is replaced so: make the
next one, for an intermediate with --under, and lead each set-up to it.

A CA under a root of its own (ca.shape=intermediate) is replaced by another one under
the same root. The trust anchor holds the root and does not change. The root's key is
read where it lies: --root-key FILE if that is not where it was put; it is not copied.
What the old intermediate issued is let in as before, until --finish: the root then
signs a list that names it, AWS gets the list, and an old certificate is tried.

Of a root alone the last step waits while certificates of the old CA live on other machines or in
other set-ups: issue those anew and run it again, or take them out with --finish.
Set-ups that share the certificate and have a trust anchor of their own, such as one in
another account, are taken along, each with the AWS credentials that it was made with.
One that is not reached goes on with the old CA, and is named with the command that
takes it along later: anywhere ca rotate --setup NAME, of that set-up.

The old CA's files stay until teardown. Nobody is locked out on the way.`

const caRotateExample = `  anywhere ca rotate --setup laptop
  anywhere ca rotate --setup laptop --to-certificate ca.pem --to-key "pkcs11:token=ca;object=ca"
  anywhere ca rotate --setup laptop --root-key /media/usb/root.key
  anywhere ca rotate --setup laptop --finish --yes --account 111122223333`

func (a *app) caRotateCommand() *cobra.Command {
	var f adminFlags
	var key, root caKeyFlags
	var want steps.Rotation
	cmd := &cobra.Command{
		Use: "rotate", Short: "Replace the CA of a set-up by a new one", Long: caRotateLong, Example: caRotateExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.orJSON(f.json, a.caRotate(cmd.Context(), f, key, root, want))
		},
	}
	f.declare(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&want.Finish, "finish", false, "let in no more what the old CA issued, though it lives elsewhere")
	flags.StringVar(&want.External, "external-file", "", "write the key of the new CA to `FILE`, where it is kept elsewhere")
	flags.StringVar(&want.Certificate, "to-certificate", "", "rotate to the CA whose certificate is in `FILE`")
	flags.StringVar(&want.Key, "to-key", "", "its key: a file, or a `REFERENCE` to a token or TPM")
	flags.StringVar(&want.RootKey, "root-key", "", "the key of the root above the CA: a file, or a `REFERENCE` to a token or TPM")
	key.declare(cmd)
	root.declareFor(cmd, "root", "the root's key")
	return cmd
}

func (a *app) caRotate(ctx context.Context, f adminFlags, key, root caKeyFlags, want steps.Rotation) (err error) {
	if (want.Certificate == "") != (want.Key == "") {
		return &usageError{"ca rotate: a CA is its certificate and its key", "give both --to-certificate and --to-key, or none"}
	}
	k, err := a.administer(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.doors.close()) }()
	if err := k.tellRotation(f.json); err != nil {
		return err
	}
	approval, err := k.approved(ctx, f, "rotate the CA of "+k.name)
	if err != nil {
		return err
	}
	if want.Passphrase, err = a.caPassphrase(ctx, key); err != nil {
		return err
	}
	if want.RootPassphrase, err = a.rootPassphrase(ctx, root); err != nil {
		return err
	}
	out, err := k.runner.Rotate(ctx, want, approval, k.show)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(a.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.Rotated
		}{schemaVersion, out})
	}
	a.printRotated(out)
	for _, n := range out.Beside {
		printFollowed(a.stdout, n)
	}
	return nil
}

// tellRotation says before leave is given which other trust anchors hold the CA.
func (k *keeping) tellRotation(asJSON bool) error {
	others, err := k.runner.Neighbours()
	if asJSON {
		return err
	}
	for _, n := range others {
		fmt.Fprintf(k.app.stderr, "  ~  trust anchor of set-up %s, account %s, %s  holds the same CA\n", n.Setup, n.Account, n.Region)
	}
	return err
}

// printFollowed says what became of another set-up's trust anchor.
func printFollowed(w io.Writer, n steps.Neighbour) {
	where := fmt.Sprintf("set-up %s, account %s, %s", n.Setup, n.Account, n.Region)
	if n.Problem == "" {
		fmt.Fprintf(w, "  too     %s: its trust anchor knows the new CA, and it has the new certificate\n", where)
		return
	}
	fmt.Fprintf(w, "  behind  %s: %s\n          it works with the old CA until its certificate ends; with AWS credentials of that account:\n          %s\n", where, foreign.Text(n.Problem), n.Command)
}

// printHandedOn says what became of a new certificate where it is shared.
func printHandedOn(w io.Writer, all []steps.HandedOn) {
	for _, h := range all {
		if h.Problem != "" {
			fmt.Fprintf(w, "  failed  set-up %s keeps the old one: %s\n", h.Setup, foreign.Text(h.Problem))
			continue
		}
		fmt.Fprintf(w, "  shared  set-up %s has it too\n", h.Setup)
	}
}

func (a *app) printRotated(out steps.Rotated) {
	w := a.stdout
	fmt.Fprintf(w, "CA           %s until %s\n", foreign.Text(out.CA.Subject), out.CA.NotAfter.Format(time.DateOnly))
	fmt.Fprintf(w, "certificate  serial %s until %s, proved\n", out.Certificate.SerialHex, out.Certificate.NotAfter.Format(time.DateOnly))
	printHandedOn(w, out.HandedOn)
	if out.Owner != "" {
		fmt.Fprintf(w, "The CA is that of set-up %s; to replace it: anywhere ca rotate --setup %s\n", out.Owner, out.Owner)
	}
	if out.Root != nil {
		printUnderRoot(w, out)
		return
	}
	if out.Done {
		fmt.Fprintln(w, "The trust anchor holds the new CA alone. Sessions already issued live until they expire.")
		return
	}
	fmt.Fprintf(w, "The trust anchor holds both CAs, because %d certificates of the old one live elsewhere:\n", len(out.Waiting))
	printWaiting(w, out.Waiting)
	fmt.Fprintf(w, "Issue them anew, then: anywhere ca rotate --setup %s --finish\n", out.Setup)
}

func printWaiting(w io.Writer, all []steps.KnownCertificate) {
	for _, c := range all {
		where := "another machine"
		if c.Setup != "" {
			where = "set-up " + c.Setup
		}
		fmt.Fprintf(w, "  %s  CN=%s  %s, until %s\n", c.SerialHex, foreign.Text(c.CommonName), where, c.NotAfter.Format(time.DateOnly))
	}
}

// printUnderRoot says what became of the old intermediates, and whom that reaches.
func printUnderRoot(w io.Writer, out steps.Rotated) {
	fmt.Fprintf(w, "The trust anchor holds the root %s, as before.\n", foreign.Text(out.Root.Subject))
	if len(out.Retired) == 0 {
		fmt.Fprintln(w, "What the old intermediate issued is let in until it ends; of that are known here:")
		printWaiting(w, out.Waiting)
		if len(out.Waiting) == 0 {
			fmt.Fprintln(w, "  none on other machines or in other set-ups")
		}
		fmt.Fprintf(w, "To let it in no more: anywhere ca rotate --setup %s --finish, with the root's key\n", out.Setup)
		return
	}
	for _, old := range out.Retired {
		fmt.Fprintf(w, "retired      %s: the root's list names it\n", foreign.Text(old.Subject))
	}
	for _, e := range out.Evidence {
		fmt.Fprintf(w, "%-12s %s  %s\n", e.Label, foreign.Text(e.Value), foreign.Text(e.Note))
	}
	if len(out.Waiting) > 0 {
		fmt.Fprintln(w, "Out with it are these, until they are issued anew:")
		printWaiting(w, out.Waiting)
	}
	fmt.Fprintln(w, "Sessions already issued live until they expire. A trust anchor that holds the root and is of no set-up of this machine does not have this list.")
}
