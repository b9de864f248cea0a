package doctor

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificates of other people are described, whatever is in them, and nothing
// panics. Each fixture is tried as it is and with single bytes changed, which
// makes negative serials, unknown versions, broken strings and the like.
func TestEveryCertificateIsDescribed(t *testing.T) {
	var files []string
	for _, pattern := range []string{"rules/*.pem", "certificates/*"} {
		found, err := filepath.Glob(filepath.Join("..", "testdata", "pki", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 40 {
		t.Fatalf("got %d fixtures", len(files))
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		describe(t, file, data, at)
		block, _ := pem.Decode(data)
		if block == nil || block.Type != "CERTIFICATE" {
			continue
		}
		for i := 0; i < len(block.Bytes); i += 19 {
			changed := append([]byte{}, block.Bytes...)
			changed[i] ^= 0x81
			describe(t, file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: changed}), at)
		}
	}
}

func describe(t *testing.T, file string, data []byte, at time.Time) {
	t.Helper()
	e := CertificateEvidence(data, file, at)
	r := Diagnose(e)
	if len(e.Certificate.Leaf) == 0 {
		return
	}
	found, _ := r.Finding("RA110")
	if parsed(e.Certificate.Leaf) == nil && (found.Verdict != Fail || len(found.Evidence) == 0 || found.Says == "") {
		t.Errorf("%s: unreadable and not described: %+v", file, found)
	}
}

// What a strict reader refuses is named all the same.
func TestAnUnreadableCertificateIsTakenApart(t *testing.T) {
	l := newLab(t)
	der := append([]byte{}, l.leaf.Raw...)
	at := 0
	for i := range der { // the serial 5e0001, and make it negative
		if der[i] == 0x5e && der[i+1] == 0x00 && der[i+2] == 0x01 {
			at = i
			break
		}
	}
	der[at] = 0xde
	facts, why := dissect(der)
	got := map[string]string{}
	for _, f := range facts {
		got[f.Label] = f.Value
	}
	if got["serial is"] != "negative" || got["version"] != "3" || got["subject"] != "build-box-7" || got["issuer"] != "lab CA" || why == "it can be read" {
		t.Errorf("got %v: %s", got, why)
	}
}

// The words of a line, as the AWS CLI splits it and as others do.
func TestLinesAreTakenApart(t *testing.T) {
	h := takeApart(`/opt/aws_signing_helper credential-process --certificate /a.pem --pkcs8-password hunter2 --role-arn=arn:x stray --unknown y`)
	if h.Flags["certificate"] != "/a.pem" || h.Flags["role-arn"] != "arn:x" || h.Flags["pkcs8-password"] == "hunter2" || len(h.Strange) != 3 {
		t.Errorf("got %+v", h)
	}
	for line, want := range map[string]string{
		"a --pkcs8-password hunter2 --b":              "a --pkcs8-password (not shown) --b",
		"a --tpm-key-password=hunter2":                "a --tpm-key-password (not shown)",
		"a --private-key pkcs11:x?pin-value=1234 --b": "a --private-key pkcs11:x --b",
		"a --certificate b":                           "a --certificate b",
	} {
		if got := withoutSecrets(line); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if h := takeApart(`"C:\Program Files\h.exe" credential-process --certificate x`); len(h.Words) != 4 || len(h.Windows) != 5 {
		t.Errorf("got %q for the AWS CLI, %q for .NET", h.Words, h.Windows)
	}
	if h := takeApart(`/h credential-process --certificate $HOME/x`); len(h.Shell) == 0 {
		t.Error("a shell would expand it, which is not noted")
	}
}

func FuzzTakeApart(f *testing.F) {
	f.Add(`"a b" --certificate 'x`)
	f.Fuzz(func(t *testing.T, line string) {
		takeApart(line)
		withoutSecrets(line)
	})
}
