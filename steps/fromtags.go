package steps

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"anywhere/awsapi"
)

// setupID is the form of a set-up's id.
var setupID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// FromTags finds in AWS what a set-up made whose machine is lost, by the id in
// its tags: things whose name ends with the id's first 8 characters, confirmed
// by their tags. It writes nothing.
func (r *Runner) FromTags(ctx context.Context, id string) (Takedown, error) {
	if !setupID.MatchString(id) {
		return Takedown{}, &InvalidError{Key: "--from-tags", Value: id, Err: errors.New("must be the whole id, 32 hex digits, as in the tag " + TagID)}
	}
	e := r.env
	r.answers.given["where"] = "aws"
	if _, err := r.openSite(ctx); err != nil {
		return Takedown{}, err
	}
	e.ID = id
	t := Takedown{Begin: Begin{ID: id, Mode: e.Site.Mode, Partition: e.Site.Caller.Partition, Account: e.Site.Caller.Account, Region: e.Site.Region}}
	for _, find := range []func(context.Context) error{e.findTaggedProfiles, e.findTaggedAnchors, e.findTaggedRoles} {
		if err := find(ctx); err != nil {
			return Takedown{}, err
		}
	}
	t.Setup, t.Begin.Setup = e.Setup, e.Setup
	for _, made := range e.walkedBack(e.Standing) {
		removal, err := e.step(made.Step).Inspect(ctx, e, made)
		if err != nil {
			return Takedown{}, fmt.Errorf("inspect %s %s: %w", made.Noun, made.Name, err)
		}
		removal.Made = made
		removal.Detail = strings.Trim(removal.Detail+"; "+made.Values["seen"], "; ")
		t.Removals = append(t.Removals, removal)
	}
	if len(t.Removals) == 0 {
		return t, &NoTagsError{id, e.Site.Caller.Account, e.Site.Region}
	}
	t.Stays = append(e.notes, "Files on the lost machine cannot be reached from here; without the role and the trust anchor its certificate opens nothing.")
	return t, nil
}

// NoTagsError says that nothing in the account and Region carries the id.
type NoTagsError struct{ ID, Account, Region string }

func (e *NoTagsError) Error() string {
	return fmt.Sprintf("find what set-up %s made: nothing in account %s, Region %s carries its tag", e.ID, e.Account, e.Region)
}

// Hint says what may be wrong.
func (e *NoTagsError) Hint() string {
	return "try another Region with --region, or other credentials with AWS_PROFILE"
}

// claim takes a thing as made by the set-up if its tags say so.
func (e *Env) claim(tags map[string]string, made ...Made) {
	if tags[TagID] != e.ID {
		return
	}
	e.Setup = tags[TagSetup]
	e.Standing = append(e.Standing, made...)
}

func (e *Env) ends(name string) bool { return strings.HasSuffix(name, "-"+e.ID8()) }

func (e *Env) findTaggedProfiles(ctx context.Context) error {
	all, err := e.profiles(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if !e.ends(p.Name) {
			continue
		}
		tags, err := e.AWS.Tags(ctx, p.ARN)
		if err != nil {
			return err
		}
		made := profileMade(p)
		made.Change, made.Step = "rolesanywhere-profile.create", StepProfile
		made.Values["seen"] = "made by " + p.CreatedBy
		door := Made{Change: openProfile, Step: StepOpen, Noun: made.Noun, Name: p.Name, Ref: p.ARN, UID: openProfile, Ownership: Changed}
		e.claim(tags, made, door)
	}
	return nil
}

func (e *Env) findTaggedAnchors(ctx context.Context) error {
	all, err := e.anchors(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !e.ends(a.Name) {
			continue
		}
		tags, err := e.AWS.Tags(ctx, a.ARN)
		if err != nil {
			return err
		}
		made := anchorMade(a)
		made.Change, made.Step = "trust-anchor.create", StepAnchor
		made.Values["seen"] = "made " + a.CreatedAt.Format("2006-01-02")
		door := Made{Change: openAnchor, Step: StepOpen, Noun: made.Noun, Name: a.Name, Ref: a.ARN, UID: openAnchor, Ownership: Changed}
		e.claim(tags, made, door)
	}
	return nil
}

func (e *Env) findTaggedRoles(ctx context.Context) error {
	all, err := e.roles(ctx)
	if err != nil {
		return err
	}
	for _, listed := range all {
		if !e.ends(listed.Name) {
			continue
		}
		there, err := e.AWS.Role(ctx, listed.Name) // with tags and last use
		if err != nil {
			return err
		}
		made := roleMade(there)
		made.Change, made.Step = "role.create", StepRole
		made.Values["seen"] = lastUse(there)
		e.claim(there.Tags, made)
		if there.Tags[TagID] == e.ID {
			if err := e.findOurPolicy(ctx, there); err != nil {
				return err
			}
		}
	}
	return nil
}

func lastUse(r awsapi.Role) string {
	if r.LastUsed.IsZero() {
		return "never used, as far as AWS shows"
	}
	return "last used " + r.LastUsed.Format("2006-01-02 15:04") + " UTC"
}

// findOurPolicy claims the inline policy that bears our name; whatever else is
// on the role is taken for somebody else's.
func (e *Env) findOurPolicy(ctx context.Context, r awsapi.Role) error {
	inline, err := e.AWS.InlinePolicies(ctx, r.Name)
	if err != nil {
		return err
	}
	if _, there := inline[e.AWSName()]; there {
		made := permitMade(permitSpec{Role: r.Name, Policy: e.AWSName()}, "inline policy")
		made.Change, made.Step = "permissions.give", StepPermissions
		e.Standing = append(e.Standing, made)
	}
	return nil
}

// TakeTagged removes what FromTags showed. There is no journal to write.
func (r *Runner) TakeTagged(ctx context.Context, t Takedown, approval Approval, show func(Event)) error {
	if err := r.ApprovedAccount(approval); err != nil {
		return err
	}
	var broken error
	for _, removal := range t.Removes() {
		begun := r.env.World.Now()
		change := Change{ID: removal.Made.Change, Step: removal.Made.Step, Verb: Remove, Noun: removal.Made.Noun, Name: removal.Made.Name}
		show(Event{Kind: Started, Change: change})
		if err := r.env.step(removal.Made.Step).Undo(ctx, r.tools(func(string) {}), removal.Made); err != nil {
			err = &ChangeError{change, err}
			show(Event{Kind: Failed, Change: change, Err: err})
			broken = errors.Join(broken, err)
			continue
		}
		show(Event{Kind: Finished, Change: change, Elapsed: r.env.World.Now().Sub(begun)})
	}
	return broken
}
