package sandbox

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"slices"
)

// crl is a certificate revocation list of a trust anchor.
type crl struct {
	thing
	AnchorARN string `json:"trustAnchorArn"`
	Data      []byte `json:"crlData"`          // PEM or DER, as it came
	MadeUp    bool   `json:"madeUp,omitempty"` // by a fault, so its signature is not the CA's
}

type crlDetail struct {
	CRLID     string `json:"crlId"`
	CRLARN    string `json:"crlArn"`
	Name      string `json:"name"`
	Enabled   bool   `json:"enabled"`
	Data      []byte `json:"crlData"`
	AnchorARN string `json:"trustAnchorArn"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

func (l *crl) detail() crlDetail {
	return crlDetail{l.ID, l.ARN, l.Name, l.Enabled, l.Data, l.AnchorARN, iso(l.CreatedAt), iso(l.UpdatedAt)}
}

func (c *call) answerCRL(l *crl) (any, *refusal) {
	c.output = map[string]crlDetail{"crl": l.detail()}
	return c.output, nil
}

type crlInput struct {
	CRLID          string
	Name           string
	CRLData        []byte
	Enabled        bool
	Tags           []tag
	TrustAnchorARN string
}

func (c *call) wantedCRL() (crlInput, *crl, *refusal) {
	in := take[crlInput](c)
	l := one(c, c.account.CRLs, in.CRLID)
	if l == nil {
		return in, nil, missing("Crl with id %s does not exist.", in.CRLID)
	}
	return in, l, nil
}

// parseCRL takes PEM, which AWS documents, and DER, which it has been seen to
// take.
func parseCRL(data []byte) (*x509.RevocationList, error) {
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	return x509.ParseRevocationList(data)
}

// fits refuses a list that says nothing about the anchor's certificates.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html (revocation)
func (c *call) fits(a *anchor, data []byte) *refusal {
	parsed, err := parseCRL(data)
	if err != nil {
		return invalid(saysBadCRL)
	}
	if !slices.ContainsFunc(c.bundle(a), func(ca *x509.Certificate) bool { return parsed.CheckSignatureFrom(ca) == nil }) {
		return invalid(saysForeignCRL)
	}
	return nil
}

func importCRL(c *call) (any, *refusal) {
	in := take[crlInput](c)
	a := find(c.account.Anchors, func(a *anchor) bool { return a.ARN == in.TrustAnchorARN && c.inRegion(a.ARN) })
	if a == nil {
		return nil, invalid("TrustAnchor with ARN %s does not exist.", in.TrustAnchorARN)
	}
	if no := c.fits(a, in.CRLData); no != nil {
		return nil, no
	}
	if no := c.mayTag("crl", in.Tags); no != nil {
		return nil, no
	}
	if len(c.listsOf(a)) >= maxCRLs {
		return nil, invalid(saysManyCRLs, maxCRLs)
	}
	l := &crl{thing: c.newThing("crl", in.Name, in.Enabled, in.Tags), AnchorARN: a.ARN, Data: in.CRLData}
	c.account.CRLs = append(c.account.CRLs, l)
	return c.answerCRL(l)
}

// listsOf are the revocation lists of one trust anchor.
func (c *call) listsOf(a *anchor) []*crl {
	return slices.DeleteFunc(slices.Clone(c.account.CRLs), func(l *crl) bool { return l.AnchorARN != a.ARN })
}

func getCRL(c *call) (any, *refusal) {
	_, l, no := c.wantedCRL()
	if no != nil {
		return nil, no
	}
	return c.answerCRL(l)
}

func listCRLs(c *call) (any, *refusal) {
	page, next, no := pageOf(c, c.account.CRLs)
	if no != nil {
		return nil, no
	}
	out := struct {
		CRLs      []crlDetail `json:"crls"`
		NextToken string      `json:"nextToken,omitempty"`
	}{[]crlDetail{}, next}
	for _, l := range page {
		out.CRLs = append(out.CRLs, l.detail())
	}
	return out, nil
}

func updateCRL(c *call) (any, *refusal) {
	in, l, no := c.wantedCRL()
	if no != nil {
		return nil, no
	}
	if len(in.CRLData) > 0 {
		a := find(c.account.Anchors, func(a *anchor) bool { return a.ARN == l.AnchorARN })
		if a != nil {
			if no := c.fits(a, in.CRLData); no != nil {
				return nil, no
			}
		}
		l.Data = in.CRLData
	}
	l.Name = cmp.Or(in.Name, l.Name)
	l.UpdatedAt = c.now
	return c.answerCRL(l)
}

func deleteCRL(c *call) (any, *refusal) {
	_, l, no := c.wantedCRL()
	if no != nil {
		return nil, no
	}
	c.account.CRLs = without(c.account.CRLs, l)
	return c.answerCRL(l)
}

func switchCRL(on bool) func(*call) (any, *refusal) {
	return func(c *call) (any, *refusal) {
		_, l, no := c.wantedCRL()
		if no != nil {
			return nil, no
		}
		l.Enabled, l.UpdatedAt = on, c.now
		return c.answerCRL(l)
	}
}
