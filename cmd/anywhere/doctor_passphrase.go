package main

import (
	"fmt"
	"strings"

	"anywhere/doctor"
	"anywhere/signer/keystore"
)

// passphrase reads the key's passphrase where a flag says; nil if none does.
func (a *app) passphrase(f doctorFlags) func() ([]byte, error) {
	switch {
	case f.passFile != "":
		return passphraseIn(f.passFile)
	case f.passEnv != "":
		return a.passphraseOf(f.passEnv)
	}
	return nil
}

// passphraseOfLine takes the passphrase from where a credential_process line says
// that it is, for what was named: one try, none where everything is looked at.
func (a *app) passphraseOfLine(config doctor.ConfigSeen, f doctorFlags) func() ([]byte, error) {
	flags := config.Helper.Flags
	switch {
	case f.unasked:
		return nil
	case flags["key-passphrase-file"] != "":
		return passphraseIn(flags["key-passphrase-file"])
	case flags["key-passphrase-env"] != "":
		return a.passphraseOf(flags["key-passphrase-env"])
	case flags["pkcs8-password"]+flags["tpm-key-password"] != "":
		password := doctor.PasswordOfLine(config)
		return func() ([]byte, error) { return []byte(password), nil }
	}
	return nil
}

func passphraseIn(file string) func() ([]byte, error) {
	return func() ([]byte, error) {
		data, err := keystore.ReadFile(file)
		line, _, _ := strings.Cut(string(data), "\n")
		return []byte(strings.TrimSuffix(line, "\r")), err
	}
}

func (a *app) passphraseOf(variable string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if a.getenv(variable) == "" {
			return nil, fmt.Errorf("read passphrase: environment variable %s is empty", variable)
		}
		return []byte(a.getenv(variable)), nil
	}
}

// hardware says how the signer would open a key in a token or a TPM: by the line of
// the AWS config profile, or by our own flags.
func (a *app) hardware(subject *doctor.Subject, f doctorFlags) {
	flags := subject.Config.Helper.Flags
	subject.Module, subject.TPM, subject.Unasked = f.line.module, a.getenv("TPM_DEVICE"), f.unasked
	subject.ReusePIN, subject.NoTPMPassword = flags["reuse-pin"] != "", flags["no-tpm-key-password"] != ""
}
