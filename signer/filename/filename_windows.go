package filename

import "path/filepath"

// Join is filepath.Join.
func Join(parts ...string) string { return filepath.Join(parts...) }

// Dir is filepath.Dir.
func Dir(name string) string { return filepath.Dir(name) }

// IsAbs is filepath.IsAbs.
func IsAbs(name string) bool { return filepath.IsAbs(name) }
