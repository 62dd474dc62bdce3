package camera

import (
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/video/yuv"
)

// capture is what one Start captures.
type capture struct {
	options

	device  device
	decoder decoder
	scaler  yuv.Scaler
	pace    pace

	quit, done chan struct{}
}

func (c *capture) run() {
	defer close(c.done)
	defer c.device.close()
	for {
		select {
		case <-c.quit:
			return
		default:
		}
		if err := c.device.next(c.use); err != nil && !errors.Is(err, errSilent) {
			c.lost()
			return
		}
	}
}

// use takes a frame when it is time for one. Frames that are damaged are left out.
func (c *capture) use(data []byte) {
	if !c.pace.due(time.Now()) {
		return
	}
	frame, err := c.decoder.decode(data)
	if err != nil {
		return
	}
	c.take(c.scaler.Scale(frame, yuv.Fit(frame.Rect.Max, c.box)))
}

// pace leaves out frames of a camera that is faster than wanted.
type pace struct {
	interval time.Duration
	next     time.Time
}

func newPace(fps int) pace { return pace{interval: time.Second / time.Duration(fps)} }

// due reports whether a frame that arrives at a time is wanted. One may come half an interval early, because a camera
// is not exact; on average the rate is kept.
func (p *pace) due(now time.Time) bool {
	if now.Before(p.next.Add(-p.interval / 2)) {
		return false
	}
	p.next = p.next.Add(p.interval)
	if p.next.Before(now) { // the first frame, or after a break
		p.next = now.Add(p.interval)
	}
	return true
}
