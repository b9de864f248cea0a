package tpm

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime"

	"anywhere/signer/keystore/hardware"
)

// openDevice opens the TPM at path, a character device or the socket of a TPM
// simulator. An empty path is the one of this machine, through the kernel's
// resource manager if there is one.
func openDevice(ref, path string) (io.ReadWriteCloser, error) {
	paths := []string{path}
	if path == "" {
		paths = []string{"/dev/tpmrm0", "/dev/tpm0"}
	}
	var err error
	for _, path := range paths {
		var device io.ReadWriteCloser
		if device, err = openPath(path); err == nil {
			return device, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	e := &hardware.Error{Ref: ref, Says: "open the TPM", Reason: hardware.Failed, Err: err}
	switch {
	case runtime.GOOS == "windows":
		e.Reason, e.Says, e.Fix = hardware.NoDevice, "TPMs are not read on Windows", "use a key in a file"
	case errors.Is(err, fs.ErrNotExist):
		e.Reason, e.Fix = hardware.NoDevice, "turn the TPM on in the machine's firmware, or name its device in TPM_DEVICE; ls -l /dev/tpm* shows it"
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.Fix = hardware.NotAllowed, "let this user at it: sudo usermod -aG tss USER, then log in again"
	}
	return nil, e
}

func openPath(path string) (io.ReadWriteCloser, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.Mode()&fs.ModeSocket != 0:
		return net.Dial("unix", path)
	case info.Mode()&fs.ModeDevice != 0:
		return os.OpenFile(path, os.O_RDWR, 0)
	}
	return nil, fmt.Errorf("%s is neither a device nor a socket", path)
}
