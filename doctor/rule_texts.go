package doctor

// reissue is the way out of most faults of a machine's certificate.
const reissue = "Issue the certificate again with basicConstraints=CA:FALSE, keyUsage=critical,digitalSignature and extendedKeyUsage=clientAuth: openssl x509 -req -extfile leaf.cnf, or let anywhere setup issue it."

const remake = "Make the CA certificate again with basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign,cRLSign, and give it to the trust anchor: aws rolesanywhere update-trust-anchor."

// leafTexts is what is said of the rules for a machine's certificate.
func leafTexts() map[string]ruleText {
	return map[string]ruleText{
		"RA103": {fault: "The certificate's key is neither RSA, EC nor ML-DSA",
			why: "Roles Anywhere can verify signatures of RSA, EC and ML-DSA keys only; Ed25519 has no algorithm name there.",
			fix: "Make an RSA or EC key and have a certificate issued for it: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256."},
		"RA111": {fault: "The certificate is not X.509 version 3",
			why: "Version 1 and 2 certificates have no extensions, so they cannot say what Roles Anywhere asks for. openssl x509 -req without -extfile makes one, and many readers drop the extensions of a version 2 certificate in silence.",
			fix: reissue},
		"RA112": {fault: "The certificate is a CA's",
			why: "A certificate that says CA:TRUE could issue others; Roles Anywhere refuses it for a machine. A root given in the place of the machine's certificate shows the same.",
			fix: reissue, needs: []Code{"RA128"}},
		"RA113": {fault: "The certificate's key usage lacks digitalSignature",
			why: "Roles Anywhere proves who you are by a signature. A certificate without digitalSignature is refused, however valid it is otherwise: \"Untrusted certificate. Insufficient certificate\".",
			fix: reissue, needs: []Code{"RA111", "RA128"}},
		"RA114": {fault: "The certificate is signed with a weak hash",
			why: "Certificates signed with MD5 or SHA-1 can be forged; Roles Anywhere refuses them.",
			fix: "Have the CA sign with SHA-256 or stronger: openssl x509 -req -sha256.", needs: []Code{"RA103"}},
		"RA116": {fault: "The certificate has no common name",
			why: "The common name becomes the source identity and the session tag x509Subject/CN. Without one, the source identity is ID= and the serial, which changes with every renewal.",
			fix: "Issue the certificate with a common name, or write the role's condition on another name.", needs: []Code{"RA117"}, judge: nameNeeded},
		"RA117": {fault: "The certificate's subject is empty",
			why: "Roles Anywhere does not support an empty subject, even with subject alternative names. ACME clients that send no common name get such certificates. AWS says only \"Unable to assume role\".",
			fix: "Ask for the certificate with a common name in the request (CSR)."},
		"RA118": {fault: "The certificate's extended key usage lacks clientAuth",
			why: "No AWS page asks for an extended key usage, and AWS's own test certificates have none; some reports blame its absence. One that leaves clientAuth out is a riddle that nobody has published the answer to.",
			fix: "Issue the certificate with extendedKeyUsage=clientAuth: it harms nobody.", needs: []Code{"RA103", "RA111", "RA112", "RA113", "RA114", "RA115", "RA128"}, judge: purposes},
		"RA119": {fault: "A name of the certificate cannot become a session tag",
			why: "Names become session tags, and STS takes only letters, digits, blanks and _ . : / = + - @ in them. A value with parentheses, *, & or ' is dropped: \"some attributes fail to be mapped into session tags\". A condition on it then fails.",
			fix: "Issue the certificate with names of these characters, or write the role's condition on another name.", judge: taggable},
		"RA120": {fault: "The common name is too long for a source identity",
			why: "From 62 characters on, the source identity is the common name without CN= before it; more than 64 characters are no legal common name.",
			fix: "Use a common name of at most 61 characters, or write the condition without CN=.", needs: []Code{"RA117"}, judge: prefixLost},
		"RA122": {fault: "The certificate's serial is not positive or has a wrong length",
			why: "The serial names the session, and STS wants 2 characters or more. Serials of 0, negative ones and those over 20 octets break RFC 5280.",
			fix: "Issue the certificate with a random positive serial of up to 20 octets."},
		"RA123": {fault: "The certificate has a critical extension that is unknown",
			why: "A reader must refuse a certificate with a critical extension that it does not know.",
			fix: "Issue the certificate without the extension, or not marked critical."},
		"RA124": {fault: "The certificate's RSA key is too short",
			why: "RSA keys under 2048 bits are no longer safe, and many programs refuse to use them.",
			fix: "Make a key of 2048 bits or more, or an EC key."},
	}
}

// caTexts is what is said of the rules for a certificate authority.
func caTexts() map[string]ruleText {
	return map[string]ruleText{
		"RA151": {fault: "The CA certificate is not X.509 version 3",
			why: "A trust anchor's certificate must be X.509 version 3; older ones cannot say that they are a CA.", fix: remake},
		"RA152": {fault: "The CA certificate does not say CA:TRUE",
			why: "CreateTrustAnchor answers \"Incorrect basic constraints for CA certificate\" for a certificate that does not say CA:TRUE: a root made by openssl req -x509 without a config, or a machine's certificate pasted by mistake. A path length is not asked for.",
			fix: remake, needs: []Code{"RA151"}},
		"RA153": {fault: "The CA's key usage lacks keyCertSign",
			why: "A CA whose key usage leaves keyCertSign out may not issue certificates.", fix: remake, needs: []Code{"RA151"}},
		"RA154": {fault: "The CA certificate is signed with a weak hash",
			why: "Certificates signed with MD5 or SHA-1 can be forged; Roles Anywhere refuses them.", fix: remake, needs: []Code{"RA156"}},
		"RA156": {fault: "The CA's key is neither RSA, EC nor ML-DSA",
			why: "Roles Anywhere takes RSA, EC and ML-DSA keys only.", fix: remake},
		"RA157": {fault: "The CA's subject is empty",
			why: "A CA without a subject cannot be named as issuer.", fix: remake},
		"RA158": {fault: "The CA's key usage lacks cRLSign, so nothing can be revoked",
			why: "A revocation list must be signed by the CA, which needs cRLSign for it. While nobody imports one, its absence harms nobody.", fix: remake,
			needs: []Code{"RA153"}, judge: mayRevoke},
		"RA159": {fault: "A name of the CA cannot become a session tag",
			why: "The issuer's names become session tags too; values with other characters are dropped, and conditions on them fail.",
			fix: "Write the role's condition on another name, or make a CA with other names.", judge: taggable},
		"RA162": {fault: "The CA's serial is not positive or is too long",
			why: "Serials of 0, negative ones and those over 20 octets break RFC 5280.", fix: remake},
		"RA163": {fault: "The CA has a critical extension that is unknown",
			why: "A reader must refuse a certificate with a critical extension that it does not know.", fix: remake},
		"RA165": {fault: "The CA certificate's basic constraints are not critical",
			why: "RFC 5280 wants the basic constraints of a CA marked critical, and some verifiers refuse a CA without. AWS's pages do not say what Roles Anywhere does.",
			fix: remake, needs: []Code{"RA152"}},
		"RA164": {fault: "The CA's RSA key is too short",
			why: "RSA keys under 2048 bits are no longer safe.", fix: remake},
	}
}
