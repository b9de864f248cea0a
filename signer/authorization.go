package signer

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"anywhere/signer/session"
)

// MalformedError says that a request is not one that SigV4-X509 can have made.
type MalformedError struct {
	Part string // header or parameter
	Why  string // what is wrong with it, as a predicate
}

func (e *MalformedError) Error() string { return fmt.Sprintf("verify %s: %s", e.Part, e.Why) }

// authorization is the Authorization header, taken apart.
type authorization struct {
	algorithm string
	serial    string // of the certificate, decimal
	day       string // yyyymmdd
	region    string
	signed    []string
	signature []byte
}

// scope is the second to last part of Credential.
func (a authorization) scope() string {
	return a.day + "/" + a.region + "/" + session.Service + "/aws4_request"
}

// parseAuthorization reads
//
//	<algorithm> Credential=<serial>/<scope>, SignedHeaders=<a;b>, Signature=<hex>
func parseAuthorization(header string) (authorization, error) {
	bad := func(why string) (authorization, error) {
		return authorization{}, &MalformedError{Part: "Authorization", Why: why}
	}
	algorithm, rest, ok := strings.Cut(header, " ")
	if !ok {
		return bad("is not <algorithm> Credential=..., SignedHeaders=..., Signature=...")
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := fields[name]; !ok || twice {
			return bad("has a part that is not name=value or stands twice")
		}
		fields[name] = value
	}
	if len(fields) != 3 {
		return bad("does not have exactly Credential, SignedHeaders and Signature")
	}
	credential := strings.Split(fields["Credential"], "/")
	if len(credential) != 5 || credential[3] != session.Service || credential[4] != "aws4_request" || credential[2] == "" {
		return bad("Credential is not <serial>/<date>/<region>/rolesanywhere/aws4_request")
	}
	signature, err := hex.DecodeString(fields["Signature"])
	if err != nil || len(signature) == 0 || strings.ToLower(fields["Signature"]) != fields["Signature"] {
		return bad("Signature is not lower-case hex")
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	if why := badHeaderList(signed); why != "" {
		return bad(why)
	}
	return authorization{algorithm, credential[0], credential[1], credential[2], signed, signature}, nil
}

// badHeaderList says why names cannot be SignedHeaders; empty if they can.
func badHeaderList(names []string) string {
	for i, name := range names {
		switch {
		case name == "" || strings.ToLower(name) != name || strings.ContainsAny(name, " \t\r\n:"):
			return "SignedHeaders has a name that is not in lower case"
		case i > 0 && name <= names[i-1]:
			return "SignedHeaders is not sorted"
		}
	}
	for _, must := range []string{"host", "x-amz-date", "x-amz-x509"} {
		if !slices.Contains(names, must) {
			return "SignedHeaders lacks " + must
		}
	}
	return ""
}
