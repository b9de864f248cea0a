package main

import (
	"context"
	"errors"

	"anywhere/doctor"
	"anywhere/tui"
)

// showsDoctor says whether the doctor has a screen: somebody looks and types, and
// wants neither lines nor a document nor a repair.
func (a *app) showsDoctor(f doctorFlags) bool {
	return a.terminal && !f.plain && !f.asJSON && f.fix == "" && f.save == "" && a.getenv("TERM") != "dumb"
}

// doctorOnScreen examines on the full screen and leaves the verdict in the
// scrollback.
func (a *app) doctorOnScreen(ctx context.Context, name string, f doctorFlags) error {
	view := &doctorView{app: a, name: name, flags: f}
	out, err := tui.RunDoctor(ctx, view, a.screenOptions())
	if err != nil {
		return err
	}
	a.printCopied(out)
	switch out.State {
	case tui.Failed:
		return out.Err
	case tui.Elsewhere:
		return a.goOn(ctx, out.Next)
	case tui.Interrupted:
		return &silent{exitInterrupted}
	}
	for _, r := range view.reports {
		r.Text(a.stdout, a.glyphs())
	}
	if code := exitOfReports(view.reports, f.strict); code != exitDone {
		return &silent{code}
	}
	return nil
}

// doctorView shows the doctor to the full screen.
type doctorView struct {
	app     *app
	name    string
	flags   doctorFlags
	reports []doctor.Report
}

func (v *doctorView) Examine(ctx context.Context, watch func(doctor.Progress)) (reports []doctor.Report, err error) {
	if reports, err = v.app.diagnoses(ctx, v.name, v.flags, watch); err == nil && len(reports) == 0 {
		err = errors.New("look at everything: nothing is set up here")
	}
	v.reports = reports
	return reports, err
}

// Repair is the command for what can be repaired safely.
func (v *doctorView) Repair(r doctor.Report, code doctor.Code) []string {
	f, ok := r.Finding(code)
	if !ok || !f.Fix.Automatic || f.Verdict == doctor.Pass || r.Kind != doctor.KindSetup {
		return nil
	}
	return []string{"doctor", r.Name, "--fix=" + string(code)}
}

// Explain takes an error apart for the error screen.
func (v *doctorView) Explain(err error) tui.Words { return wordsOf(err) }
