package livekit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

const (
	layerCount   = 2
	smallWidth   = 160 // pixels
	smallBitrate = 80_000
	keyEvery     = 300 * time.Millisecond
	bitrateEvery = 500 * time.Millisecond
	bitrateStep  = 20 // a change of less than a twentieth is not worth it
	bitrateLeast = 30_000
	askedFor     = 2 * time.Second // a size of which the SFU wanted a key frame is sent, though no one may receive it

	standardWidth, standardHeight, standardFPS = 640, 480, 30
)

// size is one of those in which video is sent.
type size struct {
	quality       livekit.VideoQuality
	width, height int
	bitrate       int // bit/s
	step          int // one pixel of so many is sent, in both directions
}

// sizesOf returns the sizes in which a source is sent, the small one first.
func sizesOf(want call.GroupSending) [layerCount]size {
	width, height := cmp.Or(want.Width, standardWidth), cmp.Or(want.Height, standardHeight)
	bitrate := cmp.Or(want.Bitrate, rtc.VideoBitrate(width, height, cmp.Or(want.FPS, standardFPS)))
	step := max(2, width/smallWidth)
	return [layerCount]size{
		{livekit.VideoQuality_LOW, width / step &^ 1, height / step &^ 1, min(smallBitrate, bitrate), step},
		{livekit.VideoQuality_HIGH, width, height, bitrate, 1},
	}
}

// film encodes what a source shows, once for each size.
type film struct {
	open    func(o call.VideoEncoderOptions) (call.VideoEncoder, error)
	write   func(layer int, at time.Time, length time.Duration, frame []byte) error
	target  func(wanted int) int // of the network, in bit/s
	problem func(error)
	log     *slog.Logger

	box    *rtc.Mailbox
	keys   [layerCount]atomic.Bool  // a key frame is wanted
	unseen [layerCount]atomic.Bool  // no one receives the size
	asked  [layerCount]atomic.Int64 // when the SFU wanted a key frame, in nanoseconds since 1970
	fps    atomic.Int32
	most   atomic.Int64 // bit/s, 0 for what the size needs

	// Of the session's goroutine.
	source call.GroupSending
	stop   func() // of the source that runs

	done     chan struct{}
	encoding sync.WaitGroup
	began    bool

	// Of the encoding goroutine.
	layers  [layerCount]layer
	sizes   [layerCount]size // of which the bitrates were set
	checked time.Time
}

// layer is what encodes one size.
type layer struct {
	encoder call.VideoEncoder
	options call.VideoEncoderOptions // what it was made with
	bitrate int                      // bit/s, that it has
	ladder  rtc.Ladder
	rung    int
	frames  int
	small   *image.YCbCr
	keyAt   time.Time
	failed  bool
}

func newFilm(
	m *call.Media, write func(int, time.Time, time.Duration, []byte) error, target func(int) int, problem func(error),
	log *slog.Logger,
) *film {
	f := &film{
		open: m.VideoEncoder, write: write, target: target, problem: problem, log: log, box: rtc.NewMailbox(),
		done: make(chan struct{}),
	}
	for i := range f.layers {
		f.layers[i].small = &image.YCbCr{}
	}
	return f
}

// set films a source, none when there is none.
func (f *film) set(want call.GroupSending) {
	want.Audio = false
	if want == f.source {
		return
	}
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
	f.source = want
	if want.Video == nil || f.open == nil {
		return
	}
	if !f.began {
		f.began = true
		f.encoding.Go(f.encode)
	}
	f.fps.Store(int32(cmp.Or(want.FPS, standardFPS)))
	f.most.Store(int64(want.Bitrate))
	for i := range f.keys {
		f.keys[i].Store(true)
	}
	stop, err := want.Video.Start(cmp.Or(want.Width, standardWidth), cmp.Or(want.Height, standardHeight),
		cmp.Or(want.FPS, standardFPS), f.box.Put,
		func() { f.problem(fmt.Errorf("the camera was disconnected: %w", call.ErrNoDevice)) })
	if err != nil {
		f.problem(fmt.Errorf("no video is sent: %w", err))
		return
	}
	f.stop = stop
}

// asksKey notes that the SFU wants a key frame of a layer. It may have said that no one receives the layer, and still
// pass on to someone what it had before, until it gets a key frame of either.
func (f *film) asksKey(layer int) {
	f.asked[layer].Store(time.Now().UnixNano())
	f.wantKey(layer)
	if f.unseen[layer].Load() {
		for i := range f.keys {
			f.wantKey(i)
		}
	}
}

// sends reports whether a layer is sent.
func (f *film) sends(layer int) bool {
	return !f.unseen[layer].Load() || time.Since(time.Unix(0, f.asked[layer].Load())) < askedFor
}

// wantKey asks for a key frame of a layer.
func (f *film) wantKey(layer int) { f.keys[layer].Store(true) }

// see says which sizes are received. The other ones are not encoded.
func (f *film) see(seen [layerCount]bool) {
	for i, is := range seen {
		if f.unseen[i].Swap(!is) && is {
			f.wantKey(i)
		}
	}
}

// encode encodes frames until the film is closed.
func (f *film) encode() {
	defer func() {
		for i := range f.layers {
			f.layers[i].close()
		}
	}()
	for {
		select {
		case <-f.done:
			return
		case <-f.box.Ready():
		}
		if frame, at := f.box.Take(); frame != nil {
			f.shoot(frame, at)
		}
	}
}

// shoot sends a frame in each size.
func (f *film) shoot(frame *image.YCbCr, at time.Time) {
	sizes := sizesOf(call.GroupSending{
		Width: frame.Rect.Dx(), Height: frame.Rect.Dy(), FPS: int(f.fps.Load()), Bitrate: int(f.most.Load()),
	})
	f.control(sizes, at)
	for i, s := range sizes {
		f.send(i, s, frame, at)
	}
}

// control shares what the network carries among the sizes, the small one first. The large one is left out before it is
// too bad to look at: then the server sends the small one instead.
func (f *film) control(sizes [layerCount]size, now time.Time) {
	if sizes == f.sizes && now.Sub(f.checked) < bitrateEvery {
		return
	}
	f.sizes, f.checked = sizes, now
	wanted := 0
	for i, s := range sizes {
		if f.sends(i) {
			wanted += s.bitrate
		}
	}
	left := f.target(wanted+rtc.Opus) - rtc.Opus
	for i, s := range sizes {
		l := &f.layers[i]
		bitrate := min(s.bitrate, max(left, bitrateLeast))
		if f.sends(i) {
			left -= bitrate
		}
		if i > 0 {
			l.choose(bitrate, s.bitrate, now, func() { f.wantKey(i) })
		}
		if err := l.setBitrate(bitrate); err != nil {
			f.log.LogAttrs(context.Background(), slog.LevelDebug, "set bitrate", slog.String("error", err.Error()))
		}
	}
}

// choose chooses how many of the frames are sent. A key frame is needed after none.
func (l *layer) choose(bitrate, needed int, now time.Time, wantKey func()) {
	before := l.rung
	if l.rung = l.ladder.Choose(bitrate, needed, now); before == noFrames && l.rung != before {
		wantKey()
	}
}

const noFrames = 2 // of layer.rung

func (l *layer) setBitrate(bitrate int) error {
	if max(bitrate-l.bitrate, l.bitrate-bitrate) < l.bitrate/bitrateStep {
		return nil
	}
	l.bitrate = bitrate
	if l.encoder == nil {
		return nil
	}
	return l.encoder.SetBitrate(bitrate)
}

// send encodes and sends a frame in one size.
func (f *film) send(number int, s size, frame *image.YCbCr, at time.Time) {
	l := &f.layers[number]
	if l.failed || l.rung == noFrames || !f.sends(number) {
		return
	}
	if l.frames++; l.rung > 0 && l.frames%2 != 0 {
		return
	}
	if s.step > 1 {
		l.small = rtc.Shrink(l.small, frame, s.step)
		frame = l.small
	}
	err := f.put(l, number, frame, at)
	switch {
	case errors.Is(err, call.ErrNoCodec):
		l.failed = true
		f.problem(fmt.Errorf("no video is sent: %w", err))
	case err != nil:
		f.wantKey(number)
		f.log.LogAttrs(context.Background(), slog.LevelDebug, "send video", slog.String("error", err.Error()))
	}
}

func (f *film) put(l *layer, number int, frame *image.YCbCr, at time.Time) error {
	fps := max(1, int(f.fps.Load())/(1+l.rung))
	o := call.VideoEncoderOptions{
		Width: frame.Rect.Dx(), Height: frame.Rect.Dy(), FPS: fps, Bitrate: l.options.Bitrate,
	}
	if l.encoder == nil || o != l.options {
		l.close()
		o.Bitrate = l.bitrate
		encoder, err := f.open(o)
		if err != nil {
			return err
		}
		l.encoder, l.options = encoder, o
		f.wantKey(number)
	}
	key := f.keys[number].Load() && at.Sub(l.keyAt) >= keyEvery
	if key {
		f.keys[number].Store(false)
		l.keyAt = at
	}
	data, err := l.encoder.Encode(frame, key)
	if err != nil || len(data) == 0 {
		return err
	}
	return f.write(number, at, time.Second/time.Duration(fps), data)
}

func (l *layer) close() {
	if l.encoder != nil {
		l.encoder.Close()
		l.encoder = nil
	}
}

// close stops the source and the encoders.
func (f *film) close() {
	f.set(call.GroupSending{})
	close(f.done)
	f.encoding.Wait()
}
