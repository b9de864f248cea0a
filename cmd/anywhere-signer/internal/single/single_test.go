package single

import (
	"runtime"
	"testing"
)

func TestThereIsOneProcessorUntilTheEnd(t *testing.T) {
	if got := runtime.GOMAXPROCS(0); got != 1 {
		t.Errorf("%d processors at first, want 1", got)
	}
	End()
	if got := runtime.GOMAXPROCS(0); got != before || before < 1 {
		t.Errorf("%d processors after the end, want the %d of before", got, before)
	}
}
