package speexdsp

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	frame = call.FrameSize
	step  = call.SampleRate / 100 // 10 ms, what the library works on at a time
	tail  = call.SampleRate / 5   // 200 ms: the longest way from the speaker to the microphone, with the buffers of both

	setRate     = 24 // of the echo canceller
	setDenoise  = 0
	setLeveling = 2
	setEcho     = 24 // which canceller left what else sounds like echo
	setGainRise = 26 // dB a second
	setGainMost = 30 // dB

	gainRise = 12
	gainMost = 15 // more would make a quiet room loud

	audible   = 33 // of full: about -60 dB
	echoLasts = 25 // frames, 0.5 s, after which a sound has died away
)

// processor implements call.AudioProcessor.
type processor struct {
	lib    *functions
	played queue

	mutex         sync.Mutex // for the rest; Played does not wait for it
	echo, cleaner unsafe.Pointer
	far, near     [frame]int16
	out           [step]int16
	quiet         int  // frames since something audible was played
	rising        bool // the gain may rise
}

// New returns what processes the sound of a call; it must be closed. The errors wrap call.ErrNoCodec.
func New() (call.AudioProcessor, error) {
	lib, err := load()
	if err != nil {
		return nil, err
	}
	p := &processor{lib: lib, echo: lib.createEcho(step, tail), cleaner: lib.createCleaner(step, call.SampleRate)}
	if err := p.set(); err != nil {
		p.Close()
		return nil, fmt.Errorf("%w: speexdsp: %w", call.ErrNoCodec, err)
	}
	return p, nil
}

func (p *processor) set() error {
	if p.echo == nil || p.cleaner == nil {
		return errors.New("out of memory")
	}
	rate := int32(call.SampleRate)
	if code := p.lib.setEcho(p.echo, setRate, &rate); code != 0 {
		return fmt.Errorf("code %d", code)
	}
	on, gain := int32(1), int32(gainMost)
	for request, value := range map[int32]unsafe.Pointer{
		setDenoise: unsafe.Pointer(&on), setLeveling: unsafe.Pointer(&on), setGainMost: unsafe.Pointer(&gain), setEcho: p.echo,
	} {
		if code := p.lib.setCleaner(p.cleaner, request, value); code != 0 {
			return fmt.Errorf("code %d for %d", code, request)
		}
	}
	p.rising = true // the library's default
	return nil
}

// Played implements call.AudioProcessor.
func (p *processor) Played(samples []float32) {
	if len(samples) == frame {
		p.played.put(samples)
	}
}

// Recorded implements call.AudioProcessor.
func (p *processor) Recorded(samples []float32) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.echo == nil || len(samples) != frame {
		return
	}
	p.played.take(p.far[:])
	p.holdGain()
	toIntegers(p.near[:], samples)
	for at := 0; at < frame; at += step {
		p.lib.cancel(p.echo, &p.near[at], &p.far[at], &p.out[0])
		p.lib.clean(p.cleaner, &p.out[0])
		for i, v := range p.out {
			samples[at+i] = float32(v) / full
		}
	}
}

// holdGain keeps the gain from rising while something is played: the echo that is left would be made loud again.
func (p *processor) holdGain() {
	p.quiet++
	if slices.Max(p.far[:]) > audible || slices.Min(p.far[:]) < -audible {
		p.quiet = 0
	}
	rising := p.quiet > echoLasts
	if rising == p.rising {
		return
	}
	p.rising = rising
	rise := int32(0)
	if rising {
		rise = gainRise
	}
	p.lib.setCleaner(p.cleaner, setGainRise, unsafe.Pointer(&rise))
}

// Close implements call.AudioProcessor.
func (p *processor) Close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.cleaner != nil {
		p.lib.destroyCleaner(p.cleaner)
	}
	if p.echo != nil {
		p.lib.destroyEcho(p.echo)
	}
	p.echo, p.cleaner = nil, nil
}

const full = 1 << 15

func toIntegers(to []int16, from []float32) {
	for i, v := range from {
		to[i] = int16(max(-full, min(full-1, v*full)))
	}
}
