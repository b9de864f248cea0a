package steps

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/pki"
)

var lineNoon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// smallShop issues for P-256, and these are orders of it.
func smallShop(t *testing.T, n int) (issueShop, []Order) {
	t.Helper()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "ca"}, NotBefore: lineNoon, NotAfter: lineNoon.Add(time.Hour)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	orders := make([]Order, n)
	for i := range orders {
		orders[i].Name.CommonName = fmt.Sprintf("host%d", i)
	}
	shop := issueShop{issuer: pki.LocalCA{Certificate: ca, Key: key, Random: rand.Reader}, kind: pki.P256, from: lineNoon, to: lineNoon.Add(time.Hour)}
	return shop, orders
}

func stands() time.Time { return lineNoon }

// The disk is waited for once for each batch, so a batch is full unless it is the last.
func TestWhatIsMadeIsHandedOnInFullBatches(t *testing.T) {
	shop, orders := smallShop(t, 20)
	var sizes []int
	names := map[string]int{}
	err := shop.fill(t.Context(), orders, batching{Full: 8, Wait: time.Second, Now: stands}, func(made []Delivery) error {
		sizes = append(sizes, len(made))
		for _, d := range made {
			names[d.Order.Name.CommonName]++
			if d.Certificate.Subject.CommonName != d.Order.Name.CommonName || len(d.KeyPEM) == 0 || len(d.CertificatePEM) == 0 {
				t.Errorf("%s became a certificate for %s", d.Order.Name.CommonName, d.Certificate.Subject)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{4, 8, 8}) {
		t.Errorf("batches of %v, want two of 8 and one of 4", sizes)
	}
	if n := slices.Max(slices.Collect(maps.Values(names))); len(names) != 20 || n != 1 {
		t.Errorf("%d of 20 names, one of them %d times", len(names), n)
	}
}

// Keys of RSA take long: what is made is on the disk a second later.
func TestABatchEndsAfterAWhile(t *testing.T) {
	shop, orders := smallShop(t, 5)
	clock, batches := lineNoon, 0
	late := func() time.Time { clock = clock.Add(time.Second); return clock }
	if err := shop.fill(t.Context(), orders, batching{Full: 100, Wait: time.Second, Now: late}, func(made []Delivery) error {
		batches++
		return nil
	}); err != nil || batches != 5 {
		t.Errorf("%d batches, %v; want one for each second", batches, err)
	}
}

// counted counts what a CA's key signs.
type counted struct {
	crypto.Signer
	signed atomic.Int64
}

func (c *counted) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	c.signed.Add(1)
	return c.Signer.Sign(random, digest, opts)
}

// Whatever was signed is written down, although the run gives up.
func TestARunThatGivesUpHandsOnWhatItHasMade(t *testing.T) {
	shop, orders := smallShop(t, 200)
	key := &counted{Signer: shop.issuer.Key}
	shop.issuer.Key = key
	for i := 5; i < len(orders); i++ {
		orders[i].CSR = []byte("noise")
	}
	made := 0
	err := shop.fill(t.Context(), orders, batching{Full: 100, Wait: time.Second, Now: stands}, func(batch []Delivery) error {
		made += len(batch)
		return nil
	})
	if signed := int(key.signed.Load()); err == nil || made != signed || signed > 5 {
		t.Fatalf("%d were handed on, %d were signed; %v", made, signed, err)
	}
	// Each of the others may be at one when the last error comes.
	if n := strings.Count(err.Error(), "read request"); n < maxIssueErrors || n >= maxIssueErrors+runtime.NumCPU() {
		t.Errorf("gave up after %d errors, want about %d", n, maxIssueErrors)
	}
}

func TestALineEndsWithWhoeverTakesFromIt(t *testing.T) {
	shop, orders := smallShop(t, 50)
	full, calls := errors.New("disk is full"), 0
	err := shop.fill(t.Context(), orders, batching{Full: 1, Wait: time.Second, Now: stands}, func([]Delivery) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("got %v after %d batches, want the first to end it", err, calls)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := shop.fill(stopped, orders, batching{Full: 1, Wait: time.Second, Now: stands}, func([]Delivery) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: got %v", err)
	}
}
