package doctor

import (
	"net/url"
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
	config := func(change func(*ConfigSeen)) func(*lab) { return func(l *lab) { change(&l.e.Config) } }
	line := func(text string) func(*lab) {
		return config(func(c *ConfigSeen) { c.Line, c.Helper = text, takeApart(text) })
	}
	return []fault{
		{"RA504", "no such section", "", func(l *lab) {
			l.e.Config = ConfigSeen{Trouble: &Trouble{Kind: Missing, Says: "no AWS config profile lab"}}
		}},
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
			l.e.Environment = []Variable{{Name: "AWS_ACCESS_KEY_ID"}, {Name: "AWS_PROFILE", Value: "lab"}}
		}},
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
