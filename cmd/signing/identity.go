package signing

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
	"anywhere/signer/keystore"
	"anywhere/signer/session"
)

// keyRef is where the key is: a file or a URI.
func (o options) keyRef() string {
	if o.privateKey != "" {
		return o.privateKey
	}
	return o.certificate
}

// identity makes certificate, chain and key of the files' contents.
func (o options) identity(w World, certificate, more []byte, locked *bool) (session.Identity, error) {
	if o.inToken() {
		return o.tokenIdentity(w, more, locked)
	}
	ask := o.passphrase.ask(w, locked)
	if decode.IsPKCS12(certificate) && o.privateKey == "" {
		return o.container(certificate, more, ask)
	}
	certs, err := decode.Certificates(certificate)
	if err != nil {
		return session.Identity{}, fmt.Errorf("read certificate %s: %w", o.certificate, err)
	}
	if len(certs) == 0 {
		return session.Identity{}, fmt.Errorf("read %s: no certificate in it", o.certificate)
	}
	var extra []*x509.Certificate
	if len(more) > 0 {
		if extra, err = decode.Certificates(more); err != nil {
			return session.Identity{}, fmt.Errorf("read certificate %s: %w", o.intermediates, err)
		}
	}
	store := o.store(w, o.keyRef(), locked)
	store.Public = certs[0].PublicKey
	var key crypto.Signer
	if o.privateKey == "" {
		key, err = store.Parse(o.certificate, certificate)
	} else {
		key, err = store.OpenFile(o.privateKey)
	}
	if err != nil {
		return session.Identity{}, err
	}
	*locked = *locked || keystore.InHardware(key)
	certs = leafFirst(certs, key)
	return session.Identity{Certificate: certs[0], Chain: o.chain(certs[0], append(certs[1:], extra...)), Key: key}, nil
}

// leafFirst puts the key's certificate before the others: some write a chain from
// the root down. Without one all stays as it is, which the caller finds wrong.
func leafFirst(certs []*x509.Certificate, key crypto.Signer) []*x509.Certificate {
	at := 0
	if len(certs) > 1 {
		at = slices.IndexFunc(certs, func(c *x509.Certificate) bool { return pki.MatchKey(c, key) == nil })
	}
	if at <= 0 {
		return certs
	}
	return slices.Concat(certs[at:at+1], certs[:at], certs[at+1:])
}

// container opens a PKCS #12 file, which holds everything.
func (o options) container(data, more []byte, ask func() ([]byte, error)) (session.Identity, error) {
	all, err := pkcs12.Decode(data, ask)
	if err != nil {
		return session.Identity{}, fmt.Errorf("open %s: %w", o.certificate, err)
	}
	pool := all.Others
	if len(more) > 0 {
		extra, err := decode.Certificates(more)
		if err != nil {
			return session.Identity{}, fmt.Errorf("read certificate %s: %w", o.intermediates, err)
		}
		pool = append(pool, extra...)
	}
	return session.Identity{Certificate: all.Certificate, Chain: o.chain(all.Certificate, pool), Key: all.Key}, nil
}
