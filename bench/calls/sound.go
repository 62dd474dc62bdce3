//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/audio/device"
	"github.com/parley-chat/parley/internal/audio/speexdsp"
	"github.com/parley-chat/parley/mesibo/call"
)

const (
	pitch = 440.0 // Hz
	loud  = 0.03  // an amplitude that is no noise
	pause = call.SampleRate / 10
)

// voice says a tone in place of what a microphone hears.
type voice struct {
	mu      sync.Mutex
	speaks  bool
	phase   int
	start   chan time.Time // when a sound begins
	closing []func()
}

func newVoice() *voice { return &voice{start: make(chan time.Time, 1)} }

func (v *voice) speak(on bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.speaks, v.phase = on, 0
	select {
	case <-v.start:
	default:
	}
}

// fill fills a buffer, of which only the first of channels speaks, that is heard from a time on.
func (v *voice) fill(samples []float32, channels int, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(samples)
	if !v.speaks {
		return
	}
	if v.phase == 0 {
		select {
		case v.start <- at:
		default:
		}
	}
	for i := 0; i < len(samples); i += channels {
		v.phase++
		s := float32(0.5 * math.Sin(2*math.Pi*pitch*float64(v.phase)/call.SampleRate))
		for c := range channels {
			samples[i+c] = s
		}
	}
}

// began returns when the sound began.
func (v *voice) began(ctx context.Context) (time.Time, error) {
	select {
	case at := <-v.start:
		return at, nil
	case <-time.After(patience):
		return time.Time{}, errors.New("the microphone does not record")
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// talk speaks and pauses until stop.
func (v *voice) talk(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for on := true; wait(ctx, 300*time.Millisecond) == nil; on = !on {
			v.speak(on)
		}
	}()
	return func() {
		cancel()
		<-ended
		v.speak(false)
	}
}

func (v *voice) close() {
	for _, f := range v.closing {
		f()
	}
}

// ear notes when something is heard after silence.
type ear struct {
	mu      sync.Mutex
	heard   chan time.Time
	quiet   int // samples in a row
	closing []func()
}

func newEar() *ear { return &ear{heard: make(chan time.Time, 100)} }

// rest lets the next sound count, also when no silence comes before it.
func (e *ear) rest() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.quiet = pause
}

// listen hears a buffer that is played from a time on.
func (e *ear) listen(samples []float32, channels int, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := 0; i < len(samples); i += channels {
		if math.Abs(float64(samples[i])) < loud {
			e.quiet++
			continue
		}
		if e.quiet >= pause {
			select {
			case e.heard <- at.Add(time.Duration(i/channels) * time.Second / call.SampleRate):
			default:
			}
		}
		e.quiet = 0
	}
}

// next returns when something was heard first after a time.
func (e *ear) next(ctx context.Context, after time.Time) (time.Time, error) {
	limit := time.After(patience)
	for {
		select {
		case at := <-e.heard:
			if at.After(after) {
				return at, nil
			}
		case <-limit:
			return time.Time{}, errors.New("nothing is heard")
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		}
	}
}

func (e *ear) close() {
	for _, f := range e.closing {
		f()
	}
}

// microphone hears a voice.
type microphone struct {
	call.Microphone

	voice *voice
}

// Record implements call.Microphone. What was recorded began a buffer ago.
func (m microphone) Record(rate int, take func([]float32), lost func()) (func(), error) {
	return m.Microphone.Record(rate, func(samples []float32) {
		said := make([]float32, len(samples))
		m.voice.fill(said, 1, time.Now().Add(-time.Duration(len(said))*time.Second/time.Duration(rate)))
		take(said)
	}, lost)
}

// speaker is heard by an ear.
type speaker struct {
	call.Speaker

	ear *ear
}

// Play implements call.Speaker.
func (s speaker) Play(rate, channels int, fill func([]float32), lost func()) (func(), error) {
	return s.Speaker.Play(rate, channels, func(samples []float32) {
		fill(samples)
		s.ear.listen(samples, channels, time.Now())
	}, lost)
}

// mouth replaces the microphone by the device microphone, which hears the device mouth, at which voice plays. What is
// recorded is processed as in the window: short sounds count as speech, but a tone that does not end as noise.
func (p *party) mouth(m *call.Media) error {
	m.Processor = speexdsp.New
	at, err := find("mouth", device.Speakers)
	if err != nil {
		return err
	}
	if m.Microphone, err = find("microphone", device.Microphones); err != nil {
		return err
	}
	stop, err := at.Play(call.SampleRate, 1, func(samples []float32) { p.voice.fill(samples, 1, time.Now()) }, func() {})
	if err != nil {
		return fmt.Errorf("play at the mouth: %w", err)
	}
	p.voice.closing = append(p.voice.closing, stop)
	return nil
}

// listens replaces the speaker by the device speaker, which is heard at the device ear.
func (p *party) listens(m *call.Media) error {
	at, err := find("ear", device.Microphones)
	if err != nil {
		return err
	}
	if m.Speaker, err = find("speaker", device.Speakers); err != nil {
		return err
	}
	stop, err := at.Record(call.SampleRate, func(samples []float32) {
		p.ear.listen(samples, 1, time.Now().Add(-time.Duration(len(samples))*time.Second/call.SampleRate))
	}, func() {})
	if err != nil {
		return fmt.Errorf("record at the ear: %w", err)
	}
	p.ear.closing = append(p.ear.closing, stop)
	return nil
}

// find returns the device of a name.
func find(name string, list func() ([]device.Device, error)) (device.Device, error) {
	devices, err := list()
	if err != nil {
		return device.Device{}, fmt.Errorf("list the sound devices: %w", err)
	}
	for _, d := range devices {
		if d.Name == name {
			return d, nil
		}
	}
	return device.Device{}, fmt.Errorf("there is no sound device %q", name)
}
