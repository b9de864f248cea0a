package sandbox

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"
)

// subject is somebody whom Roles Anywhere has seen: one for each X.509 subject.
type subject struct {
	thing
	X509Subject string       `json:"x509Subject"`
	LastSeenAt  time.Time    `json:"lastSeenAt"`
	Credentials []credential `json:"credentials"`
}

// credential is one certificate of a subject.
type credential struct {
	SeenAt       time.Time `json:"seenAt"`
	SerialNumber string    `json:"serialNumber"`
	Issuer       string    `json:"issuer"`
	Certificate  string    `json:"x509CertificateData"` // PEM
	Failed       bool      `json:"failed"`
}

type subjectSummary struct {
	SubjectARN  string `json:"subjectArn"`
	SubjectID   string `json:"subjectId"`
	Enabled     bool   `json:"enabled"`
	X509Subject string `json:"x509Subject"`
	LastSeenAt  string `json:"lastSeenAt"`
	CreatedAt   string `json:"createdAt"`
	UpdatedAt   string `json:"updatedAt"`
}

type subjectDetail struct {
	subjectSummary
	Credentials        []credentialSummary `json:"credentials"`
	InstanceProperties []struct{}          `json:"instanceProperties"`
}

type credentialSummary struct {
	SeenAt       string `json:"seenAt"`
	SerialNumber string `json:"serialNumber"`
	Issuer       string `json:"issuer"`
	Enabled      bool   `json:"enabled"`
	Certificate  string `json:"x509CertificateData"`
	Failed       bool   `json:"failed"`
}

func (s *subject) summary() subjectSummary {
	return subjectSummary{s.ARN, s.ID, s.Enabled, s.X509Subject, iso(s.LastSeenAt), iso(s.CreatedAt), iso(s.UpdatedAt)}
}

// maxCredentials keeps state.json small; how many AWS keeps is not documented.
const maxCredentials = 50

// see records that a certificate was used, whatever came of it.
func (c *call) see(cert *x509.Certificate, failed bool) *subject {
	dn := cert.Subject.String()
	s := find(c.account.Subjects, func(s *subject) bool { return s.X509Subject == dn && c.inRegion(s.ARN) })
	if s == nil {
		s = &subject{thing: c.newThing("subject", "", true, nil), X509Subject: dn}
		c.account.Subjects = append(c.account.Subjects, s)
	}
	s.LastSeenAt, s.UpdatedAt = c.now, c.now
	serial := cert.SerialNumber.String()
	s.Credentials = slices.DeleteFunc(s.Credentials, func(o credential) bool { return o.SerialNumber == serial && o.Issuer == cert.Issuer.String() })
	if len(s.Credentials) >= maxCredentials {
		s.Credentials = s.Credentials[1:]
	}
	s.Credentials = append(s.Credentials, credential{c.now, serial, cert.Issuer.String(),
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})), failed})
	return s
}

func getSubject(c *call) (any, *refusal) {
	id := take[struct{ SubjectID string }](c).SubjectID
	s := one(c, c.account.Subjects, id)
	if s == nil {
		return nil, missing("Subject with id %s does not exist.", id)
	}
	d := subjectDetail{s.summary(), []credentialSummary{}, []struct{}{}}
	for _, o := range s.Credentials {
		d.Credentials = append(d.Credentials, credentialSummary{iso(o.SeenAt), o.SerialNumber, o.Issuer, true, strings.TrimSpace(o.Certificate), o.Failed})
	}
	return map[string]subjectDetail{"subject": d}, nil
}

func listSubjects(c *call) (any, *refusal) {
	page, next, no := pageOf(c, c.account.Subjects)
	if no != nil {
		return nil, no
	}
	out := struct {
		Subjects  []subjectSummary `json:"subjects"`
		NextToken string           `json:"nextToken,omitempty"`
	}{[]subjectSummary{}, next}
	for _, s := range page {
		out.Subjects = append(out.Subjects, s.summary())
	}
	return out, nil
}
