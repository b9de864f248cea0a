//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
)

// pasteText is text as a terminal sends it when it is pasted.
func pasteText(text string) string {
	return "\x1b[200~" + strings.ReplaceAll(text, "\n", "\r") + "\x1b[201~"
}

// issuedBy are the arguments of a set-up in the sandbox where only the issuer's
// questions are left.
func issuedBy(issuer string) []string {
	return []string{"setup", "--sandbox", "--name", "laptop", "--set", "ca.issuer=" + issuer, "--set", "leaf.cn=build-box-7", "--set", "permissions=nothing"}
}

// TestTheScreensOfAStepCA answers with an address that is not https, a fingerprint
// that is too short, one of another root, and the right one.
func TestTheScreensOfAStepCA(t *testing.T) {
	dresses(t, func(t *testing.T, d dress) {
		ca := newStepCA(t, 24*time.Hour)
		sum := sha256.Sum256(ca.root.Raw)
		s := play(t, d, t.TempDir(), nil, issuedBy("step-ca")...)
		s.hang("stepca", "What do you have from the step-ca?")
		s.opens(enter, "Address of the step-ca")
		s.press("http://ca.example.com")
		s.hang("stepca-address", "must be an https address")
		s.press(ctrlU + ca.URL)
		s.opens(enter, "Fingerprint of its root certificate")
		s.press("ab")
		s.hang("stepca-fingerprint", "64 hex digits")
		s.press(ctrlU + strings.Repeat("ab", 32))
		s.opens(enter, "Password of the provisioner")
		s.press("secret")
		s.opens(enter, "Could not make the plan")
		s.hang("stepca-failure", "b back")
		s.opens("b", "Password of the provisioner")
		s.opens(escape, "Fingerprint of its root certificate")
		s.press(ctrlU + hex.EncodeToString(sum[:]))
		s.opens(enter, "as it was typed; enter keeps it")
		s.hang("stepca-password")
		s.opens(enter, "None of this has happened yet.")
		s.hang("stepca-review", "step root")
		s.exits(ctrlC)
	})
}

// TestTheScreensOfAnACMEServer names a directory that is none.
func TestTheScreensOfAnACMEServer(t *testing.T) {
	dresses(t, func(t *testing.T, d dress) {
		ca := newStepCA(t, 24*time.Hour)
		s := play(t, d, t.TempDir(), nil, issuedBy("acme")...)
		s.sees("Directory of the ACME server")
		s.press("ca.example.com/acme")
		s.hang("acme-directory", "must be an https address")
		s.press(ctrlU + ca.URL + "/directory")
		s.opens(enter, "Certificate of the CA behind the ACME server")
		s.hang("acme-ca")
		s.press(pasteText(string(pki.EncodeCertificates(ca.root))))
		s.sees("pasted certificate CN=step root")
		s.opens(enter, "None of this has happened yet.")
		s.hang("acme-review", "ACME account key")
		s.opens(enter, "Could not create certificate and key")
		s.hang("acme-failure", "r retry")
		s.exits("q")
	})
}

// TestTheScreensOfFiles takes this machine's certificate from a file, and first from
// one that holds none.
func TestTheScreensOfFiles(t *testing.T) {
	dresses(t, func(t *testing.T, d dress) {
		have := pairFromElsewhere(t)
		s := play(t, d, t.TempDir(), nil, pasteInto...)
		s.sees("Certificate of this machine")
		s.press("/etc/hosts")
		s.hang("files-none", "holds no certificate")
		s.press(ctrlU + must(filepath.Abs(theirs+"modern.p12")))
		s.opens(enter, "Passphrase of the file with the certificate")
		s.press("no" + enter)
		s.hang("files-passphrase", "does not open the file")
		s.opens(escape, "Certificate of this machine")
		s.press(ctrlU + pasteText(have.certificate))
		s.hang("files-pasted", "pasted certificate CN=build-box-7")
		s.opens(enter, "Key of this machine")
		s.press(pasteText(have.key))
		s.sees("pasted key, P-256")
		s.opens(enter, "Certificate of the CA that issued it")
		s.hang("files-ca")
		s.exits(ctrlC)
	})
}
