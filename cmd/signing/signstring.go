package signing

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"anywhere/pki/decode"
	"anywhere/signer/keystore"
)

// signString signs a fixed string with a key, which shows that the key works. The
// string is the one of AWS's helper, bound to the key, so that nobody can have
// anything signed in this way.
func signString(_ context.Context, w World, args []string) error {
	var o options
	format, digest := "json", "SHA256"
	flags := o.keyFlags([]flag{
		{name: "format", says: "json, text or bin; default json", text: &format},
		{name: "digest", says: "SHA256, SHA384 or SHA512; default SHA256", text: &digest},
	})
	exclude(flags, "no-tpm-key-password", "reuse-pin") // as AWS's helper has it, for this command alone
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "sign-string", flags))
		return nil
	} else if err != nil {
		return err
	}
	if format != "json" && format != "text" && format != "bin" {
		return &usageError{fmt.Sprintf("--format %q: neither json, text nor bin", format), ""}
	}
	hash, ok := digestOf(digest)
	if !ok {
		return &usageError{fmt.Sprintf("--digest %q: neither SHA256, SHA384 nor SHA512", digest), ""}
	}
	if o.keyRef() == "" {
		return &usageError{"neither --private-key nor --certificate is given", ""}
	}
	key, err := o.anyKey(w.patient(o))
	if err != nil {
		return err
	}
	text, err := testString(key.Public())
	if err != nil {
		return err
	}
	signature, err := crypto.SignMessage(key, rand.Reader, text, hash)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	switch format {
	case "json":
		_, err = fmt.Fprintf(w.Stdout, "%q", hex.EncodeToString(signature))
	case "text":
		_, err = io.WriteString(w.Stdout, hex.EncodeToString(signature))
	default:
		_, err = w.Stdout.Write(signature)
	}
	return err
}

func digestOf(name string) (crypto.Hash, bool) {
	switch name {
	case "SHA256":
		return crypto.SHA256, true
	case "SHA384":
		return crypto.SHA384, true
	case "SHA512":
		return crypto.SHA512, true
	}
	return 0, false
}

// anyKey opens the key, also one in a PKCS #12 file.
func (o options) anyKey(w World) (key crypto.Signer, err error) {
	ref := o.keyRef()
	store := o.store(w, ref, new(bool))
	defer func() { key = w.patience.slow(key, ref) }()
	if keystore.Device(ref) != "" {
		return bounded(w.patience, "open", ref, func() (crypto.Signer, error) { return store.OpenFile(ref) })
	}
	data, err := w.patience.file(ref)
	if err != nil {
		return nil, err
	}
	if decode.IsPKCS12(data) {
		o.certificate = ref
		id, err := o.container(data, nil, store.Passphrase)
		return id.Key, err
	}
	return store.Parse(ref, data)
}

// testString is what AWS's helper signs: words, a version, and a hash of the
// public key, as a point or as RSAPublicKey.
func testString(pub crypto.PublicKey) ([]byte, error) {
	var encoded []byte
	var err error
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		encoded, err = pub.Bytes()
	case *rsa.PublicKey:
		encoded = x509.MarshalPKCS1PublicKey(pub)
	default:
		err = fmt.Errorf("%T: neither RSA nor EC", pub)
	}
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sum := sha256.Sum256(append([]byte("IAM RA"), encoded...))
	return append([]byte("AWS Roles Anywhere Credential Helper Signing Test1"), sum[:]...), nil
}
