package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
)

var profile = Step{
	ID:    StepProfile,
	Title: "Create the Roles Anywhere profile",
	Why:   "A Roles Anywhere profile lists the roles that certificates may ask for, and caps the sessions. It is tied to no trust anchor.",
	Needs: []ID{StepRole, StepPermissions},
	Asks: []Question{
		{Key: "rolesanywhere-profile.arn", Ask: "Existing Roles Anywhere profile", Kind: Text, Row: true,
			Example: "arn:aws:rolesanywhere:us-east-1:111122223333:profile/...",
			Why:     "The ARN of a Roles Anywhere profile that exists, to use it. Empty: a new one is made.", Default: fixed(""), Valid: validProfileARN},
		{Key: "rolesanywhere-profile.change", Ask: "Add the role to the Roles Anywhere profile", Kind: YesNo, Row: true, Example: "no",
			Why:     "Adds this role to the list of the existing Roles Anywhere profile. Teardown takes it out again.",
			Applies: givenProfile, Default: fixed("no")},
		{Key: "rolesanywhere-profile.session-policy", Ask: "Session policy", Kind: File, Row: true, Example: "/path/to/session-policy.json",
			Why:     "A policy in JSON that caps every session, whatever the role allows. Empty: none.",
			Applies: ownProfile, Default: fixed(""), Valid: validSessionPolicy},
	},
	Plan: planProfile, Settle: settleProfile, Apply: applyProfile,
	Inspect: inspectProfile, Undo: undoProfile,
	Proof: []string{"RA203", "RA204", "RA205"},
}

func givenProfile(e *Env) bool { return e.Get("rolesanywhere-profile.arn") != "" }
func ownProfile(e *Env) bool   { return !givenProfile(e) }

func validProfileARN(_ *Env, arn string) error {
	if arn == "" || strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":rolesanywhere:") && strings.Contains(arn, ":profile/") {
		return nil
	}
	return errors.New("must be the ARN of a Roles Anywhere profile")
}

// maxSessionPolicy is what STS allows at run time; the API itself takes more.
//
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const maxSessionPolicy = 2048

func validSessionPolicy(e *Env, file string) error {
	if file == "" {
		return nil
	}
	doc, err := policyFromFile(e, file)
	if err == nil && len(doc.Compact()) > maxSessionPolicy {
		err = fmt.Errorf("has %d characters, STS allows %d", len(doc.Compact()), maxSessionPolicy)
	}
	return err
}

// profileSpec is exactly what will be made or changed.
type profileSpec struct {
	ARN           string                   `json:"arn,omitempty"` // of one that is changed
	Name          string                   `json:"name"`
	Duration      int                      `json:"duration,omitempty"`
	SessionPolicy string                   `json:"sessionPolicy,omitempty"`
	Mapping       *awsapi.AttributeMapping `json:"mapping,omitempty"`
	Role          string                   `json:"role,omitempty"` // ARN of an existing role; empty: this set-up's
	Seen          string                   `json:"seen,omitempty"` // hash of the list that the plan saw
}

func planProfile(ctx context.Context, e *Env) ([]Change, error) {
	if givenProfile(e) {
		return planGivenProfile(ctx, e)
	}
	profiles, err := e.profiles(ctx)
	if err != nil {
		return nil, err
	}
	var changes []Change
	made, standing := e.Has("rolesanywhere-profile.create")
	if standing && !slices.ContainsFunc(profiles, func(p awsapi.Profile) bool { return p.ID == made.UID }) {
		e.Note("The Roles Anywhere profile " + made.Name + " is gone from AWS; it is made again.")
		standing = false
	}
	spec := profileSpec{Name: e.AWSName(), Role: e.Get("role.arn")}
	spec.Duration, _ = strconv.Atoi(e.Get("session.duration"))
	if !standing {
		if slices.ContainsFunc(profiles, func(p awsapi.Profile) bool { return p.Name == spec.Name }) {
			return nil, &TakenError{"Roles Anywhere profile", spec.Name, "AWS has one of that name that is not in this set-up's journal"}
		}
		if file := e.Get("rolesanywhere-profile.session-policy"); file != "" {
			doc, err := policyFromFile(e, file)
			if err != nil {
				return nil, &InvalidError{Key: "rolesanywhere-profile.session-policy", Value: file, Err: err}
			}
			spec.SessionPolicy = doc.Compact()
		}
		changes = append(changes, Change{
			ID: "rolesanywhere-profile.create", Step: StepProfile, Verb: Create, Noun: "Roles Anywhere profile", Name: spec.Name,
			Detail: sessionsInWords(spec.Duration), Diff: spec.SessionPolicy, Spec: encodeSpec(spec), Commands: profileCommands(e, spec),
		})
	} else if was := made.Values["session.duration"]; was != e.Get("session.duration") {
		return nil, &FixedError{Key: "session.duration", Was: was, Now: e.Get("session.duration")}
	}
	return append(changes, planMapping(e, standing)...), nil
}

func sessionsInWords(seconds int) string {
	if seconds%3600 == 0 {
		return fmt.Sprintf("%d h sessions", seconds/3600)
	}
	return fmt.Sprintf("%d min sessions", seconds/60)
}

// planMapping makes sure that the tag the role looks at is really set: subject
// fields are mapped by default, and a fresh profile has been seen without any
// mapping of alternative names.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func planMapping(e *Env, standing bool) []Change {
	restrict := policy.Restriction(e.Get("role.restrict"))
	_, field, specifier := restrict.Tag()
	if restrict != policy.BySANDNS && restrict != policy.BySANURI {
		return nil
	}
	if _, mapped := e.Has("rolesanywhere-profile.mapping"); mapped && standing {
		return nil
	}
	spec := profileSpec{Name: e.AWSName(), Mapping: &awsapi.AttributeMapping{Field: field, Specifiers: []string{specifier}}}
	return []Change{{
		ID: "rolesanywhere-profile.mapping", Step: StepProfile, Verb: Modify, Noun: "attribute mapping", Name: field + "/" + specifier,
		Detail: "becomes a session tag that the role looks at", Spec: encodeSpec(spec), Commands: mappingCommands(spec),
	}}
}

func planGivenProfile(ctx context.Context, e *Env) ([]Change, error) {
	arn := e.Get("rolesanywhere-profile.arn")
	there, err := e.AWS.Profile(ctx, arn)
	if err != nil {
		return nil, fmt.Errorf("use Roles Anywhere profile: %w", err)
	}
	if !there.Enabled {
		e.Note("The Roles Anywhere profile " + there.Name + " is disabled; AWS refuses every session until it is enabled.")
	}
	if roleARN := e.roleARN(); roleARN != "" && slices.Contains(there.RoleARNs, roleARN) {
		return nil, nil
	}
	if e.Get("rolesanywhere-profile.change") != "yes" {
		return nil, &InvalidError{Key: "rolesanywhere-profile.arn", Value: arn,
			Err: errors.New("it does not list the role; with rolesanywhere-profile.change = yes it is added")}
	}
	spec := profileSpec{ARN: there.ARN, Name: there.Name, Role: e.Get("role.arn"), Seen: listHash(there.RoleARNs)}
	return []Change{{
		ID: "rolesanywhere-profile.add-role", Step: StepProfile, Verb: Modify, Noun: "Roles Anywhere profile", Name: there.Name,
		Detail: "also lists the role", Spec: encodeSpec(spec), Commands: addRoleCommands(e, there),
	}}, nil
}

func listHash(items []string) string { return hashOf([]byte(strings.Join(items, "\n"))) }

func applyProfile(ctx context.Context, t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[profileSpec](change)
	if err != nil {
		return Made{}, err
	}
	t.fresh = true
	switch change.ID {
	case "rolesanywhere-profile.create":
		there, err := t.API.CreateProfile(ctx, awsapi.ProfileSpec{
			Name: spec.Name, RoleARNs: []string{t.roleARN()}, DurationSeconds: spec.Duration,
			SessionPolicy: spec.SessionPolicy, Tags: t.OurTags(),
		})
		return profileMade(there), err
	case "rolesanywhere-profile.mapping":
		there, err := t.API.PutAttributeMapping(ctx, t.profileARN(), *spec.Mapping)
		made := profileMade(there)
		made.Noun, made.Ownership, made.Values = "attribute mapping", Used, nil // goes with its profile
		return made, err
	}
	there, err := t.API.Profile(ctx, spec.ARN)
	if err != nil {
		return Made{}, err
	}
	if listHash(there.RoleARNs) != spec.Seen {
		return Made{}, &MovedError{"Roles Anywhere profile " + there.Name, "somebody changed its roles after the plan was made"}
	}
	there, err = t.API.UpdateProfileRoles(ctx, spec.ARN, append(there.RoleARNs, t.roleARN()))
	return addedRoleMade(there, t.roleARN()), err
}

func profileMade(p awsapi.Profile) Made {
	return Made{Noun: "Roles Anywhere profile", Name: p.Name, Ref: p.ARN, UID: p.ID, Ownership: Created,
		Values: map[string]string{"profile.arn": p.ARN, "session.duration": strconv.Itoa(p.DurationSeconds)}}
}

func addedRoleMade(p awsapi.Profile, roleARN string) Made {
	return Made{Noun: "Roles Anywhere profile", Name: p.Name, Ref: p.ARN, UID: roleARN, Ownership: Changed,
		Values: map[string]string{"profile.arn": p.ARN}}
}

// settleProfile finds our Roles Anywhere profile by name and confirms by its
// tags, or our role in the list of another.
func settleProfile(ctx context.Context, e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[profileSpec](change)
	if err != nil {
		return nil, err
	}
	profiles, err := e.profiles(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range profiles {
		if p.Name != spec.Name || spec.ARN != "" && p.ARN != spec.ARN {
			continue
		}
		switch change.ID {
		case "rolesanywhere-profile.add-role":
			if arn := e.roleARN(); slices.Contains(p.RoleARNs, arn) {
				made := addedRoleMade(p, arn)
				return &made, nil
			}
			return nil, nil
		case "rolesanywhere-profile.mapping":
			return nil, nil // putting it again changes nothing
		}
		if ours, err := e.taggedOurs(ctx, p.ARN); err != nil || !ours {
			return nil, err
		}
		made := profileMade(p)
		return &made, nil
	}
	return nil, nil
}

// profileARN is the Roles Anywhere profile of this set-up; empty while it is yet
// to be made.
func (e *Env) profileARN() string {
	if arn := e.Get("rolesanywhere-profile.arn"); arn != "" {
		return arn
	}
	return e.Value("profile.arn")
}
