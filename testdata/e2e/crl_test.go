package e2e

import (
	"crypto/rand"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
)

// openssl agrees with the lists that we sign: their signature, their numbers and
// whom they keep out.
func TestOpensslAgreesWithOurRevocationLists(t *testing.T) {
	for _, kind := range []pki.KeyKind{pki.P256, pki.P384, pki.RSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			now := time.Now()
			key, err := pki.NewKey(kind, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			ca, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "e2e CA"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}, key, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			var leaves []*x509.Certificate
			for _, name := range []string{"in", "out"} {
				leaf, err := pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0)}, key.Public(), ca, key, rand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				leaves = append(leaves, leaf)
			}
			list, err := pki.NewCRL(pki.CRLSpec{
				Number: 7, ThisUpdate: now.Add(-time.Minute), NextUpdate: ca.NotAfter,
				Entries: []pki.Revoked{{Serial: pki.SerialOf(leaves[1]), At: now, Reason: "keyCompromise"}},
			}, ca, key, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			caFile, crlFile := file(t, dir, "ca.pem", pki.EncodeCertificates(ca)), file(t, dir, "crl.pem", pki.EncodeCRL(list.Raw))
			said, err := command(t, nil, "openssl", "crl", "-in", crlFile, "-CAfile", caFile, "-verify", "-noout", "-text").CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			holds(t, "list", string(said), "verify OK", "X509v3 CRL Number: \n                7", "Key Compromise",
				strings.ToUpper(pki.SerialOf(leaves[1]).Hex()))
			check := []string{"verify", "-x509_strict", "-crl_check", "-purpose", "sslclient", "-CAfile", caFile, "-CRLfile", crlFile}
			in, out := file(t, dir, "in.pem", pki.EncodeCertificates(leaves[0])), file(t, dir, "out.pem", pki.EncodeCertificates(leaves[1]))
			holds(t, "verify", openssl(t, append(check, in)...), "in.pem: OK")
			if said, err := command(t, nil, "openssl", append(check, out)...).CombinedOutput(); err == nil || !strings.Contains(string(said), "certificate revoked") {
				t.Errorf("openssl lets a revoked certificate in: %v\n%s", err, said)
			}
		})
	}
}

// A list that openssl has made is read as it was meant.
func TestOpensslsListsAreRead(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	file(t, dir, "ca.cnf", []byte("[ca]\ndefault_ca=d\n[d]\ndatabase="+in("index.txt")+"\ndefault_md=sha256\ndefault_crl_days=1\ncrlnumber="+in("number")+"\n"))
	file(t, dir, "number", []byte("1A\n"))
	file(t, dir, "index.txt", []byte("R\t401122000000Z\t261122000000Z,superseded\t41AABB\tunknown\t/CN=gone\n"))
	openssl(t, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", in("ca.key"), "-out", in("ca.pem"), "-days", "1",
		"-subj", "/CN=theirs", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
	output(t, nil, "openssl", "ca", "-config", in("ca.cnf"), "-gencrl", "-keyfile", in("ca.key"), "-cert", in("ca.pem"), "-out", in("crl.pem"))
	openssl(t, "crl", "-in", in("crl.pem"), "-outform", "DER", "-out", in("crl.der"))
	for _, name := range []string{"crl.pem", "crl.der"} {
		data, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		list, err := pki.ParseCRL(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := pki.RevokedIn(list)
		if len(got) != 1 || got[0].Serial.Hex() != "41aabb" || got[0].Reason != "superseded" || list.Number.Int64() != 0x1a {
			t.Errorf("%s: got %+v, number %v", name, got, list.Number)
		}
	}
}

// step-ca publishes its list in DER, signed by its intermediate and marked with a
// critical issuing distribution point. It is brought to AWS from its URL, keeps the
// certificate out there, and is not brought twice.
func TestTheListOfAStepCAKeepsAMachineOut(t *testing.T) {
	a := newAuthority(t, nil)
	env := []string{"HOME=" + t.TempDir()}
	setUp(t, env, "box", "ca.issuer=step-ca", "stepca.url="+a.url, "stepca.fingerprint="+a.fingerprint,
		"stepca.password-file="+filepath.Join(a.dir, "password"), "leaf.cn=build-box-7")
	ways, err := command(t, env, ours("anywhere"), "cert", "revoke", "build-box-7", "--yes").CombinedOutput()
	if err == nil {
		t.Errorf("a list was signed without step-ca's key:\n%s", ways)
	}
	holds(t, "other ways", string(ways), "step ca revoke ", "--import "+a.url+"/1.0/crl --hold-issuer", "this certificate alone")

	pair := filepath.Dir(found(t, filepath.Join(filepath.Dir(sessionPath(env)), "pairs", "*", "key.pem")))
	output(t, a.env, "step", "ca", "revoke", "--cert", filepath.Join(pair, "certificate.pem"), "--key", filepath.Join(pair, "key.pem"))
	bring := []string{"ca", "crl", "--yes", "--import", a.url + "/1.0/crl"}
	if said, err := command(t, env, ours("anywhere"), bring...).CombinedOutput(); err == nil || !strings.Contains(string(said), "--hold-issuer") {
		t.Errorf("a list of an intermediate that AWS does not know: %v\n%s", err, said)
	}
	holds(t, "import", output(t, env, ours("anywhere"), append(bring, "--hold-issuer")...), "with 1 entries")
	holds(t, "again", output(t, env, ours("anywhere"), bring...), "AWS has this list")
	out, err := inSandbox(t, env, quoted(ours("anywhere-signer"), "credential-process", "--setup", "box", "--no-cache"))
	if err == nil || !strings.Contains(out, "revoked") {
		t.Errorf("the revoked machine: %v\n%s", err, out)
	}
}
