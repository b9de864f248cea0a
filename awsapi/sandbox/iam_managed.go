package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// managed is a managed policy: AWS's own or one of the account.
type managed struct {
	Account     string          `json:"account,omitempty"` // empty is the first
	Name        string          `json:"name"`
	Path        string          `json:"path"`
	ID          string          `json:"id"` // ANPA...
	Description string          `json:"description,omitempty"`
	Tags        []tag           `json:"tags,omitempty"`
	Default     string          `json:"default"` // the version in force
	Versions    []policyVersion `json:"versions"`
	Last        int             `json:"last"` // number of the newest version there ever was
	CreatedAt   time.Time       `json:"createdAt"`
	UpdatedAt   time.Time       `json:"updatedAt"`

	aws bool
}

// policyVersion is one version of a managed policy.
type policyVersion struct {
	ID        string    `json:"id"` // v1
	Document  string    `json:"document"`
	CreatedAt time.Time `json:"createdAt"`
}

func (m *managed) arn() string {
	if m.aws {
		return managedPrefix + m.Name
	}
	return arnIn(cmp.Or(m.Account, Account), "iam", "", "policy"+m.Path+m.Name)
}

// version returns the place of a version, -1 if there is none.
func (m *managed) version(id string) int {
	return slices.IndexFunc(m.Versions, func(v policyVersion) bool { return v.ID == id })
}

// document is the version in force.
func (m *managed) document() string { return m.Versions[m.version(m.Default)].Document }

func (c *call) managedByARN(arn string) *managed {
	all := c.account.Policies
	if strings.HasPrefix(arn, managedPrefix) {
		all = awsPolicies()
	}
	return find(all, func(m *managed) bool { return m.arn() == arn })
}

// managedDocuments are the documents of managed policies by ARN. One that the
// sandbox does not have allows nothing.
func (c *call) managedDocuments(arns ...string) []policy.Document {
	out := []policy.Document{}
	for _, a := range arns {
		if m := c.managedByARN(a); m != nil {
			out = append(out, c.documents(m.document())...)
		}
	}
	return out
}

// attachable refuses a managed policy that is not here. AWS has more of its own
// than the sandbox, so their absence is not AWS's NoSuchEntity.
func (c *call) attachable(arn string) *refusal {
	if c.managedByARN(arn) != nil {
		return nil
	}
	if name, ok := strings.CutPrefix(arn, managedPrefix); ok {
		return notHere("AWS managed policy " + name + "; it has " + awsPolicyNames())
	}
	return noEntity("Policy %s does not exist or is not attachable.", arn)
}

func (c *call) wantedManaged() (*managed, *refusal) {
	arn := c.form.Get("PolicyArn")
	if m := c.managedByARN(arn); m != nil {
		return m, nil
	}
	if strings.HasPrefix(arn, managedPrefix) {
		return nil, c.attachable(arn)
	}
	return nil, noEntity("Policy %s was not found.", arn)
}

// ownManaged is wantedManaged for changes, which AWS's own policies refuse.
func (c *call) ownManaged() (*managed, *refusal) {
	m, no := c.wantedManaged()
	if no == nil && m.aws {
		no := c.complain(denied)
		no.Message = "User: " + c.caller.arn() + " is not authorized to perform: iam:" + c.op.name + " on resource: policy " + m.arn()
		return nil, no
	}
	return m, no
}

func policyARN(c *call) string {
	if m := c.managedByARN(c.form.Get("PolicyArn")); m != nil {
		c.aboutHolder(&holder{Tags: m.Tags})
	}
	return c.form.Get("PolicyArn")
}

func newPolicyARN(c *call) string {
	c.about = requestTags(c.tags())
	return c.arn("iam", "", "policy"+cmp.Or(c.form.Get("Path"), "/")+c.form.Get("PolicyName"))
}

// checkManaged holds what IAM asks of a managed policy's document.
func checkManaged(document string) *refusal {
	if size(document) > maxManaged {
		return limited("Cannot exceed quota for PolicySize: %d", maxManaged)
	}
	return checkDocument(document, policy.CheckIdentity)
}

func createPolicy(c *call) (any, *refusal) {
	name, document := c.form.Get("PolicyName"), c.form.Get("PolicyDocument")
	if no := checkManaged(document); no != nil {
		return nil, no
	}
	if len(c.tags()) > 0 {
		if no := c.allow("iam:TagPolicy", newPolicyARN(c), nil); no != nil {
			return nil, no
		}
	}
	if find(c.account.Policies, func(m *managed) bool { return strings.EqualFold(m.Name, name) }) != nil {
		return nil, refuse(http.StatusConflict, "EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", name)
	}
	m := &managed{Account: c.account.Number, Name: name, Path: cmp.Or(c.form.Get("Path"), "/"), ID: c.Sandbox.token("ANPA", 21), Description: c.form.Get("Description"),
		Tags: withTag(nil, c.tags()...), CreatedAt: c.now, UpdatedAt: c.now, Default: "v1", Last: 1,
		Versions: []policyVersion{{"v1", document, c.now}}}
	c.account.Policies = append(c.account.Policies, m)
	return policyAnswer{c.wholePolicy(m)}, nil
}

func getPolicy(c *call) (any, *refusal) {
	m, no := c.wantedManaged()
	if no != nil {
		return nil, no
	}
	return policyAnswer{c.wholePolicy(m)}, nil
}

// listPolicies shows the account's own and AWS's, of which the sandbox has few.
func listPolicies(c *call) (any, *refusal) {
	var all []*managed
	if c.form.Get("Scope") != "AWS" {
		all = append(all, c.account.Policies...)
	}
	if c.form.Get("Scope") != "Local" {
		all = append(all, awsPolicies()...)
	}
	all = slices.DeleteFunc(all, func(m *managed) bool {
		return !strings.HasPrefix(m.Path, c.form.Get("PathPrefix")) || c.form.Get("OnlyAttached") == "true" && len(c.attachedTo(m)) == 0
	})
	here, more := iamPageOf(c, all)
	out := policiesAnswer{page: more}
	for _, m := range here {
		one := c.wholePolicy(m)
		one.Description, one.Tags = "", nil // ListPolicies returns neither
		out.Policies.Member = append(out.Policies.Member, one)
	}
	return out, nil
}

// deletePolicy refuses as long as the policy is used or has other versions.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
func deletePolicy(c *call) (any, *refusal) {
	m, no := c.ownManaged()
	switch {
	case no != nil:
		return nil, no
	case len(c.attachedTo(m)) > 0 || c.bounding(m) > 0:
		return nil, refuse(http.StatusConflict, "DeleteConflict", "Cannot delete a policy attached to entities.")
	case len(m.Versions) > 1:
		return nil, refuse(http.StatusConflict, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	c.account.Policies = without(c.account.Policies, m)
	return nil, nil
}

// attachedTo lists the holders that a managed policy hangs on.
func (c *call) attachedTo(m *managed) []*holder {
	return slices.DeleteFunc(c.everyHolder(), func(h *holder) bool { return !slices.Contains(h.Attached, m.arn()) })
}

func (c *call) bounding(m *managed) (n int) {
	for _, h := range c.everyHolder() {
		if h.Boundary == m.arn() {
			n++
		}
	}
	return n
}

func (c *call) everyHolder() []*holder {
	var out []*holder
	for _, r := range c.account.Roles {
		out = append(out, &r.holder)
	}
	for _, u := range c.account.Users {
		out = append(out, &u.holder)
	}
	return out
}
