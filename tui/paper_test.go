package tui

import (
	"strings"
	"testing"
	"time"
)

// papers are a CA's certificate and one of a machine that AWS would refuse.
func papers(name string) []Paper {
	day := 24 * time.Hour
	leaf := Paper{Name: "chain.pem, 2 of 2", Mark: Bad, Says: "AWS would refuse it as the certificate of a machine: RA113",
		NotBefore: homeNow.Add(-29 * day), NotAfter: homeNow.Add(61 * day),
		Sections: []Section{
			{"In the certificate", []Fact{{Label: "subject", Value: "CN=" + name}, {Label: "issuer", Value: "CN=laptop-ca"},
				{Label: "serial", Value: "4F:00:A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E"}}},
			{"What AWS makes of it", []Fact{
				{Label: "session name", Value: "4f00a1b2c3d4e5f60718293a4b5c6d7e", Note: "the serial, in CloudTrail and in the ARN"},
				{Label: "source identity", Value: "CN=" + name, Note: "stays through every role it takes"},
				{Mark: Warned, Label: "x509Subject/O", Value: "Example (Test)", Note: "dropped: no tag may hold these characters"}}},
			{"What Roles Anywhere asks of it", []Fact{
				{Mark: Bad, Label: "RA113", Value: "Key usage includes digitalSignature", Note: "fails: keyEncipherment"},
				{Mark: Good, Label: "RA111", Value: "Certificate is X.509 version 3"}}},
		}}
	ca := Paper{Name: "chain.pem, 1 of 2", Mark: Good, Says: "AWS would take it in a trust anchor, if its chain and the account agree",
		NotBefore: homeNow.Add(-29 * day), NotAfter: homeNow.Add(1800 * day), Sections: leaf.Sections[:1]}
	return []Paper{ca, leaf}
}

func TestTheInspectorWalksThroughAChain(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, reading{papers("build-box-7"), func() time.Time { return homeNow }}, 80, 24)
		s.shows("chain.pem, 1 of 2", "✓ AWS would take it in a trust anchor", "1800 of 1829 days")
		s.press("n")
		s.shows("chain.pem, 2 of 2", "✗ AWS would refuse it", "61 of 90 days", "source identity")
		s.press("/", "R", "A", "1", "1", "3", "enter")
		s.shows("digitalSignature")
		if strings.Contains(s.text(), "session name") {
			t.Errorf("got facts that the filter does not let through:\n%s", s.text())
		}
		s.press("c")
		s.shows("copied")
		s.press("q")
		if out := s.leaves(); out.State != Left || !strings.Contains(out.Copied, "FAIL  RA113") {
			t.Errorf("got %s and %q, want left with the report copied", out.State, out.Copied)
		}
	})
}
