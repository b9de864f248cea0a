package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"anywhere/steps"
)

func TestOnlyTheWaitForCloudTrailIsOptional(t *testing.T) {
	w := &wizard{}
	tests := map[string]struct {
		event steps.Event
		want  time.Duration
	}{
		"CloudTrail":     {steps.Event{Kind: steps.Waiting, Note: steps.TrailNote}, steps.TrailWait},
		"IAM":            {steps.Event{Kind: steps.Waiting, Note: "IAM spreads the new role; usually 5 to 15 s"}, 0},
		"it is over now": {steps.Event{Kind: steps.Proved, Note: steps.TrailNote}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := w.Optional(tt.event); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSkipEndsAWaitAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		world := steps.World{Wait: sleep}
		r, err := steps.NewRunner(world, steps.Road(), nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &wizard{setupRun: &setupRun{runner: r}}
		w.skippable()
		w.CutShort() // there is nothing to skip yet
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		wait := func() { ended <- r.Env().World.Wait(ctx, time.Hour) }
		go wait()
		synctest.Wait()
		w.CutShort()
		if err := <-ended; !errors.Is(err, errSkipped) {
			t.Errorf("got %v, want the wait skipped", err)
		}
		go wait()
		synctest.Wait()
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) || errors.Is(err, errSkipped) {
			t.Errorf("got %v, want the end of the context", err)
		}
	})
}
