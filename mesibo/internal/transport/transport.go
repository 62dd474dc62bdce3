// Package transport speaks frames over one WebSocket. It knows no messages and never reconnects.
package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// Errors of Dial beside those of the network.
var (
	// ErrRefused: the server does not accept the token. Trying again is of no use, unless there is a *wire.SuspendedError with
	// it.
	ErrRefused = errors.New("access token refused")
	// ErrPin: the server's certificate is not the one the token names.
	ErrPin = errors.New("the server's certificate is not the one the access token names")
)

// Endpoint says how to reach a server.
type Endpoint struct {
	URL    string // http or https
	Bearer string // the printed token
	Pin    []byte // SHA-256 of the certificate's public key, and of the next one's; nil: the system's roots decide
	// Pins returns the pins of now instead, while there is a Pin.
	Pins func() []byte
	// NetDial replaces the system's dialer, nil for TCP.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Proxy chooses the proxy of a request, nil for the one that the environment names.
	Proxy func(*http.Request) (*url.URL, error)
}

func (e Endpoint) proxy() func(*http.Request) (*url.URL, error) {
	if e.Proxy != nil {
		return e.Proxy
	}
	return http.ProxyFromEnvironment
}

// Conn is one connection. One goroutine may read and one may write at a time; Close, Head and Probe are free.
type Conn struct {
	ws   *websocket.Conn
	head atomic.Uint64

	mu     sync.Mutex
	probes uint64    // how many were sent
	answer time.Time // until when the last of them has to be answered, zero when it was
}

const (
	handshakeTimeout = 15 * time.Second
	readBuffer       = 4 << 10
	writeBuffer      = 4 << 10
	maxRefusalText   = 300
)

// Dial connects and upgrades. It returns when ctx ends.
func Dial(ctx context.Context, e Endpoint) (*Conn, error) {
	raw := &cancelled{ctx: ctx, dial: e.NetDial}
	defer raw.release()
	dialer := websocket.Dialer{
		NetDialContext:   raw.netDial,
		Proxy:            e.proxy(),
		HandshakeTimeout: handshakeTimeout,
		ReadBufferSize:   readBuffer,
		WriteBufferSize:  writeBuffer,
		Subprotocols:     []string{wire.Subprotocol},
	}
	dialer.TLSClientConfig = e.TLS()
	target := "ws" + strings.TrimPrefix(strings.TrimSuffix(e.URL, "/"), "http") + wire.ConnectPath
	ws, answer, err := dialer.DialContext(ctx, target, http.Header{"Authorization": {"Bearer " + e.Bearer}})
	if answer != nil {
		defer func() { _ = answer.Body.Close() }() // after an upgrade there is nothing in it
	}
	if err != nil {
		return nil, dialError(ctx, answer, err)
	}
	if ws.Subprotocol() != wire.Subprotocol {
		return nil, errors.Join(fmt.Errorf("connect: the server does not speak %s", wire.Subprotocol), ws.Close())
	}
	c := &Conn{ws: ws}
	ws.SetReadLimit(wire.MaxFrame)
	ws.SetPingHandler(c.ping)
	ws.SetPongHandler(c.pong)
	if err := c.alive(); err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	return c, nil
}

// cancelled makes a dial end with its context: the handshake itself only heeds a deadline.
type cancelled struct {
	ctx  context.Context //nolint:containedctx // of one call, in which this lives
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	stop func() bool
}

func (c *cancelled) netDial(ctx context.Context, network, address string) (net.Conn, error) {
	dial := c.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err == nil {
		c.stop = context.AfterFunc(c.ctx, func() { _ = conn.Close() })
	}
	return conn, err
}

func (c *cancelled) release() {
	if c.stop != nil {
		c.stop()
	}
}

func dialError(ctx context.Context, answer *http.Response, err error) error {
	if ctx.Err() != nil {
		return ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
	}
	if answer == nil {
		return fmt.Errorf("connect: %w", err)
	}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxRefusalText)) // a part is as good as the whole
	reason := strings.TrimSpace(string(text))
	if s, ok := wire.ParseSuspendedError(answer.Header.Get(wire.SuspensionHeader), reason); ok {
		return fmt.Errorf("%w: %w", ErrRefused, s)
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest:
		return fmt.Errorf("%w: %s", ErrRefused, reason)
	}
	return fmt.Errorf("connect: the server answered %s: %s", answer.Status, reason)
}

// TLS returns the configuration by which the server is known, nil for the usual one.
func (e Endpoint) TLS() *tls.Config {
	if len(e.Pin) == 0 {
		return nil
	}
	pins := e.Pins
	if pins == nil {
		pins = func() []byte { return e.Pin }
	}
	return pinned(pins)
}

// pinned accepts exactly the server whose certificate has one of these public keys.
func pinned(pins func() []byte) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // the pin below is stricter than a chain of authorities
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 || !wire.HasPin(pins(), state.PeerCertificates[0]) {
				return ErrPin
			}
			return nil
		},
	}
}

// alive notes a sign of life from the server. It is none of the other direction: while a probe is not answered it
// gains no time.
func (c *Conn) alive() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	deadline := time.Now().Add(wire.DeadAfter)
	if !c.answer.IsZero() {
		deadline = c.answer
	}
	return c.setDeadline(deadline)
}

func (c *Conn) setDeadline(t time.Time) error {
	if err := c.ws.NetConn().SetReadDeadline(t); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	return nil
}

// pong handles the answer to a probe.
func (c *Conn) pong(payload string) error {
	c.mu.Lock()
	if payload == strconv.FormatUint(c.probes, 10) {
		c.answer = time.Time{}
	}
	c.mu.Unlock()
	return c.alive()
}

// ping answers the server's ping, whose payload is the number of this user's newest event.
func (c *Conn) ping(payload string) error {
	if n, err := strconv.ParseUint(payload, 10, 64); err == nil {
		c.head.Store(n)
	}
	err := c.ws.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(wire.WriteTimeout))
	if err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		return fmt.Errorf("answer ping: %w", err)
	}
	return c.alive()
}

// Head is the number of this user's newest event as of the last ping, 0 before the first.
func (c *Conn) Head() uint64 { return c.head.Load() }

// Read waits for the next frame. After an error the connection is dead.
func (c *Conn) Read() (*wire.ServerFrame, error) {
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if err := c.alive(); err != nil {
		return nil, err
	}
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("%w: not a binary message", wire.ErrFrame)
	}
	f, err := wire.DecodeServer(b)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return f, nil
}

// Write sends one frame. After an error the connection is dead.
func (c *Conn) Write(f *wire.ClientFrame) error {
	b, err := proto.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	if len(b) > wire.MaxFrame {
		return fmt.Errorf("%w: %d bytes, the limit is %d", wire.ErrFrame, len(b), wire.MaxFrame)
	}
	if err := c.ws.SetWriteDeadline(time.Now().Add(wire.WriteTimeout)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	if err := c.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// Local returns the address at which this machine has the connection; the zero one when there is a tunnel in between.
func (c *Conn) Local() netip.Addr {
	if tcp, ok := c.ws.NetConn().LocalAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// Probe asks the server for an answer and gives it patience; without that answer the reader fails, whatever else the
// server sends. While one probe is under way another does nothing.
func (c *Conn) Probe(patience time.Duration) error {
	until := time.Now().Add(patience)
	c.mu.Lock()
	if !c.answer.IsZero() {
		c.mu.Unlock()
		return nil
	}
	c.probes++
	c.answer = until
	payload := strconv.FormatUint(c.probes, 10)
	err := c.setDeadline(until)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if err := c.ws.WriteControl(websocket.PingMessage, []byte(payload), until); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}

// Close ends the connection at once; a reader and a writer return with errors.
func (c *Conn) Close() error {
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.ws.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second)) // the peer may be gone
	if err := c.ws.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
