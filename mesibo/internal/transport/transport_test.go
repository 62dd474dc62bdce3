package transport_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

// serve runs a WebSocket server over loopback whose connections a test plays.
func serve(t *testing.T, tls bool, play func(ws *websocket.Conn)) *httptest.Server {
	t.Helper()
	upgrader := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != wire.ConnectPath || r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = ws.Close() }()
		play(ws)
	})
	var srv *httptest.Server
	if tls {
		srv = httptest.NewTLSServer(handler)
	} else {
		srv = httptest.NewServer(handler)
	}
	t.Cleanup(srv.Close)
	return srv
}

func dial(t *testing.T, e transport.Endpoint) *transport.Conn {
	t.Helper()
	if e.Bearer == "" {
		e.Bearer = "secret"
	}
	c, err := transport.Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func echoFrames(ws *websocket.Conn) {
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			return
		}
		f, err := wire.DecodeClient(b)
		if err != nil {
			return
		}
		answer := &wire.ServerFrame{Body: &wire.ServerFrame_Response{Response: &wire.Response{Id: f.GetRequest().
			GetId()}}}
		b, _ = proto.Marshal(answer)
		if ws.WriteMessage(websocket.BinaryMessage, b) != nil {
			return
		}
	}
}

func request(id uint64) *wire.ClientFrame {
	return &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{Id: id}}}
}

func TestDial_and_frames(t *testing.T) {
	for _, tls := range []bool{false, true} {
		srv := serve(t, tls, echoFrames)
		e := transport.Endpoint{URL: srv.URL}
		if tls {
			e.Pin = wire.PinOf(srv.Certificate())
		}
		c := dial(t, e)
		if err := c.Write(request(7)); err != nil {
			t.Fatal(err)
		}
		f, err := c.Read()
		if err != nil || f.GetResponse().GetId() != 7 {
			t.Errorf("tls %v: got %v, %v", tls, f, err)
		}
	}
}

func TestDial_refusals(t *testing.T) {
	srv := serve(t, true, echoFrames)
	plain := serve(t, false, echoFrames)
	status := func(code int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "the reason", code)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		e    transport.Endpoint
		want error
		text string
	}{
		"unknown_token": {
			transport.Endpoint{URL: plain.URL, Bearer: "other"},
			transport.ErrRefused,
			"who are you",
		},
		"damaged_token": {
			transport.Endpoint{URL: status(http.StatusBadRequest)},
			transport.ErrRefused,
			"the reason",
		},
		"full_server":           {transport.Endpoint{URL: status(http.StatusServiceUnavailable)}, nil, "the reason"},
		"not_a_chat_server":     {transport.Endpoint{URL: status(http.StatusOK)}, nil, "200"},
		"wrong_pin":             {transport.Endpoint{URL: srv.URL, Pin: make([]byte, 32)}, transport.ErrPin, ""},
		"unknown_authority":     {transport.Endpoint{URL: srv.URL}, nil, "certificate"},
		"nobody_there":          {transport.Endpoint{URL: closed}, nil, "refused"},
		"tls_to_a_plain_server": {transport.Endpoint{URL: strings.Replace(plain.URL, "http", "https", 1)}, nil, "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.e.Bearer == "" {
				c.e.Bearer = "secret"
			}
			_, err := transport.Dial(t.Context(), c.e)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %v with %q", err, c.want, c.text)
			}
			if c.want == nil && errors.Is(err, transport.ErrRefused) {
				t.Errorf("got %v, which would end the session for good", err)
			}
		})
	}
}

func TestDial_ends_with_its_context(t *testing.T) {
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(50*time.Millisecond, cancel).Stop()
	_, err = transport.Dial(ctx, transport.Endpoint{URL: "http://" + silent.Addr().String(), Bearer: "secret"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestRead_bad_frames(t *testing.T) {
	for name, c := range map[string]struct {
		kind int
		data []byte
	}{
		"text":      {websocket.TextMessage, []byte("hello")},
		"garbage":   {websocket.BinaryMessage, []byte{0xff, 0xff, 0xff}},
		"truncated": {websocket.BinaryMessage, []byte{0x12, 0x7f, 0x0a}},
		"too_large": {websocket.BinaryMessage, make([]byte, wire.MaxFrame+1)},
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, false, func(ws *websocket.Conn) {
				if err := ws.WriteMessage(c.kind, c.data); err != nil {
					t.Error(err)
				}
				_, _, _ = ws.ReadMessage() // until the client is gone
			})
			if f, err := dial(t, transport.Endpoint{URL: srv.URL}).Read(); err == nil {
				t.Errorf("got %v, want an error", f)
			}
		})
	}
}

func TestWrite_too_large(t *testing.T) {
	srv := serve(t, false, echoFrames)
	c := dial(t, transport.Endpoint{URL: srv.URL})
	big := &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{Id: 1, Op: &wire.Request_Send{
		Send: &wire.Send{Content: &wire.Content{Data: make([]byte, wire.MaxFrame)}},
	}}}}
	if err := c.Write(big); !errors.Is(err, wire.ErrFrame) {
		t.Errorf("got %v, want ErrFrame", err)
	}
}

func TestPing_carries_the_head(t *testing.T) {
	ponged := make(chan string, 1)
	srv := serve(t, false, func(ws *websocket.Conn) {
		ws.SetPongHandler(func(s string) error { ponged <- s; return nil })
		if err := ws.WriteControl(websocket.PingMessage, []byte("42"), time.Now().Add(time.Second)); err != nil {
			t.Error(err)
		}
		echoFrames(ws)
	})
	c := dial(t, transport.Endpoint{URL: srv.URL})
	if err := c.Write(request(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(); err != nil {
		t.Fatal(err)
	}
	if got := <-ponged; got != "42" || c.Head() != 42 {
		t.Errorf("got pong %q, head %d", got, c.Head())
	}
}

func TestProbe_finds_a_dead_peer(t *testing.T) {
	gone := make(chan struct{})
	srv := serve(t, false, func(*websocket.Conn) { <-gone }) // never reads, so never answers
	defer close(gone)
	c := dial(t, transport.Endpoint{URL: srv.URL})
	if err := c.Probe(50 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(); err == nil {
		t.Error("read succeeded")
	}
}

// TestProbe_is_answered_by_its_pong: what else arrives says nothing of the other direction.
func TestProbe_is_answered_by_its_pong(t *testing.T) {
	for name, answers := range map[string]bool{"lost": false, "answered": true} {
		t.Run(name, func(t *testing.T) {
			probed := make(chan struct{})
			srv := serve(t, false, func(ws *websocket.Conn) {
				ws.SetPingHandler(func(payload string) error {
					close(probed)
					if !answers {
						return nil
					}
					return ws.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(time.Second))
				})
				go func() { _, _, _ = ws.ReadMessage() }() // ends with the connection
				b, _ := proto.Marshal(&wire.ServerFrame{})
				for ws.WriteMessage(websocket.BinaryMessage, b) == nil {
					<-time.After(time.Millisecond)
				}
			})
			c := dial(t, transport.Endpoint{URL: srv.URL})
			began := time.Now()
			patience := 200 * time.Millisecond
			if err := c.Probe(patience); err != nil {
				t.Fatal(err)
			}
			for time.Since(began) < 3*patience {
				if _, err := c.Read(); err != nil {
					if answers {
						t.Errorf("read: %v", err)
					}
					return
				}
			}
			<-probed
			if !answers {
				t.Error("the connection counts as alive though the probe was not answered")
			}
		})
	}
}
