package server_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// patience limits every wait of these tests; it is only reached if something is broken.
const patience = time.Minute

// TestMain fails the run if goroutines are left at the end.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // they mostly wait; the command line overrides it
	os.Exit(leaktest.Main(m))
}

// host runs a server on a folder and a port, and can restart it.
type host struct {
	t       testing.TB
	opts    server.Options
	address string
	srv     *server.Server
	client  *http.Client // for files; nil before the first use
	stop    func()
}

func newHost(t testing.TB, opts server.Options) *host {
	t.Helper()
	opts.Dir = t.TempDir()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	opts = strictly(t, opts)
	h := &host{t: t, opts: opts, address: "127.0.0.1:0"}
	h.start()
	t.Cleanup(func() { h.stop() })
	return h
}

func (h *host) start() {
	h.t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(h.t.Context(), "tcp", h.address)
	if err != nil {
		h.t.Fatalf("listen: %v", err)
	}
	h.address = ln.Addr().String()
	h.opts.PublicURL = "http://" + h.address
	srv, err := server.Open(h.t.Context(), h.opts)
	if err != nil {
		_ = ln.Close()
		h.t.Fatalf("open: %v", err)
	}
	h.srv = srv
	served := make(chan error, 1)
	go func() { served <- srv.Serve(context.WithoutCancel(h.t.Context()), ln) }()
	h.stop = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), patience)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			h.t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			h.t.Errorf("serve: %v", err)
		}
		h.stop = func() {}
	}
}

// discard returns a logger for tests that cause errors.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// listen listens on a free port.
func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	return ln
}

func (h *host) restart() {
	h.t.Helper()
	h.stop()
	if h.client != nil {
		h.client.CloseIdleConnections() // the old server has closed them
	}
	h.start()
}

// token creates a user, if it does not exist, and a token.
func (h *host) token(address string) wire.Token {
	h.t.Helper()
	if err := h.srv.AddUser(h.t.Context(), address, strings.ToUpper(address)); err != nil {
		h.t.Fatalf("add user: %v", err)
	}
	tok, err := h.srv.NewToken(h.t.Context(), address, accounts.TokenOptions{})
	if err != nil {
		h.t.Fatalf("new token: %v", err)
	}
	return tok
}

// dial opens a WebSocket with an encoded token.
func (h *host) dial(token string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: patience}
	ws, res, err := d.DialContext(h.t.Context(), "ws://"+h.address+wire.ConnectPath,
		http.Header{"Authorization": {"Bearer " + token}})
	return ws, res, err
}

// device is a client that sends and receives raw frames. It is used by one goroutine.
type device struct {
	t     testing.TB
	h     *host
	token wire.Token
	ws    *websocket.Conn
	epoch uint64
	// cursor is the last received event, which read acknowledges if acks is set.
	cursor uint64
	acks   bool
	nextID uint64

	responses map[uint64]*wire.Response
	events    []*wire.Event
	signals   []*wire.Signal
	bye       *wire.Goodbye
	closeCode int
	// onPing is called for each ping; an error ends the connection.
	onPing func(payload string) error
}

func (h *host) device(address string) *device {
	h.t.Helper()
	d := &device{t: h.t, h: h, token: h.token(address), acks: true}
	d.connect()
	h.t.Cleanup(func() { d.close() })
	return d
}

// second returns another device of the user, with a new token.
func (d *device) second() *device {
	d.t.Helper()
	return d.h.device(d.token.Address)
}

// open connects without a Hello.
func (d *device) open() {
	d.t.Helper()
	d.close()
	ws, _, err := d.h.dial(d.token.String())
	if err != nil {
		d.t.Fatalf("dial: %v", err)
	}
	d.ws = ws
	ws.SetPingHandler(func(data string) error {
		if d.onPing != nil {
			if err := d.onPing(data); err != nil {
				return err
			}
		}
		return ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(patience))
	})
	d.responses, d.events, d.signals, d.bye, d.closeCode = make(map[uint64]*wire.Response), nil, nil, nil, 0
}

func (d *device) close() {
	if d.ws != nil {
		_ = d.ws.Close()
		d.ws = nil
	}
}

// connect connects and sends a Hello with the cursor.
func (d *device) connect() *wire.HelloReply {
	d.t.Helper()
	d.open()
	h := &wire.Hello{Version: wire.Version, App: "test", Client: "test"}
	if d.epoch != 0 {
		h.Epoch, h.Cursor = d.epoch, new(d.cursor)
	}
	reply := d.call(&wire.Request{Op: &wire.Request_Hello{Hello: h}}).GetHello()
	if reply == nil {
		d.t.Fatalf("hello was refused")
	}
	d.epoch, d.cursor = reply.GetEpoch(), reply.GetStart()
	return reply
}

func (d *device) write(f *wire.ClientFrame) {
	d.t.Helper()
	b, err := proto.Marshal(f)
	if err != nil {
		d.t.Fatalf("encode: %v", err)
	}
	d.writeRaw(websocket.BinaryMessage, b)
}

func (d *device) writeRaw(kind int, b []byte) {
	d.t.Helper()
	if err := d.ws.WriteMessage(kind, b); err != nil {
		d.t.Logf("write: %v", err) // the server may have closed the connection; its goodbye is read next
	}
}

// request sends a request without waiting for the response.
func (d *device) request(r *wire.Request) uint64 {
	d.t.Helper()
	d.nextID++
	r.Id = d.nextID
	d.write(&wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: r}})
	return r.GetId()
}

// call sends a request and waits for the response.
func (d *device) call(r *wire.Request) *wire.Response {
	d.t.Helper()
	return d.answer(d.request(r))
}

func (d *device) answer(id uint64) *wire.Response {
	d.t.Helper()
	d.until(fmt.Sprintf("response %d", id), func() bool { return d.responses[id] != nil })
	return d.responses[id]
}

func (d *device) ack(seq uint64) {
	d.t.Helper()
	d.write(&wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: seq}}})
}

// read reads one frame and reports whether the connection is still open.
func (d *device) read() bool {
	d.t.Helper()
	_ = d.ws.SetReadDeadline(time.Now().Add(patience))
	_, b, err := d.ws.ReadMessage()
	if ce, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // gorilla returns it bare
		d.closeCode = ce.Code
		return false
	}
	if err != nil {
		d.t.Logf("read: %v", err)
		return false
	}
	f, err := wire.DecodeServer(b)
	if err != nil {
		d.t.Fatalf("decode: %v", err)
	}
	switch body := f.GetBody().(type) {
	case *wire.ServerFrame_Response:
		d.responses[body.Response.GetId()] = body.Response
	case *wire.ServerFrame_Events:
		for _, e := range body.Events.GetEvents() {
			if e.GetSeq() != d.cursor+1 {
				d.t.Fatalf("event %d follows on %d", e.GetSeq(), d.cursor)
			}
			d.cursor = e.GetSeq()
			d.events = append(d.events, e)
		}
		if d.acks {
			d.ack(d.cursor)
		}
	case *wire.ServerFrame_Signal:
		d.signals = append(d.signals, body.Signal)
	case *wire.ServerFrame_Goodbye:
		d.bye = body.Goodbye
	}
	return true
}

// until reads frames until the condition holds.
func (d *device) until(what string, cond func() bool) {
	d.t.Helper()
	for !cond() {
		if !d.read() {
			d.t.Fatalf("%s: connection ended while waiting for %s (goodbye %v)", d.token.Address, what, d.bye)
		}
	}
}

// next returns the next event.
func (d *device) next() *wire.Event {
	d.t.Helper()
	d.until("an event", func() bool { return len(d.events) > 0 })
	e := d.events[0]
	d.events = d.events[1:]
	return e
}

// nextMessage reads up to the next message of another user.
func (d *device) nextMessage() *wire.Message {
	d.t.Helper()
	for {
		if m := d.next().GetMessage(); m != nil && m.GetFrom() != d.token.Address {
			return m
		}
	}
}

// nextStatus reads up to the next status.
func (d *device) nextStatus() *wire.Status {
	d.t.Helper()
	for {
		if s := d.next().GetStatus(); s != nil {
			return s
		}
	}
}

// ended reads until the connection ends and returns the goodbye, which may be nil.
func (d *device) ended() *wire.Goodbye {
	d.t.Helper()
	for d.read() {
	}
	return d.bye
}

// both requests both receipts, as ordinary messages do.
const both = wire.FlagDeliveryReceipt | wire.FlagReadReceipt

func message(peer, text string) *wire.Send {
	nonce := make([]byte, wire.NonceSize)
	_, _ = rand.Read(nonce)
	return &wire.Send{
		Nonce: nonce, Id: uint32(nonce[0])<<16 | uint32(nonce[1])<<8 | uint32(nonce[2]) | 1, Peer: peer,
		Flags: both, Expiry: -1, Content: &wire.Content{Data: []byte(text)},
	}
}

func (d *device) send(m *wire.Send) *wire.SendReply {
	d.t.Helper()
	r := d.call(&wire.Request{Op: &wire.Request_Send{Send: m}})
	if r.GetResult() != wire.ResultOK {
		d.t.Fatalf("send: result %#x, %s", r.GetResult(), r.GetReason())
	}
	return r.GetSend()
}

func (d *device) sendText(peer, text string) *wire.SendReply {
	d.t.Helper()
	r := d.send(message(peer, text))
	if r.GetStatus() != wire.StatusSent {
		d.t.Fatalf("send %q: got status %#x, want SENT", text, r.GetStatus())
	}
	return r
}

// sendTexts sends count messages, several at a time, and returns the last reply.
func (d *device) sendTexts(peer string, count int, text func(i int) string) (last *wire.SendReply) {
	d.t.Helper()
	const inFlight = 20
	ids := make([]uint64, 0, count)
	for i := range count + inFlight {
		if i < count {
			ids = append(ids, d.request(&wire.Request{Op: &wire.Request_Send{Send: message(peer, text(i))}}))
		}
		if n := i - inFlight; n >= 0 && n < count {
			if last = d.answer(ids[n]).GetSend(); last.GetStatus() != wire.StatusSent {
				d.t.Fatalf("send %d: got %v, want SENT", n, last)
			}
		}
	}
	return last
}

func (d *device) markRead(peer string, upTo uint64) *wire.Response {
	d.t.Helper()
	return d.call(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{Peer: peer, UpTo: upTo}}})
}

func text(m *wire.Message) string { return string(m.GetContent().GetData()) }
