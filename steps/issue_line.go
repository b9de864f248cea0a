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
// made again. Keys of RSA take long, so a batch also ends after a while.
const (
	maxBatch     = 512
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
	done := s.line(ctx, orders, when.Full)
	var errs []error
	var batch []Delivery
	begun := when.Now()
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := hand(batch)
		batch, begun = nil, when.Now()
		return err
	}
	for made := range done {
		if made.err != nil {
			if errs = append(errs, made.err); len(errs) == maxIssueErrors {
				stop()
			}
			continue
		}
		batch = append(batch, made.Delivery)
		if len(batch) == when.Full || when.Now().Sub(begun) >= when.Wait {
			if err := flush(); err != nil {
				return err // the cancelled context ends the line
			}
		}
	}
	errs = append(errs, flush())
	if len(errs) == 1 && errs[0] == nil {
		return ctx.Err()
	}
	return errors.Join(errs...)
}

// done is what became of an order.
type done struct {
	Delivery
	err error
}

// line makes orders until all are done or ctx ends, and then closes the channel.
func (s issueShop) line(ctx context.Context, orders []Order, ahead int) <-chan done {
	out := make(chan done, ahead)
	var taken atomic.Int64
	var running sync.WaitGroup
	for range min(len(orders), runtime.NumCPU()) {
		running.Go(func() {
			for ctx.Err() == nil {
				i := int(taken.Add(1)) - 1
				if i >= len(orders) {
					return
				}
				made, err := s.one(orders[i])
				select {
				case out <- done{made, err}:
				case <-ctx.Done():
				}
			}
		})
	}
	go func() {
		running.Wait()
		close(out)
	}()
	return out
}
