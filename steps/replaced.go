package steps

import (
	"crypto/x509"
	"maps"
	"slices"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/ledger"
)

// A CA that a set-up did not make and that another one replaces is written into the
// journal: the answers name its successor from then on, while the trust anchor may hold
// it for long, and what it issued must be revocable one by one. No file of it is copied.

const (
	changeReplaced = "ca.replaced"
	replacedCert   = "replaced.certificate" // in PEM
	replacedFile   = "replaced.file"        // that it was read from
	replacedKey    = "replaced.private-key" // file or reference
)

// noteReplaced remembers the CA that issued until now and where its key lies, unless it
// is the one that takes over or one that this set-up made.
func (r *Runner) noteReplaced(old *Made, next *x509.Certificate) error {
	if old == nil || old.UID == hashOf(next.Raw) {
		return nil
	}
	made := *old
	if err := r.add(Entry{Did: &made}); err != nil {
		return err
	}
	r.env.Standing = append(r.env.Standing, made)
	return nil
}

// usedUntilNow describes the imported CA that issues; nil if there is none, and if its
// file is gone: then it is known from the trust anchor alone.
func (e *Env) usedUntilNow() *Made {
	if e.importedCA() == "" {
		return nil
	}
	ca, err := e.caCertificate()
	if err != nil {
		return nil
	}
	return &Made{Change: changeReplaced, Step: StepCA, Noun: "CA", Name: ca.Subject.CommonName, UID: hashOf(ca.Raw), Ownership: Used,
		Values: map[string]string{replacedCert: string(pki.EncodeCertificates(ca)), replacedFile: e.importedCA(), replacedKey: e.Get("ca.private-key")}}
}

// replacedCAs are the imported ones that another CA has replaced, each once, with the
// key that was named last.
func (e *Env) replacedCAs() []pastCA {
	var all []pastCA
	seen := map[string]int{}
	for _, made := range e.Standing {
		if made.Change != changeReplaced {
			continue
		}
		certs, err := decode.Certificates([]byte(made.Values[replacedCert]))
		if err != nil {
			continue // a journal line of somebody else's making
		}
		past := pastCA{ca: certs[0], key: made.Values[replacedKey], book: ledger.Ledger{Dir: e.World.Home.CA(hashOf(certs[0].Raw)[:16]), Disk: e.World.Home.Disk}}
		if i, again := seen[made.UID]; again {
			all[i] = past
			continue
		}
		seen[made.UID] = len(all)
		all = append(all, past)
	}
	return all
}

// readFrom are the files that answers and replaced CAs name.
func (r *Runner) readFrom() []string {
	all := slices.Collect(maps.Values(r.savable()))
	for _, made := range r.env.Standing {
		if made.Change == changeReplaced {
			all = append(all, made.Values[replacedFile], made.Values[replacedKey])
		}
	}
	return all
}
