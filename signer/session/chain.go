package session

import (
	"bytes"
	"crypto/x509"
	"slices"
)

// OrderChain picks from pool what X-Amz-X509-Chain should carry for leaf: each
// issuer after what it issued, without the leaf, roots and repetitions, at most
// [MaxChain]. AWS builds the path itself; it has the root as trust anchor.
//
// Certificates are matched by name: whether their signatures fit is AWS's to
// judge.
func OrderChain(leaf *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	chain := climb(nil, leaf, leaf, pool)
	return chain[:min(len(chain), MaxChain)]
}

// climb appends the issuers of cert, nearest first, then theirs. Two of one name
// are a cross-signed pair, and both go along.
func climb(chain []*x509.Certificate, cert, leaf *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	from := len(chain)
	for _, issuer := range pool {
		known := issuer.Equal(leaf) || slices.ContainsFunc(chain, issuer.Equal)
		root := bytes.Equal(issuer.RawSubject, issuer.RawIssuer)
		if !known && !root && bytes.Equal(cert.RawIssuer, issuer.RawSubject) {
			chain = append(chain, issuer)
		}
	}
	for _, issuer := range slices.Clone(chain[from:]) {
		chain = climb(chain, issuer, leaf, pool)
	}
	return chain
}
