package main

import (
	"crypto/rand"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// own asks for the plan of a set-up with a certificate that is there.
func (s *shop) own(answers ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	args := []string{"setup", "--name", "second", "--plan", "--set", "where=aws", "--set", "ca.issuer=files"}
	for _, answer := range answers {
		args = append(args, "--set", answer)
	}
	return s.run(args...)
}

// folder is a folder with files by their names.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mounted is how Kubernetes mounts a secret: every name a link into a folder that it
// can replace at once.
func mounted(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Rename(folder(t, files), filepath.Join(dir, "..2026_01_01")); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"..data": "..2026_01_01"}
	for name := range files {
		links[name] = filepath.Join("..data", name)
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// parts are the certificate, the key, the key locked by opensIt, and the CAs as PEM.
func (o *owned) parts() (cert, key, locked, cas []byte) {
	return pki.EncodeCertificates(o.machine(48 * time.Hour)), must(pki.EncodeKey(o.key)),
		must(pki.EncodeKeyLocked(o.key, []byte(opensIt), rand.Reader)), pki.EncodeCertificates(o.between, o.root)
}

func joined(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// The PKCS #12 files of testdata are openssl's.
func TestACertificateThatIsThereIsFoundWithAllThatLiesBesideIt(t *testing.T) {
	s, o := newShop(t), newOwned(t)
	cert, key, locked, cas := o.parts()
	stranger := must(pki.EncodeKey(must(pki.NewKey(pki.P256, rand.Reader))))
	pw, opens := put(t, []byte("pw")), put(t, []byte(opensIt))
	for name, tt := range map[string]struct {
		answers   []string
		cn, holds string
	}{
		"PKCS #12 by today's openssl":          {[]string{"leaf.certificate=" + theirs + "modern.p12", "leaf.certificate-passphrase-file=" + pw}, "leaf", "intermediate"},
		"PKCS #12 by RC2 and SHA-1":            {[]string{"leaf.certificate=" + theirs + "legacy.p12", "leaf.certificate-passphrase-file=" + pw}, "leaf", "intermediate"},
		"PKCS #12 by triple DES":               {[]string{"leaf.certificate=" + theirs + "des3.p12", "leaf.certificate-passphrase-file=" + pw}, "leaf", "intermediate"},
		"PKCS #12 with an empty passphrase":    {[]string{"leaf.certificate=" + theirs + "empty.p12"}, "leaf", "intermediate"},
		"PKCS #12 without the key":             {[]string{"leaf.certificate=" + theirs + "no-key.p12", "leaf.certificate-passphrase-file=" + pw, "leaf.private-key=" + theirs + "combined.pem", "ca.certificate=" + theirs + "chain.pem"}, "leaf", "root"},
		"the same file named three times":      {[]string{"leaf.certificate=" + theirs + "modern.p12", "leaf.certificate-passphrase-file=" + pw, "leaf.private-key=" + theirs + "modern.p12", "ca.certificate=" + theirs + "modern.p12"}, "leaf", "intermediate"},
		"the root instead of the intermediate": {[]string{"leaf.certificate=" + theirs + "empty.p12", "ca.certificate=" + theirs + "root.pem"}, "leaf", "root"},
		"one PEM file":                         {[]string{"leaf.certificate=" + put(t, joined(key, cas, cert))}, "box", "their root"},
		"one PEM file with a locked key":       {[]string{"leaf.certificate=" + put(t, joined(cert, locked, cas)), "leaf.passphrase-file=" + opens}, "box", "their root"},
		"a locked key in a file of its own":    {[]string{"leaf.certificate=" + put(t, joined(cert, cas)), "leaf.private-key=" + put(t, locked), "leaf.passphrase-file=" + opens}, "box", "their root"},
		"two keys, the machine's the second":   {[]string{"leaf.certificate=" + put(t, joined(stranger, key, cert, cas))}, "box", "their root"},
		"several machines, one with its key":   {[]string{"leaf.certificate=" + put(t, joined(must(os.ReadFile(theirs+"leaf.pem")), cert, cas, key))}, "box", "their root"},
		"a folder":                             {[]string{"leaf.certificate=" + folder(t, map[string][]byte{"a": cert, "b": key, "c": cas, "README": []byte("nothing")})}, "box", "their root"},
		"a folder with a locked key":           {[]string{"leaf.certificate=" + folder(t, map[string][]byte{"a": cert, "b": locked, "c": cas}), "leaf.passphrase-file=" + opens}, "box", "their root"},
		"a folder with a PKCS #12 file":        {[]string{"leaf.certificate=" + folder(t, map[string][]byte{"a": o.packed(o.machine(time.Hour), opensIt)}), "leaf.certificate-passphrase-file=" + opens}, "box", "their root"},
		"a secret that Kubernetes mounts":      {[]string{"leaf.certificate=" + mounted(t, map[string][]byte{"tls.crt": joined(cert, pki.EncodeCertificates(o.between)), "tls.key": key, "ca.crt": pki.EncodeCertificates(o.root)})}, "box", "their root"},
	} {
		code, said, errs := s.own(tt.answers...)
		if code != exitDone || !strings.Contains(said, "CN="+tt.cn+", until ") || !strings.Contains(said, "holds "+tt.holds+"\n") {
			t.Errorf("%s: exit %d, want the certificate of %s and a trust anchor that holds %s:\n%s%s", name, code, tt.cn, tt.holds, said, errs)
		}
		if locked := strings.Contains(strings.Join(tt.answers, " "), "passphrase-file"); locked != strings.Contains(said, "copied without its passphrase") && name != "PKCS #12 without the key" {
			t.Errorf("%s: got, of what becomes of the key,\n%s", name, said)
		}
	}
}

func TestACertificateThatCannotBeTakenIsRefusedWithTheReason(t *testing.T) {
	s, o := newShop(t), newOwned(t)
	cert, key, locked, cas := o.parts()
	other := newOwned(t)
	whole := put(t, joined(cert, key, cas))
	modern, open := "leaf.certificate="+theirs+"modern.p12", "leaf.certificate-passphrase-file="
	twoKeys := must(pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{o.root}, "")) // no key, and no certificate of a machine
	for name, tt := range map[string]struct {
		answers     []string
		want, hints string
	}{
		"nobody said the passphrase of the file": {[]string{modern}, "need an answer: leaf.certificate-passphrase\n", "--set leaf.certificate-passphrase-file=FILE"},
		"a wrong passphrase of the file":         {[]string{modern, open + put(t, []byte("no"))}, "leaf.certificate-passphrase: does not open the file", "--set leaf.certificate-passphrase-file=FILE, -env=NAME or -fd=N"},
		"an empty passphrase of the file":        {[]string{modern, open + put(t, nil)}, "leaf.certificate-passphrase: must not be empty", "-file=FILE"},
		"the passphrase in the argument":         {[]string{modern, "leaf.certificate-passphrase=pw"}, "a secret is never an argument", "-file=FILE"},
		"nobody said the passphrase of the key":  {[]string{"leaf.certificate=" + put(t, joined(cert, locked, cas))}, "need an answer: leaf.passphrase\n", "--set leaf.passphrase-file=FILE"},
		"a wrong passphrase of the key":          {[]string{"leaf.certificate=" + put(t, joined(cert, locked, cas)), "leaf.passphrase-file=" + put(t, []byte("no"))}, "leaf.passphrase: does not open the key", "--set leaf.passphrase-file=FILE"},
		"the key is missing":                     {[]string{"leaf.certificate=" + put(t, joined(cert, cas))}, "need an answer: leaf.private-key\n", "--set leaf.private-key="},
		"the key of somebody else":               {[]string{"leaf.certificate=" + put(t, joined(cert, cas)), "leaf.private-key=" + put(t, must(pki.EncodeKey(other.key)))}, "is not the key of CN=box", "--set leaf.private-key="},
		"the key of the CA":                      {[]string{"leaf.certificate=" + put(t, joined(cert, cas)), "leaf.private-key=" + put(t, must(pki.EncodeKey(o.betweenKey)))}, "is the key of the CA CN=their CA", "--set leaf.private-key="},
		"a key in hardware":                      {[]string{"leaf.certificate=" + put(t, joined(cert, cas)), "leaf.private-key=handle:0x81000001"}, "a key in hardware cannot be copied", "anywhere-signer credential-process --certificate FILE"},
		"no key at all":                          {[]string{"leaf.certificate=" + put(t, joined(cert, cas)), "leaf.private-key=" + put(t, []byte("hello"))}, "no certificate and no private key is in it", "--set leaf.private-key="},
		"the CA is missing":                      {[]string{"leaf.certificate=" + put(t, joined(cert, key))}, "need an answer: ca.certificate\n", "--set ca.certificate="},
		"the CA of somebody else":                {[]string{"leaf.certificate=" + whole, "ca.certificate=" + put(t, pki.EncodeCertificates(other.root))}, "CN=their root has not issued CN=box", "--set ca.certificate="},
		"a certificate whose life is over":       {[]string{"leaf.certificate=" + put(t, o.packed(o.machine(-time.Minute), ""))}, "the life of CN=box ended on ", "--set leaf.certificate="},
		"one that is over in a locked file":      {[]string{"leaf.certificate=" + put(t, o.packed(o.machine(-time.Minute), opensIt)), open + put(t, []byte(opensIt))}, "the life of CN=box ended on ", "--set leaf.certificate=FILE"},
		"only a CA":                              {[]string{"leaf.certificate=" + put(t, cas)}, "holds no certificate of a machine", "--set leaf.certificate="},
		"a CA with its key":                      {[]string{"leaf.certificate=" + put(t, joined(cas, must(pki.EncodeKey(o.betweenKey))))}, "holds a CA with its key", "--set ca.issuer=own"},
		"a trust store":                          {[]string{"leaf.certificate=" + put(t, twoKeys)}, "holds no certificate of a machine", "--set leaf.certificate="},
		"an empty folder":                        {[]string{"leaf.certificate=" + t.TempDir()}, "is a directory", "--set leaf.certificate="},
		"no file":                                {[]string{"leaf.certificate=" + filepath.Join(t.TempDir(), "none")}, "no such file", "--set leaf.certificate="},
		"a device that never ends":               {[]string{"leaf.certificate=" + os.DevNull}, "it is a device", "--set leaf.certificate="},
		"no certificate":                         {[]string{"leaf.certificate=" + put(t, []byte("hello"))}, "no certificate and no private key is in it", "--set leaf.certificate="},
	} {
		code, out, said := s.own(tt.answers...)
		if code != exitUsage || !strings.Contains(said, tt.want) || !strings.Contains(said, tt.hints) {
			t.Errorf("%s: exit %d, want %d, %q and the hint %q:\n%s%s", name, code, exitUsage, tt.want, tt.hints, out, said)
		}
	}
}

// The script of a plan named a file that exists on no other machine, and that held the
// key, too.
func TestTheScriptOfAPlanBringsTheCA(t *testing.T) {
	s, o := newShop(t), newOwned(t)
	file := put(t, o.packed(o.machine(48*time.Hour), ""))
	code, out, said := s.run("setup", "--name", "second", "--plan", "--as", "cli", "--set", "where=aws", "--set", "ca.issuer=files", "--set", "leaf.certificate="+file)
	if code != exitDone {
		t.Fatal(said)
	}
	_, rest, _ := strings.Cut(out, "cat > ca.pem <<END\n")
	text, _, found := strings.Cut(rest, "\nEND\n")
	certs, err := decode.Certificates([]byte(text))
	if !found || err != nil || len(certs) != 1 || !certs[0].Equal(o.root) || !strings.Contains(out, "file://ca.pem") {
		t.Errorf("got %d certificates, %v, in\n%s", len(certs), err, out)
	}
	if !strings.Contains(out, "openssl pkcs12 -in "+file+" -nocerts -nodes -out key.pem") {
		t.Errorf("got no way to the key in\n%s", out)
	}
}

// The key of a CA was asked for although the file with its certificate holds it.
func TestTheKeyOfACAIsFoundBesideItsCertificate(t *testing.T) {
	s, o := newShop(t), newOwned(t)
	cert, key := pki.EncodeCertificates(o.between, o.root), must(pki.EncodeKey(o.betweenKey))
	locked := put(t, joined(cert, must(pki.EncodeKeyLocked(o.betweenKey, []byte(opensIt), rand.Reader))))
	for name, tt := range map[string]struct {
		answers []string
		code    int
		want    string
	}{
		"one PEM file":                 {[]string{"ca.certificate=" + put(t, joined(cert, key))}, exitDone, "holds their root\n"},
		"an open PKCS #12 file":        {[]string{"ca.certificate=" + put(t, must(pkcs12.Modern.Encode(o.betweenKey, o.between, []*x509.Certificate{o.root}, "")))}, exitDone, "holds their root\n"},
		"a folder":                     {[]string{"ca.certificate=" + folder(t, map[string][]byte{"a": cert, "b": key, "c": []byte("nothing")})}, exitDone, "holds their root\n"},
		"a locked key in one PEM file": {[]string{"ca.certificate=" + locked, "ca.passphrase-file=" + put(t, []byte(opensIt))}, exitDone, "holds their root\n"},
		"nobody said its passphrase":   {[]string{"ca.certificate=" + locked}, exitUsage, "need an answer: ca.passphrase\n"},
		"the key of another CA":        {[]string{"ca.certificate=" + put(t, joined(cert, must(pki.EncodeKey(o.key))))}, exitUsage, "need an answer: ca.private-key\n"},
		"no key":                       {[]string{"ca.certificate=" + put(t, cert)}, exitUsage, "need an answer: ca.private-key\n"},
	} {
		args := []string{"setup", "--name", "second", "--plan", "--set", "where=aws", "--set", "leaf.cn=box"}
		for _, answer := range tt.answers {
			args = append(args, "--set", answer)
		}
		if code, said, errs := s.run(args...); code != tt.code || !strings.Contains(said+errs, tt.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s%s", name, code, tt.code, tt.want, said, errs)
		}
	}
}

func TestAnImportOfALockedFileSaysHowItIsOpened(t *testing.T) {
	if code, _, said := bare(t, "", "ca", "import", theirs+"modern.p12"); code != exitUsage || !strings.Contains(said, "add --ca-passphrase-file FILE") {
		t.Errorf("nobody said the passphrase: exit %d\n%s", code, said)
	}
	if _, out, said := bare(t, "", "ca", "import", theirs+"modern.p12", "--ca-passphrase-file", put(t, []byte("pw"))); !strings.Contains(out, "CN=leaf") || said != "" {
		t.Errorf("got\n%s%s", out, said)
	}
}
