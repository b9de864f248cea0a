package steps

import (
	"strings"
	"testing"

	"anywhere/awsapi/policy"
)

// Every denial of a name had the same Sid, so that of a second name was refused.
func TestTwoNamesAreDeniedSideBySide(t *testing.T) {
	document := `{"Version":"2012-10-17","Statement":[]}`
	for _, name := range []string{"web01", "web02", "web01"} {
		next, err := policy.WithStatement(document, denyName(name))
		if err != nil {
			t.Fatal(err)
		}
		document = next
	}
	for _, name := range []string{`"CN=web01"`, `"CN=web02"`} {
		if n := strings.Count(document, name); n != 1 {
			t.Errorf("%s stands %d times in %s", name, n, document)
		}
	}
}
