package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// caOf is a CA of one kind: the program and environment that reach its key, the
// answers that name it, and what every later command needs.
type caOf struct {
	program string
	env     []string
	answers []string
	phrase  []string
}

// selfSigned are openssl's arguments for a CA that it signs itself.
var selfSigned = []string{"-x509", "-new", "-sha256", "-days", "9", "-subj", "/CN=e2e CA",
	"-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign"}

// authorities are the CAs that a set-up can have whose key we can reach.
func authorities() map[string]func(*testing.T) caOf {
	plain := func(answers ...string) func(*testing.T) caOf {
		return func(t *testing.T) caOf {
			return caOf{program: ours("anywhere"), env: []string{"HOME=" + t.TempDir()}, answers: answers}
		}
	}
	return map[string]func(*testing.T) caOf{
		"one of our own":                 plain(),
		"one of our own, RSA":            plain("ca.key=rsa-2048", "leaf.key=rsa-2048"),
		"one of our own, P-384":          plain("ca.key=p-384"),
		"an intermediate under our root": plain("ca.shape=intermediate", "ca.root-protection=destroy-after-issuing"),
		"openssl's, locked": func(t *testing.T) caOf {
			dir := t.TempDir()
			key, cert, phrase := filepath.Join(dir, "ca.key"), filepath.Join(dir, "ca.pem"), file(t, dir, "phrase", []byte("pw"))
			openssl(t, "genpkey", "-algorithm", "RSA", "-aes256", "-pass", "file:"+phrase, "-out", key)
			openssl(t, append([]string{"req", "-key", key, "-passin", "file:" + phrase, "-out", cert}, selfSigned...)...)
			return caOf{ours("anywhere"), []string{"HOME=" + t.TempDir()},
				[]string{"ca.certificate=" + cert, "ca.private-key=" + key, "ca.passphrase-file=" + phrase}, []string{"--ca-passphrase-file", phrase}}
		},
		"in a token": func(t *testing.T) caOf {
			k := newToken(t)
			key, cert := filepath.Join(k.dir, "ca.key"), filepath.Join(k.dir, "ca.pem")
			openssl(t, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
			openssl(t, append([]string{"req", "-key", key, "-out", cert}, selfSigned...)...)
			output(t, k.env, "softhsm2-util", "--import", key, "--token", "host", "--label", "ca", "--id", "01", "--pin", "1234")
			if err := os.Remove(key); err != nil {
				t.Fatal(err)
			}
			return caOf{withModules("anywhere"), k.env,
				[]string{"ca.certificate=" + cert, "ca.private-key=pkcs11:token=host;object=ca?module-path=" + k.module, "ca.passphrase-file=" + k.pin}, []string{"--ca-passphrase-file", k.pin}}
		},
		"in a TPM": func(t *testing.T) caOf {
			env, dir := newTPM(t), t.TempDir()
			key, cert := filepath.Join(dir, "ca.key"), filepath.Join(dir, "ca.pem")
			opensslTPM(t, env, "genpkey", "-algorithm", "EC", "-pkeyopt", "group:P-256", "-out", key)
			opensslTPM(t, env, "req", append([]string{"-key", key, "-out", cert}, selfSigned...)...)
			return caOf{program: ours("anywhere"), env: env, answers: []string{"ca.certificate=" + cert, "ca.private-key=" + key}}
		},
	}
}

// Whatever CA a set-up has, openssl agrees with all that it makes: the certificate
// of this machine and of another one, the revocation list, and whom it keeps out.
func TestOpensslAgreesWithEveryCA(t *testing.T) {
	for name, make := range authorities() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ca := make(t)
			ca.set(t)
			dir := t.TempDir()
			in := func(name string) string { return filepath.Join(dir, name) }
			for _, cn := range []string{"in", "out"} {
				ca.run(t, append([]string{"cert", "issue", "--cn", cn, "--out", in(cn)}, ca.phrase...)...)
			}
			top, lower := ca.files(t)
			strict := []string{"verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", top}
			for _, cert := range []string{filepath.Join(in("in"), "certificate.pem"), filepath.Join(in("out"), "certificate.pem"), ca.machine(t)} {
				holds(t, "verify", openssl(t, append(strict, "-untrusted", cert, cert)...), ": OK")
			}
			ca.run(t, append([]string{"cert", "revoke", "out", "--reason", "keyCompromise", "--yes"}, ca.phrase...)...)
			list := in("crl.pem")
			ca.run(t, "ca", "crl", "--out", list)
			said, err := command(t, nil, "openssl", "crl", "-in", list, "-CAfile", lower, "-verify", "-noout", "-text").CombinedOutput()
			if err != nil || !strings.Contains(string(said), "verify OK") || !strings.Contains(string(said), "Key Compromise") {
				t.Errorf("openssl crl: %v\n%s", err, said)
			}
			check := append(strict, "-crl_check", "-CRLfile", list)
			good, bad := filepath.Join(in("in"), "certificate.pem"), filepath.Join(in("out"), "certificate.pem")
			holds(t, "verify", openssl(t, append(check, "-untrusted", good, good)...), ": OK")
			if said, err := command(t, nil, "openssl", append(check, "-untrusted", bad, bad)...).CombinedOutput(); err == nil || !strings.Contains(string(said), "certificate revoked") {
				t.Errorf("openssl lets a revoked certificate in: %v\n%s", err, said)
			}
		})
	}
}

func (ca caOf) set(t *testing.T) {
	t.Helper()
	args := []string{"setup", "--sandbox", "--yes", "--name", "box", "--set", "leaf.cn=host"}
	for _, answer := range ca.answers {
		args = append(args, "--set", answer)
	}
	ca.run(t, args...)
}

func (ca caOf) run(t *testing.T, args ...string) string {
	t.Helper()
	return output(t, ca.env, ca.program, args...)
}

// files are where the top of the chain lies, which the trust anchor holds, and
// the CA that issues and signs lists.
func (ca caOf) files(t *testing.T) (top, lower string) {
	t.Helper()
	for _, answer := range ca.answers {
		if file, given := strings.CutPrefix(answer, "ca.certificate="); given {
			return file, file
		}
	}
	home := filepath.Join(filepath.Dir(sessionPath(ca.env)), "..", "..")
	lower = found(t, filepath.Join(home, "ca", "*", "ca.pem"))
	if roots, err := filepath.Glob(filepath.Join(home, "ca", "*", "root.pem")); err == nil && len(roots) == 1 {
		return roots[0], lower
	}
	return lower, lower
}

// machine is the file of the set-up's own certificate.
func (ca caOf) machine(t *testing.T) string {
	t.Helper()
	return found(t, filepath.Join(filepath.Dir(sessionPath(ca.env)), "pairs", "*", "certificate.pem"))
}
