package signing

import (
	"crypto/sha1"
	"fmt"
	"strings"

	"anywhere/pki/decode"
	"anywhere/pki/foreign"
	"anywhere/signer/keystore"
	"anywhere/signer/keystore/pkcs11uri"
	"anywhere/signer/session"
)

// inToken says whether the certificate lies in a PKCS #11 token.
func (o options) inToken() bool { return pkcs11uri.Is(o.certificate) }

// certificateData is what the cache knows the certificate by: its file's contents,
// or its URI if it lies in a token, which only a new session opens.
func (o options) certificateData(w World) ([]byte, error) {
	if o.inToken() {
		return []byte(o.certificate), nil
	}
	return w.patience.file(o.certificate)
}

// store opens the key at ref as the flags say. It sets asked when a password is
// wanted.
func (o options) store(w World, ref string, asked *bool) keystore.Store {
	from := o.passphrase
	again := from
	switch keystore.Device(ref) {
	case "PKCS #11":
		from.question = "PIN for " + pkcs11uri.WithoutPIN(ref) + ": "
		again = from
		if !from.given() { // a person knows which one is meant; of a file there is only one
			again.question = "PIN for a signature of " + pkcs11uri.WithoutPIN(ref) + ": "
		}
	case "TPM 2.0":
		from.question = "Password of the TPM's key " + ref + ": "
	}
	return keystore.Store{
		Passphrase:    from.ask(w, asked),
		SignPIN:       again.ask(w, asked),
		Keypad:        w.patience.keypad,
		Patience:      w.patience.forPipe(),
		Module:        o.module,
		ReusePIN:      o.reusePIN,
		TPM:           w.Getenv("TPM_DEVICE"), // as AWS's helper has it
		NoTPMPassword: o.noTPMPassword,
		Tried:         w.secrets.refused(),
	}
}

// tokenIdentity is an identity whose certificate lies in a token. The other
// certificates of the token, and those of the file, are what its chain is built
// of; the key is the one that --private-key names, or the certificate's own.
func (o options) tokenIdentity(w World, more []byte, locked *bool) (session.Identity, error) {
	store := o.store(w, o.certificate, locked)
	named, pool, err := store.Certificates(o.certificate)
	if err != nil {
		return session.Identity{}, err
	}
	if len(named) > 1 {
		return session.Identity{}, &usageError{"--certificate: " + severalNames(named), "give the URI of one of them"}
	}
	leaf := named[0].Certificate
	if len(more) > 0 {
		extra, err := decode.Certificates(more)
		if err != nil {
			return session.Identity{}, fmt.Errorf("read certificate %s: %w", o.intermediates, err)
		}
		if o.chainAsGiven {
			pool = nil
		}
		pool = append(pool, extra...)
	} else if o.chainAsGiven {
		pool = nil // nothing was given
	}
	if o.privateKey != "" {
		store = o.store(w, o.privateKey, locked)
	}
	store.Public = leaf.PublicKey
	key, err := store.OpenFile(o.keyRef())
	if err != nil {
		return session.Identity{}, err
	}
	*locked = *locked || keystore.InHardware(key)
	return session.Identity{Certificate: leaf, Chain: o.chain(leaf, pool), Key: key}, nil
}

func severalNames(named []keystore.TokenCertificate) string {
	var all []string
	for _, one := range named {
		all = append(all, one.URI)
	}
	return fmt.Sprintf("%d certificates match: %s", len(named), strings.Join(all, ", "))
}

// listed is what AWS's helper prints of certificates in a token.
func listed(named []keystore.TokenCertificate) string {
	if len(named) == 0 {
		return "No matching identities\n"
	}
	text := "Matching identities\n"
	for i, one := range named {
		cert := one.Certificate
		text += fmt.Sprintf("%d) Hex Fingerprint: %x\nSubject: %s\nIssuer: %s\nSerial Number: %X\nURI: %s\n\n", i+1, sha1.Sum(cert.Raw),
			foreign.Text(cert.Subject.String()), foreign.Text(cert.Issuer.String()), cert.SerialNumber, one.URI)
	}
	return text
}
