package rtc

import (
	"runtime"
	"testing"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
)

// TestLeak makes 50 calls. It runs alone.
func TestLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("calls", func(t *testing.T) {
		for range 50 {
			t.Run("call", func(t *testing.T) {
				t.Parallel()
				caller, callee := pair(t, withVideo)
				callee.SetVideoSink(callee.set.Screen, true)
				connect(t, caller, callee)
			})
		}
	})
	if n := leaktest.Left(before); n > 0 {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines are left:\n%s", n, buf[:runtime.Stack(buf, true)])
	}
}
