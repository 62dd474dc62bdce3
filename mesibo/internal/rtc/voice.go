package rtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	voiceQueue = 8 // frames that wait to be encoded; more are left out
	silentMost = 2 // bytes of a packet that need not be sent: silence
)

// Sound is an encoded frame of what the microphone records.
type Sound struct {
	Stamp   uint32 // of RTP, without an offset
	First   bool   // after silence that was not sent
	Samples []float32
	Packet  []byte
}

// voice sends what the microphone records.
type voice struct {
	mimeType  func() string // of the codec that was agreed on, empty before
	write     func(s Sound) error
	codec     *audioCodec
	processor call.AudioProcessor // nil for none
	log       *slog.Logger

	muted, held atomic.Bool
	loss        atomic.Int32 // percent to prepare for
	feed        lossFeed     // of the goroutine that reads reports

	recorded []float32 // less than a frame; of the microphone's goroutine
	frames   uint32    // recorded, also those left out
	queue    chan voiceFrame
	free     chan []float32

	// of the encoding goroutine
	lossSet int32
	silent  bool // the packet before was not sent
	silence [call.FrameSize]float32
}

type voiceFrame struct {
	number  uint32
	samples []float32
}

func newVoice(mimeType func() string, write func(Sound) error, c *audioCodec, log *slog.Logger) *voice {
	v := &voice{
		mimeType: mimeType, write: write, codec: c, log: log, silent: true,
		queue: make(chan voiceFrame, voiceQueue), free: make(chan []float32, voiceQueue+1),
	}
	for range cap(v.free) {
		v.free <- make([]float32, call.FrameSize)
	}
	return v
}

func (v *voice) setMuted(muted bool) { v.muted.Store(muted) }
func (v *voice) setHeld(held bool)   { v.held.Store(held) }

// start records and sends until stop is called.
func (v *voice) start(m call.Microphone, problem func(error)) (stop func()) {
	if m == nil {
		problem(fmt.Errorf("nothing is recorded: %w", call.ErrNoDevice))
		return func() {}
	}
	done, encoding := make(chan struct{}), sync.WaitGroup{}
	encoding.Go(func() {
		for {
			select {
			case <-done:
				return
			case f := <-v.queue:
				v.send(f)
				v.free <- f.samples
			}
		}
	})
	stopDevice, err := m.Record(call.SampleRate, v.record, func() {
		problem(fmt.Errorf("the microphone was disconnected: %w", call.ErrNoDevice))
	})
	if err != nil {
		problem(fmt.Errorf("nothing is recorded: %w", err))
	}
	return func() {
		if err == nil {
			stopDevice()
		}
		close(done)
		encoding.Wait()
	}
}

// record cuts what the microphone records into frames. It never waits.
func (v *voice) record(samples []float32) {
	for len(samples) > 0 {
		n := min(len(samples), call.FrameSize-len(v.recorded))
		v.recorded = append(v.recorded, samples[:n]...)
		samples = samples[n:]
		if len(v.recorded) < call.FrameSize {
			return
		}
		select {
		case frame := <-v.free:
			copy(frame, v.recorded)
			v.queue <- voiceFrame{v.frames, frame}
		default: // the machine is too slow
		}
		v.frames++
		v.recorded = v.recorded[:0]
	}
}

func (v *voice) send(f voiceFrame) {
	if v.processor != nil {
		v.processor.Recorded(f.samples)
	}
	if v.held.Load() {
		v.silent = true
		return
	}
	encoder, step := call.AudioEncoder(&v.codec.pcmuEncoder), uint32(pcmuStep)
	switch v.mimeType() {
	case webrtc.MimeTypeOpus:
		encoder, step = v.codec.opusEncoder, opusStep
		v.prepare(encoder)
	case "":
		return
	}
	samples := f.samples
	if v.muted.Load() {
		samples = v.silence[:]
	}
	packet, err := encoder.Encode(samples)
	if err == nil && len(packet) > silentMost {
		err = v.write(Sound{f.number * step, v.silent, samples, packet})
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		v.log.LogAttrs(context.Background(), slog.LevelDebug, "send sound", slog.String("error", err.Error()))
	}
	v.silent = len(packet) <= silentMost
}

// prepare sets the loss that was reported.
func (v *voice) prepare(encoder call.AudioEncoder) {
	if loss := v.loss.Load(); loss != v.lossSet {
		v.lossSet = loss
		if err := encoder.SetLoss(int(loss)); err != nil {
			v.log.LogAttrs(context.Background(), slog.LevelDebug, "set loss", slog.String("error", err.Error()))
		}
	}
}
