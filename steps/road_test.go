package steps

import (
	"context"
	"crypto/rand"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"anywhere/awsapi"
	"anywhere/signer/home"
)

func TestEveryStepIsWhole(t *testing.T) {
	before := map[ID]bool{}
	for _, step := range Road() {
		t.Run(string(step.ID), func(t *testing.T) {
			if before[step.ID] {
				t.Error("another step has this ID")
			}
			if n := utf8.RuneCountInString(step.Title); n == 0 || n > 48 || !unicode.IsUpper([]rune(step.Title)[0]) || strings.HasSuffix(step.Title, ".") {
				t.Errorf("title %q: %d columns, want 1 to 48, a capital first and no full stop", step.Title, n)
			}
			if !strings.HasSuffix(step.Why, ".") {
				t.Errorf("why %q: want a sentence", step.Why)
			}
			for _, need := range step.Needs {
				if !before[need] {
					t.Errorf("needs %s, which does not come earlier", need)
				}
			}
			if step.Plan == nil && step.Verify == nil {
				t.Error("neither plans nor proves anything")
			}
			makes := step.Apply != nil
			if makes != (step.Settle != nil) || makes != (step.Inspect != nil) || makes != (step.Undo != nil) || makes && step.Plan == nil || step.Clear != nil && !makes {
				t.Errorf("apply %t, settle %t, clear %t, inspect %t, undo %t: what makes must settle, inspect and undo",
					makes, step.Settle != nil, step.Clear != nil, step.Inspect != nil, step.Undo != nil)
			}
			if makes != slices.Contains(TeardownOrder, step.ID) {
				t.Errorf("makes something: %t, is in the order of teardown: %t", makes, !makes)
			}
			for _, code := range step.Proof {
				if !regexp.MustCompile(`^RA[1-6][0-9]{2}$`).MatchString(code) {
					t.Errorf("proof %q is no code", code)
				}
			}
		})
		before[step.ID] = true
	}
	if len(slices.Compact(slices.Sorted(slices.Values(TeardownOrder)))) != len(TeardownOrder) {
		t.Errorf("the order of teardown names a step twice: %v", TeardownOrder)
	}
}

// rowsWithoutExample are questions whose answer has no form to show.
var rowsWithoutExample = []string{"permissions.confirm", "role.restrict-confirm"}

func TestEveryQuestionIsWhole(t *testing.T) {
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-z][a-z0-9]*([.-][a-z0-9]+)*$`)
	for _, step := range Road() {
		for _, q := range step.Asks {
			t.Run(q.Key, func(t *testing.T) {
				if seen[q.Key] || !form.MatchString(q.Key) {
					t.Errorf("key %q: want it once, dotted and in lower case", q.Key)
				}
				if q.Ask == "" || !strings.HasSuffix(q.Why, ".") {
					t.Errorf("ask %q, why %q: want both, the second a sentence", q.Ask, q.Why)
				}
				if !slices.Contains([]Kind{Text, Choose, YesNo, File, Secret, List}, q.Kind) {
					t.Errorf("kind %q", q.Kind)
				}
				if q.Kind == Choose && q.Choices == nil {
					t.Error("nothing to choose from")
				}
				if q.Kind == Secret && (q.Default != nil || q.Headless != nil || q.Row || q.Example != "") {
					t.Error("a secret has no default and is no row")
				}
				if q.Row && q.Default == nil && q.AskWhen == nil {
					t.Error("a row without a default that is never asked")
				}
				if q.Example == "" && q.Kind != Secret && !slices.Contains(rowsWithoutExample, q.Key) {
					t.Error("the answers file shows no example")
				}
			})
			seen[q.Key] = true
		}
	}
}

// traveller is a runner whose AWS answers nothing, with where and name answered.
func traveller(t *testing.T, mode home.Mode, given map[string]string) *Runner {
	t.Helper()
	world := World{
		Home: home.Home{Root: t.TempDir()}, Random: rand.Reader,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
		Open: func(context.Context, string, string) (*Site, error) {
			return &Site{Mode: mode, API: blindAWS{}, Region: "us-east-1", Caller: awsapi.Caller{Account: "111122223333", Partition: "aws"}}, nil
		},
		Machine: Machine{
			HostName: "Build Box_7.example.com", HasAWS: mode != home.ModeSandbox, AWSLabel: "an AWS account", UserHome: "/home/user",
			Executable: "/opt/bin/anywhere", Version: "1", ReadFile: os.ReadFile,
			FromPath: func(string) (string, error) { return "/opt/bin/anywhere", nil }, SameFile: func(a, b string) bool { return a == b },
			VersionOf: func(string) (string, error) { return "", os.ErrNotExist }, NoExec: func(string) bool { return false },
			Exists: func(string) bool { return false }, HasFiles: func(string) bool { return false },
		},
	}
	where := "aws"
	if mode == home.ModeSandbox {
		where = "sandbox"
	}
	all := map[string]string{"where": where, "name": "box"}
	for key, value := range given {
		all[key] = value
	}
	r, err := NewRunner(world, Road(), all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// What is offered must be accepted: every choice and every default.
func TestWhatIsOfferedIsAccepted(t *testing.T) {
	for _, mode := range []home.Mode{home.ModeSandbox, home.ModeAWS, home.ModeCustom} {
		r := traveller(t, mode, nil)
		offered := 0
		for _, step := range Road() {
			for _, q := range step.Asks {
				if q.Applies != nil && !q.Applies(r.env) {
					continue
				}
				if q.Choices != nil {
					for _, c := range q.Choices(r.env) {
						offered++
						if c.Label == "" {
							t.Errorf("%s, %s: the choice %q has no label", mode, q.Key, c.Value)
						}
						if q.Kind != List && r.Check(q.Key, c.Value) != nil {
							t.Errorf("%s, %s: the choice %q is refused: %v", mode, q.Key, c.Value, r.Check(q.Key, c.Value))
						}
					}
				}
				for name, offer := range map[string]func(*Env) (string, bool){"default": q.Default, "headless": q.Headless} {
					if value, ok := tryDefault(offer, r.env); ok {
						offered++
						if err := r.Check(q.Key, value); err != nil {
							t.Errorf("%s, %s: the %s answer %q is refused: %v", mode, q.Key, name, value, err)
						}
					}
				}
			}
		}
		if offered < 40 {
			t.Errorf("%s: only %d answers are offered", mode, offered)
		}
	}
}

func TestTheNameOfAHostBecomesNameAndCommonName(t *testing.T) {
	r := traveller(t, home.ModeSandbox, nil)
	if name, _ := nameDefault(r.env); name != "build-box-7" {
		t.Errorf("set-up name: got %q, want build-box-7", name)
	}
	if cn := r.env.Get("leaf.cn"); cn == "" || strings.ContainsAny(cn, " /") {
		t.Errorf("common name: got %q, want one without blanks", cn)
	}
	r.env.World.Machine.HostName = "..."
	if name, _ := nameDefault(r.env); name != "machine" {
		t.Errorf("without a host name: got %q, want machine", name)
	}
}

func TestHeadlessInAWSHasNoDefaultForTheKeyOfTheCA(t *testing.T) {
	tests := map[string]struct {
		mode    home.Mode
		given   map[string]string
		missing []string
	}{
		"the sandbox needs nothing":                    {home.ModeSandbox, nil, nil},
		"AWS needs to know who keeps the key":          {home.ModeAWS, nil, []string{"ca.protection"}},
		"so does another AWS":                          {home.ModeCustom, nil, []string{"ca.protection"}},
		"a passphrase is asked for where it is needed": {home.ModeAWS, map[string]string{"ca.protection": "passphrase"}, []string{"ca.passphrase"}},
		"all that is missing is told at once": {home.ModeAWS, map[string]string{"role.restrict": "ou", "permissions": "managed-policy"},
			[]string{"ca.protection", "leaf.ou", "permissions.policy-arn"}},
		"a role for every certificate wants the name typed": {home.ModeSandbox, map[string]string{"role.restrict": "ca"}, []string{"role.restrict-confirm"}},
		"dangerous permissions want it too": {home.ModeSandbox,
			map[string]string{"permissions": "managed-policy", "permissions.policy-arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, []string{"permissions.confirm"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := traveller(t, tt.mode, tt.given).Headless(t.Context(), true)
			var got []string
			if missing, ok := err.(*MissingError); ok {
				for _, a := range missing.Asked {
					got = append(got, a.Key)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.missing) {
				t.Errorf("got %q, want %q", got, tt.missing)
			}
		})
	}
}

func TestSecretsAreNotSaved(t *testing.T) {
	r := traveller(t, home.ModeAWS, map[string]string{"ca.protection": "passphrase", "ca.passphrase": "correct horse"})
	if saved := string(encodeAnswers(r.savable())); strings.Contains(saved, "horse") || !strings.Contains(saved, "ca.protection = passphrase\n") {
		t.Errorf("got\n%s\nwant the protection and not the passphrase", saved)
	}
	if keys := Secrets(); !slices.Contains(keys, "ca.passphrase") {
		t.Errorf("secrets: got %q, want the passphrase among them", keys)
	}
	rows, err := r.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Kind == Secret || strings.Contains(row.Value, "horse") {
			t.Errorf("the row %s shows a secret", row.Key)
		}
	}
	if err := r.Check("ca.passphrase", "short"); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("got %v, want a refusal that does not repeat the passphrase", err)
	}
}
