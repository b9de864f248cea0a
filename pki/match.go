package pki

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
)

// MismatchError says that a certificate was made for another key. AWS would
// answer such a pair with "Invalid signature" and no reason.
type MismatchError struct {
	Certificate KeyKind // the kind of key the certificate is for
	Key         KeyKind // the kind of the key given
	Subject     string  // of the certificate: text from outside
	// Show is the command that prints the public half of a key that is in no file;
	// empty for one in a file.
	Show string
}

func (e *MismatchError) Error() string {
	if e.Certificate != e.Key {
		return fmt.Sprintf("match key and certificate: the certificate is for a %s key, the key is %s", e.Certificate, e.Key)
	}
	return fmt.Sprintf("match key and certificate: the certificate is for another %s key", e.Certificate)
}

// Hint says how to see it.
func (e *MismatchError) Hint() string {
	return "compare " + cmp.Or(e.Show, "openssl pkey -in KEY -pubout") + " with openssl x509 -in CERTIFICATE -noout -pubkey"
}

// MatchKey reports whether key is the private half of the certificate's public
// key; if not, the error is a [*MismatchError]. A key that has a method Show() string
// says with it which command prints its public half.
func MatchKey(cert *x509.Certificate, key crypto.Signer) error {
	if cert == nil || key == nil {
		return errors.New("match key and certificate: one of them is missing")
	}
	pub := key.Public()
	known, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if ok && known.Equal(pub) {
		return nil
	}
	e := &MismatchError{Certificate: kindOf(cert.PublicKey), Key: kindOf(pub), Subject: cert.Subject.String()}
	if device, ok := key.(interface{ Show() string }); ok {
		e.Show = device.Show()
	}
	return e
}
