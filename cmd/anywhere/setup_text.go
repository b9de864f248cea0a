package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// glyphs of a plan.
var planGlyph = map[steps.Verb]string{steps.Create: "+", steps.Modify: "~", steps.Remove: "-"}

// printPlan prints a plan and nothing is done.
func (s *setupRun) printPlan(plan steps.Plan) error {
	switch {
	case s.flags.json:
		return printJSON(s.app.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.Plan
		}{schemaVersion, plan})
	case s.flags.as == "cli":
		_, err := io.WriteString(s.app.stdout, plan.Script())
		return err
	}
	printPlanText(s.app.stdout, plan)
	return nil
}

// printPlanText prints a plan for people.
func printPlanText(w io.Writer, plan steps.Plan) {
	fmt.Fprintf(w, "Set-up %s: %s\n", plan.Setup, whereText(plan))
	for _, c := range plan.Changes {
		fmt.Fprintf(w, "  %s  %-22s %s  %s\n", planGlyph[c.Verb], c.Noun, foreign.Text(c.Name), foreign.Text(c.Detail))
		if c.Accept != "" {
			fmt.Fprintf(w, "     needs --accept %s: %s\n", c.ID, foreign.Text(c.Accept))
		}
	}
	for _, note := range plan.Notes {
		fmt.Fprintf(w, "  !  %s\n", foreign.Text(note))
	}
	if len(plan.Changes) == 0 {
		fmt.Fprintln(w, "  nothing to change")
		return
	}
	fmt.Fprintf(w, "%d changes. Undo any time: anywhere teardown %s\n", len(plan.Changes), plan.Setup)
}

func whereText(plan steps.Plan) string {
	if plan.Mode == "sandbox" {
		if account := shownAccount(plan.Mode, plan.Account); account != "" {
			return "sandbox, account " + account + ", " + plan.Region
		}
		return "sandbox, " + plan.Region
	}
	return fmt.Sprintf("%s account %s, %s, as %s", plan.Mode, plan.Account, plan.Region, foreign.Text(plan.Caller))
}

// printEvent prints progress, one line an event.
func (s *setupRun) printEvent(e steps.Event) { printEvent(s.app.stderr, e) }

func printEvent(w io.Writer, e steps.Event) {
	what := foreign.Text(e.Change.Noun + " " + e.Change.Name)
	switch e.Kind {
	case steps.Finished:
		fmt.Fprintf(w, "ok     %s  %s\n", what, seconds(e.Elapsed))
	case steps.Proved:
		fmt.Fprintf(w, "ok     %s  %s\n", foreign.Text(e.Change.Name), seconds(e.Elapsed))
	case steps.Waiting:
		fmt.Fprintf(w, "wait   %s: %s  %s\n", what, foreign.Text(e.Note), seconds(e.Elapsed))
	case steps.Failed:
		if pendingOf(e.Err) != nil {
			fmt.Fprintf(w, "wait   %s\n", what)
			return
		}
		fmt.Fprintf(w, "fail   %s\n", what)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// printResultText prints what is true at the end of a set-up.
func (a *app) printResultText(r steps.Result) {
	for _, line := range resultLines(r) {
		fmt.Fprintln(a.stdout, line)
	}
	for _, try := range a.tries(r) {
		fmt.Fprintf(a.stdout, "  %-19s %s\n", try.label, steps.Command{Args: try.command}.Line())
	}
}

func resultLines(r steps.Result) []string {
	where := map[home.Mode]string{home.ModeAWS: "AWS ", home.ModeSandbox: "sandbox "}[r.Mode]
	lines := []string{fmt.Sprintf("%s works: this machine has %scredentials, and no key that lives longer than they do.", r.Setup, where), ""}
	for _, e := range r.Evidence {
		line := fmt.Sprintf("  %-19s %s", e.Label, foreign.Text(e.Value))
		if e.Note != "" {
			line += "   " + foreign.Text(e.Note)
		}
		lines = append(lines, line)
	}
	lines = append(lines, "")
	return lines
}

// try is a command worth typing next.
type try struct {
	label   string
	command []string
}

// tries are the commands worth typing at the end of a set-up. Old AWS CLIs do not
// know AWS_ENDPOINT_URL and would talk to AWS, so the endpoint is spelled out.
func (a *app) tries(r steps.Result) []try {
	self := a.callMe(r)
	undo := try{"undo", []string{self, "teardown", r.Setup}}
	if r.Mode == "sandbox" {
		return []try{
			{"try", []string{self, "sandbox", "--", "aws", "sts", "get-caller-identity", "--endpoint-url", r.Endpoint}},
			{"or in a shell", []string{self, "sandbox", "--", "sh"}},
			undo,
		}
	}
	call := []string{"aws", "sts", "get-caller-identity", "--profile", r.AWSProfile}
	if r.Endpoint != "" {
		call = append(call, "--endpoint-url", r.Endpoint)
	}
	return []try{{"try", call}, undo}
}

// callMe is how the user calls this program: by name if PATH finds it, else by
// the path of the copy that the set-up made.
func (a *app) callMe(r steps.Result) string {
	if path, err := a.lookPath("anywhere"); err == nil && sameFile(path, a.program()) {
		return "anywhere"
	}
	if filepath.Base(r.Program) == "anywhere" {
		return r.Program
	}
	return "anywhere"
}

// printResultJSON prints the document of setup --json.
func (s *setupRun) printResultJSON(r steps.Result) error {
	return printJSON(s.app.stdout, struct {
		SchemaVersion int `json:"schemaVersion"`
		steps.Result
		ElapsedMs int64 `json:"elapsedMs"`
	}{schemaVersion, r, s.app.now().Sub(s.begun).Milliseconds()})
}
