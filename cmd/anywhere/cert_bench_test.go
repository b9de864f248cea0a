package main

import (
	"bytes"
	"crypto/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/sandbox"
	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
	"anywhere/steps"
)

// shop is one machine and one AWS under one clock that the test moves. The
// program runs in the process of the test.
type shop struct {
	*cloud
	t       testing.TB
	home    string
	disk    *atomicfile.Disk
	program string

	mu  sync.Mutex
	now time.Time
}

// clock is the time of machine and AWS alike.
func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// newShop makes a set-up called lab, with the answers given.
func newShop(t testing.TB, answers ...string) *shop {
	t.Helper()
	return newShopIn(t, t.TempDir(), answers...)
}

// newShopIn is newShop with its HOME in a folder.
func newShopIn(t testing.TB, dir string, answers ...string) *shop {
	t.Helper()
	s := &shop{t: t, home: filepath.Join(dir, "home"), now: time.Now(), program: smallProgramFile(t, t.TempDir())}
	s.cloud = s.open()
	// The SDK reads the environment of the process, which is the test's.
	for _, pair := range append(s.env(), "AWS_EC2_METADATA_DISABLED=true", "AWS_PROFILE=",
		"AWS_CONFIG_FILE="+filepath.Join(s.home, ".aws", "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(s.home, ".aws", "credentials")) {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	args := []string{"setup", "--name", "lab", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "proof.stranger=no",
		"--set", "binary.dir=" + filepath.Join(t.TempDir(), "bin")}
	for _, answer := range answers {
		args = append(args, "--set", answer)
	}
	if !strings.Contains(strings.Join(answers, " "), "ca.protection") {
		args = append(args, "--set", "ca.protection=none")
	}
	s.want(exitDone, args...)
	return s
}

// open is newCloud with the shop's clock.
func (s *shop) open() *cloud {
	s.t.Helper()
	c := &cloud{}
	box, err := sandbox.Open(sandbox.Config{Dir: filepath.Join(filepath.Dir(s.home), "aws"), Now: s.clock, Random: rand.Reader, Region: cloudRegion,
		Weather: &sandbox.Weather{Strike: c.weather}})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(box)
	s.t.Cleanup(func() {
		server.Close()
		if err := box.Close(); err != nil {
			s.t.Error(err)
		}
	})
	c.URL, c.Admin, c.box = server.URL, box.Admin(), box
	c.API, err = awsapi.Connect(s.t.Context(), awsapi.Options{
		Isolated: true, Region: cloudRegion, Endpoint: c.URL, Attempts: 1,
		Credentials: &awsapi.Keys{AccessKeyID: c.Admin.AccessKeyID, SecretAccessKey: c.Admin.SecretAccessKey},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// app is the program on this machine.
func (s *shop) app(out, errs *bytes.Buffer) *app {
	a := realApp()
	a.stdin, a.stdout, a.stderr, a.terminal = strings.NewReader(""), out, errs, false
	a.environ = slices.DeleteFunc(append(os.Environ(), "HOME="+s.home), func(pair string) bool { // t.Setenv cannot unset
		return pair == "AWS_PROFILE=" || strings.HasPrefix(pair, "AWS_CA_BUNDLE=")
	})
	a.now, a.disk, a.executable = s.clock, s.disk, s.program
	return a
}

// run runs one command and returns its exit code and all that it says.
func (s *shop) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	code = run(s.t.Context(), args, s.app(&out, &errs))
	return code, out.String(), errs.String()
}

// want runs one command, which must end with code, and returns its stdout.
func (s *shop) want(code int, args ...string) string {
	s.t.Helper()
	got, stdout, stderr := s.run(args...)
	if got != code {
		s.t.Fatalf("anywhere %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout, stderr)
	}
	return stdout
}

// session asks for credentials as the AWS CLI would have it done.
func (s *shop) session() error {
	place := s.place()
	session, id, err := s.homeDir().ReadIdentity(place, nil)
	if err != nil {
		return err
	}
	_, err = s.client().CreateSession(s.t.Context(), session.Target(), id)
	return err
}

func (s *shop) homeDir() home.Home {
	s.t.Helper()
	h, err := home.Open(filepath.Join(s.home, ".anywhere"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

func (s *shop) place() home.Setup { return s.homeDir().Setup("lab") }

// pairs are the serials of the pairs on the disk.
func (s *shop) pairs() []string {
	s.t.Helper()
	all, err := filepath.Glob(filepath.Join(s.place().Dir, "pairs", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range all {
		all[i] = filepath.Base(all[i])
	}
	return all
}

// standing are the changes of the journal that stand.
func (s *shop) standing() []string {
	s.t.Helper()
	j, err := steps.OpenJournal(s.place().JournalFile(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, made := range j.Standing() {
		all = append(all, made.Change)
	}
	return all
}
