// Package speexdsp removes echo and noise from what a microphone records and levels its loudness, with the system's
// library, which is loaded on first use: the build needs none of it.
package speexdsp

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/parley-chat/parley/internal/library"
	"github.com/parley-chat/parley/mesibo/call"
)

var names = library.Names{
	Unix:    []string{"libspeexdsp.so.1"},
	Darwin:  []string{"libspeexdsp.1.dylib"},
	Windows: []string{"libspeexdsp-1.dll", "libspeexdsp.dll"},
}

// functions are those of the library.
type functions struct {
	createEcho  func(frame, tail int32) unsafe.Pointer
	destroyEcho func(echo unsafe.Pointer)
	setEcho     func(echo unsafe.Pointer, request int32, value *int32) int32
	cancel      func(echo unsafe.Pointer, recorded, played, out *int16)

	createCleaner  func(frame, rate int32) unsafe.Pointer
	destroyCleaner func(cleaner unsafe.Pointer)
	setCleaner     func(cleaner unsafe.Pointer, request int32, value unsafe.Pointer) int32
	clean          func(cleaner unsafe.Pointer, samples *int16) int32
}

var load = sync.OnceValues(func() (*functions, error) {
	f := &functions{}
	_, err := library.Load(names, map[string]any{
		"speex_echo_state_init":          &f.createEcho,
		"speex_echo_state_destroy":       &f.destroyEcho,
		"speex_echo_ctl":                 &f.setEcho,
		"speex_echo_cancellation":        &f.cancel,
		"speex_preprocess_state_init":    &f.createCleaner,
		"speex_preprocess_state_destroy": &f.destroyCleaner,
		"speex_preprocess_ctl":           &f.setCleaner,
		"speex_preprocess_run":           &f.clean,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", call.ErrNoCodec, err)
	}
	return f, nil
})
