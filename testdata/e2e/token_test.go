package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// token is a SoftHSM token called "host", with PIN 1234.
type token struct {
	dir    string
	env    []string
	module string
	pin    string // a file with the PIN
}

func newToken(t *testing.T) token {
	t.Helper()
	dir := t.TempDir()
	k := token{dir: dir, module: found(t, "/usr/lib/softhsm/libsofthsm2.so"), pin: file(t, dir, "pin", []byte("1234\n"))}
	if err := os.Mkdir(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	conf := file(t, dir, "softhsm2.conf", []byte("directories.tokendir = "+filepath.Join(dir, "tokens")+"\nobjectstore.backend = file\nlog.level = ERROR\n"))
	k.env = []string{"SOFTHSM2_CONF=" + conf, "HOME=" + t.TempDir()}
	output(t, k.env, "softhsm2-util", "--init-token", "--free", "--label", "host", "--pin", "1234", "--so-pin", "5678")
	return k
}

// found is the one file that a pattern finds.
func found(t *testing.T, pattern string) string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	if err != nil || len(all) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return all[0]
}

func (k token) tool(t *testing.T, args ...string) string {
	t.Helper()
	return output(t, k.env, "pkcs11-tool", append([]string{"--module", k.module, "--login", "--pin", "1234", "--token-label", "host"}, args...)...)
}

// withModules is one of our programs as it is built with -tags pkcs11.
func withModules(program string) string { return filepath.Join(binaries, "pkcs11", program) }

// born makes a key and has the sandbox's CA of set-up box certify it: PKCS #8 and
// certificate, in files.
func born(t *testing.T, env []string, kind []string) (key, cert string) {
	t.Helper()
	dir := t.TempDir()
	key, csr, cert := filepath.Join(dir, "key.pem"), filepath.Join(dir, "csr.pem"), filepath.Join(dir, "cert.pem")
	openssl(t, append([]string{"genpkey", "-out", key}, kind...)...)
	openssl(t, "req", "-new", "-key", key, "-subj", "/CN=host", "-out", csr)
	output(t, env, ours("anywhere"), "cert", "issue", "--setup", "box", "--cn", "host", "--csr", csr, "--out", cert)
	return key, cert
}

func kinds() map[string][]string {
	return map[string][]string{
		"EC":  {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
		"RSA": {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
	}
}

// arns are the flags that name what the set-up made.
func arns(t *testing.T, env []string) []string {
	t.Helper()
	var s struct{ TrustAnchorARN, ProfileARN, RoleARN string }
	if err := json.Unmarshal(sessionFile(t, env), &s); err != nil {
		t.Fatal(err)
	}
	return []string{"--trust-anchor-arn", s.TrustAnchorARN, "--profile-arn", s.ProfileARN, "--role-arn", s.RoleARN}
}

func sessionPath(env []string) string {
	for _, pair := range env {
		if home, ok := strings.CutPrefix(pair, "HOME="); ok {
			return filepath.Join(home, ".anywhere", "setups", "box", "session.json")
		}
	}
	return ""
}

func sessionFile(t *testing.T, env []string) []byte {
	t.Helper()
	data, err := os.ReadFile(sessionPath(env))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// quoted is a command line for a shell.
func quoted(words ...string) string { return "'" + strings.Join(words, "' '") + "'" }

// getsSession runs a command against the sandbox, which must answer with a session.
func getsSession(t *testing.T, env []string, words ...string) {
	t.Helper()
	out, err := inSandbox(t, env, quoted(words...))
	if err != nil || !strings.Contains(out, `{"Version":1,"AccessKeyId":"ASIA`) {
		t.Errorf("%q: got %v\n%s\nwant a session", words, err, out)
	}
	kept := filepath.Join(filepath.Dir(sessionPath(env)), "..", "..", "cache")
	if _, err := os.Stat(kept); err == nil {
		if cached := search(t, kept, "ASIA"); cached != "" {
			t.Errorf("%q: the session of a hardware key lies on the disk: %s", words, cached)
		}
	}
}

func TestAKeyInATokenGetsSessions(t *testing.T) {
	for name, kind := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newToken(t)
			set(t, k.env, "--sandbox", "--yes", "--name", "box", "--set", "leaf.cn=host")
			key, cert := born(t, k.env, kind)
			output(t, k.env, "softhsm2-util", "--import", key, "--token", "host", "--label", "machine", "--id", "01", "--pin", "1234")
			der := filepath.Join(k.dir, "cert.der")
			openssl(t, "x509", "-in", cert, "-outform", "DER", "-out", der)
			k.tool(t, "--write-object", der, "--type", "cert", "--id", "01", "--label", "its certificate")
			flags := append([]string{"credential-process"}, arns(t, k.env)...)
			signer, big := withModules("anywhere-signer"), withModules("anywhere")

			key = "pkcs11:token=host;object=machine?pin-source=file:" + k.pin
			getsSession(t, k.env, slices.Concat([]string{signer}, flags, []string{"--certificate=" + cert, "--private-key=" + key, "--pkcs11-lib", k.module})...)
			getsSession(t, k.env, slices.Concat([]string{big}, flags, []string{"--certificate", cert, "--private-key", key + "&module-path=" + k.module})...)
			// The certificate is in the token too, and its label is not the key's.
			getsSession(t, k.env, slices.Concat([]string{signer}, flags, []string{"--certificate", "pkcs11:token=host;object=its%20certificate", "--key-passphrase-file", k.pin, "--pkcs11-lib", k.module})...)

			// A set-up whose session.json names the token.
			data := replaced(t, sessionFile(t, k.env), map[string]any{"key": "pkcs11:token=host;id=%01?module-name=softhsm2&module-path=" + filepath.Dir(k.module) + "&pin-source=" + k.pin, "certificate": read(t, der), "chain": nil})
			if err := os.WriteFile(sessionPath(k.env), data, 0o600); err != nil {
				t.Fatal(err)
			}
			getsSession(t, k.env, signer, "credential-process", "--setup", "box")

			out, err := command(t, k.env, ours("anywhere-signer"), "credential-process", "--setup", "box").CombinedOutput()
			if err == nil || !strings.Contains(string(out), "get anywhere-pkcs11_VERSION_") {
				t.Errorf("static: got %v\n%s\nwant the file to get", err, out)
			}
		})
	}
}

// replaced sets fields of a JSON object.
func replaced(t *testing.T, data []byte, with map[string]any) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for name, value := range with {
		all[name] = value
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Keys that were born in the token, and one that was not, with every digest, in
// openssl's eyes.
func TestOpensslVerifiesWhatATokenSigns(t *testing.T) {
	k := newToken(t)
	public := map[string]string{}
	for label, kind := range map[string]string{"p256": "EC:prime256v1", "rsa": "rsa:2048"} {
		k.tool(t, "--keypairgen", "--key-type", kind, "--label", label, "--id", map[string]string{"p256": "01", "rsa": "02"}[label])
		der := filepath.Join(k.dir, label+".der")
		k.tool(t, "--read-object", "--type", "pubkey", "--label", label, "--output-file", der)
		public[label] = filepath.Join(k.dir, label+".pem")
		openssl(t, "pkey", "-pubin", "-inform", "DER", "-in", der, "-pubout", "-out", public[label])
	}
	// pkcs11-tool cannot write this one's public half.
	key := filepath.Join(k.dir, "p384.key")
	openssl(t, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", key)
	output(t, k.env, "softhsm2-util", "--import", key, "--token", "host", "--label", "p384", "--id", "03", "--pin", "1234")
	public["p384"] = filepath.Join(k.dir, "p384.pem")
	openssl(t, "pkey", "-in", key, "-pubout", "-out", public["p384"])
	// One that wants the PIN at every signature, which pkcs11-tool takes as DER.
	key, der := filepath.Join(k.dir, "always.key"), filepath.Join(k.dir, "always.der")
	openssl(t, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
	openssl(t, "pkey", "-in", key, "-outform", "DER", "-out", der)
	k.tool(t, "--write-object", der, "--type", "privkey", "--label", "always", "--id", "04", "--usage-sign", "--always-auth")
	public["always"] = filepath.Join(k.dir, "always.pem")
	openssl(t, "pkey", "-in", key, "-pubout", "-out", public["always"])
	openssl(t, "pkey", "-in", key, "-pubout", "-outform", "DER", "-out", der)
	k.tool(t, "--write-object", der, "--type", "pubkey", "--label", "always", "--id", "04")
	for label, public := range public {
		for _, digest := range []string{"SHA256", "SHA384", "SHA512"} {
			signature := output(t, k.env, withModules("anywhere-signer"), "sign-string", "--private-key", "pkcs11:token=host;object="+label+";type=private?pin-value=1234",
				"--pkcs11-lib", k.module, "--format", "bin", "--digest", digest)
			verifies(t, public, strings.ToLower(digest), signature)
		}
	}
}

// verifies has openssl verify a signature of the fixed string.
func verifies(t *testing.T, public, digest, signature string) {
	t.Helper()
	dir := t.TempDir()
	openssl(t, "dgst", "-"+digest, "-verify", public, "-signature", file(t, dir, "signature", []byte(signature)), file(t, dir, "text", fixedString(t, public)))
}

// A token locks itself after a few wrong PINs. OpenSC's spy counts what reaches it.
func TestAWrongPINReachesTheTokenOnce(t *testing.T) {
	k := newToken(t)
	set(t, k.env, "--sandbox", "--yes", "--name", "box", "--set", "leaf.cn=host")
	key, cert := born(t, k.env, kinds()["EC"])
	output(t, k.env, "softhsm2-util", "--import", key, "--token", "host", "--label", "machine", "--id", "01", "--pin", "1234")
	wrong := file(t, k.dir, "wrong", []byte("hush-pin\n"))
	flags := append(arns(t, k.env), "--certificate", cert, "--private-key", "pkcs11:token=host;object=machine", "--key-passphrase-file", wrong,
		"--pkcs11-lib", found(t, "/usr/lib/*/pkcs11-spy.so"))
	for name, args := range map[string][]string{
		"one session": {"credential-process"},
		"serve":       {"serve", "--port", "0"},
		"update":      {"update", "--once"},
	} {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			env := append([]string{"PKCS11SPY=" + k.module, "PKCS11SPY_OUTPUT=" + log}, k.env...)
			out, err := inSandbox(t, env, quoted(append(append([]string{withModules("anywhere-signer")}, args...), flags...)...))
			if err == nil || !strings.Contains(out, "CKR_PIN_INCORRECT") || strings.Contains(out, "hush") {
				t.Errorf("got %v\n%s\nwant the PIN refused, and not repeated", err, out)
			}
			if n := strings.Count(string(read(t, log)), ": C_Login\n"); n != 1 {
				t.Errorf("the token was logged in to %d times, want once", n)
			}
		})
	}
}
