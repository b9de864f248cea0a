package awsapi

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	anchorJSON = `{"trustAnchorArn":"arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/ta-1","trustAnchorId":"ta-1","name":"lab","enabled":true,
		"source":{"sourceType":"CERTIFICATE_BUNDLE","sourceData":{"x509CertificateData":"PEM"}},"createdAt":"2026-01-02T03:04:05.123456Z",
		"notificationSettings":[{"event":"CA_CERTIFICATE_EXPIRY","enabled":true,"threshold":45,"channel":"ALL"}]}`
	profileJSON = `{"profileArn":"arn:aws:rolesanywhere:eu-central-1:111122223333:profile/p-1","profileId":"p-1","name":"lab","enabled":false,"durationSeconds":3600,
		"roleArns":["arn:r"],"acceptRoleSessionName":true,"createdBy":"arn:me","attributeMappings":[{"certificateField":"x509SAN","mappingRules":[{"specifier":"URI"}]}]}`
	roleXML = `<Role><Arn>arn:aws:iam::111122223333:role/x/lab</Arn><RoleName>lab</RoleName><Path>/x/</Path><RoleId>AROA1</RoleId>
		<AssumeRolePolicyDocument>%7B%22Statement%22%3A%20%22a%2Bb%22%7D</AssumeRolePolicyDocument><MaxSessionDuration>7200</MaxSessionDuration>
		<PermissionsBoundary><PermissionsBoundaryArn>arn:b</PermissionsBoundaryArn></PermissionsBoundary><CreateDate>2026-01-02T03:04:05Z</CreateDate>
		<RoleLastUsed><LastUsedDate>2026-02-02T03:04:05Z</LastUsedDate></RoleLastUsed><Tags><member><Key>anywhere:id</Key><Value>1</Value></member></Tags></Role>`
)

func anchor() Anchor {
	return Anchor{
		ARN: "arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/ta-1", ID: "ta-1", Name: "lab", Enabled: true,
		Source:    AnchorSource{Bundle: "PEM"},
		Notices:   []Notice{{Event: "CA_CERTIFICATE_EXPIRY", Enabled: true, Days: 45}},
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC),
	}
}

func profile() Profile {
	return Profile{
		ARN: "arn:aws:rolesanywhere:eu-central-1:111122223333:profile/p-1", ID: "p-1", Name: "lab", RoleARNs: []string{"arn:r"},
		DurationSeconds: 3600, AcceptRoleSessionName: true, CreatedBy: "arn:me",
		AttributeMappings: []AttributeMapping{{Field: "x509SAN", Specifiers: []string{"URI"}}},
	}
}

func role() Role {
	return Role{
		ARN: "arn:aws:iam::111122223333:role/x/lab", Name: "lab", Path: "/x/", ID: "AROA1", TrustPolicy: `{"Statement": "a+b"}`,
		MaxSessionDuration: 7200, PermissionsBoundary: "arn:b", Tags: map[string]string{"anywhere:id": "1"},
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), LastUsed: time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC),
	}
}

// exchange is one method of [API] on the wire.
type exchange struct {
	ask     func(context.Context, *Client) (any, error)
	answers []answer
	want    any      // result
	wire    []string // what AWS must have been asked
}

func only(err error) (any, error) { return nil, err }

func readExchanges() map[string]exchange {
	return map[string]exchange{
		"WhoAmI": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				who, err := c.WhoAmI(ctx)
				who.ServerTime = time.Time{} // the fake's own clock; see TestTheClockOfAWSIsTold
				return who, err
			},
			answers: ok(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws-cn:iam::111122223333:user/me</Arn><UserId>AIDA1</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`),
			want:    Caller{Account: "111122223333", ARN: "arn:aws-cn:iam::111122223333:user/me", UserID: "AIDA1", Partition: "aws-cn", Source: "StaticCredentials"},
			wire:    []string{"POST / 2011-06-15\nAction=GetCallerIdentity"},
		},
		"Anchors, in pages": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Anchors(ctx) },
			answers: ok(`{"trustAnchors":[`+anchorJSON+`],"nextToken":"more"}`, `{"trustAnchors":[`+anchorJSON+`]}`),
			want:    []Anchor{anchor(), anchor()},
			wire:    []string{"GET /trustanchors", "GET /trustanchors?nextToken=more"},
		},
		"Anchor by ARN": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Anchor(ctx, anchor().ARN) },
			answers: ok(`{"trustAnchor":` + anchorJSON + `}`), want: anchor(),
			wire: []string{"GET /trustanchor/ta-1"},
		},
		"Anchor of a private CA": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Anchor(ctx, "ta-2") },
			answers: ok(`{"trustAnchor":{"trustAnchorId":"ta-2","source":{"sourceType":"AWS_ACM_PCA","sourceData":{"acmPcaArn":"arn:pca"}}}}`),
			want:    Anchor{ID: "ta-2", Source: AnchorSource{PrivateCA: "arn:pca"}},
			wire:    []string{"GET /trustanchor/ta-2"},
		},
		"Profiles, in pages": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Profiles(ctx) },
			answers: ok(`{"profiles":[`+profileJSON+`],"nextToken":"more"}`, `{"profiles":[]}`),
			want:    []Profile{profile()},
			wire:    []string{"GET /profiles", "GET /profiles?nextToken=more"},
		},
		"Profile by ID": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Profile(ctx, "p-1") },
			answers: ok(`{"profile":` + profileJSON + `}`), want: profile(),
			wire: []string{"GET /profile/p-1"},
		},
		"Profile without mappings": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Profile(ctx, "p-2") },
			answers: ok(`{"profile":{"profileId":"p-2","attributeMappings":null}}`), want: Profile{ID: "p-2"},
			wire: []string{"GET /profile/p-2"},
		},
		"CRLs": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.CRLs(ctx) },
			answers: ok(`{"crls":[{"crlArn":"arn:c/crl-1","crlId":"crl-1","name":"n","enabled":true,"trustAnchorArn":"arn:t","crlData":"AQI="}]}`),
			want:    []CRL{{ARN: "arn:c/crl-1", ID: "crl-1", Name: "n", AnchorARN: "arn:t", Enabled: true, Data: []byte{1, 2}}},
			wire:    []string{"GET /crls"},
		},
		"Subjects, in pages": {
			ask: func(ctx context.Context, c *Client) (any, error) { return c.Subjects(ctx) },
			answers: ok(`{"subjects":[{"subjectArn":"arn:s/s-1","subjectId":"s-1","enabled":true,"x509Subject":"CN=host-01","lastSeenAt":"2026-01-02T03:04:05Z"}],"nextToken":"more"}`,
				`{"subjects":[]}`),
			want: []Subject{{ARN: "arn:s/s-1", ID: "s-1", Enabled: true, X509Subject: "CN=host-01", LastSeenAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
			wire: []string{"GET /subjects", "GET /subjects?nextToken=more"},
		},
		"Subject by ID, with its attempts": {
			ask: func(ctx context.Context, c *Client) (any, error) { return c.Subject(ctx, "s-1") },
			answers: ok(`{"subject":{"subjectArn":"arn:s/s-1","subjectId":"s-1","enabled":true,"x509Subject":"CN=host-01","credentials":[
				{"seenAt":"2026-01-02T03:04:05Z","serialNumber":"4096","issuer":"CN=lab CA","enabled":true,"x509CertificateData":"PEM","failed":true}]}}`),
			want: Subject{ARN: "arn:s/s-1", ID: "s-1", Enabled: true, X509Subject: "CN=host-01",
				Attempts: []Attempt{{SeenAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Serial: "4096", Issuer: "CN=lab CA", Certificate: "PEM", Failed: true}}},
			wire: []string{"GET /subject/s-1"},
		},
		"PrivateCA": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.PrivateCA(ctx, "arn:pca") },
			answers: ok(`{"Certificate":"PEM","CertificateChain":"ABOVE"}`, `{"CertificateAuthority":{"Arn":"arn:pca","Status":"ACTIVE"}}`),
			want:    PrivateCA{ARN: "arn:pca", Status: "ACTIVE", Certificate: "PEM", Chain: "ABOVE"},
			wire: []string{"POST / ACMPrivateCA.GetCertificateAuthorityCertificate\n" + `{"CertificateAuthorityArn":"arn:pca"}`,
				"POST / ACMPrivateCA.DescribeCertificateAuthority\n" + `{"CertificateAuthorityArn":"arn:pca"}`},
		},
		"Tags": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Tags(ctx, "arn:aws:x") },
			answers: ok(`{"tags":[{"key":"anywhere:id","value":"1"}]}`), want: map[string]string{"anywhere:id": "1"},
			wire: []string{"GET /ListTagsForResource?resourceArn=arn%3Aaws%3Ax"},
		},
		"Role": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Role(ctx, "lab") },
			answers: ok(iamXML("GetRole", roleXML)), want: role(),
			wire: []string{"POST / 2010-05-08\nAction=GetRole\nRoleName=lab"},
		},
		"Roles, in pages": {
			ask: func(ctx context.Context, c *Client) (any, error) { return c.Roles(ctx) },
			answers: ok(iamXML("ListRoles", `<IsTruncated>true</IsTruncated><Marker>m</Marker><Roles>`+strings.NewReplacer("<Role>", "<member>", "</Role>", "</member>").Replace(roleXML)+`</Roles>`),
				iamXML("ListRoles", `<IsTruncated>false</IsTruncated><Roles/>`)),
			want: []Role{role()},
			wire: []string{"POST / 2010-05-08\nAction=ListRoles", "POST / 2010-05-08\nAction=ListRoles\nMarker=m"},
		},
		"InlinePolicies": {
			ask: func(ctx context.Context, c *Client) (any, error) { return c.InlinePolicies(ctx, "lab") },
			answers: ok(iamXML("ListRolePolicies", `<IsTruncated>false</IsTruncated><PolicyNames><member>p</member></PolicyNames>`),
				iamXML("GetRolePolicy", `<PolicyDocument>%7B%7D</PolicyDocument><PolicyName>p</PolicyName>`)),
			want: map[string]string{"p": "{}"},
			wire: []string{"POST / 2010-05-08\nAction=ListRolePolicies\nRoleName=lab",
				"POST / 2010-05-08\nAction=GetRolePolicy\nPolicyName=p\nRoleName=lab"},
		},
		"AttachedPolicies": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.AttachedPolicies(ctx, "lab") },
			answers: ok(iamXML("ListAttachedRolePolicies", `<IsTruncated>false</IsTruncated><AttachedPolicies><member><PolicyName>n</PolicyName><PolicyArn>arn:p</PolicyArn></member></AttachedPolicies>`)),
			want:    []string{"arn:p"},
			wire:    []string{"POST / 2010-05-08\nAction=ListAttachedRolePolicies\nRoleName=lab"},
		},
		"ManagedPolicy, not encoded": {
			ask: func(ctx context.Context, c *Client) (any, error) { return c.ManagedPolicy(ctx, "arn:p") },
			answers: ok(iamXML("GetPolicy", `<Policy><DefaultVersionId>v7</DefaultVersionId></Policy>`),
				iamXML("GetPolicyVersion", `<PolicyVersion><Document>{"a": "100%25"}</Document></PolicyVersion>`)),
			want: `{"a": "100%25"}`,
			wire: []string{"POST / 2010-05-08\nAction=GetPolicy\nPolicyArn=arn%3Ap",
				"POST / 2010-05-08\nAction=GetPolicyVersion\nPolicyArn=arn%3Ap\nVersionId=v7"},
		},
		"InstanceProfiles": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.InstanceProfiles(ctx, "lab") },
			answers: ok(iamXML("ListInstanceProfilesForRole", `<IsTruncated>false</IsTruncated><InstanceProfiles><member><InstanceProfileName>web</InstanceProfileName></member></InstanceProfiles>`)),
			want:    []string{"web"},
			wire:    []string{"POST / 2010-05-08\nAction=ListInstanceProfilesForRole\nRoleName=lab"},
		},
		"Events, up to a limit over pages": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.Events(ctx, EventQuery{Username: "00ff", Since: time.Unix(1700000000, 0), Limit: 2})
			},
			answers: ok(`{"Events":[{"EventId":"1","EventName":"CreateSession","EventSource":"rolesanywhere.amazonaws.com","EventTime":1700000001,"Username":"00ff","AccessKeyId":"ASIA1","CloudTrailEvent":"{}"}],"NextToken":"t"}`,
				`{"Events":[{"EventId":"2"},{"EventId":"3"}],"NextToken":"u"}`),
			want: []Event{{ID: "1", Name: "CreateSession", Source: "rolesanywhere.amazonaws.com", Time: time.Unix(1700000001, 0).UTC(), Username: "00ff", AccessKeyID: "ASIA1", Record: "{}"}, {ID: "2"}},
			wire: []string{
				"POST / CloudTrail_20131101.LookupEvents\n" + `{"LookupAttributes":[{"AttributeKey":"Username","AttributeValue":"00ff"}],"MaxResults":2,"StartTime":1700000000}`,
				"POST / CloudTrail_20131101.LookupEvents\n" + `{"LookupAttributes":[{"AttributeKey":"Username","AttributeValue":"00ff"}],"MaxResults":2,"NextToken":"t","StartTime":1700000000}`,
			},
		},
		"Buckets": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.Buckets(ctx) },
			answers: ok(`<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>`),
			want:    []string{"b"},
			wire:    []string{"GET /?x-id=ListBuckets"},
		},
	}
}

func writeExchanges() map[string]exchange {
	tags := map[string]string{"anywhere:setup": "lab", "anywhere:id": "1"}
	return map[string]exchange{
		"CreateAnchor": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.CreateAnchor(ctx, AnchorSpec{Name: "lab", Source: AnchorSource{Bundle: "PEM"}, Tags: tags,
					Notices: []Notice{{Event: "CA_CERTIFICATE_EXPIRY", Enabled: true, Days: 20}}})
			},
			answers: []answer{{status: 201, body: `{"trustAnchor":` + anchorJSON + `}`}}, want: anchor(),
			wire: []string{"POST /trustanchors\n" + `{"enabled":false,"name":"lab","notificationSettings":[{"channel":"ALL","enabled":true,"event":"CA_CERTIFICATE_EXPIRY","threshold":20}],"source":{"sourceData":{"x509CertificateData":"PEM"},"sourceType":"CERTIFICATE_BUNDLE"},"tags":[{"key":"anywhere:id","value":"1"},{"key":"anywhere:setup","value":"lab"}]}`},
		},
		"UpdateAnchorSource": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.UpdateAnchorSource(ctx, "ta-1", AnchorSource{PrivateCA: "arn:pca"})
			},
			answers: ok(`{"trustAnchor":` + anchorJSON + `}`), want: anchor(),
			wire: []string{"PATCH /trustanchor/ta-1\n" + `{"source":{"sourceData":{"acmPcaArn":"arn:pca"},"sourceType":"AWS_ACM_PCA"}}`},
		},
		"PutAnchorNotices": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return only(c.PutAnchorNotices(ctx, "ta-1", []Notice{{Event: "CA_CERTIFICATE_EXPIRY"}}))
			},
			answers: ok(`{"trustAnchor":` + anchorJSON + `}`),
			wire:    []string{"PATCH /put-notifications-settings\n" + `{"notificationSettings":[{"channel":"ALL","enabled":false,"event":"CA_CERTIFICATE_EXPIRY"}],"trustAnchorId":"ta-1"}`},
		},
		"EnableAnchor":  {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.EnableAnchor(ctx, "ta-1")) }, answers: ok(`{}`), wire: []string{"POST /trustanchor/ta-1/enable"}},
		"DisableAnchor": {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.DisableAnchor(ctx, "ta-1")) }, answers: ok(`{}`), wire: []string{"POST /trustanchor/ta-1/disable"}},
		"DeleteAnchor":  {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.DeleteAnchor(ctx, anchor().ARN)) }, answers: ok(`{}`), wire: []string{"DELETE /trustanchor/ta-1"}},
		"CreateProfile": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.CreateProfile(ctx, ProfileSpec{Name: "lab", RoleARNs: []string{"arn:r"}, DurationSeconds: 900, SessionPolicy: "{}", ManagedPolicyARNs: []string{"arn:m"}, Tags: tags})
			},
			answers: []answer{{status: 201, body: `{"profile":` + profileJSON + `}`}}, want: profile(),
			wire: []string{"POST /profiles\n" + `{"acceptRoleSessionName":false,"durationSeconds":900,"enabled":false,"managedPolicyArns":["arn:m"],"name":"lab","roleArns":["arn:r"],"sessionPolicy":"{}","tags":[{"key":"anywhere:id","value":"1"},{"key":"anywhere:setup","value":"lab"}]}`},
		},
		"UpdateProfileRoles, to none": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return c.UpdateProfileRoles(ctx, "p-1", nil) },
			answers: ok(`{"profile":` + profileJSON + `}`), want: profile(),
			wire: []string{"PATCH /profile/p-1\n" + `{"roleArns":[]}`},
		},
		"PutAttributeMapping": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.PutAttributeMapping(ctx, "p-1", AttributeMapping{Field: "x509SAN", Specifiers: []string{"URI", "DNS"}})
			},
			answers: ok(`{"profile":` + profileJSON + `}`), want: profile(),
			wire: []string{"PUT /profiles/p-1/mappings\n" + `{"certificateField":"x509SAN","mappingRules":[{"specifier":"URI"},{"specifier":"DNS"}]}`},
		},
		"EnableProfile":  {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.EnableProfile(ctx, "p-1")) }, answers: ok(`{}`), wire: []string{"POST /profile/p-1/enable"}},
		"DisableProfile": {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.DisableProfile(ctx, "p-1")) }, answers: ok(`{}`), wire: []string{"POST /profile/p-1/disable"}},
		"DeleteProfile":  {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.DeleteProfile(ctx, "p-1")) }, answers: ok(`{}`), wire: []string{"DELETE /profile/p-1"}},
		"ImportCRL": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.ImportCRL(ctx, CRLSpec{Name: "n", AnchorARN: "arn:t", Data: []byte{1, 2}, Enabled: true})
			},
			answers: ok(`{"crl":{"crlArn":"arn:c/crl-1","crlId":"crl-1","name":"n","trustAnchorArn":"arn:t","enabled":true,"crlData":"AQI="}}`),
			want:    CRL{ARN: "arn:c/crl-1", ID: "crl-1", Name: "n", AnchorARN: "arn:t", Enabled: true, Data: []byte{1, 2}},
			wire:    []string{"POST /crls\n" + `{"crlData":"AQI=","enabled":true,"name":"n","trustAnchorArn":"arn:t"}`},
		},
		"UpdateCRL": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.UpdateCRL(ctx, "arn:c/crl-1", []byte{1, 2})
			},
			answers: ok(`{"crl":{"crlId":"crl-1","crlData":"AQI="}}`),
			want:    CRL{ID: "crl-1", Data: []byte{1, 2}},
			wire:    []string{"PATCH /crl/crl-1\n" + `{"crlData":"AQI="}`},
		},
		"EnableCRL":  {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.EnableCRL(ctx, "crl-1")) }, answers: ok(`{"crl":{}}`), wire: []string{"POST /crl/crl-1/enable"}},
		"DisableCRL": {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.DisableCRL(ctx, "crl-1")) }, answers: ok(`{"crl":{}}`), wire: []string{"POST /crl/crl-1/disable"}},
		"DeleteCRL":  {ask: func(ctx context.Context, c *Client) (any, error) { return only(c.DeleteCRL(ctx, "crl-1")) }, answers: ok(`{"crl":{}}`), wire: []string{"DELETE /crl/crl-1"}},
		"CreateRole": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return c.CreateRole(ctx, RoleSpec{Name: "lab", Path: "/x/", TrustPolicy: "{}", MaxSessionDuration: 7200, PermissionsBoundary: "arn:b", Description: "d", Tags: map[string]string{"anywhere:id": "1"}})
			},
			answers: ok(iamXML("CreateRole", roleXML)), want: role(),
			wire: []string{"POST / 2010-05-08\nAction=CreateRole\nAssumeRolePolicyDocument=%7B%7D\nDescription=d\nMaxSessionDuration=7200\nPath=%2Fx%2F\nPermissionsBoundary=arn%3Ab\nRoleName=lab\nTags.member.1.Key=anywhere%3Aid\nTags.member.1.Value=1"},
		},
		"UpdateTrustPolicy": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return only(c.UpdateTrustPolicy(ctx, "lab", "{}")) },
			answers: ok(iamXML("UpdateAssumeRolePolicy", "")),
			wire:    []string{"POST / 2010-05-08\nAction=UpdateAssumeRolePolicy\nPolicyDocument=%7B%7D\nRoleName=lab"},
		},
		"UpdateMaxSession": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return only(c.UpdateMaxSession(ctx, "lab", 43200)) },
			answers: ok(iamXML("UpdateRole", "")),
			wire:    []string{"POST / 2010-05-08\nAction=UpdateRole\nMaxSessionDuration=43200\nRoleName=lab"},
		},
		"PutRolePolicy": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return only(c.PutRolePolicy(ctx, "lab", "p", "{}")) },
			answers: ok(iamXML("PutRolePolicy", "")),
			wire:    []string{"POST / 2010-05-08\nAction=PutRolePolicy\nPolicyDocument=%7B%7D\nPolicyName=p\nRoleName=lab"},
		},
		"DeleteRolePolicy": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return only(c.DeleteRolePolicy(ctx, "lab", "p")) },
			answers: ok(iamXML("DeleteRolePolicy", "")),
			wire:    []string{"POST / 2010-05-08\nAction=DeleteRolePolicy\nPolicyName=p\nRoleName=lab"},
		},
		"AttachRolePolicy": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return only(c.AttachRolePolicy(ctx, "lab", "arn:p"))
			},
			answers: ok(iamXML("AttachRolePolicy", "")),
			wire:    []string{"POST / 2010-05-08\nAction=AttachRolePolicy\nPolicyArn=arn%3Ap\nRoleName=lab"},
		},
		"DetachRolePolicy": {
			ask: func(ctx context.Context, c *Client) (any, error) {
				return only(c.DetachRolePolicy(ctx, "lab", "arn:p"))
			},
			answers: ok(iamXML("DetachRolePolicy", "")),
			wire:    []string{"POST / 2010-05-08\nAction=DetachRolePolicy\nPolicyArn=arn%3Ap\nRoleName=lab"},
		},
		"DeleteRole": {
			ask:     func(ctx context.Context, c *Client) (any, error) { return only(c.DeleteRole(ctx, "lab")) },
			answers: ok(iamXML("DeleteRole", "")),
			wire:    []string{"POST / 2010-05-08\nAction=DeleteRole\nRoleName=lab"},
		},
	}
}

func TestEveryMethodSpeaksAWSsWireFormat(t *testing.T) {
	for _, exchanges := range []map[string]exchange{readExchanges(), writeExchanges()} {
		for name, x := range exchanges {
			t.Run(name, func(t *testing.T) {
				client, fake := against(t, x.answers)
				got, err := x.ask(t.Context(), client)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, x.want) {
					t.Errorf("got  %+v\nwant %+v", got, x.want)
				}
				var wire []string
				for _, asked := range fake.asked {
					wire = append(wire, asked.String())
				}
				if !reflect.DeepEqual(wire, x.wire) {
					t.Errorf("asked %q\nwant  %q", wire, x.wire)
				}
				if agent := fake.asked[0].agent; !strings.Contains(agent, "anywhere/1.2.3") {
					t.Errorf("User-Agent is %q, want anywhere/1.2.3 in it", agent)
				}
			})
		}
	}
}

// A method that is missing above would go untested.
func TestEveryMethodOfTheInterfaceIsExchanged(t *testing.T) {
	exchanges := readExchanges()
	for name, x := range writeExchanges() {
		exchanges[name] = x
	}
	seen := map[string]bool{}
	for name := range exchanges {
		seen[strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' })[0]] = true
	}
	for method := range reflect.TypeFor[API]().Methods() {
		if !seen[method.Name] {
			t.Errorf("%s has no exchange", method.Name)
		}
	}
}
