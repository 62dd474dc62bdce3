package call

import (
	"image"
	"sync/atomic"
)

// frames brings the video of one party to the window. The call's goroutine converts a frame into the picture that is
// not shown; while the window has not taken one yet, frames are dropped.
type frames struct {
	post func(func())
	show func(image.Image) // on the user interface's goroutine

	waiting atomic.Bool // a picture waits for the window, which then has both
	ended   atomic.Bool
	next    int // the picture that is not shown; of the call's goroutine while waiting is false
	images  [2]*image.RGBA
}

// Show implements call.VideoSink.
func (f *frames) Show(frame *image.YCbCr) {
	if f.ended.Load() || !f.waiting.CompareAndSwap(false, true) {
		return
	}
	size := frame.Rect.Size()
	if f.images[f.next] == nil || f.images[f.next].Rect.Size() != size {
		f.images[f.next] = image.NewRGBA(image.Rectangle{Max: size})
	}
	picture := f.images[f.next]
	toRGBA(picture, frame)
	f.post(func() {
		if !f.ended.Load() {
			f.show(picture)
		}
		f.next = 1 - f.next
		f.waiting.Store(false)
	})
}

// end drops the frames that still come.
func (f *frames) end() { f.ended.Store(true) }
