package steps

import (
	"fmt"
	"strings"

	"anywhere/awsapi"
)

// UnknownCertificateError says that nothing here answers to what was named.
type UnknownCertificateError struct{ What string }

func (e *UnknownCertificateError) Error() string {
	return fmt.Sprintf("find certificate %q: no file, no common name that is known here and no serial", e.What)
}

// Hint shows the forms.
func (e *UnknownCertificateError) Hint() string {
	return "name a serial as in a session name, a certificate file, or a common name"
}

// SeveralError says that a common name is not enough.
type SeveralError struct {
	Name         string
	Certificates []KnownCertificate
}

func (e *SeveralError) Error() string {
	var all []string
	for _, c := range e.Certificates {
		text := c.SerialHex
		if c.InUse {
			text += " (in use by " + c.Setup + ")"
		}
		all = append(all, text)
	}
	return fmt.Sprintf("find certificate %q: %d are valid: %s", e.Name, len(all), strings.Join(all, ", "))
}

// Hint shows both ways.
func (e *SeveralError) Hint() string { return "name one serial, or all of them with --all" }

// NotOfCAError says that another CA has issued the certificate.
type NotOfCAError struct{ Serial, CA string }

func (e *NotOfCAError) Error() string {
	return "revoke " + e.Serial + ": " + e.CA + " has not issued it, and only its issuer can revoke a certificate"
}

// Hint is the way of the CA that has issued it.
func (e *NotOfCAError) Hint() string {
	return "have its issuer revoke it, and bring that CA's list: anywhere ca crl --import FILE"
}

// ManyListsError says that AWS takes no further list.
type ManyListsError struct{ Lists []awsapi.CRL }

func (e *ManyListsError) Error() string {
	var names []string
	for _, l := range e.Lists {
		names = append(names, l.Name)
	}
	return fmt.Sprintf("import revocation list: the trust anchor has %d already, none of them ours: %s", len(names), strings.Join(names, ", "))
}

// Hint makes room.
func (e *ManyListsError) Hint() string {
	return "delete the one that is out of use: aws rolesanywhere delete-crl --crl-id " + e.Lists[0].ID
}

// ForeignListError says that a list is of a CA that has nothing to do with the
// set-up.
type ForeignListError struct{ Issuer string }

func (e *ForeignListError) Error() string {
	return "use revocation list: its issuer, " + e.Issuer + ", is no CA of the trust anchor and stands in no chain that is known here"
}

// Hint says whose list is wanted.
func (e *ForeignListError) Hint() string {
	return "get the list of the CA that issued the certificates"
}

// LowerListError says that an intermediate which AWS does not know has signed a
// list.
type LowerListError struct{ CA string }

func (e *LowerListError) Error() string {
	return "use revocation list: " + e.CA + " has signed it, which the trust anchor does not hold; AWS takes lists of the CAs that it holds"
}

// Hint puts it there.
func (e *LowerListError) Hint() string {
	return "add --hold-issuer: it puts " + e.CA + " into the trust anchor beside the root"
}
