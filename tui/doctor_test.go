package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"anywhere/doctor"

	"github.com/charmbracelet/x/ansi"
)

// reports are a machine whose role wants another name, and one that is well.
func reports(name string) []doctor.Report {
	cause := doctor.Code("RA302")
	const source = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"
	sick := doctor.Report{Name: "laptop", Verdict: doctor.Unhealthy, Cause: &cause, Causes: []doctor.Code{cause}, ElapsedMs: 2140,
		Summary: "laptop: a condition of the role does not match this certificate (RA302): CN is " + name + ", the policy wants build-box-6",
		Findings: []doctor.Result{
			{Code: "RA101", Group: doctor.GroupKey, Title: "Key file is there", Verdict: doctor.Pass, Says: "it is", Source: source},
			{Code: "RA115", Group: doctor.GroupCertificate, Title: "Certificate is valid now", Verdict: doctor.Pass, Says: "until 2026-05-01", Source: source},
			{Code: "RA302", Group: doctor.GroupRole, Title: "Role's conditions match this certificate", Verdict: doctor.Fail,
				Says: "CN is " + name + ", the policy wants build-box-6",
				Evidence: []doctor.Seen{{Label: "policy wants", Value: "aws:PrincipalTag/x509Subject/CN StringEquals build-box-6"},
					{Label: "certificate has", Value: name}},
				Why: "The certificate was issued again with another common name, and the role lets in only the first.",
				Fix: doctor.Fix{Text: "Issue the certificate again with the old name, or let the new one in.", Command: "anywhere cert issue --setup laptop --cn build-box-6"}, Source: source},
			{Code: "RA403", Group: doctor.GroupSession, Title: "AWS gives a session", Verdict: doctor.Fail, Says: "Unable to assume role", BecauseOf: &cause, Why: "That is what it is all for.", Source: source},
			{Code: "RA601", Group: doctor.GroupAge, Title: "Certificate has a third of its life left", Verdict: doctor.Warn, Says: "20 of 90 days", Why: "Renew in time.",
				Fix: doctor.Fix{Text: "Renew it.", Command: "anywhere cert renew --setup laptop", Automatic: true}, Source: source},
			{Code: "RA603", Group: doctor.GroupSession, Title: "Session shows in CloudTrail", Verdict: doctor.Unknown, Says: "cloudtrail:LookupEvents is not allowed", Why: "It proves the session to others.", Source: source},
		}}
	for i, f := range sick.Findings {
		entry, _ := doctor.Entry(f.Code)
		sick.Findings[i].Fault = entry.Fault
	}
	well := doctor.Report{Name: "edge", Verdict: doctor.Healthy, Causes: []doctor.Code{}, ElapsedMs: 300,
		Summary: "edge works: 31 checks, certificate good for 61 days, sessions as CN=edge", Findings: sick.Findings[:2]}
	return []doctor.Report{sick, well}
}

// fakeDoctor repairs only what is automatic.
type fakeDoctor struct {
	reports []doctor.Report
	err     error
	visits  int
	steps   []doctor.Progress
}

func (f *fakeDoctor) Examine(_ context.Context, watch func(doctor.Progress)) ([]doctor.Report, error) {
	f.visits++
	for _, p := range f.steps {
		watch(p)
	}
	return f.reports, f.err
}

func (f *fakeDoctor) Repair(r doctor.Report, code doctor.Code) []string {
	if one, _ := r.Finding(code); !one.Fix.Automatic {
		return nil
	}
	return []string{"doctor", r.Name, "--fix=" + string(code)}
}

func diagnosed(name string, all bool) diagnosis {
	list := reports(name)
	d := diagnosis{reports: list, repairs: map[repairable]bool{{0, "RA601"}: true}, all: all}
	return d.listed()
}

// halfExamined has looked at one set-up, and at this machine's part of another.
func halfExamined(name string) examining {
	list := reports(name)
	var x screen = examining{}
	for _, p := range []doctor.Progress{
		{Name: "edge", Report: list[1], Done: true},
		{Name: "laptop", Report: list[0], Ended: []doctor.Group{doctor.GroupKey, doctor.GroupCertificate}},
		{Name: "laptop", Report: list[0], Ended: []doctor.Group{doctor.GroupKey, doctor.GroupCertificate, doctor.GroupConfig, doctor.GroupRole}},
	} {
		x, _ = x.Update(examined{p})
	}
	return x.(examining)
}

// What is known is shown before everything is: each group when its evidence is
// there, and of the others only that they are not yet.
func TestTheDoctorShowsWhatItKnowsWhileItLooks(t *testing.T) {
	text := ansi.Strip(halfExamined("build-box-8").View(80, 20, newTheme(false, true, true)))
	for _, want := range []string{"✓ edge works", "laptop", "✓ key 1", "✗ role", "RA302", "session, not yet", "trust anchor, not yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"RA403", "RA601", "session 0"} {
		if strings.Contains(text, not) {
			t.Errorf("%q before its evidence was there:\n%s", not, text)
		}
	}
	in(t, func(t *testing.T) {
		list := reports("build-box-8")
		s := show(t, visit{&fakeDoctor{reports: list, steps: []doctor.Progress{{Name: "laptop", Report: list[0]}, {Name: "laptop", Report: list[0], Done: true}}}, time.Now}, 80, 24)
		s.shows("✗ laptop: a condition", "› ✗ RA302") // the last word is the report's
		s.press("q")
	})
}

func TestTheDoctorShowsTheCauseFirstAndWhatFollowsUnderIt(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := &fakeDoctor{reports: reports("build-box-8")}
		s := show(t, visit{fake, time.Now}, 80, 24)
		s.shows("✗ laptop: a condition of the role", "› ✗ RA302", "fault", "· RA403", "because of RA302", "! RA601", "? RA603", "policy wants", "✓ key 1")
		if strings.Contains(s.text(), "RA101") {
			t.Errorf("got what passed, want only what needs attention:\n%s", s.text())
		}
		s.press("a")
		s.shows("RA101")
		s.press("a", "n")
		s.shows("✓ edge works", "2 of 2 reports")
		s.press("p", "r")
		if fake.visits != 2 {
			t.Errorf("got %d visits after r, want 2", fake.visits)
		}
		s.press("enter")
		s.shows("anywhere cert issue --setup laptop --cn build-box-6", "A condition of the role does not match")
		s.press("c")
		s.shows("copied")
		s.press("esc", "q")
		if out := s.leaves(); out.State != Left || !strings.HasPrefix(out.Copied, "anywhere cert issue") {
			t.Errorf("got %s and %q, want left with the command copied", out.State, out.Copied)
		}
	})
}

func TestTheDoctorRepairsWhatIsSafe(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, visit{&fakeDoctor{reports: reports("build-box-8")}, time.Now}, 80, 24)
		s.press("f")
		s.shows("RA302") // there is no repair for the first
		s.press("down", "down", "f")
		if out := s.leaves(); out.State != Elsewhere || strings.Join(out.Next, " ") != "doctor laptop --fix=RA601" {
			t.Errorf("got %s %q, want the repair", out.State, out.Next)
		}
	})
}

func TestADoctorWhoCannotLookSaysWhy(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, visit{&fakeDoctor{err: errors.New("read session.json: no such file")}, time.Now}, 80, 24)
		s.shows("Could not look at everything", "no such file")
		s.press("q")
		if out := s.leaves(); out.State != Failed {
			t.Errorf("got %s, want failed", out.State)
		}
	})
}
