package call

import (
	"context"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/mesibo/call"
)

const (
	meterPeriod = 60 * time.Millisecond
	meterFalls  = 0.82 // of the level, that is left after a period
	testLasts   = 1800 * time.Millisecond
)

// meter measures what the microphone hears, in a call or without one.
type meter struct {
	loud atomic.Uint32 // the bits of the largest loudness since it was read
}

// hear measures samples. It is called on goroutines of devices.
func (p *meter) hear(samples []float32) {
	sum := float32(0)
	for _, v := range samples {
		sum += v * v
	}
	loud := float32(math.Sqrt(float64(sum / float32(max(1, len(samples))))))
	for {
		before := p.loud.Load()
		if loud <= math.Float32frombits(before) || p.loud.CompareAndSwap(before, math.Float32bits(loud)) {
			return
		}
	}
}

// level returns the loudness since the last time on a scale from 0, of a silent room, to 1.
func (p *meter) level() float32 {
	const floor = 56 // dB below the loudest
	loud := float64(math.Float32frombits(p.loud.Swap(0)))
	if loud <= 0 {
		return 0
	}
	return float32(min(1, max(0, 1+20*math.Log10(loud)/floor)))
}

// Meter shows how loud the microphone is until Close.
type Meter struct {
	m      *Model
	show   func(level float32)
	failed func()
	level  float32
	tick   func() // cancels the timer
	stop   func() // closes the microphone, nil when a call has it
	closed bool
}

// NewMeter starts to call show with levels from 0 to 1, and failed when the microphone does not work.
func (m *Model) NewMeter(show func(level float32), failed func()) *Meter {
	p := &Meter{m: m, show: show, failed: failed}
	p.open()
	p.schedule()
	return p
}

// open opens the microphone, if no call has it.
func (p *Meter) open() {
	microphone := p.m.media.Microphone
	if microphone == nil {
		p.failed()
		return
	}
	if p.m.running[Microphone].any() {
		return
	}
	var stop func()
	var err error
	p.m.cfg.Dispatcher.Async(func(context.Context) {
		stop, err = microphone.Record(call.SampleRate, func([]float32) {}, func() {})
	}, func() {
		switch {
		case err != nil:
			p.m.cfg.Logger.Info("the microphone is not measured", slog.Any("error", err))
			if !p.closed {
				p.failed()
			}
		case p.closed:
			p.m.cfg.Dispatcher.Async(func(context.Context) { stop() }, func() {})
		default:
			p.stop = stop
		}
	})
}

func (p *Meter) schedule() {
	p.tick = p.m.cfg.Dispatcher.After(meterPeriod, func() {
		now := max(p.m.meter.level(), p.level*meterFalls)
		if now < 0.01 {
			now = 0
		}
		if now != p.level {
			p.level = now
			p.show(now)
		}
		p.schedule()
	})
}

// Close closes the microphone.
func (p *Meter) Close() {
	if p.closed {
		return
	}
	p.closed = true
	p.tick()
	if stop := p.stop; stop != nil {
		p.m.cfg.Dispatcher.Async(func(context.Context) { stop() }, func() {})
	}
}

// TestSpeaker plays a short tone with the chosen speaker, and calls failed when that does not work.
func (m *Model) TestSpeaker(failed func()) {
	speaker := m.media.Speaker
	if speaker == nil {
		failed()
		return
	}
	var stop func()
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		stop, err = audio.PlayTone(speaker, audio.ToneTest)
	}, func() {
		if err != nil {
			m.cfg.Logger.Info("the speaker does not work", slog.Any("error", err))
			failed()
			return
		}
		m.cfg.Dispatcher.After(testLasts, func() { m.cfg.Dispatcher.Async(func(context.Context) { stop() }, func() {}) })
	})
}
