package home

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer/ownfile"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) Home {
	t.Helper()
	h, err := Open(filepath.Join(t.TempDir(), "home"), &atomicfile.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// furnish makes a set-up with a key and a session.json that points to it.
func furnish(t *testing.T, h Home, name string) (Setup, Session) {
	t.Helper()
	key := must(pki.NewKey(pki.P256, rand.Reader))
	serial := must(pki.NewSerial(rand.Reader))
	ca := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: name}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0), Serial: serial}, key, rand.Reader))
	s := h.Setup(name)
	session := Session{
		Setup: name, ID: strings.Repeat("a", 32), Mode: ModeSandbox, Account: "000000000000", Region: "us-east-1",
		Endpoint: "http://127.0.0.1:9912", DurationSeconds: 900, TrustAnchorARN: "a", ProfileARN: "p", RoleARN: "r",
		RoleSessionName: "n", Certificate: ca.Raw, Chain: [][]byte{ca.Raw}, Key: "pairs/" + serial.Hex() + "/key.pem",
	}
	for _, err := range []error{
		h.Disk.Mkdir(s.Pair(serial.Hex()), DirPerm),
		h.Disk.Write(filepath.Join(s.Pair(serial.Hex()), "key.pem"), must(pki.EncodeKey(key)), SecretPerm),
		h.WriteSession(s, session),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s, session
}

func TestASetupIsReadBackWhole(t *testing.T) {
	h := open(t)
	s, want := furnish(t, h, "lab")
	got, id, err := h.ReadIdentity(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	want.SchemaVersion = SchemaVersion
	if string(got.Encode()) != string(want.Encode()) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := pki.MatchKey(id.Certificate, id.Key); err != nil || len(id.Chain) != 1 {
		t.Errorf("got chain of %d, %v; want the certificate's key and one in the chain", len(id.Chain), err)
	}
	target := got.Target()
	if target.Duration != 15*time.Minute || target.SessionName != "n" || target.TrustAnchorARN != "a" || target.ProfileARN != "p" || target.RoleARN != "r" || target.Endpoint != want.Endpoint {
		t.Errorf("got target %+v", target)
	}
	info := must(os.Stat(s.SessionFile()))
	if info.Mode().Perm() != SecretPerm {
		t.Errorf("session.json has mode %v, want %v", info.Mode().Perm(), os.FileMode(SecretPerm))
	}
}

// The PIN was 1234, which one temporary folder in a thousand has in its name: the
// error that names the file was taken for one that tells the PIN.
func TestASessionFileThatIsNotOursIsRefused(t *testing.T) {
	tests := map[string]struct {
		spoil func(s Setup)
		want  string
	}{
		"writable for the group":       {func(s Setup) { os.Chmod(s.SessionFile(), 0o660) }, "lets other users write it"},
		"in a directory for everybody": {func(s Setup) { os.Chmod(s.Dir, 0o777) }, "lets other users write it"},
		"with a key for everybody":     {func(s Setup) { os.Chmod(key(s), 0o644) }, "lets other users read it"},
		"a link":                       {func(s Setup) { os.Rename(s.SessionFile(), s.Dir+"/x"); os.Symlink(s.Dir+"/x", s.SessionFile()) }, "is a symbolic link"},
		"of another set-up":            {func(s Setup) { edit(s, "setup", "other") }, `it is of set-up "other"`},
		"of a newer version":           {func(s Setup) { edit(s, "schemaVersion", 2) }, "schemaVersion 2, this program knows 1"},
		"without a key":                {func(s Setup) { edit(s, "key", "") }, "certificate or key is missing"},
		"with a key outside":           {func(s Setup) { edit(s, "key", "../../key.pem") }, "not a path inside"},
		"with a certificate of noise":  {func(s Setup) { edit(s, "certificate", []byte("x")) }, "read certificate in session.json"},
		"with a chain of noise":        {func(s Setup) { edit(s, "chain", [][]byte{[]byte("x")}) }, "read chain in session.json"},
		"with a key on a token":        {func(s Setup) { edit(s, "key", "pkcs11:object=x?pin-value=hush-pin") }, "open key pkcs11:object=x: PKCS #11 is not in this program"},
		"with a number for a name":     {func(s Setup) { edit(s, "region", 7) }, "field region is of the wrong kind"},
		"with half a second":           {func(s Setup) { edit(s, "durationSeconds", 900.5) }, "field durationSeconds is of the wrong kind"},
		"with a wrong date":            {func(s Setup) { edit(s, "renewal", map[string]any{"at": "noon"}) }, "field renewal.at is of the wrong kind"},
		"with a word for the renewal":  {func(s Setup) { edit(s, "renewal", "yes") }, "field renewal is of the wrong kind"},
		"with no base64":               {func(s Setup) { edit(s, "certificate", "?") }, "field certificate is of the wrong kind"},
		"with a chain of numbers":      {func(s Setup) { edit(s, "chain", []int{1}) }, "field chain is of the wrong kind"},
		"cut short":                    {func(s Setup) { os.Truncate(s.SessionFile(), 40) }, "decode session.json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			s, _ := furnish(t, h, "lab")
			tt.spoil(s)
			_, _, err := h.ReadIdentity(s, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells the PIN: %v", err)
			}
		})
	}
}

func key(s Setup) string {
	return must(filepath.Glob(filepath.Join(s.Dir, "pairs", "*", "key.pem")))[0]
}

// edit changes one field of session.json.
func edit(s Setup, field string, value any) {
	var all map[string]any
	if err := json.Unmarshal(must(os.ReadFile(s.SessionFile())), &all); err != nil {
		panic(err)
	}
	all[field] = value
	if err := os.WriteFile(s.SessionFile(), must(json.Marshal(all)), 0o600); err != nil {
		panic(err)
	}
}

// The decoder names the fields a second time; a field that only the struct has
// would be written and never read.
func TestEveryFieldOfASessionIsRead(t *testing.T) {
	want := Session{SchemaVersion: SchemaVersion, DurationSeconds: 900, Certificate: []byte("c"), Chain: [][]byte{[]byte("d")}, Renewal: Renewal{At: noon}}
	for _, v := range []reflect.Value{reflect.ValueOf(&want).Elem(), reflect.ValueOf(&want.Renewal).Elem()} {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String {
				f.SetString(v.Type().Field(i).Name)
			} else if f.IsZero() {
				t.Errorf("%s: give it a value above", v.Type().Field(i).Name)
			}
		}
	}
	got, err := DecodeSession(want.Encode())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestSetupsAreListedByName(t *testing.T) {
	h := open(t)
	if all, err := h.List(); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v of a home that is not there; want none", all, err)
	}
	furnish(t, h, "zoo")
	furnish(t, h, "ant")
	for _, dir := range []string{"half-made", "Not A Name"} {
		if err := h.Disk.Mkdir(filepath.Join(h.Root, "setups", dir), DirPerm); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Disk.Write(filepath.Join(h.Root, "setups", "file"), nil, SecretPerm); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range must(h.List()) {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "ant half-made zoo" {
		t.Errorf("got %s, want ant half-made zoo", got)
	}
}

func TestASetupThatIsNotThereSaysSo(t *testing.T) {
	h := open(t)
	_, missing := h.Find("lab")
	_, empty := h.ReadSession(h.Setup("lab"))
	if err := h.Disk.Mkdir(h.Setup("lab").Dir, DirPerm); err != nil {
		t.Fatal(err)
	}
	_, half := h.ReadSession(h.Setup("lab"))
	for name, err := range map[string]error{"none": missing, "none to read": empty, "half-made": half} {
		if e, ok := errors.AsType[*NoSetupError](err); !ok || !errors.Is(err, ErrNoSetup) || e.Hint() == "" {
			t.Errorf("%s: got %v, want ErrNoSetup with a hint", name, err)
		}
	}
	if _, err := h.Find("../x"); err == nil || errors.Is(err, ErrNoSetup) {
		t.Errorf("got %v for a name that is none, want another error", err)
	}
	if s, err := h.Find("lab"); err != nil || s.Name != "lab" {
		t.Errorf("got %v, %v; want the half-made set-up", s, err)
	}
}

func TestAHomeIsOpenedOnlyIfItIsOurs(t *testing.T) {
	if _, err := Open("relative", nil); err == nil {
		t.Error("got no error for a relative path")
	}
	root := t.TempDir()
	if err := os.Chmod(root, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := Open(root, nil)
	if _, ok := errors.AsType[*ownfile.UntrustedError](err); !ok {
		t.Errorf("got %v, want an *UntrustedError", err)
	}
}

func TestWhereTheHomeLies(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want string
	}{
		"in the user's directory": {map[string]string{"HOME": "/h", "USERPROFILE": "/h"}, filepath.Join("/h", ".anywhere")},
		"where it was moved":      {map[string]string{"HOME": "/h", "USERPROFILE": "/h", "ANYWHERE_HOME": "/m"}, "/m"},
		"nowhere":                 {nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Root(func(key string) string { return tt.env[key] })
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestNamesOfSetups(t *testing.T) {
	for name, good := range map[string]bool{
		"a": true, "0": true, "web-01": true, "a-": true, strings.Repeat("a", 32): true,
		"": false, "-a": false, "A": false, "a_b": false, "a.b": false, "..": false, "a/b": false, "ä": false, "a\n": false, strings.Repeat("a", 33): false,
	} {
		if got := ValidName(name) == nil; got != good {
			t.Errorf("%q: got %v, want %v", name, got, good)
		}
	}
}

func TestTwoRunsExcludeEachOther(t *testing.T) {
	h := open(t)
	s := h.Setup("lab")
	first, err := h.Lock(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Lock(s); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v while the first run goes on, want ErrBusy", err)
	}
	if _, err := h.Lock(h.Setup("other")); err != nil {
		t.Errorf("got %v for another set-up, want its lock", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := h.Lock(s)
	if err != nil {
		t.Fatalf("got %v after the first run, want the lock", err)
	}
	if err := second.Remove(h); err != nil {
		t.Fatal(err)
	}
	if left := must(os.ReadDir(s.Dir)); len(left) != 0 {
		t.Errorf("a teardown leaves %v, want nothing", left)
	}
}

func TestNotesAreKept(t *testing.T) {
	h := open(t)
	s, _ := furnish(t, h, "lab")
	if n, err := h.ReadNotes(s); err != nil || len(n.Warnings) != 0 {
		t.Errorf("got %+v, %v before there are any; want none", n, err)
	}
	notes := Notes{Verdict: Verdict{Verdict: "healthy", At: noon}}
	for range maxWarnings + 5 {
		notes = notes.Warn(Warning{Code: "RA601", Says: "a third is left", At: noon})
	}
	for i := range maxWarnings {
		notes = notes.Warn(Warning{Code: "RA" + string(rune('A'+i)), Says: "x", At: noon})
	}
	if err := h.WriteNotes(s, notes); err != nil {
		t.Fatal(err)
	}
	got, err := h.ReadNotes(s)
	if err != nil || len(got.Warnings) != maxWarnings || got.Warnings[0].Code != "RAA" || got.Verdict.Verdict != "healthy" || !got.Verdict.At.Equal(noon) {
		t.Errorf("got %+v, %v; want the verdict and the newest %d warnings", got, err, maxWarnings)
	}
	if _, err := DecodeNotes([]byte(`{"schemaVersion":2}`)); err == nil {
		t.Error("got no error for a newer version")
	}
}

func FuzzDecodeSession(f *testing.F) {
	f.Add(Session{Setup: "lab", Certificate: []byte{1}, Key: "k"}.Encode())
	f.Add([]byte(`{"schemaVersion":1,"certificate":"!"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := DecodeSession(data)
		if err == nil && (len(s.Certificate) == 0 || s.Key == "") {
			t.Errorf("got a session without certificate or key from %q", data)
		}
	})
}
