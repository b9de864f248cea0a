// Package keyref tells the kinds of key references apart, and no more: package
// keystore opens keys.
package keyref

import "strings"

// Device says what hardware a reference leads to; empty if it is a file.
func Device(ref string) string {
	switch scheme, _, _ := strings.Cut(ref, ":"); strings.ToLower(scheme) {
	case "pkcs11":
		return "PKCS #11"
	case "handle":
		return "TPM 2.0"
	}
	return ""
}
