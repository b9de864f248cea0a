package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
)

// members reads an archive, whose every file must be a secret and there once.
func members(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	r := tar.NewReader(strings.NewReader(readFile(t, path)))
	for {
		header, err := r.Next()
		if err == io.EOF {
			return all
		}
		data, bad := io.ReadAll(r)
		if err := errors.Join(err, bad); err != nil {
			t.Fatal(err)
		}
		if _, twice := all[header.Name]; twice || header.Mode != 0o600 || header.Typeflag != tar.TypeReg {
			t.Errorf("%s: there already %v, mode %o, type %c", header.Name, twice, header.Mode, header.Typeflag)
		}
		all[header.Name] = string(data)
	}
}

// wantPairs reads an archive that must hold a pair for each name, and nothing else.
func (s *shop) wantPairs(path string, names ...string) map[string]string {
	s.t.Helper()
	t := s.t.(*testing.T)
	all := members(t, path)
	if len(all) != 2*len(names) {
		t.Errorf("%d members for %d names", len(all), len(names))
	}
	book := map[string]int{}
	for _, c := range s.issued() {
		book[c.Serial.Hex()]++
	}
	for _, name := range names {
		cert := certIn(t, all[name+"/certificate.pem"])
		key, err := decode.Key([]byte(all[name+"/key.pem"]), nil)
		if err != nil || pki.MatchKey(cert, key) != nil || cert.Subject.CommonName != name {
			t.Errorf("%s: %v, %s", name, err, cert.Subject)
		}
		if n := book[pki.SerialOf(cert).Hex()]; n != 1 {
			t.Errorf("%s: its serial stands %d times in the ledger", name, n)
		}
	}
	return all
}

func hosts(n int) (names []string, list []byte) {
	for i := range n {
		names = append(names, fmt.Sprintf("host%d", i))
	}
	return names, []byte(strings.Join(names, "\n") + "\n")
}

func TestAListBecomesOneArchive(t *testing.T) {
	s := newShop(t)
	key, csr := elsewhere(t, "other")
	list, out := put(t, []byte("one\nlast "+put(t, csr)+"\n")), filepath.Join(t.TempDir(), "out.tar")
	if said := s.want(exitDone, "cert", "issue", "--list", list, "--out", out); said != "2 certificates in "+out+", 2 of them new.\n" {
		t.Errorf("got %s", said)
	}
	all := members(t, out)
	if cert := certIn(t, all["last/certificate.pem"]); pki.MatchKey(cert, key) != nil || cert.Subject.CommonName != "last" {
		t.Errorf("last is %s", cert.Subject)
	}
	if len(all) != 3 || all["one/key.pem"] == "" || all["one/certificate.pem"] == "" {
		t.Errorf("got %d members, want the pair of one and the certificate of last", len(all))
	}
	info, err := os.Stat(out)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if exists(out + ".part") {
		t.Error("the unfinished archive is still there")
	}
	before := readFile(t, out)
	code, _, said := s.run("cert", "issue", "--list", list, "--out", out)
	if code != exitUsage || !strings.Contains(said, "exists already") || readFile(t, out) != before {
		t.Errorf("once more: exit %d\n%s", code, said)
	}
}

// What a power failure cuts off, wherever it does, is made again; the pairs before
// it stay as they are.
func TestAnArchiveGoesOnBehindItsLastWholePair(t *testing.T) {
	s := newShop(t)
	names, data := hosts(3)
	list, out := put(t, data), filepath.Join(t.TempDir(), "out.tar")
	s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
	whole := []byte(readFile(t, out))
	first := s.wantPairs(out, names...)
	pair := 5 * tarBlock // key and certificate, each with its header
	for cut := range slices.Values([]int{0, 5, 100, 600, pair - 1500, pair - 512, pair - 1, pair, pair + 7, pair + 512, 2*pair - 513, 2 * pair, 3 * pair, 3*pair + 512, len(whole)}) {
		for how, tail := range map[string][]byte{"cut": nil, "zeros": make([]byte, 3*tarBlock+3)} {
			left := append(bytes.Clone(whole[:cut]), tail...)
			if err := errors.Join(os.Remove(out), os.WriteFile(out+".part", left, 0o600)); err != nil {
				t.Fatal(err)
			}
			said := s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
			all := s.wantPairs(out, names...)
			kept := 0
			for _, name := range names {
				if all[name+"/certificate.pem"] == first[name+"/certificate.pem"] && all[name+"/key.pem"] == first[name+"/key.pem"] {
					kept++
				}
			}
			if want := min(cut/pair, 3); kept < want || kept > want+1 || !strings.Contains(said, fmt.Sprintf("3 certificates in %s, %d of them new", out, 3-kept)) {
				t.Errorf("%s at %d: kept %d pairs, want %d; %s", how, cut, kept, want, said)
			}
		}
	}
}

func TestAnArchiveIsFinishedThoughItWasStoppedAtEachWrite(t *testing.T) {
	s := newShop(t)
	names, data := hosts(4)
	list := put(t, data)
	for _, when := range []string{"before", "after"} {
		for stop := 1; ; stop++ {
			out := filepath.Join(t.TempDir(), "out.tar")
			writes, stopped := 0, errors.New("stopped here")
			count := func() bool { writes++; return writes >= stop }
			dead := false
			s.disk = &atomicfile.Disk{Before: func(atomicfile.Change) error {
				if dead || when == "before" && count() {
					return stopped
				}
				return nil
			}, After: func(atomicfile.Change) { dead = dead || when == "after" && count() }}
			code, _, _ := s.run("cert", "issue", "--list", list, "--out", out)
			s.disk = nil
			if exists(out) {
				s.wantPairs(out, names...)
			}
			if code == exitDone {
				if stop < 3 {
					t.Errorf("%s: a run makes %d writes, want the ledger, the pairs and the name at least", when, stop-1)
				}
				break
			}
			s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
			s.wantPairs(out, names...)
			if exists(out + ".part") {
				t.Errorf("%s write %d: the unfinished archive is still there", when, stop)
			}
		}
	}
}

// renamed is an archive with other names of its members, in the same order.
func renamed(t *testing.T, path string, names *strings.Replacer) string {
	t.Helper()
	var out bytes.Buffer
	r, w := tar.NewReader(strings.NewReader(readFile(t, path))), tar.NewWriter(&out)
	for {
		header, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		header.Name = names.Replace(header.Name)
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAnArchiveTouchesNothingThatIsNotItsOwn(t *testing.T) {
	s := newShop(t)
	_, data := hosts(2)
	list, dir := put(t, data), t.TempDir()
	out := filepath.Join(dir, "out.tar")
	s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
	other := filepath.Join(dir, "other.tar")
	for name, left := range map[string]string{
		"an archive of another list": renamed(t, out, strings.NewReplacer("host0/", "hostX/")),
		"the pair of another name":   renamed(t, out, strings.NewReplacer("host0/", "host1/", "host1/", "host0/")),
		"the key of another name":    renamed(t, out, strings.NewReplacer("host0/key", "host1/key", "host1/key", "host0/key")),
		"a name twice":               renamed(t, out, strings.NewReplacer("host0/", "host1/")),
		"a short note":               "remember the milk\n",
		"a long note":                strings.Repeat("remember the milk\n", 100),
	} {
		if err := os.WriteFile(other+".part", []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, said := s.run("cert", "issue", "--list", list, "--out", other)
		if code != exitUsage || !strings.Contains(said, "go on with") || readFile(t, other+".part") != left || exists(other) {
			t.Errorf("%s: exit %d\n%s", name, code, said)
		}
	}
	if err := errors.Join(os.WriteFile(other+".part", nil, 0o600), os.Chmod(other+".part", 0o640)); err != nil {
		t.Fatal(err)
	}
	if code, _, said := s.run("cert", "issue", "--list", list, "--out", other); code != exitUsage || !strings.Contains(said, "mode 0640") {
		t.Errorf("one that others may read: exit %d\n%s", code, said)
	}
	// Stopped between the two names of the one file.
	if err := os.Link(out, out+".part"); err != nil {
		t.Fatal(err)
	}
	if code, _, said := s.run("cert", "issue", "--list", list, "--out", out); code != exitUsage || exists(out+".part") || !exists(out) {
		t.Errorf("two names: exit %d\n%s", code, said)
	}
}

// One bad request does not keep the others from their certificates; the archive
// gets its name when all are in it.
func TestABadRequestLeavesTheArchiveUnfinished(t *testing.T) {
	s := newShop(t)
	out, bad := filepath.Join(t.TempDir(), "out.tar"), put(t, []byte("noise"))
	code, _, said := s.run("cert", "issue", "--list", put(t, []byte("one\ntwo "+bad+"\nthree\n")), "--out", out)
	if code != exitFailed || !strings.Contains(said, "issue certificate for two: read request") || exists(out) {
		t.Errorf("exit %d\n%s", code, said)
	}
	if said := s.want(exitDone, "cert", "issue", "--list", put(t, []byte("one\ntwo\nthree\n")), "--out", out); !strings.Contains(said, "1 of them new") {
		t.Errorf("got %s", said)
	}
	s.wantPairs(out, "one", "two", "three")
}
