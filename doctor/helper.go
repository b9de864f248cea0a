package doctor

import (
	"fmt"
	"slices"
	"strings"

	"anywhere/signer/sharedconfig"
)

// takeApart splits a credential_process line as the AWS CLI and boto3 do, and
// notes where others would read it in another way. Passwords are dropped.
func takeApart(line string) Helper {
	h := Helper{Flags: map[string]string{}}
	words, err := sharedconfig.Split(line)
	if err != nil {
		h.Trouble = strings.TrimPrefix(err.Error(), "split command: ")
		return h
	}
	if strings.Contains(line, `"`) {
		h.Windows = strings.Fields(strings.ReplaceAll(line, `"`, ""))
	}
	if bare := outsideQuotes(line); strings.ContainsAny(bare, "$~;&|<>*?`(#") {
		h.Shell = []string{"sh acts on " + strings.Join(special(bare), " ")}
	}
	if wrapper, inner, shell := unwrap(words); wrapper != "" {
		h.Wrapper, _, _ = strings.Cut(wrapper, " ")
		words = inner
		if h.ByShell = shell; shell {
			h.Shell, h.Windows = nil, nil // the line says itself who reads it
		}
	}
	h.NoCommand = len(words) > 1 && strings.HasPrefix(words[1], "-") && signerName(words[0])
	for i := 0; i < len(words); i++ {
		word := words[i]
		if strings.HasPrefix(word, "pkcs11:") {
			word, _, _ = strings.Cut(word, "?")
		}
		flag, value, inline := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case i < 2 && !strings.HasPrefix(word, "-"), i == 0:
			h.Words = append(h.Words, word)
		case !strings.HasPrefix(word, "--"):
			h.Words, h.Strange = append(h.Words, word), append(h.Strange, word)
		case takes(flag) == aSwitch:
			h.Words = append(h.Words, word)
			h.Flags[flag] = "true"
		case takes(flag) != unknownFlag:
			if !inline && i+1 < len(words) {
				i++
				if next, ok := strings.CutPrefix(words[i], "--"); ok && takes(next) != unknownFlag {
					h.Swallowed = append(h.Swallowed, "--"+flag)
				}
				value = words[i]
			}
			if takes(flag) == aSecret {
				value = "(not shown)"
			}
			if strings.HasPrefix(value, "pkcs11:") {
				value, _, _ = strings.Cut(value, "?")
			}
			h.Words = append(h.Words, "--"+flag, value)
			h.Flags[flag] = value
		default:
			h.Words, h.Strange = append(h.Words, word), append(h.Strange, word)
		}
	}
	return h
}

// printed lists the characters of a line that look like what a shell or SDK acts
// on and are others: curly quotes, long dashes, blanks that do not break.
func printed(line string) string {
	var found []string
	for _, r := range line {
		at := strings.IndexRune("“”„‘’‚«»–—−\u00a0\u200b\u202f\ufeff…", r)
		if word := fmt.Sprintf("%c (U+%04X)", r, r); at >= 0 && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return strings.Join(found, " ")
}

// outsideQuotes is the part of a line that stands in no quotes.
func outsideQuotes(line string) string {
	var out strings.Builder
	var quote byte
	for i := range len(line) {
		switch c := line[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

func special(text string) []string {
	var found []string
	for _, r := range text {
		if c := string(r); strings.ContainsRune("$~;&|<>*?`(#", r) && !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	return found
}

// withoutSecrets is the line as it may be shown.
func withoutSecrets(line string) string {
	for _, flag := range flagsThatTake(aSecret) {
		before, after, found := strings.Cut(line, "--"+flag)
		if !found {
			continue
		}
		rest := strings.TrimLeft(after, " =")
		end := strings.IndexAny(rest, " \t\n")
		if end < 0 {
			end = len(rest)
		}
		line = before + "--" + flag + " (not shown)" + rest[end:]
	}
	for _, word := range strings.Fields(line) {
		if at := strings.Index(word, "?pin-"); at >= 0 {
			line = strings.Replace(line, word, word[:at], 1)
		}
	}
	return line
}
