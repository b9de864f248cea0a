package sandbox

import (
	"encoding/base64"
	"fmt"
	"io"
)

// idLetters are the characters of AWS's unique IDs such as AROA... and AKIA...:
// base 32.
const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// random returns n random bytes. Like crypto/rand, it does not come back from a
// source that fails.
func (s *Sandbox) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
		panic(fmt.Errorf("read randomness: %w", err))
	}
	return b
}

// token returns prefix, filled up with random letters and digits to length.
func (s *Sandbox) token(prefix string, length int) string {
	b := s.random(length - len(prefix))
	for i := range b {
		b[i] = idLetters[b[i]%32]
	}
	return prefix + string(b)
}

// secret returns a secret access key: 40 characters, of which SANDBOX leads so
// that nobody takes it for one of AWS.
func (s *Sandbox) secret() string {
	return "SANDBOX" + base64.StdEncoding.EncodeToString(s.random(24)) + "/"
}

// uuid returns a random UUID (RFC 9562, section 5.4).
func (s *Sandbox) uuid() string {
	b := s.random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
