package main

import (
	"bufio"
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"anywhere/pki"
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
		if strings.HasPrefix(name, ".") {
			return nil, wrong(fmt.Errorf("%s would be a hidden directory, or one above --out", name))
		}
		if seen[name] || len(orders) == maxListed {
			return nil, wrong(fmt.Errorf("%s is named twice, or the list is longer than %d", name, maxListed))
		}
		seen[name] = true
		if csr = strings.TrimSpace(csr); csr != "" {
			if !filepath.IsAbs(csr) {
				csr = filepath.Join(filepath.Dir(file), csr)
			}
			if order.CSR, err = readNamed(csr); err != nil {
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
