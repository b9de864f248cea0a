package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"

	"anywhere/awsapi"
	"anywhere/cmd/signing"
	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/foreign"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/refusals"
	"anywhere/steps"
)

// How everything is told:
//
//   - results go to stdout, everything else to stderr;
//   - a failure is one line "anywhere: verb object: cause" and, where there is
//     something to do about it, one line "hint: ..." with the next command;
//   - lower case, no full stop, no "error:";
//   - with --json one document goes to stdout whatever happens;
//   - foreign text passes through foreign.Text on its way to a person.

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnknown     = 3
	exitInterrupted = 130
)

// usageError is the caller's mistake: exit 2, nothing was written.
type usageError struct {
	what string
	fix  string
}

func (e *usageError) Error() string { return e.what }
func (e *usageError) Hint() string  { return e.fix }

// hinted gives an error a hint.
type hinted struct {
	error
	fix string
}

func (e *hinted) Unwrap() error { return e.error }
func (e *hinted) Hint() string  { return e.fix }

// interruptedError is what a run ended with that somebody stopped.
type interruptedError struct{ error }

func (e *interruptedError) Error() string {
	if errors.Is(e.error, context.Canceled) && e.error.Error() == context.Canceled.Error() {
		return signing.ErrInterrupted.Error()
	}
	return e.error.Error()
}
func (e *interruptedError) Unwrap() []error { return []error{e.error, signing.ErrInterrupted} }

// silent is a failure that has been told already.
type silent struct{ code int }

func (e *silent) Error() string { return fmt.Sprintf("exit %d", e.code) }

// failure is an error as JSON tells it.
type failure struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"requestId,omitempty"`
	AWS       string `json:"aws,omitempty"`   // AWS's own sentence
	Means     string `json:"means,omitempty"` // what that sentence means
	// Causes are the doctor's codes that AWS's sentence can mean, likeliest first.
	Causes  []string    `json:"causes,omitempty"`
	Pending *pendingDoc `json:"pending,omitempty"` // what is waited for
}

// describe takes an error apart.
func describe(err error) failure {
	f := failure{Code: codeOf(err), Message: err.Error(), Hint: hintOf(err)}
	if r, ok := errors.AsType[*signer.Refused](err); ok {
		f.RequestID, f.AWS = r.RequestID, r.Message
		if found := refusals.Matches(r.Message); len(found) > 0 {
			f.Means, f.Causes = found[0].Refusal.Means, found[0].Refusal.Causes
		}
	}
	if r, ok := errors.AsType[*awsapi.Refusal](err); ok {
		f.RequestID, f.AWS = r.RequestID, r.Message
	}
	if p := pendingOf(err); p != nil {
		f.Pending = &pendingDoc{What: p.What, Hand: p.Hand, Command: p.Command, Ways: p.Ways}
		f.Hint = "when that is done: " + steps.Command{Args: p.Command}.Line()
	}
	return f
}

// codeOf is the stable word for a kind of failure.
func codeOf(err error) string {
	for _, kind := range []struct {
		code string
		is   func(error) bool
	}{
		{"usage", isType[*usageError]}, {"invalid-answer", isType[*steps.InvalidError]},
		{"unknown-question", isType[*steps.UnknownKeyError]}, {"missing-answers", isType[*steps.MissingError]},
		{"not-accepted", isType[*steps.AcceptError]}, {"wrong-account", isType[*steps.AccountError]},
		{"moved", isType[*steps.MovedError]}, {"taken", isType[*steps.TakenError]}, {"fixed-answer", isType[*steps.FixedError]},
		{"own-session", isType[*steps.OwnSessionError]}, {"no-setup", isType[*steps.NoSetupError]},
		{"no-setup", func(err error) bool { return errors.Is(err, home.ErrNoSetup) }},
		{"busy", func(err error) bool { return errors.Is(err, home.ErrBusy) }},
		{"no-credentials", func(err error) bool { return errors.Is(err, awsapi.ErrNoCredentials) }},
		{"interrupted", func(err error) bool {
			return errors.Is(err, context.Canceled) || errors.Is(err, signing.ErrInterrupted)
		}},
		{"passphrase-needed", func(err error) bool { return errors.Is(err, decode.ErrPassphraseNeeded) }},
		{"unknown-certificate", isType[*steps.UnknownCertificateError]}, {"several-certificates", isType[*steps.SeveralError]},
		{"would-unrevoke", isType[*pki.UnrevokeError]}, {"no-ca-key", isType[*noKeyError]}, {"no-list", isType[*noListError]}, {"no-ca-key", isType[*steps.NoCAKeyError]},
		{"waiting", isType[*steps.WaitingError]}, {"pending", isType[*steps.Pending]},
		{"denied", func(err error) bool { return errors.Is(err, awsapi.ErrDenied) }},
		{"refused", isType[*signer.Refused]}, {"refused", isType[*awsapi.Refusal]},
	} {
		if kind.is(err) {
			return kind.code
		}
	}
	return "failed"
}

func isType[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// exitOf is the exit code of an error; bad input is 2.
func exitOf(err error) int {
	if err == nil {
		return exitDone
	}
	if s, ok := errors.AsType[*silent](err); ok {
		return s.code
	}
	switch codeOf(err) {
	case "usage", "invalid-answer", "unknown-question", "missing-answers", "not-accepted", "wrong-account", "fixed-answer", "no-setup", "passphrase-needed",
		"unknown-certificate", "several-certificates":
		return exitUsage
	case "waiting", "pending":
		return exitUnknown
	case "interrupted":
		return exitInterrupted
	}
	return exitFailed
}

// hintOf is the first hint that err, or what it wraps, has. What AWS answers
// when it is asked too much, or not at all, says nothing about what to do.
func hintOf(err error) string {
	if fix := ownHint(err); fix != "" {
		return fix
	}
	if r, ok := errors.AsType[*awsapi.Refusal](err); ok && (r.Status >= 500 || strings.Contains(r.Code, "Throttl") || r.Code == "TooManyRequestsException") {
		return "wait a minute and run the same command again; it goes on from here"
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return "look at the network, the proxy settings and the endpoint, then run the same command again; it goes on from here"
	}
	if isType[*awsapi.Refusal](err) || isType[*steps.ChangeError](err) {
		return "run the same command again when this is solved; it goes on from here"
	}
	return ""
}

// ownHint walks through err for a hint that is not empty.
func ownHint(err error) string {
	if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
		return h.Hint()
	}
	switch wraps := err.(type) {
	case interface{ Unwrap() error }:
		if inner := wraps.Unwrap(); inner != nil {
			return ownHint(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range wraps.Unwrap() {
			if fix := ownHint(inner); fix != "" {
				return fix
			}
		}
	}
	return ""
}

// tell prints a failure for people.
func tell(w io.Writer, err error) {
	if err == nil || isType[*silent](err) {
		return
	}
	f := describe(err)
	for line := range strings.SplitSeq(f.Message, "\n") {
		fmt.Fprintf(w, "anywhere: %s\n", foreign.Text(line))
	}
	if f.Means != "" {
		fmt.Fprintf(w, "means: %s (%s)\n", f.Means, strings.Join(f.Causes, ", "))
	}
	if f.Hint != "" {
		fmt.Fprintf(w, "hint: %s\n", foreign.Text(f.Hint))
	}
}

// schemaVersion is the version of every document that --json prints.
const schemaVersion = 1

// printJSON prints one document, in ASCII where a terminal would obey: the
// encoder leaves the format characters beyond ASCII as they are, such as those
// that turn the direction of a line.
func printJSON(w io.Writer, document any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(document); err != nil {
		return err
	}
	var safe strings.Builder
	for _, r := range b.String() {
		if r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&safe, `\u%04x`, unit)
			}
			continue
		}
		safe.WriteRune(r)
	}
	_, err := io.WriteString(w, safe.String())
	return err
}

// printFailureJSON prints the document of a run that failed.
func printFailureJSON(w io.Writer, err error) error {
	return printJSON(w, struct {
		SchemaVersion int     `json:"schemaVersion"`
		Error         failure `json:"error"`
	}{schemaVersion, describe(err)})
}
