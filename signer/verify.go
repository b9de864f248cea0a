package signer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"anywhere/signer/session"
)

// ErrSignature says that a well-formed signature is not by the certificate in
// the request, or not over this request.
var ErrSignature = errors.New("verify: invalid signature")

// Verified is what a good signature proves, and what it was made with.
type Verified struct {
	Certificate *x509.Certificate   // of the signer; its chain is not yet checked
	Chain       []*x509.Certificate // as sent, in the order sent
	Algorithm   string
	Date        time.Time // of the signer's clock
	Region      string    // of the credential scope
	Signed      []string  // the headers that the signature covers
}

// Verify checks that the certificate in req signed exactly the headers that req
// names, its method, path, query and body. req is as a server received it; body
// is its whole body.
//
// It judges neither the clock nor the chain: a caller compares Date with its own
// time and Certificate with its trust anchor. A request that cannot be read is a
// *[MalformedError], one that can but does not fit its signature is
// [ErrSignature].
func Verify(req *http.Request, body []byte) (Verified, error) {
	header, err := single(req, "Authorization")
	if err != nil {
		return Verified{}, err
	}
	auth, err := parseAuthorization(header)
	if err != nil {
		return Verified{}, err
	}
	if len(req.Header.Values(headerChain)) > 0 && !slices.Contains(auth.signed, "x-amz-x509-chain") {
		return Verified{}, &MalformedError{Part: "SignedHeaders", Why: "lacks x-amz-x509-chain, which was sent"}
	}
	date, err := single(req, headerDate)
	if err != nil {
		return Verified{}, err
	}
	at, err := time.Parse(session.DateFormat, date)
	if err != nil || len(date) != len(session.DateFormat) { // Parse lets fractions of a second pass
		return Verified{}, &MalformedError{Part: headerDate, Why: "is not yyyymmddThhmmssZ"}
	}
	if auth.day != date[:len("20060102")] {
		return Verified{}, &MalformedError{Part: headerDate, Why: "is not of the day in Credential"}
	}
	v := Verified{Algorithm: auth.algorithm, Date: at, Region: auth.region, Signed: auth.signed}
	if v.Certificate, v.Chain, err = certificates(req); err != nil {
		return Verified{}, err
	}
	// The string to sign does not hold the serial, so it is compared by itself.
	if v.Certificate.SerialNumber.String() != auth.serial {
		return Verified{}, &MalformedError{Part: "Authorization", Why: "Credential is not the serial of the certificate, in decimal"}
	}
	canonical, err := canonicalRequest(req, body, auth.signed)
	if err != nil {
		return Verified{}, err
	}
	if err := checkSignature(v.Certificate, auth, session.StringToSign(auth.algorithm, date, auth.scope(), canonical)); err != nil {
		return Verified{}, err
	}
	return v, nil
}

// checkSignature verifies by the certificate's key.
func checkSignature(cert *x509.Certificate, auth authorization, text string) error {
	algorithm, err := session.AlgorithmOf(cert.PublicKey)
	if err != nil {
		return &MalformedError{Part: headerCert, Why: "holds a key that is neither RSA nor EC"}
	}
	if algorithm != auth.algorithm {
		return &MalformedError{Part: "Authorization", Why: "algorithm is not the one of the certificate's key, " + algorithm}
	}
	digest := sha256.Sum256([]byte(text))
	good := false
	switch pub := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		good = rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest[:], auth.signature) == nil
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(pub, digest[:], auth.signature)
	}
	if !good {
		return ErrSignature
	}
	return nil
}

// certificates reads the leaf and the chain from the headers.
func certificates(req *http.Request) (leaf *x509.Certificate, chain []*x509.Certificate, err error) {
	value, err := single(req, headerCert)
	if err != nil {
		return nil, nil, err
	}
	if leaf, err = decodeCertificate(headerCert, value); err != nil {
		return nil, nil, err
	}
	if len(req.Header.Values(headerChain)) == 0 {
		return leaf, nil, nil
	}
	if value, err = single(req, headerChain); err != nil {
		return nil, nil, err
	}
	parts := strings.Split(value, ",")
	if len(parts) > MaxChain {
		return nil, nil, &MalformedError{Part: headerChain, Why: "holds more than 5 certificates"}
	}
	for _, part := range parts {
		cert, err := decodeCertificate(headerChain, strings.TrimSpace(part))
		if err != nil {
			return nil, nil, err
		}
		chain = append(chain, cert)
	}
	return leaf, chain, nil
}

func decodeCertificate(header, text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, &MalformedError{Part: header, Why: "is not base64"}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, &MalformedError{Part: header, Why: "is not a certificate"}
	}
	return cert, nil
}

// single returns a header that must be there exactly once.
func single(req *http.Request, name string) (string, error) {
	switch values := req.Header.Values(name); len(values) {
	case 0:
		return "", &MalformedError{Part: name, Why: "is missing"}
	case 1:
		return session.Squeeze(values[0]), nil
	default:
		return "", &MalformedError{Part: name, Why: "stands more than once"}
	}
}
