package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anywhere/pki"
)

// Hours of certificates that live five minutes, asked after every minute as a
// timer would, while the CA's key is away a third of the time: no request for
// credentials fails while a certificate is valid, each life is renewed once, and
// key and certificate always belong together.
func TestHoursOfFiveMinuteCertificates(t *testing.T) {
	s := newShop(t, "leaf.life=5m")
	keys, err := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "ca.key"))
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	const span = 2 * 60 // minutes
	renewals, lives, asked := 0, map[string]bool{s.serial(): true}, 0
	for minute := range span {
		away := minute%90 >= 60
		from, to := keys[0], keys[0]+".away"
		if !away {
			from, to = to, from
		}
		if err := os.Rename(from, to); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		s.pass(time.Minute)
		before := s.serial()
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"cert", "renew", "--if-needed"}, s.app(&out, &errs))
		if code != exitDone && !away {
			t.Fatalf("minute %d: exit %d\n%s", minute, code, &errs)
		}
		if now := s.serial(); now != before {
			if lives[now] {
				t.Fatalf("minute %d: serial %s came back", minute, now)
			}
			lives[now], renewals = true, renewals+1
		}
		session, id, err := s.homeDir().ReadIdentity(s.place(), nil)
		if err == nil {
			err = pki.MatchKey(id.Certificate, id.Key)
		}
		if err != nil {
			t.Fatalf("minute %d: a mixed pair: %v", minute, err)
		}
		if minute%4 != 0 || !s.clock().Before(id.Certificate.NotAfter) {
			continue
		}
		if _, err := s.client().CreateSession(t.Context(), session.Target(), id); err != nil {
			t.Fatalf("minute %d: no credentials though the certificate is valid until %s: %v", minute, id.Certificate.NotAfter, err)
		}
		asked++
	}
	// Due three to four minutes into a life of five: at most one renewal each.
	if most, least := span*2/3/3, span*2/3/5; renewals > most || renewals < least || asked < span/8 {
		t.Errorf("got %d renewals and %d sessions, want %d to %d renewals", renewals, asked, least, most)
	}
	if n := len(s.pairs()); n > 3 {
		t.Errorf("%d pairs are kept, of which one is in use", n)
	}
}
