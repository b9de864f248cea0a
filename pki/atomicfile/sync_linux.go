package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncAll asks the file system of root once; syncing each of a thousand files
// takes as many waits. What others are writing there is waited for too.
//
// Source: https://man7.org/linux/man-pages/man2/syncfs.2.html (errors are
// reported since Linux 5.8)
func syncAll(root string, paths []string) error {
	f, err := os.Open(root)
	if err != nil {
		return err
	}
	defer f.Close()
	if unix.Syncfs(int(f.Fd())) != nil { // a file system that cannot, or a full disk: each says what it is
		return syncEach(paths)
	}
	return nil
}
