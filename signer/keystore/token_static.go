//go:build !pkcs11 || !(linux || darwin)

package keystore

import (
	"crypto"
	"crypto/x509"
	"runtime"
)

const loadsModules = false

// openToken says what is missing: a program that loads modules cannot be static.
func (s Store) openToken(ref string) (crypto.Signer, error) {
	return nil, unsupported(ref)
}

// Certificates says what is missing.
func (s Store) Certificates(ref string) ([]TokenCertificate, []*x509.Certificate, error) {
	return nil, nil, unsupported(ref)
}

func unsupported(ref string) error {
	uri, err := parsedURI(ref)
	if err != nil {
		return err
	}
	return &UnsupportedError{Ref: uri.String(), Needs: "PKCS #11", Get: archive(runtime.GOOS, runtime.GOARCH)}
}

// archive is the file of the release whose programs load modules, as
// goreleaser.yaml names it; empty where there is none.
func archive(goos, goarch string) string {
	if goos == "windows" {
		return ""
	}
	return "anywhere-pkcs11_VERSION_" + goos + "_" + goarch + ".tar.gz"
}
