package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

const trustsRolesAnywhere = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}`

const mayListBuckets = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`

func (w *world) newRole(name, trust string, pairs ...string) string {
	w.Helper()
	return w.iam("CreateRole", append([]string{"RoleName", name, "AssumeRolePolicyDocument", trust}, pairs...)...).want(w, 200).between("Arn")
}

func TestARoleLivesItsLife(t *testing.T) {
	w := newWorld(t)
	made := w.newRole("lab", trustsRolesAnywhere, "Path", "/x/", "MaxSessionDuration", "7200", "Tags.member.1.Key", "a", "Tags.member.1.Value", "1")
	if made != "arn:aws:iam::000000000000:role/x/lab" {
		t.Errorf("got %s", made)
	}
	w.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", mayListBuckets).want(t, 200)
	w.iam("AttachRolePolicy", "RoleName", "lab", "PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess").want(t, 200)
	w.iam("DeleteRole", "RoleName", "lab").refused(t, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	w.iam("DetachRolePolicy", "RoleName", "lab", "PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess").want(t, 200)
	w.iam("DeleteRole", "RoleName", "lab").refused(t, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	got := w.iam("GetRole", "RoleName", "lab").want(t, 200)
	for name, want := range map[string]string{"Path": "/x/", "MaxSessionDuration": "7200", "CreateDate": "2026-11-22T12:00:00Z", "Key": "a", "Value": "1"} {
		if got.between(name) != want {
			t.Errorf("got %s %q, want %q", name, got.between(name), want)
		}
	}
	if id := got.between("RoleId"); !strings.HasPrefix(id, "AROA") || len(id) != 21 {
		t.Errorf("got RoleId %q, want AROA and 17 more", id)
	}
	// Documents travel percent-encoded, blanks as %20 (RFC 3986).
	if doc := got.between("AssumeRolePolicyDocument"); !strings.HasPrefix(doc, "%7B%22Version%22%3A%222012-10-17%22") {
		t.Errorf("got document %q", doc)
	}
	w.iam("DeleteRolePolicy", "RoleName", "lab", "PolicyName", "p").want(t, 200)
	w.iam("DeleteRole", "RoleName", "lab").want(t, 200)
	w.iam("GetRole", "RoleName", "lab").refused(t, 404, "NoSuchEntity", "The role with name lab cannot be found.")
}

func TestIAMRefusesInItsWords(t *testing.T) {
	w := newWorld(t)
	w.newRole("taken", trustsRolesAnywhere)
	tests := map[string]struct {
		action        string
		pairs         []string
		status        int
		code, message string
	}{
		"a name that is taken":       {"CreateRole", []string{"RoleName", "taken", "AssumeRolePolicyDocument", trustsRolesAnywhere}, 409, "EntityAlreadyExists", "Role with name taken already exists."},
		"names differ only by case":  {"CreateRole", []string{"RoleName", "TAKEN", "AssumeRolePolicyDocument", trustsRolesAnywhere}, 409, "EntityAlreadyExists", "Role with name TAKEN already exists."},
		"a session that is short":    {"CreateRole", []string{"RoleName", "r", "AssumeRolePolicyDocument", trustsRolesAnywhere, "MaxSessionDuration", "60"}, 400, "ValidationError", "1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"},
		"a policy that is not there": {"GetRolePolicy", []string{"RoleName", "taken", "PolicyName", "p"}, 404, "NoSuchEntity", "The role policy with name p cannot be found."},
		"a policy not attached":      {"DetachRolePolicy", []string{"RoleName", "taken", "PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}, 404, "NoSuchEntity", "Policy arn:aws:iam::aws:policy/IAMReadOnlyAccess was not found."},
		"a policy of nobody":         {"AttachRolePolicy", []string{"RoleName", "taken", "PolicyArn", "arn:aws:iam::000000000000:policy/none"}, 404, "NoSuchEntity", "Policy arn:aws:iam::000000000000:policy/none does not exist or is not attachable."},
		"a trust policy too long":    {"UpdateAssumeRolePolicy", []string{"RoleName", "taken", "PolicyDocument", strings.Replace(trustsRolesAnywhere, "Allow", "Allow"+strings.Repeat("x", 2048), 1)}, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
		"a role that is not there":   {"PutRolePolicy", []string{"RoleName", "none", "PolicyName", "p", "PolicyDocument", mayListBuckets}, 404, "NoSuchEntity", "The role with name none cannot be found."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.iam(tt.action, tt.pairs...).refused(t, tt.status, tt.code, tt.message)
		})
	}
	for name, doc := range map[string]string{"cut off": `{"Version":"2012-10-17"`, "without principal": mayListBuckets, "an unknown operator": strings.Replace(trustsRolesAnywhere, `"Effect"`, `"Condition":{"StringIs":{"a":"b"}},"Effect"`, 1)} {
		if got := w.iam("CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", doc); got.code != "MalformedPolicyDocument" {
			t.Errorf("%s: got %d %s, want MalformedPolicyDocument", name, got.status, got.code)
		}
	}
}

func TestAManagedPolicyThatTheSandboxLacksIsNotDeniedToExist(t *testing.T) {
	w := newWorld(t)
	w.newRole("lab", trustsRolesAnywhere)
	if got := w.iam("AttachRolePolicy", "RoleName", "lab", "PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"); got.status != 501 {
		t.Errorf("got %d %s, want 501: AWS has this policy", got.status, got.code)
	}
}

func TestManagedPoliciesAreWhole(t *testing.T) {
	w := newWorld(t)
	for _, m := range awsPolicies() {
		if len(w.box.documents(m.document())) != 1 {
			t.Errorf("%s: its document cannot be read", m.Name)
		}
		if got := w.iam("GetPolicy", "PolicyArn", m.arn()).want(t, 200).between("DefaultVersionId"); got != m.Default {
			t.Errorf("%s: got version %s, want %s", m.Name, got, m.Default)
		}
		w.iam("GetPolicyVersion", "PolicyArn", m.arn(), "VersionId", m.Default).want(t, 200)
	}
}

func TestIAMListsComeInPages(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.newRole(fmt.Sprint("r", i), trustsRolesAnywhere)
	}
	first := w.iam("ListRoles", "MaxItems", "2").want(t, 200)
	if first.between("IsTruncated") != "true" || strings.Count(string(first.body), "<RoleName>") != 2 {
		t.Errorf("got %s, want two roles and more", first.body)
	}
	rest := w.iam("ListRoles", "Marker", first.between("Marker")).want(t, 200)
	if rest.between("IsTruncated") != "false" || rest.between("RoleName") != "r2" {
		t.Errorf("got %s, want the third role and no more", rest.body)
	}
	// An empty list is an element all the same: SDKs make a list of it.
	if got := w.iam("ListRolePolicies", "RoleName", "r0").want(t, 200); !strings.Contains(string(got.body), "<PolicyNames></PolicyNames>") {
		t.Errorf("got %s, want an empty PolicyNames", got.body)
	}
}

func TestRoleTagsComeAndGo(t *testing.T) {
	w := newWorld(t)
	w.newRole("lab", trustsRolesAnywhere)
	w.iam("TagRole", "RoleName", "lab", "Tags.member.1.Key", "a", "Tags.member.1.Value", "1", "Tags.member.2.Key", "b", "Tags.member.2.Value", "").want(t, 200)
	w.iam("UntagRole", "RoleName", "lab", "TagKeys.member.1", "a").want(t, 200)
	got := string(w.iam("ListRoleTags", "RoleName", "lab").want(t, 200).body)
	if !strings.Contains(got, "<Tags><member><Key>b</Key><Value></Value></member></Tags>") {
		t.Errorf("got %s, want only the tag b", got)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-api.html
func TestAssumeRoleAsksTrustAndCaller(t *testing.T) {
	w := newWorld(t)
	trust := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`
	}
	byAccount := w.newRole("by-account", trust("arn:aws:iam::000000000000:root"))
	byName := w.newRole("by-name", trust(byAccount))
	other := w.newRole("other", trustsRolesAnywhere)
	assume := func(k keys, role string, pairs ...string) reply {
		return w.as(k).query("sts", "AssumeRole", append([]string{"RoleArn", role, "RoleSessionName", "me"}, pairs...)...)
	}
	got := assume(w.admin(), byAccount).want(t, 200)
	session := keys{got.between("AccessKeyId"), got.between("SecretAccessKey"), got.between("SessionToken")}
	who := w.as(session).query("sts", "GetCallerIdentity").want(t, 200)
	if who.between("Arn") != "arn:aws:sts::000000000000:assumed-role/by-account/me" || !strings.HasSuffix(who.between("UserId"), ":me") {
		t.Errorf("got %s", who.body)
	}
	assume(w.admin(), other).refused(t, 403, "AccessDenied", "User: arn:aws:iam::000000000000:user/sandbox-admin is not authorized to perform: sts:AssumeRole on resource: "+other)
	assume(session, byName).want(t, 200) // named, so it needs no policy of its own
	assume(session, byAccount).want(t, 403)
	assume(session, byName, "DurationSeconds", "3601").refused(t, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
}
