package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Answers that were saved named a file that was written after them: a run that was
// killed between both could not be gone on with.
func TestASetUpFromALockedFileGoesOnWhereverItIsKilled(t *testing.T) {
	o := newOwned(t)
	file, phrase := put(t, o.packed(o.machine(48*time.Hour), opensIt)), put(t, []byte(opensIt))
	first := append(slices.Clone(setupBox), "--set", "ca.issuer=files", "--set", "leaf.certificate="+file, "--set", "leaf.certificate-passphrase-file="+phrase)
	whole := newBench(t)
	writes := whole.done(t, first...)
	for k, write := range writes {
		name := filepath.Base(write)
		if !strings.HasSuffix(name, ".pem") && name != "answers" {
			continue // as in every set-up
		}
		t.Run(fmt.Sprintf("after_%d_%s", k+1, name), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.die(t, fmt.Sprintf("after:%d", k+1), first...)
			b.done(t, first...)
			if said := b.done(t, append(slices.Clone(setupBox), "--plan")...); len(said) > 0 {
				t.Errorf("once more it writes %q", said)
			}
			b.done(t, teardownBox...)
			differ(t, "files", b.files(t), []string{})
		})
	}
}
