package doctor

// keySymptoms are what programs say of keys, tokens and stores.
func keySymptoms() []symptom {
	return []symptom{
		{says: []string{"failed to load provider library", "pkcs11_get_private_key returned null", "no slot with a token was found", "could not find the pkcs11 module", "engine \"pkcs11\"", "libp11", "unable to enumerate private keys", "tpm: session 1, error code", "error code 0x", "tpmv2", "tpm handle", "no certificate associated with signer", "unexpected error when prompting for", "signing initiation failed"}, codes: []Code{"RA107", "RA711"},
			means: "the token or TPM was not reached, or did not let its key be used"},
		{says: []string{"unable to find matching private key", "could not identify unique slot", "multiple matching private keys, but", "unable to find private key with cka_label", "ckr_pin_incorrect", "ckr_pin_locked", "no user pin provided"}, codes: []Code{"RA711", "RA107"},
			means: "the token is there; its PIN, or the URI that names slot and key, is not right"},
		{says: []string{"unable to find matching identity in cert store", "error getting certificate from identity", "provider requries ui to operate", "unable to get key reference", "unable to get cert ref", "cferror", "osstatus error -25", "errsecinteractionnotallowed", "keyset does not exist", "nte_bad_keyset", "failed to load identity private key", "failed to get identity certificate", "unable to find certificate chain in store", "personal certificate store"}, codes: []Code{"RA712"},
			means: "the system's store did not give the key to this user or this program"},
		{says: []string{"incorrect password or invalid key format", "block type detected is encrypted private key", "passphrase protected", "decryption password incorrect", "pkcs12: expected exactly two safe bags", "failed to read pkcs12 certificate: pkcs12: decryption", "invalid pbes2 parameters", "pbkdf2 key derivation failed", "pkcs12 password incorrect", "unable to load pkcs12 key", "empty password"}, codes: []Code{"RA105", "RA106"},
			means: "the key is locked: the passphrase is missing or wrong, or the encryption is one that the program does not know"},
		{says: []string{"unsupported key derivation function", "pkcs8 wrapping contains private key of unknown", "pkcs#8 wrapping contained private key with unknown algorithm", "unsupported encryption algorithm", "-----begin openssh private key-----", "use parseecprivatekey instead", "use parsepkcs1privatekey instead", "use parsepkcs8privatekey instead", "block type detected is", "requested block type could not be found", "failed to extract seed", "unknown public key algorithm", "unsupported hash function", "invalid key format"}, codes: []Code{"RA106", "RA105", "RA103"},
			means: "the file holds a key in a form that this program does not read: openssl pkcs8 -topk8 -nocrypt makes the one that all do"},
		{says: []string{"unknown elliptic curve", "unsupported elliptic curve", "unsupported curve", "unsupported mldsa algorithm", "x509: unsupported public key", "ed25519 keys are not supported"}, codes: []Code{"RA103", "RA106"}, means: "AWS takes RSA keys, the curves P-256, P-384 and P-521, and ML-DSA"},
		{says: []string{"failed to read private key: open *: no such file or directory", "failed to read private key: open *: permission denied", "failed to read private key: open", "failed to find any pem data in key input", "failed to find pem block with type ending in \"private key\"", "for loading private key from *: no such file or directory", "for loading private key from", "can't open * for reading, no such file or directory", "error opening private key"}, codes: []Code{"RA101", "RA105"}, means: "there is no key file of that name, or this user may not read it"},
		{says: []string{"failed to read certificate: open", "failed to read certificate bundle: open", "no certificate path or certificate bundle path provided", "no end-entity certificate found in pkcs#12", "could not parse certificate", "failed to find any pem data in certificate input", "failed to find \"certificate\" pem block", "unable to parse pem block", "for loading certificate from"}, codes: []Code{"RA109", "RA101"}, means: "there is no certificate file of that name, or it holds no certificate"},
		{says: []string{"no certificate matches private key", "ca certificate and ca private key do not match", "x509_check_private_key", "public key in certificate does not match", "modulus mismatch"}, codes: []Code{"RA104"}, means: "the key belongs to another certificate"},
	}
}

// paperSymptoms are what openssl and Go say of certificates, chains and lists.
//
// Source: https://docs.openssl.org/3.5/man3/X509_STORE_CTX_get_error/
func paperSymptoms() []symptom {
	return []symptom{
		{says: []string{"depth lookup: self-signed certificate", "depth lookup: self signed certificate"}, codes: []Code{"RA202", "RA112", "RA128"}, means: "the certificate signed itself and is not among the trusted ones: it is the CA, or a machine's that no CA issued"},
		{says: []string{"certificate signed by unknown authority (possibly because of * while trying to verify candidate authority certificate"}, codes: []Code{"RA202", "RA407"}, means: "a CA of the same name and another key signed it: the CA was made again"},
		{says: []string{"ee certificate key too weak", "x509: rsa key too small"}, codes: []Code{"RA124"}, means: "the certificate's RSA key is too short"},
		{says: []string{"ca certificate key too weak"}, codes: []Code{"RA164", "RA156"}, means: "the CA's RSA key is too short"},
		{says: []string{"ca signature digest algorithm too weak", "ee signature digest algorithm too weak", "x509: cannot verify signature: insecure algorithm"}, codes: []Code{"RA114", "RA154"}, means: "a certificate is signed with SHA-1 or MD5"},
		{says: []string{"unable to get certificate crl", "unable to get crl"}, codes: []Code{"RA211", "RA206"}, means: "there is no revocation list of that CA to look into"},
		{says: []string{"crl signature failure"}, codes: []Code{"RA216"}, means: "the list was signed by another CA"},
		{says: []string{"key usage does not include certificate signing", "ca cert does not include key usage extension"}, codes: []Code{"RA153", "RA130"}, means: "a CA of the chain may not issue certificates: its key usage lacks keyCertSign"},
		{says: []string{"basic constraints of ca cert not marked critical"}, codes: []Code{"RA152"}, means: "the CA's basic constraints are not marked critical"},
		{says: []string{"using cert extension requires at least x509v3", "requires at least x509v3"}, codes: []Code{"RA111", "RA151"}, means: "the certificate says that it is of an older version, and has extensions"},
		{says: []string{"certificate chain too long"}, codes: []Code{"RA127", "RA126"}, means: "more certificates are sent than lead to the trust anchor"},
		{says: []string{"serial number too long", "serial number too large"}, codes: []Code{"RA122", "RA110"}, means: "the serial has more than 20 octets"},
		{says: []string{"format error in certificate's not", "x509: malformed", "asn1: syntax error", "unsupported string type", "x509: cannot parse", "x509: failed to parse dnsname", "x509: failed to parse uri"}, codes: []Code{"RA110"}, means: "the certificate's form is one that strict readers refuse"},
		{says: []string{"has expired or is not yet valid: current time * is before"}, codes: []Code{"RA401", "RA115"}, means: "by this machine's clock the certificate has not begun: mostly, this clock is behind"},
		{says: []string{"tls: failed to verify certificate: x509: certificate has expired"}, codes: []Code{"RA401", "RA407"}, means: "by this machine's clock AWS's own certificate is out of date: the clock is wrong, or a proxy stands between"},
	}
}

// wireSymptoms are what TLS, proxies and name service make programs print.
func wireSymptoms() []symptom {
	return []symptom{
		{says: []string{"ssl validation failed for * unable to get local issuer certificate", "ssl validation failed for", "certificate_verify_failed", "ssl certificate problem: unable to get local issuer certificate", "ssl certificate problem: self", "unable to get local issuer certificate * code: 'unable_to_get_issuer_cert_locally'", "code: 'unable_to_get_issuer_cert_locally'", "unable_to_verify_leaf_signature", "self_signed_cert_in_chain", "sslhandshakeexception", "first record does not look like a tls handshake", "wrong version number", "x509: certificate is valid for * not", "certificate relies on legacy common name", "remote certificate is invalid", "could not create ssl/tls secure channel", "zscaler", "netskope", "requests.exceptions.sslerror", "path does not chain with any of the trust anchors", "certpathvalidatorexception", "certificate_verify_failed * unable to get local issuer certificate (_ssl.c"}, codes: []Code{"RA407", "RA710"},
			means: "on the connection to AWS another certificate is shown than AWS's: a proxy opens TLS, or answers without it. Its CA belongs into AWS_CA_BUNDLE"},
		{says: []string{"failed to connect to proxy url", "cannot connect to proxy", "connect tunnel failed", "from proxy after connect", "tunnel connection failed", "407 proxy", "statuscode: 407", "status code: 407", "error 407", "http 407"}, codes: []Code{"RA710", "RA402"}, means: "a proxy stands between this machine and AWS, and does not let it through"},
		{says: []string{"/sessions\": eof", "unexpected eof", "connection was closed before we received a valid response", "server closed idle connection", "socket hang up", "tls: handshake timeout"}, codes: []Code{"RA402", "RA710"}, means: "the connection was cut: a firewall or proxy that does not know the endpoint"},
		{says: []string{"server misbehaving", "getaddrinfo eai_again"}, codes: []Code{"RA406", "RA402"}, means: "the name server gave no answer"},
		{says: []string{"failed to decode response body with invalid json", "looking for beginning of value", "<!doctype html"}, codes: []Code{"RA408", "RA710"}, means: "the answer is not AWS's: a page of a proxy, or a login page"},
	}
}
