package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// dialTCP opens a connection without a request.
func (h *host) dialTCP() net.Conn {
	h.t.Helper()
	c, err := (&net.Dialer{}).DialContext(h.t.Context(), "tcp", h.address)
	if err != nil {
		h.t.Fatalf("dial: %v", err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

// half sends a request whose body ends too early.
func (h *host) half(method, path string, header ...string) net.Conn {
	h.t.Helper()
	c := h.dialTCP()
	request := method + " " + path + " HTTP/1.1\r\nHost: parley\r\nContent-Length: 1000\r\n" +
		strings.Join(append(header, ""), "\r\n") + "\r\n" + `{"op":`
	if _, err := io.WriteString(c, request); err != nil {
		h.t.Fatalf("write: %v", err)
	}
	return c
}

// untilClosed reads what the server sends until it closes the connection.
func untilClosed(t *testing.T, c net.Conn) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	b, err := io.ReadAll(c)
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		t.Fatalf("the connection is still open after %v", patience)
	}
	return string(b)
}

// TestDoor_half_requests: a request whose body does not come is ended, at every path, with and without a token.
func TestDoor_half_requests(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{BodyTimeout: 200 * time.Millisecond, FileTimeout: 200 * time.Millisecond})
	good := "Authorization: Bearer " + h.token("alice").String()
	app, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Label: "test"})
	if err != nil {
		t.Fatal(err)
	}
	forged := "Authorization: Bearer " + wire.NewToken("http://"+h.address, "alice", nil).String()
	for name, c := range map[string]net.Conn{
		"health":                 h.half("GET", "/healthz"),
		"no metrics":             h.half("GET", "/metrics"),
		"nothing":                h.half("POST", "/nothing"),
		"connect":                h.half("GET", wire.ConnectPath),
		"connect with a token":   h.half("GET", wire.ConnectPath, good, "Upgrade: websocket", "Connection: Upgrade"),
		"grants":                 h.half("POST", wire.GrantsPath),
		"grants, forged":         h.half("POST", wire.GrantsPath, forged),
		"grants with a token":    h.half("POST", wire.GrantsPath, good),
		"backend":                h.half("POST", "/v1/backend"),
		"backend, forged":        h.half("POST", "/v1/backend", "Authorization: Bearer parleyapp_x"),
		"backend with its token": h.half("POST", "/v1/backend", "Authorization: Bearer "+app),
		"devices":                h.half("GET", wire.DevicesPath, good),
		"files":                  h.half("POST", wire.FilesPath),
		"files with a token":     h.half("POST", wire.FilesPath, good, "Tus-Resumable: 1.0.0", "Upload-Length: 5000"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if reply := untilClosed(t, c); !strings.HasPrefix(reply, "HTTP/1.1 ") {
				t.Errorf("got %q, want a response", reply)
			}
		})
	}
}

// TestDoor_token_before_body: who has no valid token is answered before the body is there.
func TestDoor_token_before_body(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{BodyTimeout: time.Hour})
	forged := "Authorization: Bearer " + wire.NewToken("http://"+h.address, "alice", nil).String()
	appToken := "Authorization: Bearer parleyapp_" + strings.Repeat("A", 43)
	for path, token := range map[string]string{wire.GrantsPath: forged, "/v1/backend": appToken} {
		reply := untilClosed(t, h.half("POST", path, token))
		if !strings.HasPrefix(reply, "HTTP/1.1 401 ") || !strings.Contains(reply, "Connection: close") {
			t.Errorf("%s: got %q, want 401 and the end of the connection", path, reply)
		}
	}
}

// TestDoor_crowd: hundreds of half requests without a token take little memory, do not keep a user out, and are not
// waited for when the server stops.
func TestDoor_crowd(t *testing.T) {
	// Not parallel: it measures memory and time.
	const crowd = 400
	h := newHost(t, server.Options{BodyTimeout: time.Hour})
	alice, bob := h.device("alice"), h.device("bob")
	big := strings.Repeat("x", 60<<10)
	before := memory()
	conns := make([]net.Conn, 0, crowd)
	done := make(chan struct{}, crowd)
	for range crowd {
		c := h.half("POST", "/v1/backend")
		_, _ = io.WriteString(c, big) // the server may have closed it
		conns = append(conns, c)
		go func() {
			_, _ = io.Copy(io.Discard, c)
			done <- struct{}{}
		}()
	}
	for range crowd - 16 { // those that are let in wait
		<-done
	}
	if used := memory() - before; used > 10<<20 {
		t.Errorf("%d half requests hold %d bytes", crowd, used)
	}
	alice.sendText("bob", "hi")
	if got := text(bob.nextMessage()); got != "hi" {
		t.Errorf("got %q", got)
	}
	h.device("carol").sendText("bob", "new") // another connection is possible
	start := time.Now()
	for _, d := range []*device{alice, bob} {
		d.close()
	}
	h.stop()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	for _, c := range conns {
		_ = c.Close()
	}
	for range 16 {
		<-done
	}
}

// TestDoor_silent: the oldest of too many connections without a request is ended, and others get in.
func TestDoor_silent(t *testing.T) {
	t.Parallel()
	const share = 64
	h := newHost(t, server.Options{})
	oldest := h.dialTCP()
	for range share {
		h.dialTCP()
	}
	_ = oldest.SetReadDeadline(time.Now().Add(2 * time.Second)) // all silent ones end after 5 s
	if _, err := oldest.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("got %v, want the oldest ended", err)
	}
	h.device("alice").sendText("alice", "in")
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// TestDoor_waiting: a token has few connections that have not said Hello; one that has is not counted.
func TestDoor_waiting(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{HelloTimeout: time.Hour})
	alice := h.device("alice")
	token := alice.token.String()
	var waiting []*websocket.Conn
	for range 4 {
		ws, _, err := h.dial(token)
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		waiting = append(waiting, ws)
	}
	if ws, res, err := h.dial(token); err == nil {
		_ = ws.Close()
		t.Error("a fifth connection without a Hello was taken")
	} else if res == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %v, want 503", err)
	}
	h.device("bob").close() // another token is not concerned
	for _, ws := range waiting {
		_ = ws.Close()
	}
	for { // as soon as the server has noticed
		ws, _, err := h.dial(token)
		if err == nil {
			_ = ws.Close()
			return
		}
	}
}

// dialVia opens a WebSocket as through a proxy: with the value of X-Forwarded-For, and with bytes that come first.
func (h *host) dialVia(token, forwarded, first string) (*http.Response, func(), error) {
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: patience}
	d.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			_, err = io.WriteString(c, first)
		}
		return c, err
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	if forwarded != "" {
		header.Set("X-Forwarded-For", forwarded)
	}
	ws, res, err := d.DialContext(h.t.Context(), "ws://"+h.address+wire.ConnectPath, header)
	if err != nil {
		return res, func() {}, err
	}
	return res, func() { _ = ws.Close() }, nil
}

// TestDoor_proxies: a client's address comes from trusted proxies only, and only the last one that they have not
// appended themselves.
func TestDoor_proxies(t *testing.T) {
	t.Parallel()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, tc := range []struct {
		name       string
		opts       server.Options
		via        [3][2]string // X-Forwarded-For and first bytes
		wantSecond bool
	}{
		{
			"untrusted",
			server.Options{},
			[3][2]string{{"1.1.1.1", ""}, {"2.2.2.2", ""}, {"3.3.3.3", ""}},
			false,
		},
		{
			"trusted",
			server.Options{TrustedProxies: loopback},
			[3][2]string{{"1.1.1.1", ""}, {"2.2.2.2", ""}, {"9.9.9.9, 1.1.1.1, 127.0.0.2", ""}},
			true,
		},
		{
			"same network of IPv6",
			server.Options{TrustedProxies: loopback},
			[3][2]string{{"2001:db8::1", ""}, {"2001:db8:0:1::1", ""}, {"2001:db8::2", ""}},
			true,
		},
		{
			"PROXY protocol",
			server.Options{TrustedProxies: loopback, ProxyProtocol: true},
			[3][2]string{
				{"", "PROXY TCP4 1.1.1.1 127.0.0.1 1 2\r\n"},
				{"", "PROXY TCP4 2.2.2.2 127.0.0.1 1 2\r\n"},
				{"3.3.3.3", "PROXY TCP4 1.1.1.1 127.0.0.1 3 4\r\n"},
			},
			true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.opts.MaxPerAddress = 1
			h := newHost(t, tc.opts)
			for i, via := range tc.via {
				want := i == 0 || (i == 1 && tc.wantSecond)
				res, closeIt, err := h.dialVia(h.token(fmt.Sprint("user", i)).String(), via[0], via[1])
				defer closeIt()
				switch {
				case want && err != nil:
					t.Errorf("connection %d: %v", i, err)
				case !want && (err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable):
					t.Errorf("connection %d: got %v, want 503", i, err)
				}
			}
		})
	}
}

// TestDoor_proxy_protocol_is_required: a trusted proxy that sends no header is not served.
func TestDoor_proxy_protocol_is_required(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ProxyProtocol: true,
	})
	if _, closeIt, err := h.dialVia(h.token("alice").String(), "", ""); err == nil {
		closeIt()
		t.Error("a connection without a header was served")
	}
	opts := h.opts
	opts.Dir, opts.TrustedProxies = t.TempDir(), nil
	if _, err := server.Open(t.Context(), opts); err == nil {
		t.Error("the PROXY protocol of anybody was allowed")
	}
}
