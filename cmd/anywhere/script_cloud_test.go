package main

import (
	"fmt"
	"strings"
	"testing"

	"anywhere/awsapi"
	"anywhere/pki/decode"
)

// make puts something of somebody else's into the script's AWS, and its ARN into
// a variable: $ROLE, $PROFILE or $ANCHOR.
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
	case "anchor":
		pem, err := s.text(args[2])
		if err != nil {
			return err
		}
		if _, err := decode.Certificates([]byte(pem)); err != nil {
			return err
		}
		anchor, err := api.CreateAnchor(ctx, awsapi.AnchorSpec{Name: args[1], Enabled: true, Source: awsapi.AnchorSource{Bundle: pem}})
		s.env = append(s.env, "ANCHOR="+anchor.ARN)
		return err
	case "attach":
		return api.AttachRolePolicy(ctx, args[1], args[2])
	case "inline":
		document, err := s.text(args[2])
		if err != nil {
			return err
		}
		return api.PutRolePolicy(ctx, args[1], "somebody-elses", strings.TrimSpace(document))
	case "nothing-left":
		if left := s.cloud.things(t); len(left) > 0 {
			return fmt.Errorf("AWS still holds %q", left)
		}
		return nil
	}
	return fmt.Errorf("make %s: not known", args[0])
}
