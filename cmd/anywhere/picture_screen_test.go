package main

import (
	"testing"

	"anywhere/pki"
)

func TestThePictureSaysLivesAndKeysInWords(t *testing.T) {
	for answer, want := range map[string]string{
		"90d": "90 days", "1d": "1 day", "5y": "5 years", "24h": "24 hours", "15m": "15 minutes",
		"3600s": "1 hour", "900s": "15 minutes", "43200s": "12 hours", "901s": "901 seconds", "soon": "soon", "90": "90", "": "",
	} {
		if got := lifeInWords(answer); got != want {
			t.Errorf("%q: got %q, want %q", answer, got, want)
		}
	}
	for kind, want := range map[string]string{"p-256": "P-256", "rsa-2048": "RSA 2048"} {
		if got := pki.KeyKind(kind).Words(); got != want {
			t.Errorf("%q: got %q, want %q", kind, got, want)
		}
	}
}
