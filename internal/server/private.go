package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// PrivateHandler serves the metrics, profiles of the process and the health checks, for the operator only. It asks for
// no token. Options.MetricsAddr is an address for it; it is exported for programs with an HTTP server of their own.
func (s *Server) PrivateHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	s.handleHealth(mux)
	return mux
}

// privateServer is the HTTP server of Options.MetricsAddr.
type privateServer struct {
	http  *http.Server
	addr  net.Addr
	ended chan struct{}
}

// openPrivate starts the HTTP server for the operator.
func (s *Server) openPrivate(ctx context.Context) error {
	if s.opts.MetricsAddr == "" {
		return nil
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.opts.MetricsAddr)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	p := &privateServer{
		addr: ln.Addr(), ended: make(chan struct{}),
		http: &http.Server{
			Handler: s.PrivateHandler(), ReadHeaderTimeout: headerTimeout, IdleTimeout: time.Minute,
			ReadTimeout: s.opts.BodyTimeout, // no request has a body
			ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		},
	}
	s.private = p
	go func() {
		defer close(p.ended)
		_ = p.http.Serve(ln) // until closePrivate
	}()
	return nil
}

func (s *Server) closePrivate() error {
	if s.private == nil {
		return nil
	}
	err := s.private.http.Close()
	<-s.private.ended
	if err != nil {
		return fmt.Errorf("stop serving metrics: %w", err)
	}
	return nil
}

// MetricsAddr returns the address at which the metrics are served, nil if they are not.
func (s *Server) MetricsAddr() net.Addr {
	if s.private == nil {
		return nil
	}
	return s.private.addr
}
