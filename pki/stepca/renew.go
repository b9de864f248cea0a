package stepca

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"

	"anywhere/pki"
)

// Renewer is a [pki.Issuer] that gets further certificates by the one there is:
// it shows itself over mutual TLS and hands in a request with a new key. The CA
// keeps the names and the length of life of the old certificate.
//
// A certificate whose life is over cannot be shown. If the provisioner allows
// renewal after expiry, it is renewed once by a token that its key signs, and the
// result is shown at once for the new key.
type Renewer struct {
	CA
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
	Key         crypto.Signer
}

// Limits are unknown before the CA is asked.
func (Renewer) Limits() pki.Limits { return pki.Limits{} }

// Prepare puts the common name among the DNS names.
func (Renewer) Prepare(spec pki.LeafSpec) pki.LeafSpec { return prepare(spec) }

// Submit returns an order that is filled already. A refusal is a [*Refused].
func (r Renewer) Submit(ctx context.Context, _ pki.LeafSpec, csrDER []byte) (pki.Order, error) {
	shown := tls.Certificate{Certificate: [][]byte{r.Certificate.Raw}, PrivateKey: r.Key, Leaf: r.Certificate}
	for _, above := range r.Chain {
		shown.Certificate = append(shown.Certificate, above.Raw)
	}
	if !r.Now().Before(r.Certificate.NotAfter) {
		revived, err := r.revive(ctx)
		if err != nil {
			return pki.Order{}, fmt.Errorf("renew a certificate whose life is over: %w", err)
		}
		shown.Certificate, shown.Leaf = revived, nil
	}
	web, err := r.trusted(ctx, shown)
	if err != nil {
		return pki.Order{}, err
	}
	defer web.CloseIdleConnections()
	var out answered
	if err := r.call(ctx, web, http.MethodPost, "/1.0/rekey", nil, map[string]string{"csr": string(requestPEM(csrDER))}, &out); err != nil {
		return pki.Order{}, err
	}
	return out.order()
}

// Fetch returns what Submit put into the order.
func (Renewer) Fetch(_ context.Context, order pki.Order) (pki.Issued, error) { return fetch(order) }

// revive renews the old certificate with its old key by a token.
func (r Renewer) revive(ctx context.Context) ([][]byte, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	web, err := r.trusted(ctx)
	if err != nil {
		return nil, err
	}
	defer web.CloseIdleConnections()
	var out answered
	header := http.Header{"Authorization": {"Bearer " + token}}
	if err := r.call(ctx, web, http.MethodPost, "/1.0/renew", header, nil, &out); err != nil {
		return nil, err
	}
	order, err := out.order()
	if err != nil {
		return nil, err
	}
	issued, err := pki.SplitIssued(order.DER)
	if err != nil {
		return nil, err
	}
	if err := pki.MatchKey(issued.Certificate, r.Key); err != nil {
		return nil, err
	}
	shown := [][]byte{issued.Certificate.Raw}
	for _, above := range issued.Chain {
		shown = append(shown, above.Raw)
	}
	return shown, nil
}

// token proves possession of the old key, with its certificate in the header.
// step-ca calls that header insecure, since the certificate may be out of date.
func (r Renewer) token() (string, error) {
	base, err := r.base()
	if err != nil {
		return "", err
	}
	algorithm, err := algorithmOf(r.Key.Public())
	if err != nil {
		return "", err
	}
	id := make([]byte, 32)
	if _, err := io.ReadFull(r.Random, id); err != nil {
		return "", fmt.Errorf("make renewal token: %w", err)
	}
	chain := []string{base64.StdEncoding.EncodeToString(r.Certificate.Raw)}
	for _, above := range r.Chain {
		chain = append(chain, base64.StdEncoding.EncodeToString(above.Raw))
	}
	now := r.Now()
	return sign(&jose.JSONWebKey{Key: r.Key, Algorithm: string(algorithm)}, "", map[string]any{
		"iss": "step-ca-client/1.0", "aud": base + "/1.0/renew", "sub": r.Certificate.Subject.CommonName,
		"jti": hex.EncodeToString(id), "iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(tokenLife).Unix(),
	}, map[jose.HeaderKey]any{"x5cInsecure": chain})
}

func algorithmOf(pub crypto.PublicKey) (jose.SignatureAlgorithm, error) {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		return jose.RS256, nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return jose.ES256, nil
		case elliptic.P384():
			return jose.ES384, nil
		}
	}
	return "", errors.New("make renewal token: no algorithm for this kind of key")
}
