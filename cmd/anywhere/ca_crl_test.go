package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// publisher serves what stands in its data, at any path but /moved and /endless.
type publisher struct {
	*httptest.Server
	data []byte
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "http://ca.example.com/crl", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/gone":
			http.NotFound(w, r)
		case "/endless":
			for chunk := make([]byte, 1<<16); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		default:
			_, _ = w.Write(p.data)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// signer is the CA of lab, as whoever else holds its key would use it.
func (s *shop) signer() (*x509.Certificate, crypto.Signer) {
	s.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*"))
	if err != nil || len(dirs) != 1 {
		s.t.Fatal(dirs, err)
	}
	key, err := decode.Key([]byte(readFile(s.t, filepath.Join(dirs[0], "ca.key"))), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return certIn(s.t, readFile(s.t, filepath.Join(dirs[0], "ca.pem"))), key
}

// listOf signs a list, in DER.
func (s *shop) listOf(ca *x509.Certificate, key crypto.Signer, number int64, serials ...string) []byte {
	s.t.Helper()
	spec := pki.CRLSpec{Number: number, ThisUpdate: s.clock(), NextUpdate: s.clock().Add(24 * time.Hour)}
	for _, text := range serials {
		serial, err := pki.ParseSerial(text)
		if err != nil {
			s.t.Fatal(err)
		}
		spec.Entries = append(spec.Entries, pki.Revoked{Serial: serial, At: s.clock()})
	}
	list, err := pki.NewCRL(spec, ca, key, rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	return list.Raw
}

// bring imports a list.
func (s *shop) bring(code int, from string, more ...string) string {
	s.t.Helper()
	got, stdout, stderr := s.run(append([]string{"ca", "crl", "--yes", "--account", cloudAccount, "--import", from}, more...)...)
	if got != code {
		s.t.Fatalf("exit %d, want %d\n%s%s", got, code, stdout, stderr)
	}
	return stdout + stderr
}

func (s *shop) notes() string {
	s.t.Helper()
	notes, err := s.homeDir().ReadNotes(s.place())
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(notes.Warnings)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestAListIsKeptFreshFromItsURL(t *testing.T) {
	s := newShop(t)
	ca, key := s.signer()
	p := newPublisher(t)
	p.data = s.listOf(ca, key, 5, "41aa")
	if said := s.bring(exitDone, p.URL+"/crl"); !strings.Contains(said, "AWS has list number 5 with 1 entries") {
		t.Errorf("got %s", said)
	}
	before := s.lists()
	if len(before) != 1 || !before[0].Enabled || !strings.HasPrefix(string(before[0].Data), "-----BEGIN X509 CRL-----") {
		t.Fatalf("got %+v, want one list, enabled and in PEM", before)
	}
	s.pass(time.Minute)
	if said := s.bring(exitDone, p.URL+"/crl"); !strings.Contains(said, "AWS has this list") {
		t.Errorf("the same list was brought again: %s", said)
	}
	if plan := s.want(exitDone, "ca", "crl", "--import", p.URL+"/crl", "--json", "--yes", "--account", cloudAccount); !strings.Contains(plan, `"unchanged": true`) {
		t.Errorf("got %s", plan)
	}
	p.data = s.listOf(ca, key, 4, "41aa")
	if said := s.bring(exitFailed, p.URL+"/crl"); !strings.Contains(said, "the list in use has 5") || !strings.Contains(s.notes(), "RA211") {
		t.Errorf("an older list: %s, noted %s", said, s.notes())
	}
	p.data = s.listOf(ca, key, 6, "41aa", s.serial())
	s.bring(exitDone, p.URL+"/crl")
	if s.notes() != "null" {
		t.Errorf("the failure is still noted: %s", s.notes())
	}
	if err := s.session(); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("got %v, want it refused as revoked", err)
	}
	// What the CA revokes here afterwards holds what came from outside too.
	s.revoke(exitDone, "41bb")
	parsed, err := pki.ParseCRL(s.lists()[0].Data)
	if err != nil || len(parsed.RevokedCertificateEntries) != 3 || parsed.Number.Int64() != 7 {
		t.Errorf("got %d entries, number %v, %v", len(parsed.RevokedCertificateEntries), parsed.Number, err)
	}
}

func TestAListIsFetchedWithinLimits(t *testing.T) {
	s := newShop(t)
	p := newPublisher(t)
	for name, c := range map[string]struct {
		from, want string
		code       int
	}{
		"plain http":          {"http://ca.example.com/crl", "is plain http", exitUsage},
		"sent on to http":     {p.URL + "/moved", "is plain http", exitUsage},
		"sent on for ever":    {p.URL + "/round", "sent on more than 5 times", exitFailed},
		"not there":           {p.URL + "/gone", "answers 404", exitFailed},
		"an answer for ever":  {p.URL + "/endless", "longer than", exitFailed},
		"an answer of nobody": {"http://127.0.0.1:1/crl", "refused", exitFailed},
		"an empty answer":     {p.URL + "/", "read revocation list", exitFailed},
	} {
		if said := s.bring(c.code, c.from); !strings.Contains(said, c.want) {
			t.Errorf("%s: got %s", name, said)
		}
	}
	if len(s.lists()) != 0 {
		t.Error("something was imported")
	}
}

// lower is a root and an intermediate that issue for lab from outside.
type lower struct {
	ca      *x509.Certificate // the intermediate
	key     crypto.Signer
	rootKey crypto.Signer
	serial  string // of the machine's certificate
	answers []string
}

func newLower(t *testing.T) lower {
	t.Helper()
	now := time.Now()
	var keys [3]crypto.Signer
	for i := range keys {
		var err error
		if keys[i], err = pki.NewKey(pki.P256, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	root, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "their root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(2, 0, 0), PathLen: 1}, keys[0], rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "their intermediate"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}, keys[1], rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.AuthorityKeyId, template.SignatureAlgorithm = root.SubjectKeyId, 0
	der, err := x509.CreateCertificate(rand.Reader, template, root, keys[1].Public(), keys[0])
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: "box"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 3, 0)}, keys[2].Public(), ca, keys[1], rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := pki.EncodeKey(keys[2])
	if err != nil {
		t.Fatal(err)
	}
	return lower{ca: ca, key: keys[1], rootKey: keys[0], serial: pki.SerialOf(leaf).Hex(), answers: []string{"ca.issuer=files", "ca.certificate=" + put(t, pki.EncodeCertificates(root)),
		"leaf.certificate=" + put(t, pki.EncodeCertificates(leaf, ca)), "leaf.private-key=" + put(t, encoded)}}
}

func TestAListOfAnIntermediateCountsOnceTheTrustAnchorHoldsIt(t *testing.T) {
	l := newLower(t)
	s := newShop(t, l.answers...)
	file := put(t, s.listOf(l.ca, l.key, 1, l.serial))
	if said := s.bring(exitFailed, file); !strings.Contains(said, "their intermediate has signed it") || !strings.Contains(said, "--hold-issuer") {
		t.Errorf("got %s", said)
	}
	if err := s.session(); err != nil {
		t.Fatal(err)
	}
	s.bring(exitDone, file, "--hold-issuer")
	if s.anchored() != "their root,their intermediate" {
		t.Errorf("the trust anchor holds %s", s.anchored())
	}
	if err := s.session(); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("got %v, want it refused as revoked", err)
	}
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to undo it:\n%s", plan)
	}
	// The next list needs no flag.
	s.pass(time.Minute)
	s.bring(exitDone, put(t, s.listOf(l.ca, l.key, 2, l.serial, "41cc")))
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if left := s.lists(); len(left) != 0 {
		t.Errorf("teardown left %d lists", len(left))
	}
}

func TestAListThatIsNotTheWholeListOfOneOfOurCAsIsRefused(t *testing.T) {
	s := newShop(t)
	ca, key := s.signer()
	other := newLower(t)
	delta := func(raw []byte) []byte {
		list, err := x509.ParseRevocationList(raw)
		if err != nil {
			t.Fatal(err)
		}
		list.ExtraExtensions = append(list.ExtraExtensions, deltaIndicator())
		der, err := x509.CreateRevocationList(rand.Reader, list, ca, key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"of another CA":      {s.listOf(other.ca, other.key, 1), "is no CA of the trust anchor"},
		"changes only":       {delta(s.listOf(ca, key, 1)), "changes since another list only"},
		"a certificate":      {pki.EncodeCertificates(ca), "holds something else"},
		"cut off":            {s.listOf(ca, key, 1)[:80], "read revocation list"},
		"two in one file":    {append(pki.EncodeCRL(s.listOf(ca, key, 1)), pki.EncodeCRL(s.listOf(ca, key, 2))...), "or more than one"},
		"larger than AWS is": {make([]byte, 4*pki.MaxCRL+1), "longer than"},
	} {
		file := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(file, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if said := s.bring(exitFailed, file); !strings.Contains(said, c.want) {
			t.Errorf("%s: got %s", name, said)
		}
	}
	if len(s.lists()) != 0 {
		t.Error("something was imported")
	}
}

// deltaIndicator marks a list that holds changes only (RFC 5280 section 5.2.4).
func deltaIndicator() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{0x02, 0x01, 0x01}}
}

func TestTheUnitOfAListRunsWhatImportsIt(t *testing.T) {
	s := newShop(t)
	t.Setenv("AWS_PROFILE", "lists")
	text := s.want(exitDone, "ca", "crl", "--import", "https://ca.example.com/1.0/crl", "--print-unit", "systemd")
	for _, want := range []string{" ca crl --import https://ca.example.com/1.0/crl --setup lab --yes --account " + cloudAccount, "Environment=AWS_PROFILE=lists", "anywhere-crl-lab.timer"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
	for _, args := range [][]string{{"--print-unit", "systemd"}, {"--import", "list.pem", "--print-unit", "systemd"}, {"--import", "https://ca.example.com/%i", "--print-unit", "systemd"},
		{"--hold-issuer"}, {"--refresh", "--import", "list.pem"}} {
		if code, out, _ := s.run(append([]string{"ca", "crl"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
}

// The list of an intermediate of ours is signed by the intermediate, which AWS has
// to know first; before, revoking under a root of one's own was refused.
func TestAnIntermediateOfOursRevokes(t *testing.T) {
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=destroy-after-issuing")
	revoked := s.serial()
	s.want(exitDone, "ca", "crl")
	if s.anchored() != "lab-root" {
		t.Errorf("looking changed the trust anchor: it holds %s", s.anchored())
	}
	s.revoke(exitDone, revoked)
	if s.anchored() != "lab-root,lab-ca" {
		t.Errorf("the trust anchor holds %s", s.anchored())
	}
	if err := s.session(); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("got %v, want it refused as revoked", err)
	}
	s.pass(time.Minute)
	s.renewed(exitDone)
	s.revoke(exitDone, "41aabb")
	if err := s.session(); err != nil {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "list.pem")
	s.want(exitDone, "ca", "crl", "--out", file)
	list, err := pki.ParseCRL([]byte(readFile(t, file)))
	if err != nil || len(list.RevokedCertificateEntries) != 2 || list.Issuer.CommonName != "lab-ca" {
		t.Errorf("got %v, %v", list, err)
	}
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to undo it:\n%s", plan)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if left := s.lists(); len(left) != 0 {
		t.Errorf("teardown left %d lists", len(left))
	}
}
