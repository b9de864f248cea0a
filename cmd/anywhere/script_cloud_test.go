package main

import (
	"fmt"
	"strings"
	"testing"

	"anywhere/awsapi"
)

// make puts something of somebody else's into the script's AWS, and its ARN into
// a variable: $ROLE or $PROFILE.
func (s *script) make(t *testing.T, _ bool, args []string) (err error) {
	defer func() { s.cloud.calls() }()
	ctx, api := t.Context(), s.cloud.API
	switch args[0] {
	case "role":
		trust, err := s.text(args[2])
		if err != nil {
			return err
		}
		role, err := api.CreateRole(ctx, awsapi.RoleSpec{Name: args[1], Path: "/", TrustPolicy: strings.TrimSpace(trust)})
		s.env = append(s.env, "ROLE="+role.ARN)
		return err
	case "list":
		list, err := api.CreateProfile(ctx, awsapi.ProfileSpec{Name: args[1], RoleARNs: []string{args[2]}, DurationSeconds: 3600, Enabled: true})
		s.env = append(s.env, "PROFILE="+list.ARN)
		return err
	case "inline-on", "uninline-on": // FILE with the role's name
		role, err := s.text(args[1])
		if err != nil {
			return err
		}
		if args[0] == "uninline-on" {
			return api.DeleteRolePolicy(ctx, strings.TrimSpace(role), "somebody-elses")
		}
		document, err := s.text(args[2])
		if err != nil {
			return err
		}
		return api.PutRolePolicy(ctx, strings.TrimSpace(role), "somebody-elses", strings.TrimSpace(document))
	case "disable-all":
		for _, a := range must(api.Anchors(ctx)) {
			if err := api.DisableAnchor(ctx, a.ARN); err != nil {
				return err
			}
		}
		return nil
	case "nothing-left":
		if left := s.cloud.things(t); len(left) > 0 {
			return fmt.Errorf("AWS still holds %q", left)
		}
		return nil
	}
	return fmt.Errorf("make %s: not known", args[0])
}
