package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/signer/refusals"
)

const revocation = "https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_ImportCrl.html"

// crlChecks look at the revocation lists of the trust anchor.
func crlChecks() []Check {
	return []Check{
		{
			Code: "RA206", Group: GroupAnchor, Title: "Certificate is not revoked", Needs: []Code{"RA201"}, Refuses: true, Judge: notRevoked,
			Fault:  "The certificate is revoked",
			Why:    "An enabled revocation list of the trust anchor with the certificate's serial refuses new sessions at once. Sessions already issued live until they end.",
			Fix:    "Issue a new certificate; if the revocation was a mistake, import a list without the serial: aws rolesanywhere update-crl.",
			Source: trustModel,
		},
		{
			Code: "RA211", Group: GroupAnchor, Title: "Revocation list is current", Needs: []Code{"RA201"}, Judge: listCurrent,
			Fault:  "The revocation list is out of date",
			Why:    "A revocation list names its next update. Nobody has published what AWS does after it; a list that nobody renews revokes nobody new.",
			Fix:    "Make the list again and give it to AWS before its next update: aws rolesanywhere update-crl --crl-id ID --crl-data fileb://crl.pem.",
			Source: revocation,
		},
		{
			Code: "RA216", Group: GroupAnchor, Title: "Revocation list is signed by the anchor's CA", Needs: []Code{"RA201"}, Judge: listSigned,
			Fault:  "Another CA signed the revocation list",
			Why:    "A list that another CA signed revokes nothing here.",
			Fix:    "Sign the list with the key of the CA that the trust anchor holds.",
			Source: revocation,
		},
		{
			Code: "RA217", Group: GroupAnchor, Title: "Revocation list is enabled", Needs: []Code{"RA201"}, Judge: listEnabled,
			Fault:  "The revocation list is disabled",
			Why:    "Lists are imported disabled unless asked otherwise: a certificate on it still gets sessions.",
			Fix:    "aws rolesanywhere enable-crl --crl-id ID.",
			Source: revocation,
		},
		{
			Code: "RA221", Group: GroupAnchor, Title: "Revocation list has room", Needs: []Code{"RA201"}, Judge: listHasRoom,
			Fault:  "The revocation list is nearly as large as AWS takes",
			Why:    "A list has 300,000 bytes at most, which is about six thousand entries. A larger one is refused: from then on nobody new is revoked.",
			Fix:    "Replace the CA before that: anywhere ca rotate. Its successor begins with an empty list, and everything that the old one issued ends with it.",
			Source: revocation,
		},
	}
}

// list is a revocation list that could be read.
type list struct {
	awsapi.CRL
	data *x509.RevocationList // nil if it cannot be read
}

// lists are those of the trust anchor.
func (p *Patient) lists() []list {
	var all []list
	for _, crl := range p.AWS.CRLs.Value {
		if crl.AnchorARN != p.Target.TrustAnchorARN {
			continue
		}
		der := crl.Data
		if block, _ := pem.Decode(der); block != nil {
			der = block.Bytes
		}
		parsed, err := x509.ParseRevocationList(der)
		if err != nil {
			parsed = nil
		}
		all = append(all, list{crl, parsed})
	}
	return all
}

// names says whether the list has a certificate of the path.
func (l list) names(p *Patient) (serial string, at string, found bool) {
	if l.data == nil {
		return "", "", false
	}
	for _, cert := range append([]*x509.Certificate{p.leaf}, p.path.steps...) {
		if string(cert.RawIssuer) != string(l.data.RawIssuer) {
			continue
		}
		for _, entry := range l.data.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 {
				return pki.SerialOf(cert).Hex(), stamp(entry.RevocationTime), true
			}
		}
	}
	return "", "", false
}

// bySomeAnchor says whether a CA of the anchor signed the list.
func (l list) bySomeAnchor(p *Patient) bool {
	for _, ca := range p.anchors {
		if l.data == nil {
			return false
		}
		if key, saved := signerNamed(l.data.Signature); saved && key == keyName(ca) || !saved && l.data.CheckSignatureFrom(ca) == nil {
			return true
		}
	}
	return false
}

// inForce says that AWS goes by the list, whoever signed it: it refused the
// certificate that is on it, or it is the sandbox's own, made for practice.
func (l list) inForce(p *Patient) bool {
	_, _, found := l.names(p)
	return found && l.Enabled && p.refused(refusals.Revoked) ||
		l.Name == "made-up-by-the-sandbox" && (p.Mode == "sandbox" || account(l.ARN) == "000000000000")
}

func notRevoked(p *Patient) Finding {
	switch {
	case p.leaf == nil:
		return skip("there is no certificate to look at")
	case !p.AWS.CRLs.Known() && p.refused(refusals.Revoked):
		return fail("AWS says that it is", p.words(), Seen{"serial", pki.SerialOf(p.leaf).Hex()})
	case !p.AWS.CRLs.Known():
		return p.untold("the revocation lists could not be read: " + p.AWS.CRLs.why())
	}
	for _, l := range p.lists() {
		if serial, at, found := l.names(p); found && l.Enabled && (l.bySomeAnchor(p) || p.refused(refusals.Revoked)) {
			return fail("the revocation list "+l.Name+" has it", Seen{"serial", serial}, Seen{"revoked at", at}, Seen{"list", l.ARN})
		}
	}
	return pass(fmt.Sprintf("it is on none of %d lists", len(p.lists())))
}

// eachList warns of the first list that is not as it should be.
func eachList(p *Patient, odd func(list) (says string, seen []Seen)) Finding {
	lists := p.lists()
	if len(lists) == 0 || p.leaf == nil {
		return skip("there is no revocation list")
	}
	for _, l := range lists {
		if says, seen := odd(l); says != "" {
			return warn(says, append(seen, Seen{"list", l.Name + " " + l.ARN})...)
		}
	}
	return pass(fmt.Sprintf("%d lists are", len(lists)))
}

func listCurrent(p *Patient) Finding {
	return eachList(p, func(l list) (string, []Seen) {
		if l.data != nil && !l.data.NextUpdate.IsZero() && p.At.After(l.data.NextUpdate) {
			return "it should have been renewed", []Seen{{"next update", stamp(l.data.NextUpdate)}}
		}
		return "", nil
	})
}

func listHasRoom(p *Patient) Finding {
	return eachList(p, func(l list) (string, []Seen) {
		if l.data == nil {
			return "", nil
		}
		if room, near := pki.CRLRoom(len(pki.EncodeCRL(l.data.Raw))); near {
			return "little is left", []Seen{{"size", room}, {"entries", fmt.Sprint(len(l.data.RevokedCertificateEntries))}}
		}
		return "", nil
	})
}

func listSigned(p *Patient) Finding {
	return eachList(p, func(l list) (string, []Seen) {
		switch {
		case l.data == nil:
			return "it cannot be read", nil
		case l.inForce(p):
		case p.anchors != nil && !l.bySomeAnchor(p):
			return "another CA signed it", []Seen{{"issuer", l.data.Issuer.String()}}
		}
		return "", nil
	})
}

func listEnabled(p *Patient) Finding {
	return eachList(p, func(l list) (string, []Seen) {
		if l.Enabled {
			return "", nil
		}
		if serial, _, found := l.names(p); found {
			return "it has this certificate and is disabled", []Seen{{"serial", serial}}
		}
		return "", nil
	})
}
