package main

import "golang.org/x/sys/unix"

// quarantined says that a browser downloaded the file and nobody has opened it
// yet.
func quarantined(path string) bool {
	n, err := unix.Getxattr(path, "com.apple.quarantine", nil)
	return err == nil && n > 0
}
