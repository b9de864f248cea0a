package signer

import (
	"crypto/rand"
	"testing"
	"time"

	"anywhere/pki"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

const (
	anchorARN  = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/11111111-2222-3333-4444-555555555555"
	profileARN = "arn:aws:rolesanywhere:us-east-1:000000000000:profile/11111111-2222-3333-4444-666666666666"
	roleARN    = "arn:aws:iam::000000000000:role/path/lab"
)

// lab makes an identity whose certificate a CA of its own issued.
func lab(t testing.TB, kind pki.KeyKind) Identity {
	t.Helper()
	caKey := must(pki.NewKey("p-256", rand.Reader))
	serial := must(pki.NewSerial(rand.Reader))
	ca := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "lab CA"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(1, 0, 0), Serial: serial}, caKey, rand.Reader))
	key := must(pki.NewKey(kind, rand.Reader))
	spec := pki.LeafSpec{Name: pki.Name{CommonName: "lab"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(0, 1, 0), Serial: must(pki.NewSerial(rand.Reader))}
	return Identity{Certificate: must(pki.IssueLeaf(spec, key.Public(), ca, caKey, rand.Reader)), Key: key}
}

// must hands on a value that cannot be missing in a test.
func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}
