package steps

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"anywhere/pki/ledger"
	"anywhere/signer/home"
	"anywhere/signer/sharedconfig"
)

// inspectConfig: lines in our section that are not ours keep the section.
func inspectConfig(_ context.Context, e *Env, made Made) (Removal, error) {
	data, err := e.World.Machine.ReadFile(made.Ref)
	section := sharedconfig.ProfileSection(made.UID)
	if err != nil || !sharedconfig.Parse(data).Has(section) {
		return Removal{Gone: true}, nil //nolint:nilerr // no file, no section
	}
	foreign := sharedconfig.Parse(data).Foreign(section, e.ourLines(made)...)
	if len(foreign) == 0 {
		return Removal{Detail: e.shown(made.Ref)}, nil
	}
	return Removal{
		Keep: fmt.Sprintf("%s holds lines that are not ours: %s", made.Name, strings.Join(foreign, "; ")), Partly: true,
		Detail: "only our own lines go",
	}, nil
}

// ourLines are the lines that we wrote. The sandbox's port may have moved since;
// the line was moved with it, as session.json was.
func (e *Env) ourLines(made Made) [][2]string {
	var pairs [][2]string
	if s, err := e.World.Home.ReadSession(e.Place()); err == nil && s.Mode == home.ModeSandbox {
		pairs = append(pairs, [2]string{"endpoint_url", s.Endpoint})
	}
	for line := range strings.Lines(made.Values["config.lines"]) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		pairs = append(pairs, [2]string{key, value})
	}
	return pairs
}

func undoConfig(ctx context.Context, t *Tools, made Made) error {
	section := sharedconfig.ProfileSection(made.UID)
	var created []string
	if c := made.Values["config.created"]; c != "" {
		created = strings.Split(c, "\n")
	}
	_, err := t.editor(made.Ref).Undo(ctx, created, func(d *sharedconfig.Document) error {
		if !d.Has(section) {
			return nil
		}
		if len(d.Foreign(section, t.ourLines(made)...)) == 0 {
			return d.RemoveSection(section)
		}
		for _, pair := range t.ourLines(made) {
			if have, _ := d.Get(section, pair[0]); have == pair[1] {
				d.RemoveKey(section, pair[0])
			}
		}
		return nil
	})
	return err
}

func inspectSession(_ context.Context, e *Env, _ Made) (Removal, error) {
	_, err := e.World.Machine.ReadFile(e.Place().SessionFile())
	return Removal{Gone: err != nil}, nil
}

func undoSession(_ context.Context, t *Tools, _ Made) error {
	return removeAll(t, t.Place().SessionFile())
}

func inspectCertificate(_ context.Context, e *Env, made Made) (Removal, error) {
	if other, err := e.sharedBy(); err != nil || other != "" {
		return Removal{Keep: keptFor(other)}, err
	}
	_, err := e.World.Machine.ReadFile(filepath.Join(e.World.Home.Abs(made.Ref), "key.pem"))
	return Removal{Gone: err != nil && !e.World.Machine.Exists(e.World.Home.Abs(made.Ref)), Detail: e.shown(e.World.Home.Abs(made.Ref))}, nil
}

func undoCertificate(_ context.Context, t *Tools, made Made) error {
	dir := t.World.Home.Abs(made.Ref)
	return removeAll(t, filepath.Join(dir, "key.pem"), filepath.Join(dir, "certificate.pem"), dir)
}

// removeAll deletes files, with what a killed write left beside them, and then
// emptied directories, in this order.
func removeAll(t *Tools, paths ...string) error {
	for _, path := range paths {
		if err := t.World.Home.Disk.Sweep(path); err != nil {
			return err
		}
		if err := t.World.Home.Disk.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// inspectCA keeps the key of a CA outside the sandbox unless it was asked for,
// and never takes one that another set-up issues from.
func inspectCA(_ context.Context, e *Env, made Made) (Removal, error) {
	dir := e.World.Home.Abs(made.Ref)
	if !e.World.Machine.Exists(dir) {
		return Removal{Gone: true}, nil
	}
	other, err := e.otherUser(dir)
	if err != nil {
		return Removal{}, err
	}
	sharer, err := e.sharedBy()
	if err != nil {
		return Removal{}, err
	}
	switch {
	case sharer != "":
		return Removal{Keep: keptFor(sharer)}, nil
	case other != "":
		return Removal{Keep: "set-up " + other + " issues its certificates from this CA", Ours: true}, nil
	case outsideSandbox(e) && !e.DeleteCA && made.Values["ca.private-key"]+made.Values["ca.root-key"] != "":
		return Removal{
			Keep: "a CA key is removed only when asked for: --delete-ca", Ours: true, Detail: e.shown(dir),
			Commands: []Command{{Args: []string{"rm", "-r", dir}}},
		}, nil
	}
	for _, key := range []string{made.Values["ca.private-key"], made.Values["ca.root-key"]} {
		if filepath.IsAbs(filepath.FromSlash(key)) {
			e.Note("The CA key in " + key + " lies outside anywhere's home and is not touched.")
		}
	}
	return Removal{Detail: e.shown(dir)}, nil
}

// otherUser names another set-up whose answers point into dir.
func (e *Env) otherUser(dir string) (string, error) {
	return e.otherAnswer(dir + string(filepath.Separator))
}

// otherAnswer names another set-up that has text in its answers.
func (e *Env) otherAnswer(text string) (string, error) {
	all, err := e.World.Home.List()
	if err != nil {
		return "", err
	}
	for _, s := range all {
		if s.Name == e.Setup {
			continue
		}
		if data, err := e.World.Machine.ReadFile(s.AnswersFile()); err == nil && bytes.Contains(data, []byte(text)) {
			return s.Name, nil
		}
	}
	return "", nil
}

func undoCA(_ context.Context, t *Tools, made Made) error {
	dir := t.World.Home.Abs(made.Ref)
	paths := append(append(caFiles(dir), filepath.Join(dir, "account.pem")), requestFiles(dir)...)
	for _, name := range ledger.Files() {
		paths = append(paths, filepath.Join(dir, name), filepath.Join(rootLedgerDir(dir), name))
	}
	paths = append(paths, rootLedgerDir(dir))
	return removeAll(t, append(paths, dir)...)
}

// inspectBinary keeps the program while another set-up is there to start it.
func inspectBinary(_ context.Context, e *Env, made Made) (Removal, error) {
	data, err := e.World.Machine.ReadFile(made.Ref)
	if err != nil {
		return Removal{Gone: true}, nil //nolint:nilerr // not there any more
	}
	if hashOf(data) != made.UID {
		return Removal{Keep: "it is no longer the program that was copied there", Ours: true}, nil
	}
	all, err := e.World.Home.List()
	if err != nil {
		return Removal{}, err
	}
	for _, s := range all {
		if s.Name != e.Setup {
			return Removal{Keep: "set-up " + s.Name + " may start it", Ours: true}, nil
		}
	}
	return Removal{Detail: e.shown(made.Ref)}, nil
}

func undoBinary(_ context.Context, t *Tools, made Made) error {
	if err := removeAll(t, made.Ref); err != nil {
		return err
	}
	dir := filepath.Dir(made.Ref)
	if ours := dir == t.World.Home.Bin() || dir == made.Values["binary.new-dir"]; ours && !t.World.Machine.HasFiles(dir) {
		return t.World.Home.Disk.Remove(dir)
	}
	return nil
}
