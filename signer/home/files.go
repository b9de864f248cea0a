package home

import (
	"errors"
	"io/fs"

	"anywhere/signer/ownfile"
	"anywhere/signer/pointer"
)

// ReadSession reads session.json, refusing one that another user could have
// written. [ErrNoSetup] says that there is none.
func (h Home) ReadSession(s Setup) (Session, error) {
	session, err := pointer.Read(h.Root, s.Dir, s.Name)
	return Session(session), err
}

// WriteSession replaces session.json, making the set-up's directory if needed.
func (h Home) WriteSession(s Setup, session Session) error {
	if err := h.Disk.Mkdir(s.Dir, DirPerm); err != nil {
		return err
	}
	return h.Disk.Write(s.SessionFile(), session.Encode(), SecretPerm)
}

// ReadNotes reads notes.json. One that is absent is the zero value.
func (h Home) ReadNotes(s Setup) (Notes, error) {
	data, err := ownfile.Read(s.NotesFile(), false)
	if errors.Is(err, fs.ErrNotExist) {
		return Notes{}, nil
	}
	if err != nil {
		return Notes{}, err
	}
	return DecodeNotes(data)
}

// WriteNotes replaces notes.json.
func (h Home) WriteNotes(s Setup, notes Notes) error {
	return h.Disk.Write(s.NotesFile(), notes.Encode(), SecretPerm)
}
