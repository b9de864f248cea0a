package importing

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/decode"
)

const (
	certificates = "../../testdata/pki/certificates"
	keys         = "../../testdata/pki/keys"
)

// load reads fixtures; the passphrase of all of them is pw.
func load(t *testing.T, names ...string) []Input {
	t.Helper()
	var paths []string
	for _, name := range names {
		paths = append(paths, filepath.Join(certificates, name))
	}
	inputs, err := Read(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return inputs
}

func pw(name string) ([]byte, error) {
	if strings.Contains(name, "umlaut") {
		return []byte("zwölf Ämter"), nil
	}
	if strings.Contains(name, "two-keys") {
		return []byte("passphrase"), nil // keytool takes none of two characters
	}
	return []byte("pw"), nil
}

func name(cert *x509.Certificate) string {
	if cert == nil {
		return "-"
	}
	return cert.Subject.CommonName
}

func names(certs []*x509.Certificate) string {
	var all []string
	for _, c := range certs {
		all = append(all, name(c))
	}
	return strings.Join(all, ",")
}

func TestWhateverTheOrderTheSameIsFound(t *testing.T) {
	for what, c := range map[string]struct {
		files                     []string
		leaf, chain, root, anchor string
		key                       bool
		missing                   string
	}{
		"one file with all":           {[]string{"combined.pem"}, "leaf", "", "-", "-", true, "issued CN=leaf"},
		"the key first":               {[]string{"combined-key-first.pem"}, "leaf", "", "-", "-", true, "issued CN=leaf"},
		"a chain and the pair":        {[]string{"chain.pem", "combined.pem"}, "leaf", "intermediate", "root", "root", true, ""},
		"the root before":             {[]string{"root.pem", "intermediate.pem", "combined.pem"}, "leaf", "intermediate", "root", "root", true, ""},
		"without the root":            {[]string{"combined.pem", "intermediate.pem"}, "leaf", "intermediate", "-", "intermediate", true, ""},
		"PKCS #7":                     {[]string{"chain.p7b", "combined.pem"}, "leaf", "intermediate", "root", "root", true, ""},
		"PKCS #7 in DER":              {[]string{"chain.p7b.der"}, "leaf", "intermediate", "root", "root", false, "the private key of CN=leaf"},
		"PKCS #12":                    {[]string{"modern.p12"}, "leaf", "intermediate", "-", "intermediate", true, ""},
		"PKCS #12 of old":             {[]string{"legacy.p12", "root.pem"}, "leaf", "intermediate", "root", "root", true, ""},
		"a certificate without a key": {[]string{"leaf.der"}, "leaf", "", "-", "-", false, "the private key of CN=leaf"},
		"a root alone":                {[]string{"root.pem"}, "-", "", "root", "root", false, ""},
		"CAs alone":                   {[]string{"root.pem", "intermediate.pem"}, "-", "", "root", "root", false, ""},
	} {
		got, err := Sort(load(t, c.files...), pw)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if name(got.Leaf) != c.leaf || names(got.Chain) != c.chain || name(got.Root) != c.root || name(got.Anchor()) != c.anchor {
			t.Errorf("%s: got leaf %s, chain %s, root %s, anchor %s", what, name(got.Leaf), names(got.Chain), name(got.Root), name(got.Anchor()))
		}
		if has := got.Key != nil && pki.MatchKey(got.Leaf, got.Key.Signer) == nil; has != c.key {
			t.Errorf("%s: got a key: %v, want %v", what, has, c.key)
		}
		if missing := strings.Join(got.Missing, "; "); !strings.Contains(missing, c.missing) || (missing == "") != (c.missing == "") {
			t.Errorf("%s: missing %q, want %q", what, missing, c.missing)
		}
	}
}

func TestAFolderIsReadOnceEach(t *testing.T) {
	inputs, err := Read(certificates)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Sort(inputs, pw)
	if err != nil {
		t.Fatal(err)
	}
	if name(got.Leaf) != "leaf" || names(got.Chain) != "intermediate" || name(got.Root) != "root" || got.Duplicates < 10 {
		t.Errorf("got %s, %s, %s, %d duplicates", name(got.Leaf), names(got.Chain), name(got.Root), got.Duplicates)
	}
	for _, s := range got.Skipped {
		if !strings.HasSuffix(s.Name, "make.sh") && !strings.HasSuffix(s.Name, "two-keys.p12") {
			t.Errorf("%s was not read: %v", s.Name, s.Why)
		}
	}
}

// Every key that openssl was made to write is taken, or refused for a reason that
// names it. 46 shapes of keys and 18 of certificates.
func TestEveryShapeIsTakenOrRefusedByName(t *testing.T) {
	refused := map[string]string{
		"camellia": "is not supported", "rc2": "is not supported", "rc4": "is not supported",
		"ed25519": "is not supported", "ed448": "is not supported", "x25519": "is not supported",
		"secp256k1": "is not supported", "rsa-512": "is not supported", "rsa-pss": "is not supported", "pub": "it is a public key", "make.sh": "no certificate and no private key",
		"two-keys": "with several keys is not supported",
	}
	shapes := 0
	for _, dir := range []string{keys, certificates} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			shapes++
			inputs, err := Read(filepath.Join(dir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Sort(inputs, pw)
			why := ""
			for part, reason := range refused {
				if strings.Contains(entry.Name(), part) {
					why = reason
				}
			}
			switch {
			case err == nil && got.Leaf == nil && got.Key == nil && len(got.CAs) == 0:
				t.Errorf("%s: nothing was found, without a word", entry.Name())
			case err != nil && (why == "" || !strings.Contains(err.Error(), why)):
				t.Errorf("%s: %v, want %q", entry.Name(), err, why)
			}
		}
	}
	if shapes < 60 {
		t.Errorf("only %d shapes were tried", shapes)
	}
}

func TestWhatIsNoCertificateIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n": "a certificate request",
		"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n":                       "a revocation list",
		"hello": "no certificate and no private key",
		"":      "no certificate and no private key",
	} {
		if _, err := Sort([]Input{{"pasted", []byte(text)}}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	locked := filepath.Join(keys, "ec-scrypt.pem")
	inputs, err := Read(locked)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sort(inputs, nil); !errors.Is(err, decode.ErrPassphraseNeeded) {
		t.Errorf("a locked key and nobody to ask: %v", err)
	}
	if _, err := Sort(nil, nil); err == nil {
		t.Error("nothing at all was sorted")
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	dir := t.TempDir()
	for i := range MaxFiles + 1 {
		if err := os.WriteFile(filepath.Join(dir, string(rune('a'+i%26))+strings.Repeat("x", i/26)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "more than 200 files") {
		t.Errorf("got %v", err)
	}
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, decode.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	inputs, err := Read(big)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sort(inputs, nil); !errors.Is(err, decode.ErrTooLong) {
		t.Errorf("got %v, want %v", err, decode.ErrTooLong)
	}
}

// What cert-manager keeps, as kubectl and others print it.
func TestASecretOfKubernetesIsRead(t *testing.T) {
	inputs := load(t, "combined.pem", "intermediate.pem", "root.pem")
	var words [3]string
	for i, in := range inputs {
		words[i] = base64.StdEncoding.EncodeToString(in.Data)
	}
	folded := ""
	for word := words[0]; word != ""; {
		n := min(76, len(word))
		folded, word = folded+word[:n]+"\n", word[n:]
	}
	for name, text := range map[string]string{
		"YAML":            "apiVersion: v1\ndata:\n  ca.crt: " + words[2] + "\n  tls.crt: " + words[1] + "\n  tls.key: " + words[0] + "\nkind: Secret\nmetadata:\n  name: box\n",
		"JSON":            `{"apiVersion":"v1","data":{"ca.crt":"` + words[2] + `","tls.crt":"` + words[1] + `","tls.key":"` + words[0] + `"},"kind":"Secret"}`,
		"lines of base64": folded + words[1] + "\n" + words[2],
	} {
		got, err := Sort([]Input{{"pasted", []byte(text)}}, nil)
		if err != nil || got.Leaf == nil || got.Key == nil || names(got.Chain) != "intermediate" || got.Root == nil {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if _, err := Sort([]Input{{"pasted", []byte("data:\n  tls.crt: LS0tLS1CRUdJTi\n")}}, nil); err == nil {
		t.Error("a Secret that is cut off was read")
	}
}

// A folder is read so deep and no deeper; what begins with a dot, and links that lead
// out of it, are passed over. One that stays inside is how Kubernetes mounts a secret.
func TestAFolderIsReadWithinLimits(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	pem, err := os.ReadFile(filepath.Join(certificates, "leaf.pem"))
	if err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(root, "a", "b", "c", "d")
	for _, dir := range []string{deep, filepath.Join(deep, "e"), filepath.Join(root, ".git")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{filepath.Join(root, "top.pem"), filepath.Join(deep, "deep.pem"), filepath.Join(deep, "e", "deeper.pem"),
		filepath.Join(root, ".git", "hidden.pem"), filepath.Join(root, ".hidden.pem"), filepath.Join(elsewhere, "secret.pem")} {
		if err := os.WriteFile(path, pem, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(elsewhere, "secret.pem"), filepath.Join(root, "link.pem")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(root, "links")); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"tls.crt": filepath.Join("..data", "tls.crt"), "nowhere": "nothing", "folder": "a"} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(root, "empty"), nil, 0o600), os.Mkdir(filepath.Join(root, "..data"), 0o700), os.WriteFile(filepath.Join(root, "..data", "tls.crt"), pem, 0o600)); err != nil {
		t.Fatal(err)
	}
	inputs, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range inputs {
		got = append(got, filepath.Base(in.Name))
	}
	slices.Sort(got)
	if want := []string{"deep.pem", "tls.crt", "top.pem"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The certificate of a CA beside its locked key was once refused with the key.
func TestACertificateBesideALockedKeyIsRead(t *testing.T) {
	locked, err := os.ReadFile(filepath.Join(keys, "ec-scrypt.pem"))
	if err != nil {
		t.Fatal(err)
	}
	in := load(t, "root.pem")[0]
	in.Data = append(in.Data, locked...)
	got, err := Sort([]Input{in}, nil)
	if err != nil || name(got.Root) != "root" || len(got.Skipped) != 1 || !errors.Is(got.Skipped[0].Why, decode.ErrPassphraseNeeded) {
		t.Errorf("got %+v, %v", got, err)
	}
}
