package tui

import (
	"context"
	"time"

	"anywhere/doctor"

	tea "charm.land/bubbletea/v2"
)

// Doctor is what the screen of the doctor needs.
type Doctor interface {
	// Examine looks at everything and judges it; the worst report is first. It is
	// never empty without an error. It tells how far it is, one after the other.
	Examine(context.Context, func(doctor.Progress)) ([]doctor.Report, error)
	// Repair are the arguments of the command that repairs a finding of a report;
	// nil if nothing does.
	Repair(doctor.Report, doctor.Code) []string
}

// RunDoctor shows what the doctor finds until the screen is left; Outcome.Next is
// the repair to run then.
func RunDoctor(ctx context.Context, d Doctor, options Options) (Outcome, error) {
	return run(ctx, visit{d, options.Now}, options)
}

// visit is the flow of the doctor.
type visit struct {
	doctor Doctor
	now    func() time.Time
}

func (visit) name() string { return "doctor" }

func (v visit) begin() work {
	return work{says: "looking at everything, and asking for one session", on: examining{}, do: func(ctx context.Context, show func(tea.Msg)) tea.Msg {
		reports, err := v.doctor.Examine(ctx, func(p doctor.Progress) { show(examined{p}) })
		if err != nil {
			return opened{screens: []screen{newFailure("look at everything", err, v.doctor, v.begin(), work{})}, err: err}
		}
		s := diagnosis{reports: reports, again: v.begin(), repairs: map[repairable]bool{}}
		for i, r := range reports {
			for _, f := range r.Findings {
				s.repairs[repairable{i, f.Code}] = v.doctor.Repair(r, f.Code) != nil
			}
		}
		s.rows = rowsOf(reports[0], false, filter{})
		return opened{screens: []screen{s}}
	}}
}

// repairable is a finding of one of the reports.
type repairable struct {
	report int
	code   doctor.Code
}

// repaired decides to repair a finding.
type repaired struct {
	report doctor.Report
	code   doctor.Code
}

func (v visit) decide(msg tea.Msg) (work, bool) {
	r, ok := msg.(repaired)
	if !ok {
		return work{}, false
	}
	return work{says: "repairing", do: func(context.Context, func(tea.Msg)) tea.Msg {
		return onward{v.doctor.Repair(r.report, r.code)}
	}}, true
}

func (visit) judge(typed) (refused, bool) { return refused{}, false }
