package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"
)

// MaxCRL is the largest revocation list that Roles Anywhere takes, in bytes of
// PEM: about six thousand entries without reasons.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_ImportCrl.html
const MaxCRL = 300_000

// Reason says why a certificate was revoked, in the words of RFC 5280 section
// 5.3.1. The zero value is unspecified and stands in no list.
type Reason string

// reasons are the codes that a list carries. certificateHold and removeFromCRL
// are left out: what is revoked here stays revoked.
var reasons = []struct {
	Reason
	code int
}{
	{"unspecified", 0}, {"keyCompromise", 1}, {"cACompromise", 2}, {"affiliationChanged", 3},
	{"superseded", 4}, {"cessationOfOperation", 5}, {"privilegeWithdrawn", 9}, {"aACompromise", 10},
}

// Reasons lists them.
func Reasons() []Reason {
	var all []Reason
	for _, r := range reasons {
		all = append(all, r.Reason)
	}
	return all
}

// Code is the reason's number; false for a word that is none.
func (r Reason) Code() (int, bool) {
	for _, known := range reasons {
		if known.Reason == r {
			return known.code, true
		}
	}
	return 0, r == ""
}

// Revoked is one entry of a revocation list.
type Revoked struct {
	Serial Serial    `json:"serial"`
	At     time.Time `json:"at"`
	Reason Reason    `json:"reason,omitempty"`
}

// CRLSpec says what a revocation list will hold.
type CRLSpec struct {
	// Number grows with each list of a CA (RFC 5280 section 5.2.3).
	Number     int64
	Entries    []Revoked
	ThisUpdate time.Time
	NextUpdate time.Time
}

// NewCRL makes and signs a revocation list. A CA whose key usage lacks cRLSign
// cannot. One that is too large for Roles Anywhere is a [*LargeCRLError].
func NewCRL(spec CRLSpec, ca *x509.Certificate, key crypto.Signer, random io.Reader) (*x509.RevocationList, error) {
	if err := MatchKey(ca, key); err != nil {
		return nil, fmt.Errorf("make revocation list: %w", err)
	}
	template := &x509.RevocationList{
		Number: big.NewInt(spec.Number), ThisUpdate: spec.ThisUpdate.UTC().Truncate(time.Second), NextUpdate: spec.NextUpdate.UTC().Truncate(time.Second),
	}
	for _, e := range spec.Entries {
		code, known := e.Reason.Code()
		if !known || e.Serial.IsZero() {
			return nil, fmt.Errorf("make revocation list: serial %s, reason %q: no such entry can be made", e.Serial, e.Reason)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: e.Serial.Int(), RevocationTime: e.At.UTC().Truncate(time.Second), ReasonCode: code,
		})
	}
	der, err := x509.CreateRevocationList(random, template, ca, key)
	if err != nil {
		return nil, fmt.Errorf("make revocation list: %w", err)
	}
	if size := len(EncodeCRL(der)); size > MaxCRL {
		return nil, &LargeCRLError{Size: size, Entries: len(spec.Entries)}
	}
	return x509.ParseRevocationList(der)
}

// LargeCRLError says that AWS would not take a list.
type LargeCRLError struct{ Size, Entries int }

func (e *LargeCRLError) Error() string {
	return fmt.Sprintf("make revocation list: %d entries need %d bytes, AWS takes %d", e.Entries, e.Size, MaxCRL)
}

// Hint is the way round.
func (e *LargeCRLError) Hint() string {
	return "leave out reasons, or rotate the CA: anywhere ca rotate ends every certificate of the old one"
}

// EncodeCRL is the PEM form, which AWS documents.
func EncodeCRL(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

// ParseCRL reads a revocation list in PEM or DER. Anything after it is an error.
func ParseCRL(data []byte) (*x509.RevocationList, error) {
	if len(data) > 4*MaxCRL {
		return nil, fmt.Errorf("read revocation list: longer than %d bytes", 4*MaxCRL)
	}
	if block, rest := pem.Decode(data); block != nil {
		if block.Type != "X509 CRL" || len(bytes.TrimSpace(rest)) > 0 {
			return nil, errors.New("read revocation list: the file holds something else, or more than one")
		}
		data = block.Bytes
	}
	list, err := x509.ParseRevocationList(data)
	if err != nil {
		return nil, fmt.Errorf("read revocation list: %w", err)
	}
	return list, nil
}

// RevokedIn are the entries of a list, in its order.
func RevokedIn(list *x509.RevocationList) []Revoked {
	var all []Revoked
	for _, e := range list.RevokedCertificateEntries {
		entry := Revoked{Serial: serialFromInt(e.SerialNumber), At: e.RevocationTime.UTC()}
		for _, known := range reasons {
			if known.code == e.ReasonCode && e.ReasonCode != 0 {
				entry.Reason = known.Reason
			}
		}
		all = append(all, entry)
	}
	return all
}

// Supersedes says why next must not take the place of now, both of one issuer:
// it would let a revoked certificate in again, or it is older.
func Supersedes(now, next *x509.RevocationList) error {
	if now.Number != nil && (next.Number == nil || next.Number.Cmp(now.Number) < 0) {
		return &UnrevokeError{Why: fmt.Sprintf("its number is %v, the list in use has %v", next.Number, now.Number)}
	}
	has := map[Serial]bool{}
	for _, e := range RevokedIn(next) {
		has[e.Serial] = true
	}
	for _, e := range RevokedIn(now) {
		if !has[e.Serial] {
			return &UnrevokeError{Why: "it lacks serial " + e.Serial.Hex() + ", which the list in use has"}
		}
	}
	return nil
}

// UnrevokeError says that a list would take back a revocation.
type UnrevokeError struct{ Why string }

func (e *UnrevokeError) Error() string { return "replace revocation list: " + e.Why }

// Hint says what is wanted.
func (e *UnrevokeError) Hint() string {
	return "get the newest list of the CA: one that lacks an entry lets that certificate in again"
}
