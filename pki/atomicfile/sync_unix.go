//go:build unix

package atomicfile

import (
	"os"
	"syscall"
)

// noFollow makes opening a symbolic link fail.
const noFollow = syscall.O_NOFOLLOW

// syncDir makes a rename or a removal in dir survive a power failure.
func syncDir(dir string) error { return syncPath(dir) }

// syncPath makes what a file or directory holds survive a power failure.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
