package signing

import (
	"crypto/x509"
	"fmt"
	"strings"

	"anywhere/pki/decode"
	"anywhere/signer/keystore"
	"anywhere/signer/session"
)

// passphraseFrom says where a locked key's passphrase is.
type passphraseFrom struct {
	argument, file, env string
}

// ask returns the function that reads the passphrase, or nil if none was given.
func (p passphraseFrom) ask(w World) func() ([]byte, error) {
	switch {
	case p.file != "":
		return func() ([]byte, error) {
			data, err := keystore.ReadFile(p.file)
			line, _, _ := strings.Cut(string(data), "\n")
			return []byte(strings.TrimSuffix(line, "\r")), err
		}
	case p.env != "":
		return func() ([]byte, error) {
			if w.Getenv(p.env) == "" {
				return nil, fmt.Errorf("read passphrase: environment variable %s is empty", p.env)
			}
			return []byte(w.Getenv(p.env)), nil
		}
	case p.argument != "":
		return func() ([]byte, error) { return []byte(p.argument), nil }
	}
	return nil
}

// identity reads certificate, chain and key from the files that the flags name.
func (o options) identity(w World) (session.Identity, error) {
	certs, err := readCertificates(o.certificate)
	if err != nil {
		return session.Identity{}, err
	}
	if len(certs) == 0 {
		return session.Identity{}, fmt.Errorf("read %s: no certificate in it", o.certificate)
	}
	more := certs[1:]
	if o.intermediates != "" {
		extra, err := readCertificates(o.intermediates)
		if err != nil {
			return session.Identity{}, err
		}
		more = append(more, extra...)
	}
	ref := o.privateKey
	if ref == "" {
		ref = o.certificate
	}
	key, err := keystore.OpenFile(ref, o.passphrase.ask(w))
	if err != nil {
		return session.Identity{}, err
	}
	return session.Identity{Certificate: certs[0], Chain: session.OrderChain(certs[0], more), Key: key}, nil
}

func readCertificates(path string) ([]*x509.Certificate, error) {
	data, err := keystore.ReadFile(path)
	if err != nil {
		return nil, err
	}
	certs, err := decode.Certificates(data)
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", path, err)
	}
	return certs, nil
}
