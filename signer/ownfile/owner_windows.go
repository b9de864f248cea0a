package ownfile

import (
	"io/fs"
	"os"
)

// ownerOf knows nothing: Windows' mode bits say nothing of its access lists,
// which a user's own directory inherits closed to others.
func ownerOf(fs.FileInfo) owner { return unknown }

// file is an open file. That it is no link cannot be asked for at the opening.
type file struct{ *os.File }

func open(path string) (file, error) {
	f, err := os.Open(path)
	return file{f}, err
}

func (f file) about() (about, error) {
	info, err := f.Stat()
	if err != nil {
		return about{}, err
	}
	return aboutOf(info), nil
}
