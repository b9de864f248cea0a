package tpm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki/decode"
	"anywhere/signer/keystore/hardware"
)

const recordings = "../../../testdata/wire/swtpm"

// replay is a TPM on a socket that gives the recorded answers to exactly the
// recorded commands.
func replay(t *testing.T, lines []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tpm")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for len(lines) > 0 {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			for len(lines) > 0 {
				want := unhex(t, lines[0], "> ")
				got, err := oneCommand(conn)
				if len(got) == 0 {
					break // the client opens the device anew
				}
				if err != nil || string(got) != string(want) {
					t.Errorf("got command  %x, %v\nwant command %x", got, err, want)
					lines = nil
					break
				}
				answer := unhex(t, lines[1], "< ")
				lines = lines[2:]
				conn.Write(answer[:5]) // a socket may cut an answer anywhere
				conn.Write(answer[5:])
			}
			conn.Close()
		}
		if len(lines) > 0 {
			t.Errorf("%d recorded commands were not sent", len(lines)/2)
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return path
}

// oneCommand reads one command, as long as it says that it is: of a shorter one than was
// recorded the rest was waited for, for ever.
func oneCommand(conn net.Conn) ([]byte, error) {
	got := make([]byte, 6, maxAnswer)
	n, err := io.ReadFull(conn, got)
	if err != nil {
		return got[:n], err
	}
	size := int(binary.BigEndian.Uint32(got[2:]))
	if size < len(got) || size > cap(got) {
		return got, fmt.Errorf("a command of %d bytes", size)
	}
	n, err = io.ReadFull(conn, got[6:size])
	return got[:6+n], err
}

func unhex(t *testing.T, line, prefix string) []byte {
	data, err := hex.DecodeString(strings.TrimPrefix(line, prefix))
	if err != nil || !strings.HasPrefix(line, prefix) {
		t.Errorf("recording: %q: %v", line, err)
	}
	return data
}

func recorded(t *testing.T, name string) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(string(read(t, name+".wire"))), "\n")
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(recordings, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// open opens a key by file name or handle.
func open(t *testing.T, ref string, ask Ask) (*Key, error) {
	t.Helper()
	ask.Ref = ref
	if handle, ok := strings.CutPrefix(ref, "handle:"); ok {
		return OpenHandle(handle, ask)
	}
	return OpenFile(read(t, ref), ask)
}

// steady is what was drawn for the recordings: a salt and two nonces.
func steady() io.Reader { return strings.NewReader(strings.Repeat("7", 3*32)) }

func word(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func TestKeysOfATPMSign(t *testing.T) {
	for recording, tt := range map[string]struct {
		ref string
		ask Ask
	}{
		"ec-owner":            {"ec-owner.pem", Ask{}},
		"rsa-owner":           {"rsa-owner.pem", Ask{Password: word("for no use")}},
		"ec-password":         {"ec-password.pem", Ask{Password: word("sesame")}},
		"p384-persistent":     {"p384-persistent.pem", Ask{}},
		"handle-ec":           {"handle:0x81000001", Ask{NoPassword: true}},
		"handle-rsa-password": {"handle:81000002", Ask{Password: word("pw")}},
		"handle-noda":         {"handle:0x81000013", Ask{}},
		"persistent-password": {"persistent-password.pem", Ask{Password: word("pw")}},
	} {
		t.Run(recording, func(t *testing.T) {
			tt.ask.Device = replay(t, recorded(t, recording))
			key, err := open(t, tt.ref, tt.ask)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte("text"))
			signature, err := key.Sign(steady(), sum[:], crypto.SHA256)
			right := false
			switch public := key.Public().(type) {
			case *ecdsa.PublicKey:
				right = ecdsa.VerifyASN1(public, sum[:], signature)
			case *rsa.PublicKey:
				right = rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature) == nil
			}
			if err != nil || !right {
				t.Errorf("got %x, %v, want a signature", signature, err)
			}
		})
	}
}

func TestEachFaultOfATPMHasItsOwnReason(t *testing.T) {
	for recording, tt := range map[string]struct {
		ref    string
		ask    Ask
		reason hardware.Reason
		says   string
	}{
		"ec-password-wrong": {"ec-password.pem", Ask{Password: word("wrong")}, hardware.PINWrong, "TPM_RC_AUTH_FAIL (0x98E)"},
		// Whoever gave its password was told to give one.
		"inverted":          {"inverted.pem", Ask{Password: word("pw")}, hardware.PINNeeded, "its file says that it has none"},
		"ec-password-last":  {"ec-password.pem", Ask{Password: word("sesame")}, hardware.LastTry, "none was tried"},
		"lockout":           {"p384-persistent.pem", Ask{}, hardware.PINLocked, "too many wrong passwords"},
		"another-tpm":       {"ec-owner.pem", Ask{}, hardware.Elsewhere, "another TPM"},
		"no-parent":         {"p384-persistent.pem", Ask{}, hardware.Elsewhere, "0x81000010"},
		"handle-none":       {"handle:0x81000077", Ask{}, hardware.NoKey, "no key under this handle"},
		"handle-restricted": {"handle:0x81000011", Ask{}, hardware.Unsuitable, "restricted"},
		"handle-pss":        {"handle:0x81000012", Ask{}, hardware.Unsuitable, "0x0016"},
		"handle-storage":    {"handle:0x81000014", Ask{}, hardware.Unsuitable, "not made to sign"},
	} {
		t.Run(recording, func(t *testing.T) {
			tt.ask.Device = replay(t, recorded(t, recording))
			key, err := open(t, tt.ref, tt.ask)
			if err == nil {
				sum := sha256.Sum256([]byte("text"))
				_, err = key.Sign(steady(), sum[:], crypto.SHA256)
			}
			e, ok := errors.AsType[*hardware.Error](err)
			if !ok || e.Reason != tt.reason || !strings.Contains(err.Error(), tt.says) || e.Hint() == "" {
				t.Errorf("got %v, want reason %s and %q, and a hint", err, tt.reason, tt.says)
			}
		})
	}
}

// The password went to the TPM in the clear, where whoever listens on the wires to
// the chip reads it. That swtpm signed shows that it took the proof in its place.
func TestAPasswordIsNotSentToTheTPM(t *testing.T) {
	for name, password := range map[string]string{"ec-password": "sesame", "ec-password-wrong": "wrong", "handle-rsa-password": "pw", "persistent-password": "pw"} {
		const sign = "> 8002000000890000015d" // TPM2_Sign in a session, 137 bytes
		lines := strings.Join(recorded(t, name), "\n")
		if strings.Contains(lines, hex.EncodeToString([]byte(password))) || !strings.Contains(lines, sign) {
			t.Errorf("%s: the password is in a command, or there is no signature in a session", name)
		}
	}
}

// Each signature has another salt and other nonces, from the source that is given.
func TestWithoutRandomNumbersNothingIsProved(t *testing.T) {
	lines := recorded(t, "ec-password")
	lines = append(lines[:6:6], lines[len(lines)-4:]...) // parent and key are loaded, and taken away
	key, err := open(t, "ec-password.pem", Ask{Device: replay(t, lines), Password: word("sesame")})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("text"))
	if _, err := key.Sign(strings.NewReader("short"), sum[:], crypto.SHA256); err == nil || !strings.Contains(err.Error(), "random number") {
		t.Errorf("got %v, want that there are no random numbers", err)
	}
	key.ask.Device = replay(t, lines)
	if _, err := key.Sign(nil, sum[:], crypto.SHA256); err == nil || !strings.Contains(err.Error(), "random number") {
		t.Errorf("without a source: got %v, want that there are no random numbers", err)
	}
}

// No TPM is there to be asked in these.
func TestWhatIsWrongBeforeTheTPMIsAsked(t *testing.T) {
	notDevice := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notDevice, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		ref    string
		ask    Ask
		reason hardware.Reason
	}{
		"no device":                      {"ec-owner.pem", Ask{Device: filepath.Join(t.TempDir(), "absent")}, hardware.NoDevice},
		"a device that is none":          {"ec-owner.pem", Ask{Device: notDevice}, hardware.Failed},
		"a handle that is no number":     {"handle:first", Ask{}, hardware.BadReference},
		"a handle of something else":     {"handle:0x40000001", Ask{}, hardware.BadReference},
		"a file that is no key of a TPM": {"README.md", Ask{}, hardware.BadReference},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := open(t, tt.ref, tt.ask)
			if err == nil {
				sum := sha256.Sum256([]byte("text"))
				_, err = key.Sign(steady(), sum[:], crypto.SHA256)
			}
			if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != tt.reason {
				t.Errorf("got %v, want reason %s", err, tt.reason)
			}
		})
	}
}

// The TPM counts wrong passwords, and takes none at all for a while after a few.
func TestAWrongPasswordIsTriedOnce(t *testing.T) {
	ask := Ask{Device: replay(t, recorded(t, "ec-password-wrong")), Password: word("wrong"), Tried: &hardware.Tried{}}
	key, err := open(t, "ec-password.pem", ask)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("text"))
	if _, err := key.Sign(steady(), sum[:], crypto.SHA256); !errors.Is(err, decode.ErrWrongPassphrase) {
		t.Errorf("got %v, want %v", err, decode.ErrWrongPassphrase)
	}
	ask.Device = replay(t, nil) // takes no command
	key, err = open(t, "ec-password.pem", ask)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.Sign(steady(), sum[:], crypto.SHA256); err == nil || !strings.Contains(err.Error(), "not tried again") {
		t.Errorf("got %v, want it not tried again", err)
	}
}

func TestAKeyWithAPasswordAndNobodyToAskIsNotTried(t *testing.T) {
	for name, password := range map[string]func() ([]byte, error){
		"nobody": nil, "no terminal": func() ([]byte, error) { return nil, decode.ErrPassphraseNeeded },
	} {
		t.Run(name, func(t *testing.T) {
			ask := Ask{Device: replay(t, nil), Password: password}
			key, err := open(t, "ec-password.pem", ask)
			if password != nil && err == nil { // whether there is a terminal is known when it is asked
				sum := sha256.Sum256([]byte("text"))
				_, err = key.Sign(steady(), sum[:], crypto.SHA256)
			}
			if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.PINNeeded || e.Hint() == "" {
				t.Errorf("got %v, want reason %s and a hint", err, hardware.PINNeeded)
			}
		})
	}
}

// swtpm said this to the first command after it was started, and the key was taken
// for broken.
func TestATPMThatIsBusyIsAskedAgain(t *testing.T) {
	lines := recorded(t, "ec-owner")
	busy := "< 80010000000a00000922" // TPM_RC_RETRY
	key, err := open(t, "ec-owner.pem", Ask{Device: replay(t, append([]string{lines[0], busy, lines[0], busy}, lines...))})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("text"))
	if _, err := key.Sign(steady(), sum[:], crypto.SHA256); err != nil {
		t.Errorf("got %v, want a signature", err)
	}
}

func TestAKeyMadeForOneDigestSignsNoOther(t *testing.T) {
	key, err := open(t, "handle:0x81000013", Ask{Device: replay(t, recorded(t, "handle-noda")[:2])})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512([]byte("text"))
	if _, err := key.Sign(nil, sum[:], crypto.SHA512); err == nil || !strings.Contains(err.Error(), "another digest") {
		t.Errorf("got %v, want it refused", err)
	}
	if _, err := key.Sign(steady(), sum[:], crypto.SHA256); err == nil || !strings.Contains(err.Error(), "64 bytes") {
		t.Errorf("got %v for 64 bytes of SHA-256, want it refused", err)
	}
}

// The hint compared the certificate with openssl pkey -in KEY, also where the TPM has the key.
func TestAKeyInTheTPMIsShownByTheTPM(t *testing.T) {
	for want, key := range map[string]*Key{"tpm2_readpublic -Q -c 0x81000001 -f pem -o /dev/stdout": {handle: 0x81000001}, "openssl pkey -provider tpm2 -provider default -in KEY -pubout": {}} {
		if got := key.Show(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
