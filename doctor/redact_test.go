package doctor

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi/policy"
)

// Labels stand for the same thing everywhere, so that differences stay visible.
func TestRedactedEvidenceIsJudgedAlike(t *testing.T) {
	l := newLab(t)
	l.e.AWS.Profile.Value.RoleARNs = []string{labRole + "-other"}
	l.refuse("Requested Role isn't one of those listed in the Profile.")
	e := l.evidence()
	e.Environment = []Variable{{Name: "AWS_CONFIG_FILE", Value: "/home/ops1/.aws/config"}, {Name: "AWS_PROFILE", Value: "lab"}}
	redacted := Redact(e)
	data, err := json.Marshal(redacted)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{labAccount, "anywhere-lab-7f3a91c2", "ops1"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("%s is in it", secret)
		}
	}
	read, err := DecodeEvidence(data)
	if err != nil {
		t.Fatal(err)
	}
	before, after := Diagnose(e), Diagnose(read)
	if after.Cause == nil || *after.Cause != *before.Cause || read.Target.RoleARN == read.AWS.Profile.Value.RoleARNs[0] {
		t.Errorf("got %v for the redacted, %v before", after.Causes, before.Causes)
	}
	if read.Ours != nil && *read.Ours != (Ours{RoleID: read.Ours.RoleID, Permits: read.Ours.Permits}) {
		t.Errorf("got %+v, which could be repaired", *read.Ours)
	}
}

// Whatever is wrong, saved evidence is judged as the evidence itself, at all its
// checks that fail or warn.
func TestEveryFaultIsTheSameInSavedEvidence(t *testing.T) {
	for _, f := range faults() {
		t.Run(string(f.code)+" "+f.name, func(t *testing.T) {
			l := newLab(t)
			f.brk(l)
			e := l.evidence()
			saved, err := DecodeEvidence(Saved(e))
			if err != nil {
				t.Fatal(err)
			}
			before, after := Diagnose(e), Diagnose(saved)
			for _, v := range []Verdict{Fail, Warn} {
				if got, want := outcome(after, v), outcome(before, v); got != want {
					t.Errorf("%s: got %q, want %q", v, got, want)
				}
			}
			if slices.ContainsFunc(after.Findings, func(r Result) bool { return r.Fix.Automatic || r.Fix.Edit != nil }) {
				t.Error("saved evidence could be repaired")
			}
			if !slices.Equal(before.Causes, after.Causes) {
				t.Errorf("got causes %v, want %v", after.Causes, before.Causes)
			}
		})
	}
}

// A field that nobody listed is not saved: every string and number of evidence is
// filled, and only what is listed comes through.
func TestNothingIsSavedThatIsNotListed(t *testing.T) {
	e := newLab(t).evidence()
	fill(reflect.ValueOf(e).Elem(), 0)
	fields, saved := savedFields(), leaves(t, Redact(e))
	for path := range saved {
		if _, listed := fields[path]; !listed {
			t.Errorf("%s is saved and not listed", path)
		}
	}
	all := leaves(t, e)
	for path := range fields {
		if !all[path] {
			t.Errorf("%s is listed, and evidence has no such field", path)
		}
	}
	for _, path := range []string{"ours.line", "aws.role.value.Tags.secret", "aws.disabled.value[].Record", "aws.trail.value[].AccessKeyID", "exchange.session.value.accessKeyId",
		"aws.caller.value.UserID", "aws.roles.value[].TrustPolicy", "aws.anchors.value[].Name", "subject.fix"} {
		if !all[path] || saved[path] {
			t.Errorf("%s: there %v, saved %v; want it there and not saved", path, all[path], saved[path])
		}
	}
}

// fill gives every field a value.
func fill(v reflect.Value, depth int) {
	if depth > 12 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0x30, 0x00})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("secret"), reflect.ValueOf("secret"))
	case reflect.String:
		v.SetString("secret")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(SchemaVersion)
	case reflect.Uint32:
		v.SetUint(1)
	}
}

// leaves are the paths of a document at which something stands.
func leaves(t *testing.T, e *Evidence) map[string]bool {
	t.Helper()
	var tree any
	reread(encode(e), &tree)
	found := map[string]bool{}
	var visit func(node any, path string)
	visit = func(node any, path string) {
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				visit(value, below(path, key))
			}
		case []any:
			for _, value := range node {
				visit(value, path+"[]")
			}
		case nil:
		default:
			if !reflect.ValueOf(node).IsZero() && node != "0001-01-01T00:00:00Z" {
				found[path] = true
			}
		}
	}
	visit(tree, "")
	return found
}

// Names are told apart and told alike wherever they stand: in certificates,
// policies, AWS's sentences, paths, lines and the environment.
func TestSavedEvidenceNamesNobodyAnywhere(t *testing.T) {
	l := newLab(t)
	l.remakeCA(func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "Widgets Root", Organization: []string{"Widgets GmbH"}, Country: []string{"DE"}}
	})
	l.issue(func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "press-17.widgets.example", Organization: []string{"Widgets GmbH"}, OrganizationalUnit: []string{"Foundry"}}
		c.DNSNames, c.EmailAddresses = []string{"press-17.widgets.example", "alt.widgets.example"}, []string{"ops@widgets.example"}
		c.CRLDistributionPoints, c.OCSPServer = []string{"http://crl.widgets.example/ca.crl"}, []string{"http://ocsp.widgets.example"}
		c.IPAddresses = []net.IP{net.ParseIP("10.17.0.4")}
	})
	l.trust = policy.TrustPolicy(policy.TrustSpec{Sid: "Anywhere7f3a91c2", AnchorARN: labAnchor, Account: labAccount, Restrict: policy.ByCN, Value: "press-18.widgets.example"})
	l.refuse("Unable to assume role for " + labRole + ".")
	e := l.evidence()
	e.Name = "widgets"
	e.Environment = []Variable{{Name: "AWS_CONFIG_FILE", Value: "/home/ops1/.aws/config"}, {Name: "AWS_PROFILE", Value: "widgets"}, {Name: "AWS_CA_BUNDLE", Value: "/srv/widgets.pem"}}
	e.Config.Profile, e.Config.Section = "widgets", "profile widgets"
	e.Config.Line = "/srv/widgets/aws_signing_helper credential-process --certificate /srv/widgets/press.pem --hush-hush s3cr3t --region eu-west-1"
	e.Config.Helper = takeApart(e.Config.Line)
	e.Key.Ref, e.Key.File.Path = "pkcs11:token=widgets;object=press", "/srv/widgets/press.key"
	e.AWS.Trouble = &Trouble{Kind: Failed, Says: "open /srv/widgets/press.pem on press-17.widgets.example by ops@widgets.example at 10.17.0.4: no", Fix: "rm -rf /"}
	e.AWS.Policies.Value = map[string]string{"widgets-read": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::widgets-plans/*"}]}`}
	redacted := Redact(e)
	data := string(encode(redacted)) + string(redacted.Certificate.Leaf) + redacted.AWS.Anchor.Value.Source.Bundle
	for _, secret := range []string{"idgets", "IDGETS", "Foundry", "press-1", "ops1", "ops@", "10.17.0.4", "\x0a\x11\x00\x04", labAccount, "anywhere-lab-7f3a91c2", "s3cr3t", "hush", "rm -rf", "AKIA", "plans"} {
		if strings.Contains(data, secret) {
			t.Errorf("%q is in it:\n%s", secret, data)
		}
	}
	leaf := parsed(redacted.Certificate.Leaf)
	if leaf == nil || leaf.Subject.CommonName != leaf.DNSNames[0] || leaf.DNSNames[0] == leaf.DNSNames[1] || leaf.Subject.Organization[0] != leaf.Issuer.Organization[0] {
		t.Fatalf("got %+v, want like names alike and others apart", leaf)
	}
	if wanted := redacted.AWS.Role.Value.TrustPolicy; strings.Contains(wanted, `"`+leaf.Subject.CommonName+`"`) || !strings.Contains(wanted, "NAME-") {
		t.Errorf("certificate has %s, policy %s: the difference is lost", leaf.Subject.CommonName, wanted)
	}
	if redacted.Environment[1].Value != redacted.Config.Profile || redacted.Environment[0].Value != "" {
		t.Errorf("got %+v and profile %s", redacted.Environment, redacted.Config.Profile)
	}
}

// A condition that holds goes on holding, and one that does not goes on failing.
func TestConditionsKeepTheirOutcomeWhenSaved(t *testing.T) {
	for name, tt := range map[string]struct {
		operator, key, value string
	}{
		"the name itself":                {"StringEquals", "aws:PrincipalTag/x509Subject/CN", "build-box-7"},
		"a pattern that covers it":       {"StringLike", "aws:PrincipalTag/x509Subject/CN", "build-*"},
		"a pattern that does not":        {"StringLike", "aws:PrincipalTag/x509Subject/CN", "web-*"},
		"another name":                   {"StringEquals", "aws:PrincipalTag/x509Subject/CN", "build-box-8"},
		"the source identity":            {"StringEquals", "sts:SourceIdentity", "CN=build-box-7"},
		"anything":                       {"StringLike", "aws:PrincipalTag/x509Subject/CN", "*"},
		"the issuer's name":              {"StringEquals", "aws:PrincipalTag/x509Issuer/CN", "lab CA"},
		"not another's":                  {"StringNotEquals", "aws:PrincipalTag/x509Subject/CN", "web-1"},
		"the anchor by a pattern":        {"ArnLike", "aws:SourceArn", "arn:aws:rolesanywhere:*:111122223333:trust-anchor/*"},
		"the anchor of another account":  {"ArnLike", "aws:SourceArn", "arn:aws:rolesanywhere:*:444455556666:trust-anchor/*"},
		"the account":                    {"StringEquals", "aws:SourceAccount", labAccount},
		"the name in capitals, any case": {"StringEqualsIgnoreCase", "aws:PrincipalTag/x509Subject/CN", "build-box-7"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			doc, err := policy.Parse([]byte(strings.Replace(l.trust.JSON(), `"Condition":{`, `"Condition":{"`+tt.operator+`":{"`+tt.key+`":"`+tt.value+`"},`, 1)))
			if err != nil {
				doc, err = policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Sid":"Anywhere7f3a91c2","Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"` +
					tt.operator + `":{"` + tt.key + `":"` + tt.value + `"}}}]}`))
			}
			if err != nil {
				t.Fatal(err)
			}
			l.trust = doc
			e := l.evidence()
			saved, err := DecodeEvidence(Saved(e))
			if err != nil {
				t.Fatal(err)
			}
			for _, code := range []Code{"RA302", "RA303", "RA305", "RA210"} {
				before, _ := Diagnose(e).Finding(code)
				after, _ := Diagnose(saved).Finding(code)
				if before.Verdict != after.Verdict {
					t.Errorf("%s: got %s, want %s: %s", code, after.Verdict, before.Verdict, saved.AWS.Role.Value.TrustPolicy)
				}
			}
		})
	}
}

func TestEvidenceOfAnotherVersionIsRefused(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "{}", `{"schemaVersion":2}`, "{"} {
		if _, err := DecodeEvidence([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// Saved evidence is hostile: whatever it holds, it is judged or refused.
func FuzzEvidence(f *testing.F) {
	l := newLab(f)
	data, err := json.Marshal(l.evidence())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"schemaVersion":1,"certificate":{"leaf":"MAA=","all":["MAA="]},"aws":{"anchor":{"asked":true},"role":{"asked":true,"value":{"TrustPolicy":"{}"}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := DecodeEvidence(data)
		if err != nil {
			return
		}
		r := Diagnose(e)
		r.Text(io.Discard, ASCII())
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}
