// Package goroutine tells goroutines apart, for the few places where a function must know whether it was called by the one that
// it would otherwise wait for.
package goroutine

import (
	"bytes"
	"runtime"
	"strconv"
)

// Number gives the number of the calling goroutine, as stack traces show it; never 0.
func Number() uint64 {
	var buf [64]byte
	trace := buf[:runtime.Stack(buf[:], false)]
	trace = bytes.TrimPrefix(trace, []byte("goroutine "))
	number, _, _ := bytes.Cut(trace, []byte(" "))
	n, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		panic("goroutine: the runtime's stack traces look otherwise: " + string(trace))
	}
	return n
}
