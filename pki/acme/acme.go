// Package acme gets certificates from an ACME server (RFC 8555): by http-01 or
// tls-alpn-01, with external account binding where the server wants it, and with
// the server's own word on when to renew (ARI, RFC 9773).
//
// The request always carries a common name, since Roles Anywhere has nothing to go
// by without one; many public ACME servers leave it out, and their CAs cannot be
// trust anchors anyway. The servers this is for are private: step-ca and the like.
//
// The protocol is acmez's. What is here listens, for as long as a challenge takes,
// and serves exactly one answer.
package acme

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"

	"anywhere/pki"
)

// CA is one ACME server. Directory, Account and Now are required, and one of
// HTTP01 and TLSALPN01.
type CA struct {
	Directory string        // https URL
	Account   crypto.Signer // the account's key; an account of it is made if there is none
	Contact   string        // mail address; may be empty
	// KeyID and MACKey bind the account to one of the server's owner, where the
	// server wants that. MACKey is base64url and secret.
	KeyID, MACKey string
	// Roots verify the server; nil means the system's.
	Roots *x509.CertPool
	// HTTP01 and TLSALPN01 are addresses to listen on for the challenge, such as
	// :80 and :443. Empty leaves that challenge out.
	HTTP01, TLSALPN01 string
	Now               func() time.Time
	UserAgent         string
	// Replaces is the certificate that a new one takes the place of; nil for the
	// first. Servers without ARI are not told.
	Replaces *x509.Certificate
	// Life is asked for; zero leaves it to the server. Many servers refuse the
	// wish.
	Life time.Duration
	// Say hears why the server tries a challenge again; nil: nobody listens.
	Say func(string)
}

const (
	callDeadline  = 30 * time.Second
	orderDeadline = 3 * time.Minute // whatever Retry-After says
)

// Limits are unknown before the server is asked.
func (CA) Limits() pki.Limits { return pki.Limits{} }

// Prepare puts the common name among the DNS names: servers refuse a common name
// that is not one of the identifiers they have checked.
func (CA) Prepare(spec pki.LeafSpec) pki.LeafSpec {
	for _, name := range spec.DNS {
		if strings.EqualFold(name, spec.Name.CommonName) {
			return spec
		}
	}
	spec.DNS = append([]string{spec.Name.CommonName}, spec.DNS...)
	return spec
}

// Submit goes through the whole order, challenges included, and returns it filled.
// It takes minutes at most.
func (c CA) Submit(ctx context.Context, _ pki.LeafSpec, csrDER []byte) (pki.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, orderDeadline)
	defer cancel()
	csr, err := x509.ParseCertificateRequest(csrDER)
	if err != nil {
		return pki.Order{}, fmt.Errorf("order certificate: read request: %w", err)
	}
	client, web, err := c.client()
	if err != nil {
		return pki.Order{}, err
	}
	defer web.CloseIdleConnections()
	account, err := c.account(ctx, client)
	if err != nil {
		return pki.Order{}, c.advise(fmt.Errorf("open ACME account: %w", err), true)
	}
	params, err := acmez.OrderParametersFromCSR(account, csr)
	if err != nil {
		return pki.Order{}, fmt.Errorf("order certificate: %w", err)
	}
	if c.Life > 0 {
		params.NotAfter = c.Now().Add(c.Life)
	}
	if directory, err := client.GetDirectory(ctx); err == nil && directory.RenewalInfo != "" {
		params.Replaces = c.Replaces
	}
	got, err := client.ObtainCertificate(ctx, params)
	if watched, ok := web.Transport.(*watcher); ok && err != nil {
		err = watched.explain(err)
	}
	if e, ok := errors.AsType[*ChallengeError](err); ok {
		return pki.Order{}, e
	}
	if err != nil {
		return pki.Order{}, c.advise(fmt.Errorf("order certificate: %w", err), false)
	}
	if len(got) == 0 {
		return pki.Order{}, errors.New("order certificate: the server issued none")
	}
	return orderOf(got[0])
}

// Fetch returns what Submit put into the order; its caller knows key and name and
// checks them by [pki.ReadIssued].
func (CA) Fetch(_ context.Context, order pki.Order) (pki.Issued, error) {
	issued, err := pki.SplitIssued(order.DER)
	if err != nil {
		return issued, fmt.Errorf("fetch certificate %s: %w", order.ID, err)
	}
	return issued, nil
}

// client is acmez's, with bounded calls and no redirects.
func (c CA) client() (*acmez.Client, *http.Client, error) {
	u, err := url.Parse(c.Directory)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, nil, fmt.Errorf("use ACME server %q: want an https URL of its directory", c.Directory)
	}
	solvers := map[string]acmez.Solver{}
	if c.HTTP01 != "" {
		solvers[acme.ChallengeTypeHTTP01] = &httpSolver{address: c.HTTP01}
	}
	if c.TLSALPN01 != "" {
		solvers[acme.ChallengeTypeTLSALPN01] = &tlsSolver{address: c.TLSALPN01}
	}
	web := &http.Client{
		Timeout: callDeadline,
		Transport: &watcher{say: c.Say, next: &http.Transport{
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots, Time: c.Now},
			Proxy:           http.ProxyFromEnvironment,
			DialContext:     (&net.Dialer{Timeout: callDeadline}).DialContext,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &acmez.Client{
		Client: &acme.Client{
			Directory: c.Directory, HTTPClient: web, UserAgent: c.UserAgent,
			PollInterval: 250 * time.Millisecond, PollTimeout: orderDeadline,
		},
		ChallengeSolvers: solvers,
	}, web, nil
}

// account opens the account of the key, making it at the first time.
func (c CA) account(ctx context.Context, client *acmez.Client) (acme.Account, error) {
	account := acme.Account{PrivateKey: c.Account, TermsOfServiceAgreed: true}
	if c.Contact != "" {
		account.Contact = []string{"mailto:" + c.Contact}
	}
	if c.KeyID != "" {
		if err := account.SetExternalAccountBinding(ctx, client.Client, acme.EAB{KeyID: c.KeyID, MACKey: c.MACKey}); err != nil {
			return account, err
		}
	}
	return client.NewAccount(ctx, account)
}

// orderOf turns acmez's chain in PEM into an order that holds everything.
func orderOf(got acme.Certificate) (pki.Order, error) {
	order := pki.Order{ID: got.URL}
	for _, block := range blocks(got.ChainPEM) {
		order.DER = append(order.DER, block...)
	}
	if len(order.DER) == 0 {
		return order, errors.New("read certificate of the ACME server: it is not in PEM")
	}
	return order, nil
}
