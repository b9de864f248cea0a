package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"anywhere/pki"
)

// contender is one command line and what its runs cost.
type contender struct {
	name string
	args []string
	// silent is true of what shows the price of a start and prints nothing.
	silent bool
	wall   []float64 // ms
	cpu    []float64 // ms, user and system
	peak   []float64 // MiB of resident memory at most
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
	cmd.Env = environment(home)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil || !c.silent && !bytes.HasPrefix(out.Bytes(), []byte(`{"Version":1,`)) {
		return fmt.Errorf("run %s: %v: %s%s", c.name, err, out.Bytes(), errs.Bytes())
	}
	if counts {
		c.wall = append(c.wall, milliseconds(took))
		c.cpu = append(c.cpu, milliseconds(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()))
	}
	return nil
}

// weigh finds the peak memory of each, by the program peak.
func weigh(contenders []contender, home, peak string) error {
	for i := range contenders {
		c := &contenders[i]
		for range 9 {
			cmd := exec.Command(peak, c.args...)
			cmd.Env = environment(home)
			out, err := cmd.Output()
			if err != nil {
				return fmt.Errorf("weigh %s: %w", c.name, err)
			}
			size, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				return fmt.Errorf("weigh %s: %w", c.name, err)
			}
			c.peak = append(c.peak, size)
		}
	}
	return nil
}

func environment(home string) []string { return []string{"HOME=" + home, "PATH=/usr/bin:/bin"} }

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// show prints a table, and each contender's share of the last one's cost.
func show(w io.Writer, kind pki.KeyKind, contenders []contender) {
	last := contenders[len(contenders)-1]
	fmt.Fprintf(w, "%s, %d runs each, in ms and MiB (share of the last line)\n", kind, len(last.wall))
	fmt.Fprintf(w, "  %-16s %15s %15s %15s %15s %15s\n", "", "CPU min", "CPU median", "wall min", "wall median", "peak median")
	for _, c := range contenders {
		fmt.Fprintf(w, "  %-16s", c.name)
		for _, column := range []struct {
			of       func([]float64) float64
			ours, in []float64
		}{
			{slices.Min[[]float64], c.cpu, last.cpu}, {median, c.cpu, last.cpu},
			{slices.Min[[]float64], c.wall, last.wall}, {median, c.wall, last.wall},
			{median, c.peak, last.peak},
		} {
			cost, of := column.of(column.ours), column.of(column.in)
			fmt.Fprintf(w, " %8.2f (%4.2f)", cost, cost/of)
		}
		fmt.Fprintln(w)
	}
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
