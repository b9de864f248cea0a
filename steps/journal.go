package steps

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
)

// Begin is the first line of a journal: what the set-up is and where it lives.
// Every later run that writes compares itself with it.
type Begin struct {
	Setup     string    `json:"setup"`
	ID        string    `json:"id"`
	Mode      home.Mode `json:"mode"`
	Partition string    `json:"partition"`
	Account   string    `json:"account"`
	Region    string    `json:"region"`
	Endpoint  string    `json:"endpoint,omitempty"`
	// AWSProfile is the AWS config profile of the administrator who made it, which
	// later runs use where the credentials at hand are of another account; empty if the
	// credentials came from elsewhere.
	AWSProfile string `json:"awsProfile,omitempty"`
}

// Entry is one line of a journal; exactly one field beside At is set. Intent is
// written before the action and its result after it.
type Entry struct {
	At     time.Time `json:"at"`
	Begin  *Begin    `json:"begin,omitempty"`
	Will   *Change   `json:"will,omitempty"`   // about to be done
	Did    *Made     `json:"did,omitempty"`    // done
	Not    string    `json:"not,omitempty"`    // the change of this ID was begun and did not happen
	Undo   *Made     `json:"undo,omitempty"`   // about to be undone
	Undone *Made     `json:"undone,omitempty"` // undone
	Later  *Pending  `json:"later,omitempty"`  // AWS finishes this later
}

// Journal is the memory of one set-up. Lines are added at its end, each on the
// disk before Add returns; only [Journal.Compact] takes some out. A last line cut off by a crash is no entry.
type Journal struct {
	path    string
	disk    *atomicfile.Disk
	entries []Entry
	torn    bool // the file does not end with a line break
}

// OpenJournal reads the journal at path; one that does not exist is empty.
func OpenJournal(path string, disk *atomicfile.Disk) (*Journal, error) {
	j := &Journal{path: path, disk: disk}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	j.torn = len(data) > 0 && data[len(data)-1] != '\n'
	lines := bytes.Split(data, []byte("\n"))
	for n, line := range lines {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			if isCut(line) {
				continue // a crash in the middle of a write; the intent was never acted on
			}
			return nil, fmt.Errorf("read journal %s: line %d: %w", path, n+1, err)
		}
		j.entries = append(j.entries, e)
	}
	return j, nil
}

// isCut tells a line that a crash cut off from one that was damaged: it is the
// beginning of a JSON object and ends before the object does.
func isCut(line []byte) bool {
	syntax, broken := errors.AsType[*json.SyntaxError](json.Unmarshal(line, &map[string]any{}))
	return broken && line[0] == '{' && syntax.Offset >= int64(len(line))
}

// Add writes one entry and waits until it is on the disk.
func (j *Journal) Add(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if j.torn {
		line = append([]byte("\n"), line...)
	}
	if err := j.disk.Append(j.path, append(line, '\n'), home.SecretPerm); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.torn = false
	j.entries = append(j.entries, e)
	return nil
}

// Begin is how the set-up began; zero if it has not.
func (j *Journal) Begin() Begin {
	for _, e := range j.entries {
		if e.Begin != nil {
			return *e.Begin
		}
	}
	return Begin{}
}

// Standing returns what was made and not undone, oldest first.
func (j *Journal) Standing() []Made {
	var standing []Made
	for _, e := range j.entries {
		switch {
		case e.Did != nil:
			standing = append(standing, *e.Did)
		case e.Undone != nil:
			gone := *e.Undone
			standing = slices.DeleteFunc(standing, func(m Made) bool { return m.Change == gone.Change && m.Ref == gone.Ref && m.UID == gone.UID })
		}
	}
	return standing
}

// Begun returns the changes that were begun and whose outcome nobody knows:
// the process was stopped between the intent and the result.
func (j *Journal) Begun() []Change {
	var begun []Change
	settle := func(id string) {
		begun = slices.DeleteFunc(begun, func(c Change) bool { return c.ID == id })
	}
	for _, e := range j.entries {
		switch {
		case e.Will != nil:
			settle(e.Will.ID)
			begun = append(begun, *e.Will)
		case e.Did != nil:
			settle(e.Did.Change)
		case e.Not != "":
			settle(e.Not)
		}
	}
	return begun
}

// Len is the number of entries.
func (j *Journal) Len() int { return len(j.entries) }
