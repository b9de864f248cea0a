package doctor

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/signer"
)

func uris(t testing.TB, text string) []*url.URL {
	t.Helper()
	uri, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return []*url.URL{uri}
}

func sessionFaults() []fault {
	way := func(kind string) func(*lab) {
		return func(l *lab) {
			l.e.Exchange.Probe = Answer[Probe]{Asked: true, Trouble: &Trouble{Kind: kind, Says: "it is " + kind}}
			l.e.Exchange.Session = Answer[Session]{Asked: true, Trouble: &Trouble{Kind: kind, Says: "it is " + kind}}
		}
	}
	return []fault{
		{"RA401", "an hour ahead", "", func(l *lab) { l.e.Exchange.Probe.Value.Date = noon.Add(-time.Hour); l.refuse("Invalid signature") }},
		{"RA401", "three minutes off", Warn, func(l *lab) { l.e.Exchange.Probe.Value.Date = noon.Add(3 * time.Minute) }},
		{"RA402", "no answer in time", "", way(TimedOut)},
		{"RA402", "refused", "", way(Unreachable)},
		{"RA406", "no such host", "", way(NameUnknown)},
		{"RA407", "a proxy's certificate", "", way(BadTLS)},
		{"RA408", "a proxy's page", "", func(l *lab) {
			l.e.Exchange.Probe.Value = Probe{Status: 200, Type: "text/html", Date: noon, Sent: noon}
			l.e.Exchange.Session = Answer[Session]{Asked: true, Trouble: &Trouble{Kind: NotAWS, Says: "the answer is not JSON"}}
		}},
		{"RA408", "a refusal in another form", "", func(l *lab) {
			l.e.Exchange.Refused = &signer.Refused{Status: 407}
			l.e.Exchange.Session = Answer[Session]{Asked: true, Trouble: &Trouble{Kind: Failed, Says: "HTTP 407"}}
		}},
		{"RA409", "another Region", "", func(l *lab) {
			l.e.Exchange.Endpoint = "https://rolesanywhere.us-east-1.amazonaws.com"
			l.e.AWS = AWSSeen{Trouble: &Trouble{Kind: NoCredentials, Says: "none"}}
			l.e.Exchange.Session = Answer[Session]{Asked: true, Trouble: &Trouble{Kind: Failed, Says: "no"}}
			l.e.Exchange.Refused = &signer.Refused{Status: 403, Type: "AccessDeniedException", Message: "Nothing of that kind"}
		}},
		{"RA405", "too often", "", func(l *lab) { l.refuse("Rate exceeded") }},
		{"RA413", "an interface endpoint that lets nobody in", "", func(l *lab) {
			way(TimedOut)(l)
			l.e.Exchange.Addresses, l.e.Exchange.Private = []string{"10.0.3.7"}, true
		}},
		{"RA403", "a sentence that nobody knows", "", func(l *lab) { l.refuse("The moon is full") }},
		{"RA404", "another role's session", "", func(l *lab) {
			l.e.Exchange.Session = answer(Session{ARN: "arn:aws:sts::111122223333:assumed-role/other/5e0001", Expiration: noon.Add(time.Hour)})
		}},
		{"RA412", "nothing can be read", Unknown, func(l *lab) {
			l.e.AWS = AWSSeen{Trouble: &Trouble{Kind: NoCredentials, Says: "no AWS credentials found"}}
		}},
		{"RA603", "no event yet", Unknown, func(l *lab) { l.e.AWS.Trail.Asked = true }},
	}
}

func configFaults() []fault {
	keysSet := []Variable{{Name: "AWS_ACCESS_KEY_ID"}, {Name: "AWS_SECRET_ACCESS_KEY"}}
	config := func(change func(*ConfigSeen)) func(*lab) { return func(l *lab) { change(&l.e.Config) } }
	line := func(text string) func(*lab) {
		return config(func(c *ConfigSeen) { c.Line, c.Helper = text, takeApart(text) })
	}
	return []fault{
		{"RA504", "no such section", "", func(l *lab) {
			l.e.Config = ConfigSeen{Trouble: &Trouble{Kind: Missing, Says: "no AWS config profile lab"}}
		}},
		{"RA109", "in DER, which AWS's helper does not read", "", func(l *lab) {
			l.e.Client, l.e.Certificate.File = ClientHelper, FileSeen{Path: "/etc/leaf.der", Form: FormDER}
		}},
		{"RA106", "a key in DER, which AWS's helper does not read", "", func(l *lab) { l.e.Client, l.e.Key.File.Form = ClientHelper, FormDER }},
		{"RA105", "a key in the form before PKCS #8", "", func(l *lab) {
			l.e.Client, l.e.Key.File.Form, l.e.Key.Trouble = ClientHelper, FormLegacy, &Trouble{Kind: Locked, Says: "locked"}
		}},
		{"RA503", "a directory", "", config(func(c *ConfigSeen) { c.Program.Trouble = &Trouble{Kind: Unsupported, Says: "it is a directory"} })},
		{"RA511", "a text", "", config(func(c *ConfigSeen) { c.Program.Other = "a file without #! in front" })},
		{"RA204", "in other upper and lower case", "", func(l *lab) {
			l.e.Target.RoleARN = strings.Replace(labRole, "role/", "role/X", 1)
			l.e.AWS.Profile.Value.RoleARNs = []string{strings.Replace(labRole, "role/", "role/x", 1)}
			l.e.AWS.Role.Value.ARN = strings.Replace(labRole, "role/", "role/x", 1)
			l.refuse("Requested Role isn't one of those listed in the Profile.")
		}},
		{"RA201", "of another ARN, which the trust policy does not have", "", func(l *lab) {
			l.e.Target.TrustAnchorARN = labAnchor[:len(labAnchor)-1] + "f"
			l.e.AWS.Anchor = Answer[awsapi.Anchor]{Asked: true, Trouble: &Trouble{Kind: Missing, Says: "not found"}}
			l.refuse("Specified Trust Anchor wasn't found.")
		}},
		{"RA515", "a key twice", "", config(func(c *ConfigSeen) { c.Refused = "line 3: the key stands a second time in its section" })},
		{"RA515", "a byte order mark in the other file", "", config(func(c *ConfigSeen) { c.RefusedKeys = "line 1: the file begins with a byte order mark" })},
		{"RA504", "without the word profile", "", config(func(c *ConfigSeen) { c.Bare = true })},
		{"RA505", "twice", "", config(func(c *ConfigSeen) { c.Twice = 2 })},
		{"RA501", "a backslash at the end", "", line("/opt/aws_signing_helper credential-process \\\n--certificate /etc/a.pem")},
		{"RA501", "a blank behind a backslash", "", line(`/opt/aws_signing_helper credential-process \  --certificate /etc/a.pem`)},
		{"RA501", "a tilde", "", line("/opt/aws_signing_helper credential-process --certificate ~/a.pem")},
		{"RA501", "a quote that is not closed", "", line(`/opt/aws_signing_helper credential-process --certificate "/etc/a.pem`)},
		{"RA510", "a stray word", "", line("/opt/aws_signing_helper credential-process stray --certificate /etc/a.pem")},
		{"RA520", "no credential_process", "", config(func(c *ConfigSeen) {
			c.Line, c.Helper, c.Program, c.Instead = "", Helper{}, Program{}, "there is no credential_process in it"
		})},
		{"RA521", "no trust anchor, in the line of AWS's helper", "", func(l *lab) {
			line("/opt/aws_signing_helper credential-process --certificate /etc/a.pem --profile-arn " + l.e.Target.ProfileARN + " --role-arn " + l.e.Target.RoleARN)(l)
			l.e.Kind = KindAWSProfile
		}},
		{"RA512", "a blank in a path", Warn, line(`"/opt/my tools/aws_signing_helper" credential-process --certificate /etc/a.pem`)},
		{"RA503", "not there", "", config(func(c *ConfigSeen) {
			c.Program.Found, c.Program.Trouble = "", &Trouble{Kind: Missing, Says: "no such file"}
		})},
		{"RA503", "not executable", "", config(func(c *ConfigSeen) { c.Program.Executable = false })},
		{"RA511", "a loader that is not here", "", config(func(c *ConfigSeen) { c.Program.Loader = "/lib64/ld-linux-x86-64.so.2" })},
		{"RA511", "another CPU", "", config(func(c *ConfigSeen) { c.Program.Machine = "EM_AARCH64" })},
		{"RA513", "in quarantine", "", config(func(c *ConfigSeen) { c.Program.Quarantined = true })},
		{"RA513", "noexec", "", config(func(c *ConfigSeen) { c.Program.NoExec = true })},
		{"RA506", "keys in the credentials file", "", config(func(c *ConfigSeen) { c.Shadow = []string{"aws_access_key_id", "aws_secret_access_key"} })},
		{"RA502", "keys in the environment", "", func(l *lab) {
			l.e.Environment = append(keysSet, Variable{Name: "AWS_PROFILE", Value: "lab"})
		}},
		{"RA502", "keys in the environment, and the default profile", "", func(l *lab) {
			l.e.Environment = keysSet
			l.e.Config.Profile = "default"
		}},
		{"RA502", "a web identity in the environment", "", func(l *lab) {
			l.e.Environment = []Variable{{Name: "AWS_PROFILE", Value: "lab"}, {Name: "AWS_ROLE_ARN"}, {Name: "AWS_WEB_IDENTITY_TOKEN_FILE"}}
		}},
		{"RA503", "gone after an upgrade", "", config(func(c *ConfigSeen) {
			c.Program.Found, c.Program.Elsewhere, c.Program.Trouble = "", "/usr/local/bin/anywhere-signer", &Trouble{Kind: Missing, Says: "no such file"}
		})},
		{"RA504", "in the file of another home", "", func(l *lab) {
			l.e.Config = ConfigSeen{Profile: "lab", Trouble: &Trouble{Kind: Missing, Says: "no AWS config profile lab"}, Elsewhere: []string{"/home/ops1/.aws/config"}}
		}},
		{"RA514", "a certificate by a relative path", "", line("/opt/aws_signing_helper credential-process --certificate leaf.pem --private-key /etc/a.key")},
		{"RA508", "two names", Warn, func(l *lab) {
			l.e.Environment = []Variable{{Name: "AWS_DEFAULT_PROFILE", Value: "old"}, {Name: "AWS_PROFILE", Value: "lab"}}
		}},
		{"RA509", "an empty AWS_PROFILE", Warn, func(l *lab) { l.e.Environment = []Variable{{Name: "AWS_PROFILE", Empty: true}} }},
		{"RA507", "a source_profile that leads nowhere", "", config(func(c *ConfigSeen) {
			c.Source, c.SourceSays = "base", "source_profile names base, and there is no such section"
		})},
		{"RA507", "a source_profile", Warn, config(func(c *ConfigSeen) { c.Source = "base" })},
		{"RA509", "an empty variable", Warn, func(l *lab) { l.e.Environment = []Variable{{Name: "AWS_BEARER_TOKEN_BEDROCK", Empty: true}} }},
	}
}

// A Roles Anywhere profile is tied to no anchor: what else this one opens is said.
func TestOtherRolesThatTheAnchorOpensAreTold(t *testing.T) {
	l := newLab(t)
	open := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole"]}]}`
	l.e.AWS.Profiles.Value[0].RoleARNs = []string{labRole, labRole + "-open"}
	l.e.AWS.Roles = answer([]awsapi.Role{{ARN: labRole + "-open", TrustPolicy: open}, {ARN: labRole + "-unlisted", TrustPolicy: open}})
	r := Diagnose(l.evidence())
	found, _ := r.Finding("RA306")
	if found.Verdict != Pass || len(found.Evidence) != 1 || found.Evidence[0].Label != labRole+"-open" || r.Verdict != Healthy {
		t.Errorf("got %+v", found)
	}
}

// accountFaults concern what stands around the set-up.
func accountFaults() []fault {
	return []fault{
		{"RA218", "a Private CA that is disabled", Warn, func(l *lab) {
			l.privateCA(answer(awsapi.PrivateCA{Status: "DISABLED", Certificate: bundleOf(l.ca)}))
		}},
		{"RA218", "a Private CA that may not be read", Unknown, func(l *lab) {
			l.privateCA(Answer[awsapi.PrivateCA]{Asked: true, Trouble: &Trouble{Kind: Denied, Says: "not authorized", Missing: "acm-pca:GetCertificateAuthorityCertificate"}})
		}},
		{"RA202", "a Private CA that was made again", "", func(l *lab) {
			key := newKey(l.t)
			l.privateCA(answer(awsapi.PrivateCA{Status: "ACTIVE", Certificate: bundleOf(sign(l.t, caTemplate(), nil, key.Public(), key))}))
			l.refuse(untrusted)
		}},
		{"RA219", "two lists of one CA", Warn, func(l *lab) {
			l.revoke(big.NewInt(9), noon.Add(time.Hour), true)
			l.e.AWS.CRLs.Value = append(l.e.AWS.CRLs.Value, l.e.AWS.CRLs.Value[0])
		}},
		{"RA219", "a third list", Warn, func(l *lab) {
			l.revoke(big.NewInt(9), noon.Add(time.Hour), true)
			l.e.AWS.CRLs.Value = slices.Repeat(l.e.AWS.CRLs.Value, 3)
		}},
		{"RA220", "no service-linked role", Warn, func(l *lab) { l.e.AWS.Roles.Value = nil }},
		{"RA214", "250 roles", Warn, func(l *lab) {
			for i := range 249 {
				l.e.AWS.Profile.Value.RoleARNs = append(l.e.AWS.Profile.Value.RoleARNs, fmt.Sprintf("%s-%d", labRole, i))
			}
		}},
		{"RA604", "a CA in its last month", Warn, func(l *lab) {
			l.remakeCA(func(c *x509.Certificate) { c.NotBefore, c.NotAfter = noon.AddDate(-5, 0, 0), noon.AddDate(0, 0, 100) })
		}},
		{"RA414", "an attempt that failed", Warn, func(l *lab) {
			l.e.NoLive = true
			l.seen(awsapi.Attempt{SeenAt: noon.Add(-2 * time.Hour), Serial: "1"}, awsapi.Attempt{SeenAt: noon.Add(-time.Hour), Failed: true, Serial: "2", Certificate: bundleOf(l.leaf)})
		}},
		{"RA605", "a warning of the signer", Warn, func(l *lab) {
			l.e.Noted = []Note{{"RA601", "renewal: the CA does not answer", noon.Add(-time.Hour)}}
		}},
	}
}

// privateCA makes a Private CA of the lab's CA.
func (l *lab) privateCA(a Answer[awsapi.PrivateCA]) {
	const arn = "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/1"
	l.e.AWS.Anchor.Value.Source.PrivateCA = arn
	a.Value.ARN = arn
	l.e.AWS.PrivateCA = a
}

func (l *lab) seen(attempts ...awsapi.Attempt) {
	l.e.AWS.Subjects = answer([]awsapi.Subject{{X509Subject: "CN=build-box-7", Attempts: attempts}})
}

// fenceFaults concern where a session may be used from.
func fenceFaults() []fault {
	only := func(condition string) func(*lab) {
		return func(l *lab) {
			l.e.AWS.Policies = answer(map[string]string{"inline": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":` + condition + `}]}`})
		}
	}
	return []fault{
		{"RA311", "a private range as source address", "", only(`{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]}}`)},
		{"RA311", "a range of addresses", Unknown, only(`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)},
		{"RA311", "another range than the one that CloudTrail saw", "", func(l *lab) {
			only(`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)(l)
			l.e.AWS.Trail = answer([]awsapi.Event{{Name: "CreateSession", ID: "1", Record: `{"sourceIPAddress":"198.51.100.7","responseElements":"5e0001"}`}})
		}},
		{"RA311", "a VPC endpoint", Unknown, only(`{"StringEquals":{"aws:SourceVpce":"vpce-1a2b"}}`)},
		{"RA311", "a data perimeter", Unknown, func(l *lab) {
			l.e.AWS.Policies.Value["perimeter"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",
				"Condition":{"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-1"},"BoolIfExists":{"aws:ViaAWSService":"false"}}}]}`
		}},
		{"RA311", "a private range in the session policy", "", func(l *lab) {
			l.e.AWS.Profile.Value.SessionPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"172.16.0.0/12"}}}]}`
		}},
	}
}

// What only looks like one of these faults.
func TestWhatStandsAroundIsNoFaultByItself(t *testing.T) {
	for name, tt := range map[string]struct {
		brk  func(*lab)
		code Code
	}{
		"a failure before the last success": {func(l *lab) {
			l.e.NoLive = true
			l.seen(awsapi.Attempt{SeenAt: noon, Serial: "1"}, awsapi.Attempt{SeenAt: noon.Add(-time.Hour), Failed: true})
		}, "RA414"},
		"a failure, and a session now":         {func(l *lab) { l.seen(awsapi.Attempt{SeenAt: noon, Failed: true, Serial: "1"}) }, "RA414"},
		"lists of two CAs":                     {func(l *lab) { l.revoke(big.NewInt(9), noon.Add(time.Hour), true) }, "RA219"},
		"an account that raised its quota":     {func(l *lab) { l.e.AWS.Anchors.Value = make([]awsapi.Anchor, 70) }, "RA214"},
		"a Private CA that is active":          {func(l *lab) { l.privateCA(answer(awsapi.PrivateCA{Status: "ACTIVE", Certificate: bundleOf(l.ca)})) }, "RA218"},
		"a warning about an older certificate": {func(l *lab) { l.e.Noted = []Note{{"RA601", "renewal: no", noon.AddDate(0, 0, -30)}} }, "RA605"},
		"a clock that was wrong and is right":  {func(l *lab) { l.e.Noted = []Note{{"RA401", "10 minutes", noon.Add(-time.Hour)}} }, "RA605"},
		"a range of addresses for one part": {func(l *lab) {
			l.e.AWS.Policies.Value["more"] = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}`
		}, "RA311"},
		"a session policy on one action of all": {func(l *lab) {
			l.e.AWS.Policies.Value["inline"] = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
			l.e.AWS.Profile.Value.SessionPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}`
		}, "RA212"},
		"a session policy on the hour of day": {func(l *lab) {
			l.e.AWS.Profile.Value.SessionPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2040-01-01T00:00:00Z"}}}}`
		}, "RA212"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			tt.brk(l)
			r := Diagnose(l.evidence())
			if found, _ := r.Finding(tt.code); found.Verdict != Pass || r.Verdict != Healthy || outcome(r, Warn)+outcome(r, Unknown) != "" {
				t.Errorf("got %+v; %s, warnings %q, unknown %q", found, r.Summary, outcome(r, Warn), outcome(r, Unknown))
			}
		})
	}
}
