package main

import (
	"crypto/x509"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"anywhere/awsapi/sandbox"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// setupStatus is one line of status; it is found out offline.
type setupStatus struct {
	Setup    string     `json:"setup"`
	Mode     home.Mode  `json:"mode,omitempty"`
	Account  string     `json:"account,omitempty"`
	Region   string     `json:"region,omitempty"`
	State    string     `json:"state"` // ready, unfinished, kept (torn down but for what others use), waiting (for the answer to a request) or unreadable
	Problem  string     `json:"problem,omitempty"`
	Subject  string     `json:"subject,omitempty"`
	NotAfter *time.Time `json:"notAfter,omitempty"`
	DaysLeft *int       `json:"daysLeft,omitempty"`
	Verdict  string     `json:"verdict,omitempty"`
	Cause    string     `json:"cause,omitempty"` // the doctor's code of an unhealthy one
	Checked  *time.Time `json:"checked,omitempty"`
	Warning  string     `json:"warning,omitempty"` // the newest that was kept
	// Warnings are all that the signer kept about the certificate in use, oldest first.
	Warnings []home.Warning `json:"warnings,omitempty"`
	renewalStatus
}

func (a *app) statusCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "status", Short: "List the set-ups of this machine", Args: noArgs,
		Long: "Lists every set-up of this machine: where it lives, how long its certificate\nlasts, and when it was last seen working. It asks nobody.",
		RunE: func(*cobra.Command, []string) error { return a.status(asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return cmd
}

func (a *app) status(asJSON bool) error {
	h, err := a.openHome()
	if err != nil {
		return err
	}
	all, err := h.List()
	if err != nil {
		return err
	}
	list := []setupStatus{}
	for _, s := range all {
		list = append(list, a.statusOf(h, s))
	}
	begun, err := steps.BegunCAs(h)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			SchemaVersion int             `json:"schemaVersion"`
			Setups        []setupStatus   `json:"setups"`
			UnfinishedCAs []steps.BegunCA `json:"unfinishedCAs"`
		}{schemaVersion, list, begun})
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "No set-up on this machine. anywhere setup makes one.")
	}
	for _, s := range list {
		fmt.Fprintln(a.stdout, s.line(a.now()))
	}
	for _, ca := range begun {
		fmt.Fprintf(a.stdout, "CA %-13s unfinished; %s goes on, %s drops it\n", ca.Name, steps.Command{Args: ca.GoOn}.Line(), steps.Command{Args: ca.Drop}.Line())
	}
	return nil
}

func (a *app) statusOf(h home.Home, s home.Setup) setupStatus {
	st := setupStatus{Setup: s.Name, State: "ready"}
	begin, err := steps.BeginOf(h, s.Name)
	if err != nil {
		st.State, st.Problem = "unreadable", err.Error()
		return st
	}
	st.Mode, st.Account, st.Region = begin.Mode, begin.Account, begin.Region
	session, err := h.ReadSession(s)
	if err != nil {
		st.State, st.Problem = "unfinished", err.Error()
		if down, err := steps.TornDown(h, s.Name); err == nil && down {
			st.State = "kept"
		} else if waits, err := steps.Waits(h, s.Name); err == nil && waits {
			st.State = "waiting"
		}
		return st
	}
	notes, unread := h.ReadNotes(s)
	if cert, err := x509.ParseCertificate(session.Certificate); err == nil {
		end := cert.NotAfter.UTC()
		days := int(math.Floor(end.Sub(a.now()).Hours() / 24))
		st.Subject, st.NotAfter, st.DaysLeft = cert.Subject.String(), &end, &days
		st.renewalStatus = renewalOf(session, cert, notes, a.now())
		notes.Warnings = slices.DeleteFunc(notes.Warnings, func(w home.Warning) bool { return w.At.Before(cert.NotBefore) }) // about one that was replaced
	}
	if unread == nil {
		if notes.Verdict.Verdict != "" {
			st.Verdict, st.Cause, st.Checked = notes.Verdict.Verdict, notes.Verdict.Cause, &notes.Verdict.At
		}
		if n := len(notes.Warnings); n > 0 {
			st.Warning, st.Warnings = notes.Warnings[n-1].Says, notes.Warnings
		}
	}
	return st
}

// shownAccount is an account as people are told of it: the one that every sandbox
// begins with says nothing.
func shownAccount(mode home.Mode, account string) string {
	if mode == home.ModeSandbox && account == sandbox.Account {
		return ""
	}
	return account
}

// line is the status for people.
func (s setupStatus) line(now time.Time) string {
	where := string(s.Mode)
	if account := shownAccount(s.Mode, s.Account); account != "" {
		where += " " + account
	}
	switch s.State {
	case "unfinished":
		return fmt.Sprintf("%-16s %s %s  unfinished; anywhere setup --name %s goes on", s.Setup, where, s.Region, s.Setup)
	case "waiting":
		return fmt.Sprintf("%-16s %s %s  waits for the answer to its request; anywhere setup --name %s shows both", s.Setup, where, s.Region, s.Setup)
	case "kept":
		return fmt.Sprintf("%-16s %s %s  torn down, but for what had to stay; anywhere teardown %s says what", s.Setup, where, s.Region, s.Setup)
	case "unreadable":
		return fmt.Sprintf("%-16s unreadable: %s", s.Setup, foreign.Text(s.Problem))
	}
	text := fmt.Sprintf("%-16s %s %s  %s", s.Setup, where, s.Region, foreign.Text(s.Subject))
	switch {
	case s.NotAfter == nil:
	case now.After(*s.NotAfter):
		text += "  certificate expired on " + s.NotAfter.Format("2006-01-02 15:04 UTC") + s.said(s.Setup)
	default:
		text += "  certificate good for " + goodFor(s.NotAfter.Sub(now)) + s.said(s.Setup)
	}
	if s.Warning != "" {
		text += "  warning: " + foreign.Text(s.Warning)
		if more := len(s.Warnings) - 1; more > 0 {
			text += fmt.Sprintf(" (and %d more)", more)
		}
	}
	if s.Checked != nil {
		verdict := s.Verdict
		if s.Cause != "" {
			verdict += " (" + s.Cause + ")"
		}
		text += "  " + verdict + " " + ago(now.Sub(*s.Checked))
	}
	return text
}

// ago is an age in minutes.
func ago(d time.Duration) string {
	if d = d.Round(time.Minute); d <= 0 {
		return "just now"
	}
	return strings.TrimSuffix(d.String(), "0s") + " ago"
}
