package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"strings"
	"testing"
)

// encoding/asn1 writes names as crypto/x509 does, which openssl reads.
func TestANameIsWrittenAsCryptoX509WritesIt(t *testing.T) {
	for name, n := range map[string]Name{
		"a common name alone":           {CommonName: "host1"},
		"all three":                     {CommonName: "host1", Organization: "Example Corp", OrganizationalUnit: "build (7)"},
		"no unit":                       {CommonName: "host1", Organization: "O"},
		"every ASCII character":         {CommonName: everyASCII()},
		"an at sign is not printable":   {CommonName: "a@b"},
		"neither is an underscore":      {CommonName: "a_b"},
		"beyond ASCII":                  {CommonName: "host1", Organization: "Größe"},
		"longer than one octet of size": {CommonName: strings.Repeat("x", 61), Organization: strings.Repeat("ß", 64), OrganizationalUnit: strings.Repeat("z", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := asn1.Marshal(n.pkix().ToRDNSequence())
			if err != nil {
				t.Fatal(err)
			}
			if got := n.der(); !bytes.Equal(got, want) {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

func everyASCII() string {
	all := make([]byte, 128)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

func TestExtensionsAreWrittenAsCryptoX509WritesThem(t *testing.T) {
	for name, issuer := range map[string][]byte{"a CA that names its key": bytes.Repeat([]byte{7}, 20), "by more octets": bytes.Repeat([]byte{7}, 200), "one that does not": nil} {
		t.Run(name, func(t *testing.T) {
			own, ca := bytes.Repeat([]byte{9}, 20), mustKey(t, P256)
			der, err := x509.CreateCertificate(nil, &x509.Certificate{
				SerialNumber: Serial{"\x01"}.Int(), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
				BasicConstraintsValid: true, SubjectKeyId: own,
			}, &x509.Certificate{Subject: Name{CommonName: "ca"}.pkix(), SubjectKeyId: issuer}, mustKey(t, P256).Public(), ca)
			if err != nil {
				t.Fatal(err)
			}
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			got, err := asn1.Marshal(leafExtensions(own, issuer))
			if err != nil {
				t.Fatal(err)
			}
			want, err := asn1.Marshal(cert.Extensions)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}
