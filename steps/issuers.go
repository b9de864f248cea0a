package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"anywhere/pki"
	"anywhere/pki/acme"
	"anywhere/pki/decode"
	"anywhere/pki/rules"
	"anywhere/pki/stepca"
	"anywhere/signer/home"
)

// issuer is who issues a certificate to spec.
func (t *Tools) issuer(spec leafSpec) (pki.Issuer, error) {
	switch t.Get("ca.issuer") {
	case issuerStepCA:
		return t.stepCA(spec)
	case issuerACME:
		server, err := t.acme()
		server.Say = t.Say
		t.Say("the ACME server looks for " + spec.Name.CommonName + "; usually seconds, at most 3 minutes")
		return server, err
	}
	key, err := t.openCAKey()
	if err != nil {
		return nil, err
	}
	return t.localCA(key)
}

// stepCA enrols with a one-time token, or shows the certificate that there is for
// one more of the same names.
func (t *Tools) stepCA(spec leafSpec) (pki.Issuer, error) {
	ca := t.stepCAAddress()
	if made, standing := t.Has("certificate.issue"); standing && !t.enrols && made.Values["certificate.subject"] == spec.subject() {
		certs, err := t.readCertificates(t.pairFile(made, "certificate.pem"))
		if err != nil {
			return nil, err
		}
		data, err := t.World.Machine.ReadFile(t.pairFile(made, "key.pem"))
		if err != nil {
			return nil, err
		}
		key, err := decode.Key(data, nil)
		if err != nil {
			return nil, err
		}
		return stepca.Renewer{CA: ca, Certificate: certs[0], Chain: certs[1:], Key: key}, nil
	}
	life := time.Duration(0)
	if t.Answered("leaf.life") {
		life = spec.NotAfter.Sub(t.World.Now()).Round(time.Second)
	}
	if token := strings.TrimSpace(t.Get("stepca.token")); token != "" {
		return stepca.Enroller{CA: ca, Token: token, Life: life}, nil
	}
	password := t.Get("stepca.password")
	return stepca.Enroller{
		CA: ca, Provisioner: t.Get("stepca.provisioner"), Life: life,
		Password: func() ([]byte, error) { return []byte(password), validNotEmpty(nil, password) },
	}, nil
}

func (e *Env) stepCAAddress() stepca.CA {
	return stepca.CA{URL: e.Get("stepca.url"), Fingerprint: e.Get("stepca.fingerprint"), Now: e.World.Now, Random: e.World.Random}
}

// acme is the ACME server with this set-up's account.
func (e *Env) acme() (acme.CA, error) {
	data, err := e.World.Machine.ReadFile(e.World.Home.Abs(e.Value("acme.account")))
	if err != nil {
		return acme.CA{}, fmt.Errorf("open ACME account: %w", err)
	}
	key, err := decode.Key(data, nil)
	if err != nil {
		return acme.CA{}, fmt.Errorf("open ACME account: %w", err)
	}
	// A private server's own certificate usually comes from the CA that it issues
	// from.
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if ca, err := e.caCertificate(); err == nil {
		roots.AddCert(ca)
	}
	if file := e.Get("acme.tls-ca"); file != "" {
		web, err := e.readCertificates(file)
		if err != nil {
			return acme.CA{}, &InvalidError{Key: "acme.tls-ca", Value: file, Err: err}
		}
		for _, cert := range web {
			roots.AddCert(cert)
		}
	}
	server := acme.CA{
		Directory: e.Get("acme.directory"), Account: key, Contact: e.Get("acme.contact"), Roots: roots, Now: e.World.Now,
		HTTP01: e.Get("acme.http-address"), TLSALPN01: e.Get("acme.tls-address"), UserAgent: "anywhere/" + e.World.Machine.Version,
	}
	if mac := e.Get("acme.mac-key"); mac != "" {
		server.KeyID, server.MACKey = e.Get("acme.key-id"), strings.TrimRight(mac, "=")
	}
	if made, standing := e.Has("certificate.issue"); standing {
		server.Replaces, _ = e.readCertificate(e.pairFile(made, "certificate.pem")) // nil if it is gone
	}
	return server, nil
}

// dueByIssuer asks the issuer when it wants the certificate renewed; false if it
// has no opinion.
func (e *Env) dueByIssuer(ctx context.Context, cert *x509.Certificate) (acme.Advice, bool, error) {
	if !issuerIs(issuerACME)(e) {
		return acme.Advice{}, false, nil
	}
	server, err := e.acme()
	if err != nil {
		return acme.Advice{}, false, err
	}
	return server.RenewAt(ctx, cert)
}

// newPair gets a certificate for a new key, or takes the pair that the user has.
func (t *Tools) newPair(ctx context.Context, spec leafSpec) (pki.Issued, crypto.Signer, error) {
	if shares(t.Env) {
		return t.lentCopy(spec.Serial)
	}
	if issuerIs(issuerCSR)(t.Env) {
		have, err := t.readAnswer(t.answerFile())
		return have.issued, have.key, err
	}
	if issuerIs(issuerFiles)(t.Env) {
		return t.ownPairOf(spec)
	}
	issuer, err := t.issuer(spec)
	if err != nil {
		return pki.Issued{}, nil, err
	}
	key, err := pki.NewKey(spec.Kind, t.World.Random)
	if err != nil {
		return pki.Issued{}, nil, err
	}
	issued, err := issue(ctx, t, issuer, spec, key)
	return issued, key, t.wayRound(err)
}

// advised is what an issuer says, with what to do about it.
type advised struct {
	error
	fix string
}

func (e *advised) Unwrap() error { return e.error }
func (e *advised) Hint() string  { return e.fix }

// wayRound adds to what a step-ca says what it usually means. It tells nobody
// why, so that strangers learn nothing.
func (e *Env) wayRound(err error) error {
	refused, said := errors.AsType[*stepca.Refused](err)
	_, locked := errors.AsType[*stepca.PasswordError](err)
	switch {
	case locked:
		return &advised{err, "give the provisioner's password again: --set stepca.password-file=FILE"}
	case errors.Is(err, stepca.ErrFingerprint), said && refused.Status == 404 && strings.Contains(refused.Message, "fingerprint"):
		return &advised{err, "compare stepca.fingerprint with step certificate fingerprint root_ca.crt where that CA runs"}
	case !said:
	case refused.Status == 401 && e.Get("stepca.token") != "":
		return &advised{err, "a one-time token is good once and for minutes; get another one: --set stepca.token-file=FILE"}
	case refused.Status == 401:
		return &advised{err, "its log says why; the provisioner may not allow this name or this life"}
	}
	return err
}

// caIn picks the CA that issues out of a file of the user's, or else what a trust
// anchor should hold.
func (e *Env) caIn(file string) (*x509.Certificate, error) {
	ca, _, _, err := e.caWithChain(file, e.Get("ca.private-key"))
	return ca, err
}

// fetchedSpec is exactly what will be written for an issuer elsewhere.
type fetchedSpec struct {
	Dir  string `json:"dir"` // relative to the home
	Root []byte `json:"root,omitempty"`
	Name string `json:"name"`
	Kind string `json:"kind"` // of issuer
}

// planElsewhere plans what the road keeps of an issuer elsewhere: the root of a
// step-ca, or the key of an ACME account.
func planElsewhere(ctx context.Context, e *Env) ([]Change, error) {
	spec := fetchedSpec{Dir: filepath.ToSlash(filepath.Join("ca", e.ID8())), Kind: e.Get("ca.issuer")}
	switch spec.Kind {
	case issuerCSR:
		return planRequest(e)
	case issuerFiles:
		return nil, e.checkOwnPair()
	case issuerACME:
		if e.Get("acme.http-address")+e.Get("acme.tls-address") == "" {
			return nil, &InvalidError{Key: "acme.http-address", Err: errors.New("the server has to look for this machine in one of two ways: this, or acme.tls-address")}
		}
		if err := checkImportedCA(e); err != nil {
			return nil, err
		}
		spec.Name = e.Get("acme.directory")
		if _, standing := e.Has("ca.account"); standing {
			return nil, nil
		}
		return []Change{{ID: "ca.account", Step: StepCA, Verb: Create, Noun: "ACME account key", Name: e.shown(e.World.Home.Abs(spec.Dir)),
			Detail: "for " + spec.Name, Spec: encodeSpec(spec)}}, nil
	}
	if _, standing := e.Has("ca.fetch"); standing {
		return nil, nil
	}
	root, err := e.stepCAAddress().Root(ctx)
	if err != nil {
		return nil, e.wayRound(err)
	}
	if err := breaches(rules.CA, root); err != nil {
		return nil, &InvalidError{Key: "stepca.url", Value: e.Get("stepca.url"), Err: err}
	}
	spec.Root, spec.Name = root.Raw, root.Subject.CommonName
	return []Change{{ID: "ca.fetch", Step: StepCA, Verb: Create, Noun: "CA certificate", Name: e.shown(e.World.Home.Abs(spec.Dir)),
		Detail: spec.Name + ", root of " + e.Get("stepca.url"), Spec: encodeSpec(spec),
		Commands: []Command{{Args: []string{"step", "ca", "root", "ca.pem", "--ca-url", e.Get("stepca.url"), "--fingerprint", e.Get("stepca.fingerprint")}}}}}, nil
}

// applyElsewhere writes the root, or draws the account's key.
func applyElsewhere(t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[fetchedSpec](change)
	if err != nil {
		return Made{}, err
	}
	disk, dir := t.World.Home.Disk, t.World.Home.Abs(spec.Dir)
	if err := disk.Mkdir(dir, home.DirPerm); err != nil {
		return Made{}, err
	}
	if change.ID == "ca.account" {
		key, err := pki.NewKey(pki.P256, t.World.Random)
		if err != nil {
			return Made{}, err
		}
		pem, err := pki.EncodeKey(key)
		if err != nil {
			return Made{}, err
		}
		return elsewhereMade(spec), disk.Write(filepath.Join(dir, "account.pem"), pem, home.SecretPerm)
	}
	root, err := x509.ParseCertificate(spec.Root)
	if err != nil {
		return Made{}, err
	}
	return elsewhereMade(spec), disk.Write(caCertFile(dir), pki.EncodeCertificates(root), 0o644)
}

func elsewhereMade(spec fetchedSpec) Made {
	made := Made{Noun: "CA certificate", Name: spec.Name, Ref: spec.Dir, UID: hashOf(spec.Root), Ownership: Created,
		Values: map[string]string{"ca.certificate": spec.Dir + "/ca.pem"}}
	if spec.Kind == issuerACME {
		made.Noun, made.Values = "ACME account key", map[string]string{"acme.account": spec.Dir + "/account.pem"}
	}
	return made
}

// settleElsewhere: one file, written whole or not at all.
func settleElsewhere(e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[fetchedSpec](change)
	if err != nil {
		return nil, err
	}
	made := elsewhereMade(spec)
	for _, file := range []string{made.Values["ca.certificate"], made.Values["acme.account"]} {
		if file != "" && e.World.Machine.Exists(e.World.Home.Abs(file)) {
			return &made, nil
		}
	}
	return nil, nil
}

// leafByHand is the same by hand, where openssl alone can do it.
func (e *Env) leafByHand(spec leafSpec) []Command {
	switch {
	case issuerIs(issuerOwn)(e):
		return leafCommands(e, spec)
	case ownPair(e):
		return ownCommands(e)
	}
	return nil
}
