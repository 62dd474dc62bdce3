package interop

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

//go:embed page.html
var files embed.FS

const patience = 60 * time.Second // with everything that a busy machine may be slow with

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

// report is what a page hears and sees.
type report struct {
	State         string
	Encrypted     bool       // says the SFU of what is seen
	Tone          float64    // Hz, the loudest
	Loudness      float64    // the root mean square, from 0 to 1
	Purity        float64    // the share of the tone in the power, from 0 to 1
	Colour        [3]float64 // red, green, blue in the middle
	Width, Height int        // of the video
	Audio, Video  stream
}

// stream is what a page has received.
type stream struct{ Packets, Frames int }

// message is one from or to a page.
type message struct {
	Type   string  `json:"type"`
	URL    string  `json:"url,omitempty"`
	Token  string  `json:"token,omitempty"`
	Key    []byte  `json:"key,omitempty"`
	Index  int     `json:"index,omitempty"`
	On     bool    `json:"on,omitempty"`
	Text   string  `json:"text,omitempty"`
	Report *report `json:"report,omitempty"`
}

// pages is a running Chromium, which shows one page at a time.
type pages struct {
	opened chan *websocket.Conn
}

// startBrowser starts Chromium with LiveKit's client, which is in a folder. It ends with the test.
func startBrowser(t *testing.T, program, client string) *pages {
	t.Helper()
	b := &pages{opened: make(chan *websocket.Conn, 1)}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.Handle("GET /client/", http.StripPrefix("/client/", http.FileServer(http.Dir(client))))
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		b.opened <- conn
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		select {
		case conn := <-b.opened: // that has not joined
			conn.Close()
		default:
		}
	})
	browser.Start(t, program, server.URL+"/page.html")
	return b
}

// page is a participant in Chromium.
type page struct {
	t       *testing.T
	conn    *websocket.Conn
	writing sync.Mutex

	mu   sync.Mutex
	last report
	more chan struct{}
}

// open waits for a page that waits for a call. It leaves with the test.
func (b *pages) open(t *testing.T) *page {
	t.Helper()
	p := &page{t: t, more: make(chan struct{})}
	select {
	case p.conn = <-b.opened:
	case <-within(t).Done():
		t.Fatal("no page was loaded")
	}
	var reading sync.WaitGroup
	reading.Go(p.read)
	t.Cleanup(func() {
		p.send(message{Type: "end"})
		p.conn.SetReadDeadline(time.Now().Add(patience)) //nolint:errcheck // then it is closed
		reading.Wait()
		p.conn.Close()
	})
	return p
}

func (p *page) read() {
	for {
		var m message
		if err := p.conn.ReadJSON(&m); err != nil {
			return
		}
		if m.Type != "report" {
			p.t.Errorf("the page: %+v", m)
			continue
		}
		p.mu.Lock()
		p.last = *m.Report
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
}

func (p *page) send(m message) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if err := p.conn.WriteJSON(m); err != nil {
		p.t.Error(err)
	}
}

// key sets the key of the page.
func (p *page) key(k call.GroupKey) { p.send(message{Type: "key", Key: k.Key, Index: k.Index}) }

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
