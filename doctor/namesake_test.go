package doctor

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A CA of the issuer's name that ended was said to be the certificate's own, and
// the certificate to outlive it.
func TestANamesakeOfTheCASaysNothingAboutTheCertificate(t *testing.T) {
	l := newLab(t)
	ended := caTemplate()
	ended.NotAfter = noon.Add(-time.Hour)
	key := newKey(t)
	l.bundle = []*x509.Certificate{sign(t, ended, nil, key.Public(), key)}
	l.refuse(untrusted)
	r := Diagnose(l.evidence())
	if got := fmt.Sprint(r.Causes); got != "[RA202 RA155]" {
		t.Errorf("got causes %s", got)
	}
	if outlives, _ := r.Finding("RA602"); outlives.Verdict != Skip {
		t.Errorf("RA602: got %s, %s", outlives.Verdict, outlives.Says)
	}
	if over, _ := r.Finding("RA155"); !strings.Contains(over.Says, "did not issue") || !strings.Contains(over.Fix.Text, "out of the trust anchor") {
		t.Errorf("RA155: got %s, fix %s", over.Says, over.Fix.Text)
	}
}
