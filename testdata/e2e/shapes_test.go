package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki/importing"
)

// shapeBase makes what the shapes are made of; the passphrase of all is pw.
const shapeBase = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 9 -subj /CN=root -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout int.key -out int.csr -subj /CN=int
printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n' > int.ext
openssl x509 -req -in int.csr -CA root.pem -CAkey root.key -days 8 -extfile int.ext -out int.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key -out leaf.csr -subj /CN=leaf
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n' > leaf.ext
openssl x509 -req -in leaf.csr -CA int.pem -CAkey int.key -days 7 -extfile leaf.ext -out leaf.pem
cat leaf.pem int.pem root.pem > chain.pem
openssl genrsa -out rsa.key 2048
printf pw > pw
step certificate create sroot s-root.crt s-root.key --profile root-ca --password-file pw
step certificate create sint s-int.crt s-int.key --profile intermediate-ca --ca s-root.crt --ca-key s-root.key --ca-password-file pw --no-password --insecure
step certificate create sleaf s-leaf.crt s-leaf.key --ca s-int.crt --ca-key s-int.key --no-password --insecure --bundle
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=1\n' > ca.cnf
: > index
`

// shape is one container: the commands that write it to the file out, and what
// must be found in it, as "leaf key chain root" with what is not there left out,
// "CA key" for a CA's key alone or with it, or why it must be refused.
type shape struct{ make, found, refused string }

const (
	aKey = "key"
	all  = "leaf key chain root"
)

func encrypted(options string) shape {
	return shape{make: "openssl pkcs8 -topk8 -in ec.key -passout pass:pw -out out " + options, found: aKey}
}

func dek(cipher string) shape {
	return shape{make: "openssl ec -in ec.key -passout pass:pw -out out -" + cipher, found: aKey}
}

func generated(options, refused string) shape {
	s := shape{make: "openssl genpkey -out out " + options, found: aKey, refused: refused}
	if refused != "" {
		s.found = ""
	}
	return s
}

func p12(options string) shape {
	return shape{make: "openssl pkcs12 -export -inkey ec.key -in leaf.pem -certfile int.pem -out out -passout pass:pw " + options, found: "leaf key chain"}
}

// rewritten is the pair and its chain after an editor or a shell.
func rewritten(program string) shape {
	return shape{make: "cat ec.key chain.pem > all; " + program, found: all}
}

var shapes = map[string]shape{
	// Keys, as openssl writes them.
	"PKCS #8 in PEM":                    {"openssl pkcs8 -topk8 -nocrypt -in ec.key -out out", aKey, ""},
	"PKCS #8 in DER":                    {"openssl pkcs8 -topk8 -nocrypt -in ec.key -outform DER -out out", aKey, ""},
	"SEC 1 in PEM":                      {"openssl ec -in ec.key -out out", aKey, ""},
	"SEC 1 in DER":                      {"openssl ec -in ec.key -outform DER -out out", aKey, ""},
	"SEC 1 after its parameters":        {"openssl ecparam -name prime256v1 -genkey -out out", aKey, ""},
	"RSA as PKCS #8 in PEM":             {"openssl pkcs8 -topk8 -nocrypt -in rsa.key -out out", aKey, ""},
	"RSA as PKCS #8 in DER":             {"openssl pkcs8 -topk8 -nocrypt -in rsa.key -outform DER -out out", aKey, ""},
	"RSA as PKCS #1 in PEM":             {"openssl rsa -traditional -in rsa.key -out out", aKey, ""},
	"RSA as PKCS #1 in DER":             {"openssl rsa -traditional -in rsa.key -outform DER -out out", aKey, ""},
	"PBES2, AES-128":                    encrypted("-v2 aes-128-cbc"),
	"PBES2, AES-192":                    encrypted("-v2 aes-192-cbc"),
	"PBES2, AES-256":                    encrypted("-v2 aes-256-cbc"),
	"PBES2, triple DES":                 encrypted("-v2 des3"),
	"PBES2, HMAC of SHA-1":              encrypted("-v2 aes-256-cbc -v2prf hmacWithSHA1"),
	"PBES2, HMAC of SHA-224":            encrypted("-v2 aes-256-cbc -v2prf hmacWithSHA224"),
	"PBES2, HMAC of SHA-384":            encrypted("-v2 aes-256-cbc -v2prf hmacWithSHA384"),
	"PBES2, HMAC of SHA-512":            encrypted("-v2 aes-256-cbc -v2prf hmacWithSHA512"),
	"PBES2, scrypt":                     encrypted("-scrypt"),
	"PBES2 in DER":                      encrypted("-v2 aes-256-cbc -outform DER"),
	"PBES2, a hundred thousand rounds":  encrypted("-v2 aes-256-cbc -iter 100000"),
	"PBES2, Camellia":                   {encrypted("-v2 camellia-256-cbc").make, "", "is not supported"},
	"PBES1, MD5 and DES":                encrypted("-v1 PBE-MD5-DES -provider legacy -provider default"),
	"PBES1, SHA-1 and DES":              encrypted("-v1 PBE-SHA1-DES -provider legacy -provider default"),
	"PBES1, SHA-1 and triple DES":       encrypted("-v1 PBE-SHA1-3DES"),
	"PBES1, SHA-1 and 2-key triple DES": encrypted("-v1 PBE-SHA1-2DES"),
	"PBES1, RC2":                        {encrypted("-v1 PBE-SHA1-RC2-40 -provider legacy -provider default").make, "", "RC2 is not supported"},
	"PBES1, RC4":                        {encrypted("-v1 PBE-SHA1-RC4-128 -provider legacy -provider default").make, "", "RC4 is not supported"},
	"DEK-Info, AES-128":                 dek("aes128"),
	"DEK-Info, AES-192":                 dek("aes192"),
	"DEK-Info, AES-256":                 dek("aes256"),
	"DEK-Info, triple DES":              dek("des3"),
	"DEK-Info, Camellia":                {dek("camellia256").make, "", "is not supported"},
	"P-384":                             generated("-algorithm EC -pkeyopt ec_paramgen_curve:P-384", ""),
	"P-521":                             generated("-algorithm EC -pkeyopt ec_paramgen_curve:P-521", ""),
	"secp256k1":                         generated("-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", "is not supported"),
	"explicit parameters":               generated("-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", "is not supported"),
	"Ed25519":                           generated("-algorithm ED25519", "Ed25519 key is not supported"),
	"Ed448":                             generated("-algorithm ED448", "is not supported"),
	"X25519":                            generated("-algorithm X25519", "is not supported"),
	"RSA-PSS":                           generated("-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "is not supported"),
	"a public key":                      {"openssl pkey -in ec.key -pubout -out out", "", "it is a public key"},
	"parameters alone":                  {"openssl ecparam -name prime256v1 -out out", "", "key parameters alone"},
	// Keys, as step and ssh write them.
	"step, locked":           {"step crypto keypair pub out --kty EC --curve P-256 --password-file pw", aKey, ""},
	"step, open":             {"step crypto keypair pub out --kty RSA --size 2048 --no-password --insecure", aKey, ""},
	"step, Ed25519":          {"step crypto keypair pub out --kty OKP --no-password --insecure", "", "Ed25519 key is not supported"},
	"step, as PKCS #8":       {"step crypto key format --pkcs8 --pem --no-password --insecure --out out ec.key", aKey, ""},
	"step, as DER":           {"step crypto key format --der --no-password --insecure --out out ec.key", aKey, ""},
	"step, as OpenSSH":       {"step crypto key format --ssh --no-password --insecure --out out ec.key", "", "OpenSSH private key is not supported"},
	"step, as a JWK":         {"step crypto jwk create pub.json out --no-password --insecure", "", "no certificate and no private key"},
	"step, a locked CA":      {"cat s-root.crt s-root.key > out", "CA key", ""},
	"step, an intermediate":  {"cat s-int.crt s-int.key s-root.crt > out", "CA key root", ""},
	"step, what a leaf gets": {"cat s-leaf.crt s-leaf.key s-root.crt > out", all, ""},
	"step, PKCS #12":         {"step certificate p12 out s-leaf.crt s-leaf.key --ca s-int.crt --password-file pw", "leaf key chain", ""},
	"step, old PKCS #12":     {"step certificate p12 out s-leaf.crt s-leaf.key --ca s-int.crt --password-file pw --legacy", "leaf key chain", ""},
	// Certificates and bundles.
	"a certificate in PEM":           {"cp leaf.pem out", "leaf", ""},
	"a certificate in DER":           {"openssl x509 -in leaf.pem -outform DER -out out", "leaf", ""},
	"a certificate after its text":   {"openssl x509 -in leaf.pem -text -out out", "leaf", ""},
	"a trusted certificate":          {"openssl x509 -in leaf.pem -trustout -addtrust clientAuth -out out", "leaf", ""},
	"the old name of a certificate":  {"sed 's/ CERTIFICATE/ X509 CERTIFICATE/' leaf.pem > out", "leaf", ""},
	"a certificate of version 1":     {"openssl x509 -req -in leaf.csr -CA int.pem -CAkey int.key -out out", "leaf", ""},
	"a chain":                        {"cp chain.pem out", "leaf chain root", ""},
	"a chain, top first":             {"cat root.pem int.pem leaf.pem > out", "leaf chain root", ""},
	"a chain, each twice":            {"cat chain.pem chain.pem > out", "leaf chain root", ""},
	"DER after DER":                  {"for f in leaf int root; do openssl x509 -in $f.pem -outform DER; done > out", "leaf chain root", ""},
	"PKCS #7 in PEM":                 {"openssl crl2pkcs7 -nocrl -certfile chain.pem -out out", "leaf chain root", ""},
	"PKCS #7 in DER":                 {"openssl crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out out", "leaf chain root", ""},
	"PKCS #7 called CERTIFICATE":     {"openssl crl2pkcs7 -nocrl -certfile chain.pem | sed 's/ PKCS7/ CERTIFICATE/' > out", "leaf chain root", ""},
	"PKCS #12":                       p12(""),
	"PKCS #12 of old":                p12("-legacy"),
	"PKCS #12, triple DES":           p12("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1"),
	"PKCS #12, AES-128 and SHA-512":  p12("-keypbe aes-128-cbc -certpbe aes-128-cbc -macalg sha512 -iter 100000"),
	"PKCS #12, nothing encrypted":    p12("-keypbe NONE -certpbe NONE"),
	"PKCS #12, no integrity check":   p12("-nomac"),
	"PKCS #12, an empty passphrase":  {"openssl pkcs12 -export -inkey ec.key -in leaf.pem -certfile int.pem -out out -passout pass:", "leaf key chain", ""},
	"PKCS #12 without a key":         {"openssl pkcs12 -export -nokeys -in chain.pem -out out -passout pass:pw", "leaf chain root", ""},
	"PKCS #12 without a certificate": {"openssl pkcs12 -export -nocerts -inkey ec.key -out out -passout pass:pw", "", "no certificate found"},
	"a request":                      {"cp leaf.csr out", "", "it is a certificate request"},
	"a revocation list":              {"openssl ca -config ca.cnf -gencrl -keyfile int.key -cert int.pem -out out", "", "it is a revocation list"},
	"nothing at all":                 {": > out", "", "no certificate and no private key"},
	"a certificate that is cut off":  {"head -4 leaf.pem > out", "", "damaged"},
	"a key that is changed":          {"sed 's/^M/!/' ec.key > out", "", "damaged"},
	// The pair and its chain in one file, after an editor, a shell or Kubernetes.
	"everything in one file":  rewritten("cp all out"),
	"lines of Windows":        rewritten("sed 's/$/\\r/' all > out"),
	"a byte order mark":       rewritten("(printf '\\357\\273\\277'; cat all) > out"),
	"UTF-16, little end":      rewritten("(printf '\\377\\376'; iconv -t UTF-16LE all) > out"),
	"UTF-16, big end":         rewritten("iconv -t UTF-16BE all > out"),
	"indented":                rewritten("sed 's/^/    /' all > out"),
	"line feeds spelled out":  rewritten("awk '{printf \"%s\\\\n\", $0}' all > out"),
	"a variable in quotes":    rewritten("(printf '\"'; awk '{printf \"%s\\\\n\", $0}' all; printf '\"') > out"),
	"base64 once more":        rewritten("base64 -w0 all > out"),
	"base64 once more, lines": rewritten("base64 all > out"),
	"a Secret of Kubernetes":  rewritten("printf 'kind: Secret\\ndata:\\n  ca.crt: %s\\n  tls.crt: %s\\n  tls.key: %s\\n' $(base64 -w0 root.pem) $(cat leaf.pem int.pem | base64 -w0) $(base64 -w0 ec.key) > out"),
}

// Whatever openssl and step write is imported, or refused for a reason that is
// named.
func TestEveryShapeOfOpensslAndStepIsImportedOrRefusedByName(t *testing.T) {
	if len(shapes) < 67 {
		t.Errorf("only %d shapes are tried", len(shapes))
	}
	dir := t.TempDir()
	env := []string{"STEPPATH=" + filepath.Join(dir, "step"), "NO_COLOR=1"}
	shell := func(script string) {
		t.Helper()
		cmd := command(t, env, "sh", "-ec", script)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	shell(shapeBase)
	for name, s := range shapes {
		shell("rm -f out pub pub.json all; " + s.make)
		inputs, err := importing.Read(filepath.Join(dir, "out"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := importing.Sort(inputs, func(string) ([]byte, error) { return []byte("pw"), nil })
		switch {
		case s.refused == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case s.refused != "" && (err == nil || !strings.Contains(err.Error(), s.refused)):
			t.Errorf("%s: got %v, want it refused: %s", name, err, s.refused)
		case s.refused == "" && contents(got) != s.found:
			t.Errorf("%s: got %q, want %q", name, contents(got), s.found)
		}
	}
}

// contents says what was found, in the words of shape.
func contents(s importing.Sorted) string {
	var all []string
	for _, part := range []struct {
		word  string
		found bool
	}{
		{"leaf", s.Leaf != nil}, {"key", s.Key != nil}, {"CA key", len(s.CAKeys) > 0}, {"chain", len(s.Chain) > 0},
		{"root", s.Root != nil && (s.Leaf != nil || len(s.CAs) > 1)},
	} {
		if part.found {
			all = append(all, part.word)
		}
	}
	return strings.Join(all, " ")
}
