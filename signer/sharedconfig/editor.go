package sharedconfig

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"anywhere/pki/atomicfile"
)

// Editor changes one config file: read, edit, write, under a lock.
//
// The lock keeps our own processes apart. It lies outside ~/.aws, so that nothing
// is left beside the user's files; no AWS tool takes a lock there that could be
// shared. Against them the file is read once more just before it is written.
type Editor struct {
	Path string // of the file, which may be a symbolic link and need not exist
	Lock string // of the lock file, in an existing directory of ours
	Disk *atomicfile.Disk
}

// Edit is what one run of an [Editor] did, or would do.
type Edit struct {
	Path   string // Editor.Path
	Before []byte // nil if there was no file
	After  []byte // empty if nothing is left
	// Created are the paths that did not exist before: missing directories,
	// outermost first, then the file, behind its links. [Editor.Undo] takes them;
	// a journal that has them from Preview can undo an Apply that was killed.
	Created []string
}

// Changed says that the bytes differ.
func (e Edit) Changed() bool { return string(e.Before) != string(e.After) }

// Diff is the unified diff of the edit, for reading.
func (e Edit) Diff() string { return Diff(e.Path, e.Before, e.After) }

// ErrMoved says that somebody else changed the file while it was edited, more
// than once.
var ErrMoved = errors.New("another program keeps changing the file")

// Modes of what is made if it is missing, as the AWS CLI makes the file, and
// narrower than it makes the directory.
const (
	filePerm = 0o600
	dirPerm  = 0o700
)

// Preview says what [Editor.Apply] would do now. It takes no lock and writes
// nothing.
func (e Editor) Preview(change func(*Document) error) (Edit, error) {
	return e.prepare(change)
}

// Apply edits the file. A link stays and the file behind it is replaced; its mode
// stays too. A missing file is made with mode 0600, a missing directory with
// 0700. An edit that changes no byte writes nothing. Waiting for the lock ends
// with ctx.
func (e Editor) Apply(ctx context.Context, change func(*Document) error) (Edit, error) {
	return e.locked(ctx, change, e.write)
}

// Undo edits the file as Apply does, with a change that takes an earlier one
// back. If nothing is left in a file that the earlier Apply created, the file is
// removed, and of the directories that it created those that are empty.
func (e Editor) Undo(ctx context.Context, created []string, change func(*Document) error) (Edit, error) {
	target, err := atomicfile.Resolve(e.Path)
	if err != nil {
		return Edit{}, fmt.Errorf("read %s: %w", e.Path, bare(err))
	}
	ours := slices.Contains(created, target)
	return e.locked(ctx, change, func(edit Edit) error {
		switch {
		case len(edit.After) > 0 || !ours && edit.Before != nil:
			return e.write(edit)
		case !ours:
			return nil
		}
		for _, path := range slices.Backward(created) {
			if err := e.removeUnlessUsed(path); err != nil {
				return err
			}
		}
		return nil
	})
}

// write replaces the file, if that changes anything.
func (e Editor) write(edit Edit) error {
	if !edit.Changed() {
		return nil
	}
	for _, dir := range edit.Created[:max(0, len(edit.Created)-1)] {
		if err := e.Disk.Mkdir(dir, dirPerm); err != nil {
			return err
		}
	}
	return e.Disk.WriteThrough(e.Path, edit.After, filePerm)
}

// removeUnlessUsed deletes our file, or a directory of ours if it is empty.
func (e Editor) removeUnlessUsed(path string) error {
	if entries, err := os.ReadDir(path); err == nil && len(entries) > 0 {
		return nil
	}
	return e.Disk.Remove(path)
}

// locked prepares an edit and writes it, both under the lock.
func (e Editor) locked(ctx context.Context, change func(*Document) error, write func(Edit) error) (Edit, error) {
	lock := flock.New(e.Lock, flock.SetPermissions(filePerm))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return Edit{}, fmt.Errorf("lock %s: %w", e.Lock, err)
	}
	defer lock.Unlock()
	for range 3 {
		edit, err := e.prepare(change)
		if err != nil {
			return Edit{}, err
		}
		if now, err := read(e.Path); err != nil {
			return Edit{}, err
		} else if string(now) != string(edit.Before) {
			continue
		}
		return edit, write(edit)
	}
	return Edit{}, fmt.Errorf("change %s: %w", e.Path, ErrMoved)
}

// prepare reads the file and works the edit out.
func (e Editor) prepare(change func(*Document) error) (Edit, error) {
	before, err := read(e.Path)
	if err != nil {
		return Edit{}, err
	}
	doc := Parse(before)
	if err := change(doc); err != nil {
		return Edit{}, fmt.Errorf("change %s: %w", e.Path, err)
	}
	edit := Edit{Path: e.Path, Before: before, After: doc.Bytes()}
	switch {
	case before != nil:
	case len(edit.After) == 0:
		edit.After = nil
	default:
		target, err := atomicfile.Resolve(e.Path)
		if err != nil {
			return Edit{}, fmt.Errorf("change %s: %w", e.Path, bare(err))
		}
		edit.Created = missing(target)
	}
	return edit, nil
}

// read returns the bytes of the file, or nil if it does not exist. A device, such
// as the /dev/null that scripts set AWS_CONFIG_FILE to, must never be replaced.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, bare(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: is not a regular file", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, bare(err))
	}
	if data == nil {
		data = []byte{}
	}
	return data, nil
}

// missing returns path and those of its parents that do not exist, outermost
// first.
func missing(path string) []string {
	paths := []string{path}
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		paths = append(paths, dir)
	}
	slices.Reverse(paths)
	return paths
}

// bare takes the operation and the path off an error of os, since ours name both.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
