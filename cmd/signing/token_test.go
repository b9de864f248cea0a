package signing

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anywhere/pki/decode"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
)

// The list is that of AWS's helper 1.8.0, but for the URI, whose attributes it
// writes in an order that changes and without the token's name.
func TestCertificatesOfATokenAreListed(t *testing.T) {
	b := newBench(t)
	got := listed([]keystore.TokenCertificate{{Certificate: b.leaf, URI: "pkcs11:token=web;id=%01"}})
	want := []string{"Matching identities\n1) Hex Fingerprint: ", "\nSubject: CN=lab\nIssuer: CN=lab CA\nSerial Number: ", "\nURI: pkcs11:token=web;id=%01\n\n"}
	for _, part := range want {
		if !strings.Contains(got, part) {
			t.Errorf("got %q, want %q in it", got, part)
		}
	}
	if got := listed(nil); got != "No matching identities\n" {
		t.Errorf("got %q where there are none", got)
	}
}

func TestFlagsOfHardwareKeysThatContradictEachOtherAreRefused(t *testing.T) {
	b := newBench(t)
	for _, other := range []string{"--reuse-pin", "--no-tpm-key-password", "--pkcs8-password word"} {
		for _, command := range []string{b.flags(), "credential-process --setup lab", "sign-string --private-key handle:0x81000001"} {
			code := b.run(t, command+" --tpm-key-password hush-word "+other)
			if code != exitUsage || !strings.Contains(b.errs.String(), "only one of them") || strings.Contains(b.errs.String(), "hush-word") {
				t.Errorf("%s: got exit %d, %q; want it refused", other, code, b.errs.String())
			}
		}
	}
}

// sign-string took both. AWS's helper refuses them there, and nowhere else.
func TestSignStringTakesNoPINAgainWhereThereIsNoPassword(t *testing.T) {
	b := newBench(t)
	code := b.run(t, "sign-string --private-key "+b.key+" --no-tpm-key-password --reuse-pin")
	if want := "--no-tpm-key-password and --reuse-pin: only one of them"; code != exitUsage || !strings.Contains(b.errs.String(), want) {
		t.Errorf("got exit %d, %q; want %q", code, b.errs.String(), want)
	}
	if code := b.run(t, b.flags()+" --no-tpm-key-password --reuse-pin"); code != exitDone {
		t.Errorf("credential-process: got exit %d, %q; want it done", code, b.errs.String())
	}
}

func TestAKeyIsAskedForByItsName(t *testing.T) {
	var asked []string
	w := World{Getenv: func(string) string { return "" }, Prompt: func(question string) ([]byte, error) {
		asked = append(asked, question)
		return []byte("word"), nil
	}}
	for ref, want := range map[string]string{
		"key.pem":                                "Password of the key: ",
		"handle:0x81000001":                      "Password of the TPM's key handle:0x81000001: ",
		"pkcs11:token=web?module-path=/lib/x.so": "PIN for pkcs11:token=web: ",
	} {
		locked := false
		if _, err := (options{}).store(w, ref, &locked).Passphrase(); err != nil || asked[len(asked)-1] != want || !locked {
			t.Errorf("%s: got %v, %q and locked %t; want %q", ref, err, asked, locked, want)
		}
	}
}

// A card may have a PIN of its own for signatures: its owner was asked once, and what
// he typed was tried as both.
func TestASignaturesPINIsAskedForByItself(t *testing.T) {
	var asked []string
	w := World{secrets: &secrets{}, Getenv: func(string) string { return "" }, Prompt: func(question string) ([]byte, error) {
		asked = append(asked, question)
		return []byte(strconv.Itoa(len(asked))), nil
	}}
	for _, o := range []options{{}, {passphrase: passphraseFrom{argument: "given"}}} {
		var all []string
		for range 2 {
			store := o.store(w, "pkcs11:token=web", new(bool))
			all = append(all, string(must(store.Passphrase())), string(must(store.SignPIN())))
		}
		want := []string{"1", "2", "1", "2"}
		if o.passphrase.given() {
			want = []string{"given", "given", "given", "given"}
		}
		if !slices.Equal(all, want) {
			t.Errorf("got %q, want %q", all, want)
		}
	}
	if want := []string{"PIN for pkcs11:token=web: ", "PIN for a signature of pkcs11:token=web: "}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

// What runs for long asks for a new session every hour, and nobody sits there.
func TestAPersonIsAskedOnceByWhatRunsForLong(t *testing.T) {
	asked, answer := 0, "wrong"
	w := World{secrets: &secrets{}, Getenv: func(string) string { return "from environment" }, Prompt: func(string) ([]byte, error) {
		asked++
		return []byte(answer), nil
	}}
	ask := func() string {
		word, err := (options{}).store(w, "key.pem", new(bool)).Passphrase()
		if err != nil {
			t.Fatal(err)
		}
		return string(word)
	}
	if first, second := ask(), ask(); first != "wrong" || second != "wrong" || asked != 1 {
		t.Errorf("got %q, %q after %d questions, want one", first, second, asked)
	}
	answer = "right"
	w.secrets.learn(errors.New("another error"))
	if got := ask(); got != "wrong" {
		t.Errorf("got %q after an error that is not the word's, want what was said", got)
	}
	w.secrets.learn(decode.ErrWrongPassphrase)
	if got := ask(); got != "right" || asked != 2 {
		t.Errorf("got %q after %d questions, want to be asked again for a word that was wrong", got, asked)
	}
	// Files and variables change, and are read each time.
	from := options{passphrase: passphraseFrom{env: "WORD"}}
	if got, err := from.store(w, "key.pem", new(bool)).Passphrase(); err != nil || string(got) != "from environment" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTheTPMIsTheOneThatTheEnvironmentNames(t *testing.T) {
	b := newBench(t)
	b.env["TPM_DEVICE"] = b.root + "/no-such-device"
	if code := b.run(t, "sign-string --private-key handle:0x81000001"); code != exitFailed || !strings.Contains(b.errs.String(), "no-such-device") || !strings.Contains(b.errs.String(), "hint: turn the TPM on") {
		t.Errorf("got exit %d, %q; want the device named", code, b.errs.String())
	}
}

func TestTheSessionOfAHardwareKeyIsNotKept(t *testing.T) {
	b := newBench(t)
	w := World{Getenv: func(name string) string { return b.env[name] }}
	for name, o := range map[string]options{
		"a key in a token":         {certificate: b.cert, privateKey: "pkcs11:object=x"},
		"a certificate in a token": {certificate: "pkcs11:object=x"},
		"a key in a TPM":           {certificate: b.cert, privateKey: "handle:0x81000001"},
	} {
		o.anchorARN, o.profileARN, o.roleARN = anchorARN, profileARN, roleARN
		r, err := o.request(w)
		if err != nil || (asker{options: o, w: w}).mayKeep(r) {
			t.Errorf("%s: got %v, want a request whose session is not kept", name, err)
		}
		o.cache = true
		if r, err := o.request(w); err != nil || !(asker{options: o, w: w}).mayKeep(r) {
			t.Errorf("%s, with --cache: got %v, want a request whose session is kept", name, err)
		}
	}
}

// A renewal makes a new key, in a file.
func TestAKeyInHardwareIsNotRenewedAway(t *testing.T) {
	b := newBench(t)
	w, _, starts := b.due(t)
	b.rewrite(t, func(s *home.Session) { s.Key = "handle:0x81000001" })
	b.env["TPM_DEVICE"] = b.root + "/no-such-device"
	code := Run(t.Context(), []string{"credential-process", "--setup", "lab"}, w)
	if code != exitFailed || len(*starts) != 0 {
		t.Errorf("got exit %d, %q and renewals %q, want the key's own error and no renewal", code, b.errs.String(), *starts)
	}
}
