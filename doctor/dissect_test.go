package doctor

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// asElement is a DER element of a tag and parts.
func asElement(tag der.Tag, parts ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(parts, nil)) })
	return b.BytesOrPanic()
}

func octets(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every way in which crypto/x509 was seen to refuse a certificate that others take
// names the field and says in words what is wrong with it. The list is that of the
// parser's own refusals: https://go.dev/src/crypto/x509/parser.go
func TestWhatAStrictReaderRefusesIsNamed(t *testing.T) {
	l := newLab(t)
	name := func(tag der.Tag, value string) []byte {
		return asElement(der.SEQUENCE, asElement(der.SET, asElement(der.SEQUENCE, octets(t, "0603550403"), asElement(tag, []byte(value)))))
	}
	times := func(end string) []byte {
		return asElement(der.SEQUENCE, asElement(der.UTCTime, []byte("300101000000Z")), asElement(der.GeneralizedTime, []byte(end)))
	}
	key := func(algorithm, bits string) []byte {
		return asElement(der.SEQUENCE, asElement(der.SEQUENCE, octets(t, algorithm)), asElement(der.BIT_STRING, octets(t, "00"+bits)))
	}
	extension := func(oid, critical string, value ...[]byte) []byte {
		return asElement(der.SEQUENCE, octets(t, oid), octets(t, critical), asElement(der.OCTET_STRING, bytes.Join(value, nil)))
	}
	const san, bc, yes = "0603551d11", "0603551d13", "0101ff"
	const ec, point = "06072a8648ce3d0201", "04" + "00000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000001"
	names := func(tag uint8, value string) []byte {
		return asElement(der.SEQUENCE, asElement(der.Tag(tag), []byte(value)))
	}
	for what, tt := range map[string]struct {
		change func(*pieces)
		field  string // of the certificate
		says   string // in plain words; empty where the parser's must do
	}{
		"version 4":                      {func(p *pieces) { p.version = octets(t, "a003020103") }, "version", "not version 1, 2 or 3"},
		"a negative serial":              {func(p *pieces) { p.serial = octets(t, "0201de") }, "serial", "negative"},
		"a serial with a zero too many":  {func(p *pieces) { p.serial = octets(t, "02020001") }, "serial", "more leading octets"},
		"algorithms that differ":         {func(p *pieces) { p.outer = octets(t, "300a06082a8648ce3d040303") }, "signature algorithm", "another one stands beside the signature"},
		"an @ in a PrintableString":      {func(p *pieces) { p.subject = name(der.PrintableString, "svc@host") }, "subject", `CN is a PrintableString, which has no "@"`},
		"an underscore, too":             {func(p *pieces) { p.issuer = name(der.PrintableString, "a_b") }, "issuer", `which has no "_"`},
		"Latin-1 in a UTF8String":        {func(p *pieces) { p.subject = name(der.UTF8String, "M\xfcller") }, "subject", "perhaps Latin-1"},
		"an odd BMPString":               {func(p *pieces) { p.subject = name(der.Tag(30), "abc") }, "subject", "BMPString"},
		"a UniversalString":              {func(p *pieces) { p.subject = name(der.Tag(28), "\x00\x00\x00a") }, "subject", "UniversalString"},
		"a VisibleString":                {func(p *pieces) { p.subject = name(der.Tag(26), "a") }, "subject", "VisibleString"},
		"letters in a NumericString":     {func(p *pieces) { p.subject = name(der.Tag(18), "12a") }, "subject", "NumericString"},
		"more than ASCII in IA5":         {func(p *pieces) { p.subject = name(der.IA5String, "\xc3\xbc") }, "subject", "IA5String"},
		"a fraction of a second":         {func(p *pieces) { p.validity = times("20510101000000.5Z") }, "validity", `the end is "20510101000000.5Z"`},
		"no seconds":                     {func(p *pieces) { p.validity = times("205101010000Z") }, "validity", "missing seconds"},
		"an unknown curve":               {func(p *pieces) { p.key = key(ec+"06052b8104000a", point) }, "key", "secp256k1"},
		"a brainpool curve":              {func(p *pieces) { p.key = key(ec+"06092b2403030208010107", point) }, "key", "brainpoolP256r1"},
		"explicit parameters":            {func(p *pieces) { p.key = key(ec+"3000", point) }, "key", "explicit parameters"},
		"a point off its curve":          {func(p *pieces) { p.key = key(ec+"06082a8648ce3d030107", point) }, "key", "not on its curve"},
		"RSA without NULL":               {func(p *pieces) { p.key = key("06092a864886f70d010101", "3006020101020103") }, "key", "lacks its NULL"},
		"a modulus of zero":              {func(p *pieces) { p.key = key("06092a864886f70d0101010500", "3006020100020103") }, "key", "no positive number"},
		"true in BER":                    {func(p *pieces) { p.extensions = [][]byte{extension(bc, "010101", octets(t, "3000"))} }, "extension basic constraints", "written in BER"},
		"true in BER inside":             {func(p *pieces) { p.extensions = [][]byte{extension(bc, yes, octets(t, "3003010101"))} }, "extension basic constraints", ""},
		"a path length below zero":       {func(p *pieces) { p.extensions = [][]byte{extension(bc, yes, octets(t, "30060101ff0201ff"))} }, "extension basic constraints", ""},
		"a key identifier as critical":   {func(p *pieces) { p.extensions = [][]byte{extension("0603551d0e", yes, octets(t, "040101"))} }, "extension subject key identifier", "marked critical"},
		"the authority's as critical":    {func(p *pieces) { p.extensions = [][]byte{extension("0603551d23", yes, octets(t, "3000"))} }, "extension authority key identifier", "marked critical"},
		"access information as critical": {func(p *pieces) { p.extensions = [][]byte{extension("06082b06010505070101", yes, octets(t, "3000"))} }, "extension authority information access", "marked critical"},
		"a DNS name beyond ASCII":        {func(p *pieces) { p.extensions = [][]byte{extension(san, "", names(0x82, "b\xc3\xbcx"))} }, "extension subject alternative name", "more than ASCII"},
		"a URI with a blank":             {func(p *pieces) { p.extensions = [][]byte{extension(san, "", names(0x86, "http://a b/"))} }, "extension subject alternative name", "has a blank"},
		"an IP address of 5 octets":      {func(p *pieces) { p.extensions = [][]byte{extension(san, "", names(0x87, "12345"))} }, "extension subject alternative name", "5 octets"},
		"name constraints of nothing":    {func(p *pieces) { p.extensions = [][]byte{extension("0603551d1e", yes, octets(t, "3000"))} }, "extension name constraints", ""},
		"a policy twice": {func(p *pieces) {
			p.extensions = [][]byte{extension("0603551d20", "", octets(t, "300a 3003060129 3003060129"))}
		}, "extension certificate policies", ""},
	} {
		t.Run(what, func(t *testing.T) {
			p, ok := cut(l.leaf.Raw)
			if !ok {
				t.Fatal("the lab's certificate cannot be taken apart")
			}
			tt.change(&p)
			data := p.join()
			if _, err := x509.ParseCertificate(data); err == nil {
				t.Fatal("the parser takes it by now")
			}
			facts, why := dissect(data)
			if !strings.Contains(why, tt.field) || !strings.Contains(why, tt.says) {
				t.Errorf("got %q, want %s and %q in it", why, tt.field, tt.says)
			}
			if n := slices.IndexFunc(facts, func(s Seen) bool { return s.Label == "refused for its "+tt.field }); n != 0 {
				t.Errorf("got %v, want the %s first and alone", facts, tt.field)
			}
			if !slices.Contains(facts, Seen{"extensions", "4"}) && len(p.extensions) > 1 {
				t.Errorf("got %v, want the rest told as well", facts)
			}
		})
	}
}

// The frame of a certificate can be wrong as a whole.
func TestAFrameThatIsNoDERIsNamed(t *testing.T) {
	raw := newLab(t).leaf.Raw
	twice, _ := cut(raw)
	twice.extensions = append(twice.extensions, twice.extensions[0])
	for what, tt := range map[string]struct {
		data []byte
		says string
	}{
		"a line end behind it": {append(slices.Clone(raw), '\n'), "1 octets stand behind it, perhaps a line end"},
		"an indefinite length": {append([]byte{0x30, 0x80}, raw[4:]...), "its length is indefinite"},
		"the half of one":      {raw[:len(raw)/2], "it is cut off"},
		"an extension twice":   {twice.join(), "stands in it twice"},
	} {
		t.Run(what, func(t *testing.T) {
			if _, why := dissect(tt.data); !strings.Contains(why, tt.says) {
				t.Errorf("got %q, want %q in it", why, tt.says)
			}
		})
	}
}

func FuzzDissect(f *testing.F) {
	f.Add(newLab(f).leaf.Raw)
	f.Add(sound().join())
	f.Fuzz(func(_ *testing.T, data []byte) { dissect(data) })
}

func TestTheSoundPiecesMakeACertificate(t *testing.T) {
	if _, err := x509.ParseCertificate(sound().join()); err != nil {
		t.Error(err)
	}
}
