package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"anywhere/pki/decode"
	"anywhere/signer/home"
	"anywhere/signer/keystore/pkcs11uri"
)

// InvalidError is an answer that cannot stand. It is the caller's mistake:
// nothing was written.
type InvalidError struct {
	Key   string
	Value string // empty for a secret
	Err   error
}

func (e *InvalidError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("answer %s: %v", e.Key, e.Err)
	}
	value := e.Value
	if pkcs11uri.Is(value) {
		value = pkcs11uri.WithoutPIN(value)
	}
	return fmt.Sprintf("answer %s = %q: %v", e.Key, value, e.Err)
}
func (e *InvalidError) Unwrap() error { return e.Err }

// Hint names the flag that sets the answer.
func (e *InvalidError) Hint() string {
	if strings.HasPrefix(e.Key, "--") {
		return "give another value: " + e.Key + " ..."
	}
	if fix := wayRound(e.Err); fix != "" {
		return fix
	}
	if slices.Contains(Secrets(), e.Key) {
		return "give another one: --set " + e.Key + "-file=FILE, -env=NAME or -fd=N"
	}
	return "give another value: --set " + e.Key + "=..."
}

// wayRound is what an error itself says to do about what was answered; empty if it is the
// answer that has to be another.
func wayRound(err error) string {
	if lacks, ok := errors.AsType[*lacksCAError](err); ok {
		return lacks.Hint()
	}
	if known, ok := errors.AsType[*hintError](err); ok {
		return known.Hint()
	}
	if known, ok := errors.AsType[*advised](err); ok {
		return known.Hint()
	}
	if known, ok := errors.AsType[*decode.UnsupportedError](err); ok {
		return known.Hint()
	}
	return ""
}

// UnknownKeyError is an answer to a question that does not exist.
type UnknownKeyError struct{ Key string }

func (e *UnknownKeyError) Error() string { return "no such question: " + e.Key }

// Hint says where the questions are listed.
func (e *UnknownKeyError) Hint() string { return "anywhere setup --print-answers lists every key" }

// MissingError lists every question that has no answer and nobody to ask.
type MissingError struct{ Asked []Asked }

func (e *MissingError) Error() string {
	keys := make([]string, len(e.Asked))
	for i, a := range e.Asked {
		keys[i] = a.Key
	}
	return "answer questions: without a terminal these need an answer: " + strings.Join(keys, ", ")
}

// Hint spells out the flags.
func (e *MissingError) Hint() string {
	var flags []string
	for _, a := range e.Asked {
		switch {
		case a.Kind == Secret:
			flags = append(flags, "--set "+a.Key+"-file=FILE")
		case len(a.Choices) > 0:
			var values []string
			for _, c := range a.Choices {
				values = append(values, c.Value)
			}
			flags = append(flags, "--set "+a.Key+"="+strings.Join(values, "|"))
		default:
			flags = append(flags, "--set "+a.Key+"=VALUE")
		}
	}
	return "add " + strings.Join(flags, " ")
}

// FixedError is an answer that can no longer change, since something was made
// from it.
type FixedError struct{ Key, Was, Now string }

func (e *FixedError) Error() string {
	return fmt.Sprintf("change %s: it was %q when this set-up was made and cannot become %q", e.Key, e.Was, e.Now)
}

// Hint is the way round.
func (e *FixedError) Hint() string {
	return "tear the set-up down first, or choose another name with --name"
}

// MovedError says that the world is no longer what the plan showed. Nothing
// that was not shown has been done.
type MovedError struct {
	What string // the thing that moved
	Why  string
}

func (e *MovedError) Error() string { return fmt.Sprintf("apply plan: %s: %s", e.What, e.Why) }

// Hint asks for a new plan.
func (e *MovedError) Hint() string { return "run anywhere setup again to see a new plan" }

// AcceptError lists changes for which approval of the whole plan is not enough.
type AcceptError struct{ Changes []Change }

func (e *AcceptError) Error() string {
	var all []string
	for _, c := range e.Changes {
		all = append(all, c.ID+" ("+c.Accept+")")
	}
	return "approve plan: these changes must be accepted one by one: " + strings.Join(all, "; ")
}

// Hint spells out the flags.
func (e *AcceptError) Hint() string {
	var flags []string
	for _, c := range e.Changes {
		flags = append(flags, "--accept "+c.ID)
	}
	return "add " + strings.Join(flags, " ")
}

// AccountError says that this run looks at another AWS than it should.
type AccountError struct {
	What, Want, Have string
	Begin            Begin // of the set-up, if it is one's
}

func (e *AccountError) Error() string {
	return fmt.Sprintf("check %s: this run is for %s, the AWS credentials in use belong to %s", e.What, e.Want, e.Have)
}

// Hint names what to look at.
func (e *AccountError) Hint() string {
	switch {
	case e.What == "account" && e.Begin.Mode == home.ModeSandbox:
		return "name the set-up with --name, or its account with --account " + e.Want
	case e.What == "account" && e.Begin.AWSProfile != "":
		return "it was made with AWS config profile " + e.Begin.AWSProfile + ": AWS_PROFILE=" + e.Begin.AWSProfile
	}
	return "choose the right credentials with AWS_PROFILE and AWS_REGION; aws sts get-caller-identity shows them"
}

// TakenError says that a name we need is in use by something that is not ours.
type TakenError struct{ Noun, Name, Why string }

func (e *TakenError) Error() string {
	return fmt.Sprintf("create %s %s: %s", e.Noun, e.Name, e.Why)
}

// Hint offers another name.
func (e *TakenError) Hint() string { return "choose another set-up name with --name" }

// ChangeError is a change that did not come off. What is done stays in the
// journal, and the next run goes on from there.
type ChangeError struct {
	Change Change
	Err    error
}

func (e *ChangeError) Error() string {
	if e.Change.Verb == "" { // a proof
		return fmt.Sprintf("%s: %v", strings.ToLower(e.Change.Name[:1])+e.Change.Name[1:], e.Err)
	}
	return fmt.Sprintf("%s %s %s: %v", e.Change.Verb, e.Change.Noun, e.Change.Name, e.Err)
}
func (e *ChangeError) Unwrap() error { return e.Err }
