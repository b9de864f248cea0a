package doctor

import (
	"bytes"
	"encoding/pem"
	"slices"
	"strings"

	"anywhere/pki/decode"
)

// contents says in words what a file holds, for one that does not hold what it
// should: a key where a certificate belongs, a request, a web page.
func contents(data []byte) string {
	text := strings.ToLower(string(bytes.TrimSpace(data[:min(len(data), 512)])))
	for _, known := range []struct {
		is    bool
		words string
	}{
		{text == "", "nothing"},
		{strings.HasPrefix(text, "<!doctype") || strings.HasPrefix(text, "<html"), "a web page"},
		{strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-sha2-"), "an SSH public key"},
		{strings.HasPrefix(text, "{"), "JSON"},
		{decode.IsPKCS12(data), "a PKCS #12 bundle"},
	} {
		if known.is {
			return known.words
		}
	}
	var found []string
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if words := blockWords(block.Type); !slices.Contains(found, words) {
			found = append(found, words)
		}
	}
	return strings.Join(found, " and ")
}

// blockWords are the words for a PEM block (RFC 7468).
func blockWords(kind string) string {
	switch {
	case kind == "OPENSSH PRIVATE KEY":
		return "an SSH private key"
	case strings.HasSuffix(kind, "PRIVATE KEY"):
		return "a private key"
	case strings.HasSuffix(kind, "PUBLIC KEY"):
		return "a public key"
	case strings.HasSuffix(kind, "CERTIFICATE REQUEST"):
		return "a certificate request"
	case strings.HasSuffix(kind, "CERTIFICATE"):
		return "a certificate"
	case kind == "X509 CRL":
		return "a revocation list"
	}
	return "a block named " + kind
}

// swapped says that key and certificate are named in each other's place.
func (p *Patient) swapped() bool {
	return strings.Contains(p.Certificate.File.Holds, "private key") && p.Key.File.Holds == "a certificate"
}

// place is one of the three ARNs that a client is given.
type place struct{ name, value, want string }

// wrongARN says what an ARN is that is none of the kind that is asked for, and the
// ARN to give instead, if it can be made from this one.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementroleanywhere.html
// and list_awsidentityandaccessmanagementiam.html beside it.
func wrongARN(at place) (is, instead string) {
	parts := strings.SplitN(at.value, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		if strings.Contains(at.value, ":") || at.value == "" {
			return "", ""
		}
		if at.want == "role" {
			return "is a name, not an ARN", ""
		}
		return "is an identifier, not an ARN", ""
	}
	words := kindOfARN(at.value)
	if words == "" || words == at.want {
		return "", ""
	}
	if at.want == "role" && (words == "session" || words == "instance profile of EC2") {
		_, name, _ := strings.Cut(parts[5], "/")
		role, _, _ := strings.Cut(name, "/")
		instead = "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + role
	}
	return "is that of " + article(words), instead
}

// kindOfARN says what an ARN is of; nothing if it is of no kind that is met here.
func kindOfARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	return map[string]string{
		"rolesanywhere:trust-anchor": "trust anchor", "rolesanywhere:profile": "Roles Anywhere profile", "rolesanywhere:crl": "revocation list",
		"rolesanywhere:subject": "subject", "iam:role": "role", "iam:instance-profile": "instance profile of EC2", "iam:policy": "policy",
		"iam:user": "user", "iam:root": "account", "sts:assumed-role": "session", "acm-pca:certificate-authority": "Private CA", "acm:certificate": "ACM certificate",
	}[parts[2]+":"+kind]
}

func article(noun string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// mixedUp finds ARNs that stand in another's place.
func (p *Patient) mixedUp(seen []Seen) (Finding, bool) {
	t := p.Target
	var wrong []string
	instead := ""
	for _, at := range []place{
		{"trust anchor", t.TrustAnchorARN, "trust anchor"}, {"Roles Anywhere profile", t.ProfileARN, "Roles Anywhere profile"}, {"role", t.RoleARN, "role"},
	} {
		is, better := wrongARN(at)
		if is != "" {
			wrong = append(wrong, "what is given as "+at.name+" "+is)
		}
		if better != "" {
			instead = better
		}
	}
	if len(wrong) == 0 {
		return Finding{}, false
	}
	found := fail(strings.Join(wrong, ", and "), seen...)
	if a, b := kindOfARN(t.TrustAnchorARN), kindOfARN(t.ProfileARN); a == "Roles Anywhere profile" && b == "trust anchor" {
		found.Says = "the ARNs of trust anchor and Roles Anywhere profile are swapped"
	}
	switch {
	case len(wrong) > 1:
		found = found.with("Put each ARN behind its own flag: --trust-anchor-arn, --profile-arn, --role-arn.", "")
	case instead != "":
		found = found.with("Give the role itself, most likely "+instead+" (a path of the role stands before its name).", "")
	default:
		found = found.with("Look the ARN up: aws rolesanywhere list-trust-anchors, list-profiles; aws iam list-roles.", "")
	}
	return found, true
}
