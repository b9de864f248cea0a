package doctor

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/pki/decode"
	"anywhere/signer"
)

// What AWS says of most faults.
const (
	cannotAssume = "Unable to assume role for " + labRole + "."
	untrusted    = "Untrusted signing certificate"
	insufficient = "Untrusted certificate. Insufficient certificate"
)

// fault breaks one thing. verdict is what the check then says; the zero value is
// Fail.
type fault struct {
	code    Code
	name    string
	verdict Verdict
	brk     func(*lab)
}

func TestAHealthyPatientGivesNoWarning(t *testing.T) {
	r := Diagnose(newLab(t).evidence())
	if r.Verdict != Healthy || r.Cause != nil || len(r.Causes) != 0 || outcome(r, Warn) != "" || outcome(r, Unknown) != "" {
		t.Errorf("got %s, causes %v, warnings %q, unknown %q: %s", r.Verdict, r.Causes, outcome(r, Warn), outcome(r, Unknown), r.Summary)
	}
}

// Each fault is named, and nothing else is.
func TestEachFaultIsTheOnlyCause(t *testing.T) {
	for _, f := range faults() {
		t.Run(string(f.code)+" "+f.name, func(t *testing.T) {
			l := newLab(t)
			f.brk(l)
			r := Diagnose(l.evidence())
			want := f.verdict
			if want == "" {
				want = Fail
			}
			for _, v := range []Verdict{Fail, Warn} {
				expect := ""
				if v == want {
					expect = string(f.code)
				}
				if got := outcome(r, v); got != expect {
					t.Errorf("%s: got %q, want %q: %s", v, got, expect, r.Summary)
				}
			}
			found, _ := r.Finding(f.code)
			if found.Verdict != want || found.Says == "" || found.Fix.Text == "" {
				t.Errorf("got %+v, want %s with a way out", found, want)
			}
			if want == Fail && (r.Verdict != Unhealthy || r.Cause == nil || *r.Cause != f.code || !strings.Contains(r.Summary, string(f.code))) {
				t.Errorf("got %s because of %v: %s", r.Verdict, r.Cause, r.Summary)
			}
		})
	}
}

// Codes that no fault can be made for say so.
func TestEveryCodeHasAFault(t *testing.T) {
	without := map[Code]string{
		"RA306": "it only tells roles",
		"RA411": "it only tells names",
	}
	has := map[Code]bool{}
	for _, f := range faults() {
		has[f.code] = true
	}
	for _, c := range Catalogue() {
		if has[c.Code] == (without[c.Code] != "") {
			t.Errorf("%s: has a fault: %v, excused: %q", c.Code, has[c.Code], without[c.Code])
		}
	}
}

// Two faults at once are both causes, in the order in which to repair them.
func TestTwoFaultsAreBothCauses(t *testing.T) {
	for name, tt := range map[string]struct {
		brk  func(*lab)
		want []Code
	}{
		"a missing action and another name": {func(l *lab) {
			l.statement(func(s *policy.Statement) { s.Actions = s.Actions[:2] })
			l.issue(func(c *x509.Certificate) { c.Subject.CommonName = "build-box-8" })
			l.refuse(cannotAssume)
		}, []Code{"RA301", "RA302"}},
		"a disabled anchor and an expired certificate": {func(l *lab) {
			l.e.AWS.Anchor.Value.Enabled = false
			l.issue(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
			l.refuse("Trust anchor is disabled")
		}, []Code{"RA115", "RA201"}},
		"a wrong clock and keys that win": {func(l *lab) {
			l.e.Exchange.Probe.Value.Date = noon.Add(time.Hour)
			l.e.Environment = []Variable{{Name: "AWS_ACCESS_KEY_ID"}, {Name: "AWS_SECRET_ACCESS_KEY"}, {Name: "AWS_PROFILE", Value: "lab"}}
			l.refuse("Invalid signature")
		}, []Code{"RA401", "RA502"}},
		"a role that is not listed and another anchor": {func(l *lab) {
			l.e.AWS.Profile.Value.RoleARNs = []string{labRole + "x"}
			l.statement(func(s *policy.Statement) { s.Conditions[0].Values = []string{labAnchor + "x"} })
			l.refuse("Requested Role isn't one of those listed in the Profile.")
		}, []Code{"RA204", "RA303"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			tt.brk(l)
			if r := Diagnose(l.evidence()); !slices.Equal(r.Causes, tt.want) {
				t.Errorf("got %v, want %v", r.Causes, tt.want)
			}
		})
	}
}

// fixture takes a certificate that openssl made; its key and its issuer count as
// right.
func (l *lab) fixture(name string) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "pki", "rules", name+".pem"))
	if err != nil {
		l.t.Fatal(err)
	}
	certs, err := decode.Certificates(data)
	if err != nil {
		l.t.Fatal(err)
	}
	l.leaf = certs[0]
	l.e.Key.Public = certs[0].RawSubjectPublicKeyInfo
	l.e.At = certs[0].NotBefore.Add(certs[0].NotAfter.Sub(certs[0].NotBefore) / 4)
	l.e.Exchange.Probe.Value.Date, l.e.Exchange.Probe.Value.Sent = l.e.At, l.e.At
	l.e.AWS.Role.Value.CreatedAt = l.e.At.Add(-time.Hour)
	l.e.AWS.Anchor.Value.Source.PrivateCA = "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/1"
	l.trust = policy.TrustPolicy(policy.TrustSpec{AnchorARN: labAnchor, Account: labAccount, Restrict: policy.ByCA})
}

// fixtureCA does the same for a CA; the leaf is the lab's.
func (l *lab) fixtureCA(name string) {
	leaf := l.leaf
	l.fixture(name)
	l.e.AWS.Anchor.Value.Source.PrivateCA = ""
	l.bundle = []*x509.Certificate{l.leaf}
	l.leaf, l.e.Key.Public = leaf, leaf.RawSubjectPublicKeyInfo
	l.e.Certificate.Trouble = &Trouble{Kind: NotAsked, Says: "it is not looked at"}
	l.e.Exchange.Session.Trouble = &Trouble{Kind: NotAsked, Says: "not wanted"}
}

func faults() []fault {
	return slices.Concat(keyFaults(), certificateFaults(), anchorFaults(), profileFaults(), roleFaults(), sessionFaults(), configFaults(), accountFaults(), fenceFaults())
}

func keyFaults() []fault {
	trouble := func(kind string) func(*lab) {
		return func(l *lab) { l.e.Key.Trouble = &Trouble{Kind: kind, Says: "it is " + kind} }
	}
	return []fault{
		{"RA100", "an unfinished set-up", "", func(l *lab) {
			l.e.Subject = &Trouble{Kind: Missing, Says: "the set-up is not finished"}
			l.e.Key, l.e.Config, l.e.Target = KeySeen{}, ConfigSeen{}, signer.Target{}
			l.e.AWS = AWSSeen{Trouble: l.e.Subject}
		}},
		{"RA101", "no file", "", trouble(Missing)},
		{"RA101", "a file that this user may not read", "", trouble(Denied)},
		{"RA102", "readable by others", "", func(l *lab) {
			l.e.Key.File.Mode = 0o644
			l.e.Key.Trouble = &Trouble{Kind: Untrusted, Says: "mode 0644 lets other users read it"}
		}},
		{"RA102", "a file of the user's, readable by all", Warn, func(l *lab) { l.e.Kind, l.e.Key.File.Mode = KindFiles, 0o644 }},
		{"RA105", "a locked key", "", trouble(Locked)},
		{"RA105", "a wrong passphrase", "", trouble(WrongPassphrase)},
		{"RA106", "an unknown scheme", "", trouble(Unsupported)},
		{"RA106", "no key at all", "", trouble(NotAKey)},
		{"RA107", "a token that is not there", "", trouble(Token)},
		{"RA107", "a token that nobody named", Unknown, func(l *lab) {
			l.e.Key = KeySeen{Ref: "pkcs11:token=lab", Hardware: "PKCS #11", Trouble: &Trouble{Kind: Hardware, Says: "not named"}}
		}},
		{"RA108", "a PIN that is wrong", "", trouble(PIN)},
		{"RA104", "another key", "", func(l *lab) { l.leafKey = newKey(l.t); l.refuse("Invalid signature") }},
		{"RA150", "a CA key for everybody", "", func(l *lab) { l.e.CAKey = &FileSeen{Path: "/ca.key", Mode: 0o644} }},
	}
}

func certificateFaults() []fault {
	from := func(name string) func(*lab) { return func(l *lab) { l.fixture(name); l.refuse(insufficient) } }
	quiet := func(name string) func(*lab) {
		return func(l *lab) {
			l.fixture(name)
			l.e.Exchange.Session.Trouble = &Trouble{Kind: NotAsked, Says: "not wanted"}
		}
	}
	return []fault{
		{"RA109", "no file", "", func(l *lab) { l.e.Certificate.Trouble = &Trouble{Kind: Missing, Says: "no such file"} }},
		{"RA110", "a serial that is not in DER", "", func(l *lab) {
			l.e.Certificate.Leaf = slices.Replace(slices.Clone(l.leaf.Raw), 8, 9, 0x0a)
			l.e.Certificate.Leaf[2]++ // and a length that does not fit
		}},
		{"RA103", "an Ed25519 key", "", from("leaf-ed25519")},
		{"RA111", "version 1", "", from("leaf-v1")},
		{"RA112", "CA:TRUE", "", from("leaf-ca-true")},
		{"RA113", "no digitalSignature", "", from("leaf-key-encipherment")},
		{"RA114", "SHA-1", "", from("leaf-sha1")},
		{"RA118", "no clientAuth and a refusal", "", from("leaf-server-auth")},
		{"RA118", "no purposes at all and a refusal", "", from("leaf-helper-script")},
		{"RA118", "no clientAuth", Warn, quiet("leaf-server-auth")},
		{"RA122", "serial 0", Warn, quiet("leaf-serial-0")},
		{"RA123", "an unknown critical extension", "", from("leaf-unknown-critical")},
		{"RA124", "1024 bits", Warn, quiet("leaf-rsa-1024")},
		{"RA117", "an empty subject", "", func(l *lab) { l.fixture("leaf-empty-subject"); l.refuse(cannotAssume) }},
		{"RA115", "expired", "", func(l *lab) {
			l.issue(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
			l.refuse(untrusted)
		}},
		{"RA115", "not yet valid", "", func(l *lab) {
			l.issue(func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Hour) })
			l.refuse(untrusted)
		}},
		{"RA116", "no common name, and the role wants one", "", func(l *lab) {
			l.issue(func(c *x509.Certificate) { c.Subject = pkix.Name{Organization: []string{"lab"}} })
			l.refuse(cannotAssume)
		}},
		{"RA119", "parentheses, and the role wants them", "", func(l *lab) {
			l.issue(func(c *x509.Certificate) { c.Subject.CommonName = "box (7)" })
			l.statement(func(s *policy.Statement) { s.Conditions[2].Values = []string{"box (7)"} })
			l.refuse(cannotAssume + " Some attributes failed to be mapped into session tags. Issuer: [  ]; Subject: [ CN ]; SAN: [  ]")
		}},
		{"RA120", "a long name, and the role wants CN=", "", func(l *lab) {
			name := strings.Repeat("x", 62)
			l.issue(func(c *x509.Certificate) { c.Subject.CommonName = name })
			l.statement(func(s *policy.Statement) {
				s.Conditions[2] = policy.Condition{Operator: "StringEquals", Key: "sts:SourceIdentity", Values: []string{"CN=" + name}}
			})
			l.refuse(cannotAssume)
		}},
		{"RA120", "65 characters and a refusal", "", func(l *lab) {
			l.longName(65)
			l.refuse(cannotAssume)
		}},
		{"RA120", "65 characters", Warn, func(l *lab) { l.longName(65); l.e.NoLive = true }},
		{"RA128", "a root in the first place", "", func(l *lab) {
			l.e.Kind, l.e.Client = KindFiles, ClientHelper
			l.e.Certificate.All = [][]byte{l.leaf.Raw}
			l.e.Key.Public = l.leaf.RawSubjectPublicKeyInfo
			l.leaf = l.ca
			l.refuse(insufficient)
		}},
		{"RA601", "a tenth of its life left", Warn, func(l *lab) {
			l.issue(func(c *x509.Certificate) { c.NotBefore, c.NotAfter = noon.Add(-90*time.Hour), noon.Add(10*time.Hour) })
		}},
		{"RA602", "a CA that ends first", Warn, func(l *lab) {
			l.remakeCA(func(c *x509.Certificate) { c.NotAfter = noon.Add(24 * time.Hour) })
		}},
	}
}

func anchorFaults() []fault {
	ca := func(name string) func(*lab) { return func(l *lab) { l.fixtureCA(name) } }
	return []fault{
		{"RA201", "deleted", "", func(l *lab) {
			l.e.AWS.Anchor = Answer[awsapi.Anchor]{Asked: true, Trouble: &Trouble{Kind: Missing, Says: "not found"}}
			l.refuse("Specified Trust Anchor wasn't found.")
		}},
		{"RA201", "disabled", "", func(l *lab) { l.e.AWS.Anchor.Value.Enabled = false; l.refuse("Trust anchor is disabled") }},
		{"RA201", "not found, and nothing can be read", "", func(l *lab) {
			l.e.AWS = AWSSeen{Trouble: &Trouble{Kind: NoCredentials, Says: "no AWS credentials found"}}
			l.refuse("Specified Trust Anchor wasn't found.")
		}},
		{"RA202", "the CA was made again", "", func(l *lab) {
			key := newKey(l.t)
			l.bundle = []*x509.Certificate{sign(l.t, caTemplate(), nil, key.Public(), key)}
			l.refuse(untrusted)
		}},
		{"RA202", "another anchor holds the CA", "", func(l *lab) {
			key := newKey(l.t)
			other := caTemplate()
			other.Subject.CommonName = "other CA"
			l.e.AWS.Anchors.Value = append(l.e.AWS.Anchors.Value, awsapi.Anchor{ARN: labAnchor + "2", Source: awsapi.AnchorSource{Bundle: bundleOf(l.ca)}})
			l.bundle = []*x509.Certificate{sign(l.t, other, nil, key.Public(), key)}
			l.refuse(untrusted)
		}},
		{"RA121", "the intermediate is not sent", "", func(l *lab) {
			root, key := caTemplate(), newKey(l.t)
			root.Subject.CommonName = "lab root"
			l.bundle = []*x509.Certificate{sign(l.t, root, nil, key.Public(), key)}
			l.refuse(untrusted)
		}},
		{"RA121", "AWS says so and nothing can be read", "", func(l *lab) {
			l.e.AWS = AWSSeen{Trouble: &Trouble{Kind: NoCredentials, Says: "no AWS credentials found"}}
			l.refuse(untrusted)
		}},
		{"RA125", "the intermediate stands where the helper does not look", "", func(l *lab) {
			l.intermediate(-1)
			l.e.Kind, l.e.Client = KindAWSProfile, ClientHelper
			l.e.Certificate.All = l.e.Certificate.Sent
			l.e.Certificate.Sent = nil
			l.refuse(untrusted)
		}},
		{"RA126", "a certificate of somebody else", Warn, func(l *lab) {
			other, key := caTemplate(), newKey(l.t)
			other.Subject.CommonName = "stranger"
			l.e.Certificate.Sent = [][]byte{sign(l.t, other, l.ca, key.Public(), l.caKey).Raw}
			l.e.Exchange.Session.Trouble = &Trouble{Kind: NotAsked, Says: "not wanted"}
		}},
		{"RA129", "the wrong order, and a refusal", "", func(l *lab) { l.twoBetween(); l.refuse(untrusted) }},
		{"RA129", "the wrong order", Warn, func(l *lab) { l.twoBetween(); l.e.NoLive = true }},
		{"RA127", "six certificates", "", func(l *lab) {
			l.e.Certificate.Sent = slices.Repeat([][]byte{l.ca.Raw}, 6)
			l.e.Exchange.Session = Answer[Session]{Asked: true, Trouble: &Trouble{Kind: NotAsked, Says: "6 intermediate certificates"}}
			l.e.Certificate.Sent = [][]byte{l.ca.Raw, {1}, {2}, {3}, {4}, {5}}
		}},
		{"RA130", "an intermediate that has ended", "", func(l *lab) {
			l.intermediateFrom(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
			l.refuse(untrusted)
		}},
		{"RA160", "no room for an intermediate", "", func(l *lab) {
			l.intermediate(0)
			l.refuse(untrusted)
		}},
		{"RA151", "version 1", "", ca("ca-v1")},
		{"RA152", "no basic constraints", "", ca("ca-no-basic-constraints")},
		{"RA153", "no keyCertSign", "", ca("ca-signs-only-crls")},
		{"RA154", "SHA-1", "", ca("ca-sha1")},
		{"RA156", "an Ed25519 key", "", func(l *lab) {
			l.fixtureCA("ca-ed25519")
		}},
		{"RA157", "an empty subject", "", ca("ca-empty-subject")},
		{"RA158", "no cRLSign, and a list", Warn, func(l *lab) {
			l.fixtureCA("ca-signs-no-crls")
			l.e.AWS.CRLs.Value = []awsapi.CRL{{ARN: "crl", AnchorARN: labAnchor, Enabled: true}}
		}},
		{"RA159", "parentheses, and the role wants the issuer", "", func(l *lab) {
			l.remakeCA(func(c *x509.Certificate) { c.Subject.CommonName = "lab (CA)" })
			l.statement(func(s *policy.Statement) {
				s.Conditions[2] = policy.Condition{Operator: "StringEquals", Key: "aws:PrincipalTag/x509Issuer/CN", Values: []string{"lab (CA)"}}
			})
			l.refuse(cannotAssume)
		}},
		{"RA162", "serial 0", Warn, ca("ca-serial-0")},
		{"RA163", "an unknown critical extension", "", ca("ca-unknown-critical")},
		{"RA165", "basic constraints that are not critical", Warn, ca("ca-uncritical")},
		{"RA164", "1024 bits", Warn, ca("ca-rsa-1024")},
		{"RA155", "expired", "", func(l *lab) {
			l.remakeCA(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
			l.issue(func(c *x509.Certificate) { c.NotAfter = noon.Add(24 * time.Hour); c.NotBefore = noon.Add(-time.Hour) })
			l.refuse(untrusted)
		}},
		{"RA161", "a public CA", "", func(l *lab) {
			key, issuer := newKey(l.t), caTemplate()
			issuer.Subject = pkix.Name{CommonName: "R11", Organization: []string{"Let's Encrypt"}}
			l.leaf = sign(l.t, leafTemplate(), sign(l.t, issuer, nil, key.Public(), key), l.leafKey.Public(), key)
			l.refuse(untrusted)
		}},
		{"RA206", "on the list", "", func(l *lab) {
			l.revoke(l.leaf.SerialNumber, noon.Add(time.Hour), true)
			l.refuse("Certificate revoked")
		}},
		{"RA211", "a stale list", Warn, func(l *lab) { l.revoke(big.NewInt(9), noon.Add(-time.Hour), true) }},
		{"RA221", "a list that AWS soon refuses", Warn, func(l *lab) { l.revokeMany(6000) }},
		{"RA216", "a list of another CA", Warn, func(l *lab) {
			l.revoke(big.NewInt(9), noon.Add(time.Hour), true)
			key := newKey(l.t)
			template := caTemplate()
			template.Subject.CommonName = "the one in use"
			l.caKey, l.ca = key, sign(l.t, template, nil, key.Public(), key)
			l.bundle = []*x509.Certificate{l.ca}
			l.issue(func(*x509.Certificate) {})
		}},
		{"RA217", "on a list that is disabled", Warn, func(l *lab) { l.revoke(l.leaf.SerialNumber, noon.Add(time.Hour), false) }},
		{"RA215", "three certificates", "", func(l *lab) { l.bundle = []*x509.Certificate{l.ca, l.ca, l.ca} }},
	}
}

// A fault of AWS itself was told as a refusal, with the advice to look at proxies.
func TestAFaultOfAWSIsNoRefusal(t *testing.T) {
	l := newLab(t)
	l.refuse("Internal server error")
	e := l.evidence()
	e.Exchange.Refused.Status, e.Exchange.Refused.Type = 500, "InternalServerException"
	f, _ := Diagnose(e).Finding("RA403")
	if f.Verdict != Fail || !strings.Contains(f.Says, "AWS failed by itself") || strings.Contains(f.Fix.Text, "prox") {
		t.Errorf("got %s: %s; %s", f.Verdict, f.Says, f.Fix.Text)
	}
}
