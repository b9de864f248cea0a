package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// neighbour is another machine on the same AWS.
func (b *bench) neighbour(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	other := &bench{cloud: b.cloud, dir: dir, home: filepath.Join(dir, "home"), program: smallProgramFile(t, dir)}
	if err := os.Mkdir(other.home, 0o700); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestTwoSetupsOfOneNameInOneAccountNeverTouchEachOther(t *testing.T) {
	mine := newBench(t)
	mine.done(t, setupWithAnswers()...)
	alone := mine.things(t)

	yours := mine.neighbour(t)
	yours.done(t, setupWithAnswers()...)
	differ(t, "both", mine.things(t), slices.Sorted(slices.Values(append(slices.Clone(alone), alone...))))

	for _, b := range []*bench{mine, yours} {
		if again := b.done(t, setupBox...); len(again) > 0 {
			t.Errorf("a second run beside a neighbour writes %q", again)
		}
	}
	mine.done(t, teardownBox...)
	differ(t, "one", yours.things(t), alone)
	yours.done(t, "credential-process", "--setup", "box")
	if again := yours.done(t, setupBox...); len(again) > 0 {
		t.Errorf("a second run after the neighbour left writes %q", again)
	}
	yours.done(t, teardownBox...)
	differ(t, "none", yours.things(t), []string{})
}

// A neighbour's set-up that was stopped half-way is no more ours than a whole one.
func TestAHalfMadeNeighbourIsLeftAlone(t *testing.T) {
	mine := newBench(t)
	writes := mine.done(t, setupWithAnswers()...)
	alone := mine.things(t)
	stop := slices.Index(writes, "aws iam:CreateRole")
	if stop < 0 {
		t.Fatalf("no role is made: %q", writes)
	}
	yours := mine.neighbour(t)
	yours.die(t, "after:"+strconv.Itoa(stop+1), setupWithAnswers()...)
	half := mine.things(t)
	mine.done(t, teardownBox...)
	left := mine.things(t)
	if len(left) != len(half)-len(alone) || !slices.ContainsFunc(left, func(line string) bool { return strings.HasPrefix(line, "role anywhere-box-") }) {
		t.Errorf("after teardown: got %q, want the half of the neighbour", left)
	}
	yours.done(t, setupBox...)
	differ(t, "finished", yours.things(t), alone)
}

func TestAPlanOnlyGetsAndLists(t *testing.T) {
	b := newBench(t)
	look := func(args ...string) {
		t.Helper()
		b.calls()
		before := b.files(t)
		if begun := b.done(t, args...); len(begun) > 0 {
			t.Errorf("%q writes %q", args, begun)
		}
		differ(t, "files", b.files(t), before)
		calls := b.calls()
		if len(calls) == 0 {
			t.Errorf("%q asks AWS nothing", args)
		}
		for _, call := range calls {
			if !strings.HasPrefix(call.Operation, "Get") && !strings.HasPrefix(call.Operation, "List") {
				t.Errorf("%q calls %s:%s", args, call.Service, call.Operation)
			}
		}
	}
	plan := append(setupWithAnswers(), "--plan")
	look(plan...)
	look(append(plan, "--json")...)
	look(append(plan, "--as", "cli")...)
	b.done(t, setupWithAnswers()...)
	look(append(slices.Clone(setupBox), "--plan")...)
	look("teardown", "box", "--plan")
	look("teardown", "box", "--plan", "--json")
}
