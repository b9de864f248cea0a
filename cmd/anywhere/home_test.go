package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

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
