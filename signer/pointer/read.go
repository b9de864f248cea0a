package pointer

import (
	"errors"
	"fmt"
	"io/fs"

	"anywhere/signer/ownfile"
)

// Read reads session.json of the set-up called name, which lies in dir under root,
// refusing one that another user could have written. [ErrNoSetup] says that there
// is none.
func Read(root, dir, name string) (Session, error) {
	if err := ownfile.CheckDirs(root, dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return Session{}, &NoSetupError{Name: name, Root: root}
		}
		return Session{}, err
	}
	data, err := ownfile.Read(File(dir), false)
	if errors.Is(err, fs.ErrNotExist) {
		return Session{}, &NoSetupError{Name: name, Root: root}
	}
	if err != nil {
		return Session{}, err
	}
	session, err := Decode(data)
	if err != nil {
		return Session{}, fmt.Errorf("read %s: %w", File(dir), err)
	}
	if session.Setup != name {
		return Session{}, fmt.Errorf("read %s: it is of set-up %q", File(dir), session.Setup)
	}
	return session, nil
}

// ErrNoSetup says that a set-up does not exist, or that it has no session.json
// yet.
var ErrNoSetup = errors.New("no such set-up")

// NoSetupError is [ErrNoSetup] with the name.
type NoSetupError struct {
	Name string
	Root string // of the home that was searched
}

func (e *NoSetupError) Error() string {
	return fmt.Sprintf("find set-up %s in %s: %v", e.Name, e.Root, ErrNoSetup)
}
func (e *NoSetupError) Is(target error) bool { return target == ErrNoSetup }

// Hint is the command that makes one.
func (e *NoSetupError) Hint() string {
	return "anywhere status lists the set-ups; anywhere setup --name " + e.Name + " makes this one"
}
