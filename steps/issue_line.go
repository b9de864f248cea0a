package steps

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// How many certificates are written down and delivered together: each batch waits
// for the disk twice, and what a run that is killed has made since the last one is
// made again. Keys of RSA take long, so a batch also ends after a while. While the
// last batch is written there is nothing else to do: of a thousand it should be the
// smaller part. Smaller and smaller batches towards the end took longer than that.
const (
	maxBatch     = 640
	maxBatchWait = time.Second
)

// maxIssueErrors is from where on a run gives up: what is wrong is wrong with all.
const maxIssueErrors = 20

// batching says when what was made is handed on.
type batching struct {
	Full int
	Wait time.Duration
	Now  func() time.Time
}

// fill makes every order on every processor, and hands on what is done in
// batches while the next are made.
func (s issueShop) fill(ctx context.Context, orders []Order, when batching, hand func([]Delivery) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	gone := make(chan struct{})
	defer close(gone)
	t := &tray{batching: when, begun: when.Now(), out: make(chan []Delivery, 1), gone: gone, stop: stop}
	workers := runtime.GOMAXPROCS(0)
	// One more for whoever waits for the disk: the runtime takes up to 10 ms to see that a
	// processor only waits, and that long one of those who sign would have none.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers + 1))
	go s.line(ctx, orders, workers, t)
	for batch := range t.out {
		if err := hand(batch); err != nil {
			return err
		}
	}
	if len(t.errs) == 0 {
		return ctx.Err()
	}
	return errors.Join(t.errs...)
}

// line makes orders until all are done or ctx ends, and then hands on what is left.
func (s issueShop) line(ctx context.Context, orders []Order, workers int, t *tray) {
	var taken atomic.Int64
	var running sync.WaitGroup
	for range min(len(orders), workers) {
		running.Go(func() {
			for i := int(taken.Add(1)) - 1; i < len(orders) && ctx.Err() == nil; i = int(taken.Add(1)) - 1 {
				t.put(s.one(orders[i]))
			}
		})
	}
	running.Wait()
	t.send(t.made)
	close(t.out)
}

// tray is where what is made waits until a batch of it is full. Waking whoever writes
// it for each certificate took longer than encoding it.
type tray struct {
	batching
	out  chan []Delivery
	gone <-chan struct{} // closed when nobody takes from out any more
	stop func()          // ends the line

	mu    sync.Mutex
	made  []Delivery
	begun time.Time // of made
	errs  []error
}

// put adds what became of an order.
func (t *tray) put(d Delivery, err error) { t.send(t.add(d, err)) }

// add returns a batch that is to be handed on, if d ends one.
func (t *tray) add(d Delivery, err error) []Delivery {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		if t.errs = append(t.errs, err); len(t.errs) == maxIssueErrors {
			t.stop()
		}
		return nil
	}
	if t.made == nil {
		t.made = make([]Delivery, 0, t.Full)
	}
	t.made = append(t.made, d)
	now := t.Now()
	if len(t.made) < t.Full && now.Sub(t.begun) < t.Wait {
		return nil
	}
	batch := t.made
	t.made, t.begun = nil, now
	return batch
}

// send waits until a batch is taken, so that the line is never more than one ahead.
func (t *tray) send(batch []Delivery) {
	if len(batch) == 0 {
		return
	}
	select {
	case t.out <- batch:
	case <-t.gone:
	}
}
