package doctor

import (
	"strings"
	"testing"
)

func TestEveryFamilyIsWhole(t *testing.T) {
	for _, f := range families() {
		if len(f.all) == 0 || len(f.codes) == 0 || f.means == "" {
			t.Errorf("%q is not whole", f.all)
		}
		for _, set := range append([][]string{f.none}, f.all...) {
			for _, word := range set {
				// A blank at the end is meant: "no " is not "not".
				if word == "" || word != strings.ToLower(word) || strings.Contains(word, "  ") || strings.HasPrefix(word, " ") {
					t.Errorf("%q is not in the form that texts are brought into", word)
				}
			}
		}
		for _, code := range f.codes {
			if _, ok := Entry(code); !ok {
				t.Errorf("%q names %s, which is not in the catalogue", f.all[0], code)
			}
		}
		// Each word alone, joined, is the family's text: a family that no text can have is none.
		var words []string
		for _, set := range f.all {
			words = append(words, set[0])
		}
		if n, _ := f.longest(strings.Join(words, " ")); n == 0 && f.none == nil {
			t.Errorf("%q does not find its own words", words)
		}
	}
}

// Words that stand far apart, or in the middle of others, are not about each other.
func TestAFamilyWantsItsWordsTogether(t *testing.T) {
	f := family{all: [][]string{{"key"}, {"mismatch"}}, none: []string{"ssh"}}
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"together, in any order":   {"mismatch of the key", 11},
		"apart":                    {"key" + strings.Repeat(" and so on", 30) + " mismatch", 0},
		"within another word":      {"the monkey mismatch", 0},
		"beginning another word":   {"keys mismatched", 11},
		"one alone":                {"a key", 0},
		"with a word that forbids": {"ssh key mismatch", 0},
	} {
		if got, _ := f.longest(tt.text); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}

// Errors of other programs were explained by some of their words: an order of
// cert-manager by a policy of the organisation.
func TestWhatIsNotAboutThisIsNotExplained(t *testing.T) {
	for _, text := range []string{
		"fatal: unable to access 'https://git.example/x/y.git/': The requested URL returned error: 403",
		"remote: Invalid username or password. fatal: Authentication failed for 'https://git.example/x.git/'",
		"npm ERR! 404 Not Found - GET https://packages.example/foo - Not found",
		"error: failed to push some refs to 'origin'",
		"ZeroDivisionError: division by zero",
		"make: *** [Makefile:12: all] Error 2",
		"./main.go:12:5: undefined: foo",
		"E: Unable to locate package foo",
		"bash: fooo: command not found",
		"ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)",
		"Permission denied (publickey).",
		"Host key verification failed.",
		"Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
		"No space left on device",
		"Segmentation fault (core dumped)",
		"the certificate of attendance was printed",
		"TypeError: Cannot read properties of undefined (reading 'map')",
		"CONFLICT (content): Merge conflict in README.md",
		"psql: FATAL: password authentication failed for user \"ops1\"",
		"java.lang.OutOfMemoryError: Java heap space",
		"Failed to wait for order resource \"host-tls-1\" to become ready: order is in \"invalid\" state",
		"RequestManagedInstanceRoleToken: MachineFingerprintDoesNotMatch: Fingerprint doesn't match",
		"curl: (22) The requested URL returned error: 404",
	} {
		if matches := Explain(text); len(matches) != 0 {
			t.Errorf("%.80q: got %v", text, codes(matches))
		}
	}
}
