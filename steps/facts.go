package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
)

// facts is what AWS was asked once, when it was opened, because questions
// depend on it.
type facts struct {
	anchors []awsapi.Anchor // none if they could not be read
}

// gatherFacts reads what the questions need. What cannot be read narrows the
// questions; it never ends the run.
func gatherFacts(ctx context.Context, e *Env) facts {
	anchors, err := e.anchors(ctx)
	if err != nil {
		return facts{}
	}
	return facts{anchors: anchors}
}

// reachOfAnchor returns the roles that a new trust anchor would open besides
// ours: a Roles Anywhere profile of the Region lists them and their trust policy
// does not say which anchor may use it. Profiles are not tied to anchors, so any
// certificate of any anchor of the account may take such a role.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (e *Env) reachOfAnchor(ctx context.Context) ([]string, error) {
	profiles, err := e.profiles(ctx)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, p := range profiles {
		for _, arn := range p.RoleARNs {
			listed[arn] = true
		}
	}
	if len(listed) == 0 {
		return nil, nil
	}
	roles, err := e.roles(ctx)
	if err != nil {
		return nil, err
	}
	var reach []string
	for _, r := range roles {
		if !listed[r.ARN] {
			continue
		}
		doc, err := policy.Parse([]byte(r.TrustPolicy))
		if err != nil {
			return nil, fmt.Errorf("read trust policy of %s: %w", r.Name, err)
		}
		if _, open := policy.OpenTo(doc, e.anyAnchor()); open {
			reach = append(reach, r.ARN)
		}
	}
	slices.Sort(reach)
	return reach, nil
}

// anyAnchor is the ARN of an anchor that is yet to be made.
func (e *Env) anyAnchor() string {
	return fmt.Sprintf("arn:%s:rolesanywhere:%s:%s:trust-anchor/00000000-0000-0000-0000-000000000000",
		e.Site.Caller.Partition, e.Site.Region, e.Site.Caller.Account)
}

// notAccepted lists the reached roles that the answer does not name.
func notAccepted(reach []string, answer string) []string {
	named := splitList(answer)
	return slices.DeleteFunc(slices.Clone(reach), func(arn string) bool {
		return slices.Contains(named, arn) || slices.Contains(named, arn[strings.LastIndex(arn, "/")+1:])
	})
}
