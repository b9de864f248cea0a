package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/decode"
)

var trustAnchor = Step{
	ID:    StepAnchor,
	Title: "Register the trust anchor",
	Why:   "A trust anchor tells AWS which certificate authority to believe. AWS keeps the CA's certificate, never its key.",
	Needs: []ID{StepCA, StepCertificate},
	Asks: []Question{
		{
			Key: "anchor.accept-reach", Ask: "Roles that this trust anchor may open too", Kind: List, Row: true, Example: "role-name,role-name",
			Why:     "Roles that some Roles Anywhere profile lists and whose trust policy names no trust anchor: any certificate of the new one could use them. Those named here are accepted; each other one is a line of the plan that wants its own yes.",
			Applies: makesAnchor, Default: fixed(""),
		},
		{
			Key: "anchor.change", Ask: "Add the CA to the trust anchor", Kind: YesNo, Row: true, Example: "no",
			Why:     "Adds the certificate of the CA to the existing trust anchor, which holds at most two. Teardown takes it out again.",
			Applies: givenAnchor, Default: fixed("no"),
		},
	},
	Plan: planAnchor, Settle: settleAnchor, Apply: applyAnchor,
	Inspect: inspectAnchor, Undo: undoAnchor,
	Proof: []string{"RA201", "RA202"},
}

func newAnchor(e *Env) bool { return !givenAnchor(e) }

// makesAnchor: once the anchor stands, what it opens has been accepted.
func makesAnchor(e *Env) bool {
	_, standing := e.Has("trust-anchor.create")
	return newAnchor(e) && !standing
}

func noAnswer(*Env) (string, bool) { return "", false }

// anchorSpec is exactly what will be made or changed.
type anchorSpec struct {
	ARN     string          `json:"arn,omitempty"` // of an anchor that is changed
	Name    string          `json:"name"`
	Notices []awsapi.Notice `json:"notices,omitempty"`
	Seen    string          `json:"seen,omitempty"` // hash of the source that the plan saw
}

// maxBundle is how many certificates a trust anchor holds.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
const maxBundle = 2

// shortLife is the certificate life under which AWS's notice, 45 days before
// the end, would come at once.
const shortLife = 60 * 24 * time.Hour

func planAnchor(ctx context.Context, e *Env) ([]Change, error) {
	if givenAnchor(e) {
		return planGivenAnchor(ctx, e)
	}
	anchors, err := e.anchors(ctx)
	if err != nil {
		return nil, err
	}
	if made, standing := e.Has("trust-anchor.create"); standing {
		if slices.ContainsFunc(anchors, func(a awsapi.Anchor) bool { return a.ID == made.UID }) {
			return nil, nil
		}
		e.Note("The trust anchor " + made.Name + " is gone from AWS; it is made again.")
	}
	spec := anchorSpec{Name: e.AWSName(), Notices: shortNotices(e)}
	if slices.ContainsFunc(anchors, func(a awsapi.Anchor) bool { return a.Name == spec.Name }) {
		return nil, &TakenError{"trust anchor", spec.Name, "AWS has one of that name that is not in this set-up's journal"}
	}
	e.noteRevoked()
	return append(openedRoles(ctx, e), Change{
		ID: "trust-anchor.create", Step: StepAnchor, Verb: Create, Noun: "trust anchor", Name: spec.Name,
		Detail: "holds " + e.CAName(), Spec: encodeSpec(spec), Commands: anchorCommands(e, spec),
	}), nil
}

// opens begins the IDs of the lines of a plan that change nothing themselves but
// say whom the new trust anchor lets in besides us.
const opens = "trust-anchor.opens."

// openedRoles is a line for every role that the new anchor opens besides ours
// and that was not accepted in advance; each wants its own yes.
func openedRoles(ctx context.Context, e *Env) []Change {
	reach, err := e.reachOfAnchor(ctx)
	if err != nil {
		e.Note("Which other roles this trust anchor would open could not be read (" + err.Error() + ").")
		return nil
	}
	own := e.roleARN()
	open := notAccepted(reach, e.Get("anchor.accept-reach"))
	var changes []Change
	for _, arn := range reach {
		id := opens + arn[strings.LastIndex(arn, "/")+1:]
		_, accepted := e.Has(id)
		switch {
		case arn == own:
		case accepted || !slices.Contains(open, arn):
			e.Note("This trust anchor also opens " + arn + ", whose trust policy names no trust anchor.")
		default:
			changes = append(changes, Change{
				ID: id, Step: StepAnchor, Verb: Modify, Noun: "role opened too", Name: arn,
				Detail:   "a Roles Anywhere profile lists it and its trust policy names no trust anchor",
				Accept:   "any certificate of this trust anchor could use it; tie it to its own trust anchor first, or accept",
				Commands: []Command{{Args: e.iam("get-role", "--role-name", id[len(opens):], "--query", "Role.AssumeRolePolicyDocument"), Alone: true}},
			})
		}
	}
	return changes
}

// shortNotices moves AWS's expiry notice to the last third of a short life; nil
// leaves AWS's defaults.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/customize-notification-settings.html
func shortNotices(e *Env) []awsapi.Notice {
	span, err := life(e.Get("leaf.life"))
	if err != nil || span >= shortLife {
		return nil
	}
	days := max(1, int(span/(3*24*time.Hour)))
	return []awsapi.Notice{{Event: "END_ENTITY_CERTIFICATE_EXPIRY", Enabled: true, Days: days}}
}

func planGivenAnchor(ctx context.Context, e *Env) ([]Change, error) {
	arn := e.Get("anchor.arn")
	anchor, err := e.AWS.Anchor(ctx, arn)
	if err != nil {
		return nil, fmt.Errorf("use trust anchor: %w", err)
	}
	if !anchor.Enabled {
		e.Note("The trust anchor " + anchor.Name + " is disabled; AWS refuses every certificate of it until it is enabled.")
	}
	if anchor.Source.PrivateCA != "" {
		return nil, &InvalidError{Key: "anchor.arn", Value: arn, Err: errors.New("its CA is an AWS Private CA, which this version cannot ask for certificates")}
	}
	if issuerIs(issuerCSR)(e) && e.answerFile() == "" && e.Value("ca.certificate") == "" {
		e.Note("Whether the trust anchor " + anchor.Name + " holds the CA is seen when the answer is there.")
		return nil, nil
	}
	cert, err := e.anchorCertificate()
	if err != nil {
		return nil, err
	}
	bundle, err := decode.Certificates([]byte(anchor.Source.Bundle))
	if err != nil {
		return nil, fmt.Errorf("read bundle of trust anchor %s: %w", anchor.Name, err)
	}
	known, err := e.caChain()
	if err != nil {
		return nil, err
	}
	holds := func(there *x509.Certificate) bool {
		return cert.Equal(there) || cert.CheckSignatureFrom(there) == nil || slices.ContainsFunc(known, there.Equal)
	}
	switch {
	case slices.ContainsFunc(bundle, holds):
		return nil, nil // used as it is, or our edit stands
	case e.Get("anchor.change") != "yes":
		return nil, &InvalidError{Key: "anchor.arn", Value: arn, Err: errors.New("it does not hold this CA; with anchor.change = yes it is added")}
	case len(bundle) >= maxBundle:
		return nil, &InvalidError{Key: "anchor.arn", Value: arn, Err: fmt.Errorf("it holds %d certificates already, AWS allows no more", len(bundle))}
	}
	after := anchor.Source.Bundle + bundleBreak(anchor.Source.Bundle) + string(pki.EncodeCertificates(cert))
	spec := anchorSpec{ARN: anchor.ARN, Name: anchor.Name, Seen: hashOf([]byte(anchor.Source.Bundle))}
	return []Change{{
		ID: "trust-anchor.add-ca", Step: StepAnchor, Verb: Modify, Noun: "trust anchor", Name: anchor.Name,
		Detail: "also holds " + e.CAName(), Diff: diff("bundle", anchor.Source.Bundle, after), Spec: encodeSpec(spec),
		Commands: []Command{{Args: []string{"aws", "rolesanywhere", "update-trust-anchor", "--trust-anchor-id", anchor.ID, "--cli-input-json", "file://anchor.json"}}},
	}}, nil
}

// noteRevoked says that a new trust anchor does not know what its CA has revoked.
func (e *Env) noteRevoked() {
	book, err := e.ledger()
	if err != nil {
		return // there is no CA yet
	}
	if revoked, err := book.Revocations(); err == nil && len(revoked.Entries) > 0 {
		e.Note(fmt.Sprintf("The CA has revoked %d certificates, which this trust anchor lets in until it has the list: anywhere ca crl --refresh --setup %s", len(revoked.Entries), e.Setup))
	}
}

func bundleBreak(pem string) string {
	if strings.HasSuffix(pem, "\n") {
		return ""
	}
	return "\n"
}

// CAName is the common name of the CA, made or to be made.
func (e *Env) CAName() string {
	if cert, err := e.anchorCertificate(); err == nil {
		return cert.Subject.CommonName
	}
	if issuerIs(issuerCSR)(e) {
		return "the CA of the answer"
	}
	if issuerIs(issuerStepCA)(e) {
		if u, err := url.Parse(e.Get("stepca.url")); err == nil && u.Host != "" {
			return "the root of " + u.Host
		}
		return "the root of the step-ca"
	}
	if name := e.Get("ca.root-cn"); name != "" {
		return name
	}
	return e.Get("ca.cn")
}

// anchorARN is the anchor of this set-up, or the placeholder while it is yet to
// be made.
func (e *Env) anchorARN() string {
	if arn := e.Get("anchor.arn"); arn != "new" {
		return arn
	}
	if arn := e.Value("anchor.arn"); arn != "" && !e.planned("trust-anchor.create") {
		return arn
	}
	return AnchorPlaceholder
}

// settleAnchor looks for the anchor by its name and confirms by its tags; for a
// changed one it looks for our certificate in the bundle.
func settleAnchor(ctx context.Context, e *Env, change Change) (*Made, error) {
	if strings.HasPrefix(change.ID, opens) {
		return nil, nil // it is shown and accepted once more
	}
	spec, err := decodeSpec[anchorSpec](change)
	if err != nil {
		return nil, err
	}
	if change.ID == "trust-anchor.add-ca" {
		return settleAddedCA(ctx, e, spec)
	}
	anchors, err := e.anchors(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range anchors {
		if a.Name != spec.Name {
			continue
		}
		if ours, err := e.taggedOurs(ctx, a.ARN); err != nil || !ours {
			return nil, err
		}
		made := anchorMade(a)
		return &made, nil
	}
	return nil, nil
}

func anchorMade(a awsapi.Anchor) Made {
	return Made{Noun: "trust anchor", Name: a.Name, Ref: a.ARN, UID: a.ID, Ownership: Created, Values: map[string]string{"anchor.arn": a.ARN}}
}

func settleAddedCA(ctx context.Context, e *Env, spec anchorSpec) (*Made, error) {
	anchor, err := e.AWS.Anchor(ctx, spec.ARN)
	if errors.Is(err, awsapi.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cert, err := e.anchorCertificate()
	if err != nil {
		return nil, err
	}
	if bundle, err := decode.Certificates([]byte(anchor.Source.Bundle)); err != nil || !slices.ContainsFunc(bundle, cert.Equal) {
		return nil, err
	}
	made := addedCAMade(anchor, cert)
	return &made, nil
}

func addedCAMade(a awsapi.Anchor, cert *x509.Certificate) Made {
	return Made{Noun: "trust anchor", Name: a.Name, Ref: a.ARN, UID: hashOf(cert.Raw), Ownership: Changed, Values: map[string]string{"anchor.arn": a.ARN}}
}

func applyAnchor(ctx context.Context, t *Tools, change Change) (Made, error) {
	if strings.HasPrefix(change.ID, opens) {
		return Made{Noun: change.Noun, Name: change.Name, Ref: change.Name, Ownership: Used}, nil // accepted; nothing is written
	}
	spec, err := decodeSpec[anchorSpec](change)
	if err != nil {
		return Made{}, err
	}
	cert, err := t.anchorCertificate()
	if err != nil {
		return Made{}, err
	}
	pem := string(pki.EncodeCertificates(cert))
	if change.ID == "trust-anchor.create" {
		anchor, err := t.API.CreateAnchor(ctx, awsapi.AnchorSpec{
			Name: spec.Name, Source: awsapi.AnchorSource{Bundle: pem}, Notices: spec.Notices, Tags: t.OurTags(),
		})
		return anchorMade(anchor), err
	}
	anchor, err := t.API.Anchor(ctx, spec.ARN)
	if err != nil {
		return Made{}, err
	}
	if hashOf([]byte(anchor.Source.Bundle)) != spec.Seen {
		return Made{}, &MovedError{"trust anchor " + anchor.Name, "somebody changed its certificates after the plan was made"}
	}
	source := awsapi.AnchorSource{Bundle: anchor.Source.Bundle + bundleBreak(anchor.Source.Bundle) + pem}
	anchor, err = t.API.UpdateAnchorSource(ctx, spec.ARN, source)
	return addedCAMade(anchor, cert), err
}
