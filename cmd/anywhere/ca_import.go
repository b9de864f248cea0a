package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/foreign"
	"anywhere/pki/importing"
	"anywhere/pki/rules"
)

const caImportLong = `Sorts out certificates and keys that you have, before AWS sees any of them: files in
PEM, DER, PKCS #7 or PKCS #12, folders, or pasted text on standard input (-). Names
and order do not matter.

It says what is a root, an intermediate, a machine's certificate and a key, what is
missing, and which rules of Roles Anywhere are broken. --out writes the certificate
that a trust anchor should hold; no key is ever copied. Exit code 1: something is
missing or AWS would refuse it.`

const caImportExample = `  anywhere ca import /path/to/pki
  anywhere ca import machine.p12 --out ca.pem
  step ca root | anywhere ca import -`

func (a *app) caImportCommand() *cobra.Command {
	var out string
	var asJSON bool
	var key caKeyFlags
	cmd := &cobra.Command{
		Use: "import FILE...", Short: "Sort out certificates and keys that you have", Long: caImportLong, Example: caImportExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"ca import: what?", "name files or folders, or - for standard input"}
			}
			return a.orJSON(asJSON, a.caImport(cmd.Context(), args, out, key, asJSON))
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write the certificate for the trust anchor to `FILE`, which must not exist yet")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	key.declare(cmd)
	return cmd
}

// imported is the document of ca import --json.
type imported struct {
	SchemaVersion int            `json:"schemaVersion"`
	Anchor        *importedItem  `json:"anchor"`
	Certificate   *importedItem  `json:"certificate"`
	Items         []importedItem `json:"items"`
	Missing       []string       `json:"missing"`
	Breaches      []string       `json:"breaches"`
	Skipped       []string       `json:"skipped"`
	Duplicates    int            `json:"duplicates"`
}

type importedItem struct {
	Is        string    `json:"is"` // root, intermediate, machine or key
	Subject   string    `json:"subject,omitempty"`
	SerialHex string    `json:"serialHex,omitempty"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
	From      string    `json:"from,omitempty"` // file of a key
	Of        string    `json:"of,omitempty"`   // subject that a key belongs to
}

func itemOf(is string, cert *x509.Certificate) importedItem {
	return importedItem{Is: is, Subject: cert.Subject.String(), SerialHex: pki.SerialOf(cert).Hex(), NotAfter: cert.NotAfter.UTC()}
}

func (a *app) caImport(ctx context.Context, paths []string, out string, key caKeyFlags, asJSON bool) error {
	inputs, err := a.importInputs(paths)
	if err != nil {
		return err
	}
	sorted, err := importing.Sort(inputs, func(name string) ([]byte, error) {
		ask, err := a.askedPassphrase(ctx, key, foreign.Text(name))
		if err != nil || ask == nil {
			return nil, cmp.Or(err, decode.ErrPassphraseNeeded)
		}
		return ask()
	})
	if errors.Is(err, decode.ErrPassphraseNeeded) {
		return &usageError{foreign.Text(err.Error()), "add --ca-passphrase-file FILE"}
	}
	if err != nil {
		return err
	}
	doc := describeImport(sorted)
	if asJSON {
		err = printJSON(a.stdout, doc)
	} else {
		printImport(a.stdout, doc)
	}
	if err == nil && out != "" {
		err = a.writeAnchor(sorted, out)
	}
	if err == nil && len(doc.Missing)+len(doc.Breaches) > 0 {
		return &silent{exitFailed}
	}
	return err
}

func (a *app) importInputs(paths []string) ([]importing.Input, error) {
	var all []importing.Input
	for _, path := range paths {
		if path == "-" {
			data, err := a.readInput(path)
			if err != nil {
				return nil, err
			}
			all = append(all, importing.Input{Name: "standard input", Data: data})
			continue
		}
		found, err := importing.Read(path)
		if err != nil {
			return nil, &usageError{foreign.Text(err.Error()), "name files or folders, or - for standard input"}
		}
		all = append(all, found...)
	}
	return all, nil
}

func describeImport(s importing.Sorted) imported {
	doc := imported{SchemaVersion: schemaVersion, Items: []importedItem{}, Missing: []string{}, Breaches: []string{}, Skipped: []string{}, Duplicates: s.Duplicates}
	judge := func(subject rules.Subject, cert *x509.Certificate) {
		for _, b := range rules.Breaches(subject, cert) {
			if b.Rule.Severity == rules.Must {
				doc.Breaches = append(doc.Breaches, fmt.Sprintf("%s %s: %s, but %s", b.Rule.ID, cert.Subject, b.Rule.Says, b.Saw))
			}
		}
	}
	if s.Leaf != nil {
		item := itemOf("machine", s.Leaf)
		doc.Certificate, doc.Items = &item, append(doc.Items, item)
		judge(rules.Leaf, s.Leaf)
	}
	for _, cert := range s.Others {
		doc.Items = append(doc.Items, itemOf("machine", cert))
	}
	for _, cert := range s.CAs {
		is := "intermediate"
		if cert == s.Root || cert.CheckSignatureFrom(cert) == nil {
			is = "root"
		}
		doc.Items = append(doc.Items, itemOf(is, cert))
	}
	keys := s.CAKeys
	if s.Key != nil {
		keys = append([]importing.Key{*s.Key}, keys...)
	}
	for _, key := range keys {
		item := importedItem{Is: "key", From: key.From}
		if key.Certificate != nil {
			item.Of = key.Certificate.Subject.String()
		}
		doc.Items = append(doc.Items, item)
	}
	if anchor := s.Anchor(); anchor != nil {
		item := itemOf("anchor", anchor)
		doc.Anchor = &item
		judge(rules.CA, anchor)
	}
	doc.Missing = append(doc.Missing, s.Missing...)
	for _, skipped := range s.Skipped {
		doc.Skipped = append(doc.Skipped, skipped.Name+": "+skipped.Why.Error())
	}
	return doc
}

func printImport(w io.Writer, doc imported) {
	for _, item := range doc.Items {
		if item.Is == "key" {
			fmt.Fprintf(w, "%-13s in %s, of %s\n", "key", foreign.Text(item.From), foreign.Text(item.Of))
			continue
		}
		fmt.Fprintf(w, "%-13s %s  until %s\n", item.Is, foreign.Text(item.Subject), item.NotAfter.Format(time.DateOnly))
	}
	if doc.Anchor != nil {
		fmt.Fprintf(w, "%-13s %s\n", "trust anchor", foreign.Text(doc.Anchor.Subject))
	}
	for _, list := range []struct {
		label string
		all   []string
	}{{"missing", doc.Missing}, {"refused", doc.Breaches}, {"not used", doc.Skipped}} {
		for _, text := range list.all {
			fmt.Fprintf(w, "%-13s %s\n", list.label, foreign.Text(text))
		}
	}
	if doc.Duplicates > 0 {
		fmt.Fprintf(w, "%-13s %d\n", "twice", doc.Duplicates)
	}
}

// writeAnchor writes the certificate for the trust anchor, encoded anew.
func (a *app) writeAnchor(s importing.Sorted, out string) error {
	anchor := s.Anchor()
	if anchor == nil {
		return &usageError{"write " + foreign.Text(out) + ": there is no CA among the files", "add the certificate of the CA"}
	}
	h, err := a.openHome()
	if err != nil {
		return err
	}
	return createNew(h, out, pki.EncodeCertificates(anchor), 0o644)
}
