package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/doctor"
	"anywhere/signer/home"
)

const doctorLong = `Finds out why there are no credentials, or will soon be none: looks at key,
certificate, chain, AWS config profile and machine, at what AWS holds, and asks
for one session. It names one cause, shows the two values that differ, and says
what to do.

It takes a set-up, any AWS config profile that starts a signer for Roles Anywhere,
or files and ARNs. Without an argument it looks at everything that it finds. It
runs nothing that it finds and changes nothing without --fix.

Exit codes: 0 healthy; 1 unhealthy; 2 usage; 3 a session was wanted and none could
be tried.`

// doctorFlags are the flags of doctor.
type doctorFlags struct {
	awsProfile, readWith string
	line                 doctorLine
	passFile, passEnv    string
	endpoint             string
	allowHTTP            bool
	offline, noLive      bool
	trail, strict        bool
	fix                  string
	yes, asJSON, plain   bool
	save, from           string
	unasked              bool // nothing was named: no passphrase is tried
}

// doctorLine are the flags of AWS's helper, for files that nobody has configured.
type doctorLine struct {
	certificate, privateKey, intermediates string
	module                                 string // of PKCS #11
	anchor, profile, role, region, name    string
	duration                               int
}

func (l doctorLine) given() bool {
	return l.certificate+l.privateKey+l.anchor+l.profile+l.role != ""
}

func (a *app) doctorCommand() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use: "doctor [NAME]", Short: "Find out why there are no credentials", Long: doctorLong, Args: atMostOne,
		Example: "  anywhere doctor laptop\n  anywhere doctor --aws-profile prod --offline\n  anywhere doctor --certificate leaf.pem --private-key key.pem",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.doctor(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	s := cmd.Flags()
	s.StringVar(&f.awsProfile, "aws-profile", "", "look at this AWS config `PROFILE`; its line is taken apart, never run")
	s.StringVar(&f.readWith, "read-with", "", "read the control plane with this AWS config `PROFILE`, whose credential_process is then run")
	s.StringVar(&f.line.certificate, "certificate", "", "`FILE` of the certificate")
	s.StringVar(&f.line.privateKey, "private-key", "", "`FILE` of the private key")
	s.StringVar(&f.line.intermediates, "intermediates", "", "`FILE` of intermediate certificates")
	s.StringVar(&f.line.module, "pkcs11-lib", "", "PKCS #11 `MODULE` of a key in a token")
	s.StringVar(&f.line.anchor, "trust-anchor-arn", "", "`ARN` of the trust anchor")
	s.StringVar(&f.line.profile, "profile-arn", "", "`ARN` of the Roles Anywhere profile")
	s.StringVar(&f.line.role, "role-arn", "", "`ARN` of the role")
	s.StringVar(&f.line.region, "region", "", "`REGION` of the endpoint; default the trust anchor's")
	s.StringVar(&f.line.name, "role-session-name", "", "session `NAME` to ask for")
	s.IntVar(&f.line.duration, "session-duration", 0, "`SECONDS` to ask for")
	s.StringVar(&f.passFile, "key-passphrase-file", "", "`FILE` with the passphrase of the key")
	s.StringVar(&f.passEnv, "key-passphrase-env", "", "environment `VARIABLE` with the passphrase of the key")
	s.StringVar(&f.endpoint, "endpoint", "", "base `URL` of Roles Anywhere")
	s.BoolVar(&f.allowHTTP, "allow-http", false, "allow plain http to another machine")
	s.BoolVar(&f.offline, "offline", false, "ask nobody")
	s.BoolVar(&f.noLive, "no-live", false, "ask for no session")
	s.BoolVar(&f.trail, "cloudtrail", false, "look the session up in CloudTrail, too")
	s.BoolVar(&f.strict, "strict", false, "exit 1 also for what could not be told and for warnings")
	s.StringVar(&f.fix, "fix", "", "repair what can be repaired safely, or only `CODE`")
	s.Lookup("fix").NoOptDefVal = "all"
	s.BoolVar(&f.yes, "yes", false, "with --fix: do not ask; touches only our own files. With --save: do not ask")
	s.BoolVar(&f.asJSON, "json", false, "print one JSON document on standard output")
	s.BoolVar(&f.plain, "plain", false, "print lines, also at a terminal")
	s.StringVar(&f.save, "save", "", "write the evidence to `FILE` after showing it; names, accounts and addresses become labels")
	s.StringVar(&f.from, "from", "", "judge evidence that was saved in `FILE`")
	return cmd
}

// doctor runs the command.
func (a *app) doctor(ctx context.Context, name string, f doctorFlags) error {
	if a.showsDoctor(f) {
		return a.doctorOnScreen(ctx, name, f)
	}
	reports, err := a.diagnoses(ctx, name, f, nil)
	if errors.Is(err, errNoHome) { // nothing was looked at, so nothing is known to be wrong
		tell(a.stderr, err)
		if f.asJSON {
			err = printFailureJSON(a.stdout, err)
		} else {
			err = nil
		}
		return errors.Join(err, &silent{exitUnknown})
	}
	unsaved, _ := errors.AsType[*notSaved](err)
	if err != nil && unsaved == nil {
		if f.asJSON {
			return errors.Join(printFailureJSON(a.stdout, err), &silent{exitOf(err)})
		}
		return err
	}
	if err := a.printReports(reports, unsaved, f); err != nil {
		return err
	}
	if unsaved != nil && f.asJSON { // it stands in the document
		return &silent{exitFailed}
	}
	if unsaved != nil {
		return unsaved
	}
	if code := exitOfReports(reports, f.strict); code != exitDone {
		return &silent{code}
	}
	return nil
}

// exitOfReports is the exit code of the worst report.
func exitOfReports(reports []doctor.Report, strict bool) int {
	code := exitDone
	for _, r := range reports {
		switch {
		case r.Verdict == doctor.Unhealthy, strict && r.Warnings()+r.Unknowns() > 0:
			return exitFailed
		case r.Verdict == doctor.CannotTell:
			code = exitUnknown
		}
	}
	return code
}

// printReports prints them, the worst first. JSON is the worst one's document,
// with the others in it, and with what could not be written.
func (a *app) printReports(reports []doctor.Report, unsaved *notSaved, f doctorFlags) error {
	if f.asJSON {
		var wrong *failure
		if unsaved != nil {
			d := describe(unsaved)
			wrong = &d
		}
		return printJSON(a.stdout, struct {
			doctor.Report
			Others []doctor.Report `json:"others,omitempty"`
			Error  *failure        `json:"error,omitempty"`
		}{reports[0], reports[1:], wrong})
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		r.Text(a.stdout, a.glyphs())
	}
	return nil
}

// glyphs are those that the terminal can show.
func (a *app) glyphs() doctor.Glyphs {
	locale := a.getenv("LC_ALL") + a.getenv("LC_CTYPE") + a.getenv("LANG")
	if a.getenv("TERM") == "dumb" || !a.terminal && !strings.Contains(strings.ToUpper(locale), "UTF") {
		return doctor.ASCII()
	}
	return doctor.Unicode()
}

// remember keeps the verdict on a set-up for status. That it cannot be written,
// as on a read-only disk, is no reason to fail.
func (a *app) rememberVerdict(h home.Home, name string, r doctor.Report) {
	s, err := h.Find(name)
	if err != nil {
		return
	}
	notes, err := h.ReadNotes(s)
	if err != nil {
		return
	}
	notes.Verdict = home.Verdict{Verdict: string(r.Verdict), At: a.now().UTC()}
	if r.Cause != nil {
		notes.Verdict.Cause = string(*r.Cause)
	}
	_ = h.WriteNotes(s, notes)
}
