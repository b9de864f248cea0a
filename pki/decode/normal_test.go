package decode

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func asUTF16(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// mangled is what editors, shells and people do to PEM text.
var mangled = map[string]func(string) string{
	"as it is":                  func(s string) string { return s },
	"CRLF":                      func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"CR":                        func(s string) string { return strings.ReplaceAll(s, "\n", "\r") },
	"blanks at the end":         func(s string) string { return strings.ReplaceAll(s, "\n", "  \n") },
	"empty lines":               func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
	"text before and after":     func(s string) string { return "Bag Attributes\n  friendlyName: x\n" + s + "the end\n" },
	"no line feed at the end":   func(s string) string { return strings.TrimSpace(s) },
	"byte order mark":           func(s string) string { return "\ufeff" + s },
	"UTF-16, little":            func(s string) string { return asUTF16(binary.LittleEndian, "\ufeff"+s) },
	"UTF-16, big":               func(s string) string { return asUTF16(binary.BigEndian, "\ufeff"+s) },
	"UTF-16 without a mark":     func(s string) string { return asUTF16(binary.LittleEndian, s) },
	"indented":                  indent,
	"indented by tabs":          func(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") },
	`line feeds spelled \n`:     func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) },
	`line feeds spelled \r\n`:   func(s string) string { return strings.ReplaceAll(s, "\n", `\r\n`) },
	"a JSON string":             func(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"` },
	"one line":                  func(s string) string { return strings.ReplaceAll(s, "\n", " ") },
	"one line, nothing between": func(s string) string { return strings.ReplaceAll(s, "\n", "") },
}

func TestMangledCertificatesAreRead(t *testing.T) {
	chain := string(read(t, certificateD, "chain.pem"))
	for name, mangle := range mangled {
		t.Run(name, func(t *testing.T) {
			got := names(t, []byte(mangle(chain)))
			if want := []string{"leaf", "intermediate", "root"}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestMangledKeysAreRead(t *testing.T) {
	for name, mangle := range mangled {
		t.Run(name, func(t *testing.T) {
			wantKey(t, []byte(mangle(string(read(t, keys, "ec.pem")))), nil, "ec.pub")
			wantKey(t, []byte(mangle(string(read(t, keys, "ec-pbkdf2-aes128.pem")))), answer("pw"), "ec.pub")
		})
	}
}

// The headers of the older encryption need their lines.
func TestMangledLockedKeysAreRead(t *testing.T) {
	for name, mangle := range mangled {
		if strings.HasPrefix(name, "one line") || name == "empty lines" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			wantKey(t, []byte(mangle(string(read(t, keys, "ec-dek-aes256.pem")))), answer("pw"), "ec.pub")
		})
	}
}

func TestTextWithoutItsBeginLineIsRead(t *testing.T) {
	leaf := string(read(t, certificateD, "leaf.pem"))
	_, body, _ := strings.Cut(leaf, "\n")
	bare, _, _ := strings.Cut(body, "-----END")
	for name, data := range map[string]string{
		"no BEGIN line":      body,
		"neither line":       bare,
		"a garbled line":     "----BEGIN CERTIFICATE----\n" + body,
		"words for the line": "BEGIN CERTIFICATE\n" + bare + "END CERTIFICATE\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got := names(t, []byte(data)); !slices.Equal(got, []string{"leaf"}) {
				t.Errorf("got %v, want the leaf", got)
			}
		})
	}
	_, key, _ := strings.Cut(string(read(t, keys, "rsa.pem")), "\n")
	wantKey(t, []byte(key), nil, "rsa.pub")
}

// A megabyte of beginnings took ten seconds, since an end was looked for in all that
// followed each. Twelve would take longer than go test waits.
func TestALineOfNothingButMarkersIsReadInOnePass(t *testing.T) {
	const size = 12 << 20
	for name, tt := range map[string]struct{ part, want string }{
		"beginnings":         {"-----BEGIN ", "-----BEGIN -----\n"},
		"ends":               {"-----END ", "-----END -----\n"},
		"dashes":             {"-----", ""},
		"six dashes at once": {"------BEGIN X------", "-\n-----BEGIN X-----\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := normal([]byte(strings.Repeat(tt.part, size/len(tt.part))))
			if !strings.HasPrefix(string(got), tt.want) || len(got) < size-len(tt.part) {
				t.Errorf("got %d bytes that begin with %.40q, want %q", len(got), got, tt.want)
			}
		})
	}
}
