package sandbox

import (
	"crypto/x509"

	"anywhere/awsapi/policy"
)

// memo keeps what texts mean, so that a session need not read the same policy or
// bundle again. It is guarded by the sandbox's lock.
type memo struct {
	policies map[string][]policy.Document
	bundles  map[string][]*x509.Certificate
}

// mostKept bounds each part; a full part is forgotten.
const mostKept = 1000

func newMemo() memo {
	return memo{map[string][]policy.Document{}, map[string][]*x509.Certificate{}}
}

func remembered[T any](in map[string]T, text string, read func(string) T) T {
	if v, ok := in[text]; ok {
		return v
	}
	if len(in) >= mostKept {
		clear(in)
	}
	v := read(text)
	in[text] = v
	return v
}

// documents parses policies that were checked when they came in.
func (s *Sandbox) documents(texts ...string) []policy.Document {
	out := []policy.Document{}
	for _, t := range texts {
		out = append(out, remembered(s.memo.policies, t, func(t string) []policy.Document {
			d, err := policy.Parse([]byte(t))
			if t == "" || err != nil {
				return nil
			}
			return []policy.Document{d}
		})...)
	}
	return out
}

// bundle reads the certificates of a trust anchor's source.
func (s *Sandbox) bundle(a *anchor) []*x509.Certificate {
	return remembered(s.memo.bundles, a.Source.SourceData.X509CertificateData, func(text string) []*x509.Certificate {
		certs, _ := pemCertificates(text)
		return certs
	})
}
