//go:build !darwin

package main

// quarantined: only macOS marks files so.
func quarantined(string) bool { return false }
