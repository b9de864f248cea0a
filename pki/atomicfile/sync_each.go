//go:build !linux

package atomicfile

// syncAll syncs each file: there is no call for a whole file system.
func syncAll(_ string, paths []string) error { return syncEach(paths) }
