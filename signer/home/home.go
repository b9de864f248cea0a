// Package home is the layout of ~/.anywhere: where each file of a set-up lies,
// who may read it, and which two runs exclude each other.
//
//	setups/<name>/session.json     what signing needs; the only pointer to the key
//	setups/<name>/answers          the answers of the set-up, key = value
//	setups/<name>/journal.jsonl    what was made, for resuming and teardown
//	setups/<name>/notes.json       last verdict and kept warnings
//	setups/<name>/pairs/<serial>/  a private key and its certificate, never changed
//	ca/<id>/                       a certificate authority
//	ca/<id>.making                 what ca create is about to make there, until it stands
//	cache/ bin/ sandbox/
//
// Directories are 0700 and secrets 0600. The package knows nothing of AWS.
package home

import (
	"path/filepath"

	"anywhere/pki/atomicfile"
	"anywhere/signer/pointer"
)

// DirPerm and SecretPerm are the modes of every directory and every secret file.
const (
	DirPerm    = 0o700
	SecretPerm = 0o600
)

// Home is one ~/.anywhere.
type Home struct {
	Root string // absolute
	Disk *atomicfile.Disk
}

// Setup is the directory of one set-up.
type Setup struct {
	Name string
	Dir  string
}

// Root is where the home lies: ANYWHERE_HOME, or .anywhere in the user's home
// directory. getenv is os.Getenv or stands for it.
func Root(getenv func(string) string) (string, error) { return pointer.Root(getenv) }

// ValidName says why name cannot be the name of a set-up; nil if it can.
func ValidName(name string) error { return pointer.ValidName(name) }

// Setup returns the place of a set-up, whether or not it exists. The name must
// be valid.
func (h Home) Setup(name string) Setup {
	return Setup{name, pointer.SetupDir(h.Root, name)}
}

// CA, Cache, Bin and Sandbox are the other rooms.
func (h Home) CA(id string) string { return filepath.Join(h.Root, "ca", id) }
func (h Home) Cache() string       { return pointer.CacheDir(h.Root) }
func (h Home) Bin() string         { return filepath.Join(h.Root, "bin") }
func (h Home) Sandbox() string     { return filepath.Join(h.Root, "sandbox") }

// Given is where texts lie that were pasted in the place of a file.
func (h Home) Given() string { return filepath.Join(h.Root, "given") }

// SessionFile, AnswersFile, JournalFile and NotesFile are the files of a set-up.
func (s Setup) SessionFile() string { return pointer.File(s.Dir) }
func (s Setup) AnswersFile() string { return filepath.Join(s.Dir, "answers") }
func (s Setup) JournalFile() string { return filepath.Join(s.Dir, "journal.jsonl") }
func (s Setup) NotesFile() string   { return filepath.Join(s.Dir, "notes.json") }

// ServeToken is the file with the token of the container endpoint, if serve was
// ever started for the set-up.
func (s Setup) ServeToken() string { return filepath.Join(s.Dir, "serve.token") }

// RenewalLock is the file whose lock the one holds who starts a renewal, for as
// long as that takes. The renewal itself takes the set-up's own lock.
func (s Setup) RenewalLock() string { return filepath.Join(s.Dir, "renewal.lock") }

// Pair is the directory of the key and certificate with the given serial, in
// lower-case hex.
func (s Setup) Pair(serial string) string { return filepath.Join(s.Dir, "pairs", serial) }

// ConfigLock is the file whose lock our own processes take while they edit an
// AWS config file: one for all set-ups, since they share the file.
func (h Home) ConfigLock() string { return filepath.Join(h.Root, "aws-config.lock") }
