package steps

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"anywhere/signer/home"
)

func TestAnswersAreLinesOfKeyAndValue(t *testing.T) {
	tests := map[string]struct {
		text string
		want map[string]string
	}{
		"nothing":                             {"", map[string]string{}},
		"comments and empty lines":            {"# a\n\n   # b\n", map[string]string{}},
		"a key and a value":                   {"leaf.cn = box\n", map[string]string{"leaf.cn": "box"}},
		"no blanks around":                    {"leaf.cn=box", map[string]string{"leaf.cn": "box"}},
		"a value with the sign in it":         {"tags = a=b,c=d\n", map[string]string{"tags": "a=b,c=d"}},
		"a value with a comment sign in it":   {"leaf.organization = A # B\n", map[string]string{"leaf.organization": "A # B"}},
		"an empty value":                      {"tags =\n", map[string]string{"tags": ""}},
		"the line ends of DOS":                {"leaf.cn = box\r\nleaf.life = 9d\r\n", map[string]string{"leaf.cn": "box", "leaf.life": "9d"}},
		"a mark at the beginning of the file": {"\ufeffleaf.cn = box\n", map[string]string{"leaf.cn": "box"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseAnswers([]byte(tt.text))
			if err != nil || !maps.Equal(got, tt.want) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestAnswersThatCannotBeReadNameTheLine(t *testing.T) {
	for text, line := range map[string]string{
		"leaf.cn = a\nbox\n":                         "line 2",
		"leaf.cn = a\n# x\nleaf.cn = b\n":            "line 3",
		"leaf.cn = a\n" + strings.Repeat("x", 70000): "read answers",
	} {
		if _, err := ParseAnswers([]byte(text)); err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%.30q: got %v, want an error with %q", text, err, line)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{"", "# c\nleaf.cn = box\n", "a=b=c\r\n", "\ufeffx = y", "a\n", "=", "= =\n", "#=#"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := ParseAnswers([]byte(text))
		if err != nil {
			return
		}
		for key, value := range values {
			if strings.HasPrefix(key, "#") || strings.HasPrefix(key, "\ufeff") || strings.ContainsAny(key+value, "\n\r") || !utf8.ValidString(key) {
				return // not what a question's key or a saved answer can be
			}
		}
		again, err := ParseAnswers(encodeAnswers(values))
		if err != nil || !maps.Equal(again, values) {
			t.Errorf("got %q, %v, want %q", again, err, values)
		}
	})
}

// The file that --print-answers writes has every question, and with the # taken
// away from its lines it is one that can be read.
func TestTheAnswersFileHasEveryQuestion(t *testing.T) {
	r := traveller(t, home.ModeSandbox, nil)
	file := string(AnswersFile(Road(), r.env))
	if values, err := ParseAnswers([]byte(file)); err != nil || len(values) != 0 {
		t.Errorf("as it is: got %q, %v, want no answer", values, err)
	}
	for _, step := range Road() {
		for _, q := range step.Asks {
			line := "\n# " + q.Key + " = "
			if q.Kind == Secret {
				line = "--set " + q.Key + "-file=FILE"
			}
			if strings.Count(file, line) != 1 {
				t.Errorf("%s stands there %d times, want once", q.Key, strings.Count(file, line))
			}
			if q.Kind == Secret && strings.Contains(file, "\n# "+q.Key+" = ") {
				t.Errorf("%s is a secret and invites to be written down", q.Key)
			}
		}
	}
}
