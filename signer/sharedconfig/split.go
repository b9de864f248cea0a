package sharedconfig

import (
	"errors"
	"strings"
)

// SplitCommand is [Split] for who only wants to look: nil if the line cannot be
// split.
func SplitCommand(line string) []string {
	words, err := Split(line)
	if err != nil {
		return nil
	}
	return words
}

// Split cuts a credential_process line into the words of a command, as the AWS
// CLI and boto3 do on Unix: botocore's compat_shell_split is shlex.split of
// Python in POSIX mode without comments. Blanks, tabs and line ends separate;
// single quotes hold anything; inside double quotes a backslash escapes only a
// double quote and itself; elsewhere it escapes any character. Nothing is
// expanded: no variable, no tilde, no wildcard.
//
// Others read the same line differently, which is why lines that we write hold
// no quote, no backslash and no blank inside a word. The Go SDK gives the line to
// "sh -c", so sh must be there and expands it. botocore on Windows knows only
// double quotes and takes backslashes literally unless a double quote follows.
// The .NET SDK splits at the first blank.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	var quote byte // the quote that is open, or 0
	escaped := false
	for i := range len(line) {
		switch r := line[i]; {
		case escaped:
			if quote != 0 && r != quote && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteByte(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case strings.IndexByte(" \t\r\n", r) >= 0:
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteByte(r)
			inWord = true
		}
	}
	switch {
	case escaped:
		return nil, errors.New("split command: nothing follows the last backslash")
	case quote != 0:
		return nil, errors.New("split command: a quote is not closed")
	case inWord:
		words = append(words, word.String())
	}
	return words, nil
}
