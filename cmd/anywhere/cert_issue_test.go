package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
)

// elsewhere is another machine's key and its request, which asks for a name.
func elsewhere(t *testing.T, cn string) (crypto.Signer, []byte) {
	t.Helper()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := pki.NewCSR(pki.LeafSpec{Name: pki.Name{CommonName: cn}}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

// put writes a file of the test and returns its path.
func put(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func certIn(t testing.TB, data string) *x509.Certificate {
	t.Helper()
	certs, err := decode.Certificates([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return certs[0]
}

func TestTheNameComesFromUsAndTheKeyFromTheRequest(t *testing.T) {
	s := newShop(t)
	key, csr := elsewhere(t, "administrator")
	code, out, said := s.run("cert", "issue", "--csr", put(t, csr), "--cn", "web01", "--life", "24h", "--dns", "web01.example.org")
	if code != exitDone {
		t.Fatal(said)
	}
	cert := certIn(t, out)
	if cert.Subject.CommonName != "web01" || pki.MatchKey(cert, key) != nil || cert.DNSNames[0] != "web01.example.org" {
		t.Errorf("got %s for %v", cert.Subject, cert.DNSNames)
	}
	if !strings.Contains(said, "the request asks for CN=administrator") {
		t.Errorf("nothing is said of the name in the request: %s", said)
	}
	// What was issued can be revoked by its name.
	if said := s.revoke(exitDone, "web01"); !strings.Contains(said, pki.SerialOf(cert).Hex()) {
		t.Errorf("got %s", said)
	}
}

func TestARequestThatIsNotSoundIsRefused(t *testing.T) {
	s := newShop(t)
	_, csr := elsewhere(t, "web01")
	block, _ := pem.Decode(csr)
	forged := bytes.Clone(block.Bytes)
	forged[len(forged)-1] ^= 1
	for name, c := range map[string]struct {
		csr  []byte
		args []string
		want string
	}{
		"a changed signature":   {forged, []string{"--cn", "web01"}, "read request"},
		"a certificate":         {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}), []string{"--cn", "web01"}, "it is a CERTIFICATE"},
		"noise":                 {[]byte("noise"), []string{"--cn", "web01"}, "read request"},
		"no name":               {csr, nil, "which name?"},
		"a name for a terminal": {csr, []string{"--cn", "web\x1b]52;c;\x07"}, "can stand in it"},
		"a life in fortnights":  {csr, []string{"--cn", "web01", "--life", "2f"}, "such as 90d"},
	} {
		code, out, said := s.run(append([]string{"cert", "issue", "--csr", put(t, c.csr)}, c.args...)...)
		if code == exitDone || out != "" || !strings.Contains(said, c.want) || strings.Contains(said, "\x1b") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, said)
		}
	}
}

func TestAnotherMachineSignsWithWhatWasExported(t *testing.T) {
	s := newShop(t)
	key, csr := elsewhere(t, "box")
	issued, out := filepath.Join(t.TempDir(), "box.pem"), filepath.Join(t.TempDir(), "there")
	s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "box", "--out", issued)
	said := s.want(exitDone, "cert", "export", "--for-host", "--certificate", issued, "--out", out)
	if !strings.Contains(said, "/key.pem, mode 0600") {
		t.Errorf("where the key belongs is not said: %s", said)
	}
	if err := filepath.WalkDir(out, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if data := readFile(t, path); strings.Contains(data, "PRIVATE KEY") {
			t.Errorf("a key went into %s", path)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// On the other machine: the files, and its key beside its certificate.
	there := &shop{cloud: s.cloud, t: t, home: t.TempDir(), now: s.clock(), program: s.program}
	if err := os.CopyFS(filepath.Join(there.home, ".anywhere"), os.DirFS(out)); err != nil {
		t.Fatal(err)
	}
	encoded, err := pki.EncodeKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := filepath.Glob(filepath.Join(there.home, ".anywhere", "setups", "lab", "pairs", "*"))
	if err != nil || len(pairs) != 1 {
		t.Fatal(pairs, err)
	}
	if err := os.WriteFile(filepath.Join(pairs[0], "key.pem"), encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	keepToOneself(t, there.home)
	if err := there.session(); err != nil {
		t.Error(err)
	}
	if code, _, said := s.run("cert", "export", "--for-host", "--certificate", issued, "--out", out); code != exitUsage || !strings.Contains(said, "is there already") {
		t.Errorf("a second export: exit %d\n%s", code, said)
	}
}

// keepToOneself gives everything below dir the modes that scp -p keeps.
func keepToOneself(t *testing.T, dir string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAListIsIssuedOnceThoughItWasStopped(t *testing.T) {
	s := newShop(t)
	var names strings.Builder
	for i := range 150 {
		fmt.Fprintf(&names, "host%d\n", i)
	}
	key, csr := elsewhere(t, "other")
	request := put(t, csr)
	fmt.Fprintf(&names, "# born elsewhere\nlast %s\n", request)
	list, out := put(t, []byte(names.String())), filepath.Join(t.TempDir(), "out")
	var writes atomic.Int64 // every processor writes, and once this was a plain number
	s.disk = &atomicfile.Disk{Before: func(c atomicfile.Change) error {
		if c.Op == atomicfile.OpCreate && writes.Add(1) > 100 {
			return errors.New("stopped here")
		}
		return nil
	}}
	s.want(exitFailed, "cert", "issue", "--list", list, "--out", out)
	s.disk = nil
	before, err := filepath.Glob(filepath.Join(out, "*", "certificate.pem"))
	if err != nil || len(before) == 0 || len(before) > 100 {
		t.Fatalf("stopped with %d certificates, %v", len(before), err)
	}
	kept := readFile(t, before[0])
	said := s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
	if want := fmt.Sprintf("151 certificates in %s, %d of them new.", out, 151-len(before)); !strings.Contains(said, want) {
		t.Errorf("got %s, want %s", said, want)
	}
	if readFile(t, before[0]) != kept {
		t.Error("a certificate that was there was issued again")
	}
	for _, name := range []string{"host0", "host149"} {
		cert := certIn(t, readFile(t, filepath.Join(out, name, "certificate.pem")))
		pair, err := decode.Key([]byte(readFile(t, filepath.Join(out, name, "key.pem"))), nil)
		if err != nil || pki.MatchKey(cert, pair) != nil || cert.Subject.CommonName != name {
			t.Errorf("%s: %v, %s", name, err, cert.Subject)
		}
	}
	if cert := certIn(t, readFile(t, filepath.Join(out, "last", "certificate.pem"))); pki.MatchKey(cert, key) != nil {
		t.Error("last has another key than its request")
	}
	if exists(filepath.Join(out, "last", "key.pem")) {
		t.Error("a key was made for a machine that has one")
	}
	for name, text := range map[string]string{"a name twice": "one\none\n", "an empty list": "# nobody\n", "a bad name": "a/b\n", "a request that is not there": "one no-such-file\n",
		// Once a machine called .. got its key into the directory above.
		"a name that leads out": "..\n"} {
		if code, _, said := s.run("cert", "issue", "--list", put(t, []byte(text)), "--out", out); code != exitUsage {
			t.Errorf("%s: exit %d\n%s", name, code, said)
		}
	}
}
