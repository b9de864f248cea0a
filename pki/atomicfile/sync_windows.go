package atomicfile

import "os"

// noFollow has no counterpart in Windows' open flags.
const noFollow = 0

// syncDir does nothing: Windows journals directory changes and opens no
// directory for writing.
func syncDir(string) error { return nil }

// syncPath makes what a file holds survive a power failure.
func syncPath(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		if info, bad := os.Stat(path); bad == nil && info.IsDir() {
			return nil
		}
		return err
	}
	defer f.Close()
	return f.Sync()
}
