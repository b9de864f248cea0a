package rules

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strconv"
)

func versionThree(cert *x509.Certificate) (bool, string) {
	return cert.Version == 3, "it is version " + strconv.Itoa(cert.Version)
}

// notCA passes a certificate without basicConstraints: AWS asks for CA:false only
// where the field is there, and RFC 5280 section 4.2.1.9 takes absence for it.
func notCA(cert *x509.Certificate) (bool, string) {
	if !cert.BasicConstraintsValid {
		return true, "it has no basic constraints"
	}
	return !cert.IsCA, "basic constraints say CA:" + yesNo(cert.IsCA)
}

func isCA(cert *x509.Certificate) (bool, string) {
	if !cert.BasicConstraintsValid {
		return false, "it has no basic constraints"
	}
	return cert.IsCA, "basic constraints say CA:" + yesNo(cert.IsCA)
}

// criticalConstraints is silent where there are none: another rule says that.
func criticalConstraints(cert *x509.Certificate) (bool, string) {
	for _, extension := range cert.Extensions {
		if extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 19}) {
			if extension.Critical {
				return true, "basic constraints are critical"
			}
			return false, "basic constraints are not critical"
		}
	}
	return true, "it has no basic constraints"
}

func yesNo(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

func maySign(cert *x509.Certificate) (bool, string) {
	return cert.KeyUsage&x509.KeyUsageDigitalSignature != 0, usageOf(cert.KeyUsage)
}

func mayIssue(cert *x509.Certificate) (bool, string) {
	return cert.KeyUsage&x509.KeyUsageCertSign != 0, usageOf(cert.KeyUsage)
}

func mayRevoke(cert *x509.Certificate) (bool, string) {
	return cert.KeyUsage&x509.KeyUsageCRLSign != 0, usageOf(cert.KeyUsage)
}

// strongSignature goes by the algorithm that crypto/x509 found; ML-DSA, which it
// does not know, needs no hash and is as strong (AWS takes it since 2026).
func strongSignature(cert *x509.Certificate) (bool, string) {
	switch cert.SignatureAlgorithm {
	case x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		return true, "it is signed with " + cert.SignatureAlgorithm.String()
	case x509.UnknownSignatureAlgorithm:
		oid := signatureOID(cert)
		return isMLDSA(oid), "it is signed with " + oidName(oid)
	}
	return false, "it is signed with " + cert.SignatureAlgorithm.String()
}

func keyAlgorithm(cert *x509.Certificate) (bool, string) {
	switch cert.PublicKeyAlgorithm {
	case x509.RSA, x509.ECDSA:
		if cert.PublicKey == nil {
			return false, "its key cannot be read"
		}
		return true, "its key is " + cert.PublicKeyAlgorithm.String()
	case x509.UnknownPublicKeyAlgorithm:
		oid := keyOID(cert)
		return isMLDSA(oid), "its key is " + oidName(oid)
	}
	return false, "its key is " + cert.PublicKeyAlgorithm.String()
}

func bigEnough(cert *x509.Certificate) (bool, string) {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return true, "its key is not RSA"
	}
	return key.N.BitLen() >= 2048, fmt.Sprintf("its key has %d bits", key.N.BitLen())
}

func positiveSerial(cert *x509.Certificate) (bool, string) {
	n := cert.SerialNumber
	octets := n.BitLen()/8 + 1 // with the sign bit, as DER writes it
	return n.Sign() > 0 && octets <= 20, "its serial is 0x" + n.Text(16)
}

// soundSerial wants two octets because the serial names the session, and STS
// takes no session name of fewer than two characters:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func soundSerial(cert *x509.Certificate) (bool, string) {
	ok, saw := positiveSerial(cert)
	return ok && cert.SerialNumber.BitLen() > 8, saw
}

func knownExtensions(cert *x509.Certificate) (bool, string) {
	if len(cert.UnhandledCriticalExtensions) == 0 {
		return true, "every critical extension is known"
	}
	return false, fmt.Sprintf("critical extension %v is unknown", cert.UnhandledCriticalExtensions[0])
}
