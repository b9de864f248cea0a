package steps

import (
	"context"
	"slices"
	"strings"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
)

// Way is how to keep a certificate out without a revocation list, and whom it
// reaches.
type Way struct {
	Title    string    `json:"title"`
	Reach    string    `json:"reach"`
	Commands []Command `json:"commands"`
}

// OtherWays are the ways that need no CA key, the narrowest first.
func (r *Runner) OtherWays(ctx context.Context, p RevocationPlan) ([]Way, error) {
	e, certs := r.env, p.Certificates
	ways := e.atTheIssuer(certs)
	if p.past != nil {
		ways = append(ways, Way{Title: "Finish the rotation", Reach: "every certificate of " + p.ca.Subject.CommonName + ", which another CA has replaced",
			Commands: []Command{{Args: []string{"anywhere", "ca", "rotate", "--setup", e.lender().Setup, "--finish"}}}})
	}
	role, made := e.Has("role.create")
	if made {
		there, err := e.AWS.Role(ctx, role.Name)
		if err != nil {
			return nil, err
		}
		for _, c := range certs {
			if c.CommonName == "" {
				continue
			}
			document, err := policy.WithStatement(there.TrustPolicy, denyName(c.CommonName))
			if err != nil {
				return nil, err
			}
			ways = append(ways, Way{
				Title: "Deny CN=" + c.CommonName + " in the trust policy of the role", Reach: "every certificate of that name, also a new one, for this role alone",
				Commands: trustCommands(e, role.Name, document),
			})
		}
	}
	profile, err := e.AWS.Profile(ctx, e.profileARN())
	if err != nil {
		return ways, err
	}
	ways = append(ways, e.withoutRole(profile), Way{
		Title: "Disable the trust anchor", Reach: "every certificate of this CA, for every role",
		Commands: []Command{{Args: []string{"anywhere", "cert", "revoke", "--setup", e.Setup, "--close=" + string(DoorAnchor)}}},
	})
	return ways, nil
}

// atTheIssuer is how the CA elsewhere that issued the certificates revokes them.
func (e *Env) atTheIssuer(certs []KnownCertificate) []Way {
	switch lender := e.lender(); {
	case issuerIs(issuerOwn)(lender):
		return nil
	case issuerIs(issuerStepCA)(lender):
		base := strings.TrimSuffix(lender.Get("stepca.url"), "/")
		way := Way{Title: "Revoke it at step-ca, and bring the list of step-ca to AWS", Reach: "this certificate alone"}
		for _, c := range certs {
			way.Commands = append(way.Commands, Command{Args: []string{"step", "ca", "revoke", c.serial.Decimal(), "--ca-url", base}})
		}
		way.Commands = append(way.Commands, Command{Args: []string{"anywhere", "ca", "crl", "--setup", e.Setup, "--import", base + "/1.0/crl", "--hold-issuer"}})
		return []Way{way}
	}
	return []Way{{Title: "Have it revoked by the CA that issued it, and bring that CA's list to AWS", Reach: "this certificate alone",
		Commands: []Command{{Args: []string{"anywhere", "ca", "crl", "--setup", e.Setup, "--import", "crl.pem", "--hold-issuer"}}}}}
}

// denyName refuses a source identity at the door.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
func denyName(cn string) policy.Statement {
	return policy.Statement{
		Sid: "AnywhereDeny" + hashOf([]byte(cn))[:8], Effect: policy.Deny, Principal: &policy.Principals{Services: []string{policy.Service}}, Actions: policy.TrustActions(),
		Conditions: []policy.Condition{{Operator: "StringEquals", Key: "sts:SourceIdentity", Values: []string{"CN=" + cn}}},
	}
}

// withoutRole takes the role out of the Roles Anywhere profile, or closes one
// that lists nothing else.
func (e *Env) withoutRole(there awsapi.Profile) Way {
	left := slices.DeleteFunc(slices.Clone(there.RoleARNs), func(arn string) bool { return arn == e.roleARN() })
	reach := "every certificate that comes through this Roles Anywhere profile, for this role"
	if len(left) == 0 {
		return Way{Title: "Disable the Roles Anywhere profile, which lists no other role", Reach: reach,
			Commands: []Command{{Args: e.region("aws", "rolesanywhere", "disable-profile", "--profile-id", there.ID)}}}
	}
	args := append([]string{"aws", "rolesanywhere", "update-profile", "--profile-id", there.ID, "--role-arns"}, left...)
	return Way{Title: "Take the role out of the Roles Anywhere profile", Reach: reach, Commands: []Command{{Args: e.region(args...)}}}
}
