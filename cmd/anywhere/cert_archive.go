package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// archive is where the pairs of a list go as one file: NAME/key.pem, unless the
// key was born elsewhere, and NAME/certificate.pem. A thousand directories cost
// the disk more than a thousand keys cost the processor.
//
// It grows under the name part, by one write for each batch, and gets its own name
// when it is whole.
type archive struct {
	path, part string
	disk       *atomicfile.Disk
	at         time.Time // what the members say of their age

	size int64  // of part, as this run left it
	left int    // orders that are not in it yet
	data []byte // what the last batch became, kept for the next
}

// put returns what appends the pairs of a batch, and what ends an archive after the
// last one.
func (a *archive) put(made []steps.Delivery, step func()) (write func() error, err error) {
	head, err := newTarHeader(a.at)
	if err != nil {
		return nil, err
	}
	a.data = slices.Grow(a.data[:0], sizeOf(made))
	for _, d := range made {
		name := d.Order.Name.CommonName
		if d.KeyPEM != nil {
			a.data = head.append(a.data, keyMember(name), d.KeyPEM)
		}
		// The certificate comes last: it stands for a whole pair.
		a.data = head.append(a.data, certificateMember(name), d.CertificatePEM)
	}
	if a.left -= len(made); a.left == 0 {
		a.data = append(a.data, make([]byte, endOfArchive)...)
	}
	return func() error {
		if err := a.append(a.data); err != nil {
			return err
		}
		for range made {
			step()
		}
		return nil
	}, nil
}

func keyMember(name string) string         { return name + "/key.pem" }
func certificateMember(name string) string { return name + "/certificate.pem" }

// append writes behind what this run has read or written, and nothing else.
func (a *archive) append(data []byte) error {
	info, err := os.Lstat(a.part)
	switch {
	case errors.Is(err, fs.ErrNotExist) && a.size == 0:
	case err != nil:
		return err
	case info.Size() != a.size:
		return fmt.Errorf("write %s: somebody else writes it too", foreign.Text(a.part))
	}
	if err := a.disk.Append(a.part, data, home.SecretPerm); err != nil {
		return err
	}
	a.size += int64(len(data))
	return nil
}

// finish gives the archive its name, if it is whole.
func (a *archive) finish(whole bool) error {
	if !whole {
		return nil
	}
	if a.left < 0 { // nothing was left to put, so its end is not there
		if err := a.append(make([]byte, endOfArchive)); err != nil {
			return err
		}
	}
	err := a.disk.Rename(a.part, a.path)
	if isExist(err) {
		return a.exists()
	}
	return err
}

func (a *archive) exists() error {
	return &usageError{"write " + foreign.Text(a.path) + ": it exists already", "name an archive that does not exist yet"}
}
