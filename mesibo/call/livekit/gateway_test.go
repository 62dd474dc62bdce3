package livekit

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/mesibo/call"
)

const wait = 20 * time.Second

// sfu is a server with a certificate of its own, which accepts one connection.
func sfu(t *testing.T) (url string, config *tls.Config, accepted <-chan *websocket.Conn) {
	t.Helper()
	conns := make(chan *websocket.Conn, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer token":
			http.Error(w, "no", http.StatusForbidden)
		case !websocket.IsWebSocketUpgrade(r):
			_, _ = w.Write([]byte(r.URL.String()))
		default:
			if conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil); err == nil {
				conns <- conn
			}
		}
	}))
	t.Cleanup(server.Close)
	transport, _ := server.Client().Transport.(*http.Transport)
	return "wss" + strings.TrimPrefix(server.URL, "https"), transport.TLSClientConfig, conns
}

// signalled opens a gateway and a connection through it.
func signalled(t *testing.T, change func(*call.GroupTicket)) (g *gateway, near, far *websocket.Conn) {
	t.Helper()
	url, config, accepted := sfu(t)
	ticket := call.GroupTicket{URL: url, TLS: config}
	if change != nil {
		change(&ticket)
	}
	g, err := openGateway(ticket, func(*livekit.SubscribedQualityUpdate) {}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	near, res, err := websocket.DefaultDialer.DialContext(t.Context(), g.url+"/rtc?a=b",
		http.Header{"Authorization": {"Bearer token"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	far = <-accepted
	for _, conn := range []*websocket.Conn{near, far} {
		t.Cleanup(func() { conn.Close() })
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			t.Fatal(err)
		}
	}
	return g, near, far
}

// passes sends a message and returns what arrives.
func passes[M proto.Message](t *testing.T, from, to *websocket.Conn, sent, got M) M {
	t.Helper()
	data, err := proto.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	if err := from.WriteMessage(websocket.BinaryMessage, data); err != nil {
		t.Fatal(err)
	}
	kind, data, err := to.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage {
		t.Fatalf("got %d, %v", kind, err)
	}
	if err := proto.Unmarshal(data, got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestGateway: what the library asks for is encrypted, and it learns of the TURN servers. All else stays as it is.
func TestGateway(t *testing.T) {
	t.Parallel()
	turn := call.ICEServer{URLs: []string{"turn:turn.example.org", "stun:turn.example.org"}, Username: "user", Credential: "password"}
	_, near, far := signalled(t, func(ticket *call.GroupTicket) { ticket.Servers = []call.ICEServer{turn} })
	track := &livekit.AddTrackRequest{Cid: "camera", Layers: []*livekit.VideoLayer{{Width: 160}, {Width: 640}}}
	asked := passes(t, near, far, &livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: track}},
		&livekit.SignalRequest{}).GetAddTrack()
	if track.Encryption = livekit.Encryption_GCM; !proto.Equal(asked, track) {
		t.Errorf("got %v", asked)
	}
	other := &livekit.SignalRequest{Message: &livekit.SignalRequest_Ping{Ping: 7}}
	if got := passes(t, near, far, other, &livekit.SignalRequest{}); !proto.Equal(got, other) {
		t.Errorf("got %v", got)
	}
	own := &livekit.ICEServer{Urls: []string{"turn:livekit.example.org"}}
	for what, sent := range map[string]*livekit.SignalResponse{
		"join": {Message: &livekit.SignalResponse_Join{Join: &livekit.JoinResponse{
			IceServers: []*livekit.ICEServer{own, {Urls: []string{"stun:stun.example.org"}}},
		}}},
		"reconnect": {Message: &livekit.SignalResponse_Reconnect{Reconnect: &livekit.ReconnectResponse{
			IceServers: []*livekit.ICEServer{own},
		}}},
	} {
		got := passes(t, far, near, sent, &livekit.SignalResponse{})
		servers := append(got.GetJoin().GetIceServers(), got.GetReconnect().GetIceServers()...)
		if len(servers) != 2 || len(servers[1].GetUrls()) != 1 || !proto.Equal(servers[0], own) || servers[1].GetUrls()[0] != turn.URLs[0] ||
			servers[1].GetUsername() != "user" || servers[1].GetCredential() != "password" {
			t.Errorf("%s: got %v", what, got)
		}
	}
	answer := &livekit.SignalResponse{Message: &livekit.SignalResponse_Pong{Pong: 7}}
	if got := passes(t, far, near, answer, &livekit.SignalResponse{}); !proto.Equal(got, answer) {
		t.Errorf("got %v", got)
	}
	if err := far.WriteMessage(websocket.TextMessage, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if kind, data, err := near.ReadMessage(); err != nil || kind != websocket.TextMessage || string(data) != "{}" {
		t.Errorf("got %d, %q, %v", kind, data, err)
	}
}

// TestGateway_end: when one end closes a connection the other one learns it, and both when the gateway is closed.
func TestGateway_end(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(g *gateway, near, far *websocket.Conn){
		"by the library": func(_ *gateway, near, _ *websocket.Conn) { near.Close() },
		"by the SFU":     func(_ *gateway, _, far *websocket.Conn) { far.Close() },
		"by the gateway": func(g *gateway, _, _ *websocket.Conn) { g.close() },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			g, near, far := signalled(t, nil)
			end(g, near, far)
			for _, conn := range []*websocket.Conn{near, far} {
				if _, _, err := conn.ReadMessage(); err == nil || errors.Is(err, http.ErrHandlerTimeout) {
					t.Errorf("it goes on: %v", err)
				}
			}
		})
	}
}

// TestGateway_refused: the library learns what the SFU answers, and requests without a WebSocket get there.
func TestGateway_refused(t *testing.T) {
	t.Parallel()
	g, _, _ := signalled(t, nil)
	_, res, err := websocket.DefaultDialer.DialContext(t.Context(), g.url+"/rtc", nil)
	if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", res, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"http"+strings.TrimPrefix(g.url, "ws")+"/rtc/validate?a=b", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token")
	if res, err = http.DefaultClient.Do(r); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v", res, err)
	}
	res.Body.Close()
	for _, url := range []string{"", "http://example.org", "ws:///rtc", "ws://[::1"} {
		if _, err := openGateway(call.GroupTicket{URL: url}, nil, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%q is a URL", url)
		}
	}
}
