package rules

import (
	"crypto/x509"
	"fmt"
	"strings"
)

// clientAuth is a should. No AWS page asks for an extended key usage and AWS's
// own test certificates have none, so absence is fine; what AWS does with one that
// leaves clientAuth out, nobody has published.
func clientAuth(cert *x509.Certificate) (bool, string) {
	if len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 0 {
		return true, "it has no extended key usage"
	}
	for _, usage := range cert.ExtKeyUsage {
		if usage == x509.ExtKeyUsageClientAuth || usage == x509.ExtKeyUsageAny {
			return true, "extended key usage allows clientAuth"
		}
	}
	return false, fmt.Sprintf("extended key usage has %d purposes, none of them clientAuth", len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage))
}

// usageOf spells a key usage as openssl configuration files do.
func usageOf(usage x509.KeyUsage) string {
	if usage == 0 {
		return "it has no key usage"
	}
	names := []string{
		"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
		"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly", // RFC 5280 section 4.2.1.3, bit by bit
	}
	var has []string
	for bit, name := range names {
		if usage&(1<<bit) != 0 {
			has = append(has, name)
		}
	}
	return "key usage is " + strings.Join(has, ", ")
}
