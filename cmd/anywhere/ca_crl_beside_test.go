package main

import (
	"strings"
	"testing"
	"time"

	"anywhere/pki"
)

// entriesIn counts the revoked certificates on the only list of an account; -1 if there
// is no list.
func (s *shop) entriesIn(number string) int {
	s.t.Helper()
	lists := must(s.apiOf(s.t.(*testing.T), number).CRLs(s.t.Context()))
	if len(lists) == 0 {
		return -1
	}
	return len(must(pki.ParseCRL(lists[0].Data)).RevokedCertificateEntries)
}

// A list from outside was brought to one trust anchor a run, and the hourly unit kept it
// fresh for that one alone.
func TestAListFromOutsideReachesEveryAccountThatTrustsTheCA(t *testing.T) {
	s := newPair(t)
	ca, key := s.signer()
	p := newPublisher(t)
	from := []string{"ca", "crl", "--setup", "lab", "--import", p.URL + "/crl", "--yes"}
	one, both := append(from, "--account", cloudAccount), append(from, "--account", cloudAccount+","+auditAccount)
	p.data = s.listOf(ca, key, 5, "41aa")

	s.want(exitDone, append(both, "--plan")...)
	if s.entriesIn(cloudAccount) != -1 || s.entriesIn(auditAccount) != -1 {
		t.Fatal("a plan was applied")
	}
	said := s.want(exitFailed, one...)
	if !strings.Contains(said, "anywhere ca crl --setup audit --import "+p.URL+"/crl") || s.entriesIn(cloudAccount) != 1 || s.entriesIn(auditAccount) != -1 {
		t.Errorf("the account that was not named: %d and %d entries\n%s", s.entriesIn(cloudAccount), s.entriesIn(auditAccount), said)
	}
	if status := s.want(exitDone, "status"); strings.Count(status, "revocation list: it did not get here") != 1 {
		t.Errorf("status says\n%s", status)
	}
	s.want(exitDone, both...) // the first has it already
	if s.entriesIn(auditAccount) != 1 {
		t.Errorf("%d entries in the other account, want one", s.entriesIn(auditAccount))
	}
	if status := s.want(exitDone, "status"); strings.Contains(status, "revocation list") {
		t.Errorf("status still says\n%s", status)
	}
	if said := s.want(exitDone, both...); !strings.Contains(said, "AWS has this list") {
		t.Errorf("nothing is new: %s", said)
	}

	// The certificate that both use.
	s.pass(time.Minute)
	p.data = s.listOf(ca, key, 6, "41aa", s.serial())
	said = s.want(exitDone, both...)
	for _, want := range []string{"refused  " + s.serial(), "set-up audit, account " + auditAccount + ": AWS gives it no session any more", "anywhere cert renew --setup", "Sessions already issued live until"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	if status := s.want(exitDone, "status"); strings.Count(status, "unhealthy (RA206)") != 2 {
		t.Errorf("status says\n%s", status)
	}
	unit := s.want(exitDone, "ca", "crl", "--setup", "lab", "--import", "https://ca.example.com/crl", "--print-unit", "systemd")
	if !strings.Contains(unit, " --account "+cloudAccount+","+auditAccount) {
		t.Errorf("the unit does not serve both:\n%s", unit)
	}
}

// An intermediate that signs its lists is known to the one set-up that uses it.
func TestAListOfAnIntermediateReachesATrustAnchorThatKnowsTheRootAlone(t *testing.T) {
	first := newLower(t)
	s := newShop(t, first.answers...)
	root := strings.TrimPrefix(first.answers[1], "ca.certificate=")
	key := put(t, must(pki.EncodeKey(first.rootKey)))
	s.want(exitDone, "setup", "--name", "plain", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=plain", "--set", "proof.stranger=no",
		"--set", "ca.certificate="+root, "--set", "ca.private-key="+key, "--set", "binary.dir="+t.TempDir())
	file := put(t, s.listOf(first.ca, first.key, 1, first.serial))
	if said := s.want(exitDone, "ca", "crl", "--setup", "lab", "--import", file, "--hold-issuer", "--yes", "--account", cloudAccount); strings.Contains(said, "not reached") {
		t.Errorf("got %s", said)
	}
	if lists := s.lists(); len(lists) != 2 || !lists[0].Enabled || !lists[1].Enabled {
		t.Errorf("got %+v, want one list for each trust anchor", lists)
	}
}
