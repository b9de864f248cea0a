package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// issueList issues for each name that has no certificate in dir yet.
func (k *keeping) issueList(ctx context.Context, want steps.Issuing, orders []steps.Order, dir string) error {
	if dir == "" {
		return &usageError{"cert issue: where to? --list writes one directory for each machine", "add --out DIR"}
	}
	disk := k.doors.home.Disk
	if err := disk.Mkdir(dir, home.DirPerm); err != nil {
		return err
	}
	there := shelf{dir: dir, disk: disk, random: k.app.random}
	open, err := there.open(orders)
	if err != nil {
		return err
	}
	bar := &progressBar{out: k.app.stderr, total: len(orders), live: k.app.terminal}
	bar.done.Store(int64(len(orders) - len(open)))
	err = k.runner.Issue(ctx, want, open, func(made []steps.Delivery) error { return there.put(made, bar.step) })
	bar.finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(k.app.stdout, "%d certificates in %s, %d of them new.\n", len(orders), foreign.Text(dir), len(open))
	return nil
}

// put writes pairs, each into a directory of its own, and waits once until all
// are on the disk.
func (s shelf) put(made []steps.Delivery, step func()) error {
	batch := s.disk.Batch(s.dir)
	err := each(len(made), func(i int) error {
		d := made[i]
		dir := filepath.Join(s.dir, d.Order.Name.CommonName)
		if err := batch.Mkdir(dir, home.DirPerm); err != nil && !isExist(err) {
			return err
		}
		if d.KeyPEM != nil {
			if err := batch.Create(filepath.Join(dir, "key.pem"), d.KeyPEM, home.SecretPerm); err != nil {
				return err
			}
		}
		// The certificate comes last: it stands for a whole pair.
		data := pki.EncodeCertificates(append([]*x509.Certificate{d.Certificate}, d.Chain...)...)
		if err := batch.Create(filepath.Join(dir, "certificate.pem"), data, 0o644); err != nil {
			return err
		}
		step()
		return nil
	})
	return errors.Join(err, batch.Sync())
}

// each runs do for 0 to n-1 on every processor and returns the errors.
func each(n int, do func(int) error) error {
	errs := make([]error, n)
	var running sync.WaitGroup
	workers := min(n, runtime.NumCPU())
	for first := range workers {
		running.Go(func() {
			for i := first; i < n; i += workers {
				errs[i] = do(i)
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}
