package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"

	"anywhere/awsapi"
	"anywhere/pki"
)

// A chain in session.json that runs from the root down is put in order on demand.
func TestAChainIsPutInOrder(t *testing.T) {
	s := newShop(t)
	session, id, err := s.homeDir().ReadIdentity(s.place(), nil)
	if err != nil {
		t.Fatal(err)
	}
	began, ends := id.Certificate.NotBefore, id.Certificate.NotAfter
	authority := func(name string) pki.CASpec {
		return pki.CASpec{Name: pki.Name{CommonName: name}, PathLen: -1, NotBefore: began, NotAfter: ends.AddDate(1, 0, 0), Serial: must(pki.NewSerial(rand.Reader))}
	}
	rootKey, upperKey, lowerKey := must(pki.NewKey(pki.P256, rand.Reader)), must(pki.NewKey(pki.P256, rand.Reader)), must(pki.NewKey(pki.P256, rand.Reader))
	root := must(pki.NewCA(authority("root"), rootKey, rand.Reader))
	under := func(name string, pub crypto.PublicKey, parent *x509.Certificate, by crypto.Signer) *x509.Certificate {
		template := &x509.Certificate{SerialNumber: big.NewInt(7001), Subject: pkix.Name{CommonName: name}, NotBefore: began, NotAfter: ends.AddDate(1, 0, 0),
			BasicConstraintsValid: true, IsCA: true, MaxPathLen: -1, KeyUsage: x509.KeyUsageCertSign}
		return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, parent, pub, by))))
	}
	upper := under("upper", upperKey.Public(), root, rootKey)
	lower := under("lower", lowerKey.Public(), upper, upperKey)
	leaf := must(pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: id.Certificate.Subject.CommonName}, NotBefore: began, NotAfter: ends, Serial: must(pki.NewSerial(rand.Reader))},
		id.Key.Public(), lower, lowerKey, rand.Reader))
	if _, err := s.API.UpdateAnchorSource(t.Context(), session.TrustAnchorARN, awsapi.AnchorSource{Bundle: string(pki.EncodeCertificates(root))}); err != nil {
		t.Fatal(err)
	}
	session.Certificate, session.Chain = leaf.Raw, [][]byte{root.Raw, upper.Raw, lower.Raw, lower.Raw}
	if err := s.homeDir().WriteSession(s.place(), session); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(exitDone, "lab", "--no-live").with("warn"); got != "RA126 RA129" {
		t.Errorf("got warnings %q, want RA126 and RA129", got)
	}
	s.want(exitDone, "doctor", "lab", "--no-live", "--fix=RA129", "--yes")
	_, id, err = s.homeDir().ReadIdentity(s.place(), nil)
	if want := []*x509.Certificate{lower, upper}; err != nil || len(id.Chain) != 2 || !id.Chain[0].Equal(want[0]) || !id.Chain[1].Equal(want[1]) {
		t.Errorf("got a chain of %d, %v; want lower, then upper", len(id.Chain), err)
	}
	if got := s.ask(exitDone, "lab").with("warn"); got != "" {
		t.Errorf("got warnings %q after the repair", got)
	}
}
