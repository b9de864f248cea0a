package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"anywhere/doctor"
	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
	"anywhere/pki/rules"
	"anywhere/tui"
)

const certInspectLong = `Says what is in certificates, what IAM Roles Anywhere asks of them and finds,
and what AWS makes of them: session name, source identity, session tags.

Reads PEM, DER, PKCS #7 and PKCS #12, whole chains too; keys beside them are passed
over. - is standard input. It asks no AWS, and at a terminal for the passphrase of a
locked PKCS #12 file.

Exit codes: 0 AWS would take every certificate; 1 it would refuse one; 2 a file
cannot be read.`

func (a *app) certInspectCommand() *cobra.Command {
	asJSON, plain := false, false
	var passphrase caKeyFlags
	cmd := &cobra.Command{
		Use: "inspect FILE...", Short: "Say what is in certificates and what AWS makes of them", Long: certInspectLong,
		Example: "  anywhere cert inspect chain.pem\n  anywhere cert inspect machine.p12 --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{cmd.CommandPath() + ": no file is named", cmd.CommandPath() + " certificate.pem"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.inspect(cmd.Context(), args, passphrase, asJSON, plain)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	cmd.Flags().BoolVar(&plain, "plain", false, "print lines, also at a terminal")
	passphrase.declareFor(cmd, "pkcs12", "a locked PKCS #12 file")
	return cmd
}

func (a *app) inspect(ctx context.Context, files []string, passphrase caKeyFlags, asJSON, plain bool) error {
	all, err := a.inspected(ctx, files, passphrase)
	if err != nil {
		if asJSON {
			_ = printFailureJSON(a.stdout, err) // told on standard error all the same
		}
		return err
	}
	switch {
	case asJSON:
		err = printJSON(a.stdout, struct {
			SchemaVersion int         `json:"schemaVersion"`
			Certificates  []inspected `json:"certificates"`
		}{schemaVersion, all})
	case a.terminal && !plain && a.getenv("TERM") != "dumb":
		var papers []tui.Paper
		for _, i := range all {
			papers = append(papers, i.paper())
		}
		var out tui.Outcome
		out, err = tui.RunInspect(ctx, papers, a.screenOptions())
		a.printCopied(out)
		if err == nil && out.State == tui.Interrupted {
			return &silent{exitInterrupted}
		}
	default:
		for n, i := range all {
			if n > 0 {
				fmt.Fprintln(a.stdout)
			}
			fmt.Fprint(a.stdout, i.paper().Text())
		}
	}
	if err != nil {
		return err
	}
	for _, i := range all {
		if i.Refused {
			return &silent{exitFailed}
		}
	}
	return nil
}

// inspected is a certificate, what AWS asks of it and what AWS makes of it.
type inspected struct {
	File    string `json:"file"`
	Number  int    `json:"number"` // of the certificates of the file, from 1
	Of      int    `json:"of"`
	Refused bool   `json:"refused"` // AWS would refuse it
	CA      bool   `json:"ca"`
	doctor.Whois
	Rules   []ruled           `json:"rules"`
	Tags    map[string]string `json:"sessionTags,omitempty"`
	Dropped map[string]string `json:"droppedTags,omitempty"` // no tag may hold their characters

	cert *x509.Certificate
}

// ruled is one rule of Roles Anywhere and what was found.
type ruled struct {
	ID       string         `json:"id"`
	Says     string         `json:"says"`
	Severity rules.Severity `json:"severity"`
	Holds    bool           `json:"holds"`
	Saw      string         `json:"saw,omitempty"`
	Source   string         `json:"source"`
}

// inspected reads every certificate of files.
func (a *app) inspected(ctx context.Context, files []string, passphrase caKeyFlags) ([]inspected, error) {
	var all []inspected
	ask, err := a.askedPassphrase(ctx, passphrase, "the PKCS #12 file")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		data, err := a.readInput(file)
		if err != nil {
			return nil, &usageError{err.Error(), "name a file with certificates, or - for standard input"}
		}
		certs, err := certificatesOf(data, ask)
		if err != nil {
			return nil, &usageError{fmt.Sprintf("%s: %v", file, err), "anywhere cert inspect reads PEM, DER, PKCS #7 and PKCS #12"}
		}
		for n, cert := range certs {
			i := inspected{File: file, Number: n + 1, Of: len(certs), CA: cert.IsCA, Whois: doctor.WhoisOf(cert), cert: cert}
			i.judge(a)
			all = append(all, i)
		}
	}
	return all, nil
}

// certificatesOf reads the certificates of a file in any format. The passphrase of a
// PKCS #12 file is asked for if it has one; nil means that nobody can be asked.
func certificatesOf(data []byte, passphrase func() ([]byte, error)) ([]*x509.Certificate, error) {
	if !decode.IsPKCS12(data) {
		return decode.Certificates(data)
	}
	if passphrase != nil {
		passphrase = sync.OnceValues(passphrase)
	}
	contents, err := pkcs12.Decode(data, passphrase)
	switch {
	case errors.Is(err, decode.ErrNotAKey):
		return pkcs12.Certificates(data, passphrase)
	case errors.Is(err, decode.ErrPassphraseNeeded):
		return nil, errors.New("read PKCS #12: it has a passphrase; anywhere cert inspect --pkcs12-passphrase-file FILE opens it")
	case err != nil:
		return nil, err
	}
	return append([]*x509.Certificate{contents.Certificate}, contents.Others...), nil
}

// judge asks every rule for what the certificate is: a CA's or a machine's.
func (i *inspected) judge(a *app) {
	subject := rules.Leaf
	if i.CA {
		subject = rules.CA
	} else {
		i.Tags, i.Dropped = doctor.SessionTags(i.cert)
	}
	for _, r := range append(rules.All(), rules.At(a.now())...) {
		if r.Subject != subject {
			continue
		}
		ok, saw := r.Holds(i.cert)
		i.Rules = append(i.Rules, ruled{r.ID, r.Says, r.Severity, ok, saw, r.Source})
		i.Refused = i.Refused || !ok && r.Severity == rules.Must
	}
}

// name is the file and which certificate of it.
func (i inspected) name() string {
	name := filepath.Base(i.File)
	if i.File == "-" {
		name = "standard input"
	}
	if i.Of > 1 {
		return fmt.Sprintf("%s, %d of %d", name, i.Number, i.Of)
	}
	return name
}

// keyKind is the kind of key in words.
func keyKind(cert *x509.Certificate) string {
	if kind, ok := pki.KindOf(cert.PublicKey); ok {
		return kind.Words()
	}
	return cert.PublicKeyAlgorithm.String()
}
