package rtc

import (
	"fmt"
	"image"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/mesibo/call"
)

// This file has the parts of a Peer that a connection to a server of calls of groups uses too.

// Opus is the bitrate of sound in bit/s, when nothing else is wanted.
const Opus = opusBitrate

// Voice encodes what a microphone records as Opus.
type Voice struct{ voice *voice }

// NewVoice returns a Voice, which calls write with each packet. Of one that is silence there is none. The error wraps
// call.ErrNoCodec when there is no encoder.
func NewVoice(m *call.Media, bitrate int, write func(Sound) error, log *slog.Logger) (*Voice, error) {
	if m.AudioEncoder == nil {
		return nil, fmt.Errorf("nothing is said: %w", call.ErrNoCodec)
	}
	encoder, err := m.AudioEncoder(bitrate)
	if err != nil {
		return nil, fmt.Errorf("nothing is said: %w", err)
	}
	mimeType := func() string { return webrtc.MimeTypeOpus }
	return &Voice{newVoice(mimeType, write, &audioCodec{opusEncoder: encoder}, log)}, nil
}

// SetMuted sends silence instead, or not any more.
func (v *Voice) SetMuted(muted bool) { v.voice.setMuted(muted) }

// Reported notes which share of the packets a receiver has lost, in 256ths. One goroutine calls it.
func (v *Voice) Reported(fraction uint8) {
	if percent, changed := v.voice.feed.report(fraction); changed {
		v.voice.loss.Store(int32(percent))
	}
}

// Start records until stop is called.
func (v *Voice) Start(m call.Microphone, problem func(error)) (stop func()) {
	return v.voice.start(m, problem)
}

// Close frees the encoder, after stop.
func (v *Voice) Close() { v.voice.codec.opusEncoder.Close() }

// Player plays Opus: it puts packets in order and conceals what is lost.
type Player struct{ player *player }

// NewPlayer returns a Player. The error wraps call.ErrNoCodec when there is no decoder.
func NewPlayer(m *call.Media) (*Player, error) {
	if m.AudioDecoder == nil {
		return nil, fmt.Errorf("nothing is heard: %w", call.ErrNoCodec)
	}
	decoder, err := m.AudioDecoder()
	if err != nil {
		return nil, fmt.Errorf("nothing is heard: %w", err)
	}
	return &Player{newPlayer(&audioCodec{opusDecoder: decoder})}, nil
}

// Start plays until stop is called.
func (p *Player) Start(s call.Speaker, problem func(error)) (stop func()) {
	return p.player.start(s, problem)
}

// Push takes a packet.
func (p *Player) Push(packet *rtp.Packet) { p.player.push(packet, webrtc.MimeTypeOpus) }

// Close frees the decoder, after stop.
func (p *Player) Close() { p.player.codec.opusDecoder.Close() }

// Viewer shows VP8. Its methods but SetSink are called by one goroutine.
type Viewer struct{ viewer *viewer }

// NewViewer returns a Viewer. resized is called with another size of the video, in pixels; decrypt decrypts a frame,
// nil for nothing; problem is called when a codec is missing, without which video stands still.
func NewViewer(
	m *call.Media, resized func(width, height int), decrypt func([]byte) ([]byte, error), problem func(error),
) *Viewer {
	v := newViewer(m, resized, problem)
	v.decrypt = decrypt
	return &Viewer{v}
}

// SetSink shows the video in s, nil for nowhere.
func (v *Viewer) SetSink(s call.VideoSink) { v.viewer.setSink(s) }

// Take takes a packet and reports whether a key frame is to be asked for.
func (v *Viewer) Take(p *rtp.Packet) (askForKey bool) { return v.viewer.take(p, time.Now()) }

// Close frees the decoder.
func (v *Viewer) Close() { v.viewer.close() }

// Mailbox holds the last frame of a source until an encoder has time for it.
type Mailbox struct{ box *mailbox }

// NewMailbox returns an empty mailbox.
func NewMailbox() *Mailbox { return &Mailbox{newMailbox()} }

// Put copies a frame. It does not wait.
func (m *Mailbox) Put(frame *image.YCbCr) { m.box.put(frame) }

// Ready returns a channel that receives when there may be a frame.
func (m *Mailbox) Ready() <-chan struct{} { return m.box.ready }

// Take returns the last frame and when it came; nil when it was taken already. It is valid until the next call.
func (m *Mailbox) Take() (*image.YCbCr, time.Time) { return m.box.take() }

// Shrink copies each step-th pixel of each step-th row of a frame in 4:2:0. It uses to again when that has the size.
func Shrink(to, from *image.YCbCr, step int) *image.YCbCr { return copyFrame(to, from, step) }

// VideoBitrate returns what VP8 needs to look good, in bit/s.
func VideoBitrate(width, height, fps int) int {
	return Format{Width: width, Height: height, FPS: fps}.bitrate()
}

// WatchAddresses calls moved whenever the addresses of this machine have changed, until stop is called.
func WatchAddresses(moved func()) (stop func()) {
	stopped, watching := make(chan struct{}), sync.WaitGroup{}
	watching.Go(func() {
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		for last := addresses(); ; {
			select {
			case <-stopped:
				return
			case <-ticker.C:
			}
			if now := addresses(); now != last {
				last = now
				moved()
			}
		}
	})
	return func() {
		close(stopped)
		watching.Wait()
	}
}

// Queue calls functions in order, on a goroutine of its own.
type Queue struct{ events *events }

// NewQueue returns a Queue, which must be closed.
func NewQueue() *Queue { return &Queue{newEvents()} }

// Post queues a function. It does not wait.
func (q *Queue) Post(f func()) { q.events.post(f) }

// Close waits for the function that is running; those after it are not called.
func (q *Queue) Close() { q.events.close() }
