package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// tokenPrefix begins every session token, so that nobody takes it for AWS's.
const tokenPrefix = "SANDBOX"

// seal makes the session's token: the session itself, encrypted, so that a
// session costs no write and any number of them no memory.
func (s *Sandbox) seal(one *session) {
	data, err := json.Marshal(one)
	if err != nil {
		panic(err) // strings and times only
	}
	box := s.sealer()
	nonce := s.random(box.NonceSize())
	one.Token = tokenPrefix + base64.StdEncoding.EncodeToString(box.Seal(nonce, nonce, data, nil))
}

// unseal reads a token of this sandbox; false, and none, if it is somebody else's.
func (s *Sandbox) unseal(token string) (*session, bool) {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	data, err := base64.StdEncoding.DecodeString(text)
	box := s.sealer()
	if !ok || err != nil || len(data) < box.NonceSize() {
		return &session{}, false
	}
	plain, err := box.Open(nil, data[:box.NonceSize()], data[box.NonceSize():], nil)
	if err != nil {
		return &session{}, false
	}
	one := &session{Token: token}
	return one, json.Unmarshal(plain, one) == nil
}

func (s *Sandbox) sealer() cipher.AEAD {
	block, err := aes.NewCipher(s.state.SealKey)
	if err != nil {
		panic(err) // the key has 32 bytes: load sees to it
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	return box
}
