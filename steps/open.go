package steps

import (
	"context"
	"slices"

	"anywhere/awsapi"
)

var open = Step{
	ID:    StepOpen,
	Title: "Open the way in",
	Why:   "The Roles Anywhere profile and the trust anchor were made disabled; now that everything stands they are enabled, the trust anchor last.",
	Needs: []ID{StepAnchor, StepProfile},
	Plan:  planOpen, Settle: settleOpen, Apply: applyOpen,
	Inspect: inspectOpen, Undo: undoOpen,
	Proof: []string{"RA201", "RA203"},
}

// The two doors, in the order of opening.
const (
	openProfile = "open.rolesanywhere-profile"
	openAnchor  = "open.trust-anchor"
)

func planOpen(ctx context.Context, e *Env) ([]Change, error) {
	var changes []Change
	if ownProfile(e) {
		enabled, err := e.profileEnabled(ctx)
		if err != nil {
			return nil, err
		}
		if !enabled {
			changes = append(changes, Change{
				ID: openProfile, Step: StepOpen, Verb: Modify, Noun: "Roles Anywhere profile", Name: e.AWSName(), Detail: "enabled",
				Commands: enableCommands(e, "profile", "${PROFILE_ARN##*/}"),
			})
		}
	}
	if newAnchor(e) {
		enabled, err := e.anchorEnabled(ctx)
		if err != nil {
			return nil, err
		}
		if !enabled {
			changes = append(changes, Change{
				ID: openAnchor, Step: StepOpen, Verb: Modify, Noun: "trust anchor", Name: e.AWSName(), Detail: "enabled, last of all",
				Commands: enableCommands(e, "trust-anchor", "${ANCHOR_ARN##*/}"),
			})
		}
	}
	return changes, nil
}

// profileEnabled and anchorEnabled look at our own; one that is gone, or yet to
// be made, is not enabled.
func (e *Env) profileEnabled(ctx context.Context) (bool, error) {
	all, err := e.profiles(ctx)
	arn := e.profileARN()
	return slices.ContainsFunc(all, func(p awsapi.Profile) bool { return p.ARN == arn && p.Enabled }), err
}

func (e *Env) anchorEnabled(ctx context.Context) (bool, error) {
	all, err := e.anchors(ctx)
	arn := e.anchorARN()
	return slices.ContainsFunc(all, func(a awsapi.Anchor) bool { return a.ARN == arn && a.Enabled }), err
}

func applyOpen(ctx context.Context, t *Tools, change Change) (Made, error) {
	t.fresh = true
	made := openMade(t.Env, change)
	if change.ID == openProfile {
		return made, t.API.EnableProfile(ctx, made.Ref)
	}
	return made, t.API.EnableAnchor(ctx, made.Ref)
}

func openMade(e *Env, change Change) Made {
	ref := e.anchorARN()
	if change.ID == openProfile {
		ref = e.profileARN()
	}
	return Made{Noun: change.Noun, Name: change.Name, Ref: ref, UID: change.ID, Ownership: Changed}
}

func settleOpen(ctx context.Context, e *Env, change Change) (*Made, error) {
	look := e.anchorEnabled
	if change.ID == openProfile {
		look = e.profileEnabled
	}
	enabled, err := look(ctx)
	if err != nil || !enabled {
		return nil, err
	}
	made := openMade(e, change)
	return &made, nil
}
