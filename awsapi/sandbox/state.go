package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stateVersion is the version of state.json that this program writes and the
// newest that it reads.
const stateVersion = 1

// state is everything that a sandbox remembers; state.json is its JSON.
type state struct {
	Version   int        `json:"version"`
	ID        string     `json:"id"`
	CreatedAt time.Time  `json:"createdAt"`
	SealKey   []byte     `json:"sealKey"` // seals session tokens; 32 bytes
	account              // the first, whose parts stand beside the rest, as before there were others
	Others    []*account `json:"accounts,omitempty"`
	Faults    []string   `json:"faults,omitempty"` // what goes wrong on purpose until it is mended
	Seed      uint64     `json:"seed,omitempty"`   // of their chance
	Mends     []mend     `json:"mends,omitempty"`  // how to undo what faults did to things
}

// load reads state.json, or makes a new state and writes it.
func (s *Sandbox) load() error {
	data, err := os.ReadFile(s.statePath())
	if errors.Is(err, fs.ErrNotExist) {
		return s.begin()
	}
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	st, err := decodeState(data)
	if err != nil {
		return fmt.Errorf("read state %s: %w", s.statePath(), err)
	}
	s.state, s.saved = st, data
	return s.complete()
}

// complete adds what a state of an earlier program lacks.
func (s *Sandbox) complete() error {
	if len(s.state.SealKey) == 32 {
		return nil
	}
	s.state.SealKey = s.random(32)
	s.state.Buckets = []*bucket{{Name: SampleBucket, Region: DefaultRegion, CreatedAt: s.state.CreatedAt}}
	return s.save()
}

func decodeState(data []byte) (*state, error) {
	st := new(state)
	if err := json.Unmarshal(data, st); err != nil {
		return nil, err
	}
	if st.Version > stateVersion {
		return nil, fmt.Errorf("version %d is newer than this program's %d", st.Version, stateVersion)
	}
	if st.ID == "" || st.Admin.SecretAccessKey == "" {
		return nil, errors.New("it has no id or no keys")
	}
	st.Number = Account // which a state of an earlier program does not say
	return st, nil
}

func (s *Sandbox) begin() error {
	s.state = &state{
		Version:   stateVersion,
		ID:        s.uuid(),
		CreatedAt: s.cfg.Now().UTC(),
		SealKey:   s.random(32),
		account:   s.newAccount(Account),
	}
	return s.save()
}

// save writes state.json if it changed. If it cannot be written, the state in
// memory becomes again what the disk holds, as if the call had not come.
func (s *Sandbox) save() error {
	data, err := json.Marshal(s.state)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	if bytes.Equal(data, s.saved) {
		return nil
	}
	if s.shut {
		s.rewind()
		return errors.New("the sandbox is closed")
	}
	if err := s.cfg.Disk.Write(s.statePath(), data, 0o600); err != nil {
		s.rewind()
		return err
	}
	s.saved, s.savedAt = data, s.cfg.Now()
	return nil
}

// lag is how long the record of a session (its subject, its events) may be in
// memory only. The session itself needs no record.
const lag = time.Second

// saveSoon is save for calls that come by the hundred.
func (s *Sandbox) saveSoon() error {
	if s.cfg.Now().Sub(s.savedAt).Abs() < lag {
		return nil
	}
	return s.save()
}

func (s *Sandbox) rewind() {
	if st, err := decodeState(s.saved); err == nil {
		s.state = st
	}
}

func (s *Sandbox) statePath() string { return filepath.Join(s.cfg.Dir, "state.json") }
func (s *Sandbox) portPath() string  { return filepath.Join(s.cfg.Dir, "port") }

// find returns the first element that fits, or nil.
func find[T any](list []*T, fits func(*T) bool) *T {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i]
	}
	return nil
}

// without returns list without one element.
func without[T any](list []*T, gone *T) []*T {
	return slices.DeleteFunc(list, func(one *T) bool { return one == gone })
}
