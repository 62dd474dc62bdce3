package rtc

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp/codecs"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	payloadMost  = 1150 // bytes, so that a packet fits through any network
	keyEvery     = 300 * time.Millisecond
	bitrateEvery = 500 * time.Millisecond
	bitrateStep  = 20 // a change of less than a twentieth is not worth it
)

// standard is the format that a camera is asked for.
var standard = Format{Width: 640, Height: 480, FPS: 30}

func wrapMissing(what string, err error) error { return fmt.Errorf("%s: %w", what, err) }

// film sends the frames of a source. Changing the source changes neither the track nor its numbers.
type film struct {
	track   *track
	open    func(o call.VideoEncoderOptions) (call.VideoEncoder, error)
	target  func(wanted int) int // bit/s
	problem func(error)
	log     *slog.Logger

	mu          sync.Mutex // held while a source starts or stops
	source      call.VideoSource
	format      Format
	connected   bool
	muted, held bool
	stop        func() // of the source that runs

	sinkMu sync.Mutex
	sink   call.VideoSink

	box     *mailbox
	wantKey atomic.Bool
	fps     atomic.Int32
	most    atomic.Int64 // bitrate of the source's format in bit/s, 0 for what the size needs

	// of the encoding goroutine
	encoder   call.VideoEncoder
	options   call.VideoEncoderOptions
	failed    bool // to make an encoder
	small     *image.YCbCr
	ladder    ladder
	bitrate   int
	checked   time.Time
	keyAt     time.Time
	frames    int
	first     time.Time
	stamp     int64
	payloader codecs.VP8Payloader
}

func newFilm(t *track, m *call.Media, target func(wanted int) int, problem func(error), log *slog.Logger) *film {
	return &film{
		track: t, open: m.VideoEncoder, target: target, problem: problem, log: log,
		box: newMailbox(), small: &image.YCbCr{}, payloader: codecs.VP8Payloader{EnablePictureID: true},
	}
}

// set changes what decides whether a source runs, and which, and starts or stops it.
func (f *film) set(change func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	wanted := f.source != nil && f.connected && !f.muted && !f.held
	switch {
	case !wanted:
		f.halt()
	case f.stop == nil:
		return f.run()
	}
	return nil
}

// setSource changes the source; nil is none.
func (f *film) setSource(s call.VideoSource, format Format) error {
	if s != nil && f.open == nil {
		return wrapMissing("no video is sent", call.ErrNoCodec)
	}
	return f.set(func() {
		f.halt()
		f.source, f.format = s, format
	})
}

func (f *film) halt() {
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

// run starts the source, which is not asked for again when it fails.
func (f *film) run() error {
	f.wantKey.Store(true)
	f.fps.Store(int32(f.format.FPS))
	f.most.Store(int64(f.format.Bitrate))
	stop, err := f.source.Start(f.format.Width, f.format.Height, f.format.FPS, func(frame *image.YCbCr) {
		f.box.put(frame)
	}, func() { f.problem(wrapMissing("the camera was disconnected", call.ErrNoDevice)) })
	if err != nil {
		f.source = nil
		return wrapMissing("no video is sent", err)
	}
	f.stop = stop
	return nil
}

func (f *film) setSink(s call.VideoSink) {
	f.sinkMu.Lock()
	defer f.sinkMu.Unlock()
	f.sink = s
}

// encode sends frames until done is closed.
func (f *film) encode(done <-chan struct{}) {
	defer f.closeEncoder()
	for {
		select {
		case <-done:
			return
		case <-f.box.ready:
		}
		if frame, at := f.box.take(); frame != nil {
			f.send(frame, at)
		}
	}
}

func (f *film) send(frame *image.YCbCr, at time.Time) {
	f.sinkMu.Lock()
	sink := f.sink
	f.sinkMu.Unlock()
	if sink != nil {
		sink.Show(frame)
	}
	if f.failed || f.track.mimeType() == "" {
		return
	}
	err := f.put(frame, at)
	switch {
	case errors.Is(err, call.ErrNoCodec):
		f.failed = true
		f.problem(wrapMissing("no video is sent", err))
	case err != nil:
		f.wantKey.Store(true)
		f.log.LogAttrs(context.Background(), slog.LevelDebug, "send video", slog.String("error", err.Error()))
	}
}

func (f *film) put(frame *image.YCbCr, at time.Time) error {
	fps := int(f.fps.Load())
	full := Format{frame.Rect.Dx(), frame.Rect.Dy(), fps, int(f.most.Load())}
	f.control(full, at)
	skip, step := f.ladder.step()
	if f.frames++; f.frames%skip != 0 {
		return nil
	}
	if step > 1 {
		f.small = copyFrame(f.small, frame, step)
		frame = f.small
	}
	if err := f.prepare(frame.Rect.Size(), max(1, fps/skip)); err != nil {
		return err
	}
	key := f.wantKey.Load() && at.Sub(f.keyAt) >= keyEvery
	if key {
		f.wantKey.Store(false)
		f.keyAt = at
	}
	data, err := f.encoder.Encode(frame, key)
	if err != nil || len(data) == 0 {
		return err
	}
	return f.track.write(f.time(at), true, f.payloader.Payload(payloadMost, data)...)
}

// control follows the estimated bandwidth.
func (f *film) control(full Format, now time.Time) {
	if now.Sub(f.checked) < bitrateEvery {
		return
	}
	f.checked = now
	bitrate := min(max(f.target(full.bitrate()+opusBitrate)-opusBitrate, bitrateLeast), full.bitrate())
	f.ladder.choose(full, bitrate, now)
	if max(bitrate-f.bitrate, f.bitrate-bitrate) < f.bitrate/bitrateStep {
		return
	}
	f.bitrate = bitrate
	if f.encoder == nil {
		return
	}
	if err := f.encoder.SetBitrate(bitrate); err != nil {
		f.log.LogAttrs(context.Background(), slog.LevelDebug, "set bitrate", slog.String("error", err.Error()))
	}
}

// prepare makes an encoder for frames of a size.
func (f *film) prepare(size image.Point, fps int) error {
	o := call.VideoEncoderOptions{Width: size.X, Height: size.Y, FPS: fps, Bitrate: f.options.Bitrate}
	if f.encoder != nil && o == f.options {
		return nil
	}
	f.closeEncoder()
	o.Bitrate = f.bitrate
	e, err := f.open(o)
	if err != nil {
		return err
	}
	f.encoder, f.options = e, o
	f.wantKey.Store(true)
	return nil
}

func (f *film) closeEncoder() {
	if f.encoder != nil {
		f.encoder.Close()
		f.encoder = nil
	}
}

// time returns the timestamp of a frame, which is never that of the frame before.
func (f *film) time(at time.Time) uint32 {
	if f.first.IsZero() {
		f.first = at
	}
	f.stamp = max(f.stamp+1, at.Sub(f.first).Microseconds()*vp8Clock/1e6)
	return uint32(f.stamp)
}
