package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// setUp runs anywhere setup in a sandbox of its own and returns its document.
func setUp(t *testing.T, env []string, name string, answers ...string) (doc struct {
	Certificate struct{ Subject, SerialHex string }
	Session     struct{ SourceIdentity string }
}) {
	t.Helper()
	args := []string{"setup", "--sandbox", "--yes", "--json", "--name", name, "--set", "proof.stranger=no"}
	for _, answer := range answers {
		args = append(args, "--set", answer)
	}
	if err := json.Unmarshal([]byte(output(t, env, ours("anywhere"), args...)), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// A session in the sandbox with what each issuer gave, a renewal, and nothing left
// of it.
func TestASetUpLivesOnEveryIssuer(t *testing.T) {
	a := newAuthority(t, nil)
	root := filepath.Join(a.dir, "step", "certs", "root_ca.crt")
	password := filepath.Join(a.dir, "password")
	files := t.TempDir()
	cert, key := filepath.Join(files, "leaf.crt"), filepath.Join(files, "leaf.key")
	output(t, a.env, "step", "ca", "certificate", "from-step", cert, key, "--provisioner", "jwk", "--provisioner-password-file", password)
	byOpenSSL, byStep := filepath.Join(files, "openssl.p12"), filepath.Join(files, "step.p12")
	output(t, a.env, "openssl", "pkcs12", "-export", "-in", cert, "-inkey", key, "-certfile", root, "-passout", "file:"+password, "-out", byOpenSSL)
	output(t, a.env, "step", "certificate", "p12", byStep, cert, key, "--ca", root, "--password-file", password)
	// A token of somebody else's knows everything that is asked besides it.
	token := filepath.Join(files, "token")
	if err := os.WriteFile(token, []byte(output(t, a.env, "step", "ca", "token", "build-box-8", "--provisioner", "jwk", "--provisioner-password-file", password)), 0o600); err != nil {
		t.Fatal(err)
	}
	stepCA := []string{"ca.issuer=step-ca", "stepca.url=" + a.url, "stepca.fingerprint=" + a.fingerprint, "stepca.password-file=" + password}
	acme := []string{"ca.issuer=acme", "acme.directory=" + a.url + "/acme/acme/directory", "ca.certificate=" + root, "leaf.cn=localhost"}
	for name, c := range map[string]struct {
		answers []string
		cn      string
		renews  bool
	}{
		"jwk":               {append(stepCA, "leaf.cn=build-box-7"), "build-box-7", true},
		"token":             {[]string{"ca.issuer=step-ca", "stepca.token-file=" + token}, "build-box-8", true},
		"http":              {append(acme, fmt.Sprintf("acme.http-address=127.0.0.1:%d", a.httpPort)), "localhost", true},
		"alpn":              {append(acme, "acme.http-address=", fmt.Sprintf("acme.tls-address=127.0.0.1:%d", a.tlsPort)), "localhost", true},
		"files":             {[]string{"ca.issuer=files", "leaf.certificate=" + cert, "leaf.private-key=" + key, "ca.certificate=" + root}, "from-step", false},
		"packed by openssl": {[]string{"ca.issuer=files", "leaf.certificate=" + byOpenSSL, "leaf.certificate-passphrase-file=" + password}, "from-step", false},
		"packed by step":    {[]string{"ca.issuer=files", "leaf.certificate=" + byStep, "leaf.certificate-passphrase-file=" + password}, "from-step", false},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			env := []string{"HOME=" + home}
			first := setUp(t, env, "lab", c.answers...)
			if first.Session.SourceIdentity != "CN="+c.cn {
				t.Errorf("got source identity %s, want CN=%s", first.Session.SourceIdentity, c.cn)
			}
			if c.renews {
				var renewed struct {
					Renewed             bool
					Before, Certificate struct{ SerialHex string }
				}
				if err := json.Unmarshal([]byte(output(t, env, ours("anywhere"), "cert", "renew", "--json")), &renewed); err != nil {
					t.Fatal(err)
				}
				if !renewed.Renewed || renewed.Before.SerialHex != first.Certificate.SerialHex || renewed.Certificate.SerialHex == first.Certificate.SerialHex {
					t.Errorf("got %+v after %s", renewed, first.Certificate.SerialHex)
				}
			}
			if plan := output(t, env, ours("anywhere"), "setup", "--sandbox", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
				t.Errorf("a second run would change something:\n%s", plan)
			}
			if found := search(t, home, "provisioner password"); found != "" {
				t.Errorf("the password of the provisioner is in %s", found)
			}
			output(t, env, ours("anywhere"), "teardown", "lab", "--yes")
			for _, dir := range []string{"setups", "ca", "bin"} {
				if _, err := os.Stat(filepath.Join(home, ".anywhere", dir)); err == nil {
					t.Errorf("teardown left %s", dir)
				}
			}
		})
	}
}

// search names a file below dir that holds text.
func search(t *testing.T, dir, text string) (found string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			found = path
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}
