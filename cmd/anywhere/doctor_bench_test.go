package main

import (
	"fmt"
	"testing"
)

// BenchmarkReport is the doctor's whole report with a live session, against the
// sandbox.
func BenchmarkReport(b *testing.B) {
	s := newShop(b)
	for b.Loop() {
		s.want(exitDone, "doctor", "lab")
	}
}

// BenchmarkStatus lists as many set-ups; the time for each must not grow.
func BenchmarkStatus(b *testing.B) {
	for _, setups := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(setups), func(b *testing.B) {
			s := newShop(b)
			h := s.homeDir()
			session, err := h.ReadSession(s.place())
			if err != nil {
				b.Fatal(err)
			}
			for i := range setups - 1 {
				session.Setup = fmt.Sprintf("lab-%d", i)
				if err := h.WriteSession(h.Setup(session.Setup), session); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if code, _, stderr := s.run("status"); code > exitFailed {
					b.Fatal(stderr)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*setups), "us/set-up")
		})
	}
}
