package signing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"anywhere/pki/decode"
	"anywhere/pki/foreign"
)

// usageError is the caller's mistake: exit 2.
type usageError struct {
	what string
	fix  string
}

func (e *usageError) Error() string { return e.what }
func (e *usageError) Hint() string  { return cmp.Or(e.fix, "--help lists the flags and what they take") }

// report prints err as everything here is told, and chooses the exit code:
//
//	anywhere: verb object: cause
//	hint: the next command
//
// Parts of it may be foreign text, so it goes through the one function that
// makes such text harmless.
func report(ctx context.Context, w World, err error) int {
	if err == nil {
		return exitDone
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(w.Stderr, "anywhere: %s\n", foreign.Text(line))
	}
	if fix := hint(err); fix != "" {
		fmt.Fprintf(w.Stderr, "hint: %s\n", foreign.Text(fix))
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if ctx.Err() != nil || errors.Is(err, ErrInterrupted) {
		return exitInterrupted
	}
	return exitFailed
}

// hint is the first hint that err, or what it wraps, has; else what the flags of
// this program can do about it.
func hint(err error) string {
	if e, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return e.Hint()
	}
	for _, known := range [...]struct {
		err error
		fix string
	}{
		{decode.ErrPassphraseNeeded, "give --key-passphrase-file, --key-passphrase-env or --key-passphrase-fd, or run this at a terminal"},
		{decode.ErrWrongPassphrase, "openssl pkey -in KEY -noout asks for the password and tries it"},
		{decode.ErrNotAKey, "name the file of the key with --private-key"},
		{decode.ErrNotACertificate, "anywhere cert inspect FILE says what is in it"},
		{fs.ErrNotExist, "look at the path; a relative one counts from the folder in which this program is started"},
		{fs.ErrPermission, "run this as the user who owns the file, or as one who may read it"},
	} {
		if errors.Is(err, known.err) {
			return known.fix
		}
	}
	return ""
}
