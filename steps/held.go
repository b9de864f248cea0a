package steps

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"anywhere/signer/home"
)

// held are texts that were given in the place of files, such as PEM that was
// pasted, by the paths under which the road reads them. Nothing of them is written
// before the set-up begins.
type held map[string][]byte

// over reads a held text in the place of a file.
func (h held) over(read func(string) ([]byte, error)) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if text, ok := h[path]; ok {
			return bytes.Clone(text), nil
		}
		return read(path)
	}
}

// Hold keeps text and returns the path that answers a question for a file with it.
// The file is written, readable by its owner alone, when a plan is applied with
// that answer, and goes with the set-up.
func (r *Runner) Hold(text []byte) string { return r.env.hold(text) }

// Kept says that path is a file of the program's own making, for an answer.
func (e *Env) Kept(path string) bool { return filepath.Dir(path) == e.World.Home.Given() }

// shownFile is a file of the user's, or what he pasted in its place.
func (e *Env) shownFile(path string) string {
	if e.Kept(path) {
		return "what was pasted"
	}
	return e.shown(path)
}

func (e *Env) hold(text []byte) string {
	sum := sha256.Sum256(text)
	path := filepath.Join(e.World.Home.Given(), hex.EncodeToString(sum[:8])+".pem")
	e.held[path] = bytes.Clone(text)
	return path
}

// keepHeld writes the held texts that are answers.
func (r *Runner) keepHeld() error {
	disk, dir := r.env.World.Home.Disk, r.env.World.Home.Given()
	answers := slices.Collect(maps.Values(r.savable()))
	for _, path := range slices.Sorted(maps.Keys(r.held)) {
		if !slices.Contains(answers, path) {
			continue
		}
		if err := disk.Mkdir(dir, home.DirPerm); err != nil {
			return fmt.Errorf("keep what was pasted: %w", err)
		}
		if err := disk.Write(path, r.held[path], home.SecretPerm); err != nil {
			return fmt.Errorf("keep what was pasted: %w", err)
		}
	}
	return nil
}

// dropHeld removes the files that an earlier run kept, but for those that another
// set-up was answered with, too.
func (r *Runner) dropHeld() error {
	for _, path := range r.savable() {
		if err := r.dropKept(path); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) dropKept(path string) error {
	if !r.env.Kept(path) {
		return nil
	}
	other, err := r.env.otherAnswer(path)
	if err != nil || other != "" {
		return err
	}
	return r.env.World.Home.Disk.Remove(path)
}

// saveAnswers writes the answers of this run in the place of those before, and removes
// what was kept for these alone: it may be a key that was pasted.
func (r *Runner) saveAnswers() error {
	e := r.env
	before := map[string]string{}
	if data, err := e.World.Machine.ReadFile(e.Place().AnswersFile()); err == nil {
		if before, err = ParseAnswers(data); err != nil {
			return err
		}
	}
	if err := r.keepHeld(); err != nil { // before the answers that name it
		return err
	}
	now := r.savable()
	if err := e.World.Home.Disk.Write(e.Place().AnswersFile(), encodeAnswers(now), home.SecretPerm); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if path := before[key]; !slices.Contains(slices.Collect(maps.Values(now)), path) {
			if err := r.dropKept(path); err != nil {
				return err
			}
		}
	}
	return nil
}
