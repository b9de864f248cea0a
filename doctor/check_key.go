package doctor

import (
	"crypto/x509"
	"fmt"
	"strings"
)

const (
	signProcess = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html"
	helperGuide = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/credential-helper.html"
	trustModel  = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"
	sessionsAPI = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html"
	helperIssue = "https://github.com/aws/rolesanywhere-credential-helper/issues/"
)

// keyChecks look at the private key without ever showing it.
func keyChecks() []Check {
	return []Check{
		{
			Code: "RA100", Group: GroupKey, Title: "What was asked about can be read", Judge: subjectRead,
			Fault:  "What was asked about cannot be read",
			Why:    "The set-up's session.json says where key, certificate and ARNs are. It counts only if nobody else could have written it.",
			Fix:    "Finish the set-up with anywhere setup, or give the file back to the user who made it.",
			Source: helperGuide,
		},
		{
			Code: "RA101", Group: GroupKey, Title: "Key file is there and can be read", Needs: []Code{"RA100"}, Judge: keyThere,
			Fault:  "The key file is missing or cannot be read",
			Why:    "Without the private key nothing can be signed. AWS's helper says \"unable to parse private key\" for a file that is missing or not readable too.",
			Fix:    "Correct the path, or let the user that runs the program read the file: chgrp GROUP KEY, chmod 440 KEY.",
			Source: "https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-troubleshooting.html",
		},
		{
			Code: "RA102", Group: GroupKey, Title: "Key file is private", Needs: []Code{"RA101"}, Judge: keyPrivate,
			Fault:  "Other users can read the key file",
			Why:    "Whoever can read the key can be this machine; whoever can write it can make it another one.",
			Fix:    "Take the rights of others away: chmod 600 KEY.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/security-best-practices.html",
		},
		{
			Code: "RA105", Group: GroupKey, Title: "Key can be opened", Needs: []Code{"RA101"}, Judge: keyOpens,
			Fault:  "The key cannot be opened",
			Why:    "A key file may be locked by a passphrase. Keys exported from AWS Certificate Manager always are. AWS's helper says \"unable to parse private key\" or \"incorrect PKCS#8 private key password\".",
			Fix:    "Give the passphrase (--key-passphrase-file FILE; AWS's helper: --pkcs8-password), or write an unlocked copy: openssl pkey -in KEY -out NEW.",
			Source: helperIssue + "68",
		},
		{
			Code: "RA106", Group: GroupKey, Title: "Key is in a form that is understood", Needs: []Code{"RA101", "RA105"}, Judge: keyForm,
			Fault:  "The key is in a form that cannot be used",
			Why:    "RSA and EC keys can sign for Roles Anywhere. Other algorithms, and encryptions that the client does not know, cannot be used; AWS's helper calls an unknown encryption a wrong password.",
			Fix:    "Convert the key: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW, or make an RSA or EC key.",
			Source: signProcess,
		},
		{
			Code: "RA107", Group: GroupKey, Title: "Hardware key can be reached", Needs: []Code{"RA101"}, Judge: keyHardware,
			Fault:  "The hardware key cannot be reached",
			Why:    "A key in a token or TPM needs its module, its PIN and the device.",
			Fix:    "Plug the token in and name it whole: pkcs11:token=NAME;object=KEY, with the PIN in a file. One matching slot without a PIN and several matching slots are refused.",
			Source: helperGuide,
		},
		{
			Code: "RA108", Group: GroupKey, Title: "PIN opens the hardware key", Needs: []Code{"RA107"}, Judge: pinOpens,
			Fault:  "The PIN does not open the hardware key",
			Why:    "Tokens and TPMs lock themselves after a few wrong PINs, and only an administrator's PIN opens them again. So a wrong PIN is tried once, and none at all if it were the last.",
			Fix:    "Give the PIN in a file that only this user reads: pin-source=FILE in the URI, or --key-passphrase-file FILE. A locked token: pkcs11-tool --init-pin with the security officer's PIN; a TPM: tpm2_dictionarylockout --clear-lockout.",
			Source: "https://www.rfc-editor.org/rfc/rfc7512#section-2.4",
		},
		{
			Code: "RA104", Group: GroupKey, Title: "Key belongs to the certificate", Needs: []Code{"RA101", "RA105", "RA106", "RA128"}, Refuses: true, Judge: keyBelongs,
			Fault:  "The key is not the certificate's",
			Why:    "AWS verifies the signature with the certificate. A key of another certificate gives \"Invalid signature\" and no reason.",
			Fix:    "Use the key that the certificate was issued for, or issue a certificate for this key. Compare openssl pkey -in KEY -pubout with openssl x509 -in CERTIFICATE -noout -pubkey.",
			Source: signProcess,
		},
	}
}

// subjectRead fails for a set-up that is unfinished or not ours alone.
func subjectRead(p *Patient) Finding {
	if p.Subject == nil {
		return pass("it can be read")
	}
	found := fail(p.Subject.Says).with("", p.Subject.Fix)
	if p.Subject.Kind == Unsupported {
		found.follows = "RA520"
	}
	return found
}

// keyIs sorts the key's trouble under the check that is about it.
func (p *Patient) keyIs(kinds ...string) bool {
	t := p.Key.Trouble
	if t == nil {
		return false
	}
	for _, kind := range kinds {
		if t.Kind == kind {
			return true
		}
	}
	return false
}

func (p *Patient) noKey() bool { return p.Key.Ref == "" && p.Key.Trouble == nil }

func (p *Patient) keySeen() []Seen {
	seen := []Seen{{"key", p.Key.Ref}}
	for _, more := range []Seen{{"kind", p.Key.Kind}, {"in", p.Key.Hardware}, {"module", p.Key.Module}, {"token", p.Key.Token}} {
		if more.Value != "" {
			seen = append(seen, more)
		}
	}
	return seen
}

func keyThere(p *Patient) Finding {
	switch {
	case p.noKey():
		return skip("no key is named")
	case p.keyIs(Missing):
		return p.ofLine(fail("there is no key file", p.keySeen()...))
	case p.keyIs(Denied):
		return fail("this user may not read the key file", append(p.keySeen(), Seen{"mode", mode(p.Key.File)})...)
	case p.keyIs(NotAsked):
		return unknown("the key was not looked at: " + p.Key.Trouble.Says)
	}
	return pass("it is there", p.keySeen()...)
}

func mode(f FileSeen) string { return fmt.Sprintf("%04o", f.Mode) }

// keyPrivate lets a link pass, and a group that may read: Kubernetes and systemd
// hand keys over so. Our own keys are stricter: they are not used at all.
func keyPrivate(p *Patient) Finding {
	f := p.Key.File
	chmod := func() Finding {
		found := fail(fmt.Sprintf("mode %s lets other users have it", mode(f)), append(p.keySeen(), Seen{"mode", mode(f)})...)
		found = found.with("", "chmod 600 "+quoted(f.Path))
		if p.Kind == KindSetup {
			found.Fix.Automatic = true
			found.Fix.Edit = &Edit{Chmod: &Chmod{f.Path, 0o600}}
		}
		return found
	}
	switch {
	case p.noKey() || f.Path == "":
		return skip("the key lies in no file")
	case p.keyIs(NotAKey) && p.Kind != KindSetup:
		return skip("the file holds no key")
	case p.keyIs(Untrusted):
		found := fail(p.Key.Trouble.Says, p.keySeen()...).with("", p.Key.Trouble.Fix)
		if p.Kind == KindSetup && f.Mode&0o077 != 0 && !f.Foreign {
			return chmod()
		}
		return found
	case f.Trouble != nil || f.Mode == 0:
		return skip("its mode is not known")
	case p.Kind == KindSetup && f.Mode&0o077 != 0:
		return chmod()
	case f.Mode&0o007 != 0:
		return warn(fmt.Sprintf("mode %s lets every user of this machine have it", mode(f)), p.keySeen()...).with("", "chmod 600 "+quoted(f.Path))
	}
	return pass("nobody else can read it", Seen{"mode", mode(f)})
}

func keyOpens(p *Patient) Finding {
	switch {
	case p.noKey():
		return skip("no key is named")
	case p.keyIs(Locked) && p.Client == ClientHelper && p.Key.Ref == p.Certificate.File.Path:
		return fail("AWS's helper opens a PKCS #12 file with an empty password only, and this one has another", p.keySeen()...).
			with("Take certificate and key out of it: openssl pkcs12 -in FILE -clcerts -nokeys -out CERTIFICATE; openssl pkcs12 -in FILE -nocerts -nodes -out KEY. anywhere-signer opens it with --key-passphrase-file.", "")
	case p.keyIs(Locked) && p.passphraseInLine():
		return unknown("the key is encrypted; the passphrase that the credential_process names was not tried", p.keySeen()...).
			with("Name it alone, then its passphrase is tried once: anywhere doctor --aws-profile NAME, with --key-passphrase-file FILE if need be.", "")
	case p.Key.File.Form == FormLegacy && p.Client == ClientHelper:
		return fail("the key is encrypted in the form before PKCS #8, which AWS's helper does not read, with any passphrase", p.keySeen()...).
			with("Convert it, and name the new file with --pkcs8-password.", "openssl pkcs8 -topk8 -v2 aes-256-cbc -in "+quoted(p.Key.File.Path)+" -out "+quoted(p.Key.File.Path+".p8"))
	case p.keyIs(Locked):
		return fail("the key is encrypted and no passphrase was given", p.keySeen()...)
	case p.keyIs(WrongPassphrase):
		return fail("the passphrase does not open the key", p.keySeen()...)
	case p.Key.Trouble != nil:
		return skip("it was not opened")
	}
	return pass("it opens")
}

// passphraseInLine says that the line of the AWS config profile gives a passphrase,
// which is not tried on everything that is found.
func (p *Patient) passphraseInLine() bool {
	for _, flag := range []string{"pkcs8-password", "key-passphrase-file", "key-passphrase-env", "key-passphrase-fd"} {
		if p.Config.Helper.Flags[flag] != "" {
			return true
		}
	}
	return false
}

func keyForm(p *Patient) Finding {
	switch {
	case p.noKey():
		return skip("no key is named")
	case p.swapped():
		return fail("certificate and key are swapped: the key's file holds a certificate", Seen{"key", p.Key.Ref}, Seen{"certificate", p.Certificate.File.Path}).
			with("Name each in its own place: --certificate "+quoted(p.Key.Ref)+" --private-key "+quoted(p.Certificate.File.Path), "")
	case p.keyIs(NotAKey) && p.Key.Ref == p.Certificate.File.Path && p.Kind != KindSetup:
		return fail("no private key is named, and the certificate's file holds none", p.keySeen()...).with("Name the key: --private-key FILE.", "")
	case p.Client == ClientHelper && p.Key.File.Form == FormDER && p.Key.Trouble == nil:
		path := p.Key.File.Path
		return fail("the file is DER, and AWS's helper reads PEM alone", p.keySeen()...).
			with("Convert it, and name the new file.", "openssl pkey -inform DER -in "+quoted(path)+" -out "+quoted(path+".pem"))
	case p.keyIs(NotAKey) && p.Key.File.Holds == "nothing":
		return fail("the file holds nothing, not a private key", p.keySeen()...).with("Write the key into it again, or correct the path; a key that is lost wants a new certificate.", "")
	case p.keyIs(NotAKey) && p.Key.File.Holds != "":
		return fail("the file holds "+p.Key.File.Holds+", not a private key", p.keySeen()...)
	case p.keyIs(Unsupported, NotAKey, Unreadable, Failed):
		return fail(p.Key.Trouble.Says, p.keySeen()...).with("", p.Key.Trouble.Fix)
	case p.Key.Trouble != nil:
		return skip("it was not opened")
	}
	return pass("it is understood", p.keySeen()...)
}

func keyHardware(p *Patient) Finding {
	if p.keyIs(Hardware) {
		return unknown(p.Key.Trouble.Says, p.keySeen()...).with(p.Key.Trouble.Fix, "")
	}
	switch {
	case p.keyIs(Token):
		return fail(p.Key.Trouble.Says, p.keySeen()...).with(p.Key.Trouble.Fix, "")
	case p.Key.Hardware == "":
		return skip("the key is not in hardware")
	case p.Key.Trouble != nil:
		return skip("it was not opened")
	}
	return pass("it can", p.keySeen()...)
}

// pinOpens never makes a second try: tokens lock themselves.
func pinOpens(p *Patient) Finding {
	switch {
	case p.Key.Hardware == "" && !p.keyIs(PIN):
		return skip("the key is not in hardware")
	case p.keyIs(PIN) && p.passphraseInLine():
		return unknown(p.Key.Trouble.Says, p.keySeen()...)
	case p.keyIs(PIN):
		return fail(p.Key.Trouble.Says, p.keySeen()...).with(p.Key.Trouble.Fix, "")
	case p.Key.Trouble != nil:
		return skip("it was not opened")
	}
	return pass("it does")
}

func keyBelongs(p *Patient) Finding {
	if p.leaf == nil || len(p.Key.Public) == 0 {
		return skip("key or certificate is not known")
	}
	pub, err := x509.ParsePKIXPublicKey(p.Key.Public)
	if err != nil {
		return unknown("the public key cannot be read")
	}
	if equalKeys(p.leaf, pub) {
		return pass("it does", p.keySeen()...)
	}
	seen := append(p.keySeen(), Seen{"certificate", p.leaf.Subject.String()})
	for _, other := range p.all {
		if equalKeys(other, pub) && !other.Equal(p.leaf) {
			seen = append(seen, Seen{"the key's certificate", other.Subject.String()})
			return fail("the key belongs to another certificate of the file", seen...)
		}
	}
	return fail("the key is not the certificate's", seen...)
}

func equalKeys(cert *x509.Certificate, pub any) bool {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return false
	}
	return string(der) == string(cert.RawSubjectPublicKeyInfo)
}

// quoted is a word for a shell, without newlines.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-:=@+,%"
	if word != "" && strings.Trim(word, plain) == "" && !strings.ContainsFunc(word, func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(word, "\n", " "), "'", `'\''`) + "'"
}
