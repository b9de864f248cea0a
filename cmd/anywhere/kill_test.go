package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anywhere/pki/atomicfile"
	"anywhere/steps"
)

// bench is one machine and one AWS, on which the real program is run and killed.
type bench struct {
	*cloud
	home    string // HOME
	program string // what the set-up installs
	silent  string // a call that is never answered, such as iam:CreateRole
	states  string // where the states between the writes are written down, if at all
	dir     string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{cloud: newCloud(t), dir: dir, home: filepath.Join(dir, "home"), program: smallProgramFile(t, dir)}
	if err := os.Mkdir(b.home, 0o700); err != nil {
		t.Fatal(err)
	}
	return b
}

// run runs the program; stop is before:K, after:K or empty. It returns the exit
// code, what was printed and every write that was begun.
func (b *bench) run(t *testing.T, stop string, args ...string) (code int, said string, begun []string) {
	t.Helper()
	log := filepath.Join(b.dir, "writes")
	cmd := exec.CommandContext(t.Context(), "anywhere-stopped", args...)
	cmd.Env = append(append(withoutAWS(), b.env()...), "HOME="+b.home, stopAt+"="+stop, writesFile+"="+log, programIs+"="+b.program, silentCall+"="+b.silent, statesFile+"="+b.states)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code, err = exit.ExitCode(), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	begun = strings.Split(strings.TrimSuffix(readFile(t, log), "\n"), "\n")
	if begun[0] == "" {
		begun = nil
	}
	return code, out.String(), begun
}

// done runs the program, which must succeed.
func (b *bench) done(t *testing.T, args ...string) (begun []string) {
	t.Helper()
	code, said, begun := b.run(t, "", args...)
	if code != exitDone {
		t.Fatalf("anywhere %s: exit %d\n%s", strings.Join(args, " "), code, said)
	}
	return begun
}

// die runs the program, which must be killed on its way.
func (b *bench) die(t *testing.T, stop string, args ...string) (begun []string) {
	t.Helper()
	code, said, begun := b.run(t, stop, args...)
	if code != killed {
		t.Fatalf("anywhere %s, stopped %s: exit %d, want %d\n%s", strings.Join(args, " "), stop, code, killed, said)
	}
	return begun
}

// files lists what lies under HOME, with modes and the contents of what is not a
// key, a certificate or a memory of the way.
func (b *bench) files(t *testing.T) []string {
	t.Helper()
	lines := []string{}
	err := filepath.WalkDir(b.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == b.home {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := strings.TrimPrefix(path, b.home) + " " + info.Mode().String()
		switch d.Name() {
		case "answers", "config":
			line += "\n" + readFile(t, path)
		}
		lines = append(lines, withoutDrawn(strings.ReplaceAll(line, b.home, "HOME")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// standing is what the journal says was made and not undone, each change once.
func (b *bench) standing(t *testing.T) []string {
	t.Helper()
	journal, err := steps.OpenJournal(filepath.Join(b.home, ".anywhere", "setups", "box", "journal.jsonl"), &atomicfile.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	if begun := journal.Begun(); len(begun) > 0 {
		t.Errorf("journal: %s was begun and nobody knows its outcome", begun[0].ID)
	}
	ids := []string{}
	for _, made := range journal.Standing() {
		ids = append(ids, made.Change)
	}
	slices.Sort(ids)
	return ids
}

// The answers of the set-up that is killed: with them the road has every kind of
// write. Only the first run is given them, so a later one must have kept them.
var (
	killAnswers = []string{
		"--set", "ca.protection=none", "--set", "permissions=list-buckets", "--set", "leaf.cn=box", "--set", "role.restrict=san-dns",
		"--set", "leaf.san-dns=box.example.com", "--set", "tags=team=build", "--set", "leaf.life=30d",
	}
	setupBox    = []string{"setup", "--name", "box", "--yes", "--account", cloudAccount}
	teardownBox = []string{"teardown", "box", "--yes", "--account", cloudAccount, "--delete-ca"}
)

func setupWithAnswers() []string { return append(slices.Clone(setupBox), killAnswers...) }

// resume is how the run after the kill is called: with the answers only if the
// first was killed before it could keep them.
func resume(begun []string, stop string) []string {
	kept := slices.IndexFunc(begun, func(w string) bool { return strings.HasSuffix(w, "/answers") })
	if kept < 0 || kept == len(begun)-1 && strings.HasPrefix(stop, "before") {
		return setupWithAnswers()
	}
	return setupBox
}

// moment is a time to kill the program.
type moment struct{ stop, name string }

// moments runs the program to its end and returns every moment that is worth
// killing it at: before the first write, after each, and before the next one where
// the disk is then another than it was after the last. AWS changes by what is
// counted only.
func (b *bench) moments(t *testing.T, args ...string) (all []moment) {
	t.Helper()
	b.calls()
	b.states = filepath.Join(b.dir, "states")
	defer func() { b.states = "" }()
	writes := b.done(t, args...)
	inAWS := 0
	for _, write := range writes {
		if strings.HasPrefix(write, "aws ") {
			inAWS++
		}
	}
	if got := changing(b.calls()); len(got) != inAWS {
		t.Errorf("AWS was changed by %q, and counted are %q", got, writes)
	}
	lines := strings.Split(strings.TrimSuffix(readFile(t, b.states), "\n"), "\n")
	if len(lines) != 2*len(writes) {
		t.Fatalf("%d writes, and %d moments around them", len(writes), len(lines))
	}
	last := ""
	for i, line := range lines {
		stop, state, _ := strings.Cut(line, " ")
		when, k, _ := strings.Cut(stop, ":")
		if when == "after" || state != last {
			what := strings.ReplaceAll(filepath.Base(writes[i/2]), " ", "_")
			if op, _, _ := strings.Cut(writes[i/2], " "); op != "aws" {
				what = op + "_" + what
			}
			all = append(all, moment{stop, fmt.Sprintf("%s_%s_%s", when, k, what)})
		}
		last = state
	}
	return all
}

// everyMoment runs a test for every moment.
func everyMoment(t *testing.T, all []moment, test func(t *testing.T, stop string)) {
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			test(t, m.stop)
		})
	}
}

// The promise that nothing is lost, nothing is left and nothing is made twice,
// wherever the process is killed.
func TestASetupThatIsKilledAtAnyWriteIsFinishedByTheNextRun(t *testing.T) {
	whole := newBench(t)
	moments := whole.moments(t, setupWithAnswers()...)
	wantThings, wantFiles, wantStanding := whole.things(t), whole.files(t), whole.standing(t)
	if len(wantThings) < 4 || len(wantFiles) < 15 || len(wantStanding) < 9 {
		t.Fatalf("the undisturbed run made too little to compare with: %q %q %q", wantThings, wantFiles, wantStanding)
	}
	everyMoment(t, moments, func(t *testing.T, stop string) {
		b := newBench(t)
		begun := b.die(t, stop, setupWithAnswers()...)
		b.done(t, resume(begun, stop)...)
		differ(t, "AWS", b.things(t), wantThings)
		differ(t, "files", b.files(t), wantFiles)
		differ(t, "journal", b.standing(t), wantStanding)
		if again := b.done(t, setupBox...); len(again) > 0 {
			t.Errorf("one more run writes again: %q", again)
		}
	})
}

func TestASetupThatIsKilledAtAnyWriteIsTakenAwayWhole(t *testing.T) {
	whole := newBench(t)
	moments := whole.moments(t, setupWithAnswers()...)
	everyMoment(t, moments, func(t *testing.T, stop string) {
		b := newBench(t)
		b.die(t, stop, setupWithAnswers()...)
		code, said, _ := b.run(t, "", teardownBox...)
		if code == exitUsage && len(b.files(t)) == 0 {
			return // killed before it left a trace: there is no set-up of that name
		}
		if code != exitDone {
			t.Errorf("teardown: exit %d\n%s", code, said)
		}
		differ(t, "AWS", b.things(t), []string{})
		differ(t, "files", b.files(t), []string{})
	})
}

func TestATeardownThatIsKilledAtAnyWriteIsFinishedByTheNextRun(t *testing.T) {
	whole := newBench(t)
	whole.done(t, setupWithAnswers()...)
	moments := whole.moments(t, teardownBox...)
	differ(t, "undisturbed: AWS", whole.things(t), []string{})
	differ(t, "undisturbed: files", whole.files(t), []string{})
	everyMoment(t, moments, func(t *testing.T, stop string) {
		b := newBench(t)
		b.done(t, setupWithAnswers()...)
		b.die(t, stop, teardownBox...)
		code, said, _ := b.run(t, "", teardownBox...)
		if code == exitUsage && strings.Contains(said, "no such set-up") && len(b.files(t)) == 0 {
			code = exitDone // killed after the last thing was gone
		}
		if code != exitDone {
			t.Errorf("second teardown: exit %d\n%s", code, said)
		}
		differ(t, "AWS", b.things(t), []string{})
		differ(t, "files", b.files(t), []string{})
	})
}
