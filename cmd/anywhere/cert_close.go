package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

// declareClose declares the switch for an emergency, which may be set to one door.
func declareClose(cmd *cobra.Command, door *string) {
	flags := cmd.Flags()
	flags.StringVar(door, "close", "", "disable the trust anchor and the Roles Anywhere profile of the set-up, or `ONE` of them: --close=trust-anchor, --close=roles-anywhere-profile")
	flags.Lookup("close").NoOptDefVal = string(steps.DoorBoth)
}

func knownDoor(door string) bool { return door == "" || slices.Contains(steps.DoorIDs(), door) }

// closing is what is to be shut, and what was.
type closing struct {
	SchemaVersion int              `json:"schemaVersion"`
	Doors         []steps.Door     `json:"doors"`
	Beside        []steps.Ajar     `json:"beside"` // of other set-ups; closed with --all
	Evidence      []steps.Evidence `json:"evidence"`
	Open          []string         `json:"open"` // what to type to open it again
	OpenBeside    [][]string       `json:"openBeside,omitempty"`
}

// closeSetup disables what lets machines in, of one set-up or of all that let in what
// the same CA issued.
func (k *keeping) closeSetup(ctx context.Context, f certRevokeFlags) error {
	which := steps.DoorID(f.close)
	doors, err := k.runner.Doors(which)
	if err != nil {
		return err
	}
	c := closing{SchemaVersion: schemaVersion, Doors: doors, Evidence: []steps.Evidence{}, Open: k.reopen(k.name)}
	first := f.yes && !f.all && !f.plan // nobody is asked about the others, so they may not hold this up
	if !first {
		if c.Beside, err = k.runner.DoorsBeside(ctx, which, doors); err != nil {
			return err
		}
	}
	if f.plan {
		return k.printClosing(f, c)
	}
	if !f.json {
		printDoors(k.app.stderr, c, f.all)
	}
	approval, all, err := k.closeAll(ctx, f, c)
	if err != nil {
		return err
	}
	if c.Evidence, err = k.runner.Close(ctx, doors, approval); err != nil {
		return err
	}
	switch {
	case first:
		c.Beside, err = k.runner.DoorsBeside(ctx, which, doors)
	case all:
		err = k.closeBeside(ctx, &c, approval)
	}
	if err != nil {
		return err
	}
	if f.json {
		err = printJSON(k.app.stdout, c)
	} else {
		k.tellClosed(c, all)
	}
	return errors.Join(err, unreached(c.Evidence))
}

// closeBeside shuts the doors of the others.
func (k *keeping) closeBeside(ctx context.Context, c *closing, approval steps.Approval) error {
	beside, err := k.runner.CloseBeside(ctx, c.Beside, approval)
	c.Evidence = append(c.Evidence, beside...)
	for _, a := range c.Beside {
		if !slices.ContainsFunc(beside, func(e steps.Evidence) bool { return e.Label == steps.LabelUnreached && e.Value == a.AnchorARN }) {
			c.OpenBeside = append(c.OpenBeside, k.reopen(a.Setup))
		}
	}
	return err
}

func (k *keeping) reopen(name string) []string { return []string{"anywhere", "setup", "--name", name} }

// closeAll asks for leave, and whether the others are meant as well.
func (k *keeping) closeAll(ctx context.Context, f certRevokeFlags, c closing) (approval steps.Approval, all bool, err error) {
	if f.all || f.yes || len(c.Beside) == 0 || !k.app.terminal {
		approval, err = k.approved(ctx, f.adminFlags, "close "+k.name+" for every machine")
		return approval, f.all, err
	}
	l := k.app.lines()
	fmt.Fprintf(l.out, "Type yes to close %s for every machine, or all to close the others too: ", k.name)
	text, err := l.read(ctx)
	if err != nil {
		return approval, false, err
	}
	switch strings.TrimSpace(text) {
	case "yes":
	case "all":
		all = true
	default:
		return approval, false, &usageError{"approve: the answer was neither yes nor all; nothing was changed", "run the command again"}
	}
	return approval, all, nil
}

// printClosing prints what would be shut.
func (k *keeping) printClosing(f certRevokeFlags, c closing) error {
	if f.json {
		return printJSON(k.app.stdout, c)
	}
	printDoors(k.app.stdout, c, f.all)
	return nil
}

func printDoors(w io.Writer, c closing, all bool) {
	for _, d := range c.Doors {
		fmt.Fprintf(w, "  ~  %s  %s\n     keeps out %s\n", d.What, foreign.Text(d.ARN), d.Says())
	}
	for _, a := range c.Beside {
		why := "lets in what the same CA issued"
		if a.Same {
			why = "signs with the same certificate"
		}
		glyph, note := "!", "; it stays open, unless --all is added"
		if all {
			glyph, note = "~", ""
		}
		fmt.Fprintf(w, "  %s  set-up %s, account %s, %s  %s%s\n", glyph, a.Setup, a.Account, a.Region, why, note)
		for _, d := range a.Doors {
			says := d.Says()
			if !d.Ours {
				says = "nobody: it is not that set-up's; whoever owns it: " + d.Disable.Line()
			}
			fmt.Fprintf(w, "     %s  %s\n     keeps out %s\n", d.What, foreign.Text(d.ARN), says)
		}
		if a.Problem != "" {
			fmt.Fprintf(w, "     not reached: %s\n     with AWS credentials of account %s: %s\n", foreign.Text(a.Problem), a.Account, a.Command)
		}
	}
}

// tellClosed says what was done, what was not, and how to go back.
func (k *keeping) tellClosed(c closing, all bool) {
	w := k.app.stdout
	for _, e := range c.Evidence {
		fmt.Fprintf(w, "%-8s %s  %s\n", e.Label, foreign.Text(e.Value), e.Note)
	}
	fmt.Fprintf(w, "Sessions already issued live until %s UTC at the latest.\n", k.app.now().Add(maxSessionLife).UTC().Format(time.DateTime))
	for _, command := range append([][]string{c.Open}, c.OpenBeside...) {
		fmt.Fprintf(w, "%s opens it again.\n", steps.Command{Args: command}.Line())
	}
	if all {
		return
	}
	for _, a := range c.Beside {
		fmt.Fprintf(w, "Still open: set-up %s, account %s: anywhere cert revoke --setup %s --close\n", a.Setup, a.Account, a.Setup)
	}
}
