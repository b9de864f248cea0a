package jsontext

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func seeds() []string {
	return []string{
		`null`, `true`, ` [1, -0.5e+3, "a", {}, []] `, `{"a":{"b":[null]},"a":2}`, `"\u00e4\ud83d\ude00\n\/"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`,
		"\"\xff\"", `01`, `1.`, `.5`, `1e`, `-`, `"`, `"\x"`, "\"\n\"", `{"a"}`, `{,}`, `[1,]`, `nul`, ``, `1 2`, `{"a":1,}`, `"\u12"`, `1e999`,
	}
}

// Whatever encoding/json makes of a text, so does this package.
func TestItReadsAsEncodingJSONDoes(t *testing.T) {
	for _, text := range seeds() {
		same(t, text)
	}
}

func same(t *testing.T, text string) {
	t.Helper()
	var want any
	wantErr := json.Unmarshal([]byte(text), &want)
	got, err := Parse([]byte(text))
	if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%q: got %#v, %v; want %#v, %v", text, got, err, want, wantErr)
	}
}

func TestDepthHasAnEnd(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2)
	if got, err := Parse([]byte(deep)); err == nil {
		t.Errorf("got %v, want an error", got)
	}
	if _, err := Parse([]byte(deep[2 : len(deep)-2])); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestItWritesAsEncodingJSONDoes(t *testing.T) {
	for _, text := range append(seeds(), "plain", "<&>\u2028\u2029\x00\x1f\x7f\b\f", "ä😀\ufffd") {
		sameWritten(t, text)
	}
}

func sameWritten(t *testing.T, text string) {
	t.Helper()
	want, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := AppendString(nil, text); string(got) != string(want) {
		t.Errorf("%q: got %s, want %s", text, got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "[")+strings.Count(text, "{") > maxDepth {
			return // encoding/json goes deeper
		}
		same(t, text)
		sameWritten(t, text)
	})
}
