package kept

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/signer/exchange"
	"anywhere/signer/pointer"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// hour is a session that lives an hour from noon.
func hour() Entry {
	end := noon.Add(time.Hour)
	return Entry{Obtained: noon, Credentials: exchange.Credentials{AccessKeyID: "ASIA", SecretAccessKey: "hush", SessionToken: "token",
		Expiration: end, ExpirationText: end.Format(time.RFC3339), AssumedRoleARN: "arn:aws:sts::000000000000:assumed-role/lab/01"}}
}

func TestALongSessionIsRefreshedTwentyMinutesBefore(t *testing.T) {
	e := Entry{Credentials: exchange.Credentials{Expiration: noon.Add(12 * time.Hour)}, Obtained: noon}
	if got, want := e.refresh(), noon.Add(12*time.Hour-20*time.Minute); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestASessionIsServedWhileItIsFreshOrAWSIsSilent(t *testing.T) {
	tests := map[string]struct {
		now, notBefore      time.Duration // from noon; no notBefore if zero
		usable, fresh, want bool
	}{
		"new":                           {0, 0, true, true, true},
		"a second before a new is due":  {40*time.Minute - time.Second, 0, true, true, true},
		"when a new one is due":         {40 * time.Minute, 0, true, false, false},
		"then, and AWS was silent":      {40 * time.Minute, 41 * time.Minute, true, false, true},
		"when AWS may be asked again":   {41 * time.Minute, 41 * time.Minute, true, false, false},
		"when it ends":                  {time.Hour, 2 * time.Hour, false, false, false},
		"from a clock a little ahead":   {-5 * time.Minute, 0, true, true, true},
		"from a clock that was far off": {-5*time.Minute - time.Second, 0, false, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, now := hour(), noon.Add(tt.now)
			if tt.notBefore != 0 {
				e.NotBefore = noon.Add(tt.notBefore)
			}
			if e.Usable(now) != tt.usable || e.Fresh(now) != tt.fresh || e.Serves(now) != tt.want {
				t.Errorf("got usable %v, fresh %v, served %v; want %v, %v, %v", e.Usable(now), e.Fresh(now), e.Serves(now), tt.usable, tt.fresh, tt.want)
			}
		})
	}
}

func TestKeysDifferWithEveryPart(t *testing.T) {
	seen := map[string]string{}
	for name, k := range map[string]Key{
		"one part": KeyOf("lab", []byte("ab")), "two parts": KeyOf("lab", []byte("a"), []byte("b")), "an empty one more": KeyOf("lab", []byte("ab"), nil),
		"none": KeyOf("lab"), "another label": KeyOf("other", []byte("ab")), "swapped": KeyOf("lab", []byte("b"), []byte("a")),
	} {
		if other, twice := seen[k.Name]; twice {
			t.Errorf("%s and %s have one key", name, other)
		}
		seen[k.Name] = name
	}
}

// All that the issue of a session depends on is in its key.
func TestTheKeyOfASetupDiffersWithAllThatChangesTheAnswer(t *testing.T) {
	seen := map[Key]string{}
	for name, change := range map[string]func(*pointer.Session, *exchange.Target, *Asking, *string){
		"nothing":                func(*pointer.Session, *exchange.Target, *Asking, *string) {},
		"set-up":                 func(s *pointer.Session, _ *exchange.Target, _ *Asking, _ *string) { s.Setup = "x" },
		"certificate":            func(s *pointer.Session, _ *exchange.Target, _ *Asking, _ *string) { s.Certificate = []byte("x") },
		"chain":                  func(s *pointer.Session, _ *exchange.Target, _ *Asking, _ *string) { s.Chain = [][]byte{[]byte("x")} },
		"trust anchor":           func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.TrustAnchorARN = "x" },
		"Roles Anywhere profile": func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.ProfileARN = "x" },
		"role":                   func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.RoleARN = "x" },
		"session name":           func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.SessionName = "x" },
		"duration":               func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.Duration = time.Hour },
		"Region":                 func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.Region = "x" },
		"endpoint":               func(_ *pointer.Session, t *exchange.Target, _ *Asking, _ *string) { t.Endpoint = "x" },
		"chain as given":         func(_ *pointer.Session, _ *exchange.Target, how *Asking, _ *string) { how.ChainAsGiven = true },
		"kept all the same":      func(_ *pointer.Session, _ *exchange.Target, how *Asking, _ *string) { how.EvenLocked = true },
		"key":                    func(_ *pointer.Session, _ *exchange.Target, _ *Asking, ref *string) { *ref = "x" },
	} {
		s, target, how, ref := pointer.Session{Setup: "lab", Certificate: []byte("leaf")}, exchange.Target{Region: "us-east-1"}, Asking{}, "key.pem"
		change(&s, &target, &how, &ref)
		k := KeyOfSetup(s, target, how, ref)
		if other, twice := seen[k]; twice {
			t.Errorf("%s and %s have one key", name, other)
		}
		seen[k] = name
		if other := (Key{k.Name, ""}); seen[other] != "" {
			t.Errorf("%s: a file's name does not tell it from %s", name, seen[other])
		}
	}
}

// The name of an entry's file comes from a hash that anybody can make meet another;
// what was asked is compared itself.
func TestAnEntryOfTheSameNameThatAnswersAnotherQuestionIsNotUsed(t *testing.T) {
	root := filepath.Join(t.TempDir(), "home")
	dir := filepath.Join(root, "cache")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mine, other := KeyOf("lab", []byte("mine")), KeyOf("lab", []byte("other"))
	other.Name = mine.Name
	if err := os.WriteFile(File(dir, mine, Ending), hour().Encode(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if e, ok := Load(root, dir, mine); ok {
		t.Errorf("got %v, the answer to another question", e.Credentials)
	}
	if e, ok := Load(root, dir, other); !ok || e.Credentials != hour().Credentials {
		t.Errorf("got %v, %v to the question that was asked", e.Credentials, ok)
	}
	if e, ok := Look(root, dir, mine.Name); !ok || !e.Obtained.Equal(noon) {
		t.Errorf("got %v, %v of what is only looked at", e.Obtained, ok)
	}
}

func TestAnEntryIsJSON(t *testing.T) {
	var all map[string]any
	if err := json.Unmarshal(hour().Encode(KeyOf("lab", []byte("\x00\xff\"<"))), &all); err != nil || all["secretAccessKey"] != "hush" {
		t.Errorf("got %v, %v", all, err)
	}
}

func FuzzDecode(f *testing.F) {
	k := KeyOf("lab", []byte("x"))
	f.Add(hour().Encode(k))
	f.Add([]byte(strings.Replace(string(hour().Encode(k)), "hush", "", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, _, ok := decode(data); ok && (e.Credentials.SecretAccessKey == "" || e.Credentials.Expiration.IsZero() && e.Obtained.IsZero()) {
			t.Errorf("got half an entry: %v", e.Credentials)
		}
	})
}
