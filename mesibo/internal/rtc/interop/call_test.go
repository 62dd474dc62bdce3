package interop

import (
	"context"
	"image/color"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/video/libvpx"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// within returns a context for what happens soon, but on a busy machine.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// ourTone is what is heard at our microphone, in Hz.
const ourTone = 440.0

// setup is what differs between calls.
type setup struct {
	caller bool // our side offers
	noOpus bool
	path   *path // nil for none
}

// talk is a call of our peer with a page; it is the Handler of the peer.
type talk struct {
	*rtc.Peer
	setup

	t         *testing.T
	page      *page
	set       *calltest.Set
	heard     *browser.Tally
	connected chan time.Time
	signal    sync.Mutex // held while a description is made and sent: its candidates follow it
}

// call makes a connection with a page of the browser.
func (b *pages) call(t *testing.T, s setup) *talk {
	t.Helper()
	c := &talk{setup: s, t: t, set: calltest.New(ourTone), connected: make(chan time.Time, 100)}
	c.set.Camera.SetColour(browser.Red)
	c.heard = browser.NewTally(c.set.Speaker)
	m := c.set.Media
	m.Speaker, m.VideoEncoder, m.VideoDecoder = c.heard, libvpx.NewEncoder, libvpx.NewDecoder
	if !s.noOpus {
		m.AudioEncoder, m.AudioDecoder = libopus.NewForCall, libopus.NewDecoder
	}
	peer, err := rtc.New(rtc.Config{Media: m, Caller: s.caller, Video: true, Loopback: true, Handler: c})
	check(t, err)
	t.Cleanup(peer.Close)
	c.Peer = peer
	c.SetVideoSink(c.set.Screen, true)
	c.page = b.open(t, c.candidate)
	c.page.send(message{Type: "start", Offer: !s.caller})
	if s.caller {
		c.offer(c.Offer)
	} else {
		c.answer()
	}
	exchanged := time.Now()
	select {
	case at := <-c.connected:
		t.Logf("connected %v after the exchange of descriptions", at.Sub(exchanged).Round(time.Millisecond))
	case <-within(t).Done():
		t.Fatal("no connection was made")
	}
	return c
}

// offer exchanges descriptions, ours first.
func (c *talk) offer(local func() (string, error)) {
	c.t.Helper()
	c.describe("offer", local)
	check(c.t, c.Accept(c.page.description(c.t)))
}

// answer exchanges descriptions, the page's first.
func (c *talk) answer() {
	c.t.Helper()
	offer := c.page.description(c.t)
	c.describe("answer", func() (string, error) { return c.Answer(offer) })
}

func (c *talk) describe(kind string, local func() (string, error)) {
	c.t.Helper()
	c.signal.Lock()
	defer c.signal.Unlock()
	sdp, err := local()
	check(c.t, err)
	c.page.send(message{Type: "description", Kind: kind, SDP: sdp})
}

// candidate uses one of the page.
func (c *talk) candidate(text string) {
	if c.path != nil {
		if text = c.path.through(text, &c.path.theirs, c.path.near); text == "" {
			return
		}
	}
	if err := c.AddCandidate(text); err != nil {
		c.t.Error(err)
	}
}

// OnCandidate implements rtc.Handler.
func (c *talk) OnCandidate(text string) {
	c.signal.Lock()
	defer c.signal.Unlock()
	if c.path != nil {
		if text = c.path.through(text, &c.path.ours, c.path.far); text == "" {
			return
		}
	}
	c.page.send(message{Type: "candidate", Candidate: text})
}

// OnConnected implements rtc.Handler.
func (c *talk) OnConnected() { c.connected <- time.Now() }

// OnFailed implements rtc.Handler.
func (c *talk) OnFailed(err error) { c.t.Error(err) }

// OnProblem implements rtc.Handler.
func (c *talk) OnProblem(err error) {
	if !c.noOpus {
		c.t.Error(err)
	}
}

// OnReconnecting implements rtc.Handler.
func (c *talk) OnReconnecting() { c.t.Log("reconnecting") }

// OnRestartWanted implements rtc.Handler.
func (c *talk) OnRestartWanted() { c.t.Log("a new connection is wanted") }

// OnQuality implements rtc.Handler.
func (*talk) OnQuality(int) {}

// OnVideo implements rtc.Handler.
func (*talk) OnVideo(int, int) {}

// near reports whether a page shows a colour.
func (r report) near(c color.YCbCr) bool {
	return r.Width != 0 && browser.Shows(r.Colour, c)
}
