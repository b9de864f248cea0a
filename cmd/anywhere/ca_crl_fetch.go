package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// The limits of fetching a list. Its signature is looked at later; these keep a
// server from holding this process or filling its memory.
const (
	fetchDeadline = 30 * time.Second
	maxFetched    = 4 * pki.MaxCRL // bytes; what AWS could take, in any encoding
	maxRedirects  = 5
)

func isURL(text string) bool {
	low := strings.ToLower(text)
	return strings.HasPrefix(low, "https://") || strings.HasPrefix(low, "http://")
}

// fetchList reads the revocation list at an address. A private CA's server often
// has a certificate of that CA, so the set-up's CAs are trusted beside the
// system's and those of AWS_CA_BUNDLE.
func (k *keeping) fetchList(ctx context.Context, from string, allowHTTP bool) ([]byte, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, ca := range k.runner.CACertificates() {
		roots.AddCert(ca)
	}
	if file := k.app.getenv("AWS_CA_BUNDLE"); file != "" {
		data, err := readNamed(file)
		if err != nil {
			return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
		}
		roots.AppendCertsFromPEM(data)
	}
	ctx, stop := context.WithTimeout(ctx, fetchDeadline)
	defer stop()
	data, err := fetch(ctx, from, allowHTTP, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, fmt.Errorf("fetch revocation list: %w", err)
	}
	return data, nil
}

func fetch(ctx context.Context, from string, allowHTTP bool, config *tls.Config) ([]byte, error) {
	safe := func(u *url.URL) error {
		if u.Scheme == "https" || u.Scheme == "http" && (allowHTTP || onThisMachine(u.Hostname())) {
			return nil
		}
		return &usageError{"fetch revocation list: " + foreign.Text(u.Redacted()) + " is plain http", "use https, or add --allow-http; the list is signed, but an old one could be played"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err == nil {
		err = safe(req.URL)
	}
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, before []*http.Request) error {
		if len(before) > maxRedirects {
			return fmt.Errorf("sent on more than %d times", maxRedirects)
		}
		return safe(next.URL)
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", foreign.Text(resp.Request.URL.Host), resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFetched+1))
	if err == nil && len(data) > maxFetched {
		err = fmt.Errorf("the answer is longer than %d bytes", maxFetched)
	}
	return data, err
}

// onThisMachine says whether a host is a loopback address, by its number: a name
// can be made to mean anything.
func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// listWarning is the doctor's code of a list that should have been replaced.
const listWarning = "RA211"

// noteList keeps a failure to bring a list for status and the doctor, since a
// unit runs where nobody looks, and takes an older one away after a success.
func (k *keeping) noteList(failed error) error {
	if isType[*usageError](failed) || errors.Is(failed, context.Canceled) {
		return nil
	}
	says := ""
	if failed != nil {
		says = failed.Error()
	}
	return k.note(listWarning, says)
}

// fullWarning is the doctor's code of a list that AWS soon takes no more.
const fullWarning = "RA221"

// noteRoom keeps for status that the list which AWS has got is nearly too large.
func (k *keeping) noteRoom(p steps.RevocationPlan) error {
	if !p.Full {
		return k.note(fullWarning, "")
	}
	return k.note(fullWarning, "it nears the size that AWS takes: "+p.Room)
}

// note keeps a warning about the revocation list, or takes it away if there is
// nothing to say any more.
func (k *keeping) note(code, says string) error {
	return k.app.noteList(k.doors.home, k.name, code, says)
}

func (a *app) noteList(h home.Home, setup, code, says string) error {
	place := h.Setup(setup)
	notes, err := h.ReadNotes(place)
	if err != nil {
		return err
	}
	before := len(notes.Warnings)
	if says != "" {
		notes = notes.Warn(home.Warning{Code: code, Says: "revocation list: " + says, At: a.now().UTC()})
	} else if notes = notes.Without(code); len(notes.Warnings) == before {
		return nil
	}
	return h.WriteNotes(place, notes)
}
