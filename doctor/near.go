package doctor

import (
	"slices"
	"strings"

	"anywhere/signer/sharedconfig"
)

// meant returns the names that somebody who typed name may have meant: others
// of the same letters first, then those that are one or two slips away.
func meant(name string, names []string) []string {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("-_ \"'", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	var same, close []string
	for _, other := range names {
		switch n := slips(plain(name), plain(other)); {
		case n == 0:
			same = append(same, other)
		case n <= 2 && len(name) > 4 || n == 1:
			close = append(close, other)
		}
	}
	return append(same, close...)
}

// slips counts the letters to insert, leave out or change to get from a to b.
func slips(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

// insteadOfProcess says what a section without credential_process has in its
// place.
func insteadOfProcess(config *sharedconfig.Document, section string) string {
	const want = "credential_process"
	keys := config.Keys(section)
	for _, key := range keys {
		if value, _ := config.Get(section, key); slices.ContainsFunc(strings.Split(value, "\n")[1:], func(l string) bool { return strings.HasPrefix(l, want) }) {
			return want + " is indented, so it belongs to the line " + key + " above it"
		}
	}
	for _, key := range keys {
		if len(meant(want, []string{strings.TrimPrefix(key, "export ")})) > 0 {
			return "the key is written " + key + ", not " + want
		}
	}
	for _, source := range []struct{ prefix, says string }{
		{"sso_", "it signs in by IAM Identity Center (" + "sso_...)"},
		{"login_session", "it signs in by aws login"},
		{"web_identity_token_file", "it shows a web identity token"},
		{"role_arn", "it assumes a role with other credentials"},
		{"aws_access_key_id", "it has keys of its own"},
	} {
		if slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, source.prefix) }) {
			return "there is no credential_process: " + source.says
		}
	}
	return "there is no credential_process in it"
}
