package livekit

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	headerMost = 10 * time.Second
	frameMost  = 16 << 20 // bytes of a message of the signalling: the description of a large call
)

// gateway passes the signalling of LiveKit's library on to the server. The library connects with neither another
// certificate than the usual nor another dialer, knows no TURN servers but the SFU's own, and does not say that video
// in several sizes is encrypted, without which other clients do not decrypt it. It listens on this machine, for as long
// as a session lasts.
type gateway struct {
	url     string // ws, like target
	target  string
	servers []*livekit.ICEServer
	quality func(*livekit.SubscribedQualityUpdate) // is called with what the SFU wants of which track
	dialer  websocket.Dialer
	proxy   *httputil.ReverseProxy // of requests without a WebSocket
	server  *http.Server
	end     context.CancelFunc
	served  sync.WaitGroup
}

func openGateway(
	t call.GroupTicket, quality func(*livekit.SubscribedQualityUpdate), log *slog.Logger,
) (*gateway, error) {
	target, err := url.Parse(t.URL)
	if err != nil || target.Host == "" || target.Scheme != "ws" && target.Scheme != "wss" {
		return nil, fmt.Errorf("%q is not the URL of an SFU", t.URL)
	}
	ctx, end := context.WithCancel(context.Background())
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		end()
		return nil, fmt.Errorf("listen on this machine: %w", err)
	}
	g := &gateway{
		url: "ws://" + ln.Addr().String(), target: strings.TrimSuffix(t.URL, "/"), quality: quality, end: end,
		dialer: websocket.Dialer{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: t.TLS, NetDialContext: t.Dial, HandshakeTimeout: headerMost,
		},
	}
	for _, s := range t.Servers {
		g.servers = append(g.servers, &livekit.ICEServer{Urls: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	quiet := slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	target.Scheme = "http" + strings.TrimPrefix(target.Scheme, "ws")
	g.proxy = &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }, ErrorLog: quiet,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: t.TLS, DialContext: t.Dial, DisableKeepAlives: true,
		},
	}
	g.server = &http.Server{
		Handler: g, ReadHeaderTimeout: headerMost, ErrorLog: quiet,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	g.served.Go(func() { _ = g.server.Serve(ln) }) // it was closed
	return g, nil
}

// close ends all connections.
func (g *gateway) close() {
	g.end() // also those that were upgraded
	_ = g.server.Close()
	g.served.Wait()
}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		g.proxy.ServeHTTP(w, r)
		return
	}
	header := http.Header{"Authorization": r.Header.Values("Authorization")}
	far, res, err := g.dialer.DialContext(r.Context(), g.target+r.URL.RequestURI(), header)
	if err != nil {
		status := http.StatusBadGateway
		if res != nil {
			_ = res.Body.Close()
			status = res.StatusCode
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	defer far.Close()
	near, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer near.Close()
	defer context.AfterFunc(r.Context(), func() {
		_ = near.Close()
		_ = far.Close()
	})()
	var asking sync.WaitGroup
	asking.Go(func() {
		pass(near, far, &livekit.SignalRequest{}, g.asks)
		_ = far.Close()
	})
	pass(far, near, &livekit.SignalResponse{}, g.answers)
	_ = near.Close()
	asking.Wait()
}

// pass passes messages on until a connection ends. change reports whether it has changed a message.
func pass[M proto.Message](from, to *websocket.Conn, m M, change func(M) bool) {
	from.SetReadLimit(frameMost)
	for {
		kind, data, err := from.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.BinaryMessage && proto.Unmarshal(data, m) == nil && change(m) {
			if data, err = proto.Marshal(m); err != nil {
				return
			}
		}
		if to.WriteMessage(kind, data) != nil {
			return
		}
	}
}

// asks changes what the library asks for.
func (*gateway) asks(r *livekit.SignalRequest) bool {
	track := r.GetAddTrack()
	if track == nil {
		return false
	}
	track.Encryption = livekit.Encryption_GCM
	return true
}

// answers changes what the SFU answers.
func (g *gateway) answers(r *livekit.SignalResponse) bool {
	switch m := r.GetMessage().(type) {
	case *livekit.SignalResponse_SubscribedQualityUpdate:
		g.quality(m.SubscribedQualityUpdate)
	case *livekit.SignalResponse_Join:
		m.Join.IceServers = relays(append(m.Join.IceServers, g.servers...))
		return true
	case *livekit.SignalResponse_Reconnect:
		m.Reconnect.IceServers = relays(append(m.Reconnect.IceServers, g.servers...))
		return true
	}
	return false
}

// relays returns the TURN servers. STUN servers find nothing that is needed to reach a server: an SFU without any names
// those of Google, and as long as one does not answer, the library cannot look for another way.
func relays(servers []*livekit.ICEServer) []*livekit.ICEServer {
	out := make([]*livekit.ICEServer, 0, len(servers))
	for _, s := range servers {
		s = proto.CloneOf(s)
		s.Urls = slices.DeleteFunc(s.Urls, func(u string) bool { return !strings.HasPrefix(u, "turn") })
		if len(s.Urls) > 0 {
			out = append(out, s)
		}
	}
	return out
}
