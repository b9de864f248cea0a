package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/pki"
	"anywhere/pki/decode"
)

// ignoreGone makes success of what is already gone.
func ignoreGone(err error) error {
	if errors.Is(err, awsapi.ErrNotFound) {
		return nil
	}
	return err
}

// inspectOpen: what was opened is closed first, whatever else stays.
func inspectOpen(ctx context.Context, e *Env, made Made) (Removal, error) {
	if other := e.usedBy(made.Ref); other != "" {
		return Removal{Keep: keptFor(other)}, nil
	}
	enabled := e.anchorEnabled
	if made.UID == openProfile {
		enabled = e.profileEnabled
	}
	is, err := enabled(ctx)
	return Removal{Gone: !is, Detail: "disabled first"}, err
}

func undoOpen(ctx context.Context, t *Tools, made Made) error {
	if made.UID == openProfile {
		return ignoreGone(t.API.DisableProfile(ctx, made.Ref))
	}
	return ignoreGone(t.API.DisableAnchor(ctx, made.Ref))
}

func inspectProfile(ctx context.Context, e *Env, made Made) (Removal, error) {
	there, err := e.AWS.Profile(ctx, made.Ref)
	if errors.Is(err, awsapi.ErrNotFound) {
		return Removal{Gone: true}, nil
	}
	if err != nil {
		return Removal{}, err
	}
	if other := e.usedBy(made.Ref); other != "" && (made.Ownership == Created || e.usedBy(made.UID) != "") {
		return Removal{Keep: keptFor(other)}, nil
	}
	if made.Ownership == Changed {
		return Removal{Gone: !slices.Contains(there.RoleARNs, made.UID), Detail: "our role is taken out of its list"}, nil
	}
	foreign := slices.DeleteFunc(slices.Clone(there.RoleARNs), func(arn string) bool {
		return arn == e.roleARN() || strings.HasSuffix(arn, "/"+e.AWSName()) // ours, though an earlier teardown may have removed it
	})
	if len(foreign) > 0 {
		return Removal{
			Keep:     "it also lists " + strings.Join(foreign, ", "),
			Commands: []Command{{Args: []string{"aws", "rolesanywhere", "delete-profile", "--profile-id", there.ID, "--region", e.Site.Region}}},
		}, nil
	}
	return Removal{}, nil
}

func undoProfile(ctx context.Context, t *Tools, made Made) error {
	if made.Ownership == Created {
		return ignoreGone(t.API.DeleteProfile(ctx, made.Ref))
	}
	there, err := t.API.Profile(ctx, made.Ref)
	if err != nil {
		return ignoreGone(err)
	}
	left := slices.DeleteFunc(slices.Clone(there.RoleARNs), func(arn string) bool { return arn == made.UID })
	if len(left) == len(there.RoleARNs) {
		return nil
	}
	_, err = t.API.UpdateProfileRoles(ctx, made.Ref, left)
	return ignoreGone(err)
}

// inspectAnchor: revocation lists that somebody imported keep the anchor, which
// stays disabled.
func inspectAnchor(ctx context.Context, e *Env, made Made) (Removal, error) {
	there, err := e.AWS.Anchor(ctx, made.Ref)
	if errors.Is(err, awsapi.ErrNotFound) {
		return Removal{Gone: true}, nil
	}
	if err != nil {
		return Removal{}, err
	}
	if made.Ownership == Changed {
		bundle, err := decode.Certificates([]byte(there.Source.Bundle))
		if err != nil {
			return Removal{}, err
		}
		var held bool
		for _, cert := range bundle {
			held = held || hashOf(cert.Raw) == made.UID
		}
		if other := e.usedBy(made.Ref); held && other != "" {
			return Removal{Keep: keptFor(other)}, nil
		}
		return Removal{Gone: !held, Detail: "our CA's certificate is taken out of its bundle"}, nil
	}
	if other := e.usedBy(made.Ref); other != "" {
		return Removal{Keep: keptFor(other)}, nil
	}
	e.Note("AWS keeps its list of the certificates that it has seen (subjects); no call removes them.")
	crls, err := e.crls(ctx)
	if err != nil {
		return Removal{}, err
	}
	r := Removal{}
	for _, crl := range crls {
		if crl.AnchorARN != there.ARN {
			continue
		}
		if ours, err := e.taggedOurs(ctx, crl.ARN); err != nil {
			return Removal{}, err
		} else if !ours {
			r.Keep = "it has a revocation list that is not ours: " + crl.Name
			r.Commands = append(r.Commands, Command{Args: []string{"aws", "rolesanywhere", "delete-crl", "--crl-id", crl.ID, "--region", e.Site.Region}})
		}
	}
	if r.Keep != "" {
		r.Commands = append(r.Commands, Command{Args: []string{"aws", "rolesanywhere", "delete-trust-anchor", "--trust-anchor-id", there.ID, "--region", e.Site.Region}})
	}
	return r, nil
}

func undoAnchor(ctx context.Context, t *Tools, made Made) error {
	if made.Change == changeCRL {
		return undoCRL(ctx, t, made)
	}
	if made.Ownership == Changed {
		return takeCAOut(ctx, t, made)
	}
	crls, err := t.API.CRLs(ctx)
	if err != nil {
		return err
	}
	for _, crl := range crls {
		if crl.AnchorARN != made.Ref {
			continue
		}
		if ours, err := t.taggedOurs(ctx, crl.ARN); err != nil {
			return err
		} else if !ours {
			return &MovedError{"trust anchor " + made.Name, "somebody imported a revocation list after the teardown was shown"}
		}
		if err := ignoreGone(t.API.DeleteCRL(ctx, crl.ID)); err != nil {
			return err
		}
	}
	return ignoreGone(t.API.DeleteAnchor(ctx, made.Ref))
}

// takeCAOut removes our certificate from the bundle as it is now.
func takeCAOut(ctx context.Context, t *Tools, made Made) error {
	there, err := t.API.Anchor(ctx, made.Ref)
	if err != nil {
		return ignoreGone(err)
	}
	bundle, err := decode.Certificates([]byte(there.Source.Bundle))
	if err != nil {
		return err
	}
	var left []byte
	for _, cert := range bundle {
		if hashOf(cert.Raw) != made.UID {
			left = append(left, pki.EncodeCertificates(cert)...)
		}
	}
	if len(left) == 0 {
		return errors.New("ours is the only certificate that is left in it")
	}
	_, err = t.API.UpdateAnchorSource(ctx, made.Ref, awsapi.AnchorSource{Bundle: string(left)})
	return ignoreGone(err)
}

func inspectPermissions(ctx context.Context, e *Env, made Made) (Removal, error) {
	spec := permitSpec{Role: made.Values["permissions.role"], Policy: made.Values["permissions.inline"], ARN: made.Values["permissions.arn"]}
	there, err := hasPermission(ctx, e, spec)
	if other := e.roleUsedBy(spec.Role); there && err == nil && other != "" {
		return Removal{Keep: keptFor(other)}, nil
	}
	return Removal{Gone: !there, Detail: "of role " + spec.Role}, err
}

func undoPermissions(ctx context.Context, t *Tools, made Made) error {
	role := made.Values["permissions.role"]
	if arn := made.Values["permissions.arn"]; arn != "" {
		return ignoreGone(t.API.DetachRolePolicy(ctx, role, arn))
	}
	return ignoreGone(t.API.DeleteRolePolicy(ctx, role, made.Values["permissions.inline"]))
}

// inspectRole: whatever somebody else hung on our role keeps it.
func inspectRole(ctx context.Context, e *Env, made Made) (Removal, error) {
	there, err := e.AWS.Role(ctx, made.Name)
	if errors.Is(err, awsapi.ErrNotFound) {
		return Removal{Gone: true}, nil
	}
	if err != nil {
		return Removal{}, err
	}
	if other := e.roleUsedBy(made.Name); other != "" {
		return Removal{Keep: keptFor(other)}, nil
	}
	if made.Ownership == Changed {
		doc, err := policy.Parse([]byte(there.TrustPolicy))
		if err != nil {
			return Removal{}, err
		}
		_, found := doc.Statement(made.UID)
		return Removal{Gone: !found, Detail: "our statement is taken out of its trust policy"}, nil
	}
	if there.ID != made.UID || !e.ours(there.Tags) {
		return Removal{Keep: "AWS has another role of that name now, which is not ours", Ours: true}, nil
	}
	seconds, _ := strconv.Atoi(e.Get("session.duration"))
	last := e.World.Now().Add(time.Duration(seconds) * time.Second).UTC()
	e.Note("Sessions already issued live until " + last.Format("15:04 MST") + " at the latest, though without the role they may do nothing.")
	return e.foreignOn(ctx, made.Name)
}

// foreignOn looks for policies and instance profiles on our role that are not
// ours.
func (e *Env) foreignOn(ctx context.Context, roleName string) (Removal, error) {
	inline, err := e.AWS.InlinePolicies(ctx, roleName)
	if err != nil {
		return Removal{}, err
	}
	attached, err := e.AWS.AttachedPolicies(ctx, roleName)
	if err != nil {
		return Removal{}, err
	}
	instances, err := e.AWS.InstanceProfiles(ctx, roleName)
	if err != nil {
		return Removal{}, err
	}
	var r Removal
	keep := func(what string, command ...string) {
		r.Keep = strings.TrimPrefix(r.Keep+"; "+what, "; ")
		r.Commands = append(r.Commands, Command{Args: e.iam(command...)})
	}
	own := e.ownPolicies()
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		if !slices.Contains(own, name) {
			keep("it has an inline policy that is not ours: "+name, "delete-role-policy", "--role-name", roleName, "--policy-name", name)
		}
	}
	for _, arn := range attached {
		if !slices.Contains(own, arn) {
			keep("a policy is attached that is not ours: "+arn, "detach-role-policy", "--role-name", roleName, "--policy-arn", arn)
		}
	}
	for _, name := range instances {
		keep("an instance profile holds it: "+name, "remove-role-from-instance-profile", "--role-name", roleName, "--instance-profile-name", name)
	}
	if r.Keep != "" {
		r.Commands = append(r.Commands, Command{Args: e.iam("delete-role", "--role-name", roleName)})
	}
	return r, nil
}

// ownPolicies are the names and ARNs of what we put on our role.
func (e *Env) ownPolicies() []string {
	own := []string{e.AWSName()}
	for _, made := range e.Standing {
		if made.Step == StepPermissions {
			own = append(own, made.Values["permissions.inline"], made.Values["permissions.arn"])
		}
	}
	return own
}

func undoRole(ctx context.Context, t *Tools, made Made) error {
	if made.Ownership == Created {
		return ignoreGone(t.API.DeleteRole(ctx, made.Name))
	}
	there, err := t.API.Role(ctx, made.Name)
	if err != nil {
		return ignoreGone(err)
	}
	after, found, err := policy.WithoutStatement(there.TrustPolicy, made.UID)
	if errors.Is(err, policy.ErrOnlyStatement) {
		return fmt.Errorf("%w; the role trusts nobody else any more", err)
	}
	if err != nil || !found {
		return err
	}
	return ignoreGone(t.API.UpdateTrustPolicy(ctx, made.Name, after))
}
