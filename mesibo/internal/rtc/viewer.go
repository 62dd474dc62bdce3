package rtc

import (
	"image"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/parley-chat/parley/mesibo/call"
)

const pliEvery = 500 * time.Millisecond // at most

// viewer shows the other side's video. After a loss or an error it shows nothing until a key frame decodes: what comes
// before that may decode to grey without an error.
type viewer struct {
	resized func(width, height int)
	problem func(error)
	open    func() (call.VideoDecoder, error)
	decrypt func(frame []byte) ([]byte, error) // nil for none

	mu   sync.Mutex
	sink call.VideoSink
	held bool
	size image.Point

	// of the reading goroutine
	assembler assembler
	decoder   call.VideoDecoder
	broken    bool
	asked     time.Time
}

func newViewer(m *call.Media, resized func(width, height int), problem func(error)) *viewer {
	return &viewer{open: m.VideoDecoder, resized: resized, problem: problem, broken: true}
}

func (v *viewer) setSink(s call.VideoSink) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sink = s
}

func (v *viewer) setHeld(held bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.held = held
}

// frameSize returns the size of the other side's video, in pixels.
func (v *viewer) frameSize() image.Point {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.size
}

// shown returns the sink, nil when nothing is to be shown.
func (v *viewer) shown() call.VideoSink {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.held {
		return nil
	}
	return v.sink
}

// take handles a packet and reports whether a key frame is to be asked for.
func (v *viewer) take(p *rtp.Packet, now time.Time) (askForKey bool) {
	v.assembler.push(p)
	sink, needed := v.shown(), false
	for f, ok := v.assembler.pop(now); ok; f, ok = v.assembler.pop(now) {
		v.broken = v.broken || f.gap
		v.noteSize(f)
		if sink == nil { // no view shows it
			v.broken = true
			continue
		}
		v.show(f, sink)
		needed = v.broken
	}
	if !needed || now.Sub(v.asked) < pliEvery {
		return false
	}
	v.asked = now
	return true
}

func (v *viewer) show(f videoFrame, sink call.VideoSink) {
	if v.broken && !f.key {
		return
	}
	if v.decoder == nil {
		v.decoder = v.openDecoder()
	}
	data, err := f.data, error(nil)
	if v.decrypt != nil {
		data, err = v.decrypt(data)
	}
	var picture *image.YCbCr
	if err == nil {
		picture, err = v.decoder.Decode(data)
	}
	v.broken = err != nil
	if picture != nil && err == nil {
		sink.Show(picture)
	}
}

func (v *viewer) openDecoder() call.VideoDecoder {
	if v.open == nil {
		v.problem(wrapMissing("video stands still", call.ErrNoCodec))
		return newStills()
	}
	d, err := v.open()
	if err != nil {
		v.problem(wrapMissing("video stands still", err))
		return newStills()
	}
	return d
}

func (v *viewer) noteSize(f videoFrame) {
	width, height, ok := keyFrameSize(f.data)
	if !ok {
		return
	}
	v.mu.Lock()
	changed := v.size != image.Pt(width, height)
	v.size = image.Pt(width, height)
	v.mu.Unlock()
	if changed {
		v.resized(width, height)
	}
}

func (v *viewer) close() {
	if v.decoder != nil {
		v.decoder.Close()
	}
}
