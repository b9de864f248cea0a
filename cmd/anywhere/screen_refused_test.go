//go:build unix

package main

import (
	"os/exec"
	"strings"
	"testing"

	"anywhere/awsapi/sandbox"
)

// TestTheScreensOfASetUpThatAWSRefuses walks in another AWS than the sandbox: every
// question that is asked there, an error of AWS that would speak to the terminal,
// the way on from it, and the doctor on what somebody broke later.
func TestTheScreensOfASetUpThatAWSRefuses(t *testing.T) {
	dresses(t, func(t *testing.T, d dress) {
		b := newBench(t)
		d.env = append(b.env(), d.env...)
		b.breakWith(striking(place{"iam:CreateRole", 0}, &sandbox.Fault{Status: 403, Code: "AccessDenied", Message: evil}))
		s := start(t, d, b.home, "setup")
		answersAll(s)
		s.opens(enter, "Could not ")
		s.hang("failure", "Could not ", "r retry", "52;c;ZXZpbA==")
		s.opens(f2, "Why AWS wants it")
		s.hang("failure-explain")
		s.opens(escape, "r retry")
		b.breakWith(striking(place{"iam:CreateRole", 0}, &sandbox.Fault{Status: 403, Code: "AccessDenied", Message: denied}))
		s.opens("r", "None of this has happened yet.")
		s.opens(enter, "no identity-based policy")
		s.hang("failure-denied", "Could not ")
		if code := s.exits("q"); code != exitFailed {
			t.Errorf("got exit %d from the refused set-up, want 1", code)
		}
		b.breakWith(nil)
		s = start(t, d, b.home)
		s.hang("home-unfinished", "not finished")
		s.opens(enter, "None of this has happened yet.")
		s.hang("review-rest", "role", "trust anchor")
		b.breakWith(striking(place{"rolesanywhere:CreateSession", 0}, &sandbox.Fault{Status: 403, Code: "AccessDeniedException", Message: "Untrusted certificate. Insufficient certificate"}))
		s.opens(enter, "d doctor")
		s.hang("failure-session", "Could not ")
		b.breakWith(nil)
		s.opens("d", "looked for")
		s.hang("doctor-from-failure", "laptop")
		if code := s.exits("q"); code != exitDone {
			t.Errorf("got exit %d, want that of a healthy doctor", code)
		}
		s = start(t, d, b.home, "setup", "--name", "laptop")
		s.opens(enter, "laptop works")
		s.hang("done-elsewhere")
		s.exits("q")
		breaks(t, b, d)
	})
}

// denied is what IAM says to somebody without the right.
const denied = "User: arn:aws:iam::000000000000:user/ops1 is not authorized to perform: iam:CreateRole on resource: " +
	"arn:aws:iam::000000000000:role/anywhere-laptop because no identity-based policy allows the iam:CreateRole action"

// answersAll walks through the questions to the review.
func answersAll(s gallery) {
	s.hang("where", "Where should this machine get its credentials from?")
	s.opens(enter, "What is this set-up called?")
	s.press(ctrlU + "laptop")
	s.opens(enter, "How is the key of the CA protected?")
	s.hang("protection")
	s.opens(enter, "Passphrase of the CA key")
	s.press("correct horse battery")
	s.hang("passphrase", "****")
	s.opens(enter, "once more to be sure")
	s.press("wrong horse")
	s.opens(enter, "not the same")
	s.hang("passphrase-differs")
	s.press("correct horse battery")
	s.opens(enter, "once more to be sure")
	s.press("correct horse battery")
	s.opens(enter, "What should the certificate call this machine?")
	s.press(ctrlU + "build-box-7")
	s.opens(enter, "What may this machine do?")
	s.opens(enter, "None of this has happened yet.")
	s.hang("review-elsewhere")
}

// breaks lets the role in another machine than this, and shows what the doctor,
// home and the teardown say then.
func breaks(t *testing.T, b *bench, d dress) {
	t.Helper()
	for _, r := range must(b.API.Roles(t.Context())) {
		if strings.HasPrefix(r.Name, "anywhere-laptop-") {
			policy := must(b.API.Role(t.Context(), r.Name)).TrustPolicy
			if err := b.API.UpdateTrustPolicy(t.Context(), r.Name, strings.ReplaceAll(policy, "build-box-7", "build-box-8")); err != nil {
				t.Fatal(err)
			}
		}
	}
	practice := exec.Command("anywhere", "setup", "--sandbox", "--name", "practice", "--set", "leaf.cn=build-box-7")
	practice.Env = terminalEnv(b.home)
	if out, err := practice.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// The doctor asks for a session while it reads what AWS saw last: only the second
	// time is it sure to read of a failed one.
	first := exec.Command("anywhere", "doctor", "laptop")
	first.Env = append(terminalEnv(b.home), d.env...)
	if out, err := first.CombinedOutput(); err == nil {
		t.Fatalf("got a healthy set-up: %s", out)
	}
	s := start(t, d, b.home)
	s.opens(enter, "enter details")
	s.hang("doctor", "RA302")
	s.opens(enter, "esc close")
	s.hang("doctor-finding", "RA302")
	s.opens(escape, "r run again")
	s.opens("q", "unhealthy")
	s.hang("home-several", "2 set-ups")
	s.opens("t", "Nothing has been removed yet.")
	s.hang("teardown-elsewhere", "[ ]")
	s.exits("q")
	certificate, _ := evilCA(t, b.dir)
	s = start(t, d, b.home, "cert", "inspect", certificate)
	s.hang("inspect-foreign", "ZXZpbA==")
	s.exits("q")
}
