package livekit

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
)

const headerMost = 10 * time.Second

// gateway passes the signalling of LiveKit's library on to the server: the library connects with neither another
// certificate than the usual nor another dialer. It listens on this machine, for as long as a session lasts.
type gateway struct {
	url    string // ws
	server *http.Server
	end    context.CancelFunc
	served sync.WaitGroup
}

func openGateway(t call.GroupTicket, log *slog.Logger) (*gateway, error) {
	target, err := url.Parse(t.URL)
	if err != nil || target.Host == "" || target.Scheme != "ws" && target.Scheme != "wss" {
		return nil, fmt.Errorf("%q is not the URL of an SFU", t.URL)
	}
	target.Scheme = "http" + strings.TrimPrefix(target.Scheme, "ws")
	ctx, end := context.WithCancel(context.Background())
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		end()
		return nil, fmt.Errorf("listen on this machine: %w", err)
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: t.TLS, DialContext: t.Dial, DisableKeepAlives: true,
	}
	quiet := slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	g := &gateway{url: "ws://" + ln.Addr().String(), end: end}
	g.server = &http.Server{
		Handler: &httputil.ReverseProxy{
			Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(target) },
			Transport: transport, ErrorLog: quiet,
		},
		ReadHeaderTimeout: headerMost, ErrorLog: quiet,
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
