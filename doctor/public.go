package doctor

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
)

// publicCA knows the public web CAs by the organisation in their certificates,
// together with a part of their common names: the system's store is no guide,
// since companies put their own CAs there.
func publicCA(name pkix.Name) (organisation string, public bool) {
	known := map[string][]string{
		"Let's Encrypt":                    {"R", "E", "YE", "YR"},
		"Internet Security Research Group": {"ISRG"},
		"DigiCert Inc":                     {"DigiCert", "RapidSSL", "Thawte", "GeoTrust", "Encryption Everywhere"},
		"DigiCert, Inc.":                   {"DigiCert"},
		"Sectigo Limited":                  {"Sectigo"},
		"COMODO CA Limited":                {"COMODO"},
		"The USERTRUST Network":            {"USERTrust"},
		"ZeroSSL":                          {"ZeroSSL"},
		"GlobalSign nv-sa":                 {"GlobalSign", "AlphaSSL"},
		"Google Trust Services LLC":        {"GTS", "WR", "WE"},
		"Google Trust Services":            {"GTS", "WR", "WE"},
		"Amazon":                           {"Amazon Root CA", "Amazon RSA", "Amazon ECDSA"},
		"Starfield Technologies, Inc.":     {"Starfield"},
		"GoDaddy.com, Inc.":                {"Go Daddy"},
		"Entrust, Inc.":                    {"Entrust"},
		"IdenTrust":                        {"IdenTrust"},
		"Actalis S.p.A.":                   {"Actalis"},
		"Buypass AS-983163327":             {"Buypass"},
		"SSL Corporation":                  {"SSL.com"},
		"QuoVadis Limited":                 {"QuoVadis"},
		"SwissSign AG":                     {"SwissSign"},
		"Asseco Data Systems S.A.":         {"Certum"},
		"Unizeto Technologies S.A.":        {"Certum"},
		"Microsoft Corporation":            {"Microsoft RSA TLS", "Microsoft Azure"},
		"Cloudflare, Inc.":                 {"Cloudflare Inc"},
	}
	for _, organisation := range name.Organization {
		if slices.ContainsFunc(known[organisation], func(prefix string) bool { return strings.HasPrefix(name.CommonName, prefix) }) {
			return organisation, true
		}
	}
	return "", false
}

// fingerprint tells certificates of one name apart.
func fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return fmt.Sprintf("key %x, until %s", sum[:8], stamp(cert.NotAfter))
}
