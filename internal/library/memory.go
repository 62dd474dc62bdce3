package library

import (
	"runtime"
	"sync"
)

// Parameters of the GNU library's mallopt.
const (
	parameterMapped = -3 // from how many bytes on memory is mapped for itself
	parameterArenas = -8 // how many threads have memory of their own
)

// returnMemory lets the GNU C library return to the system what codecs free. It keeps freed memory for each thread, and
// a goroutine that encodes runs on many in the course of a call: codecs that are made anew for other sizes of video
// would leave tens of megabytes there. What is as large as a frame is mapped for itself, and gone when it is freed.
var returnMemory = sync.OnceFunc(func() {
	const (
		mapped = 128 << 10 // the default, which otherwise rises with what is freed
		arenas = 2
	)
	if runtime.GOOS != "linux" {
		return
	}
	c, err := C()
	if err != nil {
		return
	}
	var set func(parameter, value int32) int32
	if c.Register(map[string]any{"mallopt": &set}) != nil { // another C library
		return
	}
	set(parameterMapped, mapped)
	set(parameterArenas, arenas)
})
