package interop

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// report is what a page hears and sees.
type report struct {
	State         string
	Tone          float64    // Hz, the loudest
	Loudness      float64    // the root mean square, from 0 to 1
	Colour        [3]float64 // red, green, blue in the middle
	Width, Height int        // of the video
	Sent          int        // frames of video
	Audio, Video  stream
}

// stream is what a page has received, since the start of the call.
type stream struct {
	At                 float64 // ms, of its clock
	Codec              string
	Packets, Lost      int
	Samples, Concealed int // of sound
	Frames, Freezes    int // of video
}

// message is one from or to a page.
type message struct {
	Type      string  `json:"type"`
	Kind      string  `json:"kind,omitempty"`
	SDP       string  `json:"sdp,omitempty"`
	Candidate string  `json:"candidate,omitempty"`
	Offer     bool    `json:"offer,omitempty"`
	On        bool    `json:"on,omitempty"`
	Text      string  `json:"text,omitempty"`
	Report    *report `json:"report,omitempty"`
}

// page is the other side of one call, in Chromium.
type page struct {
	t            *testing.T
	conn         *websocket.Conn
	writing      sync.Mutex
	descriptions chan string

	mu   sync.Mutex
	last report
	more chan struct{}
}

// open waits for a page that waits for a call. candidates is called with those of the page, until the end of the test.
func (b *pages) open(t *testing.T, candidates func(string)) *page {
	t.Helper()
	p := &page{t: t, descriptions: make(chan string, 1), more: make(chan struct{})}
	select {
	case p.conn = <-b.opened:
	case <-within(t).Done():
		t.Fatal("no page was loaded")
	}
	var reading sync.WaitGroup
	reading.Go(func() { p.read(candidates) })
	t.Cleanup(func() {
		p.send(message{Type: "end"})
		p.conn.SetReadDeadline(time.Now().Add(patience)) //nolint:errcheck // then it is closed
		reading.Wait()
		p.conn.Close()
	})
	return p
}

func (p *page) read(candidates func(string)) {
	for {
		var m message
		if err := p.conn.ReadJSON(&m); err != nil {
			return
		}
		switch m.Type {
		case "description":
			p.descriptions <- m.SDP
		case "candidate":
			candidates(m.Candidate)
		case "report":
			p.note(*m.Report)
		default:
			p.t.Errorf("the page: %+v", m)
		}
	}
}

func (p *page) send(m message) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if err := p.conn.WriteJSON(m); err != nil {
		p.t.Error(err)
	}
}

func (p *page) description(t *testing.T) string {
	t.Helper()
	select {
	case sdp := <-p.descriptions:
		return sdp
	case <-within(t).Done():
		t.Fatal("no description came")
		return ""
	}
}

func (p *page) note(r report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = r
	close(p.more)
	p.more = make(chan struct{})
}

func (p *page) report() (last report, more <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last, p.more
}

// await waits until the page reports what is wanted, and returns that.
func (p *page) await(ctx context.Context, what string, is func(report) bool) (report, error) {
	for {
		r, more := p.report()
		if is(r) {
			return r, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return r, fmt.Errorf("not at the other side: %s, but %+v", what, r)
		}
	}
}
