package doctor

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"anywhere/pki"
)

// Whois is a certificate under all the names that it goes by.
type Whois struct {
	Subject        string    `json:"subject"`
	Issuer         string    `json:"issuer"`
	CommonName     string    `json:"commonName,omitempty"`
	SessionName    string    `json:"sessionName"` // the serial in hex, as Roles Anywhere names sessions by itself
	Serial         string    `json:"serial"`      // hex
	Colon          string    `json:"openssl"`
	Decimal        string    `json:"decimal"` // as in Credential=
	SourceIdentity string    `json:"sourceIdentity"`
	NotBefore      time.Time `json:"notBefore"`
	NotAfter       time.Time `json:"notAfter"`
}

// WhoisOf names a certificate.
func WhoisOf(cert *x509.Certificate) Whois {
	serial := pki.SerialOf(cert)
	return Whois{cert.Subject.String(), cert.Issuer.String(), cert.Subject.CommonName, serial.Hex(), serial.Hex(), serial.Colon(), serial.Decimal(),
		sourceIdentity(cert), cert.NotBefore.UTC(), cert.NotAfter.UTC()}
}

// Query is what somebody looks for: a serial, a name, or what may be either.
type Query struct {
	Serial string `json:"serial,omitempty"` // hex
	Name   string `json:"name,omitempty"`
}

// ParseWhois reads a session name or ARN, an assumed-role ID (AROA...:name), a
// serial in any form, a source identity (CN=, ID=) or a common name.
func ParseWhois(text string) (Query, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Query{}, errors.New("find certificate: nothing is named")
	}
	switch {
	case strings.Contains(text, ":assumed-role/"):
		text = text[strings.LastIndex(text, "/")+1:]
	case strings.HasPrefix(text, "AROA") && strings.Contains(text, ":"):
		_, text, _ = strings.Cut(text, ":")
	}
	if name, ok := strings.CutPrefix(text, "CN="); ok {
		return Query{Name: name}, nil
	}
	serial, err := pki.ParseSerial(strings.TrimPrefix(text, "ID="))
	if err != nil {
		return Query{Name: text}, nil
	}
	return Query{Serial: serial.Hex(), Name: text}, nil
}

// Fits says whether a certificate is the one that is looked for.
func (q Query) Fits(w Whois) bool {
	return q.Serial != "" && q.Serial == w.Serial || q.Name != "" && (q.Name == w.CommonName || q.Name == w.SourceIdentity || q.Name == w.SessionName || q.Name == w.Decimal)
}

// Hint says how to go on where no certificate is found.
func (q Query) Hint() string {
	if q.Serial != "" {
		return "look the event CreateSession up in CloudTrail: its requestParameters hold the certificate of session " + q.Serial
	}
	return "look in CloudTrail for a sourceIdentity of CN=" + q.Name + "; the session name beside it is the serial"
}

// SessionARN is the ARN of a role's session.
func SessionARN(roleARN, session string) string {
	if account(roleARN) == "" {
		return ""
	}
	return "arn:" + partition(roleARN) + ":sts::" + account(roleARN) + ":assumed-role/" + roleName(roleARN) + "/" + session
}
