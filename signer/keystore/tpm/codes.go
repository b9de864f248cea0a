package tpm

import "fmt"

// Code is what a TPM answers when it says no (TPM_RC, Part 2, section 6.6).
type Code uint32

// The codes that are told apart. Those of format one also say which handle,
// parameter or session is meant, which [Code.plain] takes off.
const (
	codeValue     Code = 0x084
	codeHierarchy Code = 0x085
	codeHandle    Code = 0x08B
	codeAuthFail  Code = 0x08E // counted towards the lockout
	codeScheme    Code = 0x092
	codeIntegrity Code = 0x09F
	codeBadAuth   Code = 0x0A2 // not counted
	codeHash      Code = 0x083
	codeKey       Code = 0x09C

	codeInitialize Code = 0x100
	codeLockout    Code = 0x921
	codeMemory     Code = 0x902

	codeYielded Code = 0x908
	codeTesting Code = 0x90A
	codeRetry   Code = 0x922
)

// busy says that the command has not begun and may be sent again.
func (c Code) busy() bool { return c == codeYielded || c == codeTesting || c == codeRetry }

// plain takes off which handle, parameter or session a code of format one means.
func (c Code) plain() Code {
	if c&0x80 != 0 {
		return c & 0xBF
	}
	return c
}

// Error gives the name of the specification.
func (c Code) Error() string {
	name := ""
	switch c.plain() {
	case codeValue:
		name = "TPM_RC_VALUE"
	case codeHierarchy:
		name = "TPM_RC_HIERARCHY"
	case codeHandle:
		name = "TPM_RC_HANDLE"
	case codeAuthFail:
		name = "TPM_RC_AUTH_FAIL"
	case codeScheme:
		name = "TPM_RC_SCHEME"
	case codeIntegrity:
		name = "TPM_RC_INTEGRITY"
	case codeBadAuth:
		name = "TPM_RC_BAD_AUTH"
	case codeHash:
		name = "TPM_RC_HASH"
	case codeKey:
		name = "TPM_RC_KEY"
	case codeInitialize:
		name = "TPM_RC_INITIALIZE"
	case codeLockout:
		name = "TPM_RC_LOCKOUT"
	case codeMemory:
		name = "TPM_RC_OBJECT_MEMORY"
	default:
		return fmt.Sprintf("TPM error 0x%03X", uint32(c))
	}
	return fmt.Sprintf("%s (0x%03X)", name, uint32(c))
}
