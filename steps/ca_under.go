package steps

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/keystore/pkcs11uri"
)

// A CA that belongs to no set-up is replaced like one that does: by another below the
// same root, so that no trust anchor has to change.

// stands finds the root that a CA is to be made below, and refuses one that may not
// sign a CA. Nothing to do where there is none.
func (n *NewCA) stands() error {
	if n.under.Certificate == "" {
		if n.under.Key != "" {
			return &hintError{"make CA: a root's key, and no root", "add --under FILE with the root's certificate"}
		}
		return nil
	}
	e := n.runner.env
	certs, err := e.readCertificates(n.under.Certificate)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(c) == nil })
	switch {
	case i < 0:
		return &hintError{"make CA below " + n.under.Certificate + ": no root is in it", "name the file with the root's certificate, which has signed itself"}
	case certs[i].MaxPathLenZero:
		return &hintError{fmt.Sprintf("make CA below %s: its path length is 0, so it signs machines and no CA (RFC 5280 section 4.2.1.9)", certs[i].Subject.CommonName),
			"anywhere ca create without --under makes a CA of its own"}
	case !certs[i].NotAfter.After(e.World.Now()):
		return &hintError{"make CA below " + certs[i].Subject.CommonName + ": its life is over", "anywhere ca create without --under makes a CA of its own"}
	case certs[i].Subject.CommonName == e.Get("ca.cn"):
		return &InvalidError{Key: "ca.cn", Value: e.Get("ca.cn"), Err: errors.New("must be another name than the root's")}
	case pkcs11uri.Is(n.under.Key) && strings.Contains(n.under.Key, "pin-value"):
		return &hintError{"make CA below " + certs[i].Subject.CommonName + ": a PIN in the reference would be saved in the open", "leave pin-value out and it is asked for"}
	}
	e.root = certs[i]
	return nil
}

// putUnder opens the root's key for the CA of spec, which ends with the root at the
// latest.
func (n *NewCA) putUnder(spec *caSpec) error {
	e, root := n.runner.env, n.runner.env.root
	if root == nil {
		return nil
	}
	ref := n.under.Key
	if ref == "" {
		if beside := rootKeyBeside(filepath.Dir(n.under.Certificate)); e.World.Machine.Exists(beside) {
			ref = beside
		}
	}
	if ref == "" {
		return &hintError{"open the key of the root " + root.Subject.CommonName + ": nobody said where it lies", "add --root-key FILE"}
	}
	key, err := e.readKeyOf(root, ref, n.under.Passphrase)
	switch {
	case errors.Is(err, decode.ErrPassphraseNeeded):
		return &advised{&CAPassphraseError{Err: err}, "add --root-passphrase-file FILE"}
	case err == nil:
		err = pki.MatchKey(root, key)
	}
	if err != nil {
		return &advised{errors.Join(errors.New("open the root's key "+ref), err), "name the key of " + root.Subject.CommonName + ": --root-key FILE"}
	}
	e.rootKey, n.under.Key = key, ref
	spec.Root = &rootSpec{CommonName: root.Subject.CommonName, NotAfter: root.NotAfter.UTC(), Serial: pki.SerialOf(root), Stands: true}
	if spec.NotAfter.After(root.NotAfter) {
		spec.NotAfter = root.NotAfter.UTC()
	}
	return nil
}
