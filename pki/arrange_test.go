package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"slices"
	"testing"

	"anywhere/pki/decode"
)

// openssl made leaf, intermediate and root, and combined.pem has the leaf's key.
func opensslChain(t *testing.T) (leaf, intermediate, root *x509.Certificate, key crypto.Signer) {
	t.Helper()
	chain, err := os.ReadFile("../testdata/pki/certificates/chain.pem")
	if err != nil {
		t.Fatal(err)
	}
	certs, err := decode.Certificates(chain)
	if err != nil {
		t.Fatal(err)
	}
	combined, err := os.ReadFile("../testdata/pki/certificates/combined.pem")
	if err != nil {
		t.Fatal(err)
	}
	key, err = decode.Key(combined, nil)
	if err != nil {
		t.Fatal(err)
	}
	return certs[0], certs[1], certs[2], key
}

func TestChainsAreArranged(t *testing.T) {
	leaf, intermediate, root, key := opensslChain(t)
	stranger, _ := testCA(t)
	for name, tt := range map[string]struct{ given, want []*x509.Certificate }{
		"in order":           {[]*x509.Certificate{leaf, intermediate, root}, []*x509.Certificate{intermediate}},
		"reversed":           {[]*x509.Certificate{root, intermediate, leaf}, []*x509.Certificate{intermediate}},
		"each twice":         {[]*x509.Certificate{leaf, leaf, intermediate, intermediate, root, root}, []*x509.Certificate{intermediate}},
		"with a stranger":    {[]*x509.Certificate{stranger, leaf, intermediate}, []*x509.Certificate{intermediate}},
		"alone":              {[]*x509.Certificate{leaf}, nil},
		"with a gap between": {[]*x509.Certificate{root, leaf}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, chain, err := Arrange(tt.given, key)
			if err != nil || !got.Equal(leaf) {
				t.Fatalf("got leaf %v, %v", got, err)
			}
			if !slices.EqualFunc(chain, tt.want, (*x509.Certificate).Equal) {
				t.Errorf("got a chain of %d, want %d", len(chain), len(tt.want))
			}
		})
	}
}

func TestTheLaterOfTwoRenewalsIsTaken(t *testing.T) {
	ca, caKey := testCA(t)
	key := mustKey(t, P256)
	var certs []*x509.Certificate
	for _, months := range []int{1, 3, 2} {
		spec := leafSpec()
		spec.NotAfter = noon.AddDate(0, months, 0)
		cert, err := IssueLeaf(spec, key.Public(), ca, caKey, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		certs = append(certs, cert)
	}
	if leaf, _, err := Arrange(certs, key); err != nil || !leaf.Equal(certs[1]) {
		t.Errorf("got one that ends at %v, %v", leaf.NotAfter, err)
	}
}

func TestNothingIsArrangedForAnotherKey(t *testing.T) {
	leaf, _, _, _ := opensslChain(t)
	_, _, err := Arrange([]*x509.Certificate{leaf}, mustKey(t, P256))
	if _, ok := errors.AsType[*MismatchError](err); !ok {
		t.Errorf("got %v, want a MismatchError", err)
	}
	if _, _, err := Arrange(nil, mustKey(t, P256)); err == nil {
		t.Error("nothing was arranged")
	}
}
