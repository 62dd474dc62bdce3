package interop

import (
	"context"
	"crypto/rand"
	"image/color"
	"log/slog"
	"math"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/server/sfu"
	"github.com/parley-chat/parley/internal/video/libvpx"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/call/livekit"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

const (
	ours, theirs = 1, 2 // numbers of the participants

	ourTone = 440.0 // Hz, what is heard at our microphone
	nearHz  = 10    // by which a tone may differ: the page measures in steps of 6 Hz
	loud    = 0.05  // the root mean square of what is heard
	silent  = 0.002 // and of what is not
	pure    = 0.3   // the share of the tone in it: what is not decrypted is noise

	somePackets = 150 // in which something would be heard and seen: three seconds of sound
	someVideo   = 10  // frames
)

// hall has the SFU, and passes signalling on to it as the server does.
type hall struct {
	*sfu.SFU

	url    string
	closed atomic.Bool // to those who connect
}

func openHall(t *testing.T, program string) *hall {
	t.Helper()
	h := &hall{}
	h.SFU = sfu.New(sfu.Config{
		Program: program, Loopback: true, MaxPeople: 4, Clock: time.Now,
		Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Admits: func(string, uint32) bool { return !h.closed.Load() },
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	front := httptest.NewServer(h)
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		stop()
		running.Wait()
	})
	h.url = "ws" + strings.TrimPrefix(front.URL, "http")
	return h
}

// meeting is a call between our participant and a page; it is the handler of ours.
type meeting struct {
	t       *testing.T
	hall    *hall
	room    string
	page    *page
	session call.GroupSession
	set     *calltest.Set
	heard   *browser.Tally
	gone    chan time.Time // receives when the page is not connected any more
}

// meet lets a page join us in a call, with a key of its own, nil for none.
func (h *hall) meet(t *testing.T, b *pages, own call.GroupKey, its *call.GroupKey) *meeting {
	t.Helper()
	m := &meeting{t: t, hall: h, room: rand.Text(), set: calltest.New(ourTone), gone: make(chan time.Time, 10)}
	m.set.Camera.SetColour(browser.Red)
	m.heard = browser.NewTally(m.set.Speaker)
	check(t, h.Open(t.Context(), m.room))
	t.Cleanup(func() { h.Close(m.room) })
	media := *m.set.Media
	media.AudioEncoder, media.AudioDecoder = libopus.NewForCall, libopus.NewDecoder
	media.VideoEncoder, media.VideoDecoder = libvpx.NewEncoder, libvpx.NewDecoder
	_, token := h.Ticket(m.room, ours, true)
	session, err := livekit.New().Join(call.GroupTicket{URL: h.url, Token: token, Key: own},
		call.GroupOptions{Media: media}, m)
	check(t, err)
	t.Cleanup(session.Close)
	m.session = session
	session.Send(call.GroupSending{Audio: true, Video: m.set.Camera, Width: 640, Height: 480, FPS: 30})
	m.receive(true)
	m.page = b.open(t)
	_, token = h.Ticket(m.room, theirs, true)
	join := message{Type: "join", URL: h.url, Token: token}
	if its != nil {
		join.Key, join.Index = its.Key, its.Index
	}
	m.page.send(join)
	return m
}

// receive plays and shows the page.
func (m *meeting) receive(large bool) {
	m.session.Receive(theirs, call.GroupReceiving{Speaker: m.heard, Sink: m.set.Screen, Large: large})
}

// expect waits until the page reports what is wanted.
func (m *meeting) expect(what string, is func(report) bool) report {
	m.t.Helper()
	r, err := m.page.await(within(m.t), what, is)
	check(m.t, err)
	return r
}

func (r report) hears(hz float64) bool {
	return r.Loudness > loud && math.Abs(r.Tone-hz) < nearHz && r.Purity > pure
}

func (r report) sees(c color.YCbCr) bool { return r.Width > 0 && browser.Shows(r.Colour, c) }

// expectMedia expects sound and video in both directions.
func (m *meeting) expectMedia() {
	m.t.Helper()
	began := time.Now()
	r := m.expect("our tone and red in 640x480, encrypted", func(r report) bool {
		return r.hears(ourTone) && r.sees(browser.Red) && r.Width == 640 && r.Height == 480 && r.Encrypted
	})
	took := time.Since(began)
	m.heard.Restart()
	tones, frames, err := m.heard.Await(within(m.t))
	check(m.t, err)
	check(m.t, m.set.Screen.See(within(m.t), browser.Yellow))
	got := m.set.Screen.Seen()
	if !browser.IsExact(got.Colour, browser.Yellow) {
		m.t.Errorf("%v is seen, not %v", got.Colour, browser.Yellow)
	}
	m.t.Logf("their tone in %d of %d frames; %+v seen; after %v they hear %.1f Hz and see %v", tones, frames, got,
		took.Round(time.Millisecond), r.Tone, r.Colour)
}

// expectSizes expects of each side that it receives the size of the other's video that it wants, or none.
func (m *meeting) expectSizes() {
	m.t.Helper()
	m.page.send(message{Type: "quality", Text: "LOW"})
	m.expect("our small video", func(r report) bool { return r.Width == 160 && r.Height == 120 && r.sees(browser.Red) })
	m.page.send(message{Type: "quality", Text: "HIGH"})
	m.expect("our large video", func(r report) bool { return r.Width == 640 && r.Height == 480 && r.sees(browser.Red) })
	m.page.send(message{Type: "show"})
	frames := -1
	m.expect("no more frames", func(r report) bool {
		still := r.Video.Frames == frames
		frames = r.Video.Frames
		return still
	})
	m.page.send(message{Type: "show", On: true})
	m.expect("frames", func(r report) bool { return r.Video.Frames > frames+someVideo })

	m.receive(false)
	m.awaitWidth("their small video", func(width int) bool { return width < 640 })
	m.receive(true)
	m.awaitWidth("their large video", func(width int) bool { return width == 640 })
	m.session.Receive(theirs, call.GroupReceiving{Speaker: m.heard})
	check(m.t, m.set.Speaker.Hear(within(m.t), browser.Tone)) // goes on
	m.receive(true)
	check(m.t, m.set.Screen.Await(within(m.t), someVideo))
}

// awaitWidth waits for a frame of the page with a width.
func (m *meeting) awaitWidth(what string, is func(width int) bool) {
	m.t.Helper()
	for ctx := within(m.t); !is(m.set.Screen.Seen().Size.X); {
		if err := m.set.Screen.Await(ctx, 1); err != nil {
			m.t.Fatalf("%s: %v", what, err)
		}
	}
	check(m.t, m.set.Screen.See(within(m.t), browser.Yellow))
}

// expectNextKey expects that both sides understand each other with another key.
func (m *meeting) expectNextKey() {
	m.t.Helper()
	next := key(3, 2)
	m.session.SetKey(next)
	m.expect("nothing without the key", func(r report) bool { return r.Loudness < silent })
	m.page.key(next)
	m.expectMedia()
}

// expectNothing expects that neither side hears or sees the other, though packets arrive.
func (m *meeting) expectNothing() {
	m.t.Helper()
	m.expect("packets", func(r report) bool {
		if r.hears(ourTone) || r.sees(browser.Red) {
			m.t.Fatalf("the page understands: %+v", r)
		}
		return r.Audio.Packets > somePackets && r.Video.Packets > somePackets
	})
	received := m.session.Stats(theirs).Bitrate
	if seen := m.set.Screen.Seen(); received == 0 || seen.Frames > 0 || m.set.Speaker.Loudness() > silent {
		m.t.Errorf("of %d kbit/s %+v is seen, and %.3f heard", received, seen, m.set.Speaker.Loudness())
	}
}

// expectEnd expects that the page is gone soon after it was removed.
func (m *meeting) expectEnd() {
	m.t.Helper()
	began := time.Now()
	m.hall.closed.Store(true)
	defer m.hall.closed.Store(false)
	m.hall.Remove(m.room, theirs)
	select {
	case <-m.gone:
	case <-within(m.t).Done():
		m.t.Fatal("it is still connected")
	}
	for ctx := within(m.t); m.set.Speaker.InUse(); {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			m.t.Fatal("it is still played")
		}
	}
	took := time.Since(began)
	m.t.Logf("silence %v after it was removed", took.Round(time.Millisecond))
	if took > goneTimes*goneMost {
		m.t.Errorf("it was heard for %v", took)
	}
	m.expect("no connection", func(r report) bool { return r.State != "connected" })
}

// OnConnected implements call.GroupHandler.
func (*meeting) OnConnected() {}

// OnReconnecting implements call.GroupHandler.
func (m *meeting) OnReconnecting() { m.t.Log("reconnecting") }

// OnFailed implements call.GroupHandler.
func (m *meeting) OnFailed(err error) { m.t.Error(err) }

// OnPresent implements call.GroupHandler.
func (m *meeting) OnPresent(number uint32, present bool) {
	if number == theirs && !present {
		m.gone <- time.Now()
	}
}

// OnTalking implements call.GroupHandler.
func (*meeting) OnTalking(uint32, bool) {}

// OnVideo implements call.GroupHandler.
func (*meeting) OnVideo(uint32, int, int) {}

// OnProblem implements call.GroupHandler.
func (m *meeting) OnProblem(err error) { m.t.Error(err) }
