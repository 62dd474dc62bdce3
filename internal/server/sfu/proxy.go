package sfu

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

const (
	// Path is where devices signal with the child. Below it there are other versions of the same.
	Path = "/rtc"

	linksMost = 4                // connections of one participant at the same time
	proxyMost = 10 * time.Second // that one waits for the child
)

var errLinks = errors.New("too many connections of one participant")

// link is a connection of a device to the child.
type link struct{ cut context.CancelFunc }

// ServeHTTP passes a connection for signalling on to the child, of a device that takes part in a call.
func (s *SFU) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.c.URL != "" {
		http.NotFound(w, r)
		return
	}
	m, err := s.check(tokenOf(r))
	if err != nil {
		http.Error(w, "the token is not valid", http.StatusUnauthorized)
		return
	}
	release := func() {}
	if s.c.Enter != nil {
		var ok bool
		if release, ok = s.c.Enter(); !ok {
			http.Error(w, "the server stops", http.StatusServiceUnavailable)
			return
		}
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	l := &link{cancel}
	if err := s.join(m, l); err != nil {
		http.Error(w, err.Error(), http.StatusTooManyRequests)
		return
	}
	defer s.leave(m, l)
	if !s.c.Admits(m.room, m.number) { // after join, so that Remove finds who is admitted
		http.Error(w, "the device does not take part in this call", http.StatusForbidden)
		return
	}
	if s.c.Stopping != nil {
		go func() {
			select {
			case <-s.c.Stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	s.forward(w, r.WithContext(ctx), m.room)
}

// forward passes a request on, when the child runs and has the room.
func (s *SFU) forward(w http.ResponseWriter, r *http.Request, room string) {
	ctx, cancel := context.WithTimeout(r.Context(), proxyMost)
	defer cancel()
	base, err := s.ready(ctx)
	if err == nil {
		err = s.createRoom(ctx, base, room) // it may have been empty for too long
	}
	var target *url.URL
	if err == nil {
		target, err = url.Parse(base)
	}
	if err != nil {
		s.c.Logger.Warn("a device cannot reach the SFU", slog.Any("error", err))
		http.Error(w, "the SFU does not run", http.StatusServiceUnavailable)
		return
	}
	(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			s.c.Logger.Debug("proxy to the SFU", slog.Any("error", err))
			w.WriteHeader(http.StatusBadGateway)
		},
		ErrorLog: slog.NewLogLogger(s.c.Logger.Handler(), slog.LevelDebug),
	}).ServeHTTP(w, r)
}

// HasToken reports whether a request has a token of a participant.
func (s *SFU) HasToken(r *http.Request) bool {
	_, err := s.check(tokenOf(r))
	return err == nil
}

// tokenOf returns the token of a request: browsers cannot set headers of a WebSocket.
func tokenOf(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return token
	}
	return r.URL.Query().Get("access_token")
}

func (s *SFU) join(m member, l *link) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.links[m]) >= linksMost {
		return errLinks
	}
	if s.links[m] == nil {
		s.links[m] = make(map[*link]struct{})
	}
	s.links[m][l] = struct{}{}
	return nil
}

func (s *SFU) leave(m member, l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.links[m], l)
	if len(s.links[m]) == 0 {
		delete(s.links, m)
	}
}

// cut ends the connections of a participant.
func (s *SFU) cut(m member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.links[m] {
		l.cut()
	}
}
