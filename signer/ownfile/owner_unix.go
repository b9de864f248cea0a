//go:build unix

package ownfile

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

func ownerOf(info fs.FileInfo) owner {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return unknown
	}
	return ownerBy(stat.Uid)
}

func ownerBy(uid uint32) owner {
	if uid == 0 || int(uid) == os.Geteuid() {
		return ours
	}
	return foreign
}

// file is an open file, by its descriptor. Package os would make it known to the
// poller, which takes five more calls of the system at every call of the AWS CLI.
type file int

// open opens a file to read. A link makes it fail; a FIFO in a file's place does
// not hang it.
func open(path string) (file, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != syscall.EINTR {
			return file(fd), err
		}
	}
}

func (f file) about() (about, error) {
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(f), &stat); err != nil {
		return about{}, err
	}
	mode := fs.FileMode(stat.Mode).Perm()
	if stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		mode |= fs.ModeIrregular
	}
	return about{mode, stat.Size, ownerBy(stat.Uid)}, nil
}

// Read is io.Reader's.
func (f file) Read(p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(f), p)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// Close is io.Closer's.
func (f file) Close() error { return syscall.Close(int(f)) }
