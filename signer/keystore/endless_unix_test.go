//go:build unix

package keystore

import (
	"runtime"
	"strings"
	"testing"
)

// A device or pipe says that its size is 0: it was read until memory ran out.
func TestWhatTellsNoSizeIsReadUpToTheLimit(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ReadFile("/dev/zero")
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v, want that it is larger than 1 MiB", err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
		t.Errorf("%d bytes were taken for it", got)
	}
}
