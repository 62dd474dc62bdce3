// Package camera captures from cameras, for calls. It knows those of Linux (V4L2); elsewhere there are none.
package camera

import (
	"fmt"
	"image"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

// Camera is a camera. The zero value is the first one.
type Camera struct {
	Name string // as its maker calls it
	Path string // of the device, such as "/dev/video0"
}

var _ call.VideoSource = Camera{}

// List returns the cameras. The error wraps call.ErrNoDevice when there is none that can be used.
func List() ([]Camera, error) { return list() }

// Start implements call.VideoSource. Frames keep the aspect ratio of the camera's and are never larger than them. lost
// is called when the camera is unplugged. stop waits for the frame that is being read, at most about a second. The
// error wraps call.ErrNoDevice when the camera is not there, cannot be opened or is in use.
func (c Camera) Start(width, height, fps int, take func(frame *image.YCbCr), lost func()) (stop func(), err error) {
	if min(width, height, fps) <= 0 {
		return nil, fmt.Errorf("start camera: %dx%d, %d frames a second", width, height, fps)
	}
	if c.Path == "" {
		all, err := list()
		if err != nil {
			return nil, err
		}
		c = all[0]
	}
	d, err := open(c.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: open camera: %w", call.ErrNoDevice, err)
	}
	return start(d, options{image.Pt(width, height), fps, take, lost})
}

// options are the arguments of Start.
type options struct {
	box  image.Point
	fps  int
	take func(frame *image.YCbCr)
	lost func()
}

// start captures from a device, and closes it in the end.
func start(d device, o options) (stop func(), err error) {
	m, err := choose(d.modes(o.box), o.box, o.fps)
	if err == nil {
		err = d.start(m)
	}
	if err != nil {
		d.close()
		return nil, fmt.Errorf("%w: start camera: %w", call.ErrNoDevice, err)
	}
	c := &capture{
		options: o, device: d, decoder: decoder{mode: m}, pace: newPace(o.fps),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	go c.run()
	return sync.OnceFunc(func() {
		close(c.quit)
		<-c.done
	}), nil
}
