package main

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/signer/cache"
	"anywhere/signer/home"
	"anywhere/signer/session"
	"anywhere/tui"
)

func TestAloneWithoutATerminalItIsTheHelp(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &out}
	if code := run(t.Context(), nil, a); code != exitDone || !strings.Contains(out.String(), "Available Commands:") {
		t.Errorf("got exit %d and %q, want the help text", code, out.String())
	}
}

func TestEveryActOfHomeIsACommandThatThereIs(t *testing.T) {
	v := &homeView{&app{environ: []string{"SHELL=/bin/zsh"}}}
	want := map[tui.Act][]string{
		tui.ActSetUp: {"setup"}, tui.ActGoOn: {"setup", "--name", "lab"}, tui.ActCheck: {"doctor", "lab"},
		tui.ActRenew: {"cert", "renew", "--setup", "lab"}, tui.ActTearDown: {"teardown", "lab"}, tui.ActSandbox: {"sandbox", "--", "/bin/zsh"},
	}
	for act, args := range want {
		if got := v.Next(act, "lab"); !slices.Equal(got, args) {
			t.Errorf("%s: got %q, want %q", act, got, args)
		}
	}
}

func TestACommandThatIsNotThereIsNotOffered(t *testing.T) {
	a := &app{}
	for words, want := range map[string]bool{"doctor": true, "cert renew": true, "cert": true, "nothing": false, "cert nothing": false} {
		if got := a.has(strings.Fields(words)...); got != want {
			t.Errorf("%s: got %v, want %v", words, got, want)
		}
	}
}

func TestHomeKnowsTheLastSessionOfEachSetUp(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	a := &app{environ: []string{"ANYWHERE_HOME=" + filepath.Join(t.TempDir(), "home")}, now: func() time.Time { return now }}
	h, err := a.openHome()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Disk.Mkdir(h.Root, home.DirPerm); err != nil {
		t.Fatal(err)
	}
	kept := cache.Cache{Root: h.Root, Dir: h.Cache(), Disk: h.Disk, Now: a.now}
	expires := now.Add(time.Hour)
	_, _, err = kept.Get(t.Context(), cache.KeyOf("lab", []byte("x")), time.Second, func(context.Context, bool) (session.Credentials, bool, error) {
		return session.Credentials{AccessKeyID: "ASIASANDBOX", SecretAccessKey: "secret", SessionToken: "token",
			Expiration: expires, ExpirationText: expires.Format(time.RFC3339)}, true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	v := &homeView{a}
	if got := v.lastSession(h, "lab"); !got.Equal(now) {
		t.Errorf("got last session %v, want %v", got, now)
	}
	if got := v.lastSession(h, "la"); !got.IsZero() {
		t.Errorf("got last session %v of a set-up that had none", got)
	}
}
