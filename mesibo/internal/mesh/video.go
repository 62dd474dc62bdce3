package mesh

import (
	"image"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

// video is a camera or a screen that several use.
type video struct {
	shared

	device call.VideoSource
	takes  map[*func(*image.YCbCr)]struct{} // under mu
}

func newVideo(device call.VideoSource) *video {
	return &video{device: device, takes: make(map[*func(*image.YCbCr)]struct{})}
}

// Start implements call.VideoSource.
func (v *video) Start(width, height, fps int, take func(frame *image.YCbCr), lost func()) (func(), error) {
	key := &take
	end := func() { delete(v.takes, key) }
	number, err := v.add(lost, func() { v.takes[key] = struct{}{} }, func() (func(), error) {
		return v.device.Start(width, height, fps, v.give, v.lost)
	})
	if err != nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		end()
		return nil, err
	}
	return sync.OnceFunc(func() { v.remove(number, end) }), nil
}

func (v *video) give(frame *image.YCbCr) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for take := range v.takes {
		(*take)(frame)
	}
}
