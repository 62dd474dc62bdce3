package interop

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	lkproto "github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/call/livekit"
	"github.com/parley-chat/parley/mesibo/internal/rtc/badnet"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

const (
	pathDelay = 10 * time.Millisecond // from the participant to the SFU
	heavyLoss = 200                   // per mille
)

// path is a bad network from a participant to the SFU: it passes signalling on, in which it takes the place of the SFU.
type path struct {
	t    *testing.T
	url  string
	hall *hall
	near net.PacketConn              // what the participant sends to
	sfu  atomic.Pointer[net.UDPAddr] // where the SFU is
	loss atomic.Int64                // of packets to the SFU, per mille
	fars map[string]*badnet.Conn     // by the participant's address; of the goroutine that reads near
	all  sync.WaitGroup              // goroutines
}

func newPath(t *testing.T, h *hall) *path {
	t.Helper()
	near, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	check(t, err)
	p := &path{t: t, hall: h, near: near, fars: make(map[string]*badnet.Conn)}
	front := httptest.NewServer(p)
	p.url = "ws" + strings.TrimPrefix(front.URL, "http")
	t.Cleanup(p.all.Wait) // after the sockets are closed
	t.Cleanup(func() {
		front.Close()
		near.Close()
	})
	p.all.Go(p.carry)
	return p
}

// carry sends on what the participant sends.
func (p *path) carry() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := p.near.ReadFrom(buf)
		if err != nil {
			return // it is closed
		}
		far := p.fars[from.String()]
		if far == nil {
			far = badnet.Listen(p.t, pathDelay)
			p.fars[from.String()] = far
			p.all.Go(func() { p.back(far, from) })
		}
		far.Loss.Store(p.loss.Load())
		if to := p.sfu.Load(); to != nil {
			_, _ = far.WriteTo(buf[:n], to)
		}
	}
}

// back sends on what the SFU sends to an address of the participant.
func (p *path) back(far *badnet.Conn, to net.Addr) {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := far.ReadFrom(buf)
		if err != nil {
			return // it is closed
		}
		_, _ = p.near.WriteTo(buf[:n], to)
	}
}

// ServeHTTP passes signalling on.
func (p *path) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	far, res, err := websocket.DefaultDialer.DialContext(r.Context(), p.hall.url+r.URL.RequestURI(),
		http.Header{"Authorization": r.Header.Values("Authorization")})
	if err != nil {
		p.t.Errorf("signal with the SFU: %v", err)
		return
	}
	res.Body.Close()
	defer far.Close()
	near, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		p.t.Error(err)
		return
	}
	defer near.Close()
	p.all.Go(func() {
		defer far.Close()
		for {
			kind, data, err := near.ReadMessage()
			if err != nil || far.WriteMessage(kind, p.hide(data)) != nil {
				return
			}
		}
	})
	for {
		kind, data, err := far.ReadMessage()
		if err != nil || near.WriteMessage(kind, p.through(data)) != nil {
			return
		}
	}
}

// hide leaves the addresses of the participant out, so that the SFU cannot send to them beside the path.
func (p *path) hide(data []byte) []byte {
	var m lkproto.SignalRequest
	check(p.t, proto.Unmarshal(data, &m))
	switch m := m.GetMessage().(type) {
	case *lkproto.SignalRequest_Trickle:
		m.Trickle.CandidateInit = candidate.ReplaceAllString(m.Trickle.CandidateInit, "${1}9")
	case *lkproto.SignalRequest_Offer:
		m.Offer.Sdp = candidate.ReplaceAllString(m.Offer.Sdp, "${1}9")
	case *lkproto.SignalRequest_Answer:
		m.Answer.Sdp = candidate.ReplaceAllString(m.Answer.Sdp, "${1}9")
	}
	out, err := proto.Marshal(&m)
	check(p.t, err)
	return out
}

// through puts the path in the place of the SFU.
func (p *path) through(data []byte) []byte {
	var m lkproto.SignalResponse
	check(p.t, proto.Unmarshal(data, &m))
	switch m := m.GetMessage().(type) {
	case *lkproto.SignalResponse_Trickle:
		m.Trickle.CandidateInit = p.replace(m.Trickle.CandidateInit)
	case *lkproto.SignalResponse_Offer:
		m.Offer.Sdp = p.replace(m.Offer.Sdp)
	case *lkproto.SignalResponse_Answer:
		m.Answer.Sdp = p.replace(m.Answer.Sdp)
	}
	out, err := proto.Marshal(&m)
	check(p.t, err)
	return out
}

var candidate = regexp.MustCompile(`(?i)(candidate:\S+ \d+ udp \d+ \S+ )(\d+)`)

// replace replaces the port in candidates.
func (p *path) replace(text string) string {
	return candidate.ReplaceAllStringFunc(text, func(c string) string {
		parts := candidate.FindStringSubmatch(c)
		port, err := strconv.Atoi(parts[2])
		check(p.t, err)
		p.sfu.Store(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		return fmt.Sprint(parts[1], p.near.LocalAddr().(*net.UDPAddr).Port) //nolint:forcetypeassert // it is one
	})
}

// gauge is a video encoder that notes the bitrate of the large size.
type gauge struct {
	call.VideoEncoder

	large   bool
	bitrate *atomic.Int64
}

func (g gauge) set(bitrate int) {
	if g.large {
		g.bitrate.Store(int64(bitrate))
	}
}

// SetBitrate implements call.VideoEncoder.
func (g gauge) SetBitrate(bitrate int) error {
	g.set(bitrate)
	return g.VideoEncoder.SetBitrate(bitrate)
}

// TestBadNetwork: who has a bad network sends less video, so that what is sent arrives, and more when it is good again.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	program := os.Getenv(sfuVariable)
	if program == "" {
		t.Log(sfuVariable + " is not set: tools/sfu-check.sh sets it")
		return
	}
	hall := openHall(t, program)
	check(t, hall.Open(t.Context(), "room"))
	way := newPath(t, hall)
	join := func(number uint32, url string, set *calltest.Set, media call.Media) call.GroupSession {
		_, token := hall.Ticket("room", number, true)
		media.AudioEncoder, media.AudioDecoder = calltest.NewAudioEncoder, calltest.NewAudioDecoder
		session, err := livekit.New().Join(call.GroupTicket{URL: url, Token: token, Key: key(1, 1)},
			call.GroupOptions{Media: media}, &meeting{t: t, gone: make(chan time.Time, 10)})
		check(t, err)
		t.Cleanup(session.Close)
		session.Send(call.GroupSending{Audio: true, Video: set.Camera, Width: 640, Height: 480, FPS: 30})
		return session
	}
	alice, bob := calltest.New(ourTone), calltest.New(browser.Tone)
	alice.Camera.SetColour(browser.Red)
	var bitrate atomic.Int64
	media := *alice.Media
	media.VideoEncoder = func(o call.VideoEncoderOptions) (call.VideoEncoder, error) {
		e, err := calltest.NewVideoEncoder(o)
		g := gauge{e, o.Width == 640, &bitrate}
		g.set(o.Bitrate)
		return g, err
	}
	join(ours, way.url, alice, media)
	join(theirs, hall.url, bob, *bob.Media).Receive(ours, call.GroupReceiving{
		Speaker: bob.Speaker, Sink: bob.Screen, Large: true,
	})
	awaitBitrate := func(what string, is func(int64) bool) {
		t.Helper()
		began := time.Now()
		for ctx := within(t); !is(bitrate.Load()); {
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				t.Fatalf("%s: never, but %d", what, bitrate.Load())
			}
		}
		t.Logf("%s after %v: %d bit/s", what, time.Since(began).Round(time.Millisecond), bitrate.Load())
		check(t, bob.Screen.See(within(t), browser.Red))
		check(t, bob.Screen.Await(within(t), someVideo))
	}
	const whole = 599_040 // bit/s, what 640x480 needs
	awaitBitrate("a good network", func(b int64) bool { return b >= whole*9/10 })
	way.loss.Store(heavyLoss)
	awaitBitrate("a bad network", func(b int64) bool { return b < whole/2 })
	way.loss.Store(0)
	awaitBitrate("a good network again", func(b int64) bool { return b >= whole*9/10 })
}
