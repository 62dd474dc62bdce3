package rtc

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/internal/library/librarytest"
	"github.com/parley-chat/parley/internal/video/libvpx"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// TestMain fails the run when goroutines are left at its end.
func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// patience is how long to wait for what must happen. It is far more than it takes, also on a machine with other work.
const patience = 30 * time.Second

// side is a Peer with test media; it is its Handler.
type side struct {
	*Peer

	set *calltest.Set
	t   testing.TB

	mu       sync.Mutex
	other    *side
	happened map[string]int
	problems []error
	quality  int
	more     chan struct{}
}

func (s *side) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happened[what]++
	close(s.more)
	s.more = make(chan struct{})
}

func (s *side) count(what string) (n int, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.happened[what], s.more
}

// await waits until something has happened n times.
func (s *side) await(what string, n int, d time.Duration) {
	s.t.Helper()
	timeout := time.After(d)
	for {
		got, more := s.count(what)
		if got >= n {
			return
		}
		select {
		case <-more:
		case <-timeout:
			s.t.Fatalf("%s: %d times, not %d; all: %v", what, got, n, s.happened)
		}
	}
}

func (s *side) OnCandidate(c string) {
	if err := s.other.AddCandidate(c); err != nil {
		s.t.Error(err)
	}
}
func (s *side) OnConnected()       { s.note("connected") }
func (s *side) OnReconnecting()    { s.note("reconnecting") }
func (s *side) OnFailed(err error) { s.note(err.Error()) }
func (s *side) OnRestartWanted()   { s.note("restart") }

func (s *side) OnQuality(q int) {
	s.mu.Lock()
	s.quality = q
	s.mu.Unlock()
	s.note("quality")
}
func (s *side) OnVideo(w, h int) { s.note(fmt.Sprintf("%dx%d", w, h)) }

func (s *side) OnProblem(err error) {
	s.mu.Lock()
	s.problems = append(s.problems, err)
	s.mu.Unlock()
	s.note("problem")
}

// setup changes what a side is made with, before.
type setup func(caller bool, c *Config, o *options)

// pair returns two sides that do not know one another's descriptions yet: the caller hears 440 Hz, the other 1,000.
func pair(t testing.TB, setups ...setup) (caller, callee *side) {
	t.Helper()
	caller, callee = newSide(t, true, setups), newSide(t, false, setups)
	caller.other, callee.other = callee, caller
	return caller, callee
}

func newSide(t testing.TB, caller bool, setups []setup) *side {
	t.Helper()
	s := &side{set: calltest.New(1000), t: t, happened: make(map[string]int), more: make(chan struct{})}
	if caller {
		s.set.Microphone.SetFrequency(440)
	}
	c := Config{Media: s.set.Media, Caller: caller, Loopback: true, Handler: s, Logger: slog.New(slog.DiscardHandler)}
	o := options{addresses: func() string { return "" }}
	for _, f := range setups {
		f(caller, &c, &o)
	}
	peer, err := newPeer(c, o)
	if err != nil {
		t.Fatal(err)
	}
	s.Peer = peer
	t.Cleanup(peer.Close)
	return s
}

// connect exchanges descriptions and waits for the connection.
func connect(t testing.TB, caller, callee *side) {
	t.Helper()
	offer, err := caller.Offer()
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, caller, callee, offer)
	caller.await("connected", 1, patience)
	callee.await("connected", 1, patience)
}

func exchange(t testing.TB, caller, callee *side, offer string) {
	t.Helper()
	answer, err := callee.Answer(offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := caller.Accept(answer); err != nil {
		t.Fatal(err)
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// withOpus uses the system's Opus.
func withOpus(_ bool, c *Config, _ *options) {
	c.Media.AudioEncoder = libopus.NewForCall
	c.Media.AudioDecoder = libopus.NewDecoder
}

// hasOpus reports whether the system has Opus.
func hasOpus(t testing.TB) bool {
	t.Helper()
	e, err := libopus.NewForCall(opusBitrate)
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return false
	}
	e.Close()
	return true
}

func (s *side) trouble() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.problems
}

// withVPX uses the system's VP8.
func withVPX(_ bool, c *Config, _ *options) {
	c.Media.VideoEncoder = libvpx.NewEncoder
	c.Media.VideoDecoder = libvpx.NewDecoder
}

func withVideo(_ bool, c *Config, _ *options) { c.Video = true }

// hasVPX reports whether the system has an encoder of VP8.
func hasVPX(t testing.TB) bool {
	t.Helper()
	e, err := libvpx.NewEncoder(call.VideoEncoderOptions{Width: 64, Height: 64, FPS: 30, Bitrate: 100_000})
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return false
	}
	e.Close()
	return true
}
