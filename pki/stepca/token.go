package stepca

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"anywhere/pki"
)

// Enroller is a [pki.Issuer] that gets a first certificate by a JWK provisioner.
type Enroller struct {
	CA
	Provisioner string // its name; empty takes the only one of the kind
	// Password opens the provisioner's key; it is called once for each order.
	Password func() ([]byte, error)
	// Token is a one-time token that somebody else made (step ca token NAME);
	// Password is not asked then.
	Token string
	// Life is asked for; zero leaves it to the CA.
	Life time.Duration
}

// Limits are unknown before the CA is asked.
func (Enroller) Limits() pki.Limits { return pki.Limits{} }

// Prepare puts the common name among the DNS names.
func (Enroller) Prepare(spec pki.LeafSpec) pki.LeafSpec { return prepare(spec) }

// Submit makes a token, hands it over with the request and returns an order that
// is filled already. A refusal is a [*Refused].
func (e Enroller) Submit(ctx context.Context, spec pki.LeafSpec, csrDER []byte) (pki.Order, error) {
	web, err := e.trusted(ctx)
	if err != nil {
		return pki.Order{}, err
	}
	defer web.CloseIdleConnections()
	token := e.Token
	if token == "" {
		if token, err = e.newToken(ctx, web, prepare(spec)); err != nil {
			return pki.Order{}, err
		}
	}
	in := map[string]string{"csr": string(requestPEM(csrDER)), "ott": token}
	if e.Life > 0 {
		in["notAfter"] = e.Life.String()
	}
	var out answered
	if err := e.call(ctx, web, http.MethodPost, "/1.0/sign", nil, in, &out); err != nil {
		return pki.Order{}, err
	}
	return out.order()
}

// Fetch returns what Submit put into the order; its caller knows key and name and
// checks them by [pki.ReadIssued].
func (Enroller) Fetch(_ context.Context, order pki.Order) (pki.Issued, error) { return fetch(order) }

func fetch(order pki.Order) (pki.Issued, error) {
	issued, err := pki.SplitIssued(order.DER)
	if err != nil {
		return issued, fmt.Errorf("fetch certificate %s: %w", order.ID, err)
	}
	return issued, nil
}

func requestPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

// provisioner is one of the CA's ways to authorise a request.
type provisioner struct {
	Type         string          `json:"type"`
	Name         string          `json:"name"`
	Key          jose.JSONWebKey `json:"key"`
	EncryptedKey string          `json:"encryptedKey"`
}

// maxPages bounds how many pages of provisioners are read.
const maxPages = 20

// find looks for the JWK provisioner.
func (e Enroller) find(ctx context.Context, web *http.Client) (provisioner, error) {
	var found []provisioner
	cursor := ""
	for range maxPages {
		var page struct {
			Provisioners []json.RawMessage `json:"provisioners"`
			Next         string            `json:"nextCursor"`
		}
		if err := e.call(ctx, web, http.MethodGet, "/provisioners?limit=100&cursor="+url.QueryEscape(cursor), nil, nil, &page); err != nil {
			return provisioner{}, err
		}
		for _, raw := range page.Provisioners {
			var p provisioner
			if json.Unmarshal(raw, &p) == nil && p.Type == "JWK" && (e.Provisioner == "" || p.Name == e.Provisioner) {
				found = append(found, p) // others have keys of other kinds, or none
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	switch {
	case len(found) == 0:
		return provisioner{}, fmt.Errorf("find provisioner %q of step-ca: there is no JWK provisioner of that name", e.Provisioner)
	case len(found) > 1:
		return provisioner{}, errors.New("find provisioner of step-ca: there are several JWK provisioners; name one")
	}
	return found[0], nil
}

// open decrypts the provisioner's key. go-jose bounds the rounds of its PBKDF2.
func (p provisioner) open(password []byte) (*jose.JSONWebKey, error) {
	if p.EncryptedKey == "" {
		return nil, fmt.Errorf("open provisioner %s: the CA does not hand out its key; use a token made by step ca token", p.Name)
	}
	locked, err := jose.ParseEncrypted(p.EncryptedKey,
		[]jose.KeyAlgorithm{jose.PBES2_HS256_A128KW, jose.PBES2_HS384_A192KW, jose.PBES2_HS512_A256KW},
		[]jose.ContentEncryption{jose.A128GCM, jose.A192GCM, jose.A256GCM, jose.A128CBC_HS256, jose.A256CBC_HS512})
	if err != nil {
		return nil, fmt.Errorf("open provisioner %s: %w", p.Name, err)
	}
	data, err := locked.Decrypt(password)
	if err != nil {
		return nil, &PasswordError{p.Name}
	}
	key := new(jose.JSONWebKey)
	if err := json.Unmarshal(data, key); err != nil {
		return nil, fmt.Errorf("open provisioner %s: its key is not a JWK", p.Name) // the cause could quote the key
	}
	return key, nil
}

// PasswordError says that the password does not open a provisioner's key.
type PasswordError struct{ Provisioner string }

func (e *PasswordError) Error() string {
	return "open provisioner " + e.Provisioner + ": the password does not open its key"
}

// tokenLife is how long a one-time token is good: long enough for a slow CA.
const tokenLife = 5 * time.Minute

// newToken makes a one-time token for spec's names.
func (e Enroller) newToken(ctx context.Context, web *http.Client, spec pki.LeafSpec) (string, error) {
	if e.Password == nil {
		return "", errors.New("make one-time token: the provisioner's password is needed")
	}
	p, err := e.find(ctx, web)
	if err != nil {
		return "", err
	}
	password, err := e.Password()
	if err != nil {
		return "", err
	}
	key, err := p.open(password)
	if err != nil {
		return "", err
	}
	base, err := e.base()
	if err != nil {
		return "", err
	}
	id := make([]byte, 32)
	if _, err := io.ReadFull(e.Random, id); err != nil {
		return "", fmt.Errorf("make one-time token: %w", err)
	}
	sum, err := e.fingerprint()
	if err != nil {
		return "", err
	}
	now := e.Now()
	return sign(key, p.Key.KeyID, map[string]any{
		"iss": p.Name, "aud": base + "/1.0/sign", "sub": spec.Name.CommonName, "sans": append(append([]string{}, spec.DNS...), spec.URIs...),
		"sha": sum, "jti": hex.EncodeToString(id), "iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(tokenLife).Unix(),
	}, nil)
}

// sign makes a JWT.
func sign(key *jose.JSONWebKey, id string, claims map[string]any, header map[jose.HeaderKey]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("make one-time token: %w", err)
	}
	algorithm := jose.SignatureAlgorithm(key.Algorithm)
	if algorithm == "" {
		algorithm = jose.ES256
	}
	options := (&jose.SignerOptions{ExtraHeaders: header}).WithType("JWT")
	if id != "" {
		options = options.WithHeader("kid", id)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key.Key}, options)
	if err != nil {
		return "", fmt.Errorf("make one-time token: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("make one-time token: %w", err)
	}
	return signed.CompactSerialize()
}
