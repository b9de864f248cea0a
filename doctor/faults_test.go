package doctor

import (
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/pki"
)

func bundleOf(certs ...*x509.Certificate) string { return string(pki.EncodeCertificates(certs...)) }

// intermediate puts a CA between the lab's and the leaf, and sends it; the lab's
// CA then allows so many below it.
func (l *lab) intermediate(pathLen int) {
	if pathLen >= 0 {
		l.remakeCA(func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = pathLen, pathLen == 0 })
	}
	l.intermediateFrom(func(*x509.Certificate) {})
}

func (l *lab) intermediateFrom(change func(*x509.Certificate)) {
	template, key := caTemplate(), newKey(l.t)
	template.Subject.CommonName = "lab intermediate"
	change(template)
	between := sign(l.t, template, l.ca, key.Public(), l.caKey)
	l.leaf = sign(l.t, leafTemplate(), between, l.leafKey.Public(), key)
	l.e.Certificate.Sent = [][]byte{between.Raw}
}

// longName gives the certificate a common name of n characters, and the role none
// to ask for.
func (l *lab) longName(n int) {
	l.issue(func(c *x509.Certificate) { c.Subject.CommonName = strings.Repeat("x", n) })
	l.statement(func(s *policy.Statement) { s.Conditions = s.Conditions[:2] })
}

// twoBetween puts two CAs between the lab's and the leaf, and sends them from the
// root down.
func (l *lab) twoBetween() {
	upper, lower := caTemplate(), caTemplate()
	upper.Subject.CommonName, lower.Subject.CommonName = "lab upper", "lab lower"
	upperKey, lowerKey := newKey(l.t), newKey(l.t)
	above := sign(l.t, upper, l.ca, upperKey.Public(), l.caKey)
	below := sign(l.t, lower, above, lowerKey.Public(), upperKey)
	l.leaf = sign(l.t, leafTemplate(), below, l.leafKey.Public(), lowerKey)
	l.e.Certificate.Sent = [][]byte{above.Raw, below.Raw}
}

// revoke gives the anchor a list.
func (l *lab) revoke(serial *big.Int, next time.Time, enabled bool) {
	ca := *l.ca
	ca.SubjectKeyId = []byte{1}
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: noon.Add(-48 * time.Hour), NextUpdate: next,
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: serial, RevocationTime: noon.Add(-47 * time.Hour)}},
	}, &ca, l.caKey)
	if err != nil {
		l.t.Fatal(err)
	}
	l.e.AWS.CRLs.Value = []awsapi.CRL{{ARN: "crl-1", Name: "lab", AnchorARN: labAnchor, Enabled: enabled, Data: der}}
}

// revokeMany makes a list with so many entries of certificates of others.
func (l *lab) revokeMany(n int64) {
	ca := *l.ca
	ca.SubjectKeyId = []byte{1}
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon.Add(-48 * time.Hour), NextUpdate: noon.Add(time.Hour)}
	first := new(big.Int).Lsh(big.NewInt(1), 126)
	for k := range n {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: new(big.Int).Add(first, big.NewInt(k)), RevocationTime: noon.Add(-47 * time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, &ca, l.caKey)
	if err != nil {
		l.t.Fatal(err)
	}
	l.e.AWS.CRLs.Value = []awsapi.CRL{{ARN: "crl-1", Name: "lab", AnchorARN: labAnchor, Enabled: true, Data: der}}
}

func profileFaults() []fault {
	return []fault{
		{"RA209", "another Region", "", func(l *lab) {
			l.e.Target.ProfileARN = strings.Replace(labProfile, "eu-west-1", "us-east-1", 1)
			l.e.AWS.Profile = Answer[awsapi.Profile]{Asked: true, Trouble: &Trouble{Kind: Missing, Says: "not found"}}
			l.refuse("Invalid or empty profile provided.")
		}},
		{"RA209", "another partition", "", func(l *lab) {
			l.e.Target.RoleARN = strings.Replace(labRole, "arn:aws:", "arn:aws-cn:", 1)
			l.e.AWS.Role = Answer[awsapi.Role]{Asked: true, Trouble: &Trouble{Kind: Missing, Says: "not found"}}
			l.e.AWS.Profile.Value.RoleARNs = []string{l.e.Target.RoleARN}
			l.e.Exchange.Session.Trouble = &Trouble{Kind: BadTarget, Says: "another partition"}
		}},
		{"RA203", "deleted", "", func(l *lab) {
			l.e.AWS.Profile = Answer[awsapi.Profile]{Asked: true, Trouble: &Trouble{Kind: Missing, Says: "not found"}}
			l.refuse("Invalid or empty profile provided.")
		}},
		{"RA203", "disabled", "", func(l *lab) { l.e.AWS.Profile.Value.Enabled = false; l.refuse("Profile is disabled") }},
		{"RA204", "without the role", "", func(l *lab) {
			l.e.AWS.Profile.Value.RoleARNs = []string{labRole + "x"}
			l.refuse("Requested Role isn't one of those listed in the Profile.")
		}},
		{"RA204", "AWS says so and nothing can be read", "", func(l *lab) {
			l.e.AWS = AWSSeen{Trouble: &Trouble{Kind: Denied, Says: "no"}}
			l.refuse("Requested Role isn't one of those listed in the Profile.")
		}},
		{"RA205", "longer than the role allows", "", func(l *lab) {
			l.e.AWS.Profile.Value.DurationSeconds, l.e.Target.Duration = 43200, 12*time.Hour
			l.refuse(cannotAssume + " The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}},
		{"RA207", "a name that is not accepted", "", func(l *lab) {
			l.e.Target.SessionName = "pod-1"
			l.refuse("Not authorized to set roleSessionName")
		}},
		{"RA208", "a long session policy", "", func(l *lab) {
			l.e.AWS.Profile.Value.SessionPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":["*","arn:aws:s3:::` + strings.Repeat("x", 2100) + `"]}]}`
			l.refuse("Packed policy consumes 130% of allotted space, please use smaller policy.")
		}},
		{"RA210", "a tag that is not mapped", "", func(l *lab) {
			l.e.AWS.Profile.Value.AttributeMappings = []awsapi.AttributeMapping{{Field: "x509Issuer", Specifiers: []string{"*"}}}
			l.refuse(cannotAssume)
		}},
		{"RA210", "no mappings, and a condition on a URI", "", func(l *lab) {
			l.e.AWS.Profile.Value.AttributeMappings = nil
			l.issue(func(c *x509.Certificate) { c.URIs = uris(l.t, "spiffe://lab/box") })
			l.statement(func(s *policy.Statement) {
				s.Conditions[2] = policy.Condition{Operator: "StringEquals", Key: "aws:PrincipalTag/x509SAN/URI", Values: []string{"spiffe://lab/box"}}
			})
			l.refuse(cannotAssume)
		}},
		{"RA212", "a session policy that leaves nothing", "", func(l *lab) {
			l.e.AWS.Profile.Value.SessionPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`
		}},
		{"RA214", "50 anchors", Warn, func(l *lab) {
			for range 49 {
				l.e.AWS.Anchors.Value = append(l.e.AWS.Anchors.Value, awsapi.Anchor{})
			}
		}},
	}
}

func roleFaults() []fault {
	trust := func(change func(*policy.Statement)) func(*lab) {
		return func(l *lab) { l.statement(change); l.refuse(cannotAssume) }
	}
	return []fault{
		{"RA300", "deleted", "", func(l *lab) {
			l.e.AWS.Role = Answer[awsapi.Role]{Asked: true, Trouble: &Trouble{Kind: Missing, Says: "no such role"}}
			l.refuse(cannotAssume)
		}},
		{"RA300", "deleted and made again", Warn, func(l *lab) { l.e.AWS.Role.Value.ID = "AROA2" }},
		{"RA301", "without SetSourceIdentity", "", trust(func(s *policy.Statement) { s.Actions = []string{"sts:AssumeRole", "sts:TagSession"} })},
		{"RA301", "without TagSession", "", trust(func(s *policy.Statement) { s.Actions = []string{"sts:AssumeRole", "sts:SetSourceIdentity"} })},
		{"RA302", "another name", "", trust(func(s *policy.Statement) { s.Conditions[2].Values = []string{"build-box-8"} })},
		{"RA302", "a name in other case", "", trust(func(s *policy.Statement) { s.Conditions[2].Values = []string{"Build-Box-7"} })},
		{"RA302", "a tag that the certificate has not", "", trust(func(s *policy.Statement) { s.Conditions[2].Key = "aws:PrincipalTag/x509Subject/OU" })},
		{"RA302", "an organisation that only AWS knows", "", trust(func(s *policy.Statement) {
			s.Conditions[2] = policy.Condition{Operator: "StringEquals", Key: "aws:SourceOrgID", Values: []string{"o-1"}}
		})},
		{"RA302", "a source address", "", trust(func(s *policy.Statement) {
			s.Conditions[2] = policy.Condition{Operator: "IpAddress", Key: "aws:SourceIp", Values: []string{"203.0.113.0/24"}}
		})},
		{"RA309", "AWS names a resource control policy", "", func(l *lab) {
			l.refuse(cannotAssume + " User: rolesanywhere.amazonaws.com is not authorized to perform: sts:AssumeRole with an explicit deny in a resource control policy")
		}},
		{"RA309", "CloudTrail names a service control policy", "", func(l *lab) {
			l.refuse(cannotAssume)
			l.e.AWS.Trail = answer([]awsapi.Event{{Name: "AssumeRole", Record: `{"errorMessage":"... with an explicit deny in a service control policy","requestParameters":{"roleSessionName":"5e0001"}}`}})
		}},
		{"RA303", "another anchor", "", trust(func(s *policy.Statement) { s.Conditions[0].Values = []string{labAnchor + "2"} })},
		{"RA303", "another account", "", trust(func(s *policy.Statement) { s.Conditions[1].Values = []string{"999999999999"} })},
		{"RA303", "no anchor at all", Warn, func(l *lab) { l.statement(func(s *policy.Statement) { s.Conditions = s.Conditions[1:] }) }},
		{"RA304", "another service", "", trust(func(s *policy.Statement) { s.Principal = &policy.Principals{Services: []string{"ec2.amazonaws.com"}} })},
		{"RA305", "a negated comparison with an absent tag", Warn, func(l *lab) {
			l.statement(func(s *policy.Statement) {
				s.Conditions[2] = policy.Condition{Operator: "StringNotEquals", Key: "aws:PrincipalTag/x509Subject/OU", Values: []string{"guests"}}
			})
		}},
		{"RA307", "a Deny", "", func(l *lab) {
			l.trust.Statements = append(l.trust.Statements, policy.Statement{Sid: "No", Effect: policy.Deny, Principal: &policy.Principals{Everyone: true}, Actions: []string{"sts:*"}})
			l.refuse(cannotAssume)
		}},
		{"RA308", "a boundary that leaves nothing", "", func(l *lab) {
			l.e.AWS.Role.Value.PermissionsBoundary = "arn:aws:iam::111122223333:policy/b"
			l.e.AWS.Limits = answer(map[string]string{"arn:aws:iam::111122223333:policy/b": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`})
		}},
		{"RA312", "the permissions were taken away", "", func(l *lab) { l.e.AWS.Policies = answer(map[string]string{}) }},
		{"RA312", "a policy that denies everything", "", func(l *lab) {
			l.e.AWS.Policies.Value["AWSDenyAll"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
		}},
		{"RA312", "three layers, two and two of which have something in common", "", func(l *lab) {
			two := func(one, other string) string {
				return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + one + `","` + other + `"],"Resource":"*"}]}`
			}
			const boundary = "arn:aws:iam::111122223333:policy/b"
			l.e.AWS.Policies = answer(map[string]string{"inline": two("s3:GetObject", "sqs:SendMessage")})
			l.e.AWS.Role.Value.PermissionsBoundary = boundary
			l.e.AWS.Limits = answer(map[string]string{boundary: two("sqs:SendMessage", "sns:Publish")})
			l.e.AWS.Profile.Value.SessionPolicy = two("s3:GetObject", "sns:Publish")
		}},
		{"RA309", "everything is right and AWS says no", "", func(l *lab) { l.refuse(cannotAssume) }},
		{"RA310", "the same, and the role is new", "", func(l *lab) {
			l.e.AWS.Role.Value.CreatedAt = noon.Add(-5 * time.Second)
			l.refuse(cannotAssume)
		}},
	}
}
