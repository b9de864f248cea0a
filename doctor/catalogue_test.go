package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anywhere/pki/rules"
	"anywhere/signer/refusals"
)

func entries() []Check { return slices.Concat(Catalogue(), Topics()) }

// Topics had no fault, so explain headed them with what would be right: "A shell
// is there for the Go SDK".
func TestEveryEntryIsWhole(t *testing.T) {
	form := regexp.MustCompile(`^RA[1-7]\d\d$`)
	seen := map[Code]bool{}
	for _, c := range entries() {
		t.Run(string(c.Code), func(t *testing.T) {
			if !form.MatchString(string(c.Code)) || seen[c.Code] {
				t.Errorf("code %q is of another form or not new", c.Code)
			}
			seen[c.Code] = true
			if !strings.HasPrefix(c.Source, "https://") {
				t.Errorf("source %q is no https address", c.Source)
			}
			if c.Title == "" || strings.HasSuffix(c.Title, ".") || c.Title[0] < 'A' || c.Title[0] > 'Z' {
				t.Errorf("title %q is no sentence without full stop", c.Title)
			}
			if c.Fault == "" || strings.HasSuffix(c.Fault, ".") || c.Fault == c.Title || c.Fault[0] < 'A' || c.Fault[0] > 'Z' {
				t.Errorf("fault %q does not say what is wrong, in a sentence without full stop", c.Fault)
			}
			for name, text := range map[string]string{"why": c.Why, "fix": c.Fix} {
				if len(text) < 20 || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ".pem") || strings.Contains(text, "\n") {
					t.Errorf("%s %q is no sentence", name, text)
				}
			}
			if (c.Judge == nil) != (c.Group == GroupTopic) || (c.Code >= "RA700") != (c.Group == GroupTopic) {
				t.Errorf("group %q does not fit a code that is judged: %v", c.Group, c.Judge != nil)
			}
			if c.Group != GroupTopic && !slices.Contains(Groups(), c.Group) {
				t.Errorf("group %q is not shown", c.Group)
			}
		})
	}
}

// What explains a failure is looked at before it.
func TestNeedsStandEarlier(t *testing.T) {
	earlier := map[Code]bool{}
	for _, c := range Catalogue() {
		for _, need := range c.Needs {
			if !earlier[need] {
				t.Errorf("%s needs %s, which does not stand before it", c.Code, need)
			}
		}
		earlier[c.Code] = true
	}
}

// One set of rules: every certificate rule is a check, under its own code.
func TestEveryRuleIsACheck(t *testing.T) {
	for _, rule := range append(rules.All(), rules.At(noon)...) {
		if _, ok := Entry(Code(rule.ID)); !ok {
			t.Errorf("%s (%s) is not in the catalogue", rule.ID, rule.Says)
		}
	}
}

// The signer's table names codes that can be explained.
func TestEveryCauseOfARefusalIsKnown(t *testing.T) {
	for _, r := range refusals.All() {
		for _, code := range r.Causes {
			if _, ok := Entry(Code(code)); !ok {
				t.Errorf("%s names %s, which is not in the catalogue", r.ID, code)
			}
		}
	}
}

func TestEverySymptomNamesKnownCodes(t *testing.T) {
	for _, s := range symptoms() {
		if len(s.says) == 0 || len(s.codes) == 0 || s.means == "" {
			t.Errorf("%q is not whole", s.says)
		}
		for _, sentence := range s.says {
			if sentence != plainText(sentence) && sentence != plainText(sentence)+" " {
				t.Errorf("%q is not in the form that texts are brought into: %q", sentence, plainText(sentence))
			}
		}
		for _, code := range s.codes {
			if _, ok := Entry(code); !ok {
				t.Errorf("%q names %s, which is not in the catalogue", s.says[0], code)
			}
		}
	}
}

// docs/codes.md is made from the catalogue. UPDATE=1 writes it.
func TestCodesPageIsCurrent(t *testing.T) {
	path := filepath.Join("..", "docs", "codes.md")
	want := Codes()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("docs/codes.md is not what the catalogue says; UPDATE=1 go test ./doctor writes it")
	}
}
