package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"anywhere/signer/home"
	"anywhere/signer/sharedconfig"
)

var binary = Step{
	ID:    StepBinary,
	Title: "Put the program where it stays",
	Why:   "The AWS CLI starts this program for every command, so it must lie where it still is next month: not in a build or download folder.",
	Needs: []ID{StepLook},
	Asks: []Question{
		{
			Key: "binary.dir", Ask: "Folder of the program", Kind: Text, Row: true, AskWhen: noFolder, Example: "/usr/local/bin",
			Why:     "The program is copied there and started from there by the AWS CLI and SDKs. No blank, quote or backslash in the path: SDKs disagree on them.",
			Default: binaryDirDefault, Valid: validBinaryDir,
		},
	},
	Plan: planBinary, Settle: settleBinary, Apply: applyBinary,
	Inspect: inspectBinary, Undo: undoBinary,
	Proof: []string{"RA503"},
}

// names of the two programs; the small one starts faster and is preferred.
const (
	smallProgram = "anywhere-signer"
	wholeProgram = "anywhere"
)

// programs lists what to look for beside this executable, best first.
func programs(e *Env) []string {
	suffix := ""
	if strings.HasSuffix(strings.ToLower(e.World.Machine.Executable), ".exe") {
		suffix = ".exe"
	}
	return []string{smallProgram + suffix, wholeProgram + suffix}
}

// stableDir is where the running program lies if it will stay there: PATH finds
// the same file, or it is in our own bin.
func (e *Env) stableDir() string {
	m := e.World.Machine
	if dir := filepath.Dir(m.Executable); dir == e.World.Home.Bin() {
		return dir
	}
	found, err := m.FromPath(filepath.Base(m.Executable))
	if err != nil || !m.SameFile(found, m.Executable) {
		return ""
	}
	return filepath.Dir(found) // the entry of PATH, not the versioned place behind a package manager's link
}

func binaryDirDefault(e *Env) (string, bool) {
	for _, dir := range []string{e.stableDir(), e.World.Home.Bin()} {
		if dir != "" && validBinaryDir(e, dir) == nil {
			return dir, true
		}
	}
	return "", false
}

// noFolder says that no folder will do, so that one must be named.
func noFolder(e *Env) bool {
	_, ok := binaryDirDefault(e)
	return !ok
}

func validBinaryDir(e *Env, dir string) error {
	if !filepath.IsAbs(dir) {
		return errors.New("must be an absolute path")
	}
	if err := sharedconfig.SafeValue(filepath.ToSlash(dir)); err != nil || strings.ContainsAny(dir, " \t\"'") {
		return errors.New("holds a character on which SDKs disagree: name a folder without blanks, quotes or backslashes")
	}
	if e.World.Machine.NoExec(dir) {
		return errors.New("lies on a disk where programs cannot be started (noexec)")
	}
	return nil
}

// source is the program that is to be installed: the small one if it stands
// beside the running one, in the same version.
func (e *Env) source() string {
	small := filepath.Join(filepath.Dir(e.World.Machine.Executable), programs(e)[0])
	if version, err := e.World.Machine.VersionOf(small); err == nil && version == e.World.Machine.Version {
		return small
	}
	return e.World.Machine.Executable
}

// program is what the AWS CLI will start.
func (e *Env) program() string {
	name := filepath.Base(e.source())
	if whole := programs(e)[1]; name != programs(e)[0] {
		name = whole // a build such as a test binary has some other name
	}
	return filepath.Join(e.Get("binary.dir"), name)
}

// copying is one program that must lie where it stays.
type copying struct {
	change, source, program string
	detail                  string
}

// copies are the programs that the set-up needs: what the AWS CLI starts and,
// where the certificate is renewed by itself, the whole one for that.
func (e *Env) copies() []copying {
	all := []copying{{"binary.copy", e.source(), e.program(), "a copy of this one, for the AWS CLI to start"}}
	if whole := e.wholeProgramPath(); byItself(e) && whole != e.program() {
		all = append(all, copying{"binary.copy-whole", e.World.Machine.Executable, whole, "a copy of this one, which renews the certificate"})
	}
	return all
}

// wholeProgramPath is where the whole program stays: where PATH finds it, or in
// the folder of the program.
func (e *Env) wholeProgramPath() string {
	if dir := e.stableDir(); dir != "" {
		return filepath.Join(dir, filepath.Base(e.World.Machine.Executable))
	}
	return filepath.Join(e.Get("binary.dir"), programs(e)[1])
}

func planBinary(_ context.Context, e *Env) ([]Change, error) {
	dir := e.Get("binary.dir")
	if err := validBinaryDir(e, dir); err != nil {
		return nil, &InvalidError{Key: "binary.dir", Value: dir, Err: err}
	}
	var all []Change
	for _, c := range e.copies() {
		changes, err := planCopy(e, c)
		if err != nil {
			return nil, err
		}
		all = append(all, changes...)
	}
	return all, nil
}

func planCopy(e *Env, c copying) ([]Change, error) {
	dir, source, program := filepath.Dir(c.program), c.source, c.program
	if e.World.Machine.SameFile(source, program) {
		return planSharedBinary(e, c)
	}
	verb := Create
	if there, err := e.World.Machine.ReadFile(program); err == nil {
		want, err := e.World.Machine.ReadFile(source)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(there, want) {
			return planSharedBinary(e, c)
		}
		if dir != e.World.Home.Bin() {
			return nil, &TakenError{"program", program, "another file is there"}
		}
		verb = Modify
	}
	return []Change{{
		ID: c.change, Step: StepBinary, Verb: verb, Noun: "program", Name: e.shown(program),
		Detail: c.detail, Spec: encodeSpec(binarySpec{source, program, !e.World.Machine.Exists(dir)}),
		Commands: []Command{{Args: []string{"install", "-m", "755", source, program}}},
	}}, nil
}

// planSharedBinary notes that this set-up needs the program which another one has
// copied: the last of them takes it away. Nothing is copied.
func planSharedBinary(e *Env, c copying) ([]Change, error) {
	if _, standing := e.Has(c.change); standing {
		return nil, nil
	}
	all, err := e.World.Home.List()
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		made, there := copied(e, s, c)
		if s.Name == e.Setup || !there {
			continue
		}
		spec := binarySpec{From: c.source, To: c.program, NewDir: made.Values["binary.new-dir"] != ""}
		return []Change{{
			ID: c.change, Step: StepBinary, Verb: Modify, Noun: "program", Name: e.shown(c.program),
			Detail: "stands already, for set-up " + s.Name + " too", Spec: encodeSpec(spec),
		}}, nil
	}
	return nil, nil
}

// copied finds the program in a set-up's journal. One that cannot be read
// is no reason to stop.
func copied(e *Env, s home.Setup, c copying) (Made, bool) {
	journal, err := OpenJournal(s.JournalFile(), e.World.Home.Disk)
	if err != nil {
		return Made{}, false
	}
	for _, made := range journal.Standing() {
		if made.Change == c.change && made.Ref == c.program {
			return made, true
		}
	}
	return Made{}, false
}

type binarySpec struct {
	From string `json:"from"`
	To   string `json:"to"`
	// NewDir says that the folder is made too, and goes again with the program.
	NewDir bool `json:"newDir,omitempty"`
}

func applyBinary(ctx context.Context, t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[binarySpec](change)
	if err != nil {
		return Made{}, err
	}
	data, err := t.World.Machine.ReadFile(spec.From)
	if err != nil {
		return Made{}, err
	}
	if there, err := t.World.Machine.ReadFile(spec.To); err == nil && bytes.Equal(there, data) {
		return binaryMade(spec, data), nil
	}
	disk := t.World.Home.Disk
	if err := disk.Mkdir(filepath.Dir(spec.To), home.DirPerm); err != nil {
		return Made{}, err
	}
	if err := disk.Write(spec.To, data, 0o755); err != nil {
		return Made{}, err
	}
	there, err := t.World.Machine.ReadFile(spec.To)
	if err != nil || !bytes.Equal(there, data) {
		return Made{}, fmt.Errorf("copy program: %s is not what was written: %w", spec.To, err)
	}
	if err := t.World.Machine.CanRun(ctx, spec.To); err != nil {
		return Made{}, fmt.Errorf("start %s: %w", spec.To, err)
	}
	return binaryMade(spec, data), nil
}

func binaryMade(spec binarySpec, data []byte) Made {
	made := Made{Noun: "program", Name: filepath.Base(spec.To), Ref: spec.To, UID: hashOf(data), Ownership: Created}
	if spec.NewDir {
		made.Values = map[string]string{"binary.new-dir": filepath.Dir(spec.To)}
	}
	return made
}

func settleBinary(_ context.Context, e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[binarySpec](change)
	if err != nil {
		return nil, err
	}
	data, err := e.World.Machine.ReadFile(spec.To)
	if err != nil {
		return nil, nil //nolint:nilerr // not there: this change did not happen
	}
	if want, err := e.World.Machine.ReadFile(spec.From); err != nil || !bytes.Equal(data, want) {
		return nil, nil //nolint:nilerr // an older one, or the original is gone: copied again
	}
	made := binaryMade(spec, data)
	return &made, nil
}
