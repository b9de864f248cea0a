package signing

import (
	"bytes"
	"errors"
	"sync"

	"anywhere/pki/decode"
	"anywhere/signer/keystore/hardware"
)

// secrets is what a program remembers that opens a key more than once, so that it
// asks a person once and not at every session, reads a descriptor once, and gives a
// token no wrong PIN twice. A nil one remembers nothing.
type secrets struct {
	mu    sync.Mutex
	known map[passphraseFrom][]byte
	tried hardware.Tried
	turn  chan struct{} // see [patience]
}

// turnAtHardware is the same channel each time.
func (s *secrets) turnAtHardware() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn == nil {
		s.turn = make(chan struct{}, 1)
	}
	return s.turn
}

// remember keeps what read returns, if it can be read only once or by a person. A
// file or variable is read each time: it may change.
func (s *secrets) remember(from passphraseFrom, read func() ([]byte, error)) func() ([]byte, error) {
	if s == nil || read == nil || from.file != "" || from.fd == "" && from.env+from.argument+from.tpmArgument != "" {
		return read
	}
	return func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if known, ok := s.known[from]; ok {
			return bytes.Clone(known), nil
		}
		secret, err := read()
		if err != nil {
			return nil, err
		}
		if s.known == nil {
			s.known = map[passphraseFrom][]byte{}
		}
		s.known[from] = secret
		return bytes.Clone(secret), nil
	}
}

// learn forgets what turned out wrong, so that a person is asked again.
func (s *secrets) learn(err error) {
	if s == nil || !errors.Is(err, decode.ErrWrongPassphrase) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
}

// refused is the memory of PINs that a token has refused; nil if there is none.
func (s *secrets) refused() *hardware.Tried {
	if s == nil {
		return nil
	}
	return &s.tried
}
