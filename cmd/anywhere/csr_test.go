package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// asks are the arguments of a set-up whose certificate somebody else issues.
func asks(more ...string) []string {
	args := []string{"setup", "--name", "asker", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "ca.issuer=csr", "--set", "leaf.cn=asker", "--set", "proof.stranger=no"}
	for _, answer := range more {
		args = append(args, "--set", answer)
	}
	return args
}

// authority is somebody else's CA: a root and an intermediate that issues.
type authority struct {
	root, between       *x509.Certificate
	rootKey, betweenKey *pki.LocalCA
}

func newAuthority() authority {
	from, to := time.Now().Add(-time.Hour), time.Now().AddDate(2, 0, 0)
	rootKey, key := must(pki.NewKey(pki.P256, rand.Reader)), must(pki.NewKey(pki.P256, rand.Reader))
	root := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "their root"}, NotBefore: from, NotAfter: to, PathLen: 1}, rootKey, rand.Reader))
	between := must(pki.NewIntermediate(pki.CASpec{Name: pki.Name{CommonName: "their CA"}, NotBefore: from, NotAfter: to}, key.Public(), root, rootKey, rand.Reader))
	return authority{root: root, between: between,
		rootKey:    &pki.LocalCA{Certificate: root, Key: rootKey, Random: rand.Reader},
		betweenKey: &pki.LocalCA{Certificate: between, Key: key, Random: rand.Reader}}
}

// sign answers a request with a certificate for name.
func (a authority) sign(t *testing.T, request, name string, life time.Duration) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(readFile(t, request)))
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		t.Fatalf("%s is no request", request)
	}
	now := time.Now()
	order := must(a.betweenKey.Submit(t.Context(), pki.LeafSpec{Name: pki.Name{CommonName: name}, NotBefore: now.Add(-time.Minute), NotAfter: now.Add(life)}, block.Bytes))
	return must(x509.ParseCertificate(order.DER))
}

func pemFile(t *testing.T, certs ...*x509.Certificate) string {
	t.Helper()
	return put(t, pki.EncodeCertificates(certs...))
}

func TestARequestWaitsForItsAnswerAndGoesOn(t *testing.T) {
	s, theirs := newShop(t), newAuthority()
	said := s.want(exitUnknown, asks()...)
	request := filepath.Join(s.homeDir().Setup("asker").Dir, "request", "request.pem")
	for _, want := range []string{"hand over  " + request, "openssl x509 -req -in request.pem", "openssl ca -in request.pem", "step ca sign request.pem",
		"anywhere cert issue --csr request.pem --cn asker", "acm-pca issue-certificate", "anywhere setup --name asker --set csr.answer=FILE"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	if said := s.want(exitDone, "status"); !strings.Contains(said, "asker            custom "+cloudAccount+" "+cloudRegion+"  waits for the answer to its request") {
		t.Errorf("status says\n%s", said)
	}
	first := readFile(t, request)
	var doc struct {
		Error struct {
			Code    string
			Pending struct {
				Hand    string
				Command []string
				Ways    []any
			}
		}
	}
	if err := json.Unmarshal([]byte(s.want(exitUnknown, "setup", "--name", "asker", "--yes", "--account", cloudAccount, "--json")), &doc); err != nil {
		t.Fatal(err)
	}
	if p := doc.Error.Pending; doc.Error.Code != "pending" || p.Hand != request || len(p.Ways) < 5 || len(p.Command) == 0 {
		t.Errorf("got %+v", doc.Error)
	}
	if readFile(t, request) != first {
		t.Error("asking again made another request")
	}
	leaf := theirs.sign(t, request, "asker", 30*24*time.Hour)
	answer := pemFile(t, theirs.root, leaf, theirs.between) // in any order
	s.want(exitDone, "setup", "--name", "asker", "--yes", "--account", cloudAccount, "--set", "csr.answer="+answer, "--set", "binary.dir="+filepath.Join(filepath.Dir(s.home), "bin"))
	if got, want := s.serialOf("asker"), pki.SerialOf(leaf).Hex(); got != want {
		t.Errorf("the session is called %s, want %s", got, want)
	}
	file := must(s.homeDir().ReadSession(s.homeDir().Setup("asker")))
	anchor := must(decode.Certificates([]byte(must(s.API.Anchor(t.Context(), file.TrustAnchorARN)).Source.Bundle)))
	if len(anchor) != 1 || !anchor[0].Equal(theirs.root) || len(file.Chain) != 1 || !slices.Equal(file.Chain[0], theirs.between.Raw) {
		t.Errorf("the trust anchor holds %s, %d certificates are sent along", anchor[0].Subject, len(file.Chain))
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(request), "*.pem")); len(left) > 0 {
		t.Errorf("key and request have their place now, and %v is left", left)
	}
	// The answer was a file of the user's: nothing needs it any more.
	if err := os.Remove(answer); err != nil {
		t.Fatal(err)
	}
	if plan := s.want(exitDone, "setup", "--name", "asker", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", plan)
	}
	s.renewByRequest(theirs, request, leaf)
	s.want(exitDone, "teardown", "asker", "--yes", "--account", cloudAccount)
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	s.nothingLeft()
}

// renewByRequest: a renewal asks with a new key, waits, and takes the answer.
func (s *shop) renewByRequest(theirs authority, request string, before *x509.Certificate) {
	s.t.Helper()
	t := s.t.(*testing.T)
	if said := s.want(exitUnknown, "cert", "renew", "--setup", "asker"); !strings.Contains(said, "anywhere cert renew --setup asker --answer FILE") {
		t.Errorf("the renewal says\n%s", said)
	}
	if said := s.want(exitDone, "status"); !strings.Contains(said, "warning: renewal: certificate of asker: waits for an answer") {
		t.Errorf("status says\n%s", said)
	}
	if s.serialOf("asker") != pki.SerialOf(before).Hex() {
		t.Error("the old certificate is not in use any more")
	}
	next := theirs.sign(t, request, "asker", 60*24*time.Hour)
	if slices.Equal(next.RawSubjectPublicKeyInfo, before.RawSubjectPublicKeyInfo) {
		t.Error("the same key was asked for")
	}
	short := theirs.sign(t, request, "asker", 24*time.Hour)
	if code, _, said := s.run("cert", "renew", "--setup", "asker", "--answer", pemFile(t, short, theirs.between)); code != exitFailed || !strings.Contains(said, "lives no longer") {
		t.Errorf("a shorter life: exit %d\n%s", code, said)
	}
	// The trust anchor has the CA; the answer need not bring it.
	s.want(exitDone, "cert", "renew", "--setup", "asker", "--answer", pemFile(t, next, theirs.between))
	if got, want := s.serialOf("asker"), pki.SerialOf(next).Hex(); got != want {
		t.Errorf("the session is called %s, want %s", got, want)
	}
}

func TestAnAnswerIsNotBelieved(t *testing.T) {
	s, theirs := newShop(t), newAuthority()
	s.want(exitUnknown, asks()...)
	request := filepath.Join(s.homeDir().Setup("asker").Dir, "request", "request.pem")
	good := theirs.sign(t, request, "asker", 24*time.Hour)
	_, csr := elsewhere(t, "asker")
	stranger := theirs.sign(t, put(t, csr), "asker", 24*time.Hour)
	for name, tt := range map[string]struct{ file, want string }{
		"for another key":           {pemFile(t, stranger, theirs.between, theirs.root), "it holds no certificate for the key of this request"},
		"for another name":          {pemFile(t, theirs.sign(t, request, "administrator", 24*time.Hour), theirs.between, theirs.root), `its common name is "administrator", "asker" was asked for`},
		"the CA alone":              {pemFile(t, theirs.between, theirs.root), "it holds no certificate for the key of this request"},
		"the request itself":        {request, "it is a certificate request; its answer is wanted"},
		"no file":                   {filepath.Join(s.home, "none.pem"), "no such file"},
		"text":                      {put(t, []byte("Dear colleague, attached is the certificate.")), "no certificate and no private key is in it"},
		"without any CA":            {pemFile(t, good), "csr.ca"},
		"with a CA of other people": {pemFile(t, good, newAuthority().root), "csr.ca"},
	} {
		code, _, said := s.run("setup", "--name", "asker", "--yes", "--account", cloudAccount, "--set", "csr.answer="+tt.file)
		if code != exitUsage || !strings.Contains(said, tt.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s", name, code, exitUsage, tt.want, said)
		}
	}
	code, _, said := s.run("setup", "--name", "asker", "--yes", "--account", cloudAccount, "--set", "csr.answer="+pemFile(t, good), "--set", "csr.ca="+pemFile(t, newAuthority().root))
	if code != exitUsage || !strings.Contains(said, "CN=their root has not issued the certificate in the answer, CN=their CA has") {
		t.Errorf("a CA of other people in a file of its own: exit %d\n%s", code, said)
	}
	// Two files together are an answer, too.
	s.want(exitDone, "setup", "--name", "asker", "--yes", "--account", cloudAccount, "--set", "csr.answer="+pemFile(t, good), "--set", "csr.ca="+pemFile(t, theirs.root, theirs.between),
		"--set", "binary.dir="+filepath.Join(filepath.Dir(s.home), "bin"))
	s.serialOf("asker")
}

// Another name after the request was made needs another request.
func TestAnotherNameIsAnotherRequest(t *testing.T) {
	s := newShop(t)
	s.want(exitUnknown, asks()...)
	request := filepath.Join(s.homeDir().Setup("asker").Dir, "request", "request.pem")
	first := readFile(t, request)
	s.want(exitUnknown, asks("leaf.cn=renamed")...)
	block, _ := pem.Decode([]byte(readFile(t, request)))
	if csr := must(x509.ParseCertificateRequest(block.Bytes)); readFile(t, request) == first || csr.Subject.CommonName != "renamed" {
		t.Errorf("the request is for %s", csr.Subject)
	}
}

// Whenever the first run is killed, the next one has a request whose key is here.
func TestARequestThatIsKilledInTheMakingIsWholeAfterwards(t *testing.T) {
	first := func() []string {
		return append(slices.Clone(setupBox), "--set", "ca.issuer=csr", "--set", "leaf.cn=box")
	}
	whole := newBench(t)
	code, said, writes := whole.run(t, "", first()...)
	if code != exitUnknown || len(writes) < 5 {
		t.Fatalf("exit %d, writes %q\n%s", code, writes, said)
	}
	for k := 1; k <= len(writes); k++ {
		t.Run(fmt.Sprintf("after_%d_%s", k, filepath.Base(writes[k-1])), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			stop := fmt.Sprintf("after:%d", k)
			begun := b.die(t, stop, first()...)
			again := setupBox
			if !slices.ContainsFunc(begun, func(w string) bool { return strings.HasSuffix(w, "/answers") }) {
				again = first()
			}
			if code, said, _ := b.run(t, "", again...); code != exitUnknown {
				t.Fatalf("exit %d\n%s", code, said)
			}
			dir := filepath.Join(b.home, ".anywhere", "setups", "box", "request")
			key := must(decode.Key([]byte(readFile(t, filepath.Join(dir, "key.pem"))), nil))
			block, _ := pem.Decode([]byte(readFile(t, filepath.Join(dir, "request.pem"))))
			csr := must(x509.ParseCertificateRequest(block.Bytes))
			if public, ok := csr.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(key.Public()) {
				t.Error("the key is not that of the request")
			}
			b.done(t, teardownBox...)
			differ(t, "files", b.files(t), []string{})
		})
	}
}
