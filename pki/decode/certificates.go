package decode

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
)

// Certificates reads every certificate in data, in the order they stand there,
// repeated ones included. Keys and anything else beside them are passed over.
//
// Without any, the error is [ErrNotACertificate]; with one that cannot be read,
// the error says which.
func Certificates(data []byte) ([]*x509.Certificate, error) {
	certs, err := certificates(data)
	if err == nil && len(certs) == 0 {
		err = ErrNotACertificate
	}
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	return certs, nil
}

func certificates(data []byte) ([]*x509.Certificate, error) {
	if len(data) > MaxSize {
		return nil, ErrTooLong
	}
	blocks := certificateBlocks(data)
	if len(blocks) > 0 && len(blocks) >= certificateMarkers(data) {
		return certificatesInPEM(blocks)
	}
	if isDER(data) {
		return certificatesInDER(data, false)
	}
	// Some block did not begin where a line begins, or none is there.
	text := normal(data)
	blocks = certificateBlocks(text)
	if len(blocks) < certificateMarkers(text) {
		return nil, errDamagedCertificate
	}
	if len(blocks) > 0 {
		return certificatesInPEM(blocks)
	}
	if der := bareBase64(text); der != nil {
		return certificatesInDER(der, false)
	}
	return nil, otherThanText(data)
}

// errDamagedCertificate says what encoding/pem passes over in silence.
var errDamagedCertificate = errors.New("a certificate is damaged between its BEGIN and END lines")

// certificateMarkers counts the BEGIN lines of certificates.
func certificateMarkers(data []byte) int {
	return bytes.Count(data, []byte("-----BEGIN CERTIFICATE-----")) +
		bytes.Count(data, []byte("-----BEGIN X509 CERTIFICATE-----")) +
		bytes.Count(data, []byte("-----BEGIN TRUSTED CERTIFICATE-----"))
}

// certificateBlocks finds the PEM blocks that hold certificates, by the names
// that OpenSSL, browsers and Windows give them.
func certificateBlocks(data []byte) []*pem.Block {
	var blocks []*pem.Block
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7", "CMS", "PKCS #7 SIGNED DATA":
			blocks = append(blocks, block)
		}
	}
	return blocks
}

func certificatesInPEM(blocks []*pem.Block) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for i, block := range blocks {
		found, err := certificatesInDER(block.Bytes, block.Type == "TRUSTED CERTIFICATE")
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", i+1, err)
		}
		certs = append(certs, found...)
	}
	return certs, nil
}

// certificatesInDER reads certificates that follow one another, or a PKCS #7,
// which some files carry under CERTIFICATE too. A trusted certificate is followed
// by OpenSSL's own settings, which are passed over.
func certificatesInDER(der []byte, trusted bool) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for len(bytes.TrimSpace(der)) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(der, &element)
		if err != nil {
			return nil, err
		}
		cert, err := x509.ParseCertificate(element.FullBytes)
		if err != nil { // what else it may be is asked only now: nearly always it is a certificate
			switch {
			case isPKCS7(element):
				return certificatesInPKCS7(element.FullBytes)
			case isPKCS12(element):
				return nil, errPKCS12
			case !hasOutline(element):
				return nil, ErrNotACertificate
			}
			return nil, err
		}
		certs = append(certs, cert)
		if trusted {
			break
		}
		der = rest
	}
	return certs, nil
}

// hasOutline tells a certificate that crypto/x509 does not like from something
// else by its three parts (RFC 5280 section 4.1).
func hasOutline(element asn1.RawValue) bool {
	var outline struct {
		Signed    asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	_, err := asn1.Unmarshal(element.FullBytes, &outline)
	return err == nil
}
