package doctor

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
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
	if read.Ours != nil {
		t.Error("saved evidence could be repaired")
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
