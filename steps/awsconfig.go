package steps

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"anywhere/signer/home"
	"anywhere/signer/sharedconfig"
)

var awsConfig = Step{
	ID:    StepConfig,
	Title: "Write the AWS config profile",
	Why:   "One section in the AWS config file makes the AWS CLI and every SDK start this program when they need credentials.",
	Needs: []ID{StepSession, StepBinary},
	Asks: []Question{
		{
			Key: "config.profile", Ask: "AWS config profile", Kind: Text, Row: true, AskWhen: noSection, Example: "laptop",
			Why:     "The name for --profile and AWS_PROFILE. Never default, and never one that exists: nothing of yours is changed.",
			Default: sectionDefault, Valid: validSection,
		},
	},
	Plan: planConfig, Settle: settleConfig, Clear: clearConfig, Apply: applyConfig,
	Inspect: inspectConfig, Undo: undoConfig,
	Proof: []string{"RA501", "RA502"},
}

// sectionDefault is the set-up's name, or that with anywhere- before it if the
// user has a section of that name.
func sectionDefault(e *Env) (string, bool) {
	for _, name := range []string{e.Setup, "anywhere-" + e.Setup} {
		if validSection(e, name) == nil {
			return name, true
		}
	}
	return "", false
}

func noSection(e *Env) bool {
	_, ok := sectionDefault(e)
	return !ok
}

func validSection(e *Env, name string) error {
	switch {
	case name == "default":
		return errors.New("default is never touched")
	case name == "" || strings.IndexFunc(name, notInSection) >= 0 || len(name) > 64:
		return errors.New("use letters, digits, - and _")
	}
	if made, ours := e.Has("aws-config.section"); ours && made.UID == name || e.Site == nil {
		return nil
	}
	if e.begun("aws-config.section", name) {
		return nil
	}
	for _, f := range []struct{ path, section string }{
		{e.Site.ConfigFile, sharedconfig.ProfileSection(name)}, {e.Site.CredentialsFile, name},
	} {
		if data, err := e.World.Machine.ReadFile(f.path); err == nil && sharedconfig.Parse(data).Has(f.section) {
			return fmt.Errorf("%s has a section of that name already", e.shown(f.path))
		}
	}
	return nil
}

func notInSection(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// configSpec is exactly what will be written, and what was not there before.
type configSpec struct {
	File    string      `json:"file"`
	Name    string      `json:"name"`
	Pairs   [][2]string `json:"pairs"`
	Created []string    `json:"created,omitempty"` // paths that the edit creates
}

// CredentialProcess is the line that the AWS CLI and the SDKs start: no quotes,
// no blanks in paths, no backslashes, because they disagree on all of them.
func (e *Env) CredentialProcess() string {
	line := filepath.ToSlash(e.program()) + " credential-process --setup " + e.Setup
	if e.World.Machine.HomeFlag {
		line += " --home " + filepath.ToSlash(e.World.Home.Root)
	}
	return line
}

func wantedConfig(e *Env) (configSpec, error) {
	if e.World.Machine.HomeFlag && strings.ContainsAny(e.World.Home.Root, " \t\"'") {
		return configSpec{}, &HomePathError{e.World.Home.Root}
	}
	spec := configSpec{File: e.Site.ConfigFile, Name: e.Get("config.profile"), Pairs: [][2]string{
		{"credential_process", e.CredentialProcess()},
		{"region", e.Site.Region},
	}}
	if e.Site.Mode == home.ModeSandbox {
		spec.Pairs = append(spec.Pairs, [2]string{"endpoint_url", e.Site.Endpoint})
	}
	return spec, nil
}

// HomePathError says that the home cannot be named in a credential_process line.
type HomePathError struct{ Root string }

func (e *HomePathError) Error() string {
	return fmt.Sprintf("write AWS config profile: the path %q has a blank or quote, on which SDKs disagree", e.Root)
}

// Hint names the variable that moves the home.
func (e *HomePathError) Hint() string { return "set ANYWHERE_HOME to a path without blanks and quotes" }

func planConfig(_ context.Context, e *Env) ([]Change, error) {
	spec, err := wantedConfig(e)
	if err != nil {
		return nil, err
	}
	if err := validSection(e, spec.Name); err != nil {
		return nil, &InvalidError{Key: "config.profile", Value: spec.Name, Err: err}
	}
	made, standing := e.Has("aws-config.section")
	if standing && made.UID != spec.Name {
		return nil, &FixedError{Key: "config.profile", Was: made.UID, Now: spec.Name}
	}
	edit, err := e.editor(spec.File).Preview(writeSection(spec, standing))
	if err != nil {
		return nil, err
	}
	if !edit.Changed() {
		return nil, nil
	}
	spec.Created = createdBefore(e, spec, edit.Created)
	return []Change{{
		ID: "aws-config.section", Step: StepConfig, Verb: Modify, Noun: "AWS config profile", Name: e.shown(spec.File),
		Detail: fmt.Sprintf("[profile %s], %d lines", spec.Name, len(spec.Pairs)+1), Diff: edit.Diff(), Spec: encodeSpec(spec),
		Commands: configCommands(spec),
	}}, nil
}

// writeSection adds our section, or brings our own lines in it up to date.
func writeSection(spec configSpec, standing bool) func(*sharedconfig.Document) error {
	section := sharedconfig.ProfileSection(spec.Name)
	return func(d *sharedconfig.Document) error {
		if !standing || !d.Has(section) {
			return d.AddSection(section, spec.Pairs...)
		}
		for _, pair := range spec.Pairs {
			if have, _ := d.Get(section, pair[0]); have == pair[1] {
				continue
			}
			if err := d.Set(section, pair[0], pair[1]); err != nil {
				return err
			}
		}
		return nil
	}
}

func (e *Env) editor(file string) sharedconfig.Editor {
	return sharedconfig.Editor{Path: file, Lock: e.World.Home.ConfigLock(), Disk: e.World.Home.Disk}
}

func applyConfig(ctx context.Context, t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[configSpec](change)
	if err != nil {
		return Made{}, err
	}
	_, standing := t.Has("aws-config.section")
	if _, err := t.editor(spec.File).Apply(ctx, writeSection(spec, standing)); err != nil {
		return Made{}, err
	}
	return configMade(t.Env, spec), nil
}

// configMade keeps what an earlier edit created, so that undo can remove it.
func configMade(e *Env, spec configSpec) Made {
	created := strings.Join(spec.Created, "\n")
	if earlier, ok := e.Has("aws-config.section"); ok && created == "" {
		created = earlier.Values["config.created"]
	}
	var pairs []string
	for _, pair := range spec.Pairs {
		pairs = append(pairs, pair[0]+"="+pair[1])
	}
	return Made{
		Noun: "AWS config profile", Name: "[profile " + spec.Name + "]", Ref: spec.File, UID: spec.Name, Ownership: Created,
		Values: map[string]string{"config.created": created, "config.lines": strings.Join(pairs, "\n")},
	}
}

func settleConfig(_ context.Context, e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[configSpec](change)
	if err != nil {
		return nil, err
	}
	data, err := e.World.Machine.ReadFile(spec.File)
	if err != nil {
		return nil, nil //nolint:nilerr // no file: this change did not happen
	}
	doc, section := sharedconfig.Parse(data), sharedconfig.ProfileSection(spec.Name)
	if !slices.ContainsFunc(spec.Pairs, func(pair [2]string) bool { v, _ := doc.Get(section, pair[0]); return v == pair[1] }) {
		return nil, nil
	}
	made := configMade(e, spec)
	return &made, nil
}

// createdBefore adds what a run that was killed had created on its way: a
// directory that it made is ours to remove, though this edit finds it there.
func createdBefore(e *Env, spec configSpec, now []string) []string {
	for _, change := range e.Begun {
		begun, err := decodeSpec[configSpec](change)
		if change.ID != "aws-config.section" || err != nil || begun.File != spec.File || len(now) == 0 {
			continue
		}
		earlier := slices.DeleteFunc(begun.Created, func(path string) bool { return slices.Contains(now, path) })
		now = append(earlier, now...)
	}
	return now
}

// clearConfig removes the empty directories that were made for a file which was
// not written.
func clearConfig(ctx context.Context, t *Tools, change Change) error {
	spec, err := decodeSpec[configSpec](change)
	if err != nil {
		return err
	}
	_, err = t.editor(spec.File).Undo(ctx, spec.Created, func(*sharedconfig.Document) error { return nil })
	return err
}
