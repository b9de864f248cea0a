package main

import (
	"context"
	"fmt"
	"slices"
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

// closeSetup disables what lets machines in.
func (k *keeping) closeSetup(ctx context.Context, f certRevokeFlags) error {
	doors, err := k.runner.Doors(steps.DoorID(f.close))
	if err != nil {
		return err
	}
	out := k.app.stderr
	if f.plan {
		out = k.app.stdout
	}
	if !f.json {
		for _, d := range doors {
			fmt.Fprintf(out, "  ~  %s  %s\n     keeps out %s\n", d.What, foreign.Text(d.ARN), d.Says())
		}
	}
	evidence := []steps.Evidence{}
	if !f.plan {
		approval, err := k.approved(ctx, f.adminFlags, "close "+k.name+" for every machine")
		if err != nil {
			return err
		}
		if evidence, err = k.runner.Close(ctx, doors, approval); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(k.app.stdout, struct {
			SchemaVersion int              `json:"schemaVersion"`
			Doors         []steps.Door     `json:"doors"`
			Evidence      []steps.Evidence `json:"evidence"`
			Open          []string         `json:"open"` // what to type to open it again
		}{schemaVersion, doors, evidence, []string{"anywhere", "setup", "--name", k.name}})
	}
	if f.plan {
		return nil
	}
	for _, e := range evidence {
		fmt.Fprintf(k.app.stdout, "%-8s %s  %s\n", e.Label, foreign.Text(e.Value), e.Note)
	}
	fmt.Fprintf(k.app.stdout, "Sessions already issued live until %s UTC at the latest. anywhere setup --name %s opens it again.\n",
		k.app.now().Add(maxSessionLife).UTC().Format(time.DateTime), k.name)
	return k.tellOpen()
}

// tellOpen names the other set-ups that let in what the same CA issued.
func (k *keeping) tellOpen() error {
	others, err := k.runner.Neighbours()
	for _, n := range others {
		fmt.Fprintf(k.app.stdout, "Set-up %s, account %s, lets in what the same CA issued: anywhere cert revoke --setup %s --close\n", n.Setup, n.Account, n.Setup)
	}
	return err
}
