package steps

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	"anywhere/signer/home"
)

// A certificate that is renewed every few minutes leaves four lines each time. Of
// those whose pair is gone the journal keeps the last keptEnded, and it is looked
// over when it has grown past compactAbove lines.
const (
	compactAbove = 200
	keptEnded    = 25
)

// Compact takes out of the journal what it says of certificates that were issued
// and removed again, or begun and never issued, but for the latest: nothing of
// them is left to undo. Everything else stays as it was written. The file is
// replaced in one step, so a crash leaves the long journal or the short one.
func (j *Journal) Compact() error {
	if len(j.entries) <= compactAbove {
		return nil
	}
	data, err := os.ReadFile(j.path)
	if err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	lines := slices.DeleteFunc(bytes.Split(data, []byte("\n")), func(line []byte) bool {
		return len(bytes.TrimSpace(line)) == 0 || isCut(line)
	})
	if len(lines) != len(j.entries) {
		return fmt.Errorf("compact journal %s: it holds %d entries, %d were read", j.path, len(lines), len(j.entries))
	}
	over := overEntries(j.entries)
	short := &bytes.Buffer{}
	kept := []Entry{}
	for n, line := range lines {
		if over[n] {
			continue
		}
		short.Write(line)
		short.WriteByte('\n')
		kept = append(kept, j.entries[n])
	}
	if err := j.disk.Write(j.path, short.Bytes(), home.SecretPerm); err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	j.entries, j.torn = kept, false
	return nil
}

// overEntries says which entries tell of certificates that are over.
func overEntries(entries []Entry) map[int]bool {
	const issue = "certificate.issue"
	type thing struct{ ref, uid string }
	groups, over, will := map[thing][]int{}, map[int]bool{}, -1
	var ended []thing
	for n, e := range entries {
		switch {
		case e.Will != nil && e.Will.ID == issue:
			will = n
		case e.Not == issue && will >= 0:
			over[will], over[n], will = true, true, -1
		case e.Did != nil && e.Did.Change == issue:
			key := thing{e.Did.Ref, e.Did.UID}
			if will >= 0 {
				groups[key] = append(groups[key], will)
			}
			groups[key], will = append(groups[key], n), -1
		case e.Undo != nil && e.Undo.Change == issue:
			key := thing{e.Undo.Ref, e.Undo.UID}
			groups[key] = append(groups[key], n)
		case e.Undone != nil && e.Undone.Change == issue:
			key := thing{e.Undone.Ref, e.Undone.UID}
			groups[key] = append(groups[key], n)
			ended = append(ended, key)
		}
	}
	for _, key := range ended[:max(0, len(ended)-keptEnded)] {
		for _, n := range groups[key] {
			over[n] = true
		}
	}
	return over
}

// Mark tells one state of the journal from another.
func (j *Journal) Mark() string {
	if len(j.entries) == 0 {
		return ""
	}
	return fmt.Sprintf("%d entries, the last at %d", len(j.entries), j.entries[len(j.entries)-1].At.UnixNano())
}
