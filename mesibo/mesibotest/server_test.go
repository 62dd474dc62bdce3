package mesibotest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// hello connects and returns the server's answer to the Hello, or the status of the upgrade when that was refused.
func hello(t *testing.T, srv *mesibotest.Server, token string) (*wire.HelloReply, int) {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, res, err := d.DialContext(t.Context(), "ws://"+srv.Addr()+wire.ConnectPath,
		http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		if res == nil {
			t.Fatalf("dial: %v", err)
		}
		return nil, res.StatusCode
	}
	defer func() { _ = ws.Close() }()
	b, err := proto.Marshal(&wire.ClientFrame{Body: &wire.ClientFrame_Request{
		Request: &wire.Request{Id: 1, Op: &wire.Request_Hello{Hello: &wire.Hello{Version: wire.Version}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		t.Fatalf("write: %v", err)
	}
	_, b, err = ws.ReadMessage()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	f, err := wire.DecodeServer(b)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	if f.GetResponse().GetHello() == nil {
		t.Fatalf("no answer to the hello: %v", f)
	}
	return f.GetResponse().GetHello(), res.StatusCode
}

func TestServer_keeps_port_data_and_tokens(t *testing.T) {
	srv := mesibotest.NewServer(t)
	url, token := srv.URL(), srv.Token("alice")
	first, _ := hello(t, srv, token)
	for name, again := range map[string]func(){
		"restart": srv.Restart,
		"stop":    func() { srv.Stop(); srv.Stop(); srv.Start() },
		"kill":    func() { srv.Kill(); srv.Start() },
	} {
		again()
		if got := srv.URL(); got != url {
			t.Errorf("%s: got %s, want %s", name, got, url)
		}
		if got, _ := hello(t, srv, token); got.GetAddress() != "alice" || got.GetEpoch() != first.GetEpoch() {
			t.Errorf("%s: got %v, want alice in epoch %d", name, got, first.GetEpoch())
		}
	}
	srv.RevokeToken(token)
	if _, code := hello(t, srv, token); code != http.StatusUnauthorized {
		t.Errorf("revoked: got %d, want 401", code)
	}
}

func TestServer_backend(t *testing.T) {
	srv := mesibotest.NewServer(t)
	call := func(token string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.BackendURL(),
			strings.NewReader(`{"op":"usersget"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if got := call(srv.AppToken()); got != http.StatusOK {
		t.Errorf("got %d, want 200", got)
	}
	if got := call("parleyapp_x"); got != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", got)
	}
}
