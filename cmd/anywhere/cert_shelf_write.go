package main

import (
	"errors"
	"path/filepath"

	"anywhere/signer/home"
	"anywhere/steps"
)

// put writes pairs, each into a directory of its own.
func (s *shelf) put(made []steps.Delivery, step func()) (write func() error, err error) {
	return func() error { return s.write(made, step) }, nil
}

func (s *shelf) write(made []steps.Delivery, step func()) error {
	err := each(len(made), func(i int) error {
		d := made[i]
		dir := filepath.Join(s.dir, d.Order.Name.CommonName)
		if err := s.batch.Mkdir(dir, home.DirPerm); err != nil && !isExist(err) {
			return err
		}
		if d.KeyPEM != nil {
			if err := s.batch.Create(filepath.Join(dir, "key.pem"), d.KeyPEM, home.SecretPerm); err != nil {
				return err
			}
		}
		// The certificate comes last: it stands for a whole pair.
		if err := s.batch.Create(filepath.Join(dir, "certificate.pem"), d.CertificatePEM, 0o644); err != nil {
			return err
		}
		step()
		return nil
	})
	s.settle()
	return err
}

// settle has what was written so far brought to the disk while the next pairs are
// made, unless that is under way already: then the next call takes it along, or finish.
func (s *shelf) settle() {
	if !s.syncing.CompareAndSwap(false, true) {
		return
	}
	s.running.Go(func() {
		s.lost = errors.Join(s.lost, s.batch.Sync())
		s.syncing.Store(false)
	})
}

// finish waits until every pair is on the disk, also where others are left over.
func (s *shelf) finish(bool) error {
	err := s.batch.Sync()
	s.running.Wait()
	return errors.Join(s.lost, err)
}
