package main

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
)

// BenchmarkIssueAList issues for a thousand names, and reports which part of the
// crypto limit that is: keys and signatures alone, on as many processors, made in
// the same run. The rest is files, the ledger and the rules.
func BenchmarkIssueAList(b *testing.B) {
	for _, run := range []struct {
		kind pki.KeyKind
		form string
	}{{pki.P256, ""}, {pki.P256, ".tar"}, {pki.RSA2048, ".tar"}} {
		kind := run.kind
		b.Run(string(kind)+run.form, func(b *testing.B) {
			const machines = 1000
			s := newShop(b)
			var names strings.Builder
			for i := range machines {
				fmt.Fprintf(&names, "host%d\n", i)
			}
			list, out := put(b, []byte(names.String())), b.TempDir()
			var limit, took time.Duration
			for n := 0; b.Loop(); n++ {
				begun := time.Now()
				cryptoAlone(b, kind, machines)
				limit += time.Since(begun)
				begun = time.Now()
				s.want(exitDone, "cert", "issue", "--list", list, "--key-kind", string(kind), "--out", filepath.Join(out, fmt.Sprint(n)+run.form))
				took += time.Since(begun)
			}
			b.ReportMetric(100*limit.Seconds()/took.Seconds(), "%-of-crypto")
			b.ReportMetric(float64(b.N*machines)/took.Seconds(), "certificates/s")
		})
	}
}

// cryptoAlone makes keys and certificates and keeps none.
func cryptoAlone(b *testing.B, kind pki.KeyKind, n int) {
	b.Helper()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, SubjectKeyId: []byte{1}, NotAfter: time.Now().Add(time.Hour)}
	if err := each(n, func(int) error {
		own, err := pki.NewKey(kind, rand.Reader)
		if err == nil {
			_, err = x509.CreateCertificate(rand.Reader, ca, ca, own.Public(), key)
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
}
