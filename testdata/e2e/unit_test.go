package e2e

import (
	"strings"
	"testing"
)

// A semicolon could be the end of a command for systemd, and a per cent sign one of
// its own.
func TestSystemdTakesTheUnitOfAKeyInAToken(t *testing.T) {
	env := []string{"HOME=" + t.TempDir()}
	set(t, env, "--sandbox", "--yes", "--name", "box", "--set", "leaf.cn=host")
	_, cert := born(t, env, kinds()["EC"])
	const uri = "pkcs11:token=host;id=%01?module-name=softhsm2&pin-source=/etc/pin"
	line := append([]string{"serve", "--print-unit", "systemd", "--certificate", cert, "--private-key", uri}, arns(t, env)...)
	unit := output(t, env, withModules("anywhere-signer"), line...)
	if want := " --private-key " + strings.ReplaceAll(uri, "%", "%%") + " "; !strings.Contains(unit, want) {
		t.Errorf("got\n%s\nwant %s in it", unit, want)
	}
	output(t, env, "systemd-analyze", "verify", "--man=no", file(t, t.TempDir(), "anywhere.service", []byte(unit)))
}
