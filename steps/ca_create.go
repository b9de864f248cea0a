package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"path/filepath"
	"slices"

	"anywhere/pki"
	"anywhere/signer/home"
)

// NewCA makes a CA that belongs to no set-up and can serve several. It is asked
// for by the questions of the wizard, and made in the same way.
type NewCA struct {
	runner *Runner
}

// CreatedCA is a CA that was made; it is the document of ca create --json.
type CreatedCA struct {
	Dir         string            `json:"dir"`
	Certificate ResultCertificate `json:"certificate"` // of the CA that issues
	// Anchor is the certificate for a trust anchor: the root above it, or itself.
	Anchor ResultCertificate `json:"anchor"`
	// Key is the file of the key, RootKey that of the root's; empty: never written.
	Key     string `json:"key,omitempty"`
	RootKey string `json:"rootKey,omitempty"`
	// Setup is what to type to use it.
	Setup []string `json:"setup"`
}

// caKeys are the questions about a CA alone.
var caKeys = []string{
	"ca.shape", "ca.root-protection", "ca.root-file", "ca.root-passphrase", "ca.root-cn", "ca.root-life",
	"ca.protection", "ca.passphrase", "ca.external-file", "ca.cn", "ca.key", "ca.life",
}

// BeginCA begins a CA called name with what is answered already. Of the answers
// only those about a CA are taken; another one is an [*UnknownKeyError].
func BeginCA(world World, name string, given map[string]string) (*NewCA, error) {
	for key := range given {
		if !slices.Contains(caKeys, key) {
			return nil, &UnknownKeyError{key}
		}
	}
	r, err := NewRunner(world, Road(), given)
	if err != nil {
		return nil, err
	}
	if r.env.ID, err = newID(world.Random); err != nil {
		return nil, err
	}
	r.env.Setup = name
	r.env.Site = &Site{Mode: home.ModeAWS} // it is not for practice, so its key is taken care of
	return &NewCA{r}, nil
}

// Next is the next question without an answer; nil if there is none.
func (n *NewCA) Next() (*Asked, error) {
	r := n.runner
	for _, key := range caKeys {
		q := r.env.question(key)
		if q.Applies != nil && !q.Applies(r.env) {
			continue
		}
		value, given := r.answers.given[key]
		if !given && q.isAsked(r.env) {
			a := r.ask(StepCA, q)
			if key == "ca.protection" {
				a.Choices = slices.DeleteFunc(a.Choices, func(c Choice) bool { return c.Value == protectDestroy })
			}
			return &a, nil
		}
		if given {
			if err := r.check(q, value); err != nil {
				return nil, err
			}
		}
		if key == "ca.protection" && value == protectDestroy {
			return nil, &InvalidError{Key: key, Value: value, Err: errors.New("a CA without a key issues nothing; in anywhere setup it can be, for one certificate")}
		}
	}
	return nil, nil
}

// Answer takes the answer to a question.
func (n *NewCA) Answer(ctx context.Context, key, value string) error {
	return n.runner.Answer(ctx, key, value)
}

// Missing is the error where nobody can be asked; nil if all is answered.
func (n *NewCA) Missing() error {
	q, err := n.Next()
	if err == nil && q != nil {
		err = &MissingError{[]Asked{*q}}
	}
	return err
}

// Make makes the CA. Its certificate is written last: a directory without one is
// what a run that was killed has left.
func (n *NewCA) Make() (CreatedCA, error) {
	e := n.runner.env
	spec, err := newCASpec(e, filepath.Join("ca", e.ID8()))
	if err != nil {
		return CreatedCA{}, err
	}
	var key crypto.Signer
	tools := &Tools{Env: e, Say: func(string) {}, CAKey: &key}
	made, err := makeCA(tools, spec)
	if err != nil {
		return CreatedCA{}, err
	}
	e.Standing = append(e.Standing, made)
	ca, err := e.caCertificate()
	if err != nil {
		return CreatedCA{}, err
	}
	anchor, err := e.anchorCertificate()
	if err != nil {
		return CreatedCA{}, err
	}
	dir := e.World.Home.Abs(spec.Dir)
	out := CreatedCA{Dir: dir, Certificate: certificateAt(caCertFile(dir), ca), Anchor: certificateAt(caCertFile(dir), anchor), Key: e.caKeyFile()}
	if spec.Root != nil {
		out.Anchor.Path = rootFile(dir)
		if spec.Root.KeyFile != "" {
			out.RootKey = e.World.Home.Abs(spec.Root.KeyFile)
		}
	}
	out.Setup = []string{"anywhere", "setup", "--set", "ca.certificate=" + caCertFile(dir), "--set", "ca.private-key=" + out.Key}
	return out, nil
}

// certificateAt is a certificate as results show it.
func certificateAt(file string, cert *x509.Certificate) ResultCertificate {
	serial := pki.SerialOf(cert)
	return ResultCertificate{Path: file, Subject: cert.Subject.String(), SerialHex: serial.Hex(), SerialDecimal: serial.Decimal(), NotAfter: cert.NotAfter.UTC()}
}
