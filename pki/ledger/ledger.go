// Package ledger is what a certificate authority remembers: which certificates it
// issued for other machines and which it has revoked.
//
//	issued.jsonl    one line for each certificate issued, only ever appended
//	revoked.json    the number of the last revocation list and its entries
//
// Both lie beside the CA, since they end with it. An entry is written before the
// list that carries it is signed: a crash in between is finished by the next run,
// and no list is ever made that lacks an older entry.
//
// The package holds no key and signs nothing.
package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
)

// The modes of what is here; it is not secret, but nobody else's to change.
const (
	dirPerm  = 0o700
	filePerm = 0o600
)

// Ledger is the memory of one CA in a directory, which need not exist yet.
type Ledger struct {
	Dir  string
	Disk *atomicfile.Disk
}

// Files are the names of the files, for whoever removes the CA.
func Files() []string { return []string{"issued.jsonl", "revoked.json", "lock"} }

// Certificate is one certificate that was issued.
type Certificate struct {
	Serial     pki.Serial `json:"serial"`
	CommonName string     `json:"commonName"`
	NotAfter   time.Time  `json:"notAfter"`
	At         time.Time  `json:"at"` // when it was issued
}

// Revocations are the entries of the CA's list and its number.
type Revocations struct {
	SchemaVersion int           `json:"schemaVersion"`
	Number        int64         `json:"number"`
	Entries       []pki.Revoked `json:"entries"` // oldest first
}

// Add writes down certificates that were issued.
func (l Ledger) Add(certs ...Certificate) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines) // ends each value with a line feed
	for _, c := range certs {
		if err := encoder.Encode(c); err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
	}
	if err := l.Disk.Mkdir(l.Dir, dirPerm); err != nil {
		return err
	}
	path, data := filepath.Join(l.Dir, "issued.jsonl"), lines.Bytes()
	if torn(path) {
		data = append([]byte("\n"), data...)
	}
	return l.Disk.Append(path, data, filePerm)
}

// torn says whether a crash cut off the last line of a file.
func torn(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var last [1]byte
	_, err = f.Seek(-1, io.SeekEnd)
	if err == nil {
		_, err = f.Read(last[:])
	}
	return err == nil && last[0] != '\n'
}

// Issued lists the certificates that were written down. A last line that a crash
// cut off is passed over.
func (l Ledger) Issued() ([]Certificate, error) {
	path := filepath.Join(l.Dir, "issued.jsonl")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	var all []Certificate
	for n, line := range bytes.Split(data, []byte("\n")) {
		var c Certificate
		if len(line) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &c); err != nil {
			if _, cut := errors.AsType[*json.SyntaxError](err); cut {
				continue // cut off by a crash, before the certificate was handed out
			}
			return nil, fmt.Errorf("read ledger %s: line %d: %w", path, n+1, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// Revocations reads what was revoked; a CA that has revoked nothing has no file.
func (l Ledger) Revocations() (Revocations, error) {
	path := filepath.Join(l.Dir, "revoked.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Revocations{}, nil
	}
	if err != nil {
		return Revocations{}, fmt.Errorf("read ledger: %w", err)
	}
	var r Revocations
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read ledger %s: %w", path, err)
	}
	if r.SchemaVersion != schemaVersion {
		return r, fmt.Errorf("read ledger %s: schemaVersion %d, this program knows %d", path, r.SchemaVersion, schemaVersion)
	}
	return r, nil
}

const schemaVersion = 1

// Record replaces what was revoked.
func (l Ledger) Record(r Revocations) error {
	r.SchemaVersion = schemaVersion
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	if err := l.Disk.Mkdir(l.Dir, dirPerm); err != nil {
		return err
	}
	return l.Disk.Write(filepath.Join(l.Dir, "revoked.json"), append(data, '\n'), filePerm)
}

// With returns r with entries that it does not have yet, and their number.
func (r Revocations) With(entries ...pki.Revoked) (Revocations, int) {
	r.Entries = slices.Clone(r.Entries)
	has := make(map[pki.Serial]bool, len(r.Entries)+len(entries))
	for _, e := range r.Entries {
		has[e.Serial] = true
	}
	added := 0
	for _, e := range entries {
		if !has[e.Serial] {
			has[e.Serial] = true
			r.Entries = append(r.Entries, e)
			added++
		}
	}
	return r, added
}

// Has says whether a serial is among them.
func (r Revocations) Has(serial pki.Serial) bool {
	return slices.ContainsFunc(r.Entries, func(e pki.Revoked) bool { return e.Serial == serial })
}
