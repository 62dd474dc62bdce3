package interop

import (
	"embed"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

//go:embed page.html
var files embed.FS

const patience = 60 * time.Second // with everything that a busy machine may be slow with

// pages is a running Chromium, which shows one page at a time.
type pages struct {
	opened chan *websocket.Conn
}

// startBrowser starts Chromium with a microphone that hears tone, and a camera that sees yellow. It ends
// with the test.
func startBrowser(t *testing.T, program string) *pages {
	t.Helper()
	b := &pages{opened: make(chan *websocket.Conn, 1)}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
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
		case conn := <-b.opened: // of a call that was not made
			conn.Close()
		default:
		}
	})
	browser.Start(t, program, server.URL+"/page.html")
	return b
}
