package main

import (
	"sync"
	"time"
)

const (
	period = 20 * time.Millisecond // of a frame
	delay  = time.Second
	most   = 2 * time.Second // that is remembered while nothing is said
)

// memory is a speaker, which remembers what it plays, and a microphone, which hears that after a second. In the call of
// a group several are played at a time, and heard together.
type memory struct {
	mu    sync.Mutex
	heard map[*voice]struct{}
}

// voice is what is played and not yet said.
type voice struct{ samples []float32 }

// samplesIn returns how many samples of one channel there are in a time.
func samplesIn(d time.Duration, rate int) int { return int(d.Seconds() * float64(rate)) }

// Play implements call.Speaker.
func (m *memory) Play(rate, channels int, fill func(samples []float32), _ func()) (stop func(), err error) {
	v := &voice{samples: make([]float32, samplesIn(delay, rate))} // silence at first
	m.mu.Lock()
	if m.heard == nil {
		m.heard = make(map[*voice]struct{})
	}
	m.heard[v] = struct{}{}
	m.mu.Unlock()
	frame := make([]float32, samplesIn(period, rate)*channels)
	end := every(func() {
		fill(frame)
		m.mu.Lock()
		defer m.mu.Unlock()
		for i := 0; i < len(frame); i += channels {
			v.samples = append(v.samples, frame[i])
		}
		v.samples = v.samples[max(0, len(v.samples)-samplesIn(most, rate)):]
	})
	return func() {
		end()
		m.mu.Lock()
		delete(m.heard, v)
		m.mu.Unlock()
	}, nil
}

// Record implements call.Microphone.
func (m *memory) Record(rate int, take func(samples []float32), _ func()) (stop func(), err error) {
	frame := make([]float32, samplesIn(period, rate))
	return every(func() {
		clear(frame)
		m.mu.Lock()
		for v := range m.heard {
			n := min(len(frame), len(v.samples))
			for i, s := range v.samples[:n] {
				frame[i] += s
			}
			v.samples = v.samples[n:]
		}
		m.mu.Unlock()
		take(frame)
	}), nil
}

// every calls f once in a period, until stop has returned.
func every(f func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(period)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				f()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
