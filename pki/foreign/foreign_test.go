package foreign

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTextShowsWhatDoesNotPrint(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"nothing stays nothing":                            {"", ""},
		"printable ASCII stays as it is":                   {`arn:aws:iam::123456789012:role/a b!~"'$`, `arn:aws:iam::123456789012:role/a b!~"'$`},
		"a backslash stays, so Windows paths can be read":  {`C:\keys\new`, `C:\keys\new`},
		"letters of other scripts stay":                    {"Müller, Ζωή, 東京, नमस्ते", "Müller, Ζωή, 東京, नमस्ते"},
		"a decomposed letter keeps its accent":             {"e\u0301", "e\u0301"},
		"an emoji stays":                                   {"key 🔑", "key 🔑"},
		"newline, return and tab are named":                {"a\nb\r\nc\td", `a\nb\r\nc\td`},
		"ESC cannot start a sequence":                      {"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		"OSC 52 cannot reach the clipboard":                {"\x1b]52;c;aGk=\a", `\x1b]52;c;aGk=\x07`},
		"C1 CSI in UTF-8 is a control character":           {"\u009b31m", `\x9b31m`},
		"C1 CSI as a bare byte is invalid UTF-8":           {"a\x9b31m", `a\x9b31m`},
		"NUL, backspace and DEL are shown":                 {"\x00\b\x7f", `\x00\x08\x7f`},
		"invalid UTF-8 is shown byte by byte":              {"\xff\xc3(\xe2\x82", `\xff\xc3(\xe2\x82`},
		"an encoded surrogate is invalid UTF-8":            {"\xed\xa0\x80", `\xed\xa0\x80`},
		"the replacement character itself stays":           {"\ufffd", "\ufffd"},
		"right-to-left override is shown":                  {"exe\u202etxt", `exe\u202etxt`},
		"bidi isolates are shown":                          {"a\u2066b\u2069", `a\u2066b\u2069`},
		"left-to-right and Arabic letter marks are shown":  {"\u200e\u200f\u061c", `\u200e\u200f\u061c`},
		"zero-width characters are shown":                  {"pay\u200bpal\u200c\u200d\u2060", `pay\u200bpal\u200c\u200d\u2060`},
		"a byte order mark is shown":                       {"\ufeff[default]", `\ufeff[default]`},
		"a soft hyphen is shown":                           {"co\u00adop", `co\xadop`},
		"line and paragraph separators are shown":          {"a\u2028b\u2029", `a\u2028b\u2029`},
		"a blank that is not the ASCII one is shown":       {"a\u00a0b\u3000c\u2003d", `a\xa0b\u3000c\u2003d`},
		"letters that draw nothing are shown":              {"\u115f\u3164\uffa0\u2800", `\u115f\u3164\uffa0\u2800`},
		"a variation selector is shown":                    {"\u2714\ufe0f", "\u2714" + `\ufe0f`},
		"tag characters are shown":                         {"\U000e0041\U000e007f", `\U000e0041\U000e007f`},
		"private use and noncharacters are shown":          {"\ue000\uffff\U0010ffff", `\ue000\uffff\U0010ffff`},
		"a mark in first place does not stand on our text": {"\u0301x", `\u0301x`},
		"a mark behind an escape does not stand on it":     {"\n\u0301", `\n` + "\u0301"},
		"marks are not piled up":                           {"a\u0300\u0301\u0302\u0303\u0304\u0305", "a\u0300\u0301\u0302\u0303" + `\u0304\u0305`},
		"an invisible mark is shown":                       {"a\u034fb", `a\u034fb`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("Text(%+q)\n got %+q\nwant %+q", tt.in, got, tt.want)
			}
		})
	}
}

func TestShortLeavesOutTheMiddle(t *testing.T) {
	tests := map[string]struct {
		in      string
		columns int
		want    string
	}{
		"what fits is whole":                           {"abcdefgh", 8, "abcdefgh"},
		"head and tail are kept":                       {"abcdefghij", 9, "abc...hij"},
		"the odd column goes to the head":              {"abcdefghijk", 10, "abcd...ijk"},
		"five columns hold a gap":                      {"abcdefghij", 5, "a...j"},
		"four columns hold only the head":              {"abcdefghij", 4, "abcd"},
		"no columns hold nothing":                      {"abc", 0, ""},
		"less than nothing holds nothing":              {"abc", -3, ""},
		"wide characters count twice":                  {"東京都千代田区", 11, "東京...田区"},
		"a wide character is not cut in half":          {"東京都千代田区", 10, "東京...区"},
		"an escape is kept whole or left out":          {"ab\x1bcdefgh\x1bij", 12, `ab...h\x1bij`},
		"a mark does not stand on the gap":             {"abcdefghie\u0301", 6, "ab...e\u0301"},
		"nothing dangerous comes in by the short form": {"\u202e" + strings.Repeat("x", 50) + "\x1b]0;t\a", 20, `\u202exxx...]0;t\x07`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Short(tt.in, tt.columns)
			if got != tt.want {
				t.Errorf("Short(%+q, %d)\n got %q\nwant %q", tt.in, tt.columns, got, tt.want)
			}
		})
	}
}

func TestWidthCountsColumns(t *testing.T) {
	tests := map[string]struct {
		in   string
		want int
	}{
		"ASCII":                       {"abc ", 4},
		"an accent adds nothing":      {"e\u0301a", 2},
		"ideographs are two wide":     {"日本", 4},
		"Hangul is two wide":          {"한", 2},
		"fullwidth forms are two":     {"Ａ", 2},
		"halfwidth forms are one":     {"ｱ", 1},
		"an emoji is two wide":        {"🔑", 2},
		"a check mark is one wide":    {"✓", 1},
		"an ideograph of plane 2":     {"𠀀", 2},
		"letters beyond the BMP: one": {"𝐀", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Width(tt.in); got != tt.want {
				t.Errorf("Width(%q): got %d, want %d", tt.in, got, tt.want)
			}
		})
	}
}

// dangerous is written without the package's own tables: what a terminal obeys
// and what nobody can see.
func dangerous(r rune) bool {
	return r < ' ' || 0x7f <= r && r <= 0x9f || r == 0xad || r == 0x61c ||
		0x200b <= r && r <= 0x200f || 0x2028 <= r && r <= 0x202e ||
		0x2060 <= r && r <= 0x206f || r == 0xfeff || 0xe0000 <= r && r <= 0xe0fff ||
		unicode.Is(unicode.Cf, r)
}

func FuzzTextIsSafeAndStable(f *testing.F) {
	for _, seed := range []string{"", "a b", "\x1b]52;c;x\a", "\u202e\u2066\ufeff", "\xff\xfe", "e\u0301\u0301\u0301\u0301\u0301", "東\n\U000e0001"} {
		f.Add(seed, 10)
	}
	f.Fuzz(func(t *testing.T, s string, columns int) {
		columns %= 200
		once := Text(s)
		if twice := Text(once); twice != once {
			t.Errorf("Text(Text(%+q))\n got %+q\nwant %+q", s, twice, once)
		}
		short := Short(s, columns)
		for _, text := range []string{once, short} {
			if !utf8.ValidString(text) {
				t.Errorf("%+q is not UTF-8", text)
			}
			if i := strings.IndexFunc(text, dangerous); i >= 0 {
				t.Errorf("%+q holds a dangerous character at byte %d", text, i)
			}
		}
		if got := Width(short); got > max(columns, 0) {
			t.Errorf("Short(%+q, %d) is %d columns wide: %q", s, columns, got, short)
		}
	})
}

// TestEveryCharacterIsSafe leaves no character to chance.
func TestEveryCharacterIsSafe(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if !utf8.ValidRune(r) {
			continue
		}
		got := Text("x" + string(r))
		if strings.ContainsFunc(got, dangerous) {
			t.Errorf("Text of %U: got %+q", r, got)
		}
	}
}
