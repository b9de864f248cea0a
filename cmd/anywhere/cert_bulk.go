package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// delivery is where the pairs of a list go.
type delivery interface {
	// open are the orders that have no whole pair there yet.
	open(orders []steps.Order) ([]steps.Order, error)
	// put returns what brings pairs to the disk and calls step for each. By itself it
	// writes nothing.
	put(made []steps.Delivery, step func()) (write func() error, err error)
	// finish follows the last put; whole says that no order is left over.
	finish(whole bool) error
}

// deliveryTo is one archive where the name says so, and else a directory.
func (k *keeping) deliveryTo(out string) (delivery, error) {
	disk := k.doors.home.Disk
	if strings.HasSuffix(out, ".tar") {
		return &archive{path: out, part: out + ".part", disk: disk, at: k.app.now()}, nil
	}
	return &shelf{dir: out, disk: disk, random: k.app.random, batch: disk.Batch(out)}, disk.Mkdir(out, home.DirPerm)
}

// bulkHeap is by how many bytes the heap may grow before it is swept: a thousand
// certificates for P-256 leave some 30 MB behind.
const bulkHeap = 128 << 20

// sweepLate has garbage collected only when there is bulkHeap of it, or where the user
// has set a limit (GOMEMLIMIT), and returns what ends that. A heap of three
// megabytes is else swept at every few hundred certificates, which took as long as
// a fifth of their keys and signatures.
func sweepLate() (end func()) {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, int64(now.Sys-now.HeapReleased)+bulkHeap))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// issueList issues for each name that has no certificate at out yet.
func (k *keeping) issueList(ctx context.Context, want steps.Issuing, orders []steps.Order, out string) error {
	if out == "" {
		return &usageError{"cert issue: where to? --list writes a key and a certificate for each machine", "add --out DIR or --out FILE.tar"}
	}
	there, err := k.deliveryTo(out)
	if err != nil {
		return err
	}
	open, err := there.open(orders)
	if err != nil {
		return err
	}
	defer sweepLate()()
	bar := &progressBar{out: k.app.stderr, total: len(orders), live: k.app.terminal}
	bar.done.Store(int64(len(orders) - len(open)))
	err = k.runner.Issue(ctx, want, open, func(made []steps.Delivery) (func() error, error) { return there.put(made, bar.step) })
	if bad := there.finish(err == nil); bad != nil {
		err = errors.Join(err, bad)
	}
	bar.finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(k.app.stdout, "%d certificates in %s, %d of them new.\n", len(orders), foreign.Text(out), len(open))
	return nil
}

// each runs do for 0 to n-1 on every processor and returns the errors.
func each(n int, do func(int) error) error {
	errs := make([]error, n)
	var taken atomic.Int64
	var running sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		running.Go(func() {
			for i := int(taken.Add(1)) - 1; i < n; i = int(taken.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}
