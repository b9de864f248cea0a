package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"anywhere/awsapi"
	"anywhere/doctor"
	"anywhere/pki/decode"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
)

const whoisLong = `Goes from a line of CloudTrail to the certificate behind it, and back: give it a
session name or ARN, a serial in any form (hex, colons, dec:NUMBER), a source
identity, a common name or a certificate's file. It searches the certificates of
this machine; of a file it tells the names that AWS gives it, whoever has it.

Exit codes: 0 found; 1 not found.`

func (a *app) whoisCommand() *cobra.Command {
	asJSON, trail := false, false
	cmd := &cobra.Command{
		Use: "whois SERIAL | SESSION-ARN | CN", Short: "Find the certificate behind a session, and back", Long: whoisLong,
		Example: "  anywhere whois arn:aws:sts::111122223333:assumed-role/r/2a9902119721ab7b5c19a878c4c66af7\n  anywhere whois build-box-7",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"whois wants one serial, session ARN or common name", "anywhere whois --help"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			err := a.whois(cmd.Context(), args[0], asJSON, trail)
			if err != nil && asJSON && !isType[*silent](err) {
				return joinFailure(a.stdout, err)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	cmd.Flags().BoolVar(&trail, "cloudtrail", false, "also list the events of the last 90 days that CloudTrail has")
	return cmd
}

// owner is a certificate and where it is used.
type owner struct {
	doctor.Whois
	Setup   string       `json:"setup,omitempty"`
	Current bool         `json:"current"` // it is the one in use
	Session string       `json:"sessionArn,omitempty"`
	Role    string       `json:"roleArn,omitempty"`
	Events  []trailEvent `json:"events,omitempty"`

	session home.Session
}

type trailEvent struct {
	Time time.Time `json:"time"`
	Name string    `json:"name"`
	ID   string    `json:"id"`
}

func (a *app) whois(ctx context.Context, text string, asJSON, trail bool) error {
	query, err := doctor.ParseWhois(text)
	if err != nil {
		return &usageError{err.Error(), "anywhere whois --help shows the forms"}
	}
	h, err := a.openHome()
	if err != nil {
		return err
	}
	found, err := a.owners(h, query)
	if err != nil {
		return err
	}
	if own := a.namesOfFile(text); len(own) > 0 {
		if found, err = a.ownersOf(h, own); err != nil {
			return err
		}
	}
	for i := range found {
		if trail {
			if found[i].Events, err = a.eventsOf(ctx, h, found[i]); err != nil {
				return err
			}
		}
	}
	if asJSON {
		err := printJSON(a.stdout, struct {
			SchemaVersion int          `json:"schemaVersion"`
			Query         doctor.Query `json:"query"`
			Found         []owner      `json:"found"`
		}{schemaVersion, query, found})
		if err != nil || len(found) > 0 {
			return err
		}
		return &silent{exitFailed}
	}
	for _, o := range found {
		a.printOwner(o)
	}
	if len(found) == 0 {
		return &hinted{fmt.Errorf("whois %s: no certificate of this machine", foreign.Text(text)), query.Hint()}
	}
	return nil
}

// owners are the certificates of all set-ups, older pairs included, that fit.
func (a *app) owners(h home.Home, query doctor.Query) ([]owner, error) {
	all, err := h.List()
	if err != nil {
		return nil, err
	}
	found := []owner{}
	for _, s := range all {
		session, err := h.ReadSession(s)
		if err != nil {
			continue // status and doctor tell of it
		}
		certs := []*x509.Certificate{}
		if cert, err := x509.ParseCertificate(session.Certificate); err == nil {
			certs = append(certs, cert)
		}
		for _, cert := range append(certs, pairsOf(s, session.Certificate)...) {
			who := doctor.WhoisOf(cert)
			if session.RoleSessionName != "" { // the Roles Anywhere profile takes the name that is asked for
				who.SessionName = session.RoleSessionName
			}
			if query.Fits(who) {
				o := owner{Whois: who, Setup: s.Name, Current: string(cert.Raw) == string(session.Certificate), Role: session.RoleARN, session: session}
				o.Session = doctor.SessionARN(session.RoleARN, who.SessionName)
				found = append(found, o)
			}
		}
	}
	return found, nil
}

// namesOfFile are the certificates in a file that the argument names, if it names
// one.
func (a *app) namesOfFile(path string) []*x509.Certificate {
	data, err := keystore.ReadFile(path)
	if err != nil {
		return nil
	}
	certs, err := certificatesOf(data, nil)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(certs, func(c *x509.Certificate) bool { return c.IsCA })
}

// ownersOf are the set-ups that have the certificates; one that none has is told
// by itself.
func (a *app) ownersOf(h home.Home, certs []*x509.Certificate) ([]owner, error) {
	all := []owner{}
	for _, cert := range certs {
		who := doctor.WhoisOf(cert)
		found, err := a.owners(h, doctor.Query{Serial: who.Serial})
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(found, func(o owner) bool { return o.Issuer != who.Issuer || !o.NotAfter.Equal(who.NotAfter) })
		if len(found) == 0 {
			found = []owner{{Whois: who}}
		}
		all = append(all, found...)
	}
	return all, nil
}

// pairsOf reads the certificates of earlier rotations.
func pairsOf(s home.Setup, current []byte) []*x509.Certificate {
	dirs, err := os.ReadDir(filepath.Join(s.Dir, "pairs"))
	if err != nil {
		return nil
	}
	var certs []*x509.Certificate
	for _, dir := range dirs {
		data, err := keystore.ReadFile(filepath.Join(s.Dir, "pairs", dir.Name(), "certificate.pem"))
		if err != nil {
			continue
		}
		if read, err := decode.Certificates(data); err == nil && string(read[0].Raw) != string(current) {
			certs = append(certs, read[0])
		}
	}
	return certs
}

// eventsOf asks CloudTrail for what the session did: one call, by its name.
func (a *app) eventsOf(ctx context.Context, h home.Home, o owner) ([]trailEvent, error) {
	d := &doors{app: a, home: h}
	p := a.setupPatient(h, h.Setup(o.Setup), doctorFlags{})
	src, err := a.sources(ctx, d, &p, doctorFlags{})
	if err != nil {
		return nil, err
	}
	aws, err := src.AWS(ctx)
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	events, err := aws.Events(ctx, awsapi.EventQuery{Username: o.SessionName, Limit: 20})
	list := []trailEvent{}
	for _, e := range events {
		list = append(list, trailEvent{e.Time, e.Name, e.ID})
	}
	return list, errors.Join(err, d.close())
}

func (a *app) printOwner(o owner) {
	use := o.Setup + ", in use"
	switch {
	case o.Setup == "":
		use = "none of this machine"
	case !o.Current:
		use = o.Setup + ", replaced"
	}
	rows := [][2]string{
		{"set-up", use}, {"certificate", o.Subject}, {"issuer", o.Issuer},
		{"valid", o.NotBefore.Format(time.RFC3339) + " to " + o.NotAfter.Format(time.RFC3339)},
		{"session name", o.SessionName}, {"session", o.Session}, {"openssl", o.Colon}, {"decimal", o.Decimal},
		{"identity", o.SourceIdentity}, {"CloudTrail", "aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=" + o.SessionName},
	}
	rows = slices.DeleteFunc(rows, func(row [2]string) bool { return row[1] == "" })
	for _, row := range rows {
		fmt.Fprintf(a.stdout, "%-12s  %s\n", row[0], foreign.Text(row[1]))
	}
	for _, e := range o.Events {
		fmt.Fprintf(a.stdout, "%-12s  %s  %s\n", "event", e.Time.UTC().Format(time.RFC3339), foreign.Text(strings.TrimSpace(e.Name)))
	}
}
