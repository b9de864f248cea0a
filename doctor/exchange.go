package doctor

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"

	"anywhere/signer"
)

// probe asks the endpoint for nothing: AWS answers 404, and its Date header shows
// its clock.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/ip-access.html
func (g *gatherer) probe(ctx context.Context) {
	if g.HTTP == nil || g.e.Exchange.Endpoint == "" {
		return
	}
	var names addresses
	question(ctx, g, &g.e.Exchange.Probe, func(ctx context.Context) (Probe, error) {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{DNSDone: names.add})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.e.Exchange.Endpoint+"/", nil)
		if err != nil {
			return Probe{}, err
		}
		before := g.Now()
		resp, err := g.HTTP.Do(req)
		if err != nil {
			return Probe{}, err
		}
		defer resp.Body.Close()
		after := g.Now()
		_, _ = io.CopyN(io.Discard, resp.Body, 1<<16) // so that the connection can be used again
		p := Probe{Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"), Sent: before.Add(after.Sub(before) / 2)}
		if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			p.Date = date
		}
		p.AWS = resp.Header.Get("X-Amzn-Requestid") != "" || resp.Header.Get("X-Amzn-Errortype") != "" || resp.Header.Get("X-Amz-Request-Id") != ""
		if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
			p.Issuer = resp.TLS.PeerCertificates[0].Issuer.String()
		}
		return p, nil
	})
	if !throughProxy(g.HTTP, g.e.Exchange.Endpoint) {
		g.e.Exchange.Addresses = names.all()
		g.e.Exchange.Private = privately(g.e.Exchange.Addresses)
	}
}

// session asks for one session, past every cache, and keeps nothing secret of it.
func (g *gatherer) session(ctx context.Context) {
	seen := &g.e.Exchange
	leaf := parsed(g.e.Certificate.Leaf)
	if g.Down != nil {
		seen.Session.Trouble = &Trouble{Kind: NotAsked, Says: g.Down.Error()}
		if is[*BundleError](g.Down) { // every SDK stops at it
			seen.Session = Answer[Session]{Asked: true, Trouble: troubleOf(g.Down)}
		}
		return
	}
	if g.NoLive || g.key == nil || leaf == nil || g.Client.Now == nil {
		seen.Session.Trouble = &Trouble{Kind: NotAsked, Says: "key or certificate cannot be used"}
		if g.NoLive {
			seen.Session.Trouble.Says = "it was not wanted"
		}
		return
	}
	identity := signer.Identity{Certificate: leaf, Chain: parsedAll(g.e.Certificate.Sent), Key: g.key}
	target := g.e.Target
	target.Endpoint = seen.Endpoint
	ctx, cancel := context.WithTimeout(ctx, g.Patience)
	defer cancel()
	credentials, err := g.Client.CreateSession(ctx, target, identity)
	if err == nil {
		seen.Session = Answer[Session]{Asked: true, Value: Session{
			ARN: credentials.AssumedRoleARN, SourceIdentity: credentials.SourceIdentity, Expiration: credentials.Expiration,
			AccessKeyID: credentials.AccessKeyID, PackedSize: credentials.PackedPolicySize,
		}}
		return
	}
	seen.Session.Trouble = troubleOf(err)
	seen.Session.Asked = true
	switch refused, ok := errors.AsType[*signer.Refused](err); {
	case ok:
		seen.Refused = refused
	case seen.Session.Trouble.Kind == Failed && is[*signer.EndpointError](err):
		seen.Session.Trouble.Kind = BadTarget
	case seen.Session.Trouble.Kind == Failed && len(g.e.Certificate.Sent) <= signer.MaxChain && equalKeys(leaf, g.key.Public()):
		seen.Session.Trouble.Kind = NotAWS // an answer that is none
	}
}
