package rules

// The pages that the rules come from.
const (
	trustModel = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"
	signing    = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html"
	importCRL  = "https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_ImportCrl.html"
	sessionTag = "https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html"
	rfc5280    = "https://www.rfc-editor.org/rfc/rfc5280"
	keySizes   = "https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"
)

// leafRules is what is asked of a machine's certificate.
var leafRules = []Rule{
	{"RA103", Leaf, "key is RSA, EC or ML-DSA", signing, Must, keyAlgorithm},
	{"RA111", Leaf, "certificate is X.509 version 3", trustModel, Must, versionThree},
	{"RA112", Leaf, "certificate is not a CA", trustModel, Must, notCA},
	{"RA113", Leaf, "key usage has digitalSignature", trustModel, Must, maySign},
	{"RA114", Leaf, "signature uses SHA-256 or stronger", trustModel, Must, strongSignature},
	{"RA116", Leaf, "subject has a common name", trustModel, Should, hasCommonName},
	{"RA117", Leaf, "subject is not empty", trustModel, Must, hasSubject},
	{"RA118", Leaf, "extended key usage, if any, has clientAuth", rfc5280 + "#section-4.2.1.12", Should, clientAuth},
	{"RA119", Leaf, "names can become session tags", sessionTag, Should, taggable},
	{"RA120", Leaf, "common name has 61 characters or less", trustModel, Should, shortCommonName},
	{"RA122", Leaf, "serial is positive and has 2 to 20 octets", rfc5280 + "#section-4.1.2.2", Should, soundSerial},
	{"RA123", Leaf, "no critical extension is unknown", rfc5280 + "#section-4.2", Must, knownExtensions},
	{"RA124", Leaf, "RSA key has 2048 bits or more", keySizes, Should, bigEnough},
}
