//go:build unix

package filename

import "path"

// Join is filepath.Join.
func Join(parts ...string) string { return path.Join(parts...) }

// Dir is filepath.Dir.
func Dir(name string) string { return path.Dir(name) }

// IsAbs is filepath.IsAbs.
func IsAbs(name string) bool { return path.IsAbs(name) }
