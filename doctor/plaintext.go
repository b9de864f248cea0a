package doctor

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// maxText bounds what is looked at of a pasted text, in bytes. Of a longer one the
// end counts: that is where logs say why.
const maxText = 1 << 20

// plainText is a text in lower case on one line: straight quotes, no colours, no
// frames, no marks of Markdown, no escapes of JSON or HTML.
func plainText(text string) string { return strings.Join(strings.Fields(readable(text)), " ") }

// unwrapped is the text with what a terminal broke put together again, words too.
func unwrapped(text string) string {
	lines := strings.Split(strings.ReplaceAll(readable(text), "\r", ""), "\n")
	for i, line := range lines {
		if i > 0 {
			lines[i] = strings.TrimLeft(line, " \t") // prefixes and frames have become blanks
		}
	}
	return strings.Join(strings.Fields(strings.Join(lines, "")), " ")
}

// readable takes off what programs wrap around and into a sentence.
func readable(text string) string {
	text = decoded(text)
	if len(text) > maxText {
		text = text[len(text)-maxText:]
	}
	if strings.Contains(text, `\u`) {
		text = unescaped(text)
	}
	text = colours().ReplaceAllString(text, "")
	if strings.Contains(text, "&") {
		text = html.UnescapeString(text)
	}
	text = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "**", "", "`", "", `\\n`, " ", `\n`, " ", `\t`, " ", `\r`, " ", `\\\"`, `"`, `\"`, `"`).Replace(text)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return r
		case unicode.IsSpace(r), r >= 0x2500 && r <= 0x25ff: // frames, as Terraform draws them
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r): // such as zero-width blanks of web pages
			return -1
		}
		return unicode.ToLower(r)
	}, unquoted(text))
}

// decoded reads UTF-16, which PowerShell writes to files, with a byte order mark.
func decoded(text string) string {
	if len(text) < 2 || !(text[0] == 0xff && text[1] == 0xfe || text[0] == 0xfe && text[1] == 0xff) {
		return text
	}
	low := 0
	if text[0] == 0xfe {
		low = 1
	}
	var units []uint16
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i+low])|uint16(text[i+1-low])<<8)
	}
	return string(utf16.Decode(units))
}

// colours are the control sequences of terminals (ECMA-48 section 5.4), whole, or as
// logs leave them: with the escape written out, or without it.
func colours() *regexp.Regexp {
	return regexp.MustCompile("(\x1b|\\^\\[|#033|\\\\033|\\\\x1b|\\\\e)(\\[[0-9;?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\))|\\[[0-9;]{1,10}m")
}

// unescaped replaces \u0027 by what it stands for.
func unescaped(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, `\u`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		text = after
		if len(after) >= 4 {
			if n, err := strconv.ParseUint(after[:4], 16, 32); err == nil {
				b.WriteRune(rune(n))
				text = after[4:]
			}
		}
	}
}

// unquoted takes the mark off lines that somebody quoted or a program set apart, and
// what docker compose and syslog (RFC 3164 section 4.1) put before each.
func unquoted(text string) string {
	before := regexp.MustCompile(`^([\w.-]+ +\| |[A-Z][a-z]{2} [ \d]\d [\d:]{8} [\w.-]+ [^: ]{1,64}: )`)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(before.ReplaceAllString(line, ""), ">| \t")
	}
	return strings.Join(lines, "\n")
}
