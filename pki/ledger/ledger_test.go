package ledger

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anywhere/pki"
)

func serial(t *testing.T) pki.Serial {
	t.Helper()
	s, err := pki.NewSerial(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	l := Ledger{Dir: filepath.Join(t.TempDir(), "ca")}
	if issued, err := l.Issued(); err != nil || len(issued) != 0 {
		t.Errorf("a CA without a ledger: got %v, %v", issued, err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	one, two := Certificate{serial(t), "one", now, now}, Certificate{serial(t), "two", now, now}
	if err := l.Add(one); err != nil {
		t.Fatal(err)
	}
	if err := l.Add(two); err != nil {
		t.Fatal(err)
	}
	if issued, err := l.Issued(); err != nil || len(issued) != 2 || issued[1] != two {
		t.Errorf("got %v, %v", issued, err)
	}
	r, added := Revocations{Number: 3}.With(pki.Revoked{Serial: one.Serial, At: now}, pki.Revoked{Serial: one.Serial, At: now})
	if err := l.Record(r); err != nil {
		t.Fatal(err)
	}
	got, err := l.Revocations()
	if err != nil || added != 1 || got.Number != 3 || !got.Has(one.Serial) || got.Has(two.Serial) {
		t.Errorf("got %+v, %v, %d added", got, err, added)
	}
}

func TestALineThatACrashCutOffLosesNothingElse(t *testing.T) {
	l := Ledger{Dir: t.TempDir()}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if err := l.Add(Certificate{serial(t), "one", now, now}); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(l.Dir, "issued.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"serial":"41`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Add(Certificate{serial(t), "two", now, now}); err != nil {
		t.Fatal(err)
	}
	issued, err := l.Issued()
	if err != nil || len(issued) != 2 || issued[1].CommonName != "two" {
		t.Errorf("got %v, %v; want one and two", issued, err)
	}
	for name, text := range map[string]string{"of a newer program": `{"schemaVersion":2}`, "damaged": `{"schemaVersion":1,`} {
		if err := os.WriteFile(filepath.Join(l.Dir, "revoked.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Revocations(); err == nil {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
}
