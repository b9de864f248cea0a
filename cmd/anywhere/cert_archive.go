package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

	size int64        // of part, as this run left it
	left int          // orders that are not in it yet
	data bytes.Buffer // what the last batch became, kept for the next
}

// put returns what appends the pairs of a batch, and what ends an archive after the
// last one.
func (a *archive) put(made []steps.Delivery, step func()) (write func() error, err error) {
	a.data.Reset()
	a.data.Grow(sizeOf(made))
	w := tar.NewWriter(&a.data)
	for _, d := range made {
		name := d.Order.Name.CommonName
		if d.KeyPEM != nil {
			if err := a.member(w, keyMember(name), d.KeyPEM); err != nil {
				return nil, err
			}
		}
		// The certificate comes last: it stands for a whole pair.
		if err := a.member(w, certificateMember(name), d.CertificatePEM); err != nil {
			return nil, err
		}
	}
	end := w.Flush
	if a.left -= len(made); a.left == 0 {
		end = w.Close
	}
	if err := end(); err != nil {
		return nil, err
	}
	return func() error {
		if err := a.append(a.data.Bytes()); err != nil {
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

// member adds one file. Names of machines are short and ASCII, so every header is
// one block of the oldest format that carries a mode.
func (a *archive) member(w *tar.Writer, name string, data []byte) error {
	err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(data)), Mode: int64(home.SecretPerm), ModTime: a.at.Truncate(time.Second), Format: tar.FormatUSTAR})
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

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

// finish gives the archive its name.
func (a *archive) finish() error {
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

// endOfArchive is two blocks of zeros.
//
// Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format)
const endOfArchive = 2 * tarBlock

// tarBlock is what members are filled up to.
const tarBlock = 512

// sizeOf is how long an archive of these pairs is: each file has a header and whole
// blocks.
func sizeOf(made []steps.Delivery) int {
	member := func(data []byte) int { return tarBlock + (len(data)+tarBlock-1)/tarBlock*tarBlock }
	size := endOfArchive
	for _, d := range made {
		if d.KeyPEM != nil {
			size += member(d.KeyPEM)
		}
		size += member(d.CertificatePEM)
	}
	return size
}

func (a *archive) exists() error {
	return &usageError{"write " + foreign.Text(a.path) + ": it exists already", "name an archive that does not exist yet"}
}
