package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anywhere/signer/home"
)

// A CA of no set-up has no journal. What its making is about to write is therefore
// written down beside it first, ca/<id>.making, and that goes when the CA stands: a
// run that is killed in between leaves a name, and the next one goes on by it.

// begunCA is the file: what a run was about to make.
type begunCA struct {
	SchemaVersion int               `json:"schemaVersion"`
	Name          string            `json:"name"`
	ID            string            `json:"id"` // 32 hex digits; the first 8 name the CA's directory
	Answers       map[string]string `json:"answers"`
	Spec          caSpec            `json:"spec"`
	Under         string            `json:"under,omitempty"`    // file of the root's certificate, if that stands
	UnderKey      string            `json:"underKey,omitempty"` // file or reference of its key
}

const (
	begunSchema = 1
	begunSuffix = ".making"
)

// BegunCA is a CA that belongs to no set-up and whose making was stopped.
type BegunCA struct {
	Name string `json:"name"`
	Dir  string `json:"dir"`
	// GoOn makes it whole; Drop removes what there is of it.
	GoOn []string `json:"goOn"`
	Drop []string `json:"drop"`
}

// BegunCAs lists them.
func BegunCAs(h home.Home) ([]BegunCA, error) {
	all, err := begunCAs(h)
	if err != nil {
		return nil, err
	}
	out := []BegunCA{}
	for _, b := range all {
		dir := h.CA(b.ID[:8])
		out = append(out, BegunCA{Name: b.Name, Dir: dir, GoOn: []string{"anywhere", "ca", "create", "--name", b.Name}, Drop: []string{"rm", "-rf", dir, dir + begunSuffix}})
	}
	return out, nil
}

func begunCAs(h home.Home) ([]begunCA, error) {
	entries, err := os.ReadDir(filepath.Join(h.Root, "ca"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for CAs that were begun: %w", err)
	}
	var all []begunCA
	for _, entry := range entries {
		id8, made := strings.CutSuffix(entry.Name(), begunSuffix)
		if !made || strings.HasPrefix(id8, ".") {
			continue
		}
		path := filepath.Join(h.Root, "ca", entry.Name())
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its run has ended this moment
		}
		var b begunCA
		if err == nil {
			err = json.Unmarshal(data, &b)
		}
		if err == nil && (b.SchemaVersion != begunSchema || len(b.ID) < 8 || b.ID[:8] != id8 || home.ValidName(b.Name) != nil) {
			err = errors.New("it is not one of this version")
		}
		if err != nil {
			return nil, fmt.Errorf("read what was begun of a CA in %s: %w", path, err)
		}
		all = append(all, b)
	}
	return all, nil
}

// begunNamed is the one of a name; nil if there is none.
func begunNamed(h home.Home, name string) (*begunCA, error) {
	all, err := begunCAs(h)
	if i := slices.IndexFunc(all, func(b begunCA) bool { return b.Name == name }); err == nil && i >= 0 {
		return &all[i], nil
	}
	return nil, err
}

// change is what was begun, as a journal has it.
func (b begunCA) change() Change {
	return Change{ID: "ca.create", Step: StepCA, Spec: encodeSpec(b.Spec)}
}

// keys are the files of the user's that were to hold its keys.
func (b begunCA) keys() []string {
	var all []string
	for _, file := range []string{b.Spec.KeyFile, b.rootKey()} {
		if filepath.IsAbs(file) {
			all = append(all, file)
		}
	}
	return all
}

func (b begunCA) rootKey() string {
	if b.Spec.Root == nil {
		return ""
	}
	return b.Spec.Root.KeyFile
}

// lockCAs keeps other runs of ca create away.
func (e *Env) lockCAs() (*home.Lock, error) {
	dir := filepath.Join(e.World.Home.Root, "ca")
	if err := e.World.Home.Disk.Mkdir(dir, home.DirPerm); err != nil {
		return nil, err
	}
	lock, err := home.LockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("make CA: %w", err)
	}
	return lock, nil
}

// begin writes down what will be made.
func (b begunCA) begin(h home.Home) error {
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("make CA: %w", err)
	}
	return h.Disk.Write(h.CA(b.ID[:8])+begunSuffix, append(data, '\n'), home.SecretPerm)
}

// end: the CA stands.
func (b begunCA) end(h home.Home) error {
	path := h.CA(b.ID[:8]) + begunSuffix
	return errors.Join(h.Disk.Sweep(path), h.Disk.Remove(path))
}

// HalfKeys are the files of the user's to which runs that were stopped were about to
// write the key of a CA, and that hold the key of none that stands; the newest last.
func (j *Journal) HalfKeys() []string {
	var files []string
	add := func(file string) {
		if filepath.IsAbs(file) && !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	for _, e := range j.entries {
		if e.Will != nil && e.Will.ID == "ca.create" {
			if spec, err := decodeSpec[caSpec](*e.Will); err == nil {
				if spec.Root != nil {
					add(spec.Root.KeyFile)
				}
				add(spec.KeyFile)
			}
		}
		if e.Did != nil && e.Did.Change == "ca.create" {
			files = slices.DeleteFunc(files, func(file string) bool {
				return file == e.Did.Values["ca.private-key"] || file == e.Did.Values["ca.root-key"]
			})
		}
	}
	return files
}
