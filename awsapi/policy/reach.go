package policy

import (
	"fmt"
	"slices"
	"strings"
)

// OpenTo says whether some certificate under the anchor could use a role with
// this trust policy, as far as its conditions on the anchor and its account go;
// conditions on the certificate may still keep a given one out. why is one
// phrase, empty if it is not open.
//
// A Roles Anywhere profile is tied to no anchor, so a new anchor opens every role
// that a profile of its account and Region lists and that does not name an
// anchor. For an anchor that is yet to be made, anchorARN is its ARN with any
// identifier at the end.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func OpenTo(d Document, anchorARN string) (why string, open bool) {
	ctx := Context{"aws:SourceArn": {anchorARN}, "aws:SourceAccount": {accountOf(anchorARN)}}
	for i, s := range d.Statements {
		if s.Effect != Allow || !s.forService() || !s.sourceHolds(ctx, d.Version) {
			continue
		}
		if !s.namesSource() {
			return fmt.Sprintf("%s trusts Roles Anywhere for every trust anchor of the account", place(0, i, s.Sid)), true
		}
		return fmt.Sprintf("%s trusts %s", place(0, i, s.Sid), strings.Join(s.sources(), ", ")), true
	}
	return "", false
}

// NamesAnchor says whether the trust policy lets certificates of this anchor in
// by naming it, with or without wildcards.
func NamesAnchor(d Document, anchorARN string) bool {
	ctx := Context{"aws:SourceArn": {anchorARN}, "aws:SourceAccount": {accountOf(anchorARN)}}
	return slices.ContainsFunc(d.Statements, func(s Statement) bool {
		return s.Effect == Allow && s.forService() && s.namesSource() && s.sourceHolds(ctx, d.Version)
	})
}

// forService says whether the statement lets Roles Anywhere assume the role.
func (s Statement) forService() bool {
	if _, _, ok := s.coversAction("sts:AssumeRole"); !ok {
		return false
	}
	service := Principal{Service: Service}
	if s.NotPrincipal != nil {
		return !s.NotPrincipal.matches(service)
	}
	return s.Principal != nil && s.Principal.matches(service)
}

// sourceHolds judges only the conditions about who the service acts for.
func (s Statement) sourceHolds(ctx Context, version string) bool {
	for _, c := range s.Conditions {
		if _, about := ctx.values(c.Key); about && !c.holds(ctx, version) {
			return false
		}
	}
	return true
}

func (s Statement) namesSource() bool { return len(s.sources()) > 0 }

// sources are the anchors that the statement names; a negated operator names
// none.
func (s Statement) sources() []string {
	var list []string
	for _, c := range s.Conditions {
		if op, ok := operatorOf(c.Operator); ok && !op.negated && !op.null && strings.EqualFold(c.Key, "aws:SourceArn") {
			list = append(list, c.Values...)
		}
	}
	return list
}

// accountOf returns the account in an ARN.
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", segments); len(parts) == segments {
		return parts[4]
	}
	return ""
}
