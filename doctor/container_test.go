package doctor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/doctor"
)

// A PKCS #12 file was once called a certificate that cannot be read, and a password
// in the line a path with a blank, since "(not shown)" stands in its place.
func TestPKCS12FilesAreReadWithTheirKey(t *testing.T) {
	dir := filepath.Join("..", "testdata", "pki", "certificates")
	files, err := filepath.Glob(filepath.Join(dir, "*.p12"))
	if err != nil || len(files) == 0 {
		t.Fatal("no PKCS #12 fixtures: ", err)
	}
	opened := 0
	for _, file := range files {
		path := filepath.Join(t.TempDir(), "m.p12")
		data, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		config := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(config, []byte("[profile lab]\ncredential_process = /opt/aws_signing_helper credential-process --certificate "+path+
			" --pkcs8-password secret --trust-anchor-arn a --profile-arn p --role-arn r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		subject, _ := doctor.SubjectOfLine(doctor.ReadAWSProfile(config, "", "lab"), "/")
		for _, client := range []doctor.Client{doctor.ClientHelper, doctor.ClientAnywhere} {
			subject.Client = client
			subject.Passphrase = func() ([]byte, error) { return []byte("no such passphrase"), nil }
			e := doctor.Gather(t.Context(), doctor.Sources{Now: time.Now}, subject, doctor.Options{Offline: true})
			r := doctor.Diagnose(e)
			words, _ := r.Finding("RA512")
			key, _ := r.Finding("RA105")
			switch {
			case words.Verdict != doctor.Pass:
				t.Errorf("%s: got %s for the words of the line: %s", file, words.Verdict, words.Says)
			case len(e.Certificate.Leaf) > 0 && len(e.Key.Public) > 0:
				opened++
			case e.Key.Trouble == nil:
				t.Errorf("%s: neither opened nor told why: %+v", file, e.Key)
			case client == doctor.ClientHelper && e.Key.Trouble.Kind == doctor.Locked && !strings.Contains(key.Says, "empty password only"):
				t.Errorf("%s: got %q", file, key.Says)
			}
		}
	}
	if opened == 0 {
		t.Error("no file was opened")
	}
}
