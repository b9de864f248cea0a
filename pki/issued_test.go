package pki

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAnAnswerOfAnIssuerIsCheckedBeforeItIsUsed(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	caKey := must(NewKey(P256, rand.Reader))
	ca := must(NewCA(CASpec{Name: Name{CommonName: "ca"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}, caKey, rand.Reader))
	other := must(NewCA(CASpec{Name: Name{CommonName: "other"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}, caKey, rand.Reader))
	key, stranger := must(NewKey(P256, rand.Reader)), must(NewKey(P256, rand.Reader))
	spec := LeafSpec{Name: Name{CommonName: "box"}, NotBefore: now, NotAfter: now.AddDate(0, 1, 0)}
	leaf := must(IssueLeaf(spec, key.Public(), ca, caKey, rand.Reader))
	join := func(parts ...[]byte) (all []byte) {
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	got, err := ReadIssued(join(leaf.Raw, ca.Raw), spec, key.Public())
	if err != nil || !got.Certificate.Equal(leaf) || len(got.Chain) != 0 {
		t.Errorf("got %d in the chain, %v; want the root left out", len(got.Chain), err)
	}
	for name, c := range map[string]struct {
		der  []byte
		pub  any
		want string
	}{
		"for another key":           {leaf.Raw, stranger.Public(), "another key"},
		"nothing":                   {nil, key.Public(), "there is none"},
		"noise after it":            {join(leaf.Raw, []byte("x")), key.Public(), "read issued certificate"},
		"a chain that does not fit": {join(leaf.Raw, other.Raw), key.Public(), "has not issued the one before it"},
		"a CA":                      {ca.Raw, caKey.Public(), `its common name is "ca"`},
	} {
		if _, err := ReadIssued(c.der, spec, c.pub); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	asCA := spec
	asCA.Name.CommonName = "ca"
	if _, err := ReadIssued(ca.Raw, asCA, caKey.Public()); err == nil {
		t.Error("a CA was taken for a machine's certificate")
	} else if _, typed := errors.AsType[*BreachError](err); !typed {
		t.Errorf("got %v", err)
	}
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}
