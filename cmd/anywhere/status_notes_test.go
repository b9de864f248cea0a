package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"anywhere/signer/home"
)

// Warnings that the signer kept are in status and in the doctor's report, but for
// those about a certificate that has been replaced.
func TestKeptWarningsAreTold(t *testing.T) {
	s := newShop(t)
	now := s.clock()
	notes := home.Notes{Verdict: home.Verdict{Verdict: "unhealthy", Cause: "RA302", At: now}, Warnings: []home.Warning{
		{Code: "RA115", Says: "about the one before", At: now.AddDate(0, -2, 0)},
		{Code: "RA401", Says: "the clock is 10m0s behind", At: now}, {Code: "RA601", Says: "renewal: nobody answers", At: now}}}
	if err := s.homeDir().WriteNotes(s.place(), notes); err != nil {
		t.Fatal(err)
	}
	if line := s.want(exitDone, "status"); !strings.Contains(line, "renewal: nobody answers (and 1 more)") || !strings.Contains(line, "unhealthy (RA302)") {
		t.Errorf("got %s", line)
	}
	var all struct{ Setups []setupStatus }
	if err := json.Unmarshal([]byte(s.want(exitDone, "status", "--json")), &all); err != nil || len(all.Setups) != 1 || len(all.Setups[0].Warnings) != 2 || all.Setups[0].Cause != "RA302" {
		t.Errorf("got %+v, %v", all, err)
	}
	s.pass(time.Minute)
	report := s.ask(exitDone, "lab")
	for _, f := range report.Findings {
		// The clock agrees by now, so that warning is over.
		if f.Code == "RA605" && (f.Verdict != "warn" || len(f.Evidence) != 1 || f.Evidence[0].Value != "renewal: nobody answers") {
			t.Errorf("got %+v", f)
		}
	}
	if report.with("warn") != "RA605" {
		t.Errorf("got warnings %q, want RA605", report.with("warn"))
	}
}
