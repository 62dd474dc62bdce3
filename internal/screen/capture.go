//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/video/yuv"
	"github.com/parley-chat/parley/mesibo/call"
)

// refusedMost is how many pictures in a row the server may refuse, as it does while monitors change.
const refusedMost = 10

func (s Screen) start(o options) (stop func(), err error) {
	d, err := open(s.display)
	if err != nil {
		return nil, err
	}
	g, err := newGrabber(d, s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", call.ErrNoDevice, err)
	}
	if _, err := g.grab(); err != nil {
		g.close()
		return nil, fmt.Errorf("%w: %w", call.ErrNoDevice, err)
	}
	c := &capture{options: o, grabber: g, quit: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return sync.OnceFunc(func() {
		close(c.quit)
		<-c.done
	}), nil
}

// capture is what one Start captures.
type capture struct {
	options

	grabber *grabber
	scaler  yuv.Scaler
	full    *image.YCbCr // at the size of the screen
	refused int          // pictures in a row

	quit, done chan struct{}
}

func (c *capture) run() {
	defer close(c.done)
	defer c.grabber.close()
	tick := time.NewTicker(time.Second / time.Duration(c.fps))
	defer tick.Stop()
	for {
		select {
		case <-c.quit:
			return
		case <-tick.C:
		}
		pix, err := c.grabber.grab()
		switch {
		case err == nil:
			c.refused = 0
			c.take(c.frame(pix))
		case refused(err) && c.refused < refusedMost:
			c.refused++
			c.grabber.located = time.Time{}
		default:
			c.lost()
			return
		}
	}
}

// frame returns the frame for pixels, valid until the next call.
func (c *capture) frame(pix []byte) *image.YCbCr {
	size := c.grabber.area.Size()
	c.full = yuv.Resize(c.full, size)
	yuv.FromBGRX(c.full, pix, pixelSize*size.X)
	return c.scaler.Scale(c.full, yuv.Fit(size, c.box))
}
