package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"anywhere/cmd/signing"
	"anywhere/pki/foreign"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/steps"
)

const certRenewLong = `Replaces the certificate and the key of a set-up by a new pair. The new pair is
proved by a session before it is used; until then, and after any failure, the
old one is in use. It is kept until its own life ends. No AWS credentials are
needed.

A certificate is due after two thirds of its life, or when its issuer says so;
--if-needed does nothing before that, so it can be run every hour.

What a step-ca or an ACME server has issued is renewed by itself:
credential-process, serve and update start this command in the background when
it is due, with pauses that grow if it fails; status tells how it goes. Where
nothing signs for long, and for a CA of your own, let a timer run it
(--print-unit). A certificate whose life is over comes back by this command if
its issuer allows it.

Exit codes: 0 renewed, or with --if-needed not due or being renewed by another
process; 1 failed, the old pair is in use; 2 usage, or the CA key needs a
passphrase that nobody gave; 3 the new pair is made and waits, because AWS could
not be asked; 130 interrupted.`

const certRenewExample = `  anywhere cert renew --setup laptop
  anywhere cert renew --if-needed
  anywhere cert renew --if-needed --ca-passphrase-file /run/secrets/ca --json
  anywhere cert renew --setup laptop --set stepca.password-file=/run/secrets/provisioner
  anywhere cert renew --setup laptop --print-unit systemd`

// certRenewFlags are the flags of anywhere cert renew.
type certRenewFlags struct {
	setup, unit    string
	answer         string
	set            []string // secrets of an enrolment
	ifNeeded, json bool
	allowHTTP      bool
	key            caKeyFlags
}

func (a *app) certRenewCommand() *cobra.Command {
	var f certRenewFlags
	cmd := &cobra.Command{
		Use: "renew", Short: "Replace the certificate of a set-up by a new one", Long: certRenewLong, Example: certRenewExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.unit != "" {
				return a.printUnit(f.setup, f.unit, func(setup string) job { return renewJob(setup, a.lifeOf(setup)) })
			}
			return a.orJSON(f.json, a.certRenew(cmd.Context(), f))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.setup, "setup", "", "set-up `NAME`; not needed if there is only one")
	flags.BoolVar(&f.ifNeeded, "if-needed", false, "do nothing while the certificate is not due")
	flags.StringArrayVar(&f.set, "set", nil, "get the next one as if it were the first, with `KEY=VALUE` such as stepca.password-file=FILE or stepca.token-env=NAME; or open the file it is in, with leaf.certificate-passphrase-file=FILE")
	flags.StringVar(&f.answer, "answer", "", "take `FILE`, which came back for the request of an earlier renewal")
	flags.BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	flags.StringVar(&f.unit, "print-unit", "", "print what runs this again and again, for `systemd`, launchd or schtasks, and do nothing")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "permit plain http to another machine")
	f.key.declare(cmd)
	f.key.declareWhere(cmd)
	return cmd
}

// orJSON prints a failure as a document where --json asks for one.
func (a *app) orJSON(asJSON bool, err error) error {
	if !asJSON {
		return a.tellPending(err)
	}
	if err == nil || isType[*silent](err) {
		return err
	}
	if err := printFailureJSON(a.stdout, err); err != nil {
		return err
	}
	tell(a.stderr, err)
	return &silent{exitOf(err)}
}

func (a *app) certRenew(ctx context.Context, f certRenewFlags) (err error) {
	k, err := a.keep(ctx, f.setup, f.allowHTTP)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.doors.close()) }()
	if err := k.find(f.key); err != nil {
		return err
	}
	passphrase, err := a.caPassphrase(ctx, f.key)
	if err != nil {
		return err
	}
	enrol, err := a.enrolSecrets(f.set)
	if err != nil {
		return err
	}
	out, err := k.runner.Renew(ctx, steps.Renewal{Enrol: enrol, Setup: k.name, IfNeeded: f.ifNeeded, Answer: f.answer, Client: k.client, Passphrase: passphrase, Open: a.opener(ctx), Keep: k.keepSession}, k.show)
	busy := errors.Is(err, home.ErrBusy)
	if f.ifNeeded && busy {
		fmt.Fprintf(a.stderr, "another process is renewing %s\n", k.name)
		err = nil
	}
	// Whoever is busy notes how it ends, and who is interrupted knows.
	if !busy && ctx.Err() == nil {
		if noted := errors.Join(k.noteRenewal(k.name, err), k.noteShared(out)); noted != nil {
			fmt.Fprintf(a.stderr, "anywhere: note the outcome: %s\n", foreign.Text(noted.Error()))
		}
	}
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(a.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.Renewed
		}{schemaVersion, out})
	}
	if !busy {
		a.printRenewed(out)
	}
	return nil
}

// enrolSecrets reads what --set points to.
func (a *app) enrolSecrets(set []string) (map[string]string, error) {
	given, err := a.given(setupFlags{set: set})
	if err != nil {
		return nil, err
	}
	for key := range given {
		if !slices.Contains(steps.RenewalSecrets(), key) {
			return nil, &usageError{fmt.Sprintf("--set %s: a renewal takes none but %s", key, strings.Join(steps.RenewalSecrets(), ", ")),
				"anywhere setup --name NAME --set " + key + "=... changes a set-up"}
		}
	}
	return given, nil
}

// opener asks at the terminal for the passphrase of what is named; nil without one.
func (a *app) opener(ctx context.Context) func(string) ([]byte, error) {
	if !a.terminal {
		return nil
	}
	return func(what string) ([]byte, error) {
		text, err := a.lines().secret(ctx, what+": ")
		return []byte(text), err
	}
}

// keepSession keeps a session that a renewal has got anyway, as credential-process
// would.
func (k *keeping) keepSession(setup string, got signer.Credentials) {
	w := signingWorld(k.app)
	w.Disk = k.app.disk
	signing.KeepSession(w, k.doors.home.Root, setup, got)
}

func (a *app) printRenewed(out steps.Renewed) {
	if !out.Renewed {
		fmt.Fprintf(a.stdout, "%s needs no new certificate: this one is good until %s and due from %s on.\n",
			out.Setup, out.Certificate.NotAfter.Format(time.DateTime), out.DueAt.Format(time.DateTime))
		return
	}
	fmt.Fprintf(a.stdout, "%s has a new certificate until %s, serial %s.\n", out.Setup,
		out.Certificate.NotAfter.Format(time.DateTime), out.Certificate.SerialHex)
	if out.Session.ARN != "" {
		fmt.Fprintf(a.stdout, "  proved  %s\n", foreign.Text(out.Session.ARN))
	}
	if !slices.Contains(out.Forgotten, out.Before.SerialHex) {
		fmt.Fprintf(a.stdout, "  before  serial %s, kept until %s; sessions of it live until they expire\n",
			out.Before.SerialHex, out.Before.NotAfter.Format(time.DateTime))
	}
	printHandedOn(a.stdout, out.HandedOn)
	for _, serial := range out.Forgotten {
		fmt.Fprintf(a.stdout, "  gone    serial %s, whose life was over\n", serial)
	}
}

// noteRenewal keeps a failure for status and the doctor. A success takes an older
// one away, and signing may start the next renewal when it is due.
func (k *keeping) noteRenewal(setup string, failed error) error {
	place := k.doors.home.Setup(setup)
	notes, err := k.doors.home.ReadNotes(place)
	if err != nil {
		return err
	}
	was := notes.Encode()
	if failed != nil {
		notes = notes.Warn(home.Warning{Code: home.RenewalWarning, Says: "renewal: " + failed.Error(), At: k.app.now().UTC()})
	} else {
		notes = notes.Without(home.RenewalWarning)
		notes.Renewal = home.Starts{}
	}
	if bytes.Equal(notes.Encode(), was) {
		return nil
	}
	return k.doors.home.WriteNotes(place, notes)
}

// noteShared does so for the other set-ups of a certificate: each may have failed by
// itself before.
func (k *keeping) noteShared(out steps.Renewed) (failed error) {
	if out.Owner != "" {
		failed = k.noteRenewal(out.Owner, nil)
	}
	for _, h := range out.HandedOn {
		var why error
		if h.Problem != "" {
			why = errors.New("set-up " + cmp.Or(out.Owner, out.Setup) + " has a new certificate, which could not be taken: " + h.Problem)
		}
		if h.Setup != k.name {
			failed = errors.Join(failed, k.noteRenewal(h.Setup, why))
		}
	}
	return failed
}
