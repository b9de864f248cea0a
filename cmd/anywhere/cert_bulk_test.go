package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
	"anywhere/pki/ledger"
	"anywhere/steps"
)

// issued is what the CA of lab has written down.
func (s *shop) issued() []ledger.Certificate {
	s.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*"))
	if err != nil || len(dirs) != 1 {
		s.t.Fatal(dirs, err)
	}
	all, err := ledger.Ledger{Dir: dirs[0]}.Issued()
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// What a power failure cuts off is made again; a key that is whole is kept, and
// nothing that is whole is touched. Whatever was signed stands in the ledger, each
// serial once.
func TestAListGoesOnAfterAPowerFailure(t *testing.T) {
	s := newShop(t)
	var names strings.Builder
	for i := range 6 {
		fmt.Fprintf(&names, "host%d\n", i)
	}
	list, out := put(t, []byte(names.String())), filepath.Join(t.TempDir(), "out")
	s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
	in := func(name, file string) string { return filepath.Join(out, name, file) }
	kept, keptKey := readFile(t, in("host0", "certificate.pem")), readFile(t, in("host3", "key.pem"))
	for path, left := range map[string]string{
		in("host1", "certificate.pem"): "",
		in("host2", "certificate.pem"): strings.Repeat("\x00", 600),
		in("host2", "key.pem"):         keptKey[:40],
		in("host3", "certificate.pem"): readFile(t, in("host3", "certificate.pem"))[:100],
	} {
		if err := os.WriteFile(path, []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(out, "host4")); err != nil {
		t.Fatal(err)
	}
	if said := s.want(exitDone, "cert", "issue", "--list", list, "--out", out); !strings.Contains(said, "6 certificates") || !strings.Contains(said, "4 of them new") {
		t.Errorf("got %s", said)
	}
	if readFile(t, in("host0", "certificate.pem")) != kept || readFile(t, in("host3", "key.pem")) != keptKey {
		t.Error("what was whole was made again")
	}
	book := map[string]int{}
	for _, c := range s.issued() {
		book[c.Serial.Hex()]++
	}
	for i := range 6 {
		name := fmt.Sprintf("host%d", i)
		cert := certIn(t, readFile(t, in(name, "certificate.pem")))
		key, err := decode.Key([]byte(readFile(t, in(name, "key.pem"))), nil)
		if err != nil || pki.MatchKey(cert, key) != nil || cert.Subject.CommonName != name {
			t.Errorf("%s: %v, %s", name, err, cert.Subject)
		}
		if n := book[pki.SerialOf(cert).Hex()]; n != 1 {
			t.Errorf("%s: its serial stands %d times in the ledger", name, n)
		}
	}
	if len(book) != 10 {
		t.Errorf("the ledger has %d serials, want the 6 of the first run and the 4 of the second", len(book))
	}
}

func TestAListStopsAtWhatIsNotItsOwn(t *testing.T) {
	s := newShop(t)
	list, out := put(t, []byte("one\ntwo\n")), filepath.Join(t.TempDir(), "out")
	s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
	if err := os.Rename(filepath.Join(out, "one", "key.pem"), filepath.Join(out, "two", "key.pem")); err != nil {
		t.Fatal(err)
	}
	code, _, said := s.run("cert", "issue", "--list", list, "--out", out)
	if code != exitUsage || !strings.Contains(said, "two") || !strings.Contains(said, "another p-256 key") {
		t.Errorf("the key of another: exit %d\n%s", code, said)
	}
	if code, _, said := s.run("cert", "issue", "--list", put(t, []byte("three\n")), "--out", filepath.Dir(list)+"/file"); code == exitDone {
		t.Errorf("a file for a directory: exit %d\n%s", code, said)
	}
}

// One bad request does not keep the others from their certificates.
func TestABadRequestStopsOnlyItself(t *testing.T) {
	s := newShop(t)
	bad := put(t, []byte("noise"))
	list, out := put(t, []byte("one\ntwo "+bad+"\nthree\n")), filepath.Join(t.TempDir(), "out")
	code, _, said := s.run("cert", "issue", "--list", list, "--out", out)
	if code != exitFailed || !strings.Contains(said, "issue certificate for two: read request") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if !exists(filepath.Join(out, "one", "certificate.pem")) || !exists(filepath.Join(out, "three", "certificate.pem")) || exists(filepath.Join(out, "two")) {
		t.Error("one and three were to get theirs, and two nothing")
	}
}

func TestAListIsRevokedByOneList(t *testing.T) {
	s := newShop(t)
	var names strings.Builder
	for i := range 300 {
		fmt.Fprintf(&names, "host%d\n", i)
	}
	list, out := put(t, []byte(names.String())), filepath.Join(t.TempDir(), "out")
	s.want(exitDone, "cert", "issue", "--list", list, "--out", out)
	twice := put(t, []byte(names.String()+"# once more, by its file\n"+filepath.Join(out, "host7", "certificate.pem")+"\n"))
	s.revoke(exitDone, "--list", twice, "--reason", "superseded")
	lists := s.lists()
	if len(lists) != 1 {
		t.Fatalf("got %d lists", len(lists))
	}
	parsed, err := pki.ParseCRL(lists[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]bool{}
	for _, e := range pki.RevokedIn(parsed) {
		entries[e.Serial.Hex()] = e.Reason == "superseded"
	}
	for _, c := range s.issued() {
		if !entries[c.Serial.Hex()] {
			t.Errorf("%s is not in the list, or for another reason", c.CommonName)
		}
	}
	if len(parsed.RevokedCertificateEntries) != 300 || parsed.Number.Int64() != 1 {
		t.Errorf("%d entries, number %v; want 300 in the first list", len(parsed.RevokedCertificateEntries), parsed.Number)
	}
	if err := s.session(); err != nil {
		t.Errorf("this machine was on nobody's list: %v", err)
	}
	for _, args := range [][]string{{"--list", put(t, []byte("host1\nnobody\n"))}, {"--list", put(t, []byte("#\n"))}, {"box", "--list", list}, {"--list", list, "--close"}} {
		if code, _, said := s.run(append([]string{"cert", "revoke", "--yes", "--account", cloudAccount}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d\n%s", args, code, said)
		}
	}
}

// Who has little memory says so with GOMEMLIMIT.
func TestALimitOfMemoryThatTheUserHasSetStands(t *testing.T) {
	percent, limit := debug.SetGCPercent(73), debug.SetMemoryLimit(64<<20)
	defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
	end := sweepLate()
	if got := debug.SetMemoryLimit(-1); got != 64<<20 {
		t.Errorf("the limit became %d", got)
	}
	end()
	if got, during := debug.SetGCPercent(73), debug.SetMemoryLimit(-1); got != 73 || during != 64<<20 {
		t.Errorf("afterwards the percentage is %d and the limit %d", got, during)
	}
	debug.SetMemoryLimit(math.MaxInt64)
	defer sweepLate()()
	if got := debug.SetMemoryLimit(-1); got > bulkHeap+4<<30 {
		t.Errorf("without one of the user's the limit is %d", got)
	}
}

// The pairs are brought to the disk while the next are made; what did not get there is
// said at the end.
func TestAPairThatDoesNotReachTheDiskIsAnError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	disk := &atomicfile.Disk{After: func(c atomicfile.Change) {
		if filepath.Base(c.Path) == "certificate.pem" {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}
	}}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := &shelf{dir: dir, disk: disk, batch: disk.Batch(dir)}
	d := steps.Delivery{KeyPEM: []byte("key"), CertificatePEM: []byte("certificate")}
	d.Order.Name.CommonName = "one"
	shown := 0
	write, err := s.put([]steps.Delivery{d}, func() { shown++ })
	if err == nil {
		err = write()
	}
	if err != nil || shown != 1 {
		t.Fatalf("written: %v, %d shown", err, shown)
	}
	if err := s.finish(false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}
