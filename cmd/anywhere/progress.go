package main

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
)

// progressBar is one line that is drawn over itself at a terminal, and one line
// at the end elsewhere.
type progressBar struct {
	out   io.Writer
	total int
	live  bool
	done  atomic.Int64
	shown atomic.Int64
}

const barWidth = 30

func (b *progressBar) step() {
	n := b.done.Add(1)
	full := n * barWidth / int64(b.total)
	if b.live && b.shown.Swap(full) != full {
		b.draw(n)
	}
}

func (b *progressBar) draw(n int64) {
	full := int(n) * barWidth / b.total
	fmt.Fprintf(b.out, "\r%s%s %d of %d", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), n, b.total)
}

func (b *progressBar) finish() {
	if b.live {
		b.draw(b.done.Load())
	} else {
		fmt.Fprintf(b.out, "%d of %d", b.done.Load(), b.total)
	}
	fmt.Fprintln(b.out)
}
