package main

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi/sandbox"
	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/steps"
)

func (s *shop) client() signer.Client {
	return signer.Client{Now: s.clock, AllowHTTP: true, Deadline: 10 * time.Second}
}

// renewed is the document of cert renew --json.
func (s *shop) renewed(code int, args ...string) steps.Renewed {
	s.t.Helper()
	var out steps.Renewed
	text := s.want(code, append([]string{"cert", "renew", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	return out
}

func TestARenewalReplacesThePairAndTeardownRemovesBoth(t *testing.T) {
	s := newShop(t)
	first := s.pairs()
	s.pass(time.Minute)
	got := s.renewed(exitDone)
	if !got.Renewed || got.Before.SerialHex != first[0] || got.Certificate.SerialHex == first[0] {
		t.Errorf("got %+v, want another serial than %s", got, first[0])
	}
	if got.Session.SourceIdentity != "CN=box" || !strings.HasSuffix(got.Session.ARN, "/"+got.Certificate.SerialHex) {
		t.Errorf("the proof is %+v", got.Session)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	if all := s.pairs(); len(all) != 2 {
		t.Errorf("got pairs %v, want the old one kept", all)
	}
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something after a renewal:\n%s", plan)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if all := s.pairs(); len(all) != 0 {
		t.Errorf("teardown left %v", all)
	}
}

func TestNothingIsRenewedBeforeItIsDue(t *testing.T) {
	s := newShop(t, "leaf.life=24h")
	s.pass(15 * time.Hour)
	if got := s.renewed(exitDone, "--if-needed"); got.Renewed || len(s.pairs()) != 1 {
		t.Errorf("got %+v with pairs %v, want nothing renewed at five eighths", got, s.pairs())
	}
	s.pass(3 * time.Hour)
	if said := s.want(exitDone, "status"); !strings.Contains(said, "renewal is due: anywhere cert renew --setup lab") {
		t.Errorf("status says nothing of it: %s", said)
	}
	if got := s.renewed(exitDone, "--if-needed"); !got.Renewed {
		t.Errorf("got %+v, want it renewed at three quarters", got)
	}
	if got := s.renewed(exitDone, "--if-needed"); got.Renewed || len(s.pairs()) != 2 {
		t.Errorf("got %+v with pairs %v, want one renewal a life", got, s.pairs())
	}
	s.pass(23 * time.Hour)
	if got := s.renewed(exitDone); len(got.Forgotten) != 1 || len(s.pairs()) != 2 {
		t.Errorf("got %v forgotten of pairs %v, want the first pair, whose life is over", got.Forgotten, s.pairs())
	}
}

func TestAPairThatAWSCannotBeAskedAboutWaitsAndIsUsedLater(t *testing.T) {
	s := newShop(t)
	silent := true
	s.breakWith(func(c sandbox.Call) *sandbox.Fault {
		if silent && c.Operation == "CreateSession" {
			return &sandbox.Fault{Break: true}
		}
		return nil
	})
	code, _, said := s.run("cert", "renew")
	if code != exitUnknown || !strings.Contains(said, "the old one stays in use and the new one waits") {
		t.Errorf("exit %d, want %d:\n%s", code, exitUnknown, said)
	}
	waiting := s.pairs()
	silent = false
	if err := s.session(); err != nil {
		t.Errorf("the old pair does not work any more: %v", err)
	}
	notes, err := s.homeDir().ReadNotes(s.place())
	if err != nil || len(notes.Warnings) != 1 || notes.Warnings[0].Code != home.RenewalWarning {
		t.Errorf("got %+v, %v; want the failure noted", notes.Warnings, err)
	}
	if said := s.want(exitDone, "status"); !strings.Contains(said, "warning: renewal: prove certificate") {
		t.Errorf("status says nothing of it: %s", said)
	}
	got := s.renewed(exitDone)
	if !got.Renewed || !slices.Equal(s.pairs(), waiting) || !slices.Contains(waiting, got.Certificate.SerialHex) {
		t.Errorf("got %s of pairs %v, want the one of %v that waited", got.Certificate.SerialHex, s.pairs(), waiting)
	}
	if notes, err = s.homeDir().ReadNotes(s.place()); err != nil || len(notes.Warnings) != 0 {
		t.Errorf("got %+v, %v; want the warning gone", notes.Warnings, err)
	}
}

func TestAPairThatAWSRefusesIsTakenBack(t *testing.T) {
	s := newShop(t)
	refuse := true
	s.breakWith(func(c sandbox.Call) *sandbox.Fault {
		if refuse && c.Operation == "CreateSession" {
			return &sandbox.Fault{Status: 403, Code: "AccessDeniedException", Message: "Certificate revoked"}
		}
		return nil
	})
	code, _, said := s.run("cert", "renew")
	if code != exitFailed || !strings.Contains(said, "Certificate revoked") || !strings.Contains(said, "it was taken back") {
		t.Errorf("exit %d, want %d:\n%s", code, exitFailed, said)
	}
	refuse = false
	if n := len(s.pairs()); n != 1 {
		t.Errorf("got %d pairs, want the old one alone", n)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
}

func TestALockedCAKeyIsAskedForOnlyWhenACertificateIsIssued(t *testing.T) {
	t.Setenv("CA_PHRASE", "correct horse battery")
	s := newShop(t, "ca.protection=passphrase", "ca.passphrase-env=CA_PHRASE")
	s.want(exitDone, "cert", "renew", "--if-needed")
	if code, _, said := s.run("cert", "renew"); code != exitUsage || !strings.Contains(said, "no passphrase was given") {
		t.Errorf("exit %d, want %d:\n%s", code, exitUsage, said)
	}
	if all := s.standing(); len(s.pairs()) != 1 || slices.Index(all, "certificate.issue") < 0 {
		t.Errorf("something was made without the key: %v", s.pairs())
	}
	s.want(exitDone, "cert", "renew", "--ca-passphrase-env", "CA_PHRASE")
	if n := len(s.pairs()); n != 2 {
		t.Errorf("got %d pairs, want 2", n)
	}
}

func TestADestroyedCAKeyRenewsNothingAndSaysSo(t *testing.T) {
	s := newShop(t, "ca.protection=destroy-after-issuing")
	if code, _, said := s.run("cert", "renew"); code != exitFailed || !strings.Contains(said, "the key of the CA was not kept") {
		t.Errorf("exit %d, want %d:\n%s", code, exitFailed, said)
	}
}

// A renewal is stopped at every write, one after the other. What is there is the
// old pair or the new one, whole, and the next run finishes.
func TestARenewalThatIsStoppedAnywhereLeavesOneWholePair(t *testing.T) {
	s := newShop(t)
	for stopAt := 1; ; stopAt++ {
		s.pass(time.Minute)
		count := 0
		s.disk = &atomicfile.Disk{Before: func(atomicfile.Change) error {
			if count++; count >= stopAt {
				return errors.New("stopped here")
			}
			return nil
		}}
		code, _, said := s.run("cert", "renew")
		s.disk = nil
		session, id, err := s.homeDir().ReadIdentity(s.place(), nil)
		if err == nil {
			err = pki.MatchKey(id.Certificate, id.Key)
		}
		if err != nil || !strings.Contains(session.Key, pki.SerialOf(id.Certificate).Hex()) {
			t.Fatalf("stopped at write %d: a mixed pair: %s, %v", stopAt, session.Key, err)
		}
		if err := s.session(); err != nil {
			t.Fatalf("stopped at write %d: no credentials: %v", stopAt, err)
		}
		if count < stopAt {
			if code != exitDone {
				t.Fatalf("exit %d without a stop:\n%s", code, said)
			}
			if stopAt < 7 {
				t.Fatalf("a renewal made only %d writes", stopAt)
			}
			break
		}
		if got := s.renewed(exitDone); !got.Renewed && code != exitDone {
			t.Fatalf("stopped at write %d: the next run renewed nothing", stopAt)
		}
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if all := s.pairs(); len(all) != 0 {
		t.Errorf("teardown left %v", all)
	}
}
