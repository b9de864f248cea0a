package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
)

// The permissions a role can be given.
const (
	mayNothing = "nothing"
	mayList    = "list-buckets"
	mayManaged = "managed-policy"
	mayFile    = "policy-file"
)

var permissions = Step{
	ID:    StepPermissions,
	Title: "Give the role its permissions",
	Why:   "The trust policy says who may use the role; the permissions say what it may do then.",
	Needs: []ID{StepRole},
	Asks: []Question{
		{
			Key: "permissions", Ask: "What may this machine do?", Kind: Choose, Example: mayNothing,
			Why:     "Nothing is enough to prove that credentials work: anybody may ask AWS who he is. Permissions can be added to the role later.",
			Applies: ownRole, Choices: permissionChoices, Default: permissionDefault,
		},
		{
			Key: "permissions.policy-arn", Ask: "Which managed policy?", Kind: Text, Example: "arn:aws:iam::aws:policy/ReadOnlyAccess",
			Why:     "The ARN of a policy of AWS or of your account; it is attached to the role.",
			Applies: permits(mayManaged), Valid: neededPolicyARN,
		},
		{
			Key: "permissions.policy-file", Ask: "Which file holds the policy?", Kind: File, Example: "/path/to/policy.json",
			Why:     "An identity policy in JSON; it becomes an inline policy of the role.",
			Applies: permits(mayFile), Valid: validPolicyFile,
		},
		{
			Key: "permissions.confirm", Ask: "These permissions give almost everything away. Type the set-up name to confirm", Kind: Text,
			Why:     "Whoever has this machine's key could take over the account.",
			Applies: dangerous, Headless: noAnswer, Valid: typedName,
		},
	},
	Plan: planPermissions, Settle: settlePermissions, Apply: applyPermissions,
	Inspect: inspectPermissions, Undo: undoPermissions,
}

func permissionChoices(*Env) []Choice {
	return []Choice{
		{mayNothing, "nothing yet", "who am I works all the same"},
		{mayList, "list buckets", "s3:ListAllMyBuckets, for a first try"},
		{mayManaged, "a managed policy", "of AWS or of your account, by ARN"},
		{mayFile, "a policy of your own", "from a JSON file"},
	}
}

func permissionDefault(e *Env) (string, bool) {
	if outsideSandbox(e) {
		return mayNothing, true
	}
	return mayList, true
}

func permits(kind string) func(*Env) bool {
	return func(e *Env) bool { return e.Get("permissions") == kind }
}

func neededPolicyARN(e *Env, arn string) error {
	if arn == "" {
		return errors.New("must be the ARN of a policy")
	}
	return validPolicyARN(e, arn)
}

func validPolicyFile(e *Env, file string) error {
	_, err := policyFromFile(e, file)
	return err
}

func policyFromFile(e *Env, file string) (policy.Document, error) {
	data, err := e.World.Machine.ReadFile(file)
	if err != nil {
		return policy.Document{}, err
	}
	doc, err := policy.Parse(data)
	if err != nil {
		return doc, err
	}
	return doc, policy.CheckIdentity(doc)
}

// dangerous says that the chosen permissions want their name typed.
func dangerous(e *Env) bool {
	switch e.Get("permissions") {
	case mayFile:
		doc, err := policyFromFile(e, e.Get("permissions.policy-file"))
		if err != nil {
			return false // refused where the file is asked for
		}
		_, danger := policy.Dangerous(doc)
		return danger
	case mayManaged:
		return slices.Contains(broadPolicies, e.Get("permissions.policy-arn")[strings.LastIndex(e.Get("permissions.policy-arn"), "/")+1:])
	}
	return false
}

// broadPolicies are AWS's managed policies that give almost everything away. Of
// others the document is read and judged when the plan is made.
var broadPolicies = []string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AWSRolesAnywhereFullAccess"}

// permitSpec is exactly what will be given.
type permitSpec struct {
	Role     string `json:"role"`
	Policy   string `json:"policy,omitempty"`   // name of an inline policy
	Document string `json:"document,omitempty"` // its JSON
	ARN      string `json:"arn,omitempty"`      // of a managed policy
}

func (s permitSpec) fingerprint() string { return hashOf([]byte(s.Document + s.ARN)) }

func wantedPermissions(e *Env) (permitSpec, string, error) {
	spec := permitSpec{Role: e.AWSName(), Policy: e.AWSName()}
	switch e.Get("permissions") {
	case mayList:
		spec.Document = listBuckets().JSON()
		return spec, "s3:ListAllMyBuckets", nil
	case mayFile:
		file := e.Get("permissions.policy-file")
		doc, err := policyFromFile(e, file)
		if err != nil {
			return spec, "", &InvalidError{Key: "permissions.policy-file", Value: file, Err: err}
		}
		spec.Document = doc.JSON()
		return spec, "the policy in " + e.shown(file), nil
	case mayManaged:
		spec.Policy, spec.ARN = "", e.Get("permissions.policy-arn")
		return spec, spec.ARN, nil
	}
	return permitSpec{}, "", nil
}

func listBuckets() policy.Document {
	return policy.Document{Version: policy.Version, Statements: []policy.Statement{
		{Sid: "ListBuckets", Effect: policy.Allow, Actions: []string{"s3:ListAllMyBuckets"}, Resources: []string{"*"}},
	}}
}

func planPermissions(ctx context.Context, e *Env) ([]Change, error) {
	if givenRole(e) {
		return nil, nil
	}
	spec, detail, err := wantedPermissions(e)
	if err != nil {
		return nil, err
	}
	made, standing := e.Has("permissions.give")
	if standing && !e.planned("role.create") && made.Values["permissions.hash"] == spec.fingerprint() {
		return nil, nil
	}
	if standing && made.UID != spec.ARN+spec.Policy { // one inline policy is replaced by another; nothing else is
		return nil, &FixedError{Key: "permissions", Was: made.Values["permissions.detail"], Now: e.Get("permissions")}
	}
	if spec.Role == "" {
		return nil, nil
	}
	if err := confirmManaged(ctx, e, spec); err != nil {
		return nil, err
	}
	return []Change{{
		ID: "permissions.give", Step: StepPermissions, Verb: Modify, Noun: "role permissions", Name: detail,
		Detail: "of role " + spec.Role, Diff: spec.Document, Spec: encodeSpec(spec), Commands: permitCommands(e, spec),
	}}, nil
}

// confirmManaged reads a managed policy and wants the name typed if it gives
// almost everything away.
func confirmManaged(ctx context.Context, e *Env, spec permitSpec) error {
	if spec.ARN == "" || e.Get("permissions.confirm") == e.Setup {
		return nil
	}
	text, err := e.AWS.ManagedPolicy(ctx, spec.ARN)
	if errors.Is(err, awsapi.ErrDenied) {
		e.Note("The policy " + spec.ARN + " could not be read, so nobody looked whether it gives too much away.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("use managed policy: %w", err)
	}
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return err
	}
	if why, danger := policy.Dangerous(doc); danger {
		return &InvalidError{Key: "permissions.confirm", Err: fmt.Errorf("%s: %s; type %s to confirm", spec.ARN, why, e.Setup)}
	}
	return nil
}

func applyPermissions(ctx context.Context, t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[permitSpec](change)
	if err != nil {
		return Made{}, err
	}
	t.fresh = true
	if spec.ARN != "" {
		return permitMade(spec, change.Name), t.API.AttachRolePolicy(ctx, spec.Role, spec.ARN)
	}
	return permitMade(spec, change.Name), t.API.PutRolePolicy(ctx, spec.Role, spec.Policy, spec.Document)
}

func permitMade(spec permitSpec, detail string) Made {
	return Made{
		Noun: "role permissions", Name: detail, Ref: spec.Role, UID: spec.ARN + spec.Policy, Ownership: Created,
		Values: map[string]string{
			"permissions.role": spec.Role, "permissions.inline": spec.Policy, "permissions.arn": spec.ARN,
			"permissions.hash": spec.fingerprint(), "permissions.detail": detail,
		},
	}
}

// settlePermissions looks for the policy on the role, which is ours.
func settlePermissions(ctx context.Context, e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[permitSpec](change)
	if err != nil {
		return nil, err
	}
	there, err := hasPermission(ctx, e, spec)
	if err != nil || !there {
		return nil, err
	}
	made := permitMade(spec, change.Name)
	return &made, nil
}

func hasPermission(ctx context.Context, e *Env, spec permitSpec) (bool, error) {
	if spec.ARN != "" {
		arns, err := e.AWS.AttachedPolicies(ctx, spec.Role)
		if errors.Is(err, awsapi.ErrNotFound) {
			return false, nil
		}
		return slices.Contains(arns, spec.ARN), err
	}
	inline, err := e.AWS.InlinePolicies(ctx, spec.Role)
	if errors.Is(err, awsapi.ErrNotFound) {
		return false, nil
	}
	_, there := inline[spec.Policy]
	return there, err
}
