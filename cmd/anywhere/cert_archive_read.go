package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

// maxMember bounds what is read of one member: a key of 4096 bits or a chain of
// five is a tenth of it.
const maxMember = 1 << 18

// open are the orders that have no whole pair in what a stopped run has left. What
// that run, or a power failure, has cut off goes.
func (a *archive) open(orders []steps.Order) ([]steps.Order, error) {
	done, err := os.Lstat(a.path)
	if err == nil {
		if part, err := os.Lstat(a.part); err == nil && os.SameFile(done, part) { // stopped between the two names
			if err := a.disk.Remove(a.part); err != nil {
				return nil, err
			}
		}
		return nil, a.exists()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	there, err := a.read(orders)
	if err != nil {
		return nil, err
	}
	open := make([]steps.Order, 0, len(orders))
	for _, order := range orders {
		if !there[order.Name.CommonName] {
			open = append(open, order)
		}
	}
	if a.left = len(open); a.left == 0 {
		a.left = -1
	}
	return open, nil
}

// read lists the names of the whole pairs in part and cuts off what follows them.
func (a *archive) read(orders []steps.Order) (map[string]bool, error) {
	info, err := os.Lstat(a.part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, a.strange(errors.New("it is not a plain file"))
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // as elsewhere, Windows has no such bits
		return nil, a.strange(fmt.Errorf("mode %04o lets others at the keys", info.Mode().Perm()))
	}
	f, err := os.Open(a.part)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	counted := &counter{from: f}
	there, err := a.pairs(tar.NewReader(counted), counted, info.Size(), orders)
	if err != nil {
		return nil, a.strange(err)
	}
	if a.size == 0 && !begins(a.part, orders) {
		return nil, a.strange(errors.New("it is not an archive that was begun for this list"))
	}
	return there, a.disk.Cut(a.part, a.size)
}

// pairs reads whole pairs until the first that is not, and leaves in size where
// the last of them ends.
func (a *archive) pairs(r *tar.Reader, at *counter, total int64, orders []steps.Order) (map[string]bool, error) {
	wanted := make(map[string]steps.Order, len(orders))
	for _, order := range orders {
		wanted[order.Name.CommonName] = order
	}
	there := map[string]bool{}
	var key []byte
	for {
		header, err := r.Next()
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader) {
			return there, nil
		}
		if err != nil {
			return nil, err
		}
		name, file, _ := strings.Cut(header.Name, "/")
		order, listed := wanted[name]
		if !listed || there[name] || header.Typeflag != tar.TypeReg || header.Size > maxMember {
			return nil, fmt.Errorf("%s in it is not of this list", header.Name)
		}
		data, err := io.ReadAll(r)
		end := (at.n + tarBlock - 1) / tarBlock * tarBlock
		if errors.Is(err, io.ErrUnexpectedEOF) || end > total || cutOff(data) || bytes.IndexByte(data, 0) >= 0 {
			return there, nil
		}
		switch {
		case err != nil:
			return nil, err
		case file == "key.pem" && key == nil && order.CSR == nil:
			key = data
		case file == "certificate.pem" && (key == nil) == (order.CSR != nil):
			if err := belongs(order, data, key); err != nil {
				return nil, fmt.Errorf("%s: %w", header.Name, err)
			}
			there[name], key, a.size = true, nil, end
		default:
			return nil, fmt.Errorf("%s in it is not of this list", header.Name)
		}
	}
}

// begins says whether a file that holds no whole pair is the beginning of one for
// a name of the list, or what a power failure leaves of it: nothing, or zeros.
func begins(path string, orders []steps.Order) bool {
	data, err := os.ReadFile(path)
	if err != nil || len(bytes.Trim(data, "\x00")) == 0 {
		return err == nil
	}
	name := string(bytes.TrimRight(data[:min(len(data), 100)], "\x00")) // the first field of a header
	for _, order := range orders {
		for _, whole := range []string{keyMember(order.Name.CommonName), certificateMember(order.Name.CommonName)} {
			if strings.HasPrefix(whole, name) {
				return true
			}
		}
	}
	return false
}

func (a *archive) strange(err error) error {
	return &usageError{fmt.Sprintf("go on with %s: %s", foreign.Text(a.part), foreign.Text(err.Error())), "give the list that it was begun with, or move it away"}
}

// counter counts what was read. It cannot seek, so that everything is.
type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
