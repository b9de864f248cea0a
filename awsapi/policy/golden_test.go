package policy

import (
	"os"
	"path/filepath"
	"testing"
)

// sameAsGolden compares got with testdata/policy/name.json. UPDATE=1 writes it.
func sameAsGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "policy", name+".json")
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("%s differs; UPDATE=1 go test rewrites it\ngot  %s\nwant %s", path, got, want)
	}
}
