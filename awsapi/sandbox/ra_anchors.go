package sandbox

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"anywhere/awsapi/policy"
	"anywhere/pki/rules"
)

// anchor is a trust anchor.
type anchor struct {
	thing
	Source  source   `json:"source"`
	Notices []notice `json:"notices"` // what was set; defaults are not kept
}

// source is where a trust anchor's certificates come from.
type source struct {
	SourceType string     `json:"sourceType"`
	SourceData sourceData `json:"sourceData"`
}

type sourceData struct {
	X509CertificateData string `json:"x509CertificateData,omitempty"`
	AcmPcaArn           string `json:"acmPcaArn,omitempty"`
}

type anchorDetail struct {
	TrustAnchorID  string         `json:"trustAnchorId"`
	TrustAnchorARN string         `json:"trustAnchorArn"`
	Name           string         `json:"name"`
	Source         source         `json:"source"`
	Enabled        bool           `json:"enabled"`
	CreatedAt      string         `json:"createdAt"`
	UpdatedAt      string         `json:"updatedAt"`
	Notices        []noticeDetail `json:"notificationSettings"`
}

func (a *anchor) detail() anchorDetail {
	return anchorDetail{a.ID, a.ARN, a.Name, a.Source, a.Enabled, iso(a.CreatedAt), iso(a.UpdatedAt), a.notices()}
}

func (c *call) answerAnchor(a *anchor) (any, *refusal) {
	c.output = map[string]anchorDetail{"trustAnchor": a.detail()}
	return c.output, nil
}

type anchorInput struct {
	TrustAnchorID           string
	Name                    string
	Source                  *source
	Enabled                 bool
	Tags                    []tag
	NotificationSettings    []noticeInput
	NotificationSettingKeys []noticeInput
}

// wanted finds the trust anchor that the call names.
func (c *call) wantedAnchor() (anchorInput, *anchor, *refusal) {
	in := take[anchorInput](c)
	a := one(c, c.account.Anchors, in.TrustAnchorID)
	if a == nil {
		return in, nil, missing("TrustAnchor with id %s does not exist.", in.TrustAnchorID)
	}
	return in, a, nil
}

func createAnchor(c *call) (any, *refusal) {
	in := take[anchorInput](c)
	if no := in.Source.refused(); no != nil {
		return nil, no
	}
	if no := c.mayTag("trust-anchor", in.Tags); no != nil {
		return nil, no
	}
	if len(c.account.Anchors) == 0 {
		// The first trust anchor makes the service-linked role.
		// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/using-service-linked-roles.html
		about := policy.Context{"iam:AWSServiceName": {policy.Service}}
		if no := c.allow("iam:CreateServiceLinkedRole", c.linkedRoleARN(), about); no != nil {
			no.Message = "Unauthorized because no identity-based policy allows for the iam:CreateServiceLinkedRole action"
			return nil, no
		}
	}
	if c.inThisRegion() >= maxAnchors {
		return nil, invalid(saysManyAnchors, maxAnchors)
	}
	a := &anchor{thing: c.newThing("trust-anchor", in.Name, in.Enabled, in.Tags), Source: *in.Source}
	a.setNotices(in.NotificationSettings)
	if find(c.account.Roles, func(r *role) bool { return r.Name == linkedRoleName }) == nil {
		c.account.Roles = append(c.account.Roles, c.newLinkedRole())
	}
	c.account.Anchors = append(c.account.Anchors, a)
	return c.answerAnchor(a)
}

func (c *call) inThisRegion() (n int) {
	for _, a := range c.account.Anchors {
		if c.inRegion(a.ARN) {
			n++
		}
	}
	return n
}

func getAnchor(c *call) (any, *refusal) {
	_, a, no := c.wantedAnchor()
	if no != nil {
		return nil, no
	}
	return c.answerAnchor(a)
}

func listAnchors(c *call) (any, *refusal) {
	page, next, no := pageOf(c, c.account.Anchors)
	if no != nil {
		return nil, no
	}
	out := struct {
		TrustAnchors []anchorDetail `json:"trustAnchors"`
		NextToken    string         `json:"nextToken,omitempty"`
	}{[]anchorDetail{}, next}
	for _, a := range page {
		out.TrustAnchors = append(out.TrustAnchors, a.detail())
	}
	return out, nil
}

func updateAnchor(c *call) (any, *refusal) {
	in, a, no := c.wantedAnchor()
	if no != nil {
		return nil, no
	}
	if in.Source != nil {
		if no := in.Source.refused(); no != nil {
			no.Message = strings.Replace(no.Message, "Error creating", "Error updating", 1)
			return nil, no
		}
		a.Source = *in.Source
	}
	a.Name = cmp.Or(in.Name, a.Name)
	a.UpdatedAt = c.now
	return c.answerAnchor(a)
}

func deleteAnchor(c *call) (any, *refusal) {
	_, a, no := c.wantedAnchor()
	if no != nil {
		return nil, no
	}
	c.account.Anchors = without(c.account.Anchors, a)
	return c.answerAnchor(a)
}

func switchAnchor(on bool) func(*call) (any, *refusal) {
	return func(c *call) (any, *refusal) {
		_, a, no := c.wantedAnchor()
		if no != nil {
			return nil, no
		}
		a.Enabled, a.UpdatedAt = on, c.now
		return c.answerAnchor(a)
	}
}

// refused holds what Roles Anywhere asks of a trust anchor's certificates.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (s *source) refused() *refusal {
	if s.SourceType == "AWS_ACM_PCA" && s.SourceData.AcmPcaArn != "" {
		return invalid(saysPrivateCA) // the sandbox has no private CA that Roles Anywhere could read
	}
	if s.SourceType != "CERTIFICATE_BUNDLE" || s.SourceData.X509CertificateData == "" {
		return invalid(saysBadSource)
	}
	certs, ok := pemCertificates(s.SourceData.X509CertificateData)
	if !ok || len(certs) == 0 {
		return invalid(saysBadCertificates)
	}
	if len(certs) > maxCertificates {
		return invalid(saysManyCertificate, maxCertificates)
	}
	for _, cert := range certs {
		for _, b := range rules.Breaches(rules.CA, cert) {
			switch {
			case b.Rule.Severity != rules.Must:
			case !cert.BasicConstraintsValid || !cert.IsCA:
				return invalid(saysBadConstraints)
			default:
				return invalid(saysBadAnchor, b.Rule.Says)
			}
		}
	}
	return nil
}

// pemCertificates reads PEM as strictly as AWS does: CERTIFICATE blocks and
// blanks, nothing else.
func pemCertificates(text string) (certs []*x509.Certificate, ok bool) {
	rest := []byte(text)
	for len(strings.TrimSpace(string(rest))) > 0 {
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, false
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, false
		}
		certs, rest = append(certs, cert), after
	}
	return certs, true
}
