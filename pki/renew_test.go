package pki

import (
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"
)

func TestRenewalIsDueBetweenTwoThirdsAndThreeQuartersOfLife(t *testing.T) {
	begin := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, life := range []time.Duration{5 * time.Minute, 24 * time.Hour, 90 * 24 * time.Hour} {
		moments := map[time.Time]bool{}
		for range 50 {
			raw := make([]byte, 64)
			if _, err := rand.Read(raw); err != nil {
				t.Fatal(err)
			}
			cert := &x509.Certificate{Raw: raw, NotBefore: begin, NotAfter: begin.Add(life)}
			at := RenewAt(cert)
			if at.Before(begin.Add(life*2/3).Truncate(time.Second)) || at.After(begin.Add(life*3/4)) {
				t.Errorf("life %v: due after %v", life, at.Sub(begin))
			}
			if again := RenewAt(cert); !again.Equal(at) {
				t.Errorf("life %v: two processes find %v and %v", life, at, again)
			}
			moments[at] = true
		}
		if len(moments) < 10 {
			t.Errorf("life %v: 50 certificates are due at only %d moments", life, len(moments))
		}
	}
}
