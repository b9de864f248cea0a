package decode

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	keys         = "../../testdata/pki/keys"
	certificateD = "../../testdata/pki/certificates"
)

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// public is what openssl says the public key is.
func public(t *testing.T, name string) crypto.PublicKey {
	t.Helper()
	block, _ := pem.Decode(read(t, keys, name))
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func answer(passphrase string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(passphrase), nil }
}

func wantKey(t *testing.T, data []byte, passphrase func() ([]byte, error), pub string) {
	t.Helper()
	key, err := Key(data, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public(t, pub)) {
		t.Errorf("got another key than openssl's %s", pub)
	}
}

func TestEveryFormOfAPlainKeyIsRead(t *testing.T) {
	for name, pub := range map[string]string{
		"ec.pem":                 "ec.pub",
		"ec-pkcs8.der":           "ec.pub",
		"ec-sec1.pem":            "ec.pub",
		"ec-sec1.der":            "ec.pub",
		"ec-sec1-parameters.pem": "ec.pub",
		"rsa.pem":                "rsa.pub",
		"rsa-pkcs8.der":          "rsa.pub",
		"rsa-pkcs1.pem":          "rsa.pub",
		"rsa-pkcs1.der":          "rsa.pub",
	} {
		t.Run(name, func(t *testing.T) {
			asked := func() ([]byte, error) {
				t.Error("asked for a passphrase")
				return nil, nil
			}
			wantKey(t, read(t, keys, name), asked, pub)
		})
	}
}

var locked = map[string]struct{ pub, passphrase string }{
	"ec-dek-aes128.pem":            {"ec.pub", "pw"},
	"ec-dek-aes192.pem":            {"ec.pub", "pw"},
	"ec-dek-aes256.pem":            {"ec.pub", "pw"},
	"ec-dek-des3.pem":              {"ec.pub", "pw"},
	"ec-dek-des.pem":               {"ec.pub", "pw"},
	"rsa-dek-aes256.pem":           {"rsa.pub", "pw"},
	"ec-pbkdf2-hmacWithSHA1.pem":   {"ec.pub", "pw"},
	"ec-pbkdf2-hmacWithSHA224.pem": {"ec.pub", "pw"},
	"ec-pbkdf2-hmacWithSHA256.pem": {"ec.pub", "pw"},
	"ec-pbkdf2-hmacWithSHA384.pem": {"ec.pub", "pw"},
	"ec-pbkdf2-hmacWithSHA512.pem": {"ec.pub", "pw"},
	"ec-pbkdf2-aes128.pem":         {"ec.pub", "pw"},
	"ec-pbkdf2-aes192.pem":         {"ec.pub", "pw"},
	"ec-pbkdf2-des3.pem":           {"ec.pub", "pw"},
	"ec-pbkdf2-des.pem":            {"ec.pub", "pw"},
	"ec-scrypt.pem":                {"ec.pub", "pw"},
	"ec-pbes1-md5-des.pem":         {"ec.pub", "pw"},
	"ec-pbes1-sha1-des.pem":        {"ec.pub", "pw"},
	"ec-pbes1-sha1-3des.pem":       {"ec.pub", "pw"},
	"ec-pbes1-sha1-2des.pem":       {"ec.pub", "pw"},
	"ec-pbkdf2.der":                {"ec.pub", "pw"},
	"rsa-pbkdf2.pem":               {"rsa.pub", "pw"},
	"ec-pbes1-umlaut.pem":          {"ec.pub", "zwölf Ämter"},
	"ec-pbkdf2-umlaut.pem":         {"ec.pub", "zwölf Ämter"},
}

func TestEveryFormOfALockedKeyIsOpened(t *testing.T) {
	for name, tt := range locked {
		t.Run(name, func(t *testing.T) {
			data := read(t, keys, name)
			wantKey(t, data, answer(tt.passphrase), tt.pub)
			for _, wrong := range []string{"", "pw ", "wrong", "another", "a third", "PW"} {
				if _, err := Key(data, answer(wrong)); !errors.Is(err, ErrWrongPassphrase) {
					t.Errorf("passphrase %q: got %v, want %v", wrong, err, ErrWrongPassphrase)
				}
			}
			if _, err := Key(data, nil); !errors.Is(err, ErrPassphraseNeeded) {
				t.Errorf("nobody to ask: got %v, want %v", err, ErrPassphraseNeeded)
			}
			away := errors.New("gone to lunch")
			if _, err := Key(data, func() ([]byte, error) { return nil, away }); !errors.Is(err, away) {
				t.Errorf("nobody answers: got %v, want %v", err, away)
			}
		})
	}
}

// A wrong passphrase must not be blamed for a scheme that is not known.
func TestWhatCannotBeUsedIsNamed(t *testing.T) {
	for name, want := range map[string]string{
		"ec-pbkdf2-rc2.pem":      "RC2",
		"ec-pbkdf2-camellia.pem": "cipher 1.2.392.200011.61.1.1.1.4",
		"ec-pbes1-sha1-rc2.pem":  "RC2",
		"ec-pbes1-sha1-rc4.pem":  "RC4",
		"ec-dek-camellia256.pem": "CAMELLIA-256-CBC",
		"ed25519.pem":            "Ed25519",
		"x25519.pem":             "agrees",
		"ed448.pem":              "algorithm 1.3.101.113",
		"secp256k1.pem":          "secp256k1",
		"secp256k1-sec1.pem":     "secp256k1",
		"rsa-pss.pem":            "PSS",
		"rsa-512.pem":            "an RSA key of 512 bits", // it was read, and crypto/rsa's words about it came when it signed
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Key(read(t, keys, name), answer("pw"))
			wantUnsupported(t, err, want)
		})
	}
}

// An ML-DSA key, which AWS's helper takes, was "a key of algorithm
// 2.16.840.1.101.3.4.3.18": nobody knows it by that.
func TestKeysThatOthersSignWithAreNamed(t *testing.T) {
	for oid, want := range map[string]string{
		"\x60\x86\x48\x01\x65\x03\x04\x03\x11": "an ML-DSA-44 key", // RFC 9881 section 2
		"\x60\x86\x48\x01\x65\x03\x04\x03\x12": "an ML-DSA-65 key",
		"\x60\x86\x48\x01\x65\x03\x04\x03\x13": "an ML-DSA-87 key",
		"\x2a\x86\x48\xce\x38\x04\x01":         "a DSA key", // RFC 3279 section 2.3.2
	} {
		t.Run(want, func(t *testing.T) {
			algorithm := string([]byte{0x30, byte(len(oid) + 2), 0x06, byte(len(oid))}) + oid
			inner := "\x02\x01\x00" + algorithm + "\x04\x01\x00"
			_, err := Key([]byte(string([]byte{0x30, byte(len(inner))})+inner), nil)
			wantUnsupported(t, err, want)
		})
	}
}

func wantUnsupported(t *testing.T, err error, want string) {
	t.Helper()
	what, ok := errors.AsType[*UnsupportedError](err)
	if !ok {
		t.Fatalf("got %v, want an UnsupportedError", err)
	}
	if !strings.Contains(what.What, want) {
		t.Errorf("got %q, want it to name %q", what.What, want)
	}
	if what.Hint() == "" {
		t.Error("no hint")
	}
}

func TestOtherKindsOfKeyFilesAreNamed(t *testing.T) {
	for name, tt := range map[string]struct{ data, want string }{
		"OpenSSH": {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "OpenSSH"},
		"TPM":     {"-----BEGIN TSS2 PRIVATE KEY-----\nAAAA\n-----END TSS2 PRIVATE KEY-----\n", "TPM"},
		"DSA":     {"-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n", "DSA PRIVATE KEY"},
		"escapes": {"-----BEGIN \x1b[2J PRIVATE KEY-----\nAAAA\n-----END \x1b[2J PRIVATE KEY-----\n", `\x1b[2J`},
		"PuTTY":   {"PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\n", "PuTTY"},
		"Java":    {"\xfe\xed\xfe\xed\x00\x00\x00\x02", "Java"},
		"PKCS 12": {string(read(t, certificateD, "modern.p12")), "PKCS #12"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Key([]byte(tt.data), nil)
			wantUnsupported(t, err, tt.want)
		})
	}
}

func TestNoKeyIsFoundWhereNoneIs(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":               nil,
		"a sentence":            []byte("0 keys are here"),
		"a certificate":         read(t, certificateD, "leaf.pem"),
		"a certificate in DER":  read(t, certificateD, "leaf.der"),
		"a public key":          read(t, keys, "ec.pub"),
		"a PKCS #7 of no key":   read(t, certificateD, "chain.p7b.der"),
		"a block of other data": []byte("-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Key(data, nil); !errors.Is(err, ErrNotAKey) {
				t.Errorf("got %v, want %v", err, ErrNotAKey)
			}
		})
	}
}

func TestADamagedKeyIsNotAMissingKey(t *testing.T) {
	cut := strings.Replace(string(read(t, keys, "ec.pem")), "M", "!", 2)
	if _, err := Key([]byte(cut), nil); !errors.Is(err, errDamagedKey) {
		t.Errorf("got %v, want %v", err, errDamagedKey)
	}
	if _, err := Key(make([]byte, MaxSize+1), nil); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v, want %v", err, ErrTooLong)
	}
}

// The frames are whole: of an RSA key one bit is wrong, of an EC key the private
// number is larger than its curve allows.
func TestABrokenKeyIsNotAMissingKey(t *testing.T) {
	for name, wrong := range map[string]func([]byte){
		"rsa-pkcs1.der": func(der []byte) { der[1100] ^= 1 },
		"rsa-pkcs8.der": func(der []byte) { der[1120] ^= 1 },
		"ec-sec1.der":   tooLarge,
		"ec-pkcs8.der":  tooLarge,
	} {
		t.Run(name, func(t *testing.T) {
			data := read(t, keys, name)
			wrong(data)
			if _, err := Key(data, nil); !errors.Is(err, errBrokenKey) {
				t.Errorf("got %v, want %v", err, errBrokenKey)
			}
		})
	}
}

func tooLarge(der []byte) {
	i := bytes.Index(der, []byte{0x04, 0x20}) + 2 // an OCTET STRING of 32
	copy(der[i:i+32], bytes.Repeat([]byte{0xff}, 32))
}

func TestKeyIsFoundBesideCertificates(t *testing.T) {
	certs, err := Certificates(read(t, certificateD, "leaf.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"combined.pem", "combined-key-first.pem"} {
		t.Run(name, func(t *testing.T) {
			data := read(t, certificateD, name)
			key, err := Key(data, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(certs[0].PublicKey) {
				t.Error("got a key that is not the certificate's")
			}
			beside, err := Certificates(data)
			if err != nil || len(beside) != 1 || !beside[0].Equal(certs[0]) {
				t.Errorf("got %d certificates, %v; want the one", len(beside), err)
			}
		})
	}
}

func TestEveryKeyOfAFileIsReadWithOnePassphrase(t *testing.T) {
	plain, locked := read(t, keys, "ec.pem"), read(t, keys, "ec-scrypt.pem")
	asked := 0
	ask := func() ([]byte, error) { asked++; return []byte("pw"), nil }
	got, err := Keys(slices.Concat(locked, read(t, keys, "rsa.pem"), locked), ask)
	if err != nil || len(got) != 3 || asked != 1 {
		t.Fatalf("got %d keys, %v, and was asked %d times", len(got), err, asked)
	}
	for i, pub := range []string{"ec.pub", "rsa.pub", "ec.pub"} {
		if !got[i].Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public(t, pub)) {
			t.Errorf("key %d is another than openssl's %s", i, pub)
		}
	}
	if got, err := Keys(slices.Concat(locked, plain), nil); len(got) != 1 || !errors.Is(err, ErrPassphraseNeeded) {
		t.Errorf("with nobody to ask: got %d keys, %v; want the open one and %v", len(got), err, ErrPassphraseNeeded)
	}
	if got, err := Keys(read(t, keys, "ec-pkcs8.der"), nil); len(got) != 1 || err != nil {
		t.Errorf("in DER: got %d keys, %v", len(got), err)
	}
	if got, err := Keys([]byte("hello"), nil); len(got) != 0 || !errors.Is(err, ErrNotAKey) {
		t.Errorf("in nothing: got %d keys, %v", len(got), err)
	}
	if got, err := Keys(bytes.Repeat(plain, maxKeys+1), nil); len(got) != 0 || err == nil || !strings.Contains(err.Error(), "more than 20") {
		t.Errorf("of too many: got %d keys, %v", len(got), err)
	}
}
