package main

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"anywhere/awsapi/sandbox"
	"anywhere/pki"
)

// evil clears the screen, fills the clipboard and turns the rest of the line
// round, on a terminal that gets it raw.
const evil = "a\x1b[2Jb\x1b]52;c;ZXZpbA==\x07c\u202ed\u009b31m"

// tame fails if text would do something to a terminal.
func tame(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("%s: %U reaches the terminal in\n%q", what, r, text)
			return
		}
	}
}

// evilCA writes a CA whose common name is evil.
func evilCA(t *testing.T, dir string) (certificate, key string) {
	t.Helper()
	signer := must(pki.NewKey(pki.P256, rand.Reader))
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: evil, Organization: []string{evil}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2, 3, 4},
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer))
	certificate, key = filepath.Join(dir, "evil.pem"), filepath.Join(dir, "evil.key")
	writeFile(t, certificate, string(pki.EncodeCertificates(must(x509.ParseCertificate(der)))), 0o600)
	writeFile(t, key, string(must(pki.EncodeKey(signer))), 0o600)
	return certificate, key
}

func TestACertificateCannotSpeakToTheTerminal(t *testing.T) {
	b := newBench(t)
	certificate, key := evilCA(t, b.dir)
	given := append(setupBox, "--set", "ca.certificate="+certificate, "--set", "ca.private-key="+key, "--set", "leaf.cn=box")
	seen := 0
	for _, args := range [][]string{
		append(given, "--plan"), append(given, "--plan", "--json"), append(given, "--plan", "--as", "cli"), given, append(given, "--json"),
		{"status"}, {"status", "--json"}, {"teardown", "box", "--plan"}, {"teardown", "box", "--plan", "--json"}, teardownBox,
	} {
		code, said, _ := b.run(t, "", args...)
		if code != exitDone {
			t.Errorf("%q: exit %d\n%s", args, code, said)
		}
		tame(t, strings.Join(args, " "), said)
		if strings.Contains(said, "52;c;ZXZpbA==") {
			seen++
		}
	}
	if seen == 0 {
		t.Error("no command shows the CA's name, so nothing was tried")
	}
}

func TestAnAnswerOfAWSCannotSpeakToTheTerminal(t *testing.T) {
	for _, op := range []string{"sts:GetCallerIdentity", "rolesanywhere:ListTrustAnchors", "iam:CreateRole", "rolesanywhere:CreateSession"} {
		t.Run(op, func(t *testing.T) {
			b := newBench(t)
			b.breakWith(striking(place{op, 0}, &sandbox.Fault{Status: 403, Code: "AccessDenied", Message: evil}))
			code, said, _ := b.run(t, "", setupWithAnswers()...)
			if code != exitFailed || !strings.Contains(said, "52;c;ZXZpbA==") {
				t.Errorf("exit %d, and AWS's words are not in\n%q", code, said)
			}
			tame(t, "setup", said)
			_, said, _ = b.run(t, "", append(setupWithAnswers(), "--json")...)
			tame(t, "setup --json", said)
			_, said, _ = b.run(t, "", "credential-process", "--setup", "box")
			tame(t, "credential-process", said)
		})
	}
}

func TestNamesOfOthersThingsCannotSpeakToTheTerminal(t *testing.T) {
	b := newBench(t)
	b.done(t, setupWithAnswers()...)
	config := filepath.Join(b.home, ".aws", "config")
	writeFile(t, config, strings.Replace(readFile(t, config), "region", "output = "+evil+"\nregion", 1), 0o600)
	for _, args := range [][]string{{"teardown", "box", "--plan"}, {"teardown", "box", "--plan", "--json"}, teardownBox} {
		_, said, _ := b.run(t, "", args...)
		if !strings.Contains(said, "52;c;ZXZpbA==") {
			t.Errorf("%q does not show the line", args)
		}
		tame(t, strings.Join(args, " "), said)
	}
}

func TestAnswersAndArgumentsCannotSpeakToTheTerminal(t *testing.T) {
	b := newBench(t)
	answers := filepath.Join(b.dir, "answers")
	writeFile(t, answers, "where = aws\nname = box\nleaf.cn = "+evil+"\n"+evil+" = 1\n", 0o600)
	for _, args := range [][]string{
		append(setupBox, "--set", "leaf.cn="+evil), append(setupBox, "--set", evil+"=1"), append(setupBox, "--set", "leaf.organization="+evil),
		append(setupBox, "--set", "ca.certificate=/"+evil), append(setupBox, "--set", "role.arn="+evil), append(setupBox, "--set", evil),
		{"setup", "--answers", answers, "--yes"}, {"setup", "--answers", evil}, {"setup", "--name", evil, "--yes"}, {"setup", "--as", evil},
		{"setup", "--print-policy", evil}, {"setup", "--endpoint", "http://" + evil, "--yes"}, {"setup", "--region", evil, "--yes"},
		{"teardown", evil}, {"teardown", "--from-tags", evil}, {"status", evil}, {evil}, {"sandbox", evil}, {"sandbox", "--", evil},
		{"credential-process", "--setup", evil}, {"credential-process", "--certificate", evil}, {"credential-process", "--" + evil},
	} {
		code, said, _ := b.run(t, "", args...)
		if code == exitDone {
			t.Errorf("%q: exit %d, want a refusal", args, code)
		}
		tame(t, strings.Join(args, " "), said)
		_, said, _ = b.run(t, "", append(args, "--json")...)
		tame(t, strings.Join(args, " ")+" --json", said)
	}
}
