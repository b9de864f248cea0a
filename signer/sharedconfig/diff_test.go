package sharedconfig

import (
	"fmt"
	"strings"
	"testing"
)

// TestDiffIsUnified holds what GNU diff -u prints for the same two files, times
// aside.
func TestDiffIsUnified(t *testing.T) {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	tests := map[string]struct{ before, after, want string }{
		"the same is nothing":  {"a\n", "a\n", ""},
		"a new file":           {"", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		"a removed file":       {"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		"a line at the end":    {"a\nb\n", "a\nb\nc\n", "@@ -1,2 +1,3 @@\n a\n b\n+c\n"},
		"three lines around":   {ten, strings.Replace(ten, "5\n", "five\n", 1), "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
		"two changes far away": {ten, strings.Replace(strings.Replace(ten, "1\n", "", 1), "10\n", "10\n11\n", 1), "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -8,3 +7,4 @@\n 8\n 9\n 10\n+11\n"},
		"two changes together": {ten, strings.Replace(strings.Replace(ten, "3\n", "", 1), "8\n", "", 1), "@@ -1,10 +1,8 @@\n 1\n 2\n-3\n 4\n 5\n 6\n 7\n-8\n 9\n 10\n"},
		"no final newline":     {"a", "a\nb", "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n"},
		"CRLF shows no CR":     {"a\r\n", "a\r\nb\r\n", "@@ -1 +1,2 @@\n a\n+b\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "--- ~/.aws/config\n+++ ~/.aws/config\n" + want
			}
			if got := Diff("~/.aws/config", []byte(tt.before), []byte(tt.after)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDiffShowsNoSecretAndNothingRaw(t *testing.T) {
	before := "[a]\naws_secret_access_key = SECRET1\n# aws_session_token=SECRET2\nAWS_SECURITY_TOKEN: SECRET3\nx = \x1b]52;c;x\a\u202e\n"
	got := Diff("\x1b[0m", []byte(before), []byte(strings.Replace(before, "x =", "y =", 1)+"b = c\n"))
	if strings.Contains(got, "SECRET") || strings.ContainsAny(got, "\x1b\a\u202e") {
		t.Errorf("got %q", got)
	}
	for _, want := range []string{"\n # aws_session_token= (not shown)\n", "\n-x = \\x1b]52;c;x\\x07\\u202e\n", "--- \\x1b[0m\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

func TestDiffOfAPolicyShowsAllOfIt(t *testing.T) {
	line := "    \"secretsmanager:GetSecretValue\",\n"
	got := Diff("policy.json", []byte("{\n}\n"), []byte("{\n"+line+"}\n"))
	if !strings.Contains(got, "\n+"+line) {
		t.Errorf("got %q, want %q in it", got, line)
	}
}

func TestDiffOfVeryLongFilesIsStillADiff(t *testing.T) {
	var before, after strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&before, "old %d\n", i)
		fmt.Fprintf(&after, "new %d\n", i)
	}
	got := Diff("x", []byte(before.String()), []byte(after.String()))
	if n := strings.Count(got, "\n-old "); n != 3000 {
		t.Errorf("got %d lines out, want 3000", n)
	}
	if n := strings.Count(got, "\n+new "); n != 3000 {
		t.Errorf("got %d lines in, want 3000", n)
	}
}

func FuzzDiffTellsBothFiles(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nc\nd\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		var old, new strings.Builder
		for _, e := range compare(cutLines([]byte(before)), cutLines([]byte(after))) {
			if e.mark != '+' {
				old.WriteString(e.text)
			}
			if e.mark != '-' {
				new.WriteString(e.text)
			}
		}
		if old.String() != before || new.String() != after {
			t.Errorf("got %q and %q, want %q and %q", old.String(), new.String(), before, after)
		}
	})
}
