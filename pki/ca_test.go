package pki

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func mustKey(t *testing.T, kind KeyKind) signerKey {
	t.Helper()
	key, err := NewKey(kind, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func testCA(t *testing.T) (*x509.Certificate, signerKey) {
	t.Helper()
	key := mustKey(t, P256)
	ca, err := NewCA(CASpec{Name: Name{CommonName: "lab CA"}, NotBefore: noon, NotAfter: noon.AddDate(5, 0, 0)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ca, key
}

func leafSpec() LeafSpec {
	return LeafSpec{Name: Name{CommonName: "web-1"}, NotBefore: noon, NotAfter: noon.AddDate(0, 3, 0)}
}

func TestCAIsWhatAnAnchorMustBe(t *testing.T) {
	ca, _ := testCA(t)
	if ca.Version != 3 || !ca.IsCA || !ca.BasicConstraintsValid || ca.MaxPathLen != 0 || !ca.MaxPathLenZero {
		t.Errorf("version %d, CA %v, path length %d (zero is meant: %v)", ca.Version, ca.IsCA, ca.MaxPathLen, ca.MaxPathLenZero)
	}
	if want := x509.KeyUsageCertSign | x509.KeyUsageCRLSign; ca.KeyUsage != want {
		t.Errorf("got key usage %b, want %b", ca.KeyUsage, want)
	}
	if err := ca.CheckSignatureFrom(ca); err != nil {
		t.Error(err)
	}
	wantCritical(t, ca, oidBasicConstraints, oidKeyUsage)
	if len(ca.SubjectKeyId) != 20 {
		t.Errorf("got a subject key identifier of %d octets, want 20", len(ca.SubjectKeyId))
	}
}

func TestPathLengthIsWrittenAsAsked(t *testing.T) {
	key := mustKey(t, P256)
	for asked, want := range map[int]int{0: 0, 1: 1, -1: -1, -7: -1} {
		ca, err := NewCA(CASpec{Name: Name{CommonName: "lab CA"}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0), PathLen: asked}, key, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if ca.MaxPathLen != want {
			t.Errorf("asked for %d: got %d, want %d", asked, ca.MaxPathLen, want)
		}
	}
}

func TestLeafIsWhatRolesAnywhereAsks(t *testing.T) {
	ca, caKey := testCA(t)
	for _, kind := range []KeyKind{P256, P384, RSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			key := mustKey(t, kind)
			spec := leafSpec()
			spec.Name.Organization, spec.DNS, spec.URIs = "Lab", []string{"web-1.example"}, []string{"spiffe://lab/web-1"}
			leaf, err := IssueLeaf(spec, key.Public(), ca, caKey, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if leaf.Version != 3 || !leaf.BasicConstraintsValid || leaf.IsCA {
				t.Errorf("version %d, basic constraints %v, CA %v", leaf.Version, leaf.BasicConstraintsValid, leaf.IsCA)
			}
			if leaf.KeyUsage != x509.KeyUsageDigitalSignature {
				t.Errorf("got key usage %b, want digitalSignature alone", leaf.KeyUsage)
			}
			if len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth {
				t.Errorf("got extended key usage %v, want clientAuth alone", leaf.ExtKeyUsage)
			}
			if !bytes.Equal(leaf.AuthorityKeyId, ca.SubjectKeyId) || bytes.Equal(leaf.SubjectKeyId, ca.SubjectKeyId) || len(leaf.SubjectKeyId) != 20 {
				t.Errorf("authority key id %x, subject key id %x, CA's %x", leaf.AuthorityKeyId, leaf.SubjectKeyId, ca.SubjectKeyId)
			}
			if got, want := leaf.Subject.String(), "CN=web-1,O=Lab"; got != want {
				t.Errorf("got subject %s, want %s", got, want)
			}
			if leaf.DNSNames[0] != "web-1.example" || leaf.URIs[0].String() != "spiffe://lab/web-1" {
				t.Errorf("got names %v %v", leaf.DNSNames, leaf.URIs)
			}
			wantCritical(t, leaf, oidBasicConstraints, oidKeyUsage)
			if err := MatchKey(leaf, key); err != nil {
				t.Error(err)
			}
			if err := verify(leaf, ca); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLeafIsRefused(t *testing.T) {
	ca, caKey := testCA(t)
	key := mustKey(t, P256)
	plain, err := IssueLeaf(leafSpec(), caKey.Public(), ca, caKey, rand.Reader) // a leaf for the CA's own key
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*LeafSpec)
		ca     *x509.Certificate
		key    signerKey
		want   any
	}{
		"because its CN has a blank":            {change: func(s *LeafSpec) { s.Name.CommonName = "web 1" }, want: new(*NameError)},
		"because its CN is missing":             {change: func(s *LeafSpec) { s.Name.CommonName = "" }, want: new(*NameError)},
		"because its organisation has an &":     {change: func(s *LeafSpec) { s.Name.Organization = "A & B" }, want: new(*NameError)},
		"because its DNS name has a star":       {change: func(s *LeafSpec) { s.DNS = []string{"*.example"} }, want: new(*NameError)},
		"because its DNS name is empty":         {change: func(s *LeafSpec) { s.DNS = []string{""} }, want: new(*NameError)},
		"because its URI is relative":           {change: func(s *LeafSpec) { s.URIs = []string{"web-1"} }, want: new(*NameError)},
		"because it would outlive its CA":       {change: func(s *LeafSpec) { s.NotAfter = noon.AddDate(6, 0, 0) }, want: new(*LifeError)},
		"because the key is not the CA's":       {key: key, want: new(*MismatchError)},
		"because the CA is no CA":               {ca: plain, want: new(error)},
		"because it has the CA's name":          {change: func(s *LeafSpec) { s.Name.CommonName = "lab-CA" }, ca: renamed(t, caKey), want: new(error)},
		"because it ends when it begins":        {change: func(s *LeafSpec) { s.NotAfter = s.NotBefore }, want: new(error)},
		"because its life has no beginning yet": {change: func(s *LeafSpec) { s.NotAfter = time.Time{} }, want: new(error)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			spec, issuer, issuerKey := leafSpec(), ca, caKey
			if tt.change != nil {
				tt.change(&spec)
			}
			if tt.ca != nil {
				issuer = tt.ca
			}
			if tt.key != nil {
				issuerKey = tt.key
			}
			cert, err := IssueLeaf(spec, key.Public(), issuer, issuerKey, rand.Reader)
			if err == nil {
				t.Fatalf("got a certificate for %s", cert.Subject)
			}
			if !errors.As(err, tt.want) {
				t.Errorf("got %T (%v), want %T", err, err, tt.want)
			}
		})
	}
}

// renamed is a CA with a name that a machine could have.
func renamed(t *testing.T, key signerKey) *x509.Certificate {
	t.Helper()
	ca, err := NewCA(CASpec{Name: Name{CommonName: "lab-CA"}, NotBefore: noon, NotAfter: noon.AddDate(5, 0, 0)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestWhatBreaksARuleIsNotMade(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewCA(CASpec{Name: Name{CommonName: "lab CA"}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0)}, short, rand.Reader)
	wantBreach(t, err, "RA164")
	ca, caKey := testCA(t)
	_, err = IssueLeaf(leafSpec(), short.Public(), ca, caKey, rand.Reader)
	wantBreach(t, err, "RA124")
	spec := leafSpec()
	if spec.Serial, err = ParseSerial("01"); err != nil {
		t.Fatal(err)
	}
	_, err = IssueLeaf(spec, mustKey(t, P256).Public(), ca, caKey, rand.Reader)
	wantBreach(t, err, "RA122")
}

func wantBreach(t *testing.T, err error, id string) {
	t.Helper()
	breach, ok := errors.AsType[*BreachError](err)
	if !ok || len(breach.Breaches) != 1 || breach.Breaches[0].Rule.ID != id {
		t.Fatalf("got %v, want a breach of %s alone", err, id)
	}
	if breach.Hint() != "anywhere explain "+id || !strings.HasPrefix(breach.Error(), id+": ") {
		t.Errorf("got %q, hint %q", breach, breach.Hint())
	}
}

func TestACAIsRefused(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*CASpec)
		key    signerKey
		want   string
	}{
		"without a key":        {nil, nil, "key is missing"},
		"with an Ed25519 key":  {nil, edwards, "neither RSA nor EC"},
		"without a name":       {func(s *CASpec) { s.Name.CommonName = "" }, mustKey(t, P256), "is empty"},
		"with a nasty name":    {func(s *CASpec) { s.Name.CommonName = "CA\x1b[2J" }, mustKey(t, P256), "only letters"},
		"without end":          {func(s *CASpec) { s.NotAfter = time.Time{} }, mustKey(t, P256), "not after its beginning"},
		"that ends at once":    {func(s *CASpec) { s.NotAfter = s.NotBefore }, mustKey(t, P256), "not after its beginning"},
		"without an algorithm": {nil, odd{}, "neither RSA nor EC"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := CASpec{Name: Name{CommonName: "lab CA"}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0)}
			if tt.change != nil {
				tt.change(&spec)
			}
			_, err := NewCA(spec, tt.key, rand.Reader)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.ContainsRune(err.Error(), 0x1b) {
				t.Errorf("got %v, want %q, and no control characters", err, tt.want)
			}
		})
	}
}

// odd is a key of no known algorithm.
type odd struct{ signerKey }

func (odd) Public() crypto.PublicKey { return "odd" }

func TestAnIntermediateStandsBetweenARootAndAMachine(t *testing.T) {
	rootKey, key, leafKey := mustKey(t, P384), mustKey(t, P256), mustKey(t, P256)
	long := CASpec{Name: Name{CommonName: "root"}, NotBefore: noon, NotAfter: noon.AddDate(10, 0, 0), PathLen: 1}
	root, err := NewCA(long, rootKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spec := CASpec{Name: Name{CommonName: "between"}, NotBefore: noon, NotAfter: noon.AddDate(5, 0, 0)}
	between, err := NewIntermediate(spec, key.Public(), root, rootKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := IssueLeaf(leafSpec(), leafKey.Public(), between, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	others.AddCert(between)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: noon.AddDate(0, 1, 0), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(between.AuthorityKeyId, root.SubjectKeyId) {
		t.Error("it does not name the key of its root")
	}
	for name, tt := range map[string]struct {
		spec      CASpec
		parent    *x509.Certificate
		parentKey crypto.Signer
		want      string
	}{
		"it would outlive the root":           {CASpec{Name: spec.Name, NotBefore: noon, NotAfter: noon.AddDate(11, 0, 0)}, root, rootKey, "its CA ends at"},
		"it is called like the root":          {CASpec{Name: long.Name, NotBefore: noon, NotAfter: noon.AddDate(5, 0, 0)}, root, rootKey, "the same name"},
		"the key is not the root's":           {spec, root, key, "use CA"},
		"an intermediate may sign no further": {CASpec{Name: Name{CommonName: "third"}, NotBefore: noon, NotAfter: noon.AddDate(5, 0, 0)}, between, key, "path length"},
		"a machine signs no CA":               {CASpec{Name: Name{CommonName: "third"}, NotBefore: noon, NotAfter: noon.AddDate(0, 1, 0)}, leaf, leafKey, "CA:TRUE"},
	} {
		if _, err := NewIntermediate(tt.spec, key.Public(), tt.parent, tt.parentKey, rand.Reader); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
