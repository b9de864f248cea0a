package main

import (
	"crypto/x509"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anywhere/awsapi/sandbox"
	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
)

// The file for another machine named a program of this one, which would have been
// missed there at every call.
func TestWhatIsExportedIsNotRenewedByThisMachine(t *testing.T) {
	d := newDay(t)
	out := filepath.Join(t.TempDir(), "there")
	d.want(exitDone, "cert", "export", "--for-host", "--certificate", filepath.Join(d.place().Pair(d.serial()), "certificate.pem"), "--out", out)
	session, err := home.DecodeSession([]byte(readFile(t, filepath.Join(out, "setups", "lab", "session.json"))))
	if err != nil || session.Renewal != (home.Renewal{}) {
		t.Errorf("got %+v, %v", session.Renewal, err)
	}
}

// kept are the sessions that lie in the cache.
func (d *day) kept() []string {
	return must(filepath.Glob(filepath.Join(d.homeDir().Cache(), "*.json")))
}

// Sessions of a revoked certificate were handed out from the cache until they
// ended.
func TestARevokedCertificatesSessionsAreNotHandedOutFromTheCache(t *testing.T) {
	for name, args := range map[string][]string{
		"the certificate revoked": {"cert", "revoke", "box"},
		"the whole set-up closed": {"cert", "revoke", "--close"},
	} {
		t.Run(name, func(t *testing.T) {
			d := &day{shop: newShop(t)}
			if code, said := d.credentials(); code != exitDone || len(d.kept()) != 1 {
				t.Fatalf("exit %d, kept %v\n%s", code, d.kept(), said)
			}
			d.want(exitDone, append(args, "--yes", "--account", cloudAccount)...)
			if left := d.kept(); len(left) > 0 {
				t.Errorf("kept %v", left)
			}
			if code, said := d.credentials(); code != exitFailed {
				t.Errorf("credentials all the same: exit %d\n%s", code, said)
			}
		})
	}
}

// A renewal took a session away that was good for an hour: it was kept for the old
// certificate, and AWS did not answer when one was wanted for the new.
func TestARenewalLeavesASessionWhereThereWasOne(t *testing.T) {
	d := newDay(t)
	for range 3 {
		d.pass(4 * time.Minute)
		if code, said := d.credentials(); code != exitDone {
			t.Fatal(said)
		}
	}
	if len(d.ended) != 3 || len(d.kept()) != 1 {
		t.Fatalf("renewals ended %v, kept %v; want the session of the last", d.ended, d.kept())
	}
	d.breakWith(func(sandbox.Call) *sandbox.Fault { return &sandbox.Fault{Break: true} })
	if code, said := d.credentials(); code != exitDone {
		t.Errorf("exit %d\n%s", code, said)
	}
}

func TestARenewalPutsNoSessionOnTheDiskOfWhoKeepsNone(t *testing.T) {
	d := newDay(t)
	d.pass(4 * time.Minute)
	if code, said := d.credentials("--no-cache"); code != exitDone || len(d.ended) != 1 || len(d.kept()) != 0 {
		t.Errorf("exit %d, renewals ended %v, kept %v\n%s", code, d.ended, d.kept(), said)
	}
}

// Several set-ups of one machine come due at once, and each is looked at by many
// processes: each is renewed once.
func TestSeveralSetUpsAreRenewedAtOnceAndEachOnce(t *testing.T) {
	d := newDay(t)
	names := []string{"lab", "two", "three"}
	for _, name := range names[1:] {
		args := []string{"setup", "--name", name, "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "proof.stranger=no",
			"--set", "binary.dir=" + filepath.Join(t.TempDir(), "bin")}
		for _, answer := range d.ca.answers() {
			args = append(args, "--set", answer)
		}
		d.want(exitDone, args...)
	}
	d.pass(4 * time.Minute)
	before := d.ca.asked
	var runs sync.WaitGroup
	for range 6 {
		for _, name := range names {
			runs.Go(func() {
				if code, _, said := d.run("cert", "renew", "--if-needed", "--setup", name); code != exitDone {
					t.Errorf("%s: exit %d\n%s", name, code, said)
				}
			})
		}
	}
	runs.Wait()
	if got := d.ca.asked - before; got != len(names) {
		t.Errorf("the CA was asked for %d certificates, want one for each of %v", got, names)
	}
	for _, name := range names {
		h := d.homeDir()
		if pairs := must(filepath.Glob(filepath.Join(h.Setup(name).Dir, "pairs", "*"))); len(pairs) != 2 {
			t.Errorf("%s has pairs %v, want the old and the new one", name, pairs)
		}
	}
}

// The disk is full in the middle of a renewal that was started behind the user's
// back: credentials come, and when there is room again so does the certificate.
func TestAFullDiskTakesNoCredentialsAway(t *testing.T) {
	d := newDay(t)
	first := d.serial()
	d.pass(4 * time.Minute)
	d.disk = &atomicfile.Disk{Before: func(c atomicfile.Change) error {
		if strings.Contains(c.Path, "pairs") || strings.HasSuffix(c.Path, "session.json") {
			return errors.New("no space left on device")
		}
		return nil
	}}
	if code, said := d.credentials("--no-cache"); code != exitDone || d.starts != 1 || d.ended[0] == exitDone || d.serial() != first {
		t.Fatalf("exit %d, renewals ended %v, serial %s\n%s", code, d.ended, d.serial(), said)
	}
	d.disk = nil
	d.pass(35 * time.Second)
	if code, said := d.credentials("--no-cache"); code != exitDone || d.starts != 2 || d.ended[1] != exitDone || d.serial() == first {
		t.Errorf("exit %d, renewals ended %v, serial %s\n%s", code, d.ended, d.serial(), said)
	}
}

// A machine slept for longer than its certificate lived, at a CA that renews none
// that is over: the only way was a set-up made anew.
func TestACertificateThatTheCADoesNotReviveIsGotAsIfItWereTheFirst(t *testing.T) {
	d := newDay(t)
	d.ca.set(func() { d.ca.strict = true })
	first := d.serial()
	d.pass(time.Hour)
	code, _, said := d.run("cert", "renew")
	if code != exitFailed || !strings.Contains(said, "hint: anywhere cert renew --setup lab --set stepca.password-file=FILE") {
		t.Errorf("exit %d\n%s", code, said)
	}
	d.want(exitDone, "cert", "renew", "--set", "stepca.password-file="+writtenIn(t, "secret\n"))
	if err := d.session(); err != nil || d.serial() == first {
		t.Errorf("got serial %s after %s, %v", d.serial(), first, err)
	}
	d.pass(4 * time.Minute)
	if got := d.renewed(exitDone, "--if-needed"); !got.Renewed {
		t.Errorf("the next one is not renewed by the certificate: %+v", got)
	}
	for _, set := range []string{"stepca.password=secret", "leaf.cn=other", "stepca.password-file=/no/such/file"} {
		if code, _, said := d.run("cert", "renew", "--set", set); code != exitUsage {
			t.Errorf("--set %s: exit %d\n%s", set, code, said)
		}
	}
	if code, _, said := d.run("cert", "renew", "--set", "stepca.password-file="+writtenIn(t, "wrong")); code == exitDone || strings.Contains(said, "wrong") {
		t.Errorf("a wrong password: exit %d\n%s", code, said)
	}
}

func writtenIn(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	writeFile(t, path, text, 0o600)
	return path
}

// The sandbox moved to another port while a renewal was at work, and the new
// session.json still named the old one: nobody answered there.
func TestARenewalKeepsThePortToWhichTheSandboxHasMovedMeanwhile(t *testing.T) {
	d := newDay(t)
	h := d.homeDir()
	session := must(h.ReadSession(d.place()))
	session.Mode = home.ModeSandbox
	moved := session.Endpoint + "/"
	d.disk = &atomicfile.Disk{After: func(c atomicfile.Change) {
		if strings.HasSuffix(c.Path, "certificate.pem") {
			now := must(h.ReadSession(d.place()))
			now.Mode, now.Endpoint = home.ModeSandbox, moved
			if err := h.WriteSession(d.place(), now); err != nil {
				t.Error(err)
			}
		}
	}}
	if err := h.WriteSession(d.place(), session); err != nil {
		t.Fatal(err)
	}
	first := d.serial()
	d.want(exitDone, "cert", "renew")
	if got := must(h.ReadSession(d.place())); got.Endpoint != moved || d.serial() == first {
		t.Errorf("got endpoint %s, want %s", got.Endpoint, moved)
	}
}

// After a revocation the advice was a renewal, which a step-ca refuses to whoever shows
// the revoked certificate, and that refusal did not say what helps.
func TestWhatAStepCAHasRevokedIsEnrolledAnew(t *testing.T) {
	d := newDay(t)
	cert := must(x509.ParseCertificate(must(d.homeDir().ReadSession(d.place())).Certificate))
	serial := d.serial()
	list := put(t, d.listOf(d.ca.root, d.ca.key, 1, pki.SerialOf(cert).Hex()))
	d.ca.set(func() { d.ca.revoked = map[string]bool{cert.SerialNumber.String(): true} })
	anew := "anywhere cert renew --setup lab --set stepca.password-file=FILE"
	if said := d.bring(exitDone, list); !strings.Contains(said, anew) {
		t.Errorf("the revocation says\n%s", said)
	}
	if code, _, said := d.run("cert", "renew", "--setup", "lab"); code != exitFailed || !strings.Contains(said, "hint: step-ca renews none that it has revoked, and its log says why: "+anew) {
		t.Errorf("the renewal: exit %d\n%s", code, said)
	}
	d.pass(time.Second)
	d.want(exitDone, "cert", "renew", "--setup", "lab", "--set", "stepca.password-file="+put(t, []byte("secret")))
	if d.serial() == serial {
		t.Error("the revoked certificate is still in use")
	}
}
