package gateway

import (
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestCosts: every request of the protocol has a cost.
func TestCosts(t *testing.T) {
	t.Parallel()
	fields := requestOp.Fields()
	known := make(map[protoreflect.Name]bool)
	for i := range fields.Len() {
		name := fields.Get(i).Name()
		known[name] = true
		if costs[name].base <= 0 {
			t.Errorf("%s costs nothing", name)
		}
	}
	for name := range costs {
		if !known[name] {
			t.Errorf("%s is no request", name)
		}
	}
}

// TestBudget: any request is accepted while the budget is not overdrawn by too much, and takes what it costs.
func TestBudget(t *testing.T) {
	t.Parallel()
	const perSecond, most = 10, 20
	now := time.Now()
	var b budget
	spend := func(units float64, wantWait time.Duration, want bool) {
		t.Helper()
		wait, ok := b.spend(now, units, perSecond, most)
		if ok != want || wait.Round(time.Millisecond) != wantWait {
			t.Errorf("%v units: got %v, %v, want %v, %v", units, wait, ok, wantWait, want)
		}
	}
	spend(most, 0, true)
	spend(1, 100*time.Millisecond, true)
	spend(100, 10100*time.Millisecond, true) // more than the burst
	spend(1, 10100*time.Millisecond-maxPause, false)
	now = now.Add(10100*time.Millisecond - maxPause)
	spend(1, maxPause+100*time.Millisecond, true)
	now = now.Add(time.Hour)
	spend(most, 0, true) // no more than the burst is saved
	spend(1, 100*time.Millisecond, true)
}
