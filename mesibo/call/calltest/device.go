package calltest

import (
	"sync"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
)

// device runs one use of a device at a time.
type device struct {
	mu    sync.Mutex
	gone  chan struct{} // closed when the device was disconnected; made with the first use
	inUse int
}

// start calls tick every period with the time since the start, until stop is called or the device is unplugged; then
// lost is called.
func (d *device) start(period time.Duration, tick func(since time.Duration), lost func()) (stop func(), err error) {
	gone := d.open()
	select {
	case <-gone:
		d.closed()
		return nil, call.ErrNoDevice
	default:
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		begin, ticker := time.Now(), time.NewTicker(period)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-gone:
				lost()
				return
			case <-ticker.C:
				tick(time.Since(begin))
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(done)
		<-ended
		d.closed()
	}), nil
}

func (d *device) open() (gone chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inUse++
	return d.wire()
}

func (d *device) wire() chan struct{} {
	if d.gone == nil {
		d.gone = make(chan struct{})
	}
	return d.gone
}

func (d *device) closed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inUse--
}

// Unplug disconnects the device: who uses it is called back, who wants to gets call.ErrNoDevice.
func (d *device) Unplug() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.wire():
	default:
		close(d.gone)
	}
}

// InUse reports whether the device was started and not stopped.
func (d *device) InUse() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inUse > 0
}
