package doctor

import "slices"

// taking is what a flag of a signer wants behind it.
type taking string

const (
	unknownFlag taking = ""
	aValue      taking = "value"
	aSwitch     taking = "switch"
	aSecret     taking = "secret" // a value that nobody is to see
)

// flagsThatTake lists the flags of AWS's helper and of our own signing commands. A
// test of the command line compares it with ours.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/credential-helper.html
func flagsThatTake(what taking) []string {
	switch what {
	case aValue:
		return []string{
			"certificate", "private-key", "intermediates", "trust-anchor-arn", "profile-arn", "role-arn", "region", "endpoint",
			"session-duration", "role-session-name", "cert-selector", "system-store-name", "pkcs11-lib", "setup", "home", "timeout",
			"key-passphrase-file", "key-passphrase-env", "key-passphrase-fd", "profile", "port", "hop-limit", "listen", "token-file",
			"print-unit", "format", "digest",
		}
	case aSwitch:
		return []string{
			"no-verify-ssl", "with-proxy", "debug", "use-latest-expiring-certificate", "reuse-pin", "no-tpm-key-password", "cache",
			"no-cache", "allow-http", "send-chain-as-given", "no-clock-correction", "insecure-listen", "no-imds", "once",
			"overwrite-static-keys", "json",
		}
	case aSecret:
		return []string{"pkcs8-password", "tpm-key-password"}
	}
	return nil
}

// takes says what a flag wants behind it.
func takes(flag string) taking {
	for _, what := range []taking{aValue, aSwitch, aSecret} {
		if slices.Contains(flagsThatTake(what), flag) {
			return what
		}
	}
	return unknownFlag
}
