package tui

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// painted tells when the program has written.
type painted chan time.Time

func (p painted) Write(b []byte) (int, error) {
	select {
	case p <- time.Now():
	default:
	}
	return len(b), nil
}

// BenchmarkKeyToFrame is the time from a key to the end of the write that shows
// it, in the real program in a window of 200 by 60. A frame is due 120 times a
// second; p99 must stay under 16 ms, one frame of a screen of 60 Hz.
func BenchmarkKeyToFrame(b *testing.B) {
	out := make(painted, 1) // a paint that comes before anybody waits for it must not be lost
	options := Options{Output: out, Env: []string{"TERM=xterm-256color", "COLORTERM=truecolor"}, Width: 200, Height: 60, Now: time.Now, Dark: true}
	ready := make(chan *tea.Program, 1)
	end := make(chan error, 1)
	go func() {
		_, err := runWith(b.Context(), road{checkingSetup{newFakeSetup()}, time.Now}, options, func(p *tea.Program) { ready <- p })
		end <- err
	}()
	program := <-ready
	quiet(out, 300*time.Millisecond)
	program.Send(keyPress("enter")) // to the question with a field and a picture
	quiet(out, 300*time.Millisecond)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		name := "x"
		if i%2 == 1 {
			name = "backspace"
		}
		begun := time.Now()
		program.Send(keyPress(name))
		took = append(took, paintAfter(b, out, begun).Sub(begun))
		quiet(out, 12*time.Millisecond) // the judgement of what was typed is painted too
	}
	program.Send(keyPress("ctrl+c"))
	program.Send(keyPress("ctrl+c")) // answers would be lost
	go quiet(out, time.Second)
	if err := <-end; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	ms := func(q float64) float64 {
		return float64(took[min(len(took)-1, int(q*float64(len(took))))]) / float64(time.Millisecond)
	}
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// paintAfter waits for a paint after begun, but not for ever.
func paintAfter(b *testing.B, out painted, begun time.Time) time.Time {
	b.Helper()
	end := time.After(5 * time.Second)
	for {
		select {
		case at := <-out:
			if at.After(begun) {
				return at
			}
		case <-end:
			b.Fatal("got no frame within 5 s of a key")
		}
	}
}

// quiet waits until nothing was painted for d.
func quiet(out painted, d time.Duration) {
	for {
		select {
		case <-out:
		case <-time.After(d):
			return
		}
	}
}
