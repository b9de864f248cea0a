package e2e

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newTPM starts a TPM 2.0 on a socket. env is what our programs and the TPM's own
// tools find it by.
func newTPM(t *testing.T) (env []string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "tpm-*") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "tpm")
	ready := func() bool { // the file is there a moment before somebody listens
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	serve(t, nil, ready, "swtpm", "socket", "--tpm2", "--tpmstate", "dir="+dir, "--server", "type=unixio,path="+socket,
		"--ctrl", "type=unixio,path="+socket+".ctrl", "--flags", "not-need-init,startup-clear")
	tools := "swtpm:path=" + socket
	return []string{"TPM_DEVICE=" + socket, "TPM2TOOLS_TCTI=" + tools, "TPM2OPENSSL_TCTI=" + tools, "HOME=" + t.TempDir()}
}

// tpm2 runs one of the TPM's own tools and takes away what it leaves in the TPM,
// as a resource manager would.
func tpm2(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out := output(t, env, "tpm2", args...)
	output(t, env, "tpm2", "flushcontext", "-t")
	return out
}

// opensslTPM runs openssl with its provider for TPMs.
func opensslTPM(t *testing.T, env []string, command string, args ...string) string {
	t.Helper()
	return output(t, env, "openssl", append([]string{command, "-provider", "tpm2", "-provider", "default"}, args...)...)
}

// certified has the CA of set-up box certify a key that openssl finds in the TPM.
func certified(t *testing.T, env []string, key ...string) (cert string) {
	t.Helper()
	dir := t.TempDir()
	csr, cert := filepath.Join(dir, "csr.pem"), filepath.Join(dir, "cert.pem")
	opensslTPM(t, env, "req", append([]string{"-new", "-subj", "/CN=host", "-out", csr}, key...)...)
	output(t, env, ours("anywhere"), "cert", "issue", "--setup", "box", "--cn", "host", "--csr", csr, "--out", cert)
	return cert
}

// kindsInTPM are keys in files that openssl's provider writes.
func kindsInTPM() map[string][]string {
	return map[string][]string{
		"EC":                 {"-algorithm", "EC", "-pkeyopt", "group:P-256"},
		"RSA":                {"-algorithm", "RSA", "-pkeyopt", "bits:2048"},
		"EC with a password": {"-algorithm", "EC", "-pkeyopt", "group:P-256", "-pkeyopt", "user-auth:sesame"},
	}
}

func TestAKeyOfATPMGetsSessions(t *testing.T) {
	env := newTPM(t)
	set(t, env, "--sandbox", "--yes", "--name", "box", "--set", "leaf.cn=host")
	flags := append([]string{"credential-process"}, arns(t, env)...)
	dir := t.TempDir()
	for name, kind := range kindsInTPM() {
		key := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".pem")
		opensslTPM(t, env, "genpkey", append(kind, "-out", key)...)
		holds(t, key, string(read(t, key)), "-----BEGIN TSS2 PRIVATE KEY-----")
		use := slices.Concat(flags, []string{"--private-key", key})
		open := []string{"-key", key}
		if strings.Contains(name, "password") {
			use = append(use, "--key-passphrase-file", file(t, dir, "password", []byte("sesame\n")))
			open = append(open, "-passin", "pass:sesame")
		}
		use = append(use, "--certificate", certified(t, env, open...))
		for _, program := range []string{"anywhere-signer", "anywhere"} {
			t.Run(name+" by "+program, func(t *testing.T) {
				getsSession(t, env, append([]string{ours(program)}, use...)...)
			})
		}
	}

	t.Run("by handle, and by a set-up", func(t *testing.T) {
		in := func(name string) string { return filepath.Join(dir, name) }
		tpm2(t, env, "createprimary", "-Q", "-c", in("parent"))
		tpm2(t, env, "create", "-Q", "-C", in("parent"), "-G", "ecc256", "-u", in("public"), "-r", in("private"))
		tpm2(t, env, "load", "-Q", "-C", in("parent"), "-u", in("public"), "-r", in("private"), "-c", in("key"))
		tpm2(t, env, "evictcontrol", "-Q", "-c", in("key"), "0x81000001")
		cert := certified(t, env, "-key", "handle:0x81000001", "-propquery", "?provider=tpm2")
		getsSession(t, env, slices.Concat([]string{ours("anywhere-signer")}, flags, []string{"--certificate", cert, "--private-key", "handle:0x81000001", "--no-tpm-key-password"})...)

		der := in("der")
		openssl(t, "x509", "-in", cert, "-outform", "DER", "-out", der)
		data := replaced(t, sessionFile(t, env), map[string]any{"key": "handle:0x81000001", "certificate": read(t, der), "chain": nil})
		if err := os.WriteFile(sessionPath(env), data, 0o600); err != nil {
			t.Fatal(err)
		}
		getsSession(t, env, ours("anywhere-signer"), "credential-process", "--setup", "box", "--no-tpm-key-password")
	})
}

func TestOpensslVerifiesWhatATPMSigns(t *testing.T) {
	env, dir := newTPM(t), t.TempDir()
	for name, kind := range kindsInTPM() {
		key, public := filepath.Join(dir, name), filepath.Join(dir, name+" public")
		opensslTPM(t, env, "genpkey", append(kind, "-out", key)...)
		opensslTPM(t, env, "pkey", "-in", key, "-passin", "pass:sesame", "-pubout", "-out", public)
		for _, digest := range []string{"SHA256", "SHA384", "SHA512"} {
			signature := output(t, append([]string{"WORD=sesame"}, env...), ours("anywhere-signer"), "sign-string", "--private-key", key,
				"--key-passphrase-env", "WORD", "--format", "bin", "--digest", digest)
			verifies(t, public, strings.ToLower(digest), signature)
		}
	}
}

// A TPM takes no password at all for a while after a few wrong ones. It says how
// many it has seen.
func TestAWrongPasswordReachesTheTPMOnce(t *testing.T) {
	env, dir := newTPM(t), t.TempDir()
	key := filepath.Join(dir, "key")
	opensslTPM(t, env, "genpkey", append(kindsInTPM()["EC with a password"], "-out", key)...)
	for _, tt := range []struct {
		name, counted string
		args          []string
	}{
		{"nobody to ask", "0x0", nil},
		{"wrong", "0x1", []string{"--tpm-key-password", "wrong-word"}},
		{"nobody to ask, again", "0x1", nil},
		{"wrong again", "0x2", []string{"--tpm-key-password", "wrong-word"}},
		{"the third, which would lock the TPM", "0x2", []string{"--tpm-key-password", "wrong-word"}},
	} {
		// Without a terminal.
		out, err := command(t, env, "setsid", append([]string{"--wait", ours("anywhere-signer"), "sign-string", "--private-key", key}, tt.args...)...).CombinedOutput()
		if err == nil || strings.Contains(string(out), "wrong-word") || !strings.Contains(string(out), "hint: ") {
			t.Errorf("%s: got %v\n%s\nwant it refused, with a hint and without the password", tt.name, err, out)
		}
		if got := failures(t, env); got != tt.counted {
			t.Errorf("%s: the TPM has counted %s wrong passwords, want %s", tt.name, got, tt.counted)
		}
	}
}

// failures is the TPM's own count (TPM2_PT_LOCKOUT_COUNTER).
func failures(t *testing.T, env []string) string {
	t.Helper()
	_, after, _ := strings.Cut(tpm2(t, env, "getcap", "properties-variable"), "TPM2_PT_LOCKOUT_COUNTER: ")
	line, _, _ := strings.Cut(after, "\n")
	return line
}
