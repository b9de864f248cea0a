package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"anywhere/signer"
)

// One CA may stand behind several set-ups of this machine, in several accounts and
// Regions, each with a trust anchor of its own. What concerns the CA (a revocation,
// its replacement) concerns all of them: those that the AWS credentials here reach
// are changed too, the others are named with the command that does it.

// Neighbour is another set-up of this machine whose trust anchor holds the same CA,
// and what becomes of it.
type Neighbour struct {
	Setup     string `json:"setup"`
	Account   string `json:"account"`
	Region    string `json:"region"`
	AnchorARN string `json:"trustAnchorArn"`
	// AWSProfile is the AWS config profile of the administrator who made it, if that is known.
	AWSProfile string `json:"-"`
	// Changes are planned there, or made.
	Changes []Change `json:"changes,omitempty"`
	// Problem says why it is not, or not wholly, as it should be, and Command what
	// brings it there.
	Problem string `json:"problem,omitempty"`
	Command string `json:"command,omitempty"`

	begin Begin
}

// neighbours are the other set-ups in the same kind of AWS that have a trust anchor
// and of whose CA same holds.
func (e *Env) neighbours(same func(other *Env) bool) ([]Neighbour, error) {
	all, err := e.World.Home.List()
	if err != nil {
		return nil, err
	}
	var found []Neighbour
	for _, s := range all {
		other, err := e.sibling(s.Name)
		if s.Name == e.Setup || err != nil || outsideSandbox(other) != outsideSandbox(e) {
			continue
		}
		if arn := other.anchorARN(); strings.HasPrefix(arn, "arn:") && same(other) {
			b := other.Started
			found = append(found, Neighbour{Setup: s.Name, Account: b.Account, Region: b.Region, AnchorARN: arn, AWSProfile: b.AWSProfile, begin: b})
		}
	}
	return found, nil
}

// issuedBy says that a set-up's certificates come from the CA.
func issuedBy(ca *x509.Certificate) func(*Env) bool {
	return func(other *Env) bool {
		theirs, err := other.caCertificate()
		return err == nil && theirs.Equal(ca)
	}
}

// reach opens another set-up of this machine with its AWS.
func (r *Runner) reach(ctx context.Context, n Neighbour) (*Runner, error) {
	to := &Runner{answers: NewAnswers(nil), held: held{}, caKey: r.caKey}
	to.env = &Env{World: r.env.World, answers: to.answers, road: r.env.road}
	if err := to.loadLocally(n.Setup, r.env.Site.Client); err != nil {
		return nil, err
	}
	site, err := r.siteFor(ctx, to.env.Started)
	if err != nil {
		return nil, err
	}
	to.env.Site, to.env.AWS = site, site.API
	return to, to.sameSite(to.env.Started)
}

// siteFor is the AWS of a set-up that began so: this run's own, if that is the one.
func (r *Runner) siteFor(ctx context.Context, b Begin) (*Site, error) {
	here := r.env.Started
	if here.Mode == b.Mode && here.Partition == b.Partition && here.Account == b.Account && here.Region == b.Region && here.Endpoint == b.Endpoint {
		return r.env.Site, nil
	}
	if r.env.World.Reach == nil {
		return nil, errors.New("no way leads there from here")
	}
	return r.env.World.Reach(ctx, b)
}

// unreached notes why nothing was done there, and the command that does it with the
// right credentials.
func (n Neighbour) unreached(why error, args ...string) Neighbour {
	n.Problem = why.Error()
	n.Command = Command{Args: append([]string{"anywhere"}, args...)}.Line()
	return n
}

// notNamed says that --yes does not reach into an account.
func notNamed(account string) error {
	return fmt.Errorf("--yes writes to account %s only when it is named: add --account %s", account, account)
}

// covers says whether what was approved may be done in an account.
func (a Approval) covers(account string) bool {
	return a.Account == "" || a.Account == account || slices.Contains(a.Also, account)
}

// Neighbours are the other set-ups of this machine that let in what this one's CA
// issues, each trust anchor once. AWS is not asked.
func (r *Runner) Neighbours() ([]Neighbour, error) {
	ca, err := r.env.issuingCA()
	if err != nil {
		return nil, err
	}
	all, err := r.env.neighbours(issuedBy(ca))
	return r.env.apart(all), err
}

// Believers are how a set-up began and the others of this machine whose trust anchors
// were made for the same CA, each trust anchor once. AWS is not asked.
func (r *Runner) Believers(name string) (Begin, []Neighbour, error) {
	if err := r.loadLocally(name, signer.Client{}); err != nil {
		return Begin{}, nil, err
	}
	top, err := r.env.anchorCertificate()
	if err != nil {
		return Begin{}, nil, err
	}
	all, err := r.env.neighbours(trusts(top))
	return r.env.Started, r.env.apart(all), err
}

// apart leaves out what has the trust anchor of this set-up or of another one before
// it; of several with one trust anchor the one stays that made it.
func (e *Env) apart(all []Neighbour) []Neighbour {
	var out []Neighbour
	for _, n := range all {
		if n.AnchorARN == e.anchorARN() {
			continue
		}
		at := slices.IndexFunc(out, func(o Neighbour) bool { return o.AnchorARN == n.AnchorARN })
		other, err := e.sibling(n.Setup)
		switch {
		case at < 0:
			out = append(out, n)
		case err == nil && newAnchor(other):
			out[at] = n
		}
	}
	return out
}
