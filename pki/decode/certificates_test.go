package decode

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// names reads the common names in data, in order.
func names(t *testing.T, data []byte) []string {
	t.Helper()
	certs, err := Certificates(data)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, cert := range certs {
		out = append(out, cert.Subject.CommonName)
	}
	return out
}

func TestEveryFormOfACertificateIsRead(t *testing.T) {
	for name, want := range map[string][]string{
		"leaf.pem":         {"leaf"},
		"leaf.der":         {"leaf"},
		"leaf-text.pem":    {"leaf"},
		"leaf-trusted.pem": {"leaf"},
		"chain.pem":        {"leaf", "intermediate", "root"},
		"two.der":          {"leaf", "root"},
		"chain.p7b":        {"leaf", "intermediate", "root"},
		"chain.p7b.der":    {"leaf", "intermediate", "root"},
		"combined.pem":     {"leaf"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := names(t, read(t, certificateD, name)); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestLabelsOfCertificatesVary(t *testing.T) {
	leaf, bundle := string(read(t, certificateD, "leaf.pem")), string(read(t, certificateD, "chain.p7b"))
	for name, tt := range map[string]struct {
		data string
		want []string
	}{
		"X509 CERTIFICATE":              {strings.ReplaceAll(leaf, "CERTIFICATE", "X509 CERTIFICATE"), []string{"leaf"}},
		"CMS":                           {strings.ReplaceAll(bundle, "PKCS7", "CMS"), []string{"leaf", "intermediate", "root"}},
		"a PKCS #7 that says otherwise": {strings.ReplaceAll(bundle, "PKCS7", "CERTIFICATE"), []string{"leaf", "intermediate", "root"}},
		"the same twice":                {leaf + leaf, []string{"leaf", "leaf"}},
		"headers in the block":          {strings.Replace(leaf, "-----\n", "-----\nfriendlyName: mine\n\n", 1), []string{"leaf"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := names(t, []byte(tt.data)); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCertificatesAreNotPassedOverInSilence(t *testing.T) {
	chain := string(read(t, certificateD, "chain.pem"))
	first, rest, _ := strings.Cut(chain, "-----END")
	for name, data := range map[string]string{
		"no END line":         first + rest,
		"a sign that is none": strings.Replace(chain, "MII", "!II", 1),
		"cut at the end":      chain[:len(chain)-40],
	} {
		t.Run(name, func(t *testing.T) {
			if certs, err := Certificates([]byte(data)); !errors.Is(err, errDamagedCertificate) {
				t.Errorf("got %d certificates and %v, want %v", len(certs), err, errDamagedCertificate)
			}
		})
	}
}

func TestNoCertificateIsFoundWhereNoneIs(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":      nil,
		"a key":        read(t, keys, "ec.pem"),
		"a key in DER": read(t, keys, "ec-pkcs8.der"),
		"text":         []byte("0 certificates are here"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Certificates(data); !errors.Is(err, ErrNotACertificate) {
				t.Errorf("got %v, want %v", err, ErrNotACertificate)
			}
		})
	}
	if _, err := Certificates(make([]byte, MaxSize+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v, want %v", err, ErrTooLong)
	}
	if !IsPKCS12(read(t, certificateD, "legacy.p12")) || IsPKCS12(read(t, certificateD, "chain.p7b.der")) || IsPKCS12(nil) {
		t.Error("PKCS #12 is taken for something else, or something else for it")
	}
	_, err := Certificates(read(t, certificateD, "modern.p12"))
	wantUnsupported(t, err, "PKCS #12")
}

func TestABrokenCertificateIsCounted(t *testing.T) {
	data := append(read(t, certificateD, "leaf.pem"), "-----BEGIN CERTIFICATE-----\nMAwwADAHBgUqAwQFBgMBAA==\n-----END CERTIFICATE-----\n"...)
	_, err := Certificates(data)
	if err == nil || !strings.Contains(err.Error(), "certificate 2: ") {
		t.Errorf("got %v, want it to name certificate 2", err)
	}
}

// The PKCS #7 library copies each element once for every level above it.
func TestADeepPKCS7IsRefused(t *testing.T) {
	inner := []byte{0x05, 0x00}
	for len(inner) < 1<<15 {
		inner = append([]byte{0x30, 0x82, byte(len(inner) >> 8), byte(len(inner))}, inner...)
	}
	oid := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	body := append(oid, inner...)
	deep := append([]byte{0x30, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
	if _, err := Certificates(deep); err == nil || !strings.Contains(err.Error(), "not well-formed") {
		t.Errorf("got %v, want it refused", err)
	}
}
