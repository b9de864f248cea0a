package doctor

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatAFileHoldsIsSaidInWords(t *testing.T) {
	for want, data := range map[string]string{
		"nothing":            " \n",
		"a web page":         "<!DOCTYPE html><title>Sign in</title>",
		"an SSH public key":  "ssh-ed25519 AAAA host",
		"JSON":               `{"certificate": ""}`,
		"a private key":      "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n",
		"an SSH private key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----\n",
		"a public key":       "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
		"a revocation list":  "-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n",
		"a block named PGP":  "-----BEGIN PGP-----\nAA==\n-----END PGP-----\n",
		"":                   "no block at all",
		"a certificate":      strings.Repeat("-----BEGIN TRUSTED CERTIFICATE-----\nAA==\n-----END TRUSTED CERTIFICATE-----\n", 2),
		"a certificate request and a private key": "-----BEGIN NEW CERTIFICATE REQUEST-----\nAA==\n-----END NEW CERTIFICATE REQUEST-----\n" +
			"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
	} {
		if got := contents([]byte(data)); got != want {
			t.Errorf("contents of %q: got %q, want %q", data, got, want)
		}
	}
}

// Swapped things were two faults, neither of which said what had happened.
func TestThingsInEachOthersPlaceAreOneFaultThatSaysSo(t *testing.T) {
	helper := "/opt/aws_signing_helper credential-process --certificate "
	line := func(text string) func(*lab) {
		return func(l *lab) {
			l.e.Kind, l.e.Config.Line, l.e.Config.Helper = KindAWSProfile, text, takeApart(text)
			l.e.Key.Trouble = &Trouble{Kind: Missing, Says: "no such file"}
			l.e.Certificate = CertificateSeen{Trouble: &Trouble{Kind: Missing, Says: "no such file"}}
		}
	}
	for name, one := range map[string]struct {
		change func(*lab)
		want   Code
		says   string
		fix    string
	}{
		"key and certificate": {func(l *lab) {
			l.e.Key = KeySeen{Ref: "/etc/a.pem", File: FileSeen{Path: "/etc/a.pem", Holds: "a certificate"}, Trouble: &Trouble{Kind: NotAKey}}
			l.e.Certificate = CertificateSeen{File: FileSeen{Path: "/etc/a.key", Holds: "a private key"}, Trouble: &Trouble{Kind: Unreadable}}
		}, "RA106", "swapped", "--certificate /etc/a.pem --private-key /etc/a.key"},
		"a certificate for both": {func(l *lab) {
			l.e.Kind = KindFiles
			l.e.Key = KeySeen{Ref: "/etc/a.pem", File: FileSeen{Path: "/etc/a.pem", Holds: "a certificate"}, Trouble: &Trouble{Kind: NotAKey}}
			l.e.Certificate.File.Path = "/etc/a.pem"
		}, "RA106", "no private key is named", "--private-key"},
		"a request for the certificate": {func(l *lab) {
			l.e.Certificate = CertificateSeen{File: FileSeen{Path: "/etc/a.csr", Holds: "a certificate request"}, Trouble: &Trouble{Kind: Unreadable}}
		}, "RA109", "holds a certificate request, not a certificate", ""},
		"trust anchor and Roles Anywhere profile": {func(l *lab) {
			l.e.Target.TrustAnchorARN, l.e.Target.ProfileARN = l.e.Target.ProfileARN, l.e.Target.TrustAnchorARN
		}, "RA209", "trust anchor and Roles Anywhere profile are swapped", "--profile-arn"},
		"an instance profile for the role": {func(l *lab) {
			l.e.Target.RoleARN = "arn:aws:iam::111122223333:instance-profile/edge"
		}, "RA209", "instance profile of EC2", "arn:aws:iam::111122223333:role/edge"},
		"a session for the role": {func(l *lab) {
			l.e.Target.RoleARN = "arn:aws:sts::111122223333:assumed-role/edge/5e0001"
		}, "RA209", "that of a session", "arn:aws:iam::111122223333:role/edge"},
		"a name for the role": {func(l *lab) { l.e.Target.RoleARN = "edge" }, "RA209", "is a name, not an ARN", "list-roles"},
		"a long dash":         {line(helper + "/etc/a.pem —private-key /etc/a.key"), "RA501", "U+2014", "--"},
		"a curly quote":       {line("“" + helper + "/etc/a.pem”"), "RA501", "U+201C", "plain"},
		"a variable":          {line(helper + "$HOME/a.pem --private-key $HOME/a.key"), "RA501", "$", "Write the paths out"},
		"no command":          {line("/opt/aws_signing_helper --certificate /etc/a.pem"), "RA510", "credential-process is missing", "before the flags"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.e.NoLive, l.e.Exchange, l.e.AWS, l.e.Ours = true, ExchangeSeen{}, AWSSeen{}, nil
			one.change(l)
			r := Diagnose(l.evidence())
			if len(r.Causes) == 0 || r.Causes[0] != one.want || slices.ContainsFunc(r.Causes[1:], func(c Code) bool { return c < "RA300" }) {
				t.Fatalf("got causes %v, want %s and none about files or ARNs besides", r.Causes, one.want)
			}
			found, _ := r.Finding(one.want)
			if !strings.Contains(found.Says, one.says) || !strings.Contains(found.Fix.Text+found.Fix.Command, one.fix) {
				t.Errorf("got %q, fix %q; want %q, fix with %q", found.Says, found.Fix.Text, one.says, one.fix)
			}
		})
	}
}
