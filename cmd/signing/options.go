package signing

import (
	"fmt"
	"runtime"
	"time"

	"anywhere/signer/session"
)

// options are the flags of everything that asks for sessions: ours, and those of
// AWS's helper with its names and defaults.
type options struct {
	setup, home   string
	cache         bool
	noCache       bool
	endpoint      string
	region        string
	allowHTTP     bool
	noVerify      bool
	withProxy     bool
	debug         bool
	noCorrection  bool
	timeout       int // seconds; 0 means not given
	chainAsGiven  bool
	noTPMPassword bool
	reusePIN      bool
	module        string // of PKCS #11

	certificate, privateKey, intermediates string
	anchorARN, profileARN, roleARN         string
	duration                               int // seconds; 0 means not given
	sessionName                            string
	passphrase                             passphraseFrom

	refused    string // takes the value of a flag that is not here
	refusedToo bool
}

// flags declares them.
func (o *options) flags() []flag {
	all := make([]flag, 0, 36) // once: each size of a slice that grows costs the start some pages
	return o.keyFlags(append(all, []flag{
		{name: "setup", says: "sign for the set-up of this name", text: &o.setup},
		{name: "home", says: "where set-ups lie; default ANYWHERE_HOME, then ~/.anywhere", text: &o.home},
		{name: "cache", says: "keep the session even if the key has a password", yes: &o.cache},
		{name: "no-cache", says: "ask AWS for a new session and keep nothing; so does ANYWHERE_NO_CACHE=1", yes: &o.noCache, excludes: "cache"},
		{name: "endpoint", says: "base URL of Roles Anywhere; default AWS's own of the Region", text: &o.endpoint},
		{name: "allow-http", says: "allow plain http to another machine", yes: &o.allowHTTP},
		{name: "region", says: "Region of endpoint and signature; default the trust anchor's", text: &o.region},
		{name: "intermediates", says: "file of intermediate certificates", text: &o.intermediates},
		{name: "send-chain-as-given", says: "send the intermediates in the order given, all of them", yes: &o.chainAsGiven},
		{name: "trust-anchor-arn", says: "trust anchor to authenticate with", text: &o.anchorARN},
		{name: "profile-arn", says: "Roles Anywhere profile to use", text: &o.profileARN},
		{name: "role-arn", says: "role to assume", text: &o.roleARN},
		{name: "session-duration", says: "seconds, 900 to 43200; default 3600", number: &o.duration, least: 900, most: 43200},
		{name: "role-session-name", says: "session name; default the certificate's serial", text: &o.sessionName},
		{name: "no-clock-correction", says: "do not sign with AWS's time where this clock is wrong", yes: &o.noCorrection},
		{name: "no-verify-ssl", says: "do not verify the server's certificate; for tests only", yes: &o.noVerify},
		{name: "with-proxy", says: "accepted for AWS's helper: the proxy variables are always used", yes: &o.withProxy},
	}...))
}

// keyFlags appends those that say where certificate and key are.
func (o *options) keyFlags(all []flag) []flag {
	const stores = "give files with --certificate and --private-key; the stores of Windows and macOS are not read"
	return append(all, []flag{
		{name: "certificate", says: "file of the certificate, its chain after it if any; PEM, DER, PKCS #7 or PKCS #12; or a pkcs11: URI", text: &o.certificate},
		{name: "private-key", says: "file of the private key, a pkcs11: URI, or handle:0x81000001 of a TPM; default as the certificate", text: &o.privateKey},
		{name: "pkcs8-password", says: "password of the key; every user can see it in the process list", text: &o.passphrase.argument,
			excludes: "tpm-key-password key-passphrase-file key-passphrase-env key-passphrase-fd"},
		{name: "key-passphrase-file", says: "file with the password of the key", text: &o.passphrase.file, excludes: "key-passphrase-env key-passphrase-fd tpm-key-password"},
		{name: "key-passphrase-env", says: "environment variable with the password of the key", text: &o.passphrase.env, excludes: "key-passphrase-fd tpm-key-password"},
		{name: "key-passphrase-fd", says: "open file descriptor to read the password of the key from", text: &o.passphrase.fd, excludes: "tpm-key-password"},
		{name: "timeout", says: "seconds for everything together; default 20", number: &o.timeout, least: 1},
		{name: "debug", says: "say on stderr what is asked and answered, without secrets", yes: &o.debug},
		{name: "cert-selector", says: "choosing from a system's certificate store", instead: stores, text: &o.refused,
			excludes: "certificate private-key intermediates reuse-pin tpm-key-password no-tpm-key-password"},
		{name: "system-store-name", says: "choosing from a system's certificate store", instead: stores, text: &o.refused,
			excludes: "certificate private-key reuse-pin"},
		{name: "use-latest-expiring-certificate", says: "choosing from a system's certificate store", instead: stores, yes: &o.refusedToo,
			excludes: "private-key intermediates reuse-pin"},
		{name: "pkcs11-lib", says: "PKCS #11 module to load; default p11-kit's, or module-path in the URI", text: &o.module},
		{name: "reuse-pin", says: "give the token's PIN again where its key wants one for each signature", yes: &o.reusePIN},
		{name: "tpm-key-password", says: "password of a key in a TPM; every user can see it in the process list", text: &o.passphrase.tpmArgument,
			excludes: "reuse-pin no-tpm-key-password"},
		{name: "no-tpm-key-password", says: "the key under a TPM's handle has no password", yes: &o.noTPMPassword},
	}...)
}

// deadline is for everything together.
func (o options) deadline() time.Duration {
	if o.timeout > 0 {
		return time.Duration(o.timeout) * time.Second
	}
	return 20 * time.Second
}

// client asks AWS by the given wire.
func (o options) client(w World, wire session.Wire) session.Client {
	return session.Client{
		Wire:      wire,
		Now:       w.Now,
		UserAgent: fmt.Sprintf("anywhere/%s (%s; %s; %s)", w.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH),
		AllowHTTP: o.allowHTTP,
		Jitter:    jitter(w.Random),
		Deadline:  o.deadline(),
		Sleep:     w.Sleep,
	}
}
