package rules

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const fixtures = "../../testdata/pki/rules"

func load(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(fixtures, name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// Where the expected answers come from: none was computed by the rules.
const (
	trust  = `User Guide, "Trust model": end entities are v3, CA:false if the field is there, digitalSignature, SHA-256 or stronger; anchors CA:true, keyCertSign`
	helper = "AWS's credential helper, generate-credential-process-data.sh: certificates without extended key usage are its test data"
	step   = "Smallstep's article on Roles Anywhere: leaves of step, which have no basicConstraints, are accepted"
	h77    = "github.com/aws/rolesanywhere-credential-helper, issue 77: a star in a DNS name is no tag"
	h188   = "github.com/aws/rolesanywhere-credential-helper, issue 188: parentheses in a CN are no tag"
	source = `User Guide, "Trust model", source identity: CN= with 61 characters or less, ID= without CN`
	empty  = `User Guide, "Trust model": an empty subject is not supported`
	rfc    = "RFC 5280: 4.1.2.2 serials, 4.1.2.6 subjects of CAs, 4.2 critical extensions, 4.2.1.12 purposes"
	sign   = `User Guide, "Signing process": RSA and EC`
	nist   = "NIST SP 800-131A: RSA under 2048 bits is disallowed"
	crl    = "API reference, ImportCrl: the CRL is signed by the CA of the anchor; RFC 5280 4.2.1.3: that takes cRLSign"
)

type vector struct {
	name    string
	subject Subject
	want    string // the rules broken, in order
	from    string
}

var vectors = []vector{
	{"leaf-good", Leaf, "", trust},
	{"leaf-good-rsa", Leaf, "", trust},
	{"leaf-p521-sha512", Leaf, "", trust},
	{"leaf-pss", Leaf, "", trust},
	{"leaf-helper-script", Leaf, "", helper},
	{"leaf-no-basic-constraints", Leaf, "", step},
	{"leaf-any-purpose", Leaf, "", rfc},
	{"leaf-v1", Leaf, "RA111 RA113", trust},
	{"leaf-ca-true", Leaf, "RA112", trust},
	{"leaf-no-key-usage", Leaf, "RA113", trust},
	{"leaf-key-encipherment", Leaf, "RA113", trust},
	{"leaf-sha1", Leaf, "RA114", trust},
	{"leaf-md5", Leaf, "RA114", trust},
	{"leaf-ed25519", Leaf, "RA103 RA114", sign},
	{"leaf-empty-subject", Leaf, "RA116 RA117", empty},
	{"leaf-no-common-name", Leaf, "RA116", source},
	{"leaf-server-auth", Leaf, "RA118", rfc},
	{"leaf-parentheses", Leaf, "RA119", h188},
	{"leaf-star", Leaf, "RA119", h77},
	{"leaf-cn-61", Leaf, "", source},
	{"leaf-cn-62", Leaf, "RA120", source},
	{"leaf-serial-0", Leaf, "RA122", rfc},
	{"leaf-serial-1", Leaf, "RA122", "STS API reference, AssumeRole: a session name has 2 characters or more"},
	{"leaf-serial-20-octets", Leaf, "", rfc},
	{"leaf-serial-21-octets", Leaf, "RA122", rfc},
	{"leaf-unknown-critical", Leaf, "RA123", rfc},
	{"leaf-unknown-uncritical", Leaf, "", rfc},
	{"leaf-rsa-1024", Leaf, "RA124", nist},

	{"ca-good", CA, "", trust},
	{"ca-good-rsa", CA, "", trust},
	{"ca-path-length", CA, "", trust},
	{"ca-v1", CA, "RA151 RA152 RA153 RA158", trust},
	{"ca-no-basic-constraints", CA, "RA152", trust},
	{"ca-false", CA, "RA152", trust},
	{"ca-no-key-usage", CA, "RA153 RA158", trust},
	{"ca-signs-only-crls", CA, "RA153", trust},
	{"ca-signs-no-crls", CA, "RA158", crl},
	{"ca-sha1", CA, "RA154", trust},
	{"ca-ed25519", CA, "RA154 RA156", sign},
	{"ca-empty-subject", CA, "RA157", rfc},
	{"ca-parentheses", CA, "RA159", h188},
	{"ca-serial-0", CA, "RA162", rfc},
	{"ca-unknown-critical", CA, "RA163", rfc},
	{"ca-rsa-1024", CA, "RA164", nist},
	{"ca-uncritical", CA, "RA165", "RFC 5280: 4.2.1.9, a CA must mark basic constraints as critical"},

	// A CA's certificate is no machine's, and the other way about.
	{"ca-good", Leaf, "RA112 RA113", trust},
	{"leaf-good", CA, "RA152 RA153 RA158", trust},
}

func ids(list []Breach) string {
	var out []string
	for _, b := range list {
		out = append(out, b.Rule.ID)
	}
	return strings.Join(out, " ")
}

func TestEveryVectorBreaksWhatItShould(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name+" as "+string(v.subject), func(t *testing.T) {
			got := Breaches(v.subject, load(t, v.name))
			if ids(got) != v.want {
				t.Errorf("got %q, want %q on the word of: %s", ids(got), v.want, v.from)
			}
			for _, b := range got {
				if b.Saw == "" {
					t.Errorf("%s saw nothing", b.Rule.ID)
				}
			}
		})
	}
}

func TestEveryRuleHasAVectorThatBreaksIt(t *testing.T) {
	broken := map[string]bool{}
	for _, v := range vectors {
		for id := range strings.FieldsSeq(v.want) {
			broken[id] = true
		}
	}
	for _, rule := range All() {
		if !broken[rule.ID] {
			t.Errorf("no vector breaks %s: %s", rule.ID, rule.Says)
		}
	}
}

func TestEveryFixtureIsUsed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*.pem"))
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures: ", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".pem")
		if !slices.ContainsFunc(vectors, func(v vector) bool { return v.name == name }) {
			t.Errorf("%s is in no vector", name)
		}
	}
}

func TestCatalogueIsWhole(t *testing.T) {
	form := regexp.MustCompile(`^RA1\d\d$`)
	seen := map[string]bool{}
	for _, rule := range append(All(), At(noon)...) {
		t.Run(rule.ID, func(t *testing.T) {
			if !form.MatchString(rule.ID) || seen[rule.ID] {
				t.Errorf("id %q is of another form or not new", rule.ID)
			}
			seen[rule.ID] = true
			if (rule.ID >= "RA150") != (rule.Subject == CA) {
				t.Errorf("%s is outside the numbers for %q", rule.ID, rule.Subject)
			}
			if !strings.HasPrefix(rule.Source, "https://") {
				t.Errorf("source %q is no https address", rule.Source)
			}
			if rule.Severity != Must && rule.Severity != Should {
				t.Errorf("severity %q", rule.Severity)
			}
			if rule.Says == "" || strings.HasSuffix(rule.Says, ".") || rule.Holds == nil {
				t.Errorf("%q is no sentence without full stop, or nothing judges it", rule.Says)
			}
		})
	}
	list := All()
	if !slices.IsSortedFunc(list, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("rules are not in the order of their numbers")
	}
}

func TestOnlyAMustRefuses(t *testing.T) {
	for name, want := range map[string]bool{"leaf-good": false, "leaf-star": false, "leaf-sha1": true, "leaf-empty-subject": true} {
		if got := Refused(Breaches(Leaf, load(t, name))); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
