package signing

import (
	"encoding/xml"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A URI could not be written, for its semicolon, which systemd takes for the end of
// a command only where it is a word. It takes a per cent sign for itself unless it
// is there twice (systemd.service(5), "COMMAND LINES"). systemd --test says of
// these lines that the program is given the URI as it was typed.
func TestAUnitHasAKeyInAToken(t *testing.T) {
	const uri = "pkcs11:token=web;object=machine;id=%01?module-path=/usr/lib/m.so&pin-source=file:/etc/pin"
	b := newBench(t)
	for kind, want := range map[string]string{
		"systemd": " --private-key " + strings.ReplaceAll(uri, "%", "%%") + " --pkcs11-lib ",
		"launchd": "<string>--private-key</string>\n\t\t<string>" + strings.ReplaceAll(uri, "&", "&amp;") + "</string>\n",
	} {
		line := strings.Replace(b.flags(), "credential-process", "serve --print-unit "+kind, 1)
		line = strings.Replace(line, "--private-key "+b.key, "--private-key "+uri+" --pkcs11-lib softhsm2.so", 1)
		if code := b.run(t, line); code != exitDone || !strings.Contains(b.out.String(), want) || !strings.Contains(b.out.String(), "softhsm2.so") {
			t.Errorf("%s: got exit %d, %s%s\nwant %s in it", kind, code, b.errs.String(), b.out.String(), want)
		}
		if kind == "launchd" && !slices.Contains(texts(t, b.out.String()), uri) {
			t.Errorf("got %s, which is not the URI for who reads XML", b.out.String())
		}
	}
}

// texts are those of an XML document.
func texts(t *testing.T, document string) (all []string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(document)); ; {
		token, err := d.Token()
		if token == nil {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			all = append(all, string(text))
		}
	}
}

// A PIN in a URI was refused only because the semicolon was.
func TestAUnitHasNothingThatIsNothingForAServiceFile(t *testing.T) {
	b := newBench(t)
	for name, tt := range map[string]struct{ args, says string }{
		"a PIN":                   {"--private-key pkcs11:token=web?pin-value=hush", "pin-value is nothing for a service file"},
		"a PIN in what is no URI": {"--private-key pkcs11:tokem=web?pin-value=hush", "cannot be understood"},
		"a PIN's relative path":   {"--private-key pkcs11:token=web?pin-source=file:pin", "pin-source=file:pin is no whole path"},
		"a module's":              {"--private-key pkcs11:token=web?module-path=m.so", "module-path=m.so is no whole path"},
		"the end of a command":    {"--private-key " + b.key + " --role-session-name ;", `";" cannot be written`},
		"a variable":              {"--private-key " + b.key + " --role-session-name $HOME", `"$HOME" cannot be written`},
		"a quote":                 {"--private-key " + b.key + ` --role-session-name "x"`, "cannot be written"},
		"a token's path in words": {"--private-key " + b.key + " --token-file /run/a;b", `"/run/a;b" cannot be written`},
	} {
		t.Run(name, func(t *testing.T) {
			line := strings.Replace(b.flags(), "credential-process", "serve --print-unit systemd", 1)
			code := b.run(t, strings.Replace(line, "--private-key "+b.key, tt.args, 1))
			if code != exitUsage || b.out.Len() > 0 || !strings.Contains(b.errs.String(), tt.says) || strings.Contains(b.errs.String(), "hush") || !strings.Contains(b.errs.String(), "hint: ") {
				t.Errorf("got exit %d, %s%s\nwant %d, %s", code, b.errs.String(), b.out.String(), exitUsage, tt.says)
			}
		})
	}
}

// The folder that the service may write stood in the unit as it was, blanks and all,
// if the token lay elsewhere.
func TestAUnitsFolderIsOneWord(t *testing.T) {
	b := newBench(t)
	line := strings.Replace(b.flags(), "credential-process", "serve --print-unit systemd --token-file /run/token", 1)
	b.env["ANYWHERE_HOME"], b.env["HOME"] = "", filepath.Join(t.TempDir(), "a b")
	if code := b.run(t, line); code != exitUsage || !strings.Contains(b.errs.String(), "a b/.anywhere") {
		t.Errorf("got exit %d, %s%s, want the folder refused", code, b.errs.String(), b.out.String())
	}
}
