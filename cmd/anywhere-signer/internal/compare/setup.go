package main

import (
	"crypto/rand"
	"path/filepath"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
)

const (
	anchorARN  = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/00000000-0000-0000-0000-000000000001"
	profileARN = "arn:aws:rolesanywhere:us-east-1:000000000000:profile/00000000-0000-0000-0000-000000000002"
	roleARN    = "arn:aws:iam::000000000000:role/bench"
)

// makeSetup makes a CA, a certificate of the given kind and a set-up named bench
// in dir/.anywhere, and returns the flags of AWS's helper that say the same.
func makeSetup(dir string, kind pki.KeyKind, endpoint string) ([]string, error) {
	now := time.Now()
	caKey, err := pki.NewKey("p-256", rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := pki.NewSerial(rand.Reader)
	if err != nil {
		return nil, err
	}
	ca, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "bench CA"}, NotBefore: now, NotAfter: now.Add(time.Hour), Serial: serial}, caKey, rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := pki.NewKey(kind, rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf, err := pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: "bench"}, NotBefore: now, NotAfter: now.Add(time.Hour / 2), Serial: serial}, key.Public(), ca, caKey, rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := pki.EncodeKey(key)
	if err != nil {
		return nil, err
	}
	disk := &atomicfile.Disk{}
	h := home.Home{Root: filepath.Join(dir, ".anywhere"), Disk: disk}
	s := h.Setup("bench")
	pair := s.Pair(serial.Hex())
	keyFile, certFile := filepath.Join(pair, "key.pem"), filepath.Join(pair, "certificate.pem")
	if err := disk.Mkdir(pair, home.DirPerm); err != nil {
		return nil, err
	}
	if err := disk.Write(keyFile, text, home.SecretPerm); err != nil {
		return nil, err
	}
	if err := disk.Write(certFile, pki.EncodeCertificates(leaf), home.SecretPerm); err != nil {
		return nil, err
	}
	err = h.WriteSession(s, home.Session{Setup: "bench", Mode: home.ModeCustom, Region: "us-east-1", Endpoint: endpoint,
		TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN, DurationSeconds: 3600,
		Certificate: leaf.Raw, Key: "pairs/" + serial.Hex() + "/key.pem"})
	return []string{"--certificate", certFile, "--private-key", keyFile, "--trust-anchor-arn", anchorARN, "--profile-arn", profileARN,
		"--role-arn", roleARN, "--region", "us-east-1", "--endpoint", endpoint}, err
}
