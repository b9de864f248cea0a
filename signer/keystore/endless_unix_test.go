//go:build unix

package keystore

import (
	"strings"
	"testing"
)

// A device or pipe says that its size is 0: it was read until memory ran out.
func TestWhatTellsNoSizeIsReadUpToTheLimit(t *testing.T) {
	if _, err := ReadFile("/dev/zero"); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v, want that it is larger than 1 MiB", err)
	}
}
