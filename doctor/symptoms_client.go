package doctor

// clientSymptoms are what signing programs and SDKs print.
func clientSymptoms() []symptom {
	return []symptom{
		{says: []string{"multiple matching identities", "no matching identities", "no matching certs found in cert store"}, codes: []Code{"RA501", "RA712", "RA510"},
			means: "the helper saw no --certificate and searched the system's store: usually a line continued by a backslash, or a stray word"},
		{says: []string{"unable to use cert store signer on linux"}, codes: []Code{"RA501", "RA510", "RA109"}, means: "the helper saw neither --certificate nor --private-key: a broken line, or variables that are empty"},
		{says: []string{"wrapped into * commands", "heredoc mangling", "line continuation", "backslash continuation", "the credential_process line"}, codes: []Code{"RA501"}, means: "credential_process must be one line"},
		{says: []string{"expected newline", "unable to parse config file", "source contains parsing errors", "while reading from", "invalid config file"}, codes: []Code{"RA505", "RA501"}, means: "the AWS config file cannot be read as such"},
		{says: []string{"already exists * duplicateoptionerror", "duplicatesectionerror", "section * already exists"}, codes: []Code{"RA505"}, means: "a section or key stands twice in the file"},
		{says: []string{"is not recognized as an internal or external command", "cannot use credential_process on windows when it has a quoted path", "quoted path containing space", "quoted path", "throws an enoent", "system.cmd("}, codes: []Code{"RA512"},
			means: "the program's path was cut at a blank: SDKs split the line in different ways"},
		{says: []string{"config profile * could not be found", "failed to get shared config profile", "could not find profile", "profile [*] not found", "profile file contained no", "no profile named"}, codes: []Code{"RA504"},
			means: "the SDK does not find the AWS config profile in the files that it reads"},
		{says: []string{"will not overwrite", "error telling you to pick a name", "existing [default]", "already has a default profile"}, codes: []Code{"RA722"}, means: "an existing section is not overwritten"},
		{says: []string{"environment variables ignores aws_profile", "ignores aws_profile", "found credentials in environment variables", "credentials in environment variables"}, codes: []Code{"RA502"},
			means: "keys in the environment win over AWS_PROFILE"},
		{says: []string{"aws_bearer_token_bedrock", "empty environment variable", "an empty aws_"}, codes: []Code{"RA509"}, means: "an empty variable counts as an answer"},
		{says: []string{"failed to resolve credentials_process command", "awscrt::authcredentialsprovider", "mountpoint"}, codes: []Code{"RA507", "RA702"}, means: "the common runtime does not start a credential_process behind source_profile"},
		{says: []string{"cloudwatch agent", "cloudwatch-agent", "hard-coded access keys", "onprem mode", "does not support credential_process", "cognitect", "aws_ec2_metadata_service_endpoint"}, codes: []Code{"RA702"}, means: "this program knows no credential_process, or no other metadata endpoint"},
		{says: []string{"exec: \"sh\": executable file not found", "exec: sh: executable file not found", "\"sh\": executable file not found"}, codes: []Code{"RA704"}, means: "the Go SDK gives credential_process to a shell, and there is none"},
		{says: []string{"aws_signing_helper: not found", "signing_helper: not found", "glibc_", "version `glibc", "ld-linux", "exec format error", "bad cpu type in executable", "cannot execute binary file", "wrong elf class"}, codes: []Code{"RA511", "RA503"},
			means: "the file is there, but its loader, its C library or its CPU is not"},
		{says: []string{"aws_signing_helper: command not found", "aws_signing_helper: no such file", "executable file not found in", "separate binary you must install", "not bundled with aws cli", "no such file or directory: '*signing_helper", "cannot find the file specified"}, codes: []Code{"RA503", "RA511"},
			means: "the program is not where the line says; aws_signing_helper is a download of its own"},
		{says: []string{"can't be opened", "cannot be opened because the developer cannot be verified", "apple could not verify", "com.apple.quarantine", "killed: 9", "operation not permitted"}, codes: []Code{"RA513"}, means: "macOS keeps the download in quarantine"},
		{says: []string{"avc: denied", "user_tmp_t", "fork/exec *: permission denied", "credential_process: permission denied", "permission denied: '*signing_helper"}, codes: []Code{"RA513", "RA503"}, means: "the system does not let the program start: SELinux, noexec, or no execute bit"},
		{says: []string{"keychain password", "partition list", "want the credential helper to use", "isn't trusted by macos"}, codes: []Code{"RA712"}, means: "macOS asks before it lets an unsigned program use a key of the keychain"},
		{says: []string{"local user certificate store", "localmachine", "local_machine", "current_user", "failed to open system cert store", "0xc0000005", "access violation", "cert selector contained invalid key", "unable to parse cert selector"}, codes: []Code{"RA712"},
			means: "the certificate lies in a store of the system that the helper does not read, or not well"},
		{says: []string{"no user pin provided", "multiple matching slots", "multiple matching certificates", "no matching slots", "no matching certificates", "multiple matching private keys", "ckr_pin", "cku_context_specific", "ckr_", "c_signinit", "c_login", "pkcs11 error", "pkcs#11"}, codes: []Code{"RA107", "RA711"},
			means: "the token, its PIN or the URI that names the key is not right"},
		{says: []string{"tpm2_", "tpm_rc", "/dev/tpm"}, codes: []Code{"RA107", "RA711"}, means: "the TPM does not give the key"},
		{says: []string{"unable to parse private key", "could not parse private key", "could not parse pkcs#8 private key", "failed to parse private key", "key values mismatch"}, codes: []Code{"RA105", "RA101", "RA106"},
			means: "the helper says this of a locked key, of a file that is missing or not readable, and of a form that it does not know; the doctor tells them apart"},
		{says: []string{"incorrect pkcs#8 private key password", "unable to read your pkcs#8 private key password", "bad decrypt", "must have no password", "maybe wrong password", "mac verify error", "bad password read", "enter pass phrase", "encrypted private key"}, codes: []Code{"RA105", "RA106"},
			means: "the key is locked: the passphrase is missing or wrong, or the encryption is one that the helper does not know"},
		{says: []string{"unsupported algorithm", "unsupported key type", "unknown digest algorithm", "unsupported encryption"}, codes: []Code{"RA106", "RA103"}, means: "the key's algorithm or encryption is not supported"},
		{says: []string{"no such file or directory could not parse pem data", "could not parse pem data", "no certificate found", "unable to find certificate", "unable to load certificate", "could not read certificate", "undefined certificate value"}, codes: []Code{"RA109", "RA101"},
			means: "the certificate file is missing, not readable, empty or not PEM"},
		{says: []string{"open *.key: permission denied", "open *.pem: permission denied", "permission denied: '*.pem'", "permission denied: '*.key'"}, codes: []Code{"RA101", "RA109"}, means: "this user may not read the file"},
		{says: []string{"open *.key: no such file or directory", "no such file or directory: '*.key'"}, codes: []Code{"RA101"}, means: "there is no key file of that name"},
		{says: []string{"open *.pem: no such file or directory", "open *.crt: no such file or directory", "no such file or directory: '*.pem'", "no such file or directory: '*.crt'"}, codes: []Code{"RA109", "RA101"}, means: "there is no file of that name"},
		{says: []string{"invalid certificate chain", "incorrectly present certificate chains", "present certificate chain"}, codes: []Code{"RA125", "RA121", "RA126"}, means: "the client does not send the chain as AWS wants it"},
		{says: []string{"very long \"x-amz-x509-chain\"", "x-amz-x509-chain", "header fields too large", "request header too large", "431 "}, codes: []Code{"RA127", "RA126"}, means: "more certificates are sent than lead to the trust anchor"},
		{says: []string{"overflowerror: date value out of range", "0001-01-01t00:00:00z"}, codes: []Code{"RA706"}, means: "serve answered with empty credentials, since it got no session"},
		{says: []string{"nonetype' object is not subscriptable", "keyerror: 'credentialset'"}, codes: []Code{"RA707", "RA204"}, means: "a library dropped AWS's answer; the reason stands in it"},
		{says: []string{"could not load credentials from any providers", "unable to load aws credentials from any provider", "unable to load credentials from any of the providers", "unable to locate credentials", "no valid credential sources found", "nocredentialproviders", "no credentials were found", "no providers in chain provided", "failed to refresh cached credentials, no ec2 imds role found", "credentialsnotloaded", "unable to get iam security credentials"}, codes: []Code{"RA707", "RA504", "RA502"}, wrapper: true,
			means: "the SDK got no credentials and hides why: AWS_PROFILE may not be set, or the program's own message is swallowed"},
		{says: []string{"error when retrieving credentials from custom-process", "process provider error", "error in credential_process", "failed to refresh cached credentials", "credential_process: exit status", "could not get token", "processcredentialsprovider", "command returned non-zero exit value", "the credential process"}, codes: []Code{"RA707"}, wrapper: true,
			means: "the SDK wraps what the program said; the reason stands behind it"},
		{says: []string{"credentials provider timed out after", "providertimedout", "credential provider timed out"}, codes: []Code{"RA708"}, means: "the SDK waits some seconds for a credential_process, and it took longer"},
		{says: []string{"connection refused on 9911", "probe * connection refused", "127.0.0.1:9911", "failed to create listener", "address already in use", "startup probe", "liveness probe failed"}, codes: []Code{"RA705"}, means: "serve listens on 127.0.0.1 only, or its port is taken"},
		{says: []string{"even though a new valid certificate is on disk", "once the old certificate has expired", "bootstrap certificate", "deadlocks against", "reload_before"}, codes: []Code{"RA709"}, means: "a running program uses the certificate that it read when it started, or needs a session to get its first certificate"},
		{says: []string{"key does not match", "does not match the private key", "x509: provided privatekey doesn't match", "tls: private key does not match public key"}, codes: []Code{"RA104"}, means: "the key belongs to another certificate"},
	}
}

// networkSymptoms are what the network and TLS make programs print.
func networkSymptoms() []symptom {
	return []symptom{
		{says: []string{"lookup rolesanywhere", "no such host", "could not resolve host", "name or service not known", "getaddrinfo", "temporary failure in name resolution", "could not connect to the endpoint url", "enotfound", "unknownhostexception", "nodename nor servname", "dns error", "failed to lookup address"}, codes: []Code{"RA406", "RA402"},
			means: "the host name does not resolve: a wrong Region, no DNS on the way out, or an interface endpoint without private DNS"},
		{says: []string{"unable to get local issuer certificate"}, codes: []Code{"RA202", "RA121", "RA407"},
			means: "the issuer is not among the CAs: the CA was made again, an intermediate is missing, or, on the connection to AWS, a proxy opens TLS"},
		{says: []string{"self signed certificate in certificate chain", "self-signed certificate in certificate chain", "certificate signed by unknown authority", "osstatus -26276", "certificate_verify_failed", "unable to find valid certification path", "pkix path building failed", "certificate verify failed", "tls: failed to verify certificate", "invalid peer certificate: unknownissuer", "self signed certificate"}, codes: []Code{"RA407", "RA202"},
			means: "TLS shows a certificate of a CA that this machine does not trust: a proxy opens the connection"},
		{says: []string{"proxyconnect tcp", "proxy authentication required", "support for proxies", "corporate networks", "407 ", "https_proxy", "with-proxy", "no_proxy"}, codes: []Code{"RA710", "RA402"}, means: "a proxy stands between this machine and AWS"},
		{says: []string{"i/o timeout", "connect timeout", "connection timed out", "context deadline exceeded", "read timeout", "etimedout", "connection refused", "no route to host", "network is unreachable", "connection reset by peer", "econnrefused", "econnreset"}, codes: []Code{"RA402", "RA710"}, means: "no answer comes from the endpoint: firewall, proxy, or no way out"},
		{says: []string{"invalid character '<' looking for beginning of value", "unknownerror", "deserialization failed", "unexpected token <", "expecting value: line 1 column 1"}, codes: []Code{"RA408", "RA710"}, means: "the answer is a page of a proxy, not AWS's"},
		{says: []string{"server certificate has expired", "certificate has expired or is not yet valid", "certificate has expired", "certificate expired", "notafter"}, codes: []Code{"RA115", "RA401", "RA155"}, means: "the certificate is past its end, by this clock"},
		{says: []string{"certificate is not yet valid", "not yet valid", "notbefore"}, codes: []Code{"RA115", "RA401"}, means: "the certificate has not begun: the issuer's clock ran ahead, or this one is behind"},
		{says: []string{"x509: negative serial number", "malformed", "invalid printablestring", "x509: invalid", "asn1: structure error", "asn1: syntax error", "contains invalid characters"}, codes: []Code{"RA110"}, means: "the certificate's form is one that strict readers refuse"},
		{says: []string{"pathlen", "path length constraint exceeded", "too many intermediates for path length constraint"}, codes: []Code{"RA160"}, means: "a CA of the chain allows fewer CAs below it"},
		{says: []string{"insecure algorithm", "ca md too weak", "ee key too small", "sha1", "signature algorithm too weak"}, codes: []Code{"RA114", "RA154", "RA124"}, means: "a signature or key is too weak"},
		{says: []string{"unhandled critical extension"}, codes: []Code{"RA123", "RA163"}, means: "the certificate has a critical extension that the reader does not know"},
		{says: []string{"incompatible key usage", "unsuitable certificate purpose", "unsupported certificate purpose"}, codes: []Code{"RA118", "RA113"}, means: "the certificate may not be used for this"},
		{says: []string{"invalid ca certificate", "certificate signed by non-ca", "parent certificate cannot sign this kind of certificate"}, codes: []Code{"RA152", "RA130"}, means: "the issuer's certificate does not say that it is a CA"},
		{says: []string{"unable to verify the first certificate", "unable to get issuer certificate"}, codes: []Code{"RA121", "RA202"}, means: "the chain is not whole"},
		{says: []string{"certificate signature failure", "crypto/rsa: verification error", "ecdsa verification failure"}, codes: []Code{"RA202"}, means: "another CA of the same name signed it"},
	}
}

// topicSymptoms are questions that people ask.
func topicSymptoms() []symptom {
	return []symptom{
		{says: []string{"not the cn", "session name is the serial", "assumed-role/*/*", "why is the session name", "where is the cn"}, codes: []Code{"RA411"}, means: "the session is named after the certificate's serial in hex; the common name is in the source identity"},
		{says: []string{"role / roles anywhere profile / aws cli profile", "#1 source of confusion", "which profile", "two kinds of profile"}, codes: []Code{"RA719"}, means: "three things are called profile"},
		{says: []string{"what certificate, private key", "which certificate do i", "what certificate do i need", "what certificate"}, codes: []Code{"RA720"}, means: "the machine needs its own certificate and key, and three ARNs"},
		{says: []string{"no text will be emitted", "no parameters, no text", "prints nothing"}, codes: []Code{"RA721"}, means: "old helpers say nothing without a command"},
		{says: []string{"aws private ca costs", "$400", "private ca costs"}, codes: []Code{"RA715"}, means: "an AWS Private CA costs money from the first hour"},
		{says: []string{"no condition key for the requested subject", "can mint a certificate with any cn", "any cn"}, codes: []Code{"RA716"}, means: "who may issue chooses the name"},
		{says: []string{"order matters because of dependencies", "delete profile -> trust anchor", "tear down order"}, codes: []Code{"RA717"}, means: "a set-up is taken down in order"},
		{says: []string{"no checksum verification", "aws publishes none", "downloaded, marked executable"}, codes: []Code{"RA718"}, means: "a downloaded program should be verified"},
	}
}
