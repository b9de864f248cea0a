package awsapi_test

import (
	"crypto/rand"
	"errors"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/awsapi/sandbox"
	"anywhere/pki"
	"anywhere/pki/atomicfile"
)

const listBuckets = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"

// life connects to a sandbox of its own.
func life(t *testing.T) *awsapi.Client {
	t.Helper()
	aws, err := sandbox.Open(sandbox.Config{Dir: t.TempDir(), Disk: &atomicfile.Disk{}, Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { aws.Close() })
	server := httptest.NewServer(aws)
	t.Cleanup(server.Close)
	admin := aws.Admin()
	client, err := awsapi.Connect(t.Context(), awsapi.Options{
		Isolated: true, Region: sandbox.DefaultRegion, Endpoint: server.URL,
		Credentials: &awsapi.Keys{AccessKeyID: admin.AccessKeyID, SecretAccessKey: admin.SecretAccessKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func bundle(t *testing.T) string {
	t.Helper()
	key, err := pki.NewKey("p-256", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := pki.NewSerial(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := pki.NewCA(pki.CASpec{
		Name: pki.Name{CommonName: "lab CA"}, Serial: serial,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
	}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(pki.EncodeCertificates(ca))
}

// A set-up from nothing to all of its parts and back, by the SDK against a
// server that shares no code with it.
func TestASetUpLivesAndDies(t *testing.T) {
	client, ctx := life(t), t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tags := map[string]string{"anywhere:setup": "lab", "anywhere:id": "0123456789abcdef"}

	who, err := client.WhoAmI(ctx)
	must(err)
	if who.Account != "000000000000" || who.ServerTime.IsZero() {
		t.Errorf("got %+v, want the sandbox's account and clock", who)
	}

	pem := bundle(t)
	anchor, err := client.CreateAnchor(ctx, awsapi.AnchorSpec{Name: "anywhere-lab-01234567", Source: awsapi.AnchorSource{Bundle: pem}, Tags: tags})
	must(err)
	must(client.PutAnchorNotices(ctx, anchor.ARN, []awsapi.Notice{{Event: "CA_CERTIFICATE_EXPIRY", Enabled: true, Days: 20}}))
	must(client.EnableAnchor(ctx, anchor.ARN))
	there, err := client.Anchor(ctx, anchor.ARN)
	must(err)
	if anchor.Enabled || !there.Enabled || there.Source.Bundle != pem {
		t.Errorf("got %+v then %+v, want it disabled, then enabled with our bundle", anchor, there)
	}
	if !slices.ContainsFunc(there.Notices, func(n awsapi.Notice) bool { return n.Event == "CA_CERTIFICATE_EXPIRY" && n.Days == 20 }) {
		t.Errorf("got notices %+v, want one at 20 days", there.Notices)
	}

	trust := policy.TrustPolicy(policy.TrustSpec{Sid: policy.Sid(tags["anywhere:id"]), AnchorARN: anchor.ARN, Account: who.Account, Restrict: policy.ByCN, Value: "host-01"})
	role, err := client.CreateRole(ctx, awsapi.RoleSpec{Name: "anywhere-lab-01234567", Path: "/lab/", TrustPolicy: trust.JSON(), MaxSessionDuration: 7200, Tags: tags})
	must(err)
	must(client.PutRolePolicy(ctx, role.Name, "inline", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`))
	must(client.AttachRolePolicy(ctx, role.Name, listBuckets))
	must(client.UpdateMaxSession(ctx, role.Name, 3600))
	read, err := client.Role(ctx, role.Name)
	must(err)
	if read.ID != role.ID || read.TrustPolicy != trust.JSON() || read.MaxSessionDuration != 3600 || !maps.Equal(read.Tags, tags) {
		t.Errorf("got %+v, want the role as it was made", read)
	}
	inline, err := client.InlinePolicies(ctx, role.Name)
	must(err)
	attached, err := client.AttachedPolicies(ctx, role.Name)
	must(err)
	if !strings.Contains(inline["inline"], "s3:ListAllMyBuckets") || !slices.Equal(attached, []string{listBuckets}) {
		t.Errorf("got %v and %v", inline, attached)
	}
	managed, err := client.ManagedPolicy(ctx, listBuckets)
	must(err)
	if _, err := policy.Parse([]byte(managed)); err != nil {
		t.Errorf("the managed policy: %v", err)
	}

	profile, err := client.CreateProfile(ctx, awsapi.ProfileSpec{Name: "anywhere-lab-01234567", RoleARNs: []string{role.ARN}, DurationSeconds: 3600, Tags: tags})
	must(err)
	_, err = client.PutAttributeMapping(ctx, profile.ID, awsapi.AttributeMapping{Field: "x509Subject", Specifiers: []string{"CN"}})
	must(err)
	must(client.EnableProfile(ctx, profile.ID))
	listed, err := client.Profiles(ctx)
	must(err)
	if len(listed) != 1 || !listed[0].Enabled || !slices.Equal(listed[0].RoleARNs, []string{role.ARN}) {
		t.Errorf("got %+v, want the one Roles Anywhere profile, enabled", listed)
	}
	seen, err := client.Tags(ctx, profile.ARN)
	must(err)
	if !maps.Equal(seen, tags) {
		t.Errorf("got tags %v, want %v", seen, tags)
	}
	events, err := client.Events(ctx, awsapi.EventQuery{Name: "CreateProfile"})
	must(err)
	if len(events) != 1 || events[0].Source != "rolesanywhere.amazonaws.com" || !strings.Contains(events[0].Record, profile.ID) {
		t.Errorf("got %+v, want the event of the Roles Anywhere profile", events)
	}

	must(client.DisableProfile(ctx, profile.ID))
	must(client.DeleteProfile(ctx, profile.ID))
	must(client.DeleteAnchor(ctx, anchor.ID))
	if err := client.DeleteRole(ctx, role.Name); err == nil || !strings.Contains(err.Error(), "DeleteConflict") {
		t.Errorf("got %v, want IAM's DeleteConflict", err)
	}
	must(client.DetachRolePolicy(ctx, role.Name, listBuckets))
	must(client.DeleteRolePolicy(ctx, role.Name, "inline"))
	must(client.DeleteRole(ctx, role.Name))
	_, noAnchor := client.Anchor(ctx, anchor.ID)
	_, noProfile := client.Profile(ctx, profile.ID)
	_, noRole := client.Role(ctx, role.Name)
	for _, err := range []error{noAnchor, noProfile, noRole} {
		if !errors.Is(err, awsapi.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	}
}

func TestWhatCannotBeSaidIsRefusedInAWSsWords(t *testing.T) {
	client := life(t)
	_, err := client.CreateAnchor(t.Context(), awsapi.AnchorSpec{Name: "lab", Source: awsapi.AnchorSource{Bundle: "no certificate"}})
	refusal, ok := errors.AsType[*awsapi.Refusal](err)
	if !ok || refusal.Status != 400 || refusal.Code != "ValidationException" || refusal.RequestID == "" {
		t.Errorf("got %v, want a ValidationException with its request", err)
	}
	_, err = client.CreateRole(t.Context(), awsapi.RoleSpec{Name: "lab", TrustPolicy: `{"Statement":{}}`})
	refusal, ok = errors.AsType[*awsapi.Refusal](err)
	if !ok || refusal.Code != "MalformedPolicyDocument" {
		t.Errorf("got %v, want MalformedPolicyDocument", err)
	}
}
