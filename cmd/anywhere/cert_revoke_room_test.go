package main

import (
	"crypto/rand"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/ledger"
)

// That AWS takes no larger list was once told by its refusal.
func TestAListThatNearsItsSizeIsToldAhead(t *testing.T) {
	s := newShop(t)
	if _, plan, _ := s.run("cert", "revoke", "box", "--plan"); !strings.Contains(plan, " bytes, 0 %") || strings.Contains(plan, "RA221") {
		t.Errorf("of one entry:\n%s", plan)
	}
	dirs := must(filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*")))
	many := ledger.Revocations{Number: 7}
	for range 5200 {
		many.Entries = append(many.Entries, pki.Revoked{Serial: must(pki.NewSerial(rand.Reader)), At: time.Now().UTC().Truncate(time.Second)})
	}
	if err := (ledger.Ledger{Dir: dirs[0]}).Record(many); err != nil {
		t.Fatal(err)
	}
	_, plan, _ := s.run("cert", "revoke", "box", "--plan")
	if !strings.Contains(plan, "5201 entries") || !strings.Contains(plan, "RA221") || !strings.Contains(plan, "anywhere ca rotate") {
		t.Errorf("of many:\n%s", plan)
	}
	var told struct {
		Bytes      int
		NearlyFull bool
	}
	if err := json.Unmarshal([]byte(s.revoke(exitDone, "box", "--json")), &told); err != nil {
		t.Fatal(err)
	}
	if is := len(s.lists()[0].Data); !told.NearlyFull || told.Bytes < is || told.Bytes > is+1500 {
		t.Errorf("told are %d bytes, AWS has %d", told.Bytes, is)
	}
	if status := s.want(exitDone, "status"); !strings.Contains(status, "it nears the size that AWS takes") {
		t.Errorf("status says\n%s", status)
	}
	if code, said, _ := s.run("doctor", "lab"); !strings.Contains(said, "RA221") {
		t.Errorf("doctor: exit %d\n%s", code, said)
	}
	s.pass(time.Minute)
	s.renewed(exitDone)
	s.rotated()
	s.pass(time.Minute)
	s.revoke(exitDone, s.serial())
	if status := s.want(exitDone, "status"); strings.Contains(status, "it nears the size") {
		t.Errorf("after a rotation status says\n%s", status)
	}
}
