package server_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func encode(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// requestWith encodes a request with an arbitrary operation number and content.
func requestWith(id uint64, field protowire.Number, op []byte) []byte {
	var req []byte
	req = protowire.AppendTag(req, 1, protowire.VarintType)
	req = protowire.AppendVarint(req, id)
	req = protowire.AppendTag(req, field, protowire.BytesType)
	req = protowire.AppendBytes(req, op)
	var f []byte
	f = protowire.AppendTag(f, 1, protowire.BytesType)
	return protowire.AppendBytes(f, req)
}

// TestBadFrames: an invalid frame closes its connection, with a goodbye that names the reason, and no other.
func TestBadFrames(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	good := encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{
		Id: 7, Op: &wire.Request_Send{Send: message("bob", "cut in half")},
	}}})
	var badText []byte // a Send whose peer is not UTF-8
	badText = protowire.AppendTag(badText, 3, protowire.BytesType)
	badText = protowire.AppendBytes(badText, []byte("bo\xffb"))
	ackBeyond := encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: 99}}})
	markBeyond := encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{
		Id: 7, Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{Peer: "bob", UpTo: 99}},
	}}})
	secondHello := encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{
		Id: 7, Op: &wire.Request_Hello{Hello: &wire.Hello{Version: wire.Version}},
	}}})
	for _, tc := range []struct {
		name     string
		kind     int
		frame    []byte
		noHello  bool
		wantCode int
	}{
		{"garbage", websocket.BinaryMessage, bytes.Repeat([]byte{0xff}, 100), false, websocket.CloseProtocolError},
		{"garbage first", websocket.BinaryMessage, []byte("GET / HTTP/1.1"), true, websocket.CloseProtocolError},
		{"nothing", websocket.BinaryMessage, nil, false, websocket.CloseProtocolError},
		{"no body", websocket.BinaryMessage, []byte{0x78, 0x01}, false, websocket.CloseProtocolError},
		{"text", websocket.TextMessage, good, false, websocket.CloseProtocolError},
		{"truncated", websocket.BinaryMessage, good[:len(good)/2], false, websocket.CloseProtocolError},
		{"not UTF-8", websocket.BinaryMessage, requestWith(7, 3, badText), false, websocket.CloseProtocolError},
		{"request without id", websocket.BinaryMessage, requestWith(0, 5, nil), false, websocket.CloseProtocolError},
		{"over the limit", websocket.BinaryMessage, make([]byte, wire.MaxFrame+1), false, websocket.CloseMessageTooBig},
		{"far over the limit", websocket.BinaryMessage, make([]byte, 3<<20), false, websocket.CloseMessageTooBig},
		{"send before hello", websocket.BinaryMessage, good, true, websocket.CloseProtocolError},
		{"ack before hello", websocket.BinaryMessage, ackBeyond, true, websocket.CloseProtocolError},
		{"second hello", websocket.BinaryMessage, secondHello, false, websocket.CloseProtocolError},
		{"ack beyond the head", websocket.BinaryMessage, ackBeyond, false, websocket.CloseProtocolError},
		{"mark beyond the head", websocket.BinaryMessage, markBeyond, false, websocket.CloseProtocolError},
	} {
		t.Run(tc.name, func(t *testing.T) {
			mallory := &device{t: t, h: h, token: h.token("mallory")}
			if tc.noHello {
				mallory.open()
			} else {
				mallory.connect()
			}
			defer mallory.close()
			mallory.writeRaw(tc.kind, tc.frame)
			if bye := mallory.ended(); bye.GetStatus() != wire.ConnOffline || bye.GetReason() == "" {
				t.Errorf("got goodbye %v, want OFFLINE with a reason", bye)
			}
			if mallory.closeCode != tc.wantCode {
				t.Errorf("got close code %d, want %d", mallory.closeCode, tc.wantCode)
			}
		})
	}
	alice.sendText("bob", "unharmed")
	if got := text(bob.nextMessage()); got != "unharmed" {
		t.Errorf("got %q", got)
	}
}

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	alice.writeRaw(websocket.BinaryMessage, requestWith(70, 99, []byte("later")))
	if r := alice.answer(70); r.GetResult() != wire.ResultBadRequest || r.GetReason() == "" {
		t.Errorf("got %v, want BADREQUEST with a reason", r)
	}
	var none []byte // a request with only an id
	none = protowire.AppendTag(none, 1, protowire.BytesType)
	none = protowire.AppendBytes(none, []byte{0x08, 71})
	alice.writeRaw(websocket.BinaryMessage, none)
	if r := alice.answer(71); r.GetResult() != wire.ResultBadRequest {
		t.Errorf("got %v, want BADREQUEST", r)
	}
	alice.sendText("alice", "still here")

	// Unknown fields, from newer clients, are ignored.
	f := encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: 1}}})
	f = protowire.AppendTag(f, 500, protowire.BytesType)
	f = protowire.AppendBytes(f, []byte("from the future"))
	alice.writeRaw(websocket.BinaryMessage, f)
	alice.sendText("alice", "and here")
}

func TestTooManyInFlight(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	var flood []byte // in one write, so that they arrive faster than they are committed
	for range 2000 {
		alice.nextID++
		flood = append(flood, maskedFrame(encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{
			Id: alice.nextID, Op: &wire.Request_Send{Send: message("alice", "x")},
		}}}))...)
	}
	if _, err := alice.ws.NetConn().Write(flood); err != nil {
		t.Logf("write: %v", err)
	}
	if bye := alice.ended(); bye.GetStatus() != wire.ConnOffline || !strings.Contains(bye.GetReason(), "in flight") {
		t.Errorf("got goodbye %v, want one about requests in flight", bye)
	}
	alice.connect()
	alice.sendText("alice", "back")
}

// maskedFrame returns a client's WebSocket frame with a short binary message.
func maskedFrame(payload []byte) []byte {
	b := []byte{0x82, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload)), 0, 0, 0, 0} // the mask is 0
	return append(b, payload...)
}

func TestRepeatedRequestIDs(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	for range 10 {
		b := encode(t, &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: &wire.Request{
			Id: 42, Op: &wire.Request_Send{Send: message("alice", "same id")},
		}}})
		alice.writeRaw(websocket.BinaryMessage, b)
	}
	for range 10 {
		if e := alice.next(); text(e.GetMessage()) != "same id" {
			t.Errorf("got %v", e)
		}
	}
	alice.sendText("alice", "fine")
}

// memory returns the memory in use after a garbage collection.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// TestSilentConnections: thousands of connections without a request or a Hello are closed, and other clients are
// served meanwhile.
func TestSilentConnections(t *testing.T) {
	// Not parallel: it measures the memory of the process and opens thousands of sockets.
	const raw, upgraded = 4000, 200
	const perConnection = 40 << 10 // memory of both ends
	h := newHost(t, server.Options{HelloTimeout: 300 * time.Millisecond})
	alice, bob := h.device("alice"), h.device("bob")
	tokens := make([]string, upgraded) // one token has few connections without a Hello
	for i := range tokens {
		tokens[i] = h.token("mallory").String()
	}
	var silent []net.Conn
	before := memory()
	for range raw {
		silent = append(silent, h.dialTCP())
	}
	for _, token := range tokens {
		ws, _, err := h.dial(token)
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		silent = append(silent, ws.NetConn())
	}
	each := (memory() - before) / (raw + upgraded)
	t.Logf("a silent connection costs %d bytes", each)
	if each > perConnection {
		t.Errorf("a silent connection costs %d bytes, want %d at most", each, perConnection)
	}
	for i := range 20 {
		alice.sendText("bob", fmt.Sprint(i))
		if got, want := text(bob.nextMessage()), fmt.Sprint(i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, c := range silent {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		buf := make([]byte, 512)
		var err error
		for err == nil {
			_, err = c.Read(buf)
		}
		if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // a net.Conn's own error
			t.Fatal("a silent connection is still open")
		}
		_ = c.Close()
	}
}

// TestConnection_limits: connections that were upgraded count, those without a request do not.
func TestConnection_limits(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]server.Options{
		"of an address": {MaxPerAddress: 2}, "in all": {MaxConnections: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, opts)
			for range 3 {
				h.dialTCP()
			}
			a, b := h.device("alice"), h.device("bob")
			third := h.token("carol").String()
			if ws, res, err := h.dial(third); err == nil {
				_ = ws.Close()
				t.Error("a third connection was taken")
			} else if res == nil || res.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("got %v, want 503", err)
			}
			a.sendText("bob", "hi")
			if got := text(b.nextMessage()); got != "hi" {
				t.Errorf("got %q", got)
			}
			b.close()
			for { // as soon as the server has noticed
				if ws, _, err := h.dial(third); err == nil {
					_ = ws.Close()
					return
				}
			}
		})
	}
}
