package rules

// caRules is what is asked of a trust anchor's certificate.
var caRules = []Rule{
	{"RA151", CA, "CA certificate is X.509 version 3", trustModel, Must, versionThree},
	{"RA152", CA, "basic constraints say CA:TRUE", trustModel, Must, isCA},
	{"RA153", CA, "key usage has keyCertSign", trustModel, Must, mayIssue},
	{"RA154", CA, "CA's signature uses SHA-256 or stronger", trustModel, Must, strongSignature},
	{"RA156", CA, "CA's key is RSA, EC or ML-DSA", trustModel, Must, keyAlgorithm},
	{"RA157", CA, "CA's subject is not empty", rfc5280 + "#section-4.1.2.6", Must, hasSubject},
	{"RA158", CA, "key usage has cRLSign, so that certificates can be revoked", importCRL, Should, mayRevoke},
	{"RA159", CA, "CA's names can become session tags", sessionTag, Should, taggable},
	{"RA162", CA, "CA's serial is positive and has 20 octets or less", rfc5280 + "#section-4.1.2.2", Should, positiveSerial},
	{"RA163", CA, "no critical extension of the CA is unknown", rfc5280 + "#section-4.2", Must, knownExtensions},
	{"RA164", CA, "CA's RSA key has 2048 bits or more", keySizes, Should, bigEnough},
	{"RA165", CA, "basic constraints of the CA are critical", rfc5280 + "#section-4.2.1.9", Should, criticalConstraints},
}
