package apptest

import (
	"math"
	"sync"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/audio"
)

// Sound is a speaker and a microphone without devices: a test moves the time. It stands for what package device has,
// which needs sound hardware and cgo, and for the system's Opus library.
type Sound struct {
	Err     error // what opening a device answers, if not nil
	Missing error // what NewEncoder answers, if not nil
	Playing int   // devices that are open
	Open    int   // microphones that are open

	mu    sync.Mutex
	rate  int
	width int
	fill  func([]float32)
	take  func([]float32)
	lost  func()
	said  int // pieces of 10 ms
}

// Chat returns what a chat is made with.
func (s *Sound) Chat() *chat.Sound {
	return &chat.Sound{Output: s, Input: s, NewEncoder: s.encoder}
}

func (s *Sound) encoder() (audio.Encoder, error) { //nolint:ireturn // as the library's
	if s.Missing != nil {
		return nil, s.Missing
	}
	return quiet{}, nil
}

// quiet makes packets that are silence to every decoder.
type quiet struct{}

func (quiet) Encode([]float32) ([]byte, error) { return []byte{0xf8, 0xff, 0xfe}, nil }
func (quiet) Lookahead() int                   { return 312 }
func (quiet) Close()                           {}

// Play implements audio.Output.
func (s *Sound) Play(rate, channels int, fill func([]float32), lost func()) (stop func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Err != nil {
		return nil, s.Err
	}
	s.rate, s.width, s.fill, s.lost = rate, channels, fill, lost
	s.Playing++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.Playing--
	}, nil
}

// Record implements audio.Input.
func (s *Sound) Record(rate int, take func([]float32), lost func()) (stop func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Err != nil {
		return nil, s.Err
	}
	s.rate, s.take, s.lost = rate, take, lost
	s.Open++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.Open--
	}, nil
}

// Hear lets a sound play on for a while; until says that it should go on, for the sound is decoded meanwhile.
func (s *Sound) Hear(until func() bool) {
	for !until() {
		s.mu.Lock()
		fill, size := s.fill, s.rate/100*s.width
		s.mu.Unlock()
		fill(make([]float32, size))
	}
}

// Speak lets the microphone hear something that rises and falls like words.
func (s *Sound) Speak(d time.Duration) {
	s.mu.Lock()
	take, piece := s.take, make([]float32, s.rate/100)
	s.mu.Unlock()
	for range int(d / (10 * time.Millisecond)) {
		s.said++
		loud := float32(0.5 + 0.5*math.Sin(float64(s.said)/7)*math.Cos(float64(s.said)/31))
		for i := range piece {
			piece[i] = loud * (float32(i%48)/48 - 0.5)
		}
		take(piece)
	}
}

// IsOpen reports whether a microphone is open.
func (s *Sound) IsOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Open > 0
}

// IsPlaying reports whether a speaker is open.
func (s *Sound) IsPlaying() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Playing > 0
}

// Lose takes the device away.
func (s *Sound) Lose() { s.lost() }
