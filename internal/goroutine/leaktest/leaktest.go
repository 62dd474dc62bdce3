// Package leaktest fails the tests of a package that leave goroutines behind.
package leaktest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

const patience = 10 * time.Second // until goroutines have ended; only reached when some do not

// Main runs the tests of a package and returns the code for os.Exit. It is not 0 when goroutines are left at the end,
// whose stacks are printed then.
func Main(m *testing.M) (code int) {
	before := runtime.NumGoroutine()
	code = m.Run()
	if fuzz := flag.Lookup("test.fuzz"); fuzz != nil && fuzz.Value.String() != "" {
		return code // a fuzzer has goroutines of its own
	}
	if left := Left(before); code == 0 && left > 0 {
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "%d goroutines left:\n%s\n", left, stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	return code
}

// Left returns how many goroutines there are more than before, once those that end soon have ended.
func Left(before int) int {
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	return max(0, runtime.NumGoroutine()-before)
}
