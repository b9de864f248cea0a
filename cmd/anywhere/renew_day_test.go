package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/cmd/signing"
	"anywhere/pki"
	"anywhere/signer/renewal"
)

// day is a machine whose certificates live five minutes and are renewed by nobody
// but credential-process, minute after minute.
type day struct {
	*shop
	ca     *stepCA
	starts int // of renewals
	ended  []int
}

// finished is a renewal that ran to its end while it was started.
type finished struct{ code int }

func (f finished) Wait() (int, error) { return f.code, nil }
func (f finished) Release() error     { return nil }

func newDay(t *testing.T) *day {
	t.Helper()
	d := &day{ca: newStepCA(t, 5*time.Minute)}
	d.shop = newShopIn(t, memory(t), append(d.ca.answers(), "session.duration=900")...)
	d.ca.set(func() { d.ca.clock = d.clock })
	return d
}

// memory is a folder that lies in memory, where there is such a place: thousands
// of writes that wait for a disk are not what is tried here.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "anywhere-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// credentials runs credential-process as the AWS CLI does. A renewal that it
// starts is run in this process.
func (d *day) credentials(args ...string) (code int, said string) {
	d.t.Helper()
	var out, errs bytes.Buffer
	code = signing.Run(d.t.Context(), append([]string{"credential-process", "--setup", "lab"}, args...), signing.World{
		Program: "anywhere", Version: version, Stdout: &out, Stderr: &errs, Now: d.clock, Random: rand.Reader,
		Getenv: func(name string) string {
			return map[string]string{"HOME": d.home, "PATH": os.Getenv("PATH")}[name]
		},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Start: func(c renewal.Command) (renewal.Child, error) {
			d.starts++
			var said bytes.Buffer
			a := d.app(&said, &said)
			a.environ = c.Env
			code := run(d.t.Context(), c.Args, a)
			d.ended = append(d.ended, code)
			return finished{code}, nil
		},
	})
	return code, errs.String()
}

// A day of certificates that live five minutes, with the issuer away a third of
// it: no request for credentials fails while a certificate is valid, each life is
// renewed once, key and certificate always belong together, and nothing grows.
func TestADayOfCertificatesOfFiveMinutesWithTheIssuerAwayAThirdOfIt(t *testing.T) {
	d := newDay(t)
	const span = 24 * 60 // minutes
	lives, renewals, last, back := map[string]bool{d.serial(): true}, 0, d.clock(), d.clock()
	for minute := range span {
		away := minute%90 >= 60
		d.ca.set(func() {
			if d.ca.down && !away {
				back = d.now
			}
			d.ca.down = away
		})
		d.pass(time.Minute)
		_, id, err := d.homeDir().ReadIdentity(d.place(), nil)
		if err == nil {
			err = pki.MatchKey(id.Certificate, id.Key)
		}
		if err != nil {
			t.Fatalf("minute %d: a mixed pair: %v", minute, err)
		}
		valid := d.clock().Before(id.Certificate.NotAfter)
		args := []string{}
		if minute%4 == 0 {
			args = append(args, "--no-cache")
		}
		code, said := d.credentials(args...)
		if code != exitDone && valid {
			t.Fatalf("minute %d: no credentials though the certificate is valid until %s\n%s", minute, id.Certificate.NotAfter, said)
		}
		// After an outage the first call that fails brings the next certificate, with
		// at most five minutes between two attempts.
		if code != exitDone && !away && d.clock().Sub(back) > 6*time.Minute {
			t.Fatalf("minute %d: the issuer is back since %s and there are still no credentials\n%s", minute, back, said)
		}
		now := d.serial()
		if !lives[now] {
			if again := d.clock().Sub(last); again < 3*time.Minute {
				t.Errorf("minute %d: renewed again after %v", minute, again)
			}
			lives[now], last = true, d.clock()
			renewals++
		}
	}
	// Due three to four minutes into a life of five, for 960 minutes.
	if renewals < 190 || renewals > 320 || renewals != d.ca.asked-1-d.revived() {
		t.Errorf("%d renewals, for which the issuer was asked %d times, %d of them to revive", renewals, d.ca.asked, d.revived())
	}
	// An outage of half an hour: some attempts while the certificate lives, then one
	// every five minutes.
	if failed := d.starts - renewals; failed > 16*12 {
		t.Errorf("%d renewals were started in vain", failed)
	}
	d.nothingGrew()
	d.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount)
	if left, err := os.ReadDir(d.place().Dir); err == nil {
		t.Errorf("teardown left %v", left)
	}
}

func (d *day) revived() int {
	d.ca.mu.Lock()
	defer d.ca.mu.Unlock()
	return d.ca.revived
}

// nothingGrew: pairs, kept sessions and journal are as large as after an hour.
func (d *day) nothingGrew() {
	d.t.Helper()
	if n := len(d.pairs()); n > 3 {
		d.t.Errorf("%d pairs are kept, of which one is in use", n)
	}
	kept := must(filepath.Glob(filepath.Join(d.homeDir().Cache(), "*")))
	if len(kept) > 6 {
		d.t.Errorf("%d files of kept sessions", len(kept))
	}
	if lines := strings.Count(string(must(os.ReadFile(d.place().JournalFile()))), "\n"); lines > 250 {
		d.t.Errorf("the journal has %d lines", lines)
	}
}
