package signing

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
	"anywhere/pki/rules"
	"anywhere/signer/jsontext"
	"anywhere/signer/keystore"
	"anywhere/signer/keystore/hardware"
)

// readCertificateData prints what AWS's helper prints of a certificate: one line
// of JSON without its end, or, for those in a token, a list.
func readCertificateData(_ context.Context, w World, args []string) error {
	var o options
	flags := o.keyFlags(nil)
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "read-certificate-data", flags))
		return nil
	} else if err != nil {
		return err
	}
	if o.certificate == "" {
		return &usageError{"--certificate is not given", ""}
	}
	w = w.patient(o)
	if o.inToken() {
		named, err := bounded(w.patience, "open", o.certificate, func() ([]keystore.TokenCertificate, error) {
			named, _, err := o.store(w, o.certificate, new(bool)).Certificates(o.certificate)
			return named, err
		})
		if e, ok := errors.AsType[*hardware.Error](err); err != nil && !(ok && e.Reason == hardware.NoKey) {
			return err
		}
		_, err = io.WriteString(w.Stdout, listed(named))
		return err
	}
	data, err := w.patience.file(o.certificate)
	if err != nil {
		return err
	}
	var certs []*x509.Certificate
	if decode.IsPKCS12(data) {
		all, err := pkcs12.Decode(data, o.passphrase.ask(w, new(bool)))
		if err != nil {
			return fmt.Errorf("open %s: %w", o.certificate, err)
		}
		certs = append(certs, all.Certificate)
	} else if certs, err = decode.Certificates(data); err != nil {
		return fmt.Errorf("read certificate %s: %w", o.certificate, err)
	}
	if len(certs) == 0 {
		return fmt.Errorf("read %s: no certificate in it", o.certificate)
	}
	_, err = io.WriteString(w.Stdout, certificateData(certs[0]))
	return err
}

func certificateData(cert *x509.Certificate) string {
	kind, algorithms := "", []string{"SHA256", "SHA384", "SHA512"}
	switch cert.PublicKey.(type) {
	case *rsa.PublicKey:
		kind = "RSA"
	case *ecdsa.PublicKey:
		kind = "EC"
	case nil:
		if name := rules.MLDSA(cert); name != "" { // which signs with no digest but its own
			kind, algorithms = name, []string{""}
		}
	}
	text := `{"keyType":` + quoted(kind) + `,"certificateData":` + quoted(base64.StdEncoding.EncodeToString(cert.Raw)) +
		`,"serialNumber":` + quoted(cert.SerialNumber.String()) + `,"supportedAlgorithms":[`
	for i, digest := range algorithms {
		if i > 0 {
			text += ","
		}
		text += quoted(kind + digest)
	}
	return text + "]}"
}

func quoted(s string) string { return string(jsontext.AppendString(nil, s)) }
