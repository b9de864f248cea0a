package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/foreign"
)

// mostPasted bounds what is taken in the place of a file.
const mostPasted = 1 << 20

// Hold takes the text of a file in the place of its path. What a key is made of is
// never shown: only its kind.
func (s *setupRun) Hold(key, text string) (answer, says string, err error) {
	// A terminal sends a pasted line's end as a carriage return.
	data := []byte(strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)) + "\n")
	if len(data) > mostPasted {
		return "", "", errors.New("that is too much for a certificate, a key or a policy")
	}
	if says, err = pastedIs(key, data); err != nil {
		return "", "", err
	}
	return s.runner.Hold(data), says, nil
}

// pastedIs says what was pasted, or why it is not what the question wants.
func pastedIs(key string, data []byte) (string, error) {
	switch {
	case strings.HasSuffix(key, ".certificate"):
		certs, err := decode.Certificates(data)
		if err != nil {
			return "", errors.New("what was pasted holds no whole certificate")
		}
		says := "certificate " + foreign.Text(certs[0].Subject.String()) + ", until " + certs[0].NotAfter.UTC().Format("2006-01-02")
		if more := len(certs) - 1; more > 0 {
			says += fmt.Sprintf(", and %d more", more)
		}
		if _, err := decode.Keys(data, nil); err == nil {
			says += ", with a key"
		}
		return says, nil
	case strings.HasSuffix(key, ".private-key"):
		signer, err := decode.Key(data, nil)
		if errors.Is(err, decode.ErrPassphraseNeeded) {
			return "key, locked by a passphrase", nil
		}
		if err != nil {
			return "", errors.New("what was pasted holds no key")
		}
		kind, known := pki.KindOf(signer.Public())
		if !known {
			return "", errors.New("what was pasted is a key of a kind that AWS does not take")
		}
		return "key, " + kind.Words(), nil
	case !bytes.HasPrefix(data, []byte("{")):
		return "", errors.New("what was pasted is no policy in JSON")
	}
	return fmt.Sprintf("policy of %d lines", bytes.Count(data, []byte("\n"))), nil
}

// isPaste says that a line is the beginning of a file's text, not its path.
func isPaste(line string) bool {
	return strings.HasPrefix(line, "-----BEGIN ") || strings.HasPrefix(line, "{")
}
