package steps

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/importing"
)

// aboveOwn picks out of a file what a trust anchor should hold for the certificate that
// the user has: the highest of the CAs above it.
func (e *Env) aboveOwn(file string, inputs []importing.Input) (*x509.Certificate, error) {
	have, err := e.sorted(inputs, e.ownPhrase)
	if err != nil {
		return nil, err
	}
	certs, err := e.ownLeaf()
	if err != nil {
		if top := have.Anchor(); top != nil {
			return top, nil //nolint:nilerr // why the certificate cannot be read is said of it
		}
		return e.readCertificate(file) // not a CA; the rules say why
	}
	cas := slices.Clone(have.CAs)
	for _, cert := range certs[1:] {
		if !slices.ContainsFunc(cas, cert.Equal) {
			cas = append(cas, cert)
		}
	}
	var top *x509.Certificate
	path := pki.Above(certs[0], cas)
	for _, root := range have.CAs {
		if at := append([]*x509.Certificate{certs[0]}, path...); selfIssued(root) && at[len(at)-1].CheckSignatureFrom(root) == nil {
			path = append(path, root)
			break
		}
	}
	for _, ca := range path {
		if slices.ContainsFunc(have.CAs, ca.Equal) {
			top = ca
		}
	}
	switch {
	case top != nil:
		return top, nil
	case len(have.CAs) == 0:
		return e.readCertificate(file)
	}
	last := append(certs[:1:1], path...)
	return nil, &hintError{fmt.Sprintf("%s has not issued CN=%s; %s has", have.CAs[0].Subject, certs[0].Subject.CommonName, last[len(last)-1].Issuer),
		"name a file with all that stands above it: --set ca.certificate=FILE"}
}

func selfIssued(cert *x509.Certificate) bool { return cert.CheckSignatureFrom(cert) == nil }

// ownAgain opens the files and looks for a later certificate in them, which ends after
// ends.
func (r *Runner) ownAgain(want Renewal, ends time.Time) error {
	e := r.env
	none := &hintError{"renew certificate: " + e.shownFile(e.Get("leaf.certificate")) + " holds none that lives longer than the one in use",
		"have a new one issued, put it and its key in the place of the old files, and run again; or name other files: anywhere setup --name " + e.Setup + " --set leaf.certificate=FILE"}
	if e.goneSince(e.Get("leaf.certificate")) {
		none.what = "renew certificate: " + e.shown(e.Get("leaf.certificate")) + " is not there any more"
	}
	if _, taken := e.taken(); taken {
		return none
	}
	for _, key := range OwnSecrets() {
		q := e.question(key)
		if _, given := r.answers.given[key]; given || !q.Applies(e) {
			continue
		}
		if want.Open == nil {
			return &MissingError{[]Asked{r.ask(StepCA, q)}}
		}
		phrase, err := want.Open(q.Ask)
		if err != nil {
			return err
		}
		if err := r.check(q, string(phrase)); err != nil {
			return err
		}
		r.answers.given[key] = string(phrase)
	}
	have, err := e.ownFiles()
	if err == nil && !have.Leaf.NotAfter.After(ends) {
		err = none
	}
	return err
}

// ownCommands take the pair out of the user's files by hand; nil where openssl does not
// say which of several is meant.
func ownCommands(e *Env) []Command {
	file, key := e.Get("leaf.certificate"), e.Get("leaf.private-key")
	data, err := e.World.Machine.ReadFile(file)
	if err != nil {
		return nil
	}
	if !decode.IsPKCS12(data) {
		commands := []Command{{Args: []string{"openssl", "x509", "-in", file, "-out", "certificate.pem"}}}
		if key != "" {
			commands = append(commands, Command{Args: []string{"openssl", "pkey", "-in", key, "-out", "key.pem"}})
		}
		return commands
	}
	return []Command{
		{Args: []string{"openssl", "pkcs12", "-in", file, "-clcerts", "-nokeys", "-out", "certificate.pem"}},
		{Args: []string{"openssl", "pkcs12", "-in", file, "-cacerts", "-nokeys", "-out", "chain.pem"}},
		{Args: []string{"openssl", "pkcs12", "-in", file, "-nocerts", "-nodes", "-out", "key.pem"}},
	}
}
