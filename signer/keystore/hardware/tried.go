package hardware

import (
	"crypto/sha256"
	"sync"
)

// Tried remembers which PINs a token or TPM has refused. Both lock themselves
// after a few wrong ones, and a program that asks for sessions all day would get
// there with one mistyped file. The zero value is empty; a nil one remembers
// nothing.
type Tried struct {
	mu      sync.Mutex
	refused map[[sha256.Size]byte]bool
}

// Refuse notes that device has refused pin.
func (t *Tried) Refuse(device string, pin []byte) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused == nil {
		t.refused = map[[sha256.Size]byte]bool{}
	}
	t.refused[fingerprint(device, pin)] = true
}

// Refused says whether device has refused pin before.
func (t *Tried) Refused(device string, pin []byte) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refused[fingerprint(device, pin)]
}

func fingerprint(device string, pin []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(device+"\x00"), pin...))
}
