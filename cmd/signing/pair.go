package signing

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/session"
)

// replacing is how long the files of a pair may take to be replaced, one after the
// other: a run that read one of each looks again, each time after a longer pause.
const (
	replacing    = 2 * time.Second
	firstLook    = 25 * time.Millisecond
	longestLook  = 400 * time.Millisecond
	justReplaced = 5 * time.Second // the age of a file that may be half written
)

// betweenTwo says whether err may come of files that are just being replaced: the
// key is not the certificate's, or a file of this very moment cannot be read. A key
// in hardware is not replaced so, and a pipe can be read only once.
func (o options) betweenTwo(w World, err error) bool {
	if err == nil || o.fromPipe() {
		return false
	}
	if mixed, ok := errors.AsType[*pki.MismatchError](err); ok {
		return mixed.Show == ""
	}
	_, refused := errors.AsType[*session.Refused](err)
	_, unreachable := errors.AsType[*session.UnreachableError](err)
	asked := errors.Is(err, decode.ErrWrongPassphrase) || errors.Is(err, decode.ErrPassphraseNeeded) || errors.Is(err, ErrInterrupted)
	if refused || unreachable || asked {
		return false
	}
	for _, path := range []string{o.certificate, o.privateKey, o.intermediates} {
		if info, err := os.Stat(path); err == nil && w.Now().Sub(info.ModTime()).Abs() < justReplaced {
			return true
		}
	}
	return false
}

// fromPipe says whether one of the flags names a pipe.
func (o options) fromPipe() bool {
	return slices.ContainsFunc([]string{o.certificate, o.privateKey, o.intermediates, o.passphrase.file}, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode()&fs.ModeNamedPipe != 0
	})
}
