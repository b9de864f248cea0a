package steps

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"anywhere/pki"
)

// Who issues this machine's certificates.
const (
	issuerOwn    = "own"
	issuerFiles  = "files"
	issuerStepCA = "step-ca"
	issuerACME   = "acme"
	issuerCSR    = "csr"
)

// issuerIs says who issues.
func issuerIs(issuers ...string) func(*Env) bool {
	return func(e *Env) bool {
		for _, issuer := range issuers {
			if e.Get("ca.issuer") == issuer {
				return true
			}
		}
		return false
	}
}

func issuerChoices(*Env) []Choice {
	return []Choice{
		{issuerOwn, "a CA of my own", "made here, or one whose certificate and key I have"},
		{issuerCSR, "somebody else, by a request", "you hand a request over and take the answer back, days later if need be"},
		{issuerFiles, "nobody: I have a certificate", "its key, its chain and the CA's certificate are in files"},
		{issuerStepCA, "a step-ca", "by a one-time token; renewed by itself over mutual TLS"},
		{issuerACME, "an ACME server", "by a challenge to this machine's name; renewed by itself"},
	}
}

// mayAskIssuer: in the sandbox a CA of one's own is the shortest way, and where
// nobody sits at a terminal whoever wants another says so.
func mayAskIssuer(e *Env) bool { return outsideSandbox(e) && e.World.Machine.Interactive }

// issuerQuestions ask who issues and how that issuer is reached.
func issuerQuestions() []Question {
	all := []Question{
		{
			Key: "ca.issuer", Ask: "Who issues this machine's certificate?", Kind: Choose, Row: true, AskWhen: mayAskIssuer, Example: issuerOwn,
			Why:     "A CA of your own needs nothing else. A step-ca or an ACME server issues and renews without a CA key on this machine.",
			Applies: issues, Choices: issuerChoices, Default: fixed(issuerOwn),
		},
	}
	return slices.Concat(all, stepCAQuestions(), acmeQuestions(), csrQuestions(), ownPairQuestions())
}

// first is for what the first certificate needs and no later one, unless that is
// got as if it were the first.
func first(is func(*Env) bool) func(*Env) bool {
	return func(e *Env) bool { _, issued := e.Has("certificate.issue"); return is(e) && (!issued || e.enrols) }
}

func acmeQuestions() []Question {
	acme := issuerIs(issuerACME)
	return []Question{
		{
			Key: "acme.directory", Ask: "Directory of the ACME server", Kind: Text, Example: "https://ca.example.com/acme/acme/directory",
			Why: "The address at which the server says what it offers; a step-ca has one for every ACME provisioner. Its CA becomes the trust anchor, so it must be a private one: AWS takes no public CA.", Applies: acme, Valid: validHTTPS,
		},
		{
			Key: "acme.http-address", Ask: "Address for http-01", Kind: Text, Row: true, Example: ":80",
			Why: "The server asks port 80 of the name. Empty leaves this challenge out.", Applies: acme, Default: fixed(":80"),
		},
		{
			Key: "acme.tls-address", Ask: "Address for tls-alpn-01", Kind: Text, Row: true, Example: ":443",
			Why: "The server asks port 443 of the name. Empty leaves this challenge out.", Applies: acme, Default: fixed(""),
		},
		{
			Key: "acme.tls-ca", Ask: "CA of the ACME server's own address", Kind: File, Row: true, Example: "/path/to/web-ca.pem",
			Why: "For https with the server, if its certificate there comes from another CA than it issues with and this machine does not know it. Empty: not needed.", Applies: acme, Default: fixed(""), Valid: validCertificates,
		},
		{
			Key: "acme.contact", Ask: "Mail address of the ACME account", Kind: Text, Row: true, Example: "ops@example.com",
			Why: "Some servers write to it before a certificate ends.", Applies: acme, Default: fixed(""),
		},
		{
			Key: "acme.key-id", Ask: "Key ID of an external account", Kind: Text, Row: true, Example: "kid-1",
			Why: "For servers that bind ACME accounts to accounts of their own.", Applies: acme, Default: fixed(""),
		},
		{
			Key: "acme.mac-key", Ask: "MAC key of the external account", Kind: Secret,
			Why:     "Signs the binding once, base64url. It is saved nowhere.",
			Applies: func(e *Env) bool { return first(acme)(e) && e.Get("acme.key-id") != "" }, Valid: validMAC, Exists: always,
		},
	}
}

func always(*Env) bool { return true }

var errNotEmpty = errors.New("must not be empty")

func validNotEmpty(_ *Env, text string) error {
	if text == "" {
		return errNotEmpty
	}
	return nil
}

// validMAC is the form of a MAC key: base64url, with or without padding (RFC 8555
// section 7.3.4).
func validMAC(_ *Env, text string) error {
	if _, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "=")); text == "" || err != nil {
		return errors.New("must be base64url, as the server's owner gave it")
	}
	return nil
}

func validCertificates(e *Env, file string) error {
	if file == "" {
		return nil
	}
	_, err := e.readCertificates(file)
	return err
}

func validHTTPS(_ *Env, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("must be an https address")
	}
	return nil
}

func validFingerprint(_ *Env, text string) error {
	text = strings.ReplaceAll(text, ":", "")
	if len(text) != 64 || strings.Trim(strings.ToLower(text), "0123456789abcdef") != "" {
		return errors.New("must be a SHA-256 of 64 hex digits")
	}
	return nil
}

// validLeafCN is the rule for the name; a certificate that is there already has
// its own.
func validLeafCN(e *Env, cn string) error {
	if name, known := leafName(e); !makesKey(e) && known && cn != name {
		return errors.New("must be the common name of the certificate that you have, " + name)
	}
	if c, err := readToken(e.answers.given["stepca.token"]); err == nil && issuerIs(issuerStepCA)(e) && c.Sub != cn {
		return fmt.Errorf("must be what the one-time token is for, %q", c.Sub)
	}
	return pki.ValidCommonName(cn)
}
