package renewal

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// lab is a set-up whose certificate lives until one o'clock and is due at noon,
// and a program that is never really started.
type lab struct {
	Starter
	session home.Session
	now     time.Time
	begun   []Command
	err     error // of the start
	mu      sync.Mutex
}

type nobody struct{}

func (nobody) Wait() (int, error) { return 0, nil }
func (nobody) Release() error     { return nil }

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{now: noon}
	dir := t.TempDir()
	program := filepath.Join(dir, "anywhere")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	key := must(pki.NewKey(pki.P256, rand.Reader))
	cert := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "x"}, NotBefore: noon.Add(-2 * time.Hour), NotAfter: noon.Add(time.Hour), Serial: must(pki.NewSerial(rand.Reader))}, key, rand.Reader))
	h := must(home.Open(filepath.Join(dir, "home"), &atomicfile.Disk{}))
	l.Starter = Starter{
		Home: h, Setup: h.Setup("lab"), Now: func() time.Time { return l.now },
		Getenv: func(name string) string {
			return map[string]string{"HOME": "/home/x", "AWS_SECRET_ACCESS_KEY": "hush", "HTTPS_PROXY": "http://proxy", "AWS_PROFILE": "p", "MY_TOKEN": "hush"}[name]
		},
		Start: func(c Command) (Child, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.begun = append(l.begun, c)
			return nobody{}, l.err
		},
	}
	l.session = home.Session{Setup: "lab", Certificate: cert.Raw, Key: "k", Renewal: home.Renewal{Issuer: "step-ca", Program: program, At: noon}}
	if err := h.Disk.Mkdir(l.Setup.Dir, home.DirPerm); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestARenewalIsStartedWhenItIsDueAndThenAtGrowingPauses(t *testing.T) {
	l, before := newLab(t), 0
	for _, step := range []struct {
		at    time.Duration // from noon
		begun int
	}{
		{-time.Second, 0}, {0, 1}, {0, 1}, {59 * time.Second, 1}, {time.Minute, 2}, {2*time.Minute + 59*time.Second, 2}, {3 * time.Minute, 3},
		{6*time.Minute + 59*time.Second, 3}, {7 * time.Minute, 4}, {15 * time.Minute, 5}, {26 * time.Minute, 5}, {27 * time.Minute, 6},
	} {
		l.now = noon.Add(step.at)
		child, err := l.Begin(l.session)
		if err != nil || len(l.begun) != step.begun || (child != nil) != (step.begun > before) {
			t.Errorf("%v after noon: %d started, %v, %v; want %d", step.at, len(l.begun), child, err, step.begun)
		}
		before = step.begun
	}
	notes := must(l.Home.ReadNotes(l.Setup))
	if notes.Renewal.Count != 6 || len(notes.Warnings) != 0 {
		t.Errorf("got notes %+v, want six starts", notes)
	}
}

func TestWhatIsStartedNeedsNoCredentialsAndGetsNone(t *testing.T) {
	l := newLab(t)
	if child, err := l.Begin(l.session); err != nil || child == nil {
		t.Fatal(child, err)
	}
	got := l.begun[0]
	if strings.Join(got.Args, " ") != "cert renew --if-needed --setup lab" || got.Program != l.session.Renewal.Program || got.Dir != l.Home.Root {
		t.Errorf("got %+v", got)
	}
	want := []string{"ANYWHERE_HOME=" + l.Home.Root, "HOME=/home/x", "HTTPS_PROXY=http://proxy"}
	if !slices.Equal(got.Env, want) {
		t.Errorf("got environment %q, want %q", got.Env, want)
	}
}

func TestNothingIsStartedThatIsNotWanted(t *testing.T) {
	for name, change := range map[string]func(*lab){
		"a session file without a renewal": func(l *lab) { l.session.Renewal = home.Renewal{} },
		"one without a program":            func(l *lab) { l.session.Renewal.Program = "" },
		"one without a time":               func(l *lab) { l.session.Renewal.At = time.Time{} },
		"one that is not due":              func(l *lab) { l.session.Renewal.At = noon.Add(time.Second) },
		"a lock that another has": func(l *lab) {
			must(home.LockFile(l.Setup.RenewalLock()))
		},
		"a disk that takes no notes": func(l *lab) {
			l.Home.Disk = &atomicfile.Disk{Before: func(atomicfile.Change) error { return errors.New("read-only") }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			change(l)
			if child, err := l.Begin(l.session); child != nil || err != nil || len(l.begun) != 0 {
				t.Errorf("got %v, %v and %d started", child, err, len(l.begun))
			}
		})
	}
}

// A pause from a clock that was a year ahead would have ended renewing for a year.
func TestAPauseFromAWrongClockIsNotBelieved(t *testing.T) {
	l := newLab(t)
	notes := home.Notes{Renewal: home.Starts{Count: 2, NotBefore: noon.AddDate(1, 0, 0)}}
	if err := l.Home.WriteNotes(l.Setup, notes); err != nil {
		t.Fatal(err)
	}
	if child, err := l.Begin(l.session); child == nil || err != nil {
		t.Errorf("got %v, %v", child, err)
	}
}

func TestOfManyWhoComeAtOnceOneStarts(t *testing.T) {
	l := newLab(t)
	var children atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if child, err := l.Begin(l.session); err != nil {
				t.Error(err)
			} else if child != nil {
				children.Add(1)
			}
		})
	}
	wg.Wait()
	if len(l.begun) != 1 || children.Load() != 1 {
		t.Errorf("%d started, %d were told so; want one", len(l.begun), children.Load())
	}
}

func TestAProgramThatCannotBeTrustedIsNotedAndNotStarted(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(program string) error
		want  string
	}{
		"absent":                 {os.Remove, "no such file"},
		"writable for everybody": {func(p string) error { return os.Chmod(p, 0o777) }, "lets other users write it"},
		"a folder":               {func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o755)) }, "is not a plain file"},
		"in a folder for everybody": {func(p string) error { return os.Chmod(filepath.Dir(p), 0o777) },
			"every user may rename what is in it"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if err := tt.spoil(l.session.Renewal.Program); err != nil {
				t.Fatal(err)
			}
			child, err := l.Begin(l.session)
			if child != nil || err == nil || !strings.Contains(err.Error(), tt.want) || len(l.begun) != 0 {
				t.Errorf("got %v, %v and %d started; want %q", child, err, len(l.begun), tt.want)
			}
			notes := must(l.Home.ReadNotes(l.Setup))
			if len(notes.Warnings) != 1 || notes.Warnings[0].Code != home.RenewalWarning || !strings.Contains(notes.Warnings[0].Says, tt.want) {
				t.Errorf("got %+v noted", notes.Warnings)
			}
			if child, err := l.Begin(l.session); child != nil || err != nil {
				t.Errorf("at once again: got %v, %v; want a pause", child, err)
			}
		})
	}
}

func TestPausesGrowAndLeaveTimeForMoreAttempts(t *testing.T) {
	for name, tt := range map[string]struct {
		starts int
		left   time.Duration
		want   time.Duration
	}{
		"the first, of a long life":     {1, 30 * 24 * time.Hour, time.Minute},
		"the fourth":                    {4, 30 * 24 * time.Hour, 8 * time.Minute},
		"the hundredth":                 {100, 30 * 24 * time.Hour, time.Hour},
		"the hundredth, two hours left": {100, 2 * time.Hour, 30 * time.Minute},
		"with minutes to live":          {1, 100 * time.Second, 30 * time.Second},
		"with a second to live":         {9, time.Second, 30 * time.Second},
		"the first after the end":       {1, -time.Hour, time.Minute},
		"the hundredth after the end":   {100, -time.Hour, 5 * time.Minute},
	} {
		if got := Pause(tt.starts, tt.left); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
