package steps

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// DoorID names one of the two doors of a set-up, as anywhere cert revoke --close
// takes it.
type DoorID string

// The doors. Both at once are the switch for an emergency.
const (
	DoorAnchor  DoorID = "trust-anchor"
	DoorProfile DoorID = "roles-anywhere-profile"
	DoorBoth    DoorID = "both"
)

// DoorIDs are what may be closed.
func DoorIDs() []string { return []string{string(DoorBoth), string(DoorAnchor), string(DoorProfile)} }

// Door lets machines in, as long as it is enabled.
type Door struct {
	What  string `json:"what"`
	ARN   string `json:"arn"`
	Ours  bool   `json:"ours"`  // else whoever owns it may disable it
	Reach string `json:"reach"` // whom disabling it keeps out
	// Setups are others of this machine that come in through it.
	Setups []string `json:"setups,omitempty"`
	// Disable and Enable are the same by hand.
	Disable Command `json:"disable"`
	Enable  Command `json:"enable"`

	cause   string // of the doctor, while it is disabled
	disable func(context.Context, string) error
}

// Doors are those that which names. One alone must be this set-up's.
func (r *Runner) Doors(which DoorID) ([]Door, error) {
	doors, err := r.doors(which)
	for _, door := range doors {
		if which != DoorBoth && !door.Ours {
			return nil, &hintError{"close " + door.What + ": it is not this set-up's, so it may be somebody else's way in", "whoever owns it: " + door.Disable.Line()}
		}
	}
	return doors, err
}

func (r *Runner) doors(which DoorID) ([]Door, error) {
	e := r.env
	api, rolesanywhere := e.Site.API, func(verb, noun, arn string) Command {
		return Command{Args: e.region("aws", "rolesanywhere", verb+"-"+noun, "--"+noun+"-id", path.Base(arn))}
	}
	anchor, profile := e.anchorARN(), e.profileARN()
	all := map[DoorID]Door{
		DoorAnchor: {What: "trust anchor", ARN: anchor, Ours: newAnchor(e), cause: "RA201", disable: api.DisableAnchor,
			Reach:   "every certificate of every CA that it holds, for every role, through every Roles Anywhere profile",
			Disable: rolesanywhere("disable", "trust-anchor", anchor), Enable: rolesanywhere("enable", "trust-anchor", anchor)},
		DoorProfile: {What: "Roles Anywhere profile", ARN: profile, Ours: ownProfile(e), cause: "RA203", disable: api.DisableProfile,
			Reach:   "every certificate of every trust anchor that comes through it; through another Roles Anywhere profile they are let in as before",
			Disable: rolesanywhere("disable", "profile", profile), Enable: rolesanywhere("enable", "profile", profile)},
	}
	ids := []DoorID{DoorAnchor, DoorProfile}
	if which != DoorBoth {
		ids = []DoorID{which}
	}
	var doors []Door
	for _, id := range ids {
		door, err := all[id].shared(e)
		if err != nil {
			return nil, err
		}
		doors = append(doors, door)
	}
	return doors, nil
}

// shared finds the other set-ups of this machine that come in through the door.
func (d Door) shared(e *Env) (Door, error) {
	setups, err := e.World.Home.List()
	if err != nil {
		return d, err
	}
	for _, s := range setups {
		session, err := e.World.Home.ReadSession(s)
		if s.Name != e.Setup && err == nil && (session.TrustAnchorARN == d.ARN || session.ProfileARN == d.ARN) {
			d.Setups = append(d.Setups, s.Name)
		}
	}
	return d, nil
}

// Says is whom disabling the door keeps out, with names.
func (d Door) Says() string {
	if len(d.Setups) == 0 {
		return d.Reach
	}
	return d.Reach + "; of this machine also set-up " + strings.Join(d.Setups, ", ")
}

// Close disables doors. A rerun of setup shows that they are, and opens them again.
func (r *Runner) Close(ctx context.Context, doors []Door, approval Approval) ([]Evidence, error) {
	e := r.env
	if err := r.ApprovedAccount(approval); err != nil {
		return nil, err
	}
	var all []Evidence
	var told []string
	for _, d := range doors {
		if !d.Ours {
			all = append(all, Evidence{Label: "open", Value: d.ARN, Note: "the " + d.What + " is not this set-up's; whoever owns it may disable it"})
			continue
		}
		if err := d.disable(ctx, d.ARN); err != nil {
			return all, fmt.Errorf("close %s: %w", d.What, err)
		}
		all = append(all, Evidence{Label: "disabled", Value: d.ARN, Note: d.What})
		shut := slices.DeleteFunc(append([]string{e.Setup}, d.Setups...), func(name string) bool { return slices.Contains(told, name) })
		if err := e.shutOut(d.cause, shut...); err != nil {
			return all, err
		}
		told = append(told, shut...)
	}
	return all, nil
}
