package main

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
)

// BenchmarkIssueAList issues for a thousand names, and reports which part of the
// crypto limit that is: keys and certificates alone, like those that are delivered, on
// as many processors, made in the same run right before. The rest is reading the
// set-up, the rules, the ledger and files; how much of it the directories are
// shows what a loop takes that writes files of their size and does nothing else.
//
// Both sides start with a swept heap and sweep it equally seldom. Shares are medians
// over the rounds, so that one round which somebody else disturbs does not count.
//
// For minutes after thousands of files were deleted, as they are when this ends, ext4
// without a journal passes over their inodes one by one to make others: directories then
// take up to ten times as long, here and in the loop alike.
//
// Source: https://github.com/torvalds/linux/blob/master/fs/ext4/ialloc.c (recently_deleted)
func BenchmarkIssueAList(b *testing.B) {
	for _, run := range []struct {
		kind pki.KeyKind
		form string
	}{{pki.P256, ""}, {pki.P256, ".tar"}, {pki.RSA2048, ".tar"}} {
		b.Run(string(run.kind)+run.form, func(b *testing.B) {
			const machines = 1000
			s := newShop(b)
			out := b.TempDir()
			issue := func(name string, machines int) time.Duration {
				var names strings.Builder
				for i := range machines {
					fmt.Fprintf(&names, "host%d\n", i)
				}
				list := put(b, []byte(names.String()))
				return timed(func() {
					s.want(exitDone, "cert", "issue", "--list", list, "--key-kind", string(run.kind), "--out", filepath.Join(out, name+run.form))
				})
			}
			issue("warm", 10)
			var ofCrypto, ofFiles, took []float64
			for n := 0; b.Loop(); n++ {
				end := sweepLate()
				crypto := timed(func() { cryptoAlone(b, run.kind, machines) })
				end()
				all := issue(fmt.Sprint(n), machines).Seconds()
				ofCrypto, took = append(ofCrypto, 100*crypto.Seconds()/all), append(took, all)
				if run.form == "" { // else what these leave to be written would be waited for by the archive
					files := timed(func() { filesAlone(b, filepath.Join(out, fmt.Sprint("files", n)), machines) })
					ofFiles = append(ofFiles, 100*files.Seconds()/all)
				}
			}
			b.ReportMetric(median(ofCrypto), "%-of-crypto")
			if run.form == "" {
				b.ReportMetric(median(ofFiles), "%-of-files")
			}
			b.ReportMetric(machines/median(took), "certificates/s")
		})
	}
}

func timed(do func()) time.Duration {
	runtime.GC()
	begun := time.Now()
	do()
	return time.Since(begun)
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// cryptoAlone makes keys and certificates and keeps none.
func cryptoAlone(b *testing.B, kind pki.KeyKind, n int) {
	b.Helper()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	id := make([]byte, 20)
	ca := &x509.Certificate{Subject: pkix.Name{CommonName: "ca"}, SubjectKeyId: id}
	leaf := &x509.Certificate{
		SerialNumber: new(big.Int).Lsh(big.NewInt(1), 126), Subject: pkix.Name{CommonName: "host"}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, SubjectKeyId: id,
	}
	if err := each(n, func(int) error {
		own, err := pki.NewKey(kind, rand.Reader)
		if err == nil {
			_, err = x509.CreateCertificate(rand.Reader, leaf, ca, own.Public(), key)
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
}

// filesAlone makes a directory with two files for each machine, of the size of
// those for P-256, and waits once until all are on the disk.
func filesAlone(b *testing.B, root string, n int) {
	b.Helper()
	if err := os.Mkdir(root, 0o700); err != nil {
		b.Fatal(err)
	}
	var disk *atomicfile.Disk
	batch := disk.Batch(root)
	key, certificate := make([]byte, 241), make([]byte, 607)
	err := each(n, func(i int) error {
		dir := filepath.Join(root, fmt.Sprint("host", i))
		if err := batch.Mkdir(dir, 0o700); err != nil {
			return err
		}
		if err := batch.Create(filepath.Join(dir, "key.pem"), key, 0o600); err != nil {
			return err
		}
		return batch.Create(filepath.Join(dir, "certificate.pem"), certificate, 0o644)
	})
	if err == nil {
		err = batch.Sync()
	}
	if err != nil {
		b.Fatal(err)
	}
}
