package home

import (
	"crypto/x509"
	"fmt"

	"anywhere/signer/keystore"
	"anywhere/signer/session"
)

// ReadIdentity reads session.json and the key that it points to. Both are
// refused if another user could have written them, the key also if another user
// could have read it.
//
// passphrase is called only if the key is locked; nil means that there is none.
func (h Home) ReadIdentity(s Setup, passphrase func() ([]byte, error)) (Session, session.Identity, error) {
	file, err := h.ReadSession(s)
	if err != nil {
		return Session{}, session.Identity{}, err
	}
	id, err := file.Identity(s.Dir, passphrase)
	return file, id, err
}

// Identity parses the certificates of s and opens its key; dir is the directory
// of session.json.
func (s Session) Identity(dir string, passphrase func() ([]byte, error)) (session.Identity, error) {
	return s.IdentityIn(dir, keystore.Store{Passphrase: passphrase})
}

// IdentityIn is Identity with a key that store opens.
func (s Session) IdentityIn(dir string, store keystore.Store) (session.Identity, error) {
	cert, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return session.Identity{}, fmt.Errorf("read certificate in session.json: %w", err)
	}
	id := session.Identity{Certificate: cert}
	for _, der := range s.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return session.Identity{}, fmt.Errorf("read chain in session.json: %w", err)
		}
		id.Chain = append(id.Chain, cert)
	}
	store.Public = cert.PublicKey
	id.Key, err = store.Open(s.Key, dir)
	return id, err
}
