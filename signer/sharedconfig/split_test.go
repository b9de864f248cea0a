package sharedconfig

import (
	"slices"
	"testing"
)

// TestSplitIsBotocores holds the answers of botocore 1.43.11,
// compat_shell_split(line, "linux").
func TestSplitIsBotocores(t *testing.T) {
	tests := map[string]struct {
		line string
		want []string
	}{
		"nothing":                                    {"", nil},
		"only blanks":                                {" \t\r\n", nil},
		"our own line":                               {"/home/me/.anywhere/bin/anywhere-signer credential-process --setup web01", []string{"/home/me/.anywhere/bin/anywhere-signer", "credential-process", "--setup", "web01"}},
		"many blanks are one":                        {" a \t b ", []string{"a", "b"}},
		"double quotes hold blanks":                  {`"/opt/my tools/x" y`, []string{"/opt/my tools/x", "y"}},
		"single quotes hold everything":              {`'a "b" \c'`, []string{`a "b" \c`}},
		"quotes inside a word belong to it":          {`a"b c"'d e'f`, []string{"ab cd ef"}},
		"an empty word needs quotes":                 {`a '' ""`, []string{"a", "", ""}},
		"a backslash holds a blank":                  {`a\ b`, []string{"a b"}},
		"in double quotes it escapes the quote":      {`"a\"b"`, []string{`a"b`}},
		"in double quotes it escapes itself":         {`"a\\b"`, []string{`a\b`}},
		"in double quotes it escapes nothing else":   {`"a\nb\$c\'d"`, []string{`a\nb\$c\'d`}},
		"outside quotes it eats itself":              {`C:\tools\x.exe`, []string{"C:toolsx.exe"}},
		"a backslash and a newline are a newline":    {"a\\\nb", []string{"a\nb"}},
		"nothing is expanded":                        {"~/x $HOME *", []string{"~/x", "$HOME", "*"}},
		"a sharp begins no comment":                  {"a #b", []string{"a", "#b"}},
		"a semicolon separates nothing":              {"a;b && c", []string{"a;b", "&&", "c"}},
		"a blank of another script separates no two": {"a\u00a0b", []string{"a\u00a0b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Split(tt.line)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Split(%q): got %q, %v, want %q", tt.line, got, err, tt.want)
			}
			if got := SplitCommand(tt.line); !slices.Equal(got, tt.want) {
				t.Errorf("SplitCommand(%q): got %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}

func TestALineThatIsNotFinishedCannotBeSplit(t *testing.T) {
	for name, line := range map[string]string{
		"an open double quote":            `a "b`,
		"an open single quote":            `a 'b`,
		"a backslash at the end":          `a \`,
		"a backslash before the last one": `"a\"`,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Split(line); err == nil {
				t.Errorf("Split(%q): got %q, want an error", line, got)
			}
			if got := SplitCommand(line); got != nil {
				t.Errorf("SplitCommand(%q): got %q, want nothing", line, got)
			}
		})
	}
}
