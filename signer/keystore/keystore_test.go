package keystore

import (
	"crypto"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/ownfile"
)

// files makes a directory with a plain key and a file that is none.
func files(t *testing.T) string {
	t.Helper()
	dir, _ := filesOf(t)
	return dir
}

func filesOf(t *testing.T) (string, crypto.Signer) {
	t.Helper()
	dir := t.TempDir()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := pki.EncodeKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"plain.pem": plain, "noise.pem": []byte("noise")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, key
}

// filesWithLocked adds a locked key, which takes a moment to make and to open.
func filesWithLocked(t *testing.T) string {
	t.Helper()
	dir, key := filesOf(t)
	locked, err := pki.EncodeKeyLocked(key, []byte("open sesame"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "locked.pem"), locked, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func word(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func TestKeysAreFoundByReference(t *testing.T) {
	dir := files(t)
	if _, err := Open("plain.pem", dir, nil); err != nil {
		t.Errorf("a path of ours: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "plain.pem"), "/elsewhere", nil); err != nil {
		t.Errorf("the user's own path: %v", err)
	}
}

func TestEachFaultOfAKeyHasItsOwnError(t *testing.T) {
	dir := filesWithLocked(t)
	if _, err := Open("locked.pem", dir, word("open sesame")); err != nil {
		t.Errorf("a locked key with its passphrase: %v", err)
	}
	tests := map[string]struct {
		ref        string
		passphrase func() ([]byte, error)
		is         error
	}{
		"no such file":              {"absent.pem", nil, fs.ErrNotExist},
		"not a key":                 {"noise.pem", nil, decode.ErrNotAKey},
		"locked, nobody to ask":     {"locked.pem", nil, decode.ErrPassphraseNeeded},
		"locked, wrong passphrase":  {"locked.pem", word("wrong"), decode.ErrWrongPassphrase},
		"no such file of the user":  {filepath.Join(dir, "absent.pem"), nil, fs.ErrNotExist},
		"the user's, but not a key": {filepath.Join(dir, "noise.pem"), nil, decode.ErrNotAKey},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Open(tt.ref, dir, tt.passphrase)
			if !errors.Is(err, tt.is) {
				t.Errorf("got %v, want %v", err, tt.is)
			}
			if err != nil && strings.Contains(err.Error(), "sesame") {
				t.Errorf("the error tells the passphrase: %v", err)
			}
		})
	}
}

func TestOurOwnKeyMustBePrivateAndTheUsersNeedNot(t *testing.T) {
	dir := files(t)
	path := filepath.Join(dir, "plain.pem")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := Open("plain.pem", dir, nil)
	if _, ok := errors.AsType[*ownfile.UntrustedError](err); !ok {
		t.Errorf("got %v for a key of ours that the group reads, want an *UntrustedError", err)
	}
	if _, err := OpenFile(path, nil); err != nil {
		t.Errorf("got %v for the user's own, want the key", err)
	}
}

func TestADirectoryAndALargeFileAreNoKeys(t *testing.T) {
	dir := files(t)
	large := filepath.Join(dir, "large")
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, maxKey+1)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "is a directory", large: "is larger than 1 MiB"} {
		if _, err := OpenFile(path, nil); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
