package sharedconfig

import (
	"errors"
	"slices"
	"testing"
)

func seeds(f *testing.F) {
	for _, name := range []string{"nasty", "nasty-crlf", "legal"} {
		f.Add([]byte(fixture(f, name)))
	}
	for _, text := range []string{"", "\n", "\r", "[a]\nb=c\r", "\ufeff[a]", "[a]\n k=v\n  n", "[profile web01]", "=\n[", "[a]\n:=\x00"} {
		f.Add([]byte(text))
	}
}

func FuzzParsingKeepsEveryByte(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc := Parse(data)
		if got := doc.Bytes(); string(got) != string(data) {
			t.Errorf("got %q, want %q", got, data)
		}
		for _, section := range doc.Sections() {
			for _, key := range doc.Keys(section) {
				if _, found := doc.Get(section, key); !found {
					t.Errorf("key %q of [%s] is listed and not found", key, section)
				}
			}
		}
	})
}

func FuzzAddingAndRemovingASectionIsNoChange(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc := Parse(data)
		sections := doc.Sections()
		err := doc.AddSection("profile web01", ours...)
		if _, unreadable := errors.AsType[*UnreadableError](err); unreadable || errors.Is(err, ErrSectionExists) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		doc = Parse(doc.Bytes())
		if got, want := doc.Sections(), append(sections, "profile web01"); !slices.Equal(got, want) {
			t.Errorf("sections: got %q, want %q", got, want)
		}
		for _, pair := range ours {
			if got, _ := doc.Get("profile web01", pair[0]); got != pair[1] {
				t.Errorf("%s: got %q, want %q", pair[0], got, pair[1])
			}
		}
		if err := doc.RemoveSection("profile web01"); err != nil {
			t.Fatal(err)
		}
		if got := doc.Bytes(); string(got) != string(data) {
			t.Errorf("got %q, want %q", got, data)
		}
	})
}

func FuzzSettingANewKeyAndRemovingItIsNoChange(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, section := range Parse(data).Sections() {
			doc := Parse(data)
			if _, found := doc.Get(section, "new_key"); found {
				continue
			}
			if err := doc.Set(section, "new_key", "x"); err != nil {
				if _, unreadable := errors.AsType[*UnreadableError](err); !unreadable {
					t.Fatal(err)
				}
				continue
			}
			doc = Parse(doc.Bytes())
			if got, _ := doc.Get(section, "new_key"); got != "x" {
				t.Errorf("[%s]: got %q, want x", section, got)
			}
			doc.RemoveKey(section, "new_key")
			if got := doc.Bytes(); string(got) != string(data) {
				t.Errorf("[%s]: got %q, want %q", section, got, data)
			}
		}
	})
}

func FuzzSplitLosesNothingButBlanksAndQuotes(f *testing.F) {
	for _, text := range []string{"", "a b", `a "b c" 'd\' e\ f`, `"`, `\`, `''`, "\"a\\\"b\\n\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := Split(line)
		if (err != nil) != (words == nil) && line != "" && len(words) > 0 {
			t.Errorf("Split(%q): got %q with error %v", line, words, err)
		}
		length := 0
		for _, word := range words {
			length += len(word)
		}
		if length > len(line) {
			t.Errorf("Split(%q): got %q, longer than the line", line, words)
		}
	})
}
