package doctor

import (
	"anywhere/signer/keystore"
	"anywhere/signer/keystore/hardware"
)

// store opens keys as the signer would.
func (g *gatherer) store() keystore.Store {
	s := g.subject
	store := keystore.Store{Passphrase: s.Passphrase, Module: s.Module, ReusePIN: s.ReusePIN, NoTPMPassword: s.NoTPMPassword, TPM: s.TPM, Tried: &g.tried}
	if leaf := parsed(g.e.Certificate.Leaf); leaf != nil {
		store.Public = leaf.PublicKey
	}
	return store
}

// describeKey says where the key lies; it opens nothing.
func (g *gatherer) describeKey(store keystore.Store, path string) {
	seen := &g.e.Key
	var contents []byte
	if keystore.Device(g.subject.KeyRef) == "" {
		seen.File = look(path)
		contents, _ = g.read(path)
		seen.File.Form = formOf(contents)
	}
	where := store.Describe(g.subject.KeyRef, contents)
	seen.Ref, seen.Module, seen.Token = where.Ref, where.Module, where.Token
	if where.Kind != "file" {
		seen.Hardware = where.Kind
	}
}

// handsOff keeps from hardware what must not be touched: a module is a program, and
// nothing that was merely found is run; a PIN is tried only for what was named.
func (g *gatherer) handsOff() *Trouble {
	switch {
	case g.e.Key.Hardware == "":
		return nil
	case g.subject.Unasked:
		return &Trouble{Kind: Hardware, Says: "keys in hardware are opened only for what is named"}
	case g.subject.Kind == KindAWSProfile && g.e.Key.Hardware == "PKCS #11":
		return &Trouble{Kind: Hardware, Says: "the module is named by a line that was found, and nothing that is found is run",
			Fix: "anywhere doctor --private-key URI --pkcs11-lib MODULE --certificate FILE ... names it"}
	}
	return nil
}

// tokenCertificate reads a certificate out of the token that holds the key.
func (g *gatherer) tokenCertificate() {
	s, seen := g.subject, &g.e.Certificate
	if s.Unasked || s.Kind == KindAWSProfile {
		seen.Trouble = &Trouble{Kind: NotAsked, Says: "it is in a token, which is not opened here"}
		return
	}
	named, all, err := g.store().Certificates(s.CertificateFile)
	switch {
	case is[*keystore.UnsupportedError](err):
		seen.Trouble = &Trouble{Kind: NotAsked, Says: err.Error()}
		return
	case err != nil:
		seen.Trouble = troubleOf(err)
		return
	case len(named) == 0:
		seen.Trouble = &Trouble{Kind: Missing, Says: "the token has no such certificate"}
		return
	}
	seen.Leaf = named[0].Certificate.Raw
	seen.All = [][]byte{seen.Leaf}
	for _, cert := range all {
		if !cert.Equal(named[0].Certificate) {
			seen.All = append(seen.All, cert.Raw)
		}
	}
	seen.Sent = inOrderOfIssue(seen.Leaf, seen.All[1:])
}

// hardwareKind sorts what is wrong with a key in hardware under the check that is
// about it.
func hardwareKind(e *hardware.Error) string {
	switch e.Reason {
	case hardware.PINNeeded, hardware.PINWrong, hardware.PINLocked, hardware.LastTry:
		return PIN
	case hardware.Unsuitable:
		return Unsupported
	}
	return Token
}
