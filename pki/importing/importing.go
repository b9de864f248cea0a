// Package importing sorts out certificates and keys that somebody already has:
// files in any format, many in one or one in many, folders and pasted text.
//
// [Sort] finds out what is a root, an intermediate, a machine's certificate and a
// key, which belong together, in which order they must be sent, and what is
// missing. Names of files and the order in them mean nothing.
//
// It reads bytes; [Read] brings files together within limits. It judges no rule of
// Roles Anywhere, writes nothing and asks only for passphrases.
package importing

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
)

// Input is one file or pasted text.
type Input struct {
	Name string // for messages: a path, or "standard input"
	Data []byte
}

// Sorted is what was found.
type Sorted struct {
	// Leaf is the machine's certificate; Chain leads from it upwards, issuer
	// first, without Root.
	Leaf  *x509.Certificate
	Chain []*x509.Certificate
	// Key is Leaf's.
	Key *Key
	// Root is the self-signed certificate at the top; nil if it is not here.
	Root *x509.Certificate
	// CAs are all certificates that may issue, those of Chain and Root included,
	// the lowest first; CAKeys the keys of some of them.
	CAs    []*x509.Certificate
	CAKeys []Key
	// Others are certificates of further machines.
	Others []*x509.Certificate

	Duplicates int
	Skipped    []Skipped
	// Missing says what is not here and would be needed, as sentences.
	Missing []string
}

// Key is a private key and where it was found.
type Key struct {
	Signer      crypto.Signer
	From        string
	Certificate *x509.Certificate // nil if none of them is its
}

// Skipped is an input that holds nothing to use.
type Skipped struct {
	Name string
	Why  error
}

// Sort puts inputs in order. passphrase is asked once for each locked input, by
// its name; nil means that nobody can be asked.
//
// An input that cannot be read, or whose key cannot, is in Skipped with its
// reason; if nothing at all
// could be read, the error is the first of those reasons.
func Sort(inputs []Input, passphrase func(name string) ([]byte, error)) (Sorted, error) {
	var s Sorted
	var certs []*x509.Certificate
	var keys []Key
	for _, in := range inputs {
		if len(in.Data) <= decode.MaxSize {
			in.Data = unwrapped(in.Data)
		}
		found, signers, err := read(in, passphrase)
		if err != nil {
			s.Skipped = append(s.Skipped, Skipped{in.Name, err})
		}
		for _, key := range signers {
			if !slices.ContainsFunc(keys, func(k Key) bool { return same(k.Signer, key) }) {
				keys = append(keys, Key{Signer: key, From: in.Name})
			}
		}
		for _, cert := range found {
			if slices.ContainsFunc(certs, cert.Equal) {
				s.Duplicates++
				continue
			}
			certs = append(certs, cert)
		}
	}
	if len(certs) == 0 && len(keys) == 0 {
		if len(s.Skipped) > 0 {
			return s, fmt.Errorf("import %s: %w", s.Skipped[0].Name, s.Skipped[0].Why)
		}
		return s, errors.New("import: nothing was given")
	}
	s.arrange(certs, keys)
	return s, nil
}

func same(a, b crypto.Signer) bool {
	key, ok := a.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b.Public())
}

// read takes certificates and keys out of one input; the error says why there
// are neither, or why a key beside the certificates cannot be used.
func read(in Input, passphrase func(string) ([]byte, error)) ([]*x509.Certificate, []crypto.Signer, error) {
	var ask func() ([]byte, error)
	if passphrase != nil {
		ask = func() ([]byte, error) { return passphrase(in.Name) }
	}
	if decode.IsPKCS12(in.Data) {
		return readPKCS12(in.Data, ask)
	}
	certs, notCerts := decode.Certificates(in.Data)
	if notCerts != nil && !errors.Is(notCerts, decode.ErrNotACertificate) {
		if what := somethingElse(in.Data); what != nil {
			return nil, nil, what
		}
		return nil, nil, notCerts
	}
	keys, notKey := decode.Keys(in.Data, ask)
	switch {
	case notKey == nil, errors.Is(notKey, decode.ErrNotAKey) && notCerts == nil:
		return certs, keys, nil
	case !errors.Is(notKey, decode.ErrNotAKey):
		return certs, keys, notKey // the certificates beside a locked key are of use
	}
	return nil, nil, neither(in.Data)
}

func readPKCS12(data []byte, ask func() ([]byte, error)) ([]*x509.Certificate, []crypto.Signer, error) {
	if ask != nil {
		ask = sync.OnceValues(ask)
	}
	contents, err := pkcs12.Decode(data, ask)
	if errors.Is(err, decode.ErrNotAKey) {
		certs, err := pkcs12.Certificates(data, ask)
		return certs, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	return append([]*x509.Certificate{contents.Certificate}, contents.Others...), []crypto.Signer{contents.Key}, nil
}

// ErrNothing says that an input is none of those that are sorted out here.
var ErrNothing = errors.New("no certificate and no private key is in it")

// neither names what a file is that holds neither certificate nor key.
func neither(data []byte) error {
	if what := somethingElse(data); what != nil {
		return what
	}
	return ErrNothing
}

// somethingElse names what a file says that it is, if that is of no use here.
func somethingElse(data []byte) error {
	for _, known := range []struct{ mark, what string }{
		{"CERTIFICATE REQUEST-----", "a certificate request; its answer is wanted"},
		{"-----BEGIN X509 CRL-----", "a revocation list; anywhere ca crl --import takes it"},
		{"PUBLIC KEY-----", "a public key; the private one is wanted"},
		{"PARAMETERS-----", "key parameters alone"},
	} {
		if bytes.Contains(data, []byte(known.mark)) {
			return errors.New("it is " + known.what)
		}
	}
	return nil
}

// arrange tells apart what was read.
func (s *Sorted) arrange(certs []*x509.Certificate, keys []Key) {
	var leaves []*x509.Certificate
	for _, cert := range certs {
		if cert.IsCA || selfSigned(cert) {
			s.CAs = append(s.CAs, cert)
		} else {
			leaves = append(leaves, cert)
		}
	}
	slices.SortStableFunc(s.CAs, func(a, b *x509.Certificate) int {
		switch {
		case a.CheckSignatureFrom(b) == nil && !selfSigned(a):
			return -1
		case b.CheckSignatureFrom(a) == nil && !selfSigned(b):
			return 1
		}
		return 0
	})
	for _, key := range keys {
		for _, cert := range certs {
			if pki.MatchKey(cert, key.Signer) == nil && (key.Certificate == nil || cert.NotAfter.After(key.Certificate.NotAfter)) {
				key.Certificate = cert
			}
		}
		if key.Certificate != nil && slices.Contains(s.CAs, key.Certificate) {
			s.CAKeys = append(s.CAKeys, key)
			continue
		}
		if s.Key == nil || s.Key.Certificate == nil {
			s.Key = &key
		}
	}
	s.chooseLeaf(leaves)
	s.climb()
	s.miss()
}

func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawSubject, cert.RawIssuer) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// chooseLeaf takes the certificate whose key is here, or else the only one.
func (s *Sorted) chooseLeaf(leaves []*x509.Certificate) {
	switch {
	case s.Key != nil && s.Key.Certificate != nil:
		s.Leaf = s.Key.Certificate
	case len(leaves) == 1:
		s.Leaf = leaves[0]
	}
	for _, cert := range leaves {
		if cert != s.Leaf {
			s.Others = append(s.Others, cert)
		}
	}
}

// climb follows the issuers upwards.
func (s *Sorted) climb() {
	top := s.Leaf
	if top != nil {
		s.Chain = pki.Above(top, s.CAs)
	} else if len(s.CAs) > 0 {
		top = s.CAs[0]
		if above := pki.Above(top, s.CAs); len(above) > 0 {
			top = above[len(above)-1]
		}
	}
	if len(s.Chain) > 0 {
		top = s.Chain[len(s.Chain)-1]
	}
	for _, ca := range s.CAs {
		if selfSigned(ca) && top != nil && (ca == top || top.CheckSignatureFrom(ca) == nil) {
			s.Root = ca
		}
	}
}

// miss says what is wanted and not here.
func (s *Sorted) miss() {
	add := func(format string, args ...any) { s.Missing = append(s.Missing, fmt.Sprintf(format, args...)) }
	if s.Leaf != nil && (s.Key == nil || s.Key.Certificate != s.Leaf) {
		add("the private key of %s", s.Leaf.Subject)
	}
	if s.Key != nil && s.Key.Certificate == nil {
		add("the certificate of the key in %s", s.Key.From)
	}
	if s.Leaf == nil && len(s.Others) > 1 {
		add("a private key, to tell which of %d certificates is this machine's", len(s.Others))
	}
	if s.Leaf != nil && s.Root == nil && len(s.Chain) == 0 {
		add("the certificate of %s, which issued %s", s.Leaf.Issuer, s.Leaf.Subject)
	}
}

// Anchor is the certificate that a trust anchor should hold: the root, or the
// highest CA that is here. Nil if there is none.
func (s *Sorted) Anchor() *x509.Certificate {
	switch {
	case s.Root != nil:
		return s.Root
	case len(s.Chain) > 0:
		return s.Chain[len(s.Chain)-1]
	case len(s.CAs) > 0:
		return s.CAs[len(s.CAs)-1]
	}
	return nil
}

// Issuer is the CA that this machine's certificates come from: the one whose key
// is here, or the issuer of Leaf, or the lowest. Nil if there is none.
func (s *Sorted) Issuer() *x509.Certificate {
	switch {
	case len(s.CAKeys) > 0:
		return s.CAKeys[0].Certificate
	case len(s.Chain) > 0:
		return s.Chain[0]
	case s.Leaf != nil && s.Root != nil:
		return s.Root
	case len(s.CAs) > 0:
		return s.CAs[0]
	}
	return nil
}
