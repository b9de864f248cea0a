package sandbox

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAUserMayDoWhatHisPoliciesAllow(t *testing.T) {
	l := newLab(t)
	ann := l.user("iam:GetRole")
	const me = "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::000000000000:role/r "
	create := func() reply {
		return ann.query("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trustsRolesAnywhere)
	}
	who := ann.query("sts", "GetCallerIdentity").want(t, 200)
	if got := who.between("Arn"); got != "arn:aws:iam::000000000000:user/ann" || !strings.HasPrefix(who.between("UserId"), "AIDA") {
		t.Errorf("got %s", who.body)
	}
	ann.query("iam", "GetRole", "RoleName", "lab").want(t, 200)
	create().refused(t, 403, "AccessDenied", me+"because no identity-based policy allows the iam:CreateRole action")
	l.iam("AttachUserPolicy", "UserName", "ann", "PolicyArn", managedPrefix+"IAMFullAccess").want(t, 200)
	l.iam("PutUserPermissionsBoundary", "UserName", "ann", "PermissionsBoundary", managedPrefix+"AmazonS3FullAccess").want(t, 200)
	create().refused(t, 403, "AccessDenied", me+"because no permissions boundary allows the iam:CreateRole action")
	l.iam("DeleteUserPermissionsBoundary", "UserName", "ann").want(t, 200)
	l.iam("AttachUserPolicy", "UserName", "ann", "PolicyArn", managedPrefix+"AWSDenyAll").want(t, 200)
	create().refused(t, 403, "AccessDenied", me+"with an explicit deny in an identity-based policy")
	l.iam("DetachUserPolicy", "UserName", "ann", "PolicyArn", managedPrefix+"AWSDenyAll").want(t, 200)
	create().want(t, 200)
	l.iam("UpdateAccessKey", "UserName", "ann", "AccessKeyId", ann.id, "Status", "Inactive").want(t, 200)
	create().refused(t, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
func TestAUserIsDeletedOnlyBare(t *testing.T) {
	l := newLab(t)
	ann := l.user("s3:*")
	del := func() reply { return l.iam("DeleteUser", "UserName", "ann") }
	del().refused(t, 409, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
	l.iam("CreateAccessKey", "UserName", "ann").want(t, 200)
	l.iam("CreateAccessKey", "UserName", "ann").refused(t, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	for _, part := range strings.Split(string(l.iam("ListAccessKeys", "UserName", "ann").want(t, 200).body), "<AccessKeyId>")[1:] {
		key, _, _ := strings.Cut(part, "<")
		l.iam("DeleteAccessKey", "UserName", "ann", "AccessKeyId", key).want(t, 200)
	}
	del().refused(t, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	l.iam("DeleteUserPolicy", "UserName", "ann", "PolicyName", "p").want(t, 200)
	del().want(t, 200)
	l.iam("GetUser", "UserName", "ann").refused(t, 404, "NoSuchEntity", "The user with name ann cannot be found.")
	ann.query("sts", "GetCallerIdentity").refused(t, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	l.iam("DeleteUser", "UserName", adminName).want(t, 400)
}

func TestAnAccountsOwnPolicyHasVersions(t *testing.T) {
	l := newLab(t)
	own := l.iam("CreatePolicy", "PolicyName", "own", "PolicyDocument", mayListBuckets).want(t, 200).between("Arn")
	l.iam("AttachRolePolicy", "RoleName", "lab", "PolicyArn", own).want(t, 200)
	session := l.as(l.session(l.host()).want(t, 201).keys())
	session.buckets().want(t, 200)
	const nothing = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	l.iam("CreatePolicyVersion", "PolicyArn", own, "PolicyDocument", nothing).want(t, 200)
	session.buckets().want(t, 200) // not the default yet
	l.iam("SetDefaultPolicyVersion", "PolicyArn", own, "VersionId", "v2").want(t, 200)
	session.buckets().want(t, 403)
	del := func() reply { return l.iam("DeletePolicy", "PolicyArn", own) }
	del().refused(t, 409, "DeleteConflict", "Cannot delete a policy attached to entities.")
	l.iam("DetachRolePolicy", "RoleName", "lab", "PolicyArn", own).want(t, 200)
	if got := del(); got.code != "DeleteConflict" {
		t.Errorf("got %d %s, want a conflict: it has versions", got.status, got.code)
	}
	l.iam("DeletePolicyVersion", "PolicyArn", own, "VersionId", "v2").refused(t, 409, "DeleteConflict", "Cannot delete the default version of a policy.")
	for range 3 {
		l.iam("CreatePolicyVersion", "PolicyArn", own, "PolicyDocument", nothing).want(t, 200)
	}
	if got := l.iam("CreatePolicyVersion", "PolicyArn", own, "PolicyDocument", nothing); got.code != "LimitExceeded" {
		t.Errorf("got %d %s, want a limit of 5 versions", got.status, got.code)
	}
	for _, v := range []string{"v1", "v3", "v4", "v5"} {
		l.iam("DeletePolicyVersion", "PolicyArn", own, "VersionId", v).want(t, 200)
	}
	del().want(t, 200)
	l.iam("GetPolicy", "PolicyArn", own).refused(t, 404, "NoSuchEntity", "Policy "+own+" was not found.")
	long := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::` + strings.Repeat("x", 6144) + `"}]}`
	l.iam("CreatePolicy", "PolicyName", "own", "PolicyDocument", long).refused(t, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html
func TestTheServiceLinkedRoleGoesAfterTheLastAnchor(t *testing.T) {
	l := newLab(t)
	status := func() string {
		task := l.iam("DeleteServiceLinkedRole", "RoleName", "AWSServiceRoleForRolesAnywhere").want(t, 200).between("DeletionTaskId")
		return l.iam("GetServiceLinkedRoleDeletionStatus", "DeletionTaskId", task).want(t, 200).between("Status")
	}
	if got := status(); got != "FAILED" {
		t.Errorf("got %s while an anchor exists, want FAILED", got)
	}
	l.ra("DELETE", "/trustanchor/"+id(l.anchor), nil).want(t, 200)
	if got := status(); got != "SUCCEEDED" {
		t.Errorf("got %s, want SUCCEEDED", got)
	}
	l.iam("GetRole", "RoleName", "AWSServiceRoleForRolesAnywhere").want(t, 404)
}

// A source identity cannot be changed by the next role, and a chained session
// lasts an hour at most.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
func TestTheSourceIdentitySticksThroughRoles(t *testing.T) {
	l := newLab(t)
	next := l.newRole("next", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+l.role+`"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}]}`, "MaxSessionDuration", "7200")
	first := l.as(l.session(l.host()).want(t, 201).keys())
	assume := func(pairs ...string) reply {
		return first.query("sts", "AssumeRole", append([]string{"RoleArn", next, "RoleSessionName", "me"}, pairs...)...)
	}
	assume("SourceIdentity", "somebody-else").refused(t, 400, "ValidationError", "The source identity is already set for this assume role session")
	got := assume().want(t, 200)
	if got.between("SourceIdentity") != "CN=host-01" {
		t.Errorf("got %s, want the first source identity", got.body)
	}
	assume("DurationSeconds", "3601").refused(t, 400, "ValidationError",
		"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	second := l.as(keys{got.between("AccessKeyId"), got.between("SecretAccessKey"), got.between("SessionToken")})
	second.query("iam", "ListUsers").want(t, 403)
	if e := l.lookUp("EventName", "ListUsers").Events; len(e) != 1 || !strings.Contains(e[0].CloudTrailEvent, `"sourceIdentity":"CN=host-01"`) || !strings.Contains(e[0].CloudTrailEvent, `"errorCode":"AccessDenied"`) {
		t.Errorf("got %v, want the refused call with its source identity", e)
	}
}

func TestEventsAreFoundByWhatTheyConcern(t *testing.T) {
	l := newLab(t)
	for _, tt := range [][3]string{
		{"ResourceName", l.anchor, "CreateTrustAnchor"}, {"ResourceType", "AWS::RolesAnywhere::Profile", "CreateProfile"}, {"ResourceName", "lab", "CreateRole"},
		{"ResourceType", "AWS::IAM::Role", "CreateRole"}, {"Username", adminName, "CreateProfile"}, {"EventSource", "iam.amazonaws.com", "CreateRole"},
		{"AccessKeyId", l.admin().id, "CreateProfile"}, {"ReadOnly", "false", "CreateProfile"},
	} {
		var names []string
		for _, e := range l.lookUp(tt[0], tt[1]).Events {
			names = append(names, e.EventName)
		}
		if !slices.Contains(names, tt[2]) || slices.Contains(names, "ListTrustAnchors") {
			t.Errorf("%s %s: got %v, want %s among them", tt[0], tt[1], names, tt[2])
		}
	}
}

func TestASignatureMayStandInTheAddress(t *testing.T) {
	l := newLab(t)
	l.as(l.admin()).send("s3", "PUT", "/"+SampleBucket+"/a", "", []byte("hello"), nil).want(t, 200)
	get := func(c client, path, expires string, change func(url.Values)) reply {
		q := url.Values{"X-Amz-Expires": {expires}}
		return l.do(c.presign("s3", path, q, change))
	}
	path := "/" + SampleBucket + "/a"
	if got := get(l.as(l.admin()), path, "60", nil).want(t, 200); string(got.body) != "hello" {
		t.Errorf("got %q", got.body)
	}
	get(l.as(l.admin()), path, "60", func(q url.Values) { q.Set("versionId", "null") }).refused(t, 403, "SignatureDoesNotMatch",
		"The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	get(l.as(l.admin()), path, "604801", nil).refused(t, 400, "AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	stale := l.as(l.admin()).presign("s3", path, url.Values{"X-Amz-Expires": {"60"}}, nil)
	l.now = l.now.Add(61e9)
	l.do(stale).refused(t, 403, "AccessDenied", "Request has expired")
	l.now = noon
	get(l.as(l.session(l.host()).want(t, 201).keys()), path, "60", nil).want(t, 403) // the session may not
}
