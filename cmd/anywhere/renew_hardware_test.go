package main

import (
	"strings"
	"testing"
	"time"
)

// A renewal makes a new key in a file, and would have left the token that somebody
// chose.
func TestAKeyInATokenIsNotRenewedAway(t *testing.T) {
	s := newShop(t)
	session, err := s.homeDir().ReadSession(s.place())
	if err != nil {
		t.Fatal(err)
	}
	session.Key = "pkcs11:token=web;object=machine?pin-value=hush-word"
	if err := s.homeDir().WriteSession(s.place(), session); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	code, out, errs := s.run("cert", "renew")
	if code != exitFailed || !strings.Contains(errs, "pkcs11:token=web;object=machine is not one that this program made") || strings.Contains(out+errs, "hush-word") {
		t.Errorf("got exit %d, %s%s; want it refused, without the PIN", code, out, errs)
	}
	if len(s.pairs()) != 1 {
		t.Errorf("got pairs %v, want no new one", s.pairs())
	}
	if after, err := s.homeDir().ReadSession(s.place()); err != nil || after.Key != session.Key {
		t.Errorf("got key %s, %v, want the token's", after.Key, err)
	}
}
