package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"anywhere/pki"
	"anywhere/signer/home"
)

var look = Step{
	ID:    StepLook,
	Title: "Look around",
	Why:   "Before anything is made: which AWS account answers, as whom, in which Region, and whether the clocks agree.",
	Asks: []Question{
		{
			Key: "where", Ask: "Where should this machine get its credentials from?", Kind: Choose,
			Why:     "The sandbox is an AWS on this machine, for practice: it costs nothing and refuses what AWS refuses. Nothing leaves this machine.",
			Choices: whereChoices, Default: whereDefault, Headless: whereHeadless, Example: "sandbox",
		},
		whoQuestion(),
		{
			Key: "name", Ask: "What is this set-up called?", Kind: Text,
			Why:     "Everything made for it carries the name, here and in AWS; anywhere teardown NAME takes it all away again.",
			Default: nameDefault, Valid: func(_ *Env, name string) error { return home.ValidName(name) }, Example: "laptop",
		},
	},
	Plan: planLook,
}

func whereChoices(e *Env) []Choice {
	note := "made for real; anywhere teardown removes it all. The rights that it takes: anywhere setup --print-policy setup"
	if says := e.World.Machine.AWSSays; says != "" {
		note = says + "; " + note
	}
	return []Choice{
		{"sandbox", "the sandbox on this machine", "for practice; no AWS account needed"},
		{"aws", e.World.Machine.AWSLabel, note},
	}
}

// whereDefault offers the sandbox to somebody who has no AWS credentials.
func whereDefault(e *Env) (string, bool) {
	if e.World.Machine.HasAWS {
		return "aws", true
	}
	return "sandbox", true
}

// whereHeadless: without a terminal the sandbox is never chosen by itself, since
// a script that lost its AWS credentials must not end up with practice ones.
func whereHeadless(e *Env) (string, bool) { return "aws", e.World.Machine.HasAWS }

// nameDefault is the host name in the alphabet of set-up names.
func nameDefault(e *Env) (string, bool) {
	host, _, _ := strings.Cut(strings.ToLower(e.World.Machine.HostName), ".")
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, host)
	name = strings.Trim(name[:min(len(name), 32)], "-")
	if name == "" {
		name = "machine"
	}
	return name, true
}

// clockWindow is how far the clocks may differ before signatures are refused.
// AWS documents none for CreateSession; SigV4 services allow five minutes.
const clockWindow = 5 * time.Minute

func planLook(ctx context.Context, e *Env) ([]Change, error) {
	if own := e.Site.CallerSetup; own != "" {
		return nil, &OwnSessionError{own}
	}
	if strings.HasSuffix(e.Site.Caller.ARN, ":root") {
		e.Note("You are signed in as the account's root user; a user or role with only the needed permissions is safer (anywhere setup --print-policy setup).")
	}
	if off := e.Site.ClockOffset.Abs(); off > clockWindow {
		e.Note(fmt.Sprintf("This machine's clock is %s off from AWS's; AWS answers 'Invalid signature' until it is set.", off.Round(time.Second)))
	}
	return nil, nil
}

// OwnSessionError says that the AWS credentials in use are a session of one of
// our own set-ups: a machine must not administer what lets it in.
type OwnSessionError struct{ Setup string }

func (e *OwnSessionError) Error() string {
	return "use AWS credentials: they are a session of set-up " + e.Setup + ", not an administrator's"
}

// Hint names the way to an administrator's credentials.
func (e *OwnSessionError) Hint() string {
	return "choose an administrator's AWS config profile with AWS_PROFILE"
}

// validCN is the rule for common names that become session tags and source
// identity.
func validCN(_ *Env, cn string) error { return pki.ValidCommonName(cn) }

// life reads a duration: 90d, 5y of 365 days, 24h or, for what is renewed by
// itself, 15m.
func life(text string) (time.Duration, error) {
	if len(text) < 2 {
		return 0, errLife
	}
	var n int
	if _, err := fmt.Sscanf(text[:len(text)-1], "%d", &n); err != nil || n <= 0 || fmt.Sprint(n) != text[:len(text)-1] {
		return 0, errLife
	}
	day := 24 * time.Hour
	switch text[len(text)-1] {
	case 'm':
		if n >= 5 {
			return time.Duration(min(n, 1e6)) * time.Minute, nil
		}
	case 'h':
		return time.Duration(min(n, 1e6)) * time.Hour, nil
	case 'd':
		return time.Duration(min(n, 36500)) * day, nil
	case 'y':
		return time.Duration(min(n, 100)) * 365 * day, nil
	}
	return 0, errLife
}

var errLife = errors.New("must be a number of days or years, such as 90d or 5y")

func validLife(_ *Env, text string) error { _, err := life(text); return err }

// fixed is a default that depends on nothing.
func fixed(value string) func(*Env) (string, bool) {
	return func(*Env) (string, bool) { return value, true }
}
