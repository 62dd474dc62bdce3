package gateway

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/presence"
)

// hijacker is a response that is upgraded to a WebSocket over one end of a pipe.
type hijacker struct {
	*httptest.ResponseRecorder

	end net.Conn
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.end, bufio.NewReadWriter(bufio.NewReader(h.end), bufio.NewWriter(h.end)), nil
}

// noMetrics stands for metrics that are not read.
type noMetrics struct{ Metrics }

func (noMetrics) Connections(int) {}
func (noMetrics) Refused(string)  {}

// TestGateway_connection_of_a_stopping_server: a peer whose connection starts while the server stops has as little time
// to close it as any other, not the time for a Hello.
func TestGateway_connection_of_a_stopping_server(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l bus.Local
		b := l.Join()
		defer func() { _ = b.Close() }()
		log := slog.New(slog.DiscardHandler)
		p := presence.New(presence.Config{Bus: b, Logger: log, Clock: time.Now})
		g := New(&Config{
			Presence: p, Bus: b, Logger: log, Metrics: noMetrics{}, HelloTimeout: time.Hour, WriteTimeout: time.Hour,
		}, NewHub(p, b, log, Limits{MaxDevices: 2}))
		server, client := net.Pipe()
		defer func() { _ = client.Close() }()
		go func() { _, _ = io.Copy(io.Discard, client) }() // a peer that reads and never closes
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13",
			"Sec-Websocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
		} {
			r.Header.Set(name, value)
		}
		var upgrader websocket.Upgrader
		ws, err := upgrader.Upgrade(hijacker{httptest.NewRecorder(), server}, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(g, ws, testDevice(1, 1), "")
		c.end(shutdownGoodbye())
		c.writers.Wait() // the goodbye is written before the first read
		start := time.Now()
		g.start(c, func() {})
		g.Wait()
		if took := time.Since(start); took > 2*lingerTime {
			t.Errorf("the connection ended after %v, want at most %v", took, 2*lingerTime)
		}
	})
}
