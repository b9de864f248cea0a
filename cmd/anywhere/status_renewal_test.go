package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"anywhere/signer/home"
)

// A certificate that had expired some hours ago was called good for 0 days, and
// one that lives an hour too.
func TestStatusSaysHowLongInWordsThatFit(t *testing.T) {
	s := newShop(t, "leaf.life=24h")
	for _, step := range []struct {
		pass time.Duration
		want string
	}{
		{0, "certificate good for 23 hours"},
		{22*time.Hour + 30*time.Minute, "certificate good for 89 minutes, renewal is due: anywhere cert renew --setup lab"},
		{2 * time.Hour, "UTC, renewal is due: anywhere cert renew --setup lab"},
	} {
		s.pass(step.pass)
		if said := s.want(exitDone, "status"); !strings.Contains(said, step.want) {
			t.Errorf("got %q, want %q", said, step.want)
		}
	}
	if said := s.want(exitDone, "status"); !strings.Contains(said, "certificate expired on 2") {
		t.Errorf("got %q", said)
	}
}

func TestStatusTellsOfARenewalByItselfAndOfItsFailing(t *testing.T) {
	d := newDay(t)
	status := func() (text string, all struct{ Setups []setupStatus }) {
		t.Helper()
		if err := json.Unmarshal([]byte(d.want(exitDone, "status", "--json")), &all); err != nil || len(all.Setups) != 1 {
			t.Fatalf("%v in %+v", err, all)
		}
		return d.want(exitDone, "status"), all
	}
	if text, all := status(); all.Setups[0].RenewsFrom == nil || all.Setups[0].Due || !strings.Contains(text, "good for 4 minutes, renewed by itself from ") {
		t.Errorf("got %s, %+v", text, all)
	}
	d.ca.set(func() { d.ca.down = true })
	d.pass(4 * time.Minute)
	if code, said := d.credentials(); code != exitDone || d.starts != 1 {
		t.Fatalf("exit %d, %d started\n%s", code, d.starts, said)
	}
	text, all := status()
	if all.Setups[0].Attempts != 1 || all.Setups[0].Due || !strings.Contains(text, "warning: renewal: ") {
		t.Errorf("after one failure: got %s, %+v", text, all)
	}
	d.pass(31 * time.Second)
	d.credentials()
	if text, all = status(); !all.Setups[0].Due || !strings.Contains(text, "its renewal was started 2 times and has not ended well: anywhere cert renew --setup lab says why") {
		t.Errorf("after two: got %s, %+v", text, all)
	}
	// The doctor reads the same notes.
	if _, said, _ := d.run("doctor", "lab", "--offline"); !strings.Contains(said, "renewal: ") {
		t.Errorf("the doctor says nothing of it:\n%s", said)
	}
	d.ca.set(func() { d.ca.down = false })
	d.pass(25 * time.Second)
	d.want(exitDone, "cert", "renew", "--if-needed")
	if text, all = status(); all.Setups[0].Attempts != 0 || all.Setups[0].Warning != "" || strings.Contains(text, "warning") {
		t.Errorf("after it went well: got %s, %+v", text, all)
	}
}

func TestASetUpThatIsRenewedByItselfSaysSoInItsSessionFile(t *testing.T) {
	d := newDay(t)
	h := d.homeDir()
	session := must(h.ReadSession(d.place()))
	if r := session.Renewal; r.Issuer != "step-ca" || r.Program == "" || !r.Due(d.clock().Add(4*time.Minute)) || r.Due(d.clock()) {
		t.Errorf("got %+v", r)
	}
	// An older file says nothing; the next renewal adds it.
	session.Renewal = home.Renewal{}
	if err := h.WriteSession(d.place(), session); err != nil {
		t.Fatal(err)
	}
	d.want(exitDone, "cert", "renew", "--if-needed")
	if r := must(h.ReadSession(d.place())).Renewal; r.Program == "" || r.At.IsZero() {
		t.Errorf("after a look: got %+v", r)
	}
	if plan := d.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", plan)
	}
}

// Where several set-ups share a certificate, the failure of one stood in status though
// another one had renewed it for both, and whoever could not take it was not told of.
func TestARenewalOfOneSetUpIsToldOfAllThatShareTheCertificate(t *testing.T) {
	s := newShop(t)
	s.sharer("other-role")
	h := s.homeDir()
	warned := func(name string) string {
		t.Helper()
		notes := must(h.ReadNotes(h.Setup(name)))
		if len(notes.Warnings) == 0 {
			return ""
		}
		return notes.Warnings[0].Says
	}
	before := home.Notes{}.Warn(home.Warning{Code: home.RenewalWarning, Says: "renewal: the issuer is down", At: s.clock()})
	before.Renewal.Count = 2
	for _, name := range []string{"lab", "other-role"} {
		for _, by := range []string{"lab", "other-role"} {
			if err := h.WriteNotes(h.Setup(name), before); err != nil {
				t.Fatal(err)
			}
			s.pass(time.Minute)
			s.renewed(exitDone, "--setup", by)
			if says := warned(name); says != "" || must(h.ReadNotes(h.Setup(name))).Renewal.Count != 0 {
				t.Errorf("renewed by %s, %s still says %q", by, name, says)
			}
		}
	}
	profile := must(h.ReadSession(h.Setup("other-role"))).ProfileARN
	if err := s.API.DisableProfile(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	s.renewed(exitDone, "--setup", "lab")
	if says := warned("other-role"); !strings.Contains(says, "set-up lab has a new certificate, which could not be taken: ") || warned("lab") != "" {
		t.Errorf("who could not take it says %q, lab %q", says, warned("lab"))
	}
	if err := s.API.EnableProfile(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	s.renewed(exitDone, "--setup", "lab", "--if-needed")
	if says := warned("other-role"); says != "" {
		t.Errorf("after it took it: %q", says)
	}
}
