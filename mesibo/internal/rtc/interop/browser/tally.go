package browser

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	toneFrames = 100  // of 20 ms, in which a tone is looked for
	toneShare  = 0.95 // of them that must have it
)

// Tally is a speaker that counts in how many frames Chromium's tone is heard, since it is heard first.
type Tally struct {
	call.Speaker

	mu     sync.Mutex
	frame  []float32
	frames int
	tones  int
	more   chan struct{}
}

// NewTally returns a speaker that also plays on another.
func NewTally(s call.Speaker) *Tally { return &Tally{Speaker: s, more: make(chan struct{})} }

// Play implements call.Speaker.
func (y *Tally) Play(rate, channels int, fill func([]float32), lost func()) (stop func(), err error) {
	return y.Speaker.Play(rate, channels, func(samples []float32) {
		fill(samples)
		y.count(samples)
	}, lost)
}

func (y *Tally) count(samples []float32) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, v := range samples {
		if y.frame = append(y.frame, v); len(y.frame) < call.FrameSize {
			continue
		}
		tone := hasTone(y.frame, Tone)
		y.frame = y.frame[:0]
		if tone {
			y.tones++
		}
		if y.tones > 0 {
			y.frames++
		}
	}
	close(y.more)
	y.more = make(chan struct{})
}

// hasTone reports whether at least half of the power of a frame is that of a tone.
func hasTone(frame []float32, frequency float64) bool {
	var re, im, power float64
	for i, v := range frame {
		sin, cos := math.Sincos(2 * math.Pi * frequency * float64(i) / call.SampleRate)
		re, im, power = re+float64(v)*cos, im+float64(v)*sin, power+float64(v)*float64(v)
	}
	return power > 0.01 && re*re+im*im >= power*float64(len(frame))/4
}

// Restart counts from now on.
func (y *Tally) Restart() {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.frames, y.tones = 0, 0
}

func (y *Tally) counted() (frames, tones int, more <-chan struct{}) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.frames, y.tones, y.more
}

// Await waits for two seconds with the tone in enough frames, and returns in how many of how many. On a machine that is
// too busy they are not the first two.
func (y *Tally) Await(ctx context.Context) (tones, frames int, err error) {
	for {
		now, found, more := y.counted()
		if now >= toneFrames {
			tones, frames = found, now
			if float64(tones) >= toneShare*float64(frames) {
				return tones, frames, nil
			}
			y.Restart()
		}
		select {
		case <-more:
		case <-ctx.Done():
			return tones, frames, fmt.Errorf("their tone is heard in %d of %d frames, and before that in %d of %d", found, now,
				tones, frames)
		}
	}
}
