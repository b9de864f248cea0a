package steps

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki/importing"
	"anywhere/signer/home"
)

// On the way to a folder's name every folder above it stands in the field; each of them
// was read, the user's home among them.
func TestAFolderIsReadWhenItsNameIsWhole(t *testing.T) {
	r := traveller(t, home.ModeSandbox, map[string]string{"ca.issuer": issuerFiles})
	folder := t.TempDir()
	r.env.World.Machine.HasFiles = func(path string) bool { return strings.HasPrefix(folder, path) }
	var read []string
	r.env.World.Machine.ReadFolder = func(path string) ([]importing.Input, error) {
		read = append(read, path)
		return nil, errors.New("nothing of use")
	}
	for _, key := range []string{"leaf.certificate", "leaf.private-key", "ca.certificate"} {
		for _, typed := range []string{filepath.Dir(folder), folder} {
			if err := r.Check(key, typed); err != nil || len(read) > 0 {
				t.Errorf("%s: %s was typed: got %v and read %v", key, typed, err, read)
			}
			if r.Commands(key, typed); len(read) > 0 {
				t.Errorf("%s: commands for %s read %v", key, typed, read)
			}
		}
	}
	if err := r.Check("leaf.certificate", filepath.Join(folder, "none")); err == nil {
		t.Error("what is not there is no problem")
	}
	if err := r.Answer(t.Context(), "leaf.certificate", folder); err == nil || len(read) == 0 {
		t.Errorf("the answer was not read: %v", err)
	}
}
