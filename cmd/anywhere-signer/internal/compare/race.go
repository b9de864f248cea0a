package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"time"

	"anywhere/pki"
)

// contender is one command line and what its runs cost.
type contender struct {
	name string
	args []string
	wall []time.Duration
	cpu  []time.Duration // user and system
}

// warmUps are runs that do not count: they fill the page cache.
const warmUps = 3

// race runs the contenders turn about, so that a busy moment of the machine
// hits them all, each round in another order: whoever follows a program of its
// own kind finds the processor's caches warm.
func race(contenders []contender, home string, runs int) error {
	for i := range runs + warmUps {
		for _, c := range rand.Perm(len(contenders)) {
			if err := contenders[c].once(home, i >= warmUps); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *contender) once(home string, counts bool) error {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = []string{"HOME=" + home, "PATH=/usr/bin:/bin"}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil || !bytes.HasPrefix(out.Bytes(), []byte(`{"Version":1,`)) {
		return fmt.Errorf("run %s: %v: %s%s", c.name, err, out.Bytes(), errs.Bytes())
	}
	if counts {
		c.wall = append(c.wall, took)
		c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	return nil
}

// show prints a table, and each contender's share of the last one's cost.
func show(w io.Writer, kind pki.KeyKind, contenders []contender) {
	last := contenders[len(contenders)-1]
	fmt.Fprintf(w, "%s, %d runs each, in ms (share of the last line)\n", kind, len(last.wall))
	fmt.Fprintf(w, "  %-16s %15s %15s %15s %15s\n", "", "CPU min", "CPU median", "wall min", "wall median")
	for _, c := range contenders {
		fmt.Fprintf(w, "  %-16s", c.name)
		for _, of := range []func([]time.Duration) time.Duration{slices.Min[[]time.Duration], median} {
			fmt.Fprintf(w, " %s", share(of(c.cpu), of(last.cpu)))
		}
		for _, of := range []func([]time.Duration) time.Duration{slices.Min[[]time.Duration], median} {
			fmt.Fprintf(w, " %s", share(of(c.wall), of(last.wall)))
		}
		fmt.Fprintln(w)
	}
}

func share(d, of time.Duration) string {
	return fmt.Sprintf("%8.2f (%4.2f)", d.Seconds()*1000, d.Seconds()/of.Seconds())
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
