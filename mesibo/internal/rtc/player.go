package rtc

import (
	"fmt"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	quietMost  = 0.003 // of the amplitude: leaving out such a frame is not heard
	pcmuFrames = 6     // of 20 ms in a packet of a foreign program, at most
)

// player plays what the other side says.
type player struct {
	codec     *audioCodec
	processor call.AudioProcessor // nil for none

	mu     sync.Mutex
	buffer jitterBuffer
	opus   bool // what is in it
	held   bool

	// of the speaker's goroutine
	frame [call.FrameSize]float32
	first [call.FrameSize]float32
	rest  []float32 // of frame, not played yet
	quiet bool
}

func newPlayer(c *audioCodec) *player {
	p := &player{codec: c, opus: true}
	p.buffer.reset(opusStep)
	return p
}

func (p *player) setHeld(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
}

// start plays until stop is called.
func (p *player) start(s call.Speaker, problem func(error)) (stop func()) {
	if s == nil {
		problem(fmt.Errorf("nothing is played: %w", call.ErrNoDevice))
		return func() {}
	}
	stop, err := s.Play(call.SampleRate, 1, p.fill, func() {
		problem(fmt.Errorf("the speaker was disconnected: %w", call.ErrNoDevice))
	})
	if err != nil {
		problem(fmt.Errorf("nothing is played: %w", err))
		return func() {}
	}
	return stop
}

// push takes a packet of a codec.
func (p *player) push(packet *rtp.Packet, mimeType string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held {
		return
	}
	opus := mimeType == webrtc.MimeTypeOpus
	if opus && !p.codec.opus() {
		return
	}
	if opus != p.opus {
		p.opus = opus
		p.buffer.reset(map[bool]uint32{true: opusStep, false: pcmuStep}[opus])
	}
	if opus {
		p.buffer.push(packet.SequenceNumber, packet.Timestamp, packet.Payload)
		return
	}
	n := len(packet.Payload) / pcmuFrame
	for i := range min(n, pcmuFrames) {
		// With several frames in a packet the numbers have no gaps only inside of it.
		p.buffer.push(packet.SequenceNumber*uint16(n)+uint16(i), packet.Timestamp+uint32(i)*pcmuStep,
			packet.Payload[i*pcmuFrame:][:pcmuFrame])
	}
}

// fill is called by the speaker for the next samples.
func (p *player) fill(samples []float32) {
	for len(samples) > 0 {
		if len(p.rest) == 0 {
			p.next()
			p.rest = p.frame[:]
		}
		n := copy(samples, p.rest)
		samples, p.rest = samples[n:], p.rest[n:]
	}
}

// next makes the next frame.
func (p *player) next() {
	p.mu.Lock()
	defer p.mu.Unlock()
	decoder := call.AudioDecoder(&p.codec.pcmuDecoder)
	if p.opus && p.codec.opus() {
		decoder = p.codec.opusDecoder
	}
	p.decode(decoder, p.buffer.pop(p.quiet))
	p.quiet = isQuiet(p.frame[:])
	if p.processor != nil {
		p.processor.Played(p.frame[:])
	}
}

func (p *player) decode(decoder call.AudioDecoder, what play) {
	var samples []float32
	var err error
	switch what.kind {
	case playSilence:
	case playPacket:
		samples, err = decoder.Decode(what.packet)
	case playRepaired:
		samples, err = decoder.DecodeLost(what.packet)
	case playConceal:
		samples, err = decoder.DecodeLost(nil)
	case playMerged:
		if samples, err = decoder.Decode(what.packet); err == nil {
			copy(p.first[:], samples)
			if samples, err = decoder.Decode(what.next); err == nil {
				merge(p.first[:], samples)
				samples = p.first[:]
			}
		}
	}
	if err != nil { // a damaged packet is a lost one
		samples, err = decoder.DecodeLost(nil)
	}
	if err != nil || len(samples) != call.FrameSize {
		clear(p.frame[:])
		return
	}
	copy(p.frame[:], samples)
}

// merge fades from into what comes after it.
func merge(from, after []float32) {
	for i, v := range after[:len(from)] {
		share := float32(i) / float32(len(from))
		from[i] = from[i]*(1-share) + v*share
	}
}

func isQuiet(samples []float32) bool {
	for _, v := range samples {
		if v > quietMost || v < -quietMost {
			return false
		}
	}
	return true
}
