package steps

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/signer/sharedconfig"
)

// planGivenRole uses an existing role as it is, or adds one statement of ours
// to its trust policy.
func planGivenRole(ctx context.Context, e *Env) ([]Change, error) {
	arn := e.Get("role.arn")
	there, err := e.AWS.Role(ctx, arn[strings.LastIndex(arn, "/")+1:])
	if err != nil {
		return nil, fmt.Errorf("use role: %w", err)
	}
	if want, _ := strconv.Atoi(e.Get("session.duration")); there.MaxSessionDuration > 0 && want > there.MaxSessionDuration {
		return nil, &InvalidError{Key: "session.duration", Value: e.Get("session.duration"),
			Err: fmt.Errorf("the role %s allows %d seconds; its owner can raise that", there.Name, there.MaxSessionDuration)}
	}
	if e.Get("role.change") != "yes" {
		return nil, letsIn(e, there)
	}
	after, same, err := replaceOurStatement(e, there.TrustPolicy)
	if err != nil || same {
		return nil, err
	}
	spec := roleSpec{
		Name: there.Name, Trust: policy.TrustStatement(e.wantedTrust()).JSON(),
		Sid: policy.Sid(e.ID), Seen: hashOf([]byte(there.TrustPolicy)),
	}
	return []Change{{
		ID: "role.trust", Step: StepRole, Verb: Modify, Noun: "role", Name: there.Name,
		Detail: "its trust policy also lets in " + trustInWords(e), Diff: diff("trust policy", there.TrustPolicy, after),
		Spec: encodeSpec(spec), Commands: trustCommands(e, there.Name, after),
	}}, nil
}

// letsIn says whether an existing role would take our certificate as it is. An
// anchor that is yet to be made is in no trust policy, unless that names none.
func letsIn(e *Env, there awsapi.Role) error {
	doc, err := policy.Parse([]byte(there.TrustPolicy))
	if err != nil {
		return fmt.Errorf("read trust policy of role %s: %w", there.Name, err)
	}
	anchor := e.anchorARN()
	if anchor == AnchorPlaceholder {
		anchor = e.anyAnchor()
	}
	if _, open := policy.OpenTo(doc, anchor); open {
		return nil
	}
	return &InvalidError{Key: "role.arn", Value: e.Get("role.arn"),
		Err: errors.New("its trust policy does not let this trust anchor in; with role.change = yes one statement is added")}
}

// replaceOurStatement puts the wanted statement into a trust policy in place of
// our own earlier one; same says that it is there already.
func replaceOurStatement(e *Env, document string) (after string, same bool, err error) {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return "", false, fmt.Errorf("read trust policy: %w", err)
	}
	want := policy.TrustStatement(e.wantedTrust())
	if old, there := doc.Statement(want.Sid); there {
		if old.JSON() == want.JSON() {
			return document, true, nil
		}
		if len(doc.Statements) == 1 {
			return policy.TrustPolicy(e.wantedTrust()).JSON(), false, nil
		}
		if document, _, err = policy.WithoutStatement(document, want.Sid); err != nil {
			return "", false, err
		}
	}
	after, err = policy.WithStatement(document, want)
	return after, false, err
}

func applyRole(ctx context.Context, t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[roleSpec](change)
	if err != nil {
		return Made{}, err
	}
	if change.ID == "role.create" {
		there, err := t.API.CreateRole(ctx, awsapi.RoleSpec{
			Name: spec.Name, Path: spec.Path, TrustPolicy: withAnchor(spec.Trust, t.anchorARN()),
			MaxSessionDuration: spec.MaxSession, PermissionsBoundary: spec.Boundary,
			Description: "IAM Roles Anywhere, set-up " + t.Setup, Tags: t.OurTags(),
		})
		t.fresh = true
		return roleMade(there), err
	}
	there, err := t.API.Role(ctx, spec.Name)
	if err != nil {
		return Made{}, err
	}
	if hashOf([]byte(there.TrustPolicy)) != spec.Seen {
		return Made{}, &MovedError{"role " + there.Name, "somebody changed its trust policy after the plan was made"}
	}
	after, _, err := replaceOurStatement(t.Env, there.TrustPolicy)
	if err != nil {
		return Made{}, err
	}
	t.fresh = true
	made := changedRoleMade(there, spec.Sid)
	if change.ID == "role.retrust" {
		made.Ownership = Used // the role is ours already; its own entry undoes it
	}
	return made, t.API.UpdateTrustPolicy(ctx, spec.Name, after)
}

func roleMade(r awsapi.Role) Made {
	return Made{Noun: "role", Name: r.Name, Ref: r.ARN, UID: r.ID, Ownership: Created, Values: map[string]string{"role.arn": r.ARN}}
}

func changedRoleMade(r awsapi.Role, sid string) Made {
	return Made{Noun: "role", Name: r.Name, Ref: r.ARN, UID: sid, Ownership: Changed, Values: map[string]string{"role.arn": r.ARN}}
}

// settleRole finds our role by name and confirms by its tags, or our statement
// by its Sid.
func settleRole(ctx context.Context, e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[roleSpec](change)
	if err != nil {
		return nil, err
	}
	there, err := e.AWS.Role(ctx, spec.Name)
	if errors.Is(err, awsapi.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if change.ID == "role.create" {
		if !e.ours(there.Tags) {
			return nil, nil
		}
		made := roleMade(there)
		return &made, nil
	}
	doc, err := policy.Parse([]byte(there.TrustPolicy))
	if err != nil {
		return nil, err
	}
	old, found := doc.Statement(spec.Sid)
	if !found || old.JSON() != withAnchor(spec.Trust, e.anchorARN()) {
		return nil, nil
	}
	made := changedRoleMade(there, spec.Sid)
	if change.ID == "role.retrust" {
		made.Ownership = Used
	}
	return &made, nil
}

// roleARN is the role of this set-up; empty while it is yet to be made.
func (e *Env) roleARN() string {
	if arn := e.Get("role.arn"); arn != "" {
		return arn
	}
	return e.Value("role.arn")
}

// diff is a unified diff for the details view.
func diff(name, before, after string) string {
	return sharedconfig.Diff(name, []byte(before), []byte(after))
}

// knownLater replaces what is not known before apply by words.
func knownLater(document string) string {
	return strings.ReplaceAll(document, AnchorPlaceholder, "(known after apply)")
}
