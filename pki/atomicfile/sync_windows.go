package atomicfile

// noFollow has no counterpart in Windows' open flags.
const noFollow = 0

// syncDir does nothing: Windows journals directory changes and opens no
// directory for writing.
func syncDir(string) error { return nil }
