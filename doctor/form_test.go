package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"testing"

	"anywhere/pki"
)

// A certificate in DER was healthy under AWS's helper, which then says "could not
// parse PEM data".
func TestFormsThatAWSsHelperDoesNotReadAreToldApart(t *testing.T) {
	key := newKey(t)
	cert := sign(t, caTemplate(), nil, key.Public(), key)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		data []byte
		want Form
	}{
		"a certificate in DER":   {cert.Raw, FormDER},
		"a certificate in PEM":   {pki.EncodeCertificates(cert), ""},
		"a key in DER":           {pkcs8, FormDER},
		"a key in PEM":           {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), ""},
		"a key locked as before": {pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: pkcs8}), FormLegacy},
		"nothing":                {nil, ""},
		"text":                   {[]byte("0 is the first octet of DER"), ""},
	} {
		if got := formOf(tt.data); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
