package session

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Package net/url reads a query in another way, which is the longer one.
func sameQuery(t *testing.T, raw string) {
	t.Helper()
	values, wantErr := url.ParseQuery(raw)
	var pairs []string
	for name, all := range values {
		for _, value := range all {
			pairs = append(pairs, escape(name)+"\x00"+escape(value)) // sorts before every character of a longer name
		}
	}
	slices.Sort(pairs)
	want := strings.ReplaceAll(strings.Join(pairs, "&"), "\x00", "=")
	got, err := appendQuery(nil, raw)
	if (err == nil) != (wantErr == nil) || err == nil && string(got) != want {
		t.Errorf("%q: got %q, %v; want %q, %v", raw, got, err, want, wantErr)
	}
}

func queries() []string {
	return []string{
		"", "a=1&b=2", "b=2&a=1&a=0", "a", "a=", "=a", "&&a=1&", "a=b+c", "a=%20", "a=%2f", "a=%2F", "a=%41", "a=%", "a=%zz", "a=1;b=2", "a=ä", "a b=c", "a=b=c", "ab=1&a=2", "a-=1&a=2",
		sessionQuery(Target{TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN}),
	}
}

func TestAQueryIsReadAsNetURLReadsIt(t *testing.T) {
	for _, raw := range queries() {
		sameQuery(t, raw)
	}
}

func FuzzQuery(f *testing.F) {
	for _, raw := range queries() {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) { sameQuery(t, raw) })
}
