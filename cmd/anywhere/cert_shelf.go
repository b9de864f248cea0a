package main

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
	"anywhere/pki/foreign"
	"anywhere/steps"
)

// shelf is where the pairs of a list go: a directory for each name, with
// key.pem, unless the key was born elsewhere, and certificate.pem.
type shelf struct {
	dir    string
	disk   *atomicfile.Disk
	random io.Reader

	batch   *atomicfile.Batch // what is written
	syncing atomic.Bool       // some of it is being brought to the disk
	running sync.WaitGroup
	lost    error // what did not get there; read after running
}

// open are the orders that have no whole pair here yet. A key that a run which
// was stopped has left is kept, and the order is then for it; what a power failure
// left empty is removed.
func (s *shelf) open(orders []steps.Order) ([]steps.Order, error) {
	whole := make([]bool, len(orders))
	err := each(len(orders), func(i int) (err error) {
		whole[i], err = s.look(&orders[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	var open []steps.Order
	for i, order := range orders {
		if !whole[i] {
			open = append(open, order)
		}
	}
	return open, nil
}

// look says whether the pair of an order is here and whole.
func (s *shelf) look(order *steps.Order) (bool, error) {
	dir := filepath.Join(s.dir, order.Name.CommonName)
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	key, err := s.whole(filepath.Join(dir, "key.pem"))
	if err != nil {
		return false, err
	}
	cert, err := s.whole(filepath.Join(dir, "certificate.pem"))
	switch {
	case err != nil:
		return false, err
	case cert != nil:
		if err := belongs(*order, cert, key); err != nil {
			return true, &usageError{fmt.Sprintf("use %s: %s", foreign.Text(dir), foreign.Text(err.Error())), "move it away, or name another --out"}
		}
		return true, nil
	case key != nil && order.CSR == nil:
		return false, s.orderFor(order, key)
	}
	return false, nil
}

// whole reads a file that may not be there, and removes one that a power failure
// has cut off.
func (s *shelf) whole(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if cutOff(data) {
		return nil, s.disk.Remove(path)
	}
	return data, nil
}

// cutOff says whether a power failure has left only the beginning of a PEM file,
// zeros, or nothing.
func cutOff(data []byte) bool {
	begun := bytes.HasPrefix(data, []byte("-----BEGIN ")) && !bytes.Contains(data, []byte("-----END "))
	return begun || len(bytes.Trim(data, "\x00")) == 0
}

// belongs compares what is there with what was ordered; key is nil if it was born
// elsewhere.
func belongs(order steps.Order, cert, key []byte) error {
	certs, err := decode.Certificates(cert)
	switch {
	case err != nil:
		return err
	case certs[0].Subject.CommonName != order.Name.CommonName:
		return errors.New("the certificate in it is for CN=" + certs[0].Subject.CommonName)
	case key != nil:
		return matches(certs[0], key)
	}
	return nil
}

func matches(cert *x509.Certificate, key []byte) error {
	signer, err := decode.Key(key, nil)
	if err != nil {
		return err
	}
	return pki.MatchKey(cert, signer)
}

// orderFor makes the order one for a key that is here already.
func (s *shelf) orderFor(order *steps.Order, key []byte) error {
	signer, err := decode.Key(key, nil)
	if err == nil {
		order.CSR, err = pki.NewCSR(pki.LeafSpec{Name: order.Name}, signer, s.random)
	}
	if err != nil {
		return &usageError{fmt.Sprintf("use key.pem of %s: %s", order.Name.CommonName, foreign.Text(err.Error())), "move it away, or name another --out"}
	}
	return nil
}
