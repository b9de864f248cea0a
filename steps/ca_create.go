package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"anywhere/pki"
	"anywhere/signer/home"
)

// NewCA makes a CA that belongs to no set-up and can serve several. It is asked
// for by the questions of the wizard, and made in the same way.
type NewCA struct {
	runner *Runner
	begun  *begunCA // by a run that was stopped; nil if there was none
	whole  *Made    // that run had written everything
	lock   *home.Lock
	under  Under
}

// Under is the root below which a CA is made, where that stands already.
type Under struct {
	// Certificate is a file with the root's certificate, alone or with a CA below it;
	// Key is the file or reference of its key. Empty: a CA of its own.
	Certificate, Key string
	Passphrase       func() ([]byte, error) // opens the key
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
	// Resumed says that a run which was stopped had begun it. Unused are files with
	// keys that it wrote and that belong to no CA, because the answers are others now.
	Resumed bool     `json:"resumed,omitempty"`
	Unused  []string `json:"unused,omitempty"`
}

// caKeys are the questions about a CA alone.
var caKeys = []string{
	"ca.shape", "ca.root-protection", "ca.root-file", "ca.root-passphrase", "ca.root-cn", "ca.root-life",
	"ca.protection", "ca.passphrase", "ca.external-file", "ca.cn", "ca.key", "ca.life",
}

// BeginCA begins a CA called name with what is answered already, or goes on with one
// that a run which was stopped has begun. Of the answers only those about a CA are
// taken; another one is an [*UnknownKeyError].
func BeginCA(world World, name string, given map[string]string, under Under) (*NewCA, error) {
	for key := range given {
		if !slices.Contains(caKeys, key) {
			return nil, &UnknownKeyError{key}
		}
		if under.Certificate != "" && (key == "ca.shape" || strings.HasPrefix(key, "ca.root-")) {
			return nil, &InvalidError{Key: key, Value: given[key], Err: errors.New("the root stands already")}
		}
	}
	r, err := NewRunner(world, Road(), given)
	if err != nil {
		return nil, err
	}
	e := r.env
	e.Setup = name
	e.Site = &Site{Mode: home.ModeAWS} // it is not for practice, so its key is taken care of
	n := &NewCA{runner: r, under: under}
	if n.begun, err = begunNamed(world.Home, name); err != nil {
		return nil, err
	}
	if n.begun == nil {
		e.ID, err = newID(world.Random)
		return n, errors.Join(err, n.stands())
	}
	return n, n.resume()
}

// resume takes what the stopped run was told.
func (n *NewCA) resume() (err error) {
	r, e, name := n.runner, n.runner.env, n.begun.Name
	if n.under.Certificate == "" {
		n.under.Certificate = n.begun.Under
	}
	if n.under.Key == "" {
		n.under.Key = n.begun.UnderKey
	}
	e.ID, e.Begun = n.begun.ID, []Change{n.begun.change()}
	if n.whole, err = settleCA(context.Background(), e, e.Begun[0]); err != nil {
		return err
	}
	for key, value := range n.begun.Answers {
		now, again := r.answers.given[key]
		if n.whole != nil && again && now != value {
			return &hintError{fmt.Sprintf("make CA %s: a run that was stopped has made it, with %s = %s", name, key, value),
				"leave the answers out to be told where it lies; another CA needs another name"}
		}
		if !again {
			r.answers.given[key] = value
		}
	}
	if n.whole != nil {
		return nil
	}
	return n.stands()
}

// Next is the next question without an answer; nil if there is none.
func (n *NewCA) Next() (*Asked, error) {
	r := n.runner
	if n.whole != nil {
		return nil, nil
	}
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

// Make makes the CA, or what a run that was stopped has left out of it. Another run
// at the same time is refused with [home.ErrBusy]. Once its result is told, Told
// ends it.
func (n *NewCA) Make() (out CreatedCA, err error) {
	e := n.runner.env
	if n.lock, err = e.lockCAs(); err != nil {
		return out, err
	}
	defer func() {
		if err != nil {
			_ = n.lock.Remove(e.World.Home) // left behind it keeps nobody away
		}
	}()
	now, err := begunNamed(e.World.Home, e.Setup)
	if err != nil {
		return out, err
	}
	if (now == nil) != (n.begun == nil) || now != nil && now.ID != n.begun.ID {
		return out, &MovedError{"CA " + e.Setup, "another run of ca create was at work on it"}
	}
	made, unused := n.whole, []string(nil)
	if made == nil {
		if made, unused, err = n.make(); err != nil {
			return out, err
		}
	}
	e.Standing = append(e.Standing, *made)
	out, err = n.describe(*made)
	out.Resumed, out.Unused = n.begun != nil, unused
	return out, err
}

// Told ends the making: the CA stands, and somebody knows where. Until then the next
// run tells it again.
func (n *NewCA) Told() error {
	h := n.runner.env.World.Home
	return errors.Join(begunCA{ID: n.runner.env.ID}.end(h), n.lock.Remove(h))
}

// make writes down what will be made and makes it. The certificate is written last.
func (n *NewCA) make() (*Made, []string, error) {
	e := n.runner.env
	spec, err := newCASpec(e, filepath.Join("ca", e.ID8()))
	if err != nil {
		return nil, nil, err
	}
	var key crypto.Signer
	tools := &Tools{Env: e, Say: func(string) {}, CAKey: &key}
	if err := n.putUnder(&spec); err != nil {
		return nil, nil, err
	}
	next := begunCA{SchemaVersion: begunSchema, Name: e.Setup, ID: e.ID, Answers: n.runner.savable(), Spec: spec, Under: n.under.Certificate, UnderKey: n.under.Key}
	var unused []string
	if n.begun != nil {
		if err := clearCA(context.Background(), tools, n.begun.change()); err != nil {
			return nil, nil, err
		}
		unused = slices.DeleteFunc(n.begun.keys(), func(file string) bool {
			return slices.Contains(next.keys(), file) || !e.World.Machine.Exists(file)
		})
	}
	if err := next.begin(e.World.Home); err != nil {
		return nil, nil, err
	}
	made, err := makeCA(tools, spec)
	return &made, unused, err
}

// describe is what stands, for people and programs.
func (n *NewCA) describe(made Made) (CreatedCA, error) {
	e := n.runner.env
	dir := e.World.Home.Abs(made.Ref)
	certs, err := e.readCertificates(caCertFile(dir))
	if err != nil {
		return CreatedCA{}, err
	}
	ca, anchor := certs[0], certs[len(certs)-1]
	out := CreatedCA{Dir: dir, Certificate: certificateAt(caCertFile(dir), ca), Anchor: certificateAt(caCertFile(dir), anchor), Key: e.caKeyFile()}
	if made.Values["ca.root"] != "" {
		out.Anchor.Path = rootFile(dir)
		if key := made.Values["ca.root-key"]; key != "" {
			out.RootKey = e.World.Home.Abs(key)
		}
	}
	if n.under.Certificate != "" {
		out.Anchor.Path, out.RootKey = n.under.Certificate, n.under.Key
	}
	out.Setup = []string{"anywhere", "setup", "--set", "ca.certificate=" + caCertFile(dir), "--set", "ca.private-key=" + out.Key}
	return out, nil
}

// certificateAt is a certificate as results show it.
func certificateAt(file string, cert *x509.Certificate) ResultCertificate {
	serial := pki.SerialOf(cert)
	return ResultCertificate{Path: file, Subject: cert.Subject.String(), SerialHex: serial.Hex(), SerialDecimal: serial.Decimal(), NotAfter: cert.NotAfter.UTC()}
}
