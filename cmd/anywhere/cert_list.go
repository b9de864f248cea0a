package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/steps"
)

// maxListed bounds one run; AWS's revocation list would not hold more.
const maxListed = 100_000

// listed reads a list of machines: a common name and, after a blank, the file of
// its request, beside the list if the path is relative.
func (a *app) listed(file string, base steps.Order) ([]steps.Order, error) {
	data, err := a.readInput(file)
	if err != nil {
		return nil, err
	}
	var orders []steps.Order
	seen := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		wrong := func(err error) error {
			return &usageError{fmt.Sprintf("%s: line %d: %v", file, n, err), "a line is a common name and, after a blank, the file of a request"}
		}
		name, csr, _ := strings.Cut(line, " ")
		order := base
		order.Name.CommonName = name
		if err := pki.ValidCommonName(name); err != nil {
			return nil, wrong(err)
		}
		if seen[name] || len(orders) == maxListed {
			return nil, wrong(fmt.Errorf("%s is named twice, or the list is longer than %d", name, maxListed))
		}
		seen[name] = true
		if csr = strings.TrimSpace(csr); csr != "" {
			if !filepath.IsAbs(csr) {
				csr = filepath.Join(filepath.Dir(file), csr)
			}
			if order.CSR, err = os.ReadFile(csr); err != nil {
				return nil, wrong(err)
			}
		}
		orders = append(orders, order)
	}
	if err := lines.Err(); err != nil || len(orders) == 0 {
		return nil, &usageError{file + ": no machine is named in it", "a line is a common name and, after a blank, the file of a request"}
	}
	return orders, nil
}

// issueList issues for each name that has no certificate in dir yet.
func (k *keeping) issueList(ctx context.Context, want steps.Issuing, orders []steps.Order, dir string) error {
	if dir == "" {
		return &usageError{"cert issue: where to? --list writes one directory for each machine", "add --out DIR"}
	}
	var open []steps.Order
	for _, o := range orders {
		if !exists(filepath.Join(dir, o.Name.CommonName, "certificate.pem")) {
			open = append(open, o)
		}
	}
	bar := &progressBar{out: k.app.stderr, total: len(orders), live: k.app.terminal}
	bar.done.Store(int64(len(orders) - len(open)))
	err := k.runner.Issue(ctx, want, open, func(d steps.Delivery) error {
		if err := writePair(k.doors.home, filepath.Join(dir, d.Order.Name.CommonName), d); err != nil {
			return err
		}
		bar.step()
		return nil
	})
	bar.finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(k.app.stdout, "%d certificates in %s, %d of them new.\n", len(orders), foreign.Text(dir), len(open))
	return nil
}

// progressBar is one line that is drawn over itself at a terminal, and one line
// at the end elsewhere.
type progressBar struct {
	out   interface{ Write([]byte) (int, error) }
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
