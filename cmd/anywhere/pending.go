package main

import (
	"errors"
	"fmt"

	"anywhere/pki/foreign"
	"anywhere/steps"
	"anywhere/tui"
)

// pendingDoc is what is waited for, as JSON tells it.
type pendingDoc struct {
	What    string          `json:"what"`
	Hand    string          `json:"hand,omitempty"` // a file to hand over
	Command []string        `json:"command"`        // what to type then
	Ways    []steps.SignWay `json:"ways,omitempty"`
}

// pendingOf is what err waits for; nil if it does not.
func pendingOf(err error) *steps.Pending {
	p, _ := errors.AsType[*steps.Pending](err)
	return p
}

// tellPending prints what is waited for, if that is all that is wrong: it is a
// result, not a failure, but nothing is proved yet.
func (a *app) tellPending(err error) error {
	p := pendingOf(err)
	if p == nil || p.Hand == "" {
		return err
	}
	fmt.Fprintf(a.stdout, "The %s is asked for; somebody with a CA has to answer.\n\n", foreign.Text(p.What))
	fmt.Fprintf(a.stdout, "  hand over  %s\n\n", foreign.Text(p.Hand))
	fmt.Fprintf(a.stdout, "There, one of these signs it:\n\n")
	printSignWays(a.stdout, p.Ways)
	fmt.Fprintf(a.stdout, "\nWhen the certificate is here, in a file with what stands above it:\n\n  %s\n", steps.Command{Args: p.Command}.Line())
	return &silent{exitUnknown}
}

// pendingSummary is the same for the last screen.
func pendingSummary(setup string, p *steps.Pending) tui.Summary {
	s := tui.Summary{Says: setup + " waits for somebody with a CA: hand the request over, and come back with the answer.", Warn: true, Waits: true,
		Evidence: []steps.Evidence{{Label: "asked for", Value: p.What}, {Label: "hand over", Value: p.Hand}}}
	s.Notes = append(s.Notes, "It can be signed with openssl, step-ca, anywhere or AWS Private CA. The commands are printed in full when you leave.",
		"With the answer, this goes on by the command below, or by anywhere setup --name "+setup+", which asks for the file.")
	s.Try = []tui.Try{{Label: "then", Command: p.Command}}
	return s
}
