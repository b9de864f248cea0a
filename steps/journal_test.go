package steps

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anywhere/pki/atomicfile"
)

func journalOf(t *testing.T, text string) (*Journal, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := OpenJournal(path, &atomicfile.Disk{})
	return j, path, err
}

const (
	beginLine  = `{"at":"2026-01-01T00:00:00Z","begin":{"setup":"box","id":"0123456789abcdef0123456789abcdef","mode":"aws","account":"1"}}` + "\n"
	willRole   = `{"at":"2026-01-01T00:00:01Z","will":{"id":"role.create","step":"role","verb":"create","noun":"role","name":"r"}}` + "\n"
	didRole    = `{"at":"2026-01-01T00:00:02Z","did":{"change":"role.create","step":"role","noun":"role","name":"r","uid":"AROA1","ownership":"created"}}` + "\n"
	notRole    = `{"at":"2026-01-01T00:00:02Z","not":"role.create"}` + "\n"
	undoesRole = `{"at":"2026-01-01T00:00:03Z","undo":{"change":"role.create","step":"role","noun":"role","name":"r","uid":"AROA1","ownership":"created"}}` + "\n"
	undoneRole = `{"at":"2026-01-01T00:00:04Z","undone":{"change":"role.create","step":"role","noun":"role","name":"r","uid":"AROA1","ownership":"created"}}` + "\n"
	willAnchor = `{"at":"2026-01-01T00:00:05Z","will":{"id":"trust-anchor.create","step":"trust-anchor","verb":"create","noun":"trust anchor","name":"a"}}` + "\n"
	secondRole = `{"at":"2026-01-01T00:00:06Z","did":{"change":"role.create","step":"role","noun":"role","name":"r","uid":"AROA2","ownership":"created"}}` + "\n"
)

func TestAJournalKnowsWhatStandsAndWhatIsUnknown(t *testing.T) {
	tests := map[string]struct {
		text            string
		standing, begun []string
	}{
		"nothing":                             {"", nil, nil},
		"begun and nothing done":              {beginLine, nil, nil},
		"killed after the intent":             {beginLine + willRole, nil, []string{"role.create"}},
		"done":                                {beginLine + willRole + didRole, []string{"role.create AROA1"}, nil},
		"found not to have happened":          {beginLine + willRole + notRole, nil, nil},
		"intended once more":                  {beginLine + willRole + notRole + willRole, nil, []string{"role.create"}},
		"killed while it was undone":          {beginLine + willRole + didRole + undoesRole, []string{"role.create AROA1"}, nil},
		"undone":                              {beginLine + willRole + didRole + undoesRole + undoneRole, nil, nil},
		"one done, the next begun":            {beginLine + willRole + didRole + willAnchor, []string{"role.create AROA1"}, []string{"trust-anchor.create"}},
		"made again after it was gone":        {beginLine + willRole + didRole + willRole + secondRole, []string{"role.create AROA1", "role.create AROA2"}, nil},
		"the first of two undone":             {beginLine + willRole + didRole + willRole + secondRole + undoneRole, []string{"role.create AROA2"}, nil},
		"a last line cut off by a crash":      {beginLine + willRole + didRole[:40], nil, []string{"role.create"}},
		"a last line cut after one character": {beginLine + willRole + "{", nil, []string{"role.create"}},
		"a cut line with what came after it":  {beginLine + willRole[:50] + "\n" + willAnchor, nil, []string{"trust-anchor.create"}},
		"empty lines":                         {"\n" + beginLine + "\n\n" + willRole, nil, []string{"role.create"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			j, _, err := journalOf(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var standing, begun []string
			for _, made := range j.Standing() {
				standing = append(standing, made.Change+" "+made.UID)
			}
			for _, change := range j.Begun() {
				begun = append(begun, change.ID)
			}
			if !slices.Equal(standing, tt.standing) || !slices.Equal(begun, tt.begun) {
				t.Errorf("got standing %q and begun %q, want %q and %q", standing, begun, tt.standing, tt.begun)
			}
			if wantID := strings.Contains(tt.text, "begin"); wantID != (j.Begin().ID != "") {
				t.Errorf("begin: got %+v", j.Begin())
			}
		})
	}
}

// A line that is damaged, and not cut, is no entry that may be left out: what it
// said is not known.
func TestADamagedJournalIsAnError(t *testing.T) {
	tests := map[string]string{
		"not JSON":                           beginLine + "role.create was made\n" + didRole,
		"a character changed":                beginLine + strings.Replace(willRole, `,"step"`, `;"step"`, 1) + didRole,
		"whole, but of another shape":        beginLine + `{"at":"2026-01-01T00:00:00Z","will":"role.create"}` + "\n" + didRole,
		"a time that is none":                beginLine + `{"at":"yesterday"}` + "\n",
		"the last line damaged, and not cut": beginLine + `{"at":"2026-01-01T00:00:00Z","will":7}`,
		"two entries run together, both cut": beginLine + willRole[20:60] + didRole,
		"bytes that are no text":             beginLine + "\x00\x00\x00\x00\n" + didRole,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := journalOf(t, text); err == nil || !strings.Contains(err.Error(), "line 2") {
				t.Errorf("got %v, want an error that names line 2", err)
			}
		})
	}
}

// Without a line break after the torn line the first entry after a crash was lost.
func TestTheFirstEntryAfterATornLineIsKept(t *testing.T) {
	j, path, err := journalOf(t, beginLine+willRole[:30])
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Add(Entry{Not: "role.create"}); err != nil {
		t.Fatal(err)
	}
	if err := j.Add(Entry{Will: &Change{ID: "trust-anchor.create"}}); err != nil {
		t.Fatal(err)
	}
	again, err := OpenJournal(path, &atomicfile.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	if begun := again.Begun(); again.Len() != 3 || len(begun) != 1 || begun[0].ID != "trust-anchor.create" {
		t.Errorf("got %d entries and begun %v, want 3 and the trust anchor", again.Len(), begun)
	}
}

func TestAJournalThatIsNotThereIsEmptyAndIsMadeForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j, err := OpenJournal(path, &atomicfile.Disk{})
	if err != nil || j.Len() != 0 {
		t.Fatalf("got %d entries, %v", j.Len(), err)
	}
	if err := j.Add(Entry{Not: "x"}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
}

func FuzzJournal(f *testing.F) {
	for _, seed := range []string{"", beginLine + willRole + didRole, beginLine + willRole[:40], "{", "{}\n{", "null\n[]\n", "{\"at\":0}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		j, path, err := journalOf(t, text)
		if err != nil {
			return
		}
		n := j.Len()
		if err := j.Add(Entry{Not: "x"}); err != nil {
			t.Fatal(err)
		}
		again, err := OpenJournal(path, &atomicfile.Disk{})
		if err != nil || again.Len() != n+1 {
			t.Errorf("after one more entry: got %d entries, %v, want %d", again.Len(), err, n+1)
		}
	})
}
