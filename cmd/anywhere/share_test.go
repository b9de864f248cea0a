package main

import (
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/signer"
	"anywhere/signer/home"
)

// sharer makes a set-up that uses the certificate of lab.
func (s *shop) sharer(name string, answers ...string) {
	s.t.Helper()
	args := []string{"setup", "--name", name, "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup=lab", "--set", "proof.stranger=no",
		"--set", "binary.dir=" + filepath.Join(filepath.Dir(s.home), "bin")}
	for _, answer := range answers {
		args = append(args, "--set", answer)
	}
	s.want(exitDone, args...)
}

// serialOf is the serial with which a set-up really gets a session.
func (s *shop) serialOf(name string) string {
	s.t.Helper()
	file, id, err := s.homeDir().ReadIdentity(s.homeDir().Setup(name), nil)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	creds, err := s.client().CreateSession(s.t.Context(), file.Target(), id)
	if err != nil {
		s.t.Fatalf("%s gets no session: %v", name, err)
	}
	return creds.AssumedRoleARN[strings.LastIndex(creds.AssumedRoleARN, "/")+1:]
}

func TestOneCertificateOpensSeveralRolesAndOneRenewalServesThemAll(t *testing.T) {
	s := newShop(t)
	lab := must(s.homeDir().ReadSession(s.place()))
	s.sharer("other-role")
	s.sharer("same-role", "role.arn="+lab.RoleARN, "session.duration=900")
	other := must(s.homeDir().ReadSession(s.homeDir().Setup("other-role")))
	same := must(s.homeDir().ReadSession(s.homeDir().Setup("same-role")))
	if other.TrustAnchorARN != lab.TrustAnchorARN || other.RoleARN == lab.RoleARN || same.RoleARN != lab.RoleARN || same.ProfileARN == lab.ProfileARN {
		t.Errorf("got anchors %s, %s and roles %s, %s, %s", lab.TrustAnchorARN, other.TrustAnchorARN, lab.RoleARN, other.RoleARN, same.RoleARN)
	}
	first := s.serialOf("lab")
	s.pass(time.Minute)
	// It does not matter which of them is renewed.
	got := s.renewed(exitDone, "--setup", "same-role")
	if got.Setup != "same-role" || got.Owner != "lab" || len(got.HandedOn) != 2 || got.HandedOn[0].Problem+got.HandedOn[1].Problem != "" {
		t.Errorf("got %+v", got)
	}
	second := s.serialOf("lab")
	if second == first || s.serialOf("other-role") != second || s.serialOf("same-role") != second {
		t.Errorf("serials: lab had %s and has %s, the others have %s and %s", first, second, s.serialOf("other-role"), s.serialOf("same-role"))
	}
	for _, name := range []string{"lab", "other-role", "same-role"} {
		if plan := s.want(exitDone, "setup", "--name", name, "--plan"); !strings.Contains(plan, "nothing to change") {
			t.Errorf("setup wants to change something of %s:\n%s", name, plan)
		}
	}
	if again := s.renewed(exitDone, "--setup", "other-role", "--if-needed"); again.Renewed || len(again.HandedOn) != 0 {
		t.Errorf("got %+v though nothing is due", again)
	}
}

// A set-up that a renewal could not reach stays with its own pair, which works, and
// gets the new one later.
func TestASharerThatCouldNotBeProvedGetsThePairLater(t *testing.T) {
	s := newShop(t)
	s.sharer("other-role")
	file := must(s.homeDir().ReadSession(s.homeDir().Setup("other-role")))
	profile := file.ProfileARN
	if err := s.API.DisableProfile(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	got := s.renewed(exitDone, "--setup", "lab")
	if len(got.HandedOn) != 1 || !strings.Contains(got.HandedOn[0].Problem, "Profile is disabled") {
		t.Errorf("got %+v", got.HandedOn)
	}
	if now := must(s.homeDir().ReadSession(s.homeDir().Setup("other-role"))); !slices.Equal(now.Certificate, file.Certificate) {
		t.Error("a pair that AWS refused is in use")
	}
	if err := s.API.EnableProfile(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	s.renewed(exitDone, "--setup", "lab", "--if-needed")
	if s.serialOf("other-role") != s.serialOf("lab") {
		t.Error("the set-up did not get the pair when it could")
	}
}

func TestTeardownOfOneSharerLeavesTheOtherWhole(t *testing.T) {
	t.Run("the owner first", func(t *testing.T) {
		s := newShop(t)
		s.sharer("second")
		said := s.want(exitFailed, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
		if !strings.Contains(said, "set-up second uses it") {
			t.Errorf("teardown does not say who keeps it:\n%s", said)
		}
		before := s.serialOf("second")
		if said := s.want(exitDone, "status"); !strings.Contains(said, "torn down, but for what had to stay; anywhere teardown lab says what") {
			t.Errorf("status says\n%s", said)
		}
		s.pass(time.Minute)
		if got := s.renewed(exitDone, "--setup", "second"); !got.Renewed || s.serialOf("second") == before {
			t.Errorf("got %+v; the one that is left cannot be renewed", got)
		}
		s.want(exitDone, "teardown", "second", "--yes", "--account", cloudAccount)
		s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
		s.nothingLeft()
	})
	t.Run("the other first", func(t *testing.T) {
		s := newShop(t)
		s.sharer("second")
		before := s.serialOf("lab")
		s.want(exitDone, "teardown", "second", "--yes", "--account", cloudAccount)
		if s.serialOf("lab") != before {
			t.Error("lab has another certificate now")
		}
		s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
		s.nothingLeft()
	})
}

// nothingLeft says that no set-up, CA or thing in AWS is left.
func (s *shop) nothingLeft() {
	s.t.Helper()
	for _, dir := range []string{"setups", "ca"} {
		if left, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", dir, "*")); len(left) > 0 {
			s.t.Errorf("left are %v", left)
		}
	}
	anchors, profiles := must(s.API.Anchors(s.t.Context())), must(s.API.Profiles(s.t.Context()))
	if len(anchors)+len(profiles) > 0 {
		s.t.Errorf("left in AWS are %v %v", anchors, profiles)
	}
}

func TestWhoseCertificateIsAskedForMustBeThere(t *testing.T) {
	s := newShop(t)
	s.sharer("second")
	for name, tt := range map[string]struct{ from, want string }{
		"nobody of that name":  {"nobody", "find set-up nobody: there is none"},
		"one that shares, too": {"second", "second uses the certificate of lab itself; name that one"},
		"no name at all":       {"Not A Name", "1 to 32 of a-z"},
	} {
		code, _, said := s.run("setup", "--name", "third", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup="+tt.from)
		if code != exitUsage || !strings.Contains(said, tt.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s", name, code, exitUsage, tt.want, said)
		}
	}
	code, _, said := s.run("setup", "--name", "lab", "--yes", "--account", cloudAccount, "--set", "leaf.setup=lab")
	if code != exitUsage || !strings.Contains(said, "must be another set-up") {
		t.Errorf("its own certificate: exit %d\n%s", code, said)
	}
	code, _, said = s.run("setup", "--name", "third", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup=lab", "--set", "leaf.cn=else")
	if code != exitUsage || !strings.Contains(said, "must be the common name of the certificate that you have, box") {
		t.Errorf("another name than the certificate's: exit %d\n%s", code, said)
	}
}

// A renewal of a certificate that two set-ups share, killed around every write:
// both have a whole pair that works, and the next run brings both the same one.
func TestASharedRenewalKilledAnywhereLeavesBothWhole(t *testing.T) {
	b := newBench(t)
	b.done(t, setupWithAnswers()...)
	b.done(t, "setup", "--name", "two", "--yes", "--account", cloudAccount, "--set", "leaf.setup=box", "--set", "role.restrict=cn")
	renew := []string{"cert", "renew", "--setup", "two"}
	source := filepath.Join(b.dir, "source")
	copyTree(t, b.home, source)
	moments := b.moments(t, renew...)
	if len(moments) < 10 {
		t.Fatalf("only %d moments", len(moments))
	}
	everyMoment(t, moments, func(t *testing.T, stop string) {
		dir := t.TempDir()
		mine := &bench{cloud: b.cloud, dir: dir, home: filepath.Join(dir, "home"), program: b.program}
		copyTree(t, source, mine.home)
		mine.die(t, stop, renew...)
		for _, name := range []string{"box", "two"} {
			mine.sessionOf(t, name)
		}
		mine.done(t, renew...)
		if box, two := mine.sessionOf(t, "box"), mine.sessionOf(t, "two"); box != two {
			t.Errorf("box has serial %s and two has %s", box, two)
		}
	})
}

// sessionOf gets a session for a set-up and returns the serial of its certificate.
func (b *bench) sessionOf(t *testing.T, name string) string {
	t.Helper()
	h := must(home.Open(filepath.Join(b.home, ".anywhere"), nil))
	file, id, err := h.ReadIdentity(h.Setup(name), nil)
	if err == nil {
		err = pki.MatchKey(id.Certificate, id.Key)
	}
	if err != nil {
		t.Fatalf("%s is not whole: %v", name, err)
	}
	if _, err := (signer.Client{Now: time.Now, AllowHTTP: true}).CreateSession(t.Context(), file.Target(), id); err != nil {
		t.Fatalf("%s gets no session: %v", name, err)
	}
	return hex.EncodeToString(id.Certificate.SerialNumber.Bytes())
}

// copyTree copies files with their modes.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.Mkdir(target, info.Mode().Perm())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A CA that is replaced takes those along who share its certificate; before, their
// certificates counted as strange ones, and the old CA could not go.
func TestARotationTakesSharersAlong(t *testing.T) {
	s := newShop(t)
	s.sharer("second")
	before := s.serialOf("second")
	s.pass(time.Minute)
	s.want(exitDone, "ca", "rotate", "--setup", "lab", "--yes", "--account", cloudAccount)
	if held := s.anchorsHold(); len(held) != 1 || held[0].Subject.CommonName != "lab-ca-2" {
		t.Errorf("the trust anchor holds %d certificates, the first %s", len(held), held[0].Subject)
	}
	if s.serialOf("second") == before || s.serialOf("second") != s.serialOf("lab") {
		t.Errorf("lab has %s, second has %s and had %s", s.serialOf("lab"), s.serialOf("second"), before)
	}
}

// The name is free for a set-up whatever the answer for no sharing is.
func TestASetUpOfAnyNameLendsItsCertificate(t *testing.T) {
	s := newShop(t)
	bin := filepath.Join(filepath.Dir(s.home), "bin")
	s.want(exitDone, "setup", "--name", "own", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=own", "--set", "ca.protection=none", "--set", "proof.stranger=no", "--set", "binary.dir="+bin)
	s.want(exitDone, "setup", "--name", "second", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup=own", "--set", "proof.stranger=no", "--set", "binary.dir="+bin)
	if s.serialOf("own") != s.serialOf("second") {
		t.Error("they have different certificates")
	}
}
