package steps

import (
	"context"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
)

// ListStatus is what a CA has revoked and what AWS knows of it.
type ListStatus struct {
	Setup      string        `json:"setup"`
	AnchorARN  string        `json:"trustAnchorArn"`
	Number     int64         `json:"number"` // of AWS's list; 0 if it has none
	Entries    []pki.Revoked `json:"entries"`
	InAWS      int           `json:"inAws"` // how many of them AWS's list has
	Enabled    bool          `json:"enabled"`
	NextUpdate time.Time     `json:"nextUpdate,omitzero"`
	Lists      []ListThere   `json:"lists"` // all that the trust anchor has
}

// ListThere is a revocation list in AWS.
type ListThere struct {
	Name       string    `json:"name"`
	Issuer     string    `json:"issuer,omitempty"`
	Number     string    `json:"number,omitempty"` // decimal
	Entries    int       `json:"entries"`
	NextUpdate time.Time `json:"nextUpdate,omitzero"`
	Enabled    bool      `json:"enabled"`
	Problem    string    `json:"problem,omitempty"` // why it could not be read
}

// ListStatus compares the ledger, as a plan has read it, with our list in AWS.
func (r *Runner) ListStatus(ctx context.Context, p RevocationPlan) (ListStatus, error) {
	s := ListStatus{Setup: p.Setup, AnchorARN: p.AnchorARN, Entries: p.revoked.Entries, Enabled: p.list.Enabled, Lists: []ListThere{}}
	all, err := r.env.listsOf(ctx, p.AnchorARN)
	if err != nil {
		return s, err
	}
	for _, list := range all {
		s.Lists = append(s.Lists, there(list))
	}
	if s.Entries == nil {
		s.Entries = []pki.Revoked{}
	}
	if p.list.ID == "" {
		return s, nil
	}
	now, err := pki.ParseCRL(p.list.Data)
	if err != nil {
		return s, err
	}
	has := map[pki.Serial]bool{}
	for _, e := range pki.RevokedIn(now) {
		has[e.Serial] = true
	}
	for _, e := range s.Entries {
		if has[e.Serial] {
			s.InAWS++
		}
	}
	if now.Number != nil {
		s.Number = now.Number.Int64()
	}
	s.NextUpdate = now.NextUpdate.UTC()
	return s, nil
}

// InAWS is our list as AWS has it, in PEM; nil if it has none.
func (p RevocationPlan) InAWS() []byte {
	if p.list.ID == "" {
		return nil
	}
	parsed, err := pki.ParseCRL(p.list.Data)
	if err != nil {
		return nil
	}
	return pki.EncodeCRL(parsed.Raw)
}

// Issuer is the common name of the CA whose list it is.
func (p RevocationPlan) Issuer() string { return p.ca.Subject.CommonName }

// RootList is the list of the root above the set-up's CA as AWS has it, in PEM; nil if
// it has none.
func (r *Runner) RootList(ctx context.Context) ([]byte, error) {
	e := r.env
	ca, err := e.caCertificate()
	if err != nil {
		return nil, err
	}
	root, err := e.lender().anchorCertificate()
	if err != nil {
		return nil, err
	}
	if root.Equal(ca) {
		return nil, &hintError{"write the list of the root: " + ca.Subject.CommonName + " has no root above it that is known here", "leave --root out for its own list"}
	}
	lists, err := e.listsOf(ctx, e.anchorARN())
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		if parsed, err := pki.ParseCRL(list.Data); err == nil && parsed.CheckSignatureFrom(root) == nil {
			return pki.EncodeCRL(parsed.Raw), nil
		}
	}
	return nil, nil
}

func there(list awsapi.CRL) ListThere {
	t := ListThere{Name: list.Name, Enabled: list.Enabled}
	parsed, err := pki.ParseCRL(list.Data)
	if err != nil {
		t.Problem = err.Error()
		return t
	}
	t.Issuer, t.Entries, t.NextUpdate = parsed.Issuer.String(), len(parsed.RevokedCertificateEntries), parsed.NextUpdate.UTC()
	if parsed.Number != nil {
		t.Number = parsed.Number.String()
	}
	return t
}
