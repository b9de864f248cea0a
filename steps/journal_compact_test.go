package steps

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"anywhere/pki/atomicfile"
)

// issued are the lines of a certificate that was issued; gone those of its end.
func issued(n int) string {
	return fmt.Sprintf(`{"at":"2026-01-01T00:00:00Z","will":{"id":"certificate.issue","step":"certificate","verb":"create","noun":"c","name":"n"},"later-version":%d}
{"at":"2026-01-01T00:00:00Z","did":{"change":"certificate.issue","step":"certificate","noun":"c","name":"n","ref":"pairs/%d","uid":"%d","ownership":"created"}}
`, n, n, n)
}

func gone(n int) string {
	made := fmt.Sprintf(`{"change":"certificate.issue","step":"certificate","noun":"c","name":"n","ref":"pairs/%d","uid":"%d","ownership":"created"}`, n, n)
	return `{"at":"2026-01-01T00:00:00Z","undo":` + made + "}\n" + `{"at":"2026-01-01T00:00:00Z","undone":` + made + "}\n"
}

const notIssued = `{"at":"2026-01-01T00:00:00Z","will":{"id":"certificate.issue","step":"certificate","verb":"create","noun":"c","name":"n"}}
{"at":"2026-01-01T00:00:00Z","not":"certificate.issue"}
`

// A certificate that was renewed every few minutes made its journal grow by four
// lines each time, for ever.
func TestAJournalForgetsCertificatesThatAreOverAndNothingElse(t *testing.T) {
	text := beginLine + willRole + didRole + issued(0) + willAnchor
	for n := range 300 {
		text += issued(n+1) + notIssued + gone(n)
	}
	long, path, err := journalOf(t, text)
	if err != nil {
		t.Fatal(err)
	}
	standing, begun, mark := long.Standing(), long.Begun(), long.Mark()
	if err := long.Compact(); err != nil {
		t.Fatal(err)
	}
	short, err := OpenJournal(path, &atomicfile.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	for name, j := range map[string]*Journal{"in memory": long, "on the disk": short} {
		if !reflect.DeepEqual(j.Standing(), standing) || !reflect.DeepEqual(j.Begun(), begun) || j.Begin().Setup != "box" {
			t.Errorf("%s: something else stands than before: %v and %v", name, j.Standing(), j.Begun())
		}
		// The role, the anchor, one certificate in use and the last 25 that are over.
		if want := 4 + 2 + 4*keptEnded; j.Len() != want || j.Mark() == mark {
			t.Errorf("%s: %d entries, want %d", name, j.Len(), want)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), `"later-version":299`) || strings.Contains(string(data), `"pairs/274"`) {
		t.Errorf("lines were not kept as they were written, or others than the last (%v)", err)
	}
}

func TestAShortJournalIsLeftAlone(t *testing.T) {
	j, _, err := journalOf(t, beginLine+issued(1)+gone(1))
	if err != nil {
		t.Fatal(err)
	}
	j.disk = &atomicfile.Disk{Before: func(atomicfile.Change) error { return errors.New("written") }}
	if err := j.Compact(); err != nil {
		t.Error(err)
	}
}

func TestAJournalThatAnotherProcessHasChangedIsNotCompacted(t *testing.T) {
	text := beginLine
	for n := range 100 {
		text += issued(n) + gone(n)
	}
	j, path, err := journalOf(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text+willRole), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := j.Compact(); err == nil {
		t.Error("a line that was not read would have been lost")
	}
}
