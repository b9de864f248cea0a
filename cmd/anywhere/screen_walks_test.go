//go:build unix

package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"anywhere/awsapi/sandbox"
)

// hold keeps the calls of one operation waiting in AWS: reached tells of the first
// one, free lets them go on with fault, which may be nil.
func (b *bench) hold(t *testing.T, op string, fault *sandbox.Fault) (reached chan struct{}, free func()) {
	t.Helper()
	reached = make(chan struct{})
	gate, first := make(chan struct{}), sync.OnceFunc(func() { close(reached) })
	b.breakWith(func(call sandbox.Call) *sandbox.Fault {
		if call.Service+":"+call.Operation != op {
			return nil
		}
		first()
		<-gate
		return fault
	})
	free = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(free)
	return reached, free
}

// laptop are the arguments with which nothing is asked but where.
var laptop = []string{"setup", "--name", "laptop", "--set", "ca.protection=none", "--set", "ca.issuer=own", "--set", "leaf.cn=build-box-7", "--set", "permissions=nothing"}

// reviews starts the set-up of laptop and goes to its review.
func reviews(t *testing.T, b *bench) *seat {
	t.Helper()
	s := sitWith(t, b.home, 80, 24, b.env(), laptop...)
	s.sees("Where should this machine get its credentials from?")
	s.opens(enter, "None of this has happened yet.")
	return s
}

// owned counts what stands in AWS of the set-up laptop.
func (b *bench) owned(t *testing.T) (n int) {
	t.Helper()
	for _, r := range must(b.API.Roles(t.Context())) {
		if strings.HasPrefix(r.Name, "anywhere-laptop-") {
			n++
		}
	}
	for _, a := range must(b.API.Anchors(t.Context())) {
		if strings.HasPrefix(a.Name, "anywhere-laptop-") {
			n++
		}
	}
	return n
}

// TestAKilledSetUpGoesOnAtTheScreen ends the process by SIGKILL while AWS has the
// question for the role, and goes on from home; then a teardown that AWS refuses
// half-way is tried again.
func TestAKilledSetUpGoesOnAtTheScreen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := reviews(t, b)
	reached, free := b.hold(t, "iam:CreateRole", &sandbox.Fault{Status: http.StatusForbidden, Code: "AccessDenied", Message: denied})
	s.opens(enter, "setting up")
	<-reached
	s.sees("✓ trust anchor", "● role")
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.gone
	s.left = true
	free()
	b.breakWith(nil)

	s = sitWith(t, b.home, 80, 24, b.env())
	s.sees("not finished; it goes on where it was stopped")
	s.opens(enter, "None of this has happened yet.")
	s.sees("› + role", "6 changes.")
	s.opens(enter, "laptop works")
	if code := s.exits("q"); code != exitDone {
		t.Errorf("got exit %d from the set-up that went on, want 0", code)
	}
	if got := b.owned(t); got != 2 {
		t.Errorf("got %d roles and trust anchors, want one of each", got)
	}

	b.breakWith(striking(place{"iam:DeleteRole", 0}, &sandbox.Fault{Status: http.StatusForbidden, Code: "AccessDenied", Message: denied}))
	s = sitWith(t, b.home, 80, 24, b.env(), "teardown", "laptop")
	s.sees("Nothing has been removed yet.")
	s.opens(enter, "Could not ")
	s.sees("AWS says", "r retry", "things are done and written down")
	b.breakWith(nil)
	s.opens("r", "gone already; the rest stands.")
	s.opens(enter, "laptop is gone")
	if code := s.exits("q"); code != exitDone {
		t.Errorf("got exit %d from the teardown that was tried again, want 0", code)
	}
	if got := b.owned(t); got != 0 {
		t.Errorf("got %d roles and trust anchors after the teardown, want none", got)
	}
}

// TestCtrlCAtEveryStepLeavesWhatTheNextRunGoesOnFrom leaves by ctrl+c at every screen
// of a set-up, one after the other, on one machine.
func TestCtrlCAtEveryStepLeavesWhatTheNextRunGoesOnFrom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, step := range []struct {
		name string
		args []string
		keys []string // a key and what it opens, by turns
	}{
		{"where", []string{"setup"}, nil},
		{"name", []string{"setup"}, []string{enter, "What is this set-up called?"}},
		{"issuer", []string{"setup", "--name", "laptop"}, []string{enter, "Who issues this machine's certificate?"}},
		{"protection", []string{"setup", "--name", "laptop", "--set", "ca.issuer=own"}, []string{enter, "How is the key of the CA protected?", enter, "Passphrase of the CA key"}},
		{"certificate", laptop[:7], []string{enter, "What should the certificate call this machine?", enter, "What may this machine do?"}},
		{"details", laptop, []string{enter, "None of this has happened yet.", "d", "The same by hand:"}},
		{"settings", laptop, []string{enter, "None of this has happened yet.", tab, "Settings; none of them", enter, "esc"}},
		{"script", laptop, []string{enter, "None of this has happened yet.", "s", "shell script", f2, "The plan as a shell script"}},
		{"review", laptop, []string{enter, "None of this has happened yet.", f1, "Keys of this screen"}},
	} {
		s := sitWith(t, b.home, 80, 24, b.env(), step.args...)
		s.sees("Where should this machine get its credentials from?")
		for i := 0; i < len(step.keys); i += 2 {
			s.opens(step.keys[i], step.keys[i+1])
		}
		if code := s.exits(ctrlC); code != exitInterrupted {
			t.Errorf("%s: got exit %d, want %d", step.name, code, exitInterrupted)
		}
	}
	if made := must(filepath.Glob(filepath.Join(b.home, ".anywhere", "*", "*"))); len(made) != 0 || b.owned(t) != 0 {
		t.Errorf("got %q before anything was approved, want nothing", made)
	}

	s := reviews(t, b)
	reached, free := b.hold(t, "iam:CreateRole", nil)
	s.opens(enter, "setting up")
	<-reached
	s.press(ctrlC)
	s.sees("Stop here?")
	s.press("y")
	s.sees("Everything done so far is in the journal; anywhere setup --name laptop goes on.")
	if code := <-s.gone; code != exitInterrupted {
		t.Errorf("got exit %d from the work that was stopped, want %d", code, exitInterrupted)
	}
	s.left = true
	free()

	b.breakWith(striking(place{"rolesanywhere:CreateProfile", 0}, &sandbox.Fault{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: denied}))
	again := []string{"setup", "--name", "laptop"}
	s = sitWith(t, b.home, 80, 24, b.env(), again...)
	s.sees("None of this has happened yet.")
	s.opens(enter, "Could not ")
	s.sees("r retry")
	if code := s.exits(ctrlC); code != exitInterrupted {
		t.Errorf("got exit %d from the failure, want %d", code, exitInterrupted)
	}

	b.breakWith(nil)
	s = sitWith(t, b.home, 80, 24, b.env(), again...)
	s.sees("None of this has happened yet.")
	s.opens(enter, "laptop works")
	if code := s.exits(ctrlC); code != exitDone {
		t.Errorf("got exit %d at the end, where all is done, want 0", code)
	}
	if got := b.owned(t); got != 2 {
		t.Errorf("got %d roles and trust anchors, want one of each", got)
	}
}

// TestWhatDependsOnAnAnswerFollowsIt goes back and answers otherwise: other questions
// come, and the review has the other names.
func TestWhatDependsOnAnAnswerFollowsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := sitWith(t, b.home, 80, 24, b.env(), "setup", "--set", "ca.issuer=own", "--set", "leaf.cn=build-box-7", "--set", "permissions=nothing")
	s.sees("Where should")
	s.opens(enter, "What is this set-up called?")
	s.press(ctrlU + "laptop")
	s.opens(enter, "How is the key of the CA protected?")
	s.press(down)
	s.opens(enter, "File for the CA key")
	s.opens(escape, "How is the key of the CA protected?")
	s.opens(escape, "What is this set-up called?")
	s.sees("laptop") // it was not lost
	s.press(ctrlU + "build")
	s.opens(enter, "How is the key of the CA protected?")
	s.press(down + down)
	s.opens(enter, "None of this has happened yet.")
	s.sees("build-ca", "anywhere teardown build", "[profile build]")
	if strings.Contains(s.text(), "laptop") {
		t.Errorf("got the name that was changed:\n%s", s.text())
	}
	s.exits(ctrlC)
}

// TestTheScreensOfOtherIssuers are the questions that come outside of the sandbox,
// or where another set-up stands.
func TestTheScreensOfOtherIssuers(t *testing.T) {
	dresses(t, func(t *testing.T, d dress) {
		b := newBench(t)
		d.env = append(b.env(), d.env...)
		first := exec.Command("anywhere", "setup", "--name", "laptop", "--yes", "--account", cloudAccount,
			"--set", "ca.protection=none", "--set", "leaf.cn=build-box-7", "--set", "permissions=nothing")
		first.Env = append(terminalEnv(b.home), d.env...)
		if out, err := first.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		s := start(t, d, b.home, "setup", "--name", "second", "--set", "leaf.cn=build-box-8", "--set", "permissions=nothing")
		s.sees("Where should")
		s.opens(enter, "Which certificate should it use?")
		s.hang("share", "that of set-up laptop")
		s.opens(enter, "Which trust anchor?")
		s.hang("anchor", "a new one")
		s.opens(enter, "Who issues this machine's certificate?")
		s.hang("issuer", "a step-ca")
		s.opens(enter, "How is the key of the CA protected?")
		s.press(down + down)
		s.opens(enter, "None of this has happened yet.")
		s.opens(tab, "Settings; none of them")
		s.opens("/", "keep")
		s.press("shape")
		s.sees("/ shape")
		s.press(enter)
		s.opens(enter, "a root and an intermediate")
		s.hang("shape", "Shape of the CA")
		s.exits(ctrlC)
		s = start(t, d, b.home, "setup", "--name", "second", "--set", "leaf.setup=-", "--set", "anchor.arn=new", "--set", "ca.issuer=csr",
			"--set", "leaf.cn=build-box-8", "--set", "permissions=nothing")
		s.sees("Where should")
		s.opens(enter, "None of this has happened yet.")
		s.hang("review-request", "request")
		// Nothing is done: the page was once called so.
		s.opens(enter, "waits for somebody with a CA")
		s.hang("request", " waiting", "--set csr.answer=FILE")
		if code := s.exits("q"); code != exitUnknown {
			t.Errorf("got exit %d where somebody is waited for, want %d", code, exitUnknown)
		}
		s = start(t, d, b.home, "setup", "--name", "second")
		s.hang("answer", "Which file holds the answer to the request?")
		s.exits(ctrlC)
	})
}
