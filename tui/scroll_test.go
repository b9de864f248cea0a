package tui

import (
	"strings"
	"testing"

	"anywhere/steps"
)

func TestAKeyScrollsNoFurtherThanThereIsSomethingToSee(t *testing.T) {
	// After "end" the first ten presses of "up" moved nothing: the page was guessed.
	in(t, func(t *testing.T) {
		s := show(t, toSetUp(newFakeSetup()), 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("s", "end")
		last := s.text()
		s.press("up")
		if s.text() == last {
			t.Errorf("got the same screen after end and up:\n%s", last)
		}
		s.press("down")
		if got := s.text(); got != last {
			t.Errorf("got another end after up and down:\n%s\nwant\n%s", got, last)
		}
		s.goes()
	})
}

func TestNoPartOfALongLineIsLost(t *testing.T) {
	arn := "arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/8f3a0c1e-5b42-4c66-9f70-5895b422a990"
	for name, line := range map[string]string{
		"a word that is longer than any window": `    "aws:SourceArn": "` + arn + `"`,
		"a command":                             "aws rolesanywhere update-profile --profile-id " + arn + " --role-arns " + arn,
		"wide letters":                          "# " + strings.Repeat("机器 ", 40),
		"blanks alone":                          strings.Repeat(" ", 300),
	} {
		for _, width := range []int{36, 56, 76} {
			joined := ""
			for i, p := range pieces(line, width) {
				if n := widest([]string{p}); n > width && name != "blanks alone" {
					t.Errorf("%s: got a piece of %d columns, want at most %d: %q", name, n, width, p)
				}
				if i > 0 && !strings.HasPrefix(p, goesOn) {
					t.Errorf("%s: got a piece that is not set in: %q", name, p)
				}
				joined += p
			}
			if got, want := strings.ReplaceAll(joined, " ", ""), strings.ReplaceAll(line, " ", ""); got != want {
				t.Errorf("%s at %d: got %q, want every letter of %q", name, width, got, want)
			}
		}
	}
}

func TestDetailsAndTheExplainPaneShowACommandWholeAtEveryWidth(t *testing.T) {
	// At 60 columns the end of a long argument lay to the right of the window.
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`
	change := steps.Change{ID: "x", Step: steps.StepRole, Verb: steps.Create, Noun: "role", Name: "anywhere-laptop-7f3a91c2",
		Commands: []steps.Command{{Args: []string{"aws", "iam", "put-role-policy", "--policy-document", policy}}}}
	for _, width := range []int{36, 56, 76} {
		for name, s := range map[string]screen{"details": details{changes: []steps.Change{change}}, "explain": explainPane{of: ofChange(change)}} {
			got := strings.ReplaceAll(plainText(s.View(width, 80, newTheme(false, true, true))), "\n", "")
			if !strings.Contains(strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(policy, " ", "")) {
				t.Errorf("%s at %d: got a screen without all of the policy:\n%s", name, width, got)
			}
		}
	}
}

func TestNoWordStandsAloneInTheLastLine(t *testing.T) {
	for text, want := range map[string][]string{
		"nothing happens before you say so":  {"nothing happens before you", "say so"},
		"one two":                            {"one two"},
		"arn:aws:iam::111122223333:role/x y": {"arn:aws:iam::11112222333", "3:role/x y"},
		"averyveryverylongword short":        {"averyveryverylongword", "short"},
		"":                                   nil,
	} {
		got := wrap(text, 24)
		if text == "nothing happens before you say so" {
			got = wrap(text, 30) // "so" would stand alone
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
