// Package goroutine tells goroutines apart, for the few functions that must know whether the goroutine that they
// would wait for is their caller.
package goroutine

import (
	"bytes"
	"runtime"
	"strconv"
)

// Number returns the number of the calling goroutine, as in stack traces; never 0.
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
