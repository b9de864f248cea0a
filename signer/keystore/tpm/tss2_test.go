package tpm

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// der is a key file's inside, without its optional fields or with some in their
// place.
func der(t testing.TB, oid asn1.ObjectIdentifier, parent any, optional ...asn1.RawValue) []byte {
	t.Helper()
	var fields []asn1.RawValue
	add := func(value any) {
		data, err := asn1.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, asn1.RawValue{FullBytes: data})
	}
	add(oid)
	fields = append(fields, optional...)
	add(parent)
	add([]byte{0, 1, 7})
	add([]byte{0, 2, 8, 9})
	data, err := asn1.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func tagged(tag int, inside ...byte) asn1.RawValue {
	return asn1.RawValue{FullBytes: append([]byte{0xA0 | byte(tag), byte(len(inside))}, inside...)}
}

func TestKeyFilesAreRead(t *testing.T) {
	loadableKey := asn1.ObjectIdentifier{2, 23, 133, 10, 1, 3}
	for name, tt := range map[string]struct {
		der   []byte
		empty bool
		want  uint32
	}{
		"without a password":        {der(t, loadableKey, 0x40000001, tagged(0, 1, 1, 0xFF)), true, 0x40000001},
		"written by older programs": {der(t, loadableKey, 0x40000001, tagged(0, 1, 1, 1)), true, 0x40000001},
		"with a password":           {der(t, loadableKey, 0x81000001, tagged(0, 1, 1, 0)), false, 0x81000001},
		"without a word about one":  {der(t, loadableKey, 0x81000001), false, 0x81000001},
		"with a negative parent":    {der(t, loadableKey, -0x7EFFFFFF), false, 0x81000001},
		"with a description":        {der(t, loadableKey, 0x40000001, tagged(4, 0x0C, 1, 'x')), false, 0x40000001},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseKeyFile(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: tt.der}))
			if err != nil || got.emptyAuth != tt.empty || got.parent != tt.want || !bytes.Equal(got.public, []byte{7}) || !bytes.Equal(got.private, []byte{8, 9}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestKeyFilesThatCannotBeUsedSayWhy(t *testing.T) {
	loadableKey := asn1.ObjectIdentifier{2, 23, 133, 10, 1, 3}
	for name, tt := range map[string]struct {
		der  []byte
		want string
	}{
		"nothing":              {nil, "not well-formed"},
		"an empty list":        {[]byte{0x30, 0}, "empty"},
		"something after it":   {append(der(t, loadableKey, 1), 0), "not well-formed"},
		"to be imported":       {der(t, asn1.ObjectIdentifier{2, 23, 133, 10, 1, 4}, 1), "imported"},
		"sealed data":          {der(t, asn1.ObjectIdentifier{2, 23, 133, 10, 1, 5}, 1), "sealed"},
		"something else":       {der(t, asn1.ObjectIdentifier{1, 2, 3}, 1), "1.2.3"},
		"with a policy":        {der(t, loadableKey, 1, tagged(1, 0x30, 0)), "policy"},
		"with several of them": {der(t, loadableKey, 1, tagged(3, 0x30, 0)), "policy"},
		"with a secret":        {der(t, loadableKey, 1, tagged(2, 4, 0)), "secret"},
		"under an RSA parent":  {der(t, loadableKey, 1, tagged(5, 1, 1, 0xFF)), "RSA"},
		"with a new field":     {der(t, loadableKey, 1, tagged(6, 1, 1, 0xFF)), "[6]"},
		"with a large parent":  {der(t, loadableKey, 1<<40), "no handle"},
		"with a strange one":   {der(t, loadableKey, "owner"), "wrong kind"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseLoadable(tt.der); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add(der(f, asn1.ObjectIdentifier{2, 23, 133, 10, 1, 3}, 0x40000001, tagged(0, 1, 1, 0xFF)))
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := parseLoadable(data)
		if err == nil && len(k.public)+len(k.private) > len(data) {
			t.Errorf("%d bytes of %d", len(k.public)+len(k.private), len(data))
		}
	})
}

func FuzzPublic(f *testing.F) {
	for _, name := range []string{"ec-owner.pem", "rsa-owner.pem", "p384-persistent.pem"} {
		data, err := os.ReadFile(filepath.Join(recordings, name))
		if err != nil {
			f.Fatal(err)
		}
		block, _ := pem.Decode(data)
		k, err := parseLoadable(block.Bytes)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(k.public)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := parsePublic(data); err == nil && p.key == nil {
			t.Error("neither a key nor an error")
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("\x80\x02\x00\x00\x00\x13\x00\x00\x00\x00\x80\x00\x00\x01\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, parameters, err := once(canned{bytes.NewReader(data)}, command{}, true)
		if err == nil && len(parameters) > len(data) {
			t.Errorf("%d bytes of %d", len(parameters), len(data))
		}
	})
}

// canned answers with the same bytes whatever it is asked.
type canned struct{ io.Reader }

func (canned) Write(p []byte) (int, error) { return len(p), nil }
