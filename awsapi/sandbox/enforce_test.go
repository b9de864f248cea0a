package sandbox

import (
	"strings"
	"testing"
	"time"
)

const (
	mayListUsers = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}`
	denyBuckets  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
)

// The sentences are IAM's: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func TestASessionMayDoWhatAllItsPoliciesAllow(t *testing.T) {
	const me = "User: arn:aws:sts::000000000000:assumed-role/lab/1000 is not authorized to perform: s3:ListAllMyBuckets"
	attach := func(name string) func(*lab) {
		return func(l *lab) {
			l.iam("AttachRolePolicy", "RoleName", "lab", "PolicyArn", managedPrefix+name).want(l, 200)
		}
	}
	put := func(document string) func(*lab) {
		return func(l *lab) {
			l.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p"+itoa(len(document)), "PolicyDocument", document).want(l, 200)
		}
	}
	limit := func(more map[string]any) func(*lab) { return func(l *lab) { l.profile = l.newProfile(more) } }
	tests := map[string]struct {
		given []func(*lab)
		want  string // the refusal; empty for none
	}{
		"nothing":                          {nil, me + " because no identity-based policy allows the s3:ListAllMyBuckets action"},
		"an inline policy":                 {[]func(*lab){put(mayListBuckets)}, ""},
		"a managed policy":                 {[]func(*lab){attach("AmazonS3ReadOnlyAccess")}, ""},
		"a policy for something else":      {[]func(*lab){put(mayListUsers)}, me + " because no identity-based policy allows the s3:ListAllMyBuckets action"},
		"an explicit deny":                 {[]func(*lab){put(mayListBuckets), put(denyBuckets)}, me + " with an explicit deny in an identity-based policy"},
		"a session policy that allows":     {[]func(*lab){put(mayListBuckets), limit(map[string]any{"sessionPolicy": mayListBuckets})}, ""},
		"a session policy that does not":   {[]func(*lab){put(mayListBuckets), limit(map[string]any{"sessionPolicy": mayListUsers})}, me + " because no session policy allows the s3:ListAllMyBuckets action"},
		"a session policy alone":           {[]func(*lab){limit(map[string]any{"sessionPolicy": mayListBuckets})}, me + " because no identity-based policy allows the s3:ListAllMyBuckets action"},
		"a managed session policy":         {[]func(*lab){put(mayListBuckets), limit(map[string]any{"managedPolicyArns": []string{managedPrefix + "IAMReadOnlyAccess"}})}, me + " because no session policy allows the s3:ListAllMyBuckets action"},
		"a managed session policy that":    {[]func(*lab){put(mayListBuckets), limit(map[string]any{"managedPolicyArns": []string{managedPrefix + "AmazonS3FullAccess"}})}, ""},
		"a deny in a session policy":       {[]func(*lab){put(mayListBuckets), limit(map[string]any{"sessionPolicy": denyBuckets})}, me + " with an explicit deny in a session policy"},
		"a policy on a tag of the session": {[]func(*lab){put(strings.Replace(mayListBuckets, `"Effect"`, `"Condition":{"StringEquals":{"aws:PrincipalTag/x509Subject/CN":"host-01"}},"Effect"`, 1))}, ""},
		"a policy on another tag":          {[]func(*lab){put(strings.Replace(mayListBuckets, `"Effect"`, `"Condition":{"StringEquals":{"aws:PrincipalTag/x509Subject/CN":"host-02"}},"Effect"`, 1))}, me + " because no identity-based policy allows the s3:ListAllMyBuckets action"},
		"a policy on the source identity":  {[]func(*lab){put(strings.Replace(mayListBuckets, `"Effect"`, `"Condition":{"StringEquals":{"aws:SourceIdentity":"CN=host-01"}},"Effect"`, 1))}, ""},
		"a boundary that is narrower": {[]func(*lab){put(mayListBuckets), func(l *lab) {
			l.iam("PutRolePermissionsBoundary", "RoleName", "lab", "PermissionsBoundary", managedPrefix+"IAMReadOnlyAccess").want(l, 200)
		}}, me + " because no permissions boundary allows the s3:ListAllMyBuckets action"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			for _, give := range tt.given {
				give(l)
			}
			got := l.as(l.session(l.host()).want(t, 201).keys()).buckets()
			if tt.want != "" {
				got.refused(t, 403, "AccessDenied", tt.want)
				return
			}
			if got.want(t, 200).between("Name") != SampleBucket {
				t.Errorf("got %s, want the sample bucket", got.body)
			}
		})
	}
}

func TestPoliciesAreReadAtEachCall(t *testing.T) {
	l := newLab(t)
	session := l.as(l.session(l.host()).want(t, 201).keys())
	session.buckets().want(t, 403)
	l.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", mayListBuckets).want(t, 200)
	session.buckets().want(t, 200)
}

func TestASessionEnds(t *testing.T) {
	l := newLab(t)
	k := l.session(l.host()).want(t, 201).keys()
	l.now = noon.Add(time.Hour - time.Second)
	l.as(k).query("sts", "GetCallerIdentity").want(t, 200)
	l.now = noon.Add(time.Hour)
	l.as(k).query("sts", "GetCallerIdentity").refused(t, 403, "ExpiredToken", "The security token included in the request is expired")
	l.as(k).ra("GET", "/profiles", nil).refused(t, 403, "ExpiredTokenException", "The security token included in the request is expired")
	l.as(k).trail(nil).refused(t, 400, "ExpiredTokenException", "The security token included in the request is expired")
	l.as(k).buckets().refused(t, 400, "ExpiredToken", "The provided token has expired.")
}

func TestASessionDiesWithItsRole(t *testing.T) {
	l := newLab(t)
	k := l.session(l.host()).want(t, 201).keys()
	l.iam("DeleteRole", "RoleName", "lab").want(t, 200)
	l.newRole("lab", trustsRolesAnywhere) // another role under the name
	l.as(k).query("sts", "GetCallerIdentity").refused(t, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html
func TestSomeCallsNeedASecondPermission(t *testing.T) {
	l := newLab(t)
	l.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["rolesanywhere:CreateProfile","rolesanywhere:EnableProfile"],"Resource":"*"}]}`).want(t, 200)
	session := l.as(l.session(l.host()).want(t, 201).keys())
	const me = "User: arn:aws:sts::000000000000:assumed-role/lab/1000 is not authorized to perform: "
	session.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{}}).want(t, 201)
	session.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{l.role}}).refused(t, 403, "AccessDeniedException",
		me+"iam:PassRole on resource: "+l.role+" because no identity-based policy allows the iam:PassRole action")
	session.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{}, "tags": []map[string]string{{"key": "a", "value": "b"}}}).refused(t, 403, "AccessDeniedException",
		me+"rolesanywhere:TagResource on resource: arn:aws:rolesanywhere:us-east-1:000000000000:profile/* because no identity-based policy allows the rolesanywhere:TagResource action")
	if got := session.ra("POST", "/profile/"+id(l.profile)+"/enable", nil); !strings.Contains(got.message, "iam:PassRole") {
		t.Errorf("got %d %s, want iam:PassRole asked for", got.status, got.message)
	}
}

func TestEveryIAMOperationNeedsItsPermission(t *testing.T) {
	l := newLab(t)
	session := l.as(l.session(l.host()).want(t, 201).keys())
	for _, op := range iam().operations {
		if op.resource == nil {
			if got := session.query("iam", op.name); got.code != "AccessDenied" {
				t.Errorf("%s: got %d %s %s, want it denied", op.name, got.status, got.code, got.message)
			}
			continue
		}
		got := session.query("iam", op.name, "RoleName", "lab", "UserName", "ann", "AccessKeyId", "AKIASANDBOX000000000", "Status", "Active",
			"DeletionTaskId", "task/x", "PolicyName", "p", "PolicyArn", managedPrefix+"AWSDenyAll", "VersionId", "v1",
			"PermissionsBoundary", managedPrefix+"AWSDenyAll", "AssumeRolePolicyDocument", trustsRolesAnywhere, "PolicyDocument", mayListBuckets,
			"Description", "d", "AWSServiceName", "rolesanywhere.amazonaws.com", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b", "TagKeys.member.1", "a")
		if got.code != "AccessDenied" || !strings.Contains(got.message, "is not authorized to perform: iam:"+op.name+" on resource: arn:aws:iam::") {
			t.Errorf("%s: got %d %s %s, want it denied by name and resource", op.name, got.status, got.code, got.message)
		}
	}
}

func TestEveryControlPlaneOperationNeedsItsPermission(t *testing.T) {
	l := newLab(t)
	session := l.as(l.session(l.host()).want(t, 201).keys())
	const some = "00000000-0000-4000-8000-000000000000"
	body := map[string]any{"name": "n", "source": bundle(l.ca.pem()), "roleArns": []string{}, "crlData": []byte("x"), "trustAnchorArn": l.anchor, "trustAnchorId": some,
		"notificationSettings": []any{}, "notificationSettingKeys": []any{}, "certificateField": "x509SAN", "mappingRules": []any{}, "resourceArn": l.anchor, "tags": []any{}, "tagKeys": []any{}}
	for _, op := range rolesAnywhere().operations {
		if op.byCertificate {
			continue
		}
		method, path, _ := strings.Cut(op.route, " ")
		for _, label := range []string{"{trustAnchorId}", "{profileId}", "{crlId}", "{subjectId}"} {
			path = strings.Replace(path, label, some, 1)
		}
		if got := session.ra(method, path, body); got.code != "AccessDeniedException" || !strings.Contains(got.message, "rolesanywhere:"+op.name) {
			t.Errorf("%s: got %d %s %s, want it denied by name", op.name, got.status, got.code, got.message)
		}
	}
}
