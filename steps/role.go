package steps

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
)

// The restrictions that other steps look at.
const (
	restrictOU  = string(policy.ByOU)
	restrictDNS = string(policy.BySANDNS)
	restrictURI = string(policy.BySANURI)
)

var role = Step{
	ID:    StepRole,
	Title: "Create the role",
	Why:   "The role is what this machine may become. Its trust policy says which certificates of which trust anchor may.",
	Needs: []ID{StepAnchor},
	Asks: []Question{
		{Key: "role.arn", Ask: "Existing role", Kind: Text, Row: true, Example: "arn:aws:iam::111122223333:role/build",
			Why: "The ARN of a role that exists, to use it. Empty: a new role is made.", Default: fixed(""), Valid: validRoleARN},
		{Key: "role.change", Ask: "Let this certificate into the role", Kind: YesNo, Row: true, Example: "no",
			Why:     "Adds one statement to the trust policy of the existing role. Teardown takes that statement out again.",
			Applies: givenRole, Default: fixed("no")},
		{Key: "role.restrict", Ask: "Who may use the role", Kind: Choose, Row: true, Example: "cn",
			Why:     "cn: only this common name; ou, san-dns, san-uri: whoever has that field; ca: every certificate of the trust anchor.",
			Applies: writesTrust, Choices: restrictChoices, Default: fixed(string(policy.ByCN))},
		{Key: "role.restrict-confirm", Ask: "Any certificate of the trust anchor could use the role. Type the set-up name to confirm", Kind: Text, Row: true,
			Why:     "With ca, whoever gets a certificate from the CA becomes this role.",
			AskWhen: everybody, Applies: everybody, Headless: noAnswer, Valid: typedName},
		{Key: "role.path", Ask: "Role path", Kind: Text, Row: true, Example: "/machines/", Why: "IAM's folder for the role.",
			Applies: ownRole, Default: fixed("/"), Valid: validRolePath},
		{Key: "role.permissions-boundary", Ask: "Permissions boundary", Kind: Text, Row: true, Example: "arn:aws:iam::111122223333:policy/boundary",
			Why: "The ARN of a policy that caps the role, where the account demands one.", Applies: ownRole, Default: fixed(""), Valid: validPolicyARN},
		{Key: "session.duration", Ask: "Session duration", Kind: Text, Row: true, Example: "3600",
			Why: "How long one set of credentials lives, in seconds, 900 to 43200.", Default: fixed("3600"), Valid: validDuration},
		{Key: "role.max-session-duration", Ask: "Role's longest session", Kind: Text, Row: true, Example: "3600",
			Why:     "A role allows one hour unless this is raised; AWS refuses longer sessions.",
			Applies: ownRole, Default: fixed("3600"), Valid: validMaxSession},
		{Key: "tags", Ask: "Tags", Kind: List, Row: true, Example: "team=build,stage=test",
			Why: "Put on everything made in AWS, beside our own two.", Default: fixed(""), Valid: validTags},
	},
	Plan: planRole, Settle: settleRole, Apply: applyRole,
	Inspect: inspectRole, Undo: undoRole,
	Proof: []string{"RA301", "RA302", "RA303"},
}

func givenRole(e *Env) bool   { return e.Get("role.arn") != "" }
func ownRole(e *Env) bool     { return !givenRole(e) }
func writesTrust(e *Env) bool { return ownRole(e) || e.Get("role.change") == "yes" }
func everybody(e *Env) bool   { return writesTrust(e) && e.Get("role.restrict") == string(policy.ByCA) }

func restrictChoices(*Env) []Choice {
	says := map[policy.Restriction]string{
		policy.ByCN: "only this common name", policy.ByOU: "this organisational unit", policy.BySANDNS: "this DNS name",
		policy.BySANURI: "this URI", policy.ByCA: "every certificate of the trust anchor",
	}
	var choices []Choice
	for _, r := range policy.Restrictions() {
		choices = append(choices, Choice{Value: string(r), Label: says[r]})
	}
	return choices
}

// roleSpec is exactly what will be made or changed.
type roleSpec struct {
	Name       string `json:"name"`
	Path       string `json:"path,omitempty"`
	Trust      string `json:"trust"` // document, or for a changed role the one statement, with the anchor's placeholder
	Sid        string `json:"sid,omitempty"`
	MaxSession int    `json:"maxSession,omitempty"`
	Boundary   string `json:"boundary,omitempty"`
	Seen       string `json:"seen,omitempty"` // hash of the trust policy that the plan saw
}

// wantedTrust is the statement that lets this certificate in.
func (e *Env) wantedTrust() policy.TrustSpec {
	spec := policy.TrustSpec{
		Sid: policy.Sid(e.ID), AnchorARN: e.anchorARN(), Account: e.Site.Caller.Account,
		Restrict: policy.Restriction(e.Get("role.restrict")),
	}
	switch spec.Restrict {
	case policy.ByCN:
		spec.Value = e.Get("leaf.cn")
	case policy.ByOU:
		spec.Value = e.Get("leaf.ou")
	case policy.BySANDNS:
		spec.Value = e.Get("leaf.san-dns")
	case policy.BySANURI:
		spec.Value = e.Get("leaf.san-uri")
	}
	return spec
}

func planRole(ctx context.Context, e *Env) ([]Change, error) {
	if err := sessionFits(e); err != nil {
		return nil, err
	}
	if givenRole(e) {
		return planGivenRole(ctx, e)
	}
	want := policy.TrustPolicy(e.wantedTrust()).JSON()
	made, standing := e.Has("role.create")
	if standing {
		there, err := e.AWS.Role(ctx, made.Name)
		switch {
		case errors.Is(err, awsapi.ErrNotFound):
			e.Note("The role " + made.Name + " is gone from AWS; it is made again.")
		case err != nil:
			return nil, err
		case there.ID != made.UID:
			return nil, &TakenError{"role", made.Name, "AWS has another role of that name now, which is not ours"}
		default:
			return retrust(e, there, want)
		}
	}
	spec := roleSpec{Name: e.AWSName(), Path: e.Get("role.path"), Trust: want, Boundary: e.Get("role.permissions-boundary")}
	spec.MaxSession, _ = strconv.Atoi(e.Get("role.max-session-duration"))
	if _, err := e.AWS.Role(ctx, spec.Name); err == nil {
		return nil, &TakenError{"role", spec.Name, "AWS has one of that name that is not in this set-up's journal"}
	} else if !errors.Is(err, awsapi.ErrNotFound) {
		return nil, err
	}
	return []Change{{
		ID: "role.create", Step: StepRole, Verb: Create, Noun: "role", Name: spec.Name,
		Detail: trustInWords(e), Diff: knownLater(want), Spec: encodeSpec(spec), Commands: roleCommands(e, spec),
	}}, nil
}

// retrust brings the trust policy of our own role to what the answers ask for:
// only our own statement is replaced.
func retrust(e *Env, there awsapi.Role, want string) ([]Change, error) {
	after, same, err := replaceOurStatement(e, there.TrustPolicy)
	if err != nil || same {
		return nil, err
	}
	spec := roleSpec{Name: there.Name, Trust: policy.TrustStatement(e.wantedTrust()).JSON(), Sid: policy.Sid(e.ID), Seen: hashOf([]byte(there.TrustPolicy))}
	return []Change{{
		ID: "role.retrust", Step: StepRole, Verb: Modify, Noun: "role", Name: there.Name,
		Detail: trustInWords(e), Diff: diff("trust policy", there.TrustPolicy, after), Spec: encodeSpec(spec),
		Commands: trustCommands(e, there.Name, after),
	}}, nil
}

// trustInWords says whom the role lets in.
func trustInWords(e *Env) string {
	spec := e.wantedTrust()
	if spec.Value == "" {
		return "every certificate of this trust anchor"
	}
	return fmt.Sprintf("this trust anchor, %s=%s only", strings.ToUpper(strings.TrimPrefix(string(spec.Restrict), "san-")), spec.Value)
}

func validRoleARN(_ *Env, arn string) error {
	if arn == "" || strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":iam::") && strings.Contains(arn, ":role/") {
		return nil
	}
	return errors.New("must be the ARN of a role")
}

func validPolicyARN(_ *Env, arn string) error {
	if arn == "" || strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":iam::") && strings.Contains(arn, ":policy/") {
		return nil
	}
	return errors.New("must be the ARN of a policy")
}

func validRolePath(_ *Env, path string) error {
	if len(path) > 512 || !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") || strings.Contains(path, " ") {
		return errors.New("must begin and end with / and hold no blank")
	}
	return nil
}

func validTags(_ *Env, list string) error {
	for _, item := range splitList(list) {
		key, _, ok := strings.Cut(item, "=")
		if !ok || key == "" {
			return errors.New("must be key=value pairs, separated by commas")
		}
		if strings.HasPrefix(key, "anywhere:") || strings.HasPrefix(strings.ToLower(key), "aws:") {
			return fmt.Errorf("the key %s is reserved", key)
		}
	}
	return nil
}

// typedName is the confirmation of something dangerous.
func typedName(e *Env, typed string) error {
	if e.Setup != "" && typed != e.Setup {
		return fmt.Errorf("type %s to confirm", e.Setup)
	}
	return nil
}

// The bounds of a session, in seconds.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
const minSession, defaultMaxSession, maxSession = 900, 3600, 43200

func validDuration(_ *Env, text string) error   { return secondsIn(text, minSession) }
func validMaxSession(_ *Env, text string) error { return secondsIn(text, defaultMaxSession) }

func secondsIn(text string, least int) error {
	if n, err := strconv.Atoi(text); err != nil || n < least || n > maxSession {
		return fmt.Errorf("must be seconds, %d to %d", least, maxSession)
	}
	return nil
}

// sessionFits: AWS refuses a session longer than the role allows; it does not
// shorten it.
func sessionFits(e *Env) error {
	want, _ := strconv.Atoi(e.Get("session.duration"))
	allowed, _ := strconv.Atoi(e.Get("role.max-session-duration"))
	if ownRole(e) && want > allowed {
		return &InvalidError{Key: "session.duration", Value: e.Get("session.duration"),
			Err: fmt.Errorf("the role allows %d seconds; raise role.max-session-duration too", allowed)}
	}
	return nil
}
