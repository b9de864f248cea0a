package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"anywhere/doctor"
	"anywhere/pki"
	"anywhere/pki/decode"
)

// explainData looks at certificates, keys, requests and lists as such, and at
// everything else as text.
func (a *app) explainData(data []byte, name string) answer {
	certs, err := certificatesOf(data, nil)
	if err == nil {
		return a.explainCertificates(certs, data, name)
	}
	if found, ok := explainKey(data, name); ok {
		return found
	}
	if found, ok := a.explainPaper(data, name); ok {
		return found
	}
	e := doctor.CertificateEvidence(data, name, a.now())
	if len(e.Certificate.All) == 0 {
		return answer{Matches: doctor.Explain(string(data))}
	}
	found := answer{About: []string{name + ": a certificate that strict readers refuse"}}
	report := doctor.Diagnose(e)
	if f, ok := report.Finding("RA110"); ok {
		for _, seen := range f.Evidence {
			found.About = append(found.About, "  "+seen.Label+": "+seen.Value)
		}
	}
	found.Matches = doctor.ExplainFindings(report)
	return found
}

// explainCertificates describes each certificate and names what is wrong with the
// first and its chain. Words around them, such as those of openssl s_client, count
// more if they are known.
func (a *app) explainCertificates(certs []*x509.Certificate, data []byte, name string) answer {
	if matches := doctor.Explain(aroundPEM(data)); len(matches) > 0 && matches[0].Confidence >= 0.75 {
		return answer{Matches: matches}
	}
	found := answer{}
	for i, cert := range certs {
		if i == 5 {
			found.About = append(found.About, fmt.Sprintf("%s: and %d more certificates", name, len(certs)-i))
			break
		}
		w := doctor.WhoisOf(cert)
		found.About = append(found.About, fmt.Sprintf("%s: certificate of %s, issued by %s, valid from %s to %s, serial %s", name,
			nameOr(w.Subject, "an empty subject"), nameOr(w.Issuer, "nobody"), w.NotBefore.Format(time.DateOnly), w.NotAfter.Format(time.DateOnly), w.SessionName))
	}
	found.Matches = doctor.ExplainFindings(doctor.Diagnose(doctor.CertificateEvidence(pki.EncodeCertificates(certs...), name, a.now())))
	if len(found.Matches) == 0 {
		found.About = append(found.About, "Nothing is wrong with it, as far as a certificate alone can tell.")
	}
	return found
}

func nameOr(name, empty string) string {
	if name == "" {
		return empty
	}
	return name
}

// aroundPEM is the text outside of PEM blocks.
func aroundPEM(data []byte) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(string(data)) {
		switch {
		case strings.Contains(line, "-----BEGIN "):
			inside = true
		case strings.Contains(line, "-----END "):
			inside = false
		case !inside:
			b.WriteString(line)
		}
	}
	return b.String()
}

// explainKey says what hinders the use of a private key. Nothing of it is shown
// but its kind.
func explainKey(data []byte, name string) (answer, bool) {
	key, err := decode.Key(data, nil)
	code := ""
	switch {
	case err == nil:
		kind, _ := pki.KindOf(key.Public())
		return answer{About: []string{fmt.Sprintf("%s: a private key (%s) without passphrase. Nothing is wrong with its form.", name, kind)}, Matches: []doctor.Match{}}, true
	case errors.Is(err, decode.ErrPassphraseNeeded):
		code = "RA105"
	case isType[*decode.UnsupportedError](err):
		code = "RA106"
	default:
		return answer{}, false
	}
	what := "a private key"
	if decode.IsPKCS12(data) {
		what = "a PKCS #12 file with a passphrase"
	}
	found := answer{About: []string{name + ": " + what}, Matches: doctor.Explain(code)}
	found.Matches[0].Means = strings.TrimPrefix(err.Error(), "read private key: ")
	if fix := ownHint(err); fix != "" {
		found.Matches[0].Fix = fix
	}
	return found, true
}

// explainPaper knows revocation lists and certificate requests.
func (a *app) explainPaper(data []byte, name string) (answer, bool) {
	if list, err := pki.ParseCRL(data); err == nil {
		found := answer{About: []string{fmt.Sprintf("%s: revocation list of %s with %d certificates, next update %s", name, list.Issuer, len(list.RevokedCertificateEntries),
			list.NextUpdate.UTC().Format(time.RFC3339))}, Matches: []doctor.Match{}}
		if !list.NextUpdate.IsZero() && list.NextUpdate.Before(a.now()) {
			found.Matches = doctor.Explain("RA211")
			found.Matches[0].Means = "its next update was due"
		}
		return found, true
	}
	der := data
	if block, _ := pem.Decode(data); block != nil {
		der = block.Bytes
	}
	if request, err := x509.ParseCertificateRequest(der); err == nil {
		return answer{About: []string{fmt.Sprintf("%s: certificate request of %s. It is no certificate: a CA has to sign it first.", name, nameOr(request.Subject.String(), "an empty subject"))},
			Matches: []doctor.Match{}}, true
	}
	return answer{}, false
}
