package main

import (
	"slices"
	"strings"
	"testing"

	"anywhere/awsapi"
	"anywhere/awsapi/sandbox"
)

// trouble is one way in which AWS does not do what it is asked.
type trouble struct {
	name   string
	fault  *sandbox.Fault // nil: the call is never answered
	says   []string       // of which the error repeats one, AWS's words
	answer bool           // AWS answered, so its request ID is told
}

func troubles() map[string]trouble {
	return map[string]trouble{
		"denied": {"denied", &sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "User: somebody is not authorized to do this"},
			[]string{"AccessDenied", "User: somebody is not authorized to do this"}, true},
		"throttled": {"throttled", &sandbox.Fault{Throttle: true}, []string{"Rate exceeded", "SlowDown: Please reduce your request rate."}, true},
		"broken": {"broken", &sandbox.Fault{Break: true}, []string{"Internal server error",
			"The request processing has failed because of an unknown error, exception or failure.", "We encountered an internal error. Please try again."}, true},
		"silent":      {"silent", nil, []string{"no answer from 127.0.0.1:"}, false},
		"answer lost": {"answer lost", &sandbox.Fault{Drop: true, After: true}, []string{"no answer from 127.0.0.1:", "reach 127.0.0.1:"}, false},
	}
}

// place is one call of the road: an operation, the first or a later time.
type place struct {
	op    string // iam:CreateRole
	skips int    // how often it goes well before
}

// places lists every operation that a run asks for, at its first and its last
// time.
func places(calls []sandbox.Call) []place {
	count := map[string]int{}
	var all []place
	for _, call := range calls {
		op := call.Service + ":" + call.Operation
		if count[op]++; count[op] == 1 {
			all = append(all, place{op, 0})
		}
	}
	for _, p := range slices.Clone(all) {
		if n := count[p.op]; n > 1 {
			all = append(all, place{p.op, n - 1})
		}
	}
	return all
}

// striking spoils one operation from its nth time on.
func striking(p place, fault *sandbox.Fault) func(sandbox.Call) *sandbox.Fault {
	seen := 0
	return func(call sandbox.Call) *sandbox.Fault {
		if call.Service+":"+call.Operation != p.op {
			return nil
		}
		if seen++; seen <= p.skips {
			return nil
		}
		return fault
	}
}

// everyTrouble runs a test for every call, with what goes wrong there one time
// after the other. Where AWS did nothing, one trouble follows the other on the same
// machine, as it does in life; an answer that was lost stands alone, because AWS did
// what it was asked. At the last time of a call that is made often, only the two
// kinds are tried that leave the most different traces.
func everyTrouble(t *testing.T, calls []place, test func(t *testing.T, b *bench, at place, row []trouble)) {
	all := troubles()
	for _, at := range calls {
		rows := map[string][]trouble{
			"nothing done at " + at.op: {all["denied"], all["throttled"], all["broken"], all["silent"]},
			"answer lost at " + at.op:  {all["answer lost"]},
		}
		switch {
		case at.skips > 0:
			rows = map[string][]trouble{
				"denied at " + at.op + ", the last time":      {all["denied"]},
				"answer lost at " + at.op + ", the last time": {all["answer lost"]},
			}
		case at.op == "rolesanywhere:CreateSession": // asked for without the SDK, so by no transport that could be silent
			rows["nothing done at "+at.op] = rows["nothing done at "+at.op][:3]
		}
		for name, row := range rows {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, newBench(t), at, row)
			})
		}
	}
}

// spoil lets one call go wrong from now on.
func (b *bench) spoil(at place, trouble trouble) {
	if trouble.fault == nil {
		b.silent = at.op
		return
	}
	b.breakWith(striking(at, trouble.fault))
}

func (b *bench) mend() {
	b.silent = ""
	b.breakWith(nil)
}

// Whatever AWS refuses, the error says what was asked, on what, AWS's words and
// what to do; nothing half-made is forgotten, and a run without the trouble
// finishes.
func TestARefusedCallIsToldAndTheNextSetupFinishes(t *testing.T) {
	whole := newBench(t)
	whole.done(t, setupWithAnswers()...)
	calls := places(whole.calls())
	wantThings, wantFiles, wantStanding := whole.things(t), whole.files(t), whole.standing(t)
	if len(calls) < 15 {
		t.Fatalf("the road makes only these calls: %v", calls)
	}
	everyTrouble(t, calls, func(t *testing.T, b *bench, at place, row []trouble) {
		args := setupWithAnswers()
		for _, trouble := range row {
			b.spoil(at, trouble)
			code, said, begun := b.run(t, "", args...)
			wellTold(t, code, said, at, trouble)
			b.mend()
			if slices.ContainsFunc(begun, func(w string) bool { return strings.HasSuffix(w, "/answers") }) {
				args = setupBox
			}
		}
		b.done(t, args...)
		differ(t, "AWS", b.things(t), wantThings)
		differ(t, "files", b.files(t), wantFiles)
		differ(t, "journal", b.standing(t), wantStanding)
	})
}

func TestARefusedCallIsToldAndTheNextTeardownFinishes(t *testing.T) {
	whole := newBench(t)
	whole.done(t, setupWithAnswers()...)
	whole.calls()
	whole.done(t, teardownBox...)
	calls := places(whole.calls())
	if len(calls) < 12 {
		t.Fatalf("teardown makes only these calls: %v", calls)
	}
	everyTrouble(t, calls, func(t *testing.T, b *bench, at place, row []trouble) {
		b.done(t, setupWithAnswers()...)
		for _, trouble := range row {
			b.spoil(at, trouble)
			code, said, _ := b.run(t, "", teardownBox...)
			wellTold(t, code, said, at, trouble)
			b.mend()
		}
		b.done(t, teardownBox...)
		differ(t, "AWS", b.things(t), []string{})
		differ(t, "files", b.files(t), []string{})
	})
}

// What a new trust anchor would open is only looked at: if AWS does not let us,
// the plan says so and the set-up goes on.
func TestWhatCannotBeLookedAtIsSaid(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	shut := must(b.API.CreateRole(ctx, awsapi.RoleSpec{Name: "shut", Path: "/", TrustPolicy: `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}))
	must(b.API.CreateProfile(ctx, awsapi.ProfileSpec{Name: "others", RoleARNs: []string{shut.ARN}, DurationSeconds: 3600}))
	b.spoil(place{"iam:ListRoles", 0}, troubles()["denied"])
	code, said, _ := b.run(t, "", setupWithAnswers()...)
	if code != exitDone || !strings.Contains(said, "Which other roles this trust anchor would open could not be read (iam:ListRoles: AccessDenied: ") {
		t.Errorf("exit %d, and what could not be read is not said in\n%s", code, said)
	}
}

// wellTold fails unless the error of a failed run says all that is known.
func wellTold(t *testing.T, code int, said string, at place, trouble trouble) {
	t.Helper()
	if code != exitFailed {
		t.Errorf("%s: exit %d, want %d", trouble.name, code, exitFailed)
	}
	var told []string
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "anywhere: ") || strings.HasPrefix(line, "hint: ") || strings.HasPrefix(line, "means: ") {
			told = append(told, line)
		}
	}
	text := strings.Join(told, "")
	op := at.op
	switch { // without the SDK: our own words for what it was for
	case op == "rolesanywhere:CreateSession" && at.skips > 0:
		op = "credential_process: "
	case op == "rolesanywhere:CreateSession":
		op = "session: "
	}
	if !slices.ContainsFunc(trouble.says, func(words string) bool { return strings.Contains(text, words) }) {
		t.Errorf("%s: none of %q is said in\n%s", trouble.name, trouble.says, text)
	}
	for _, want := range []string{op, "hint: "} {
		if !strings.Contains(text, want) {
			t.Errorf("%s: %q is not said in\n%s", trouble.name, want, text)
		}
	}
	if trouble.answer && !strings.Contains(text, "request ") {
		t.Errorf("%s: the request ID is not told in\n%s", trouble.name, text)
	}
}
