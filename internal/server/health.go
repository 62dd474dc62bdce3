package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/files"
)

// healthKept is how long the result of a health check is used again, because anybody can ask for it.
const healthKept = time.Second

// health is the result of the newest health check, and of the newest look at the free space of the disk.
type health struct {
	mu      sync.Mutex
	checked time.Time
	err     error

	looked time.Time
	full   bool

	damaged bool // by the newest check of the database
}

const (
	// checkDelay is how long after the start the database is checked: devices connect first.
	checkDelay = 20 * time.Second
	// checkInterval is how often it is checked.
	checkInterval = 24 * time.Hour
	// checkLimit is how long the check of one table may take. It reads from the disk on one goroutine, and keeps the
	// write-ahead log from being emptied for so long.
	checkLimit = 2 * time.Minute
)

var (
	errDiskFull = errors.New("the disk is full")
	errStopped  = errors.New("the server is shutting down")
	errDamaged  = errors.New("the database is damaged; see parleyd check")
)

// checkHealth returns why the server does not work: it cannot read its data, cannot write it, or the disk is full.
func (s *Server) checkHealth(ctx context.Context) error {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	if time.Since(s.health.checked) < healthKept {
		return s.health.err
	}
	_, err := s.readEpoch(context.WithoutCancel(ctx)) // the result is not for this request alone
	switch {
	case err != nil:
		err = fmt.Errorf("the data cannot be read: %w", err)
	case s.events.Failing() != nil:
		err = fmt.Errorf("the data cannot be written: %w", s.events.Failing())
	case s.health.damaged:
		err = errDamaged
	case s.diskFull():
		err = errDiskFull
	}
	if err != nil {
		s.log.Error("health check", slog.Any("error", err))
	}
	s.health.checked, s.health.err = time.Now(), err //nolint:forbidigo // how long ago it was
	return err
}

// checkDaily checks the database some time after the start, and once a day. No request waits for it.
func (s *Server) checkDaily(ctx context.Context) {
	timer := time.NewTimer(s.opts.checkDelay)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			s.checkDatabase(ctx)
			timer.Reset(checkInterval)
		}
	}
}

// checkDatabase looks for damage in the file of the database.
func (s *Server) checkDatabase(ctx context.Context) {
	start := time.Now()
	problems, whole, err := s.record.Check(ctx, checkLimit)
	took := slog.Duration("took", time.Since(start))
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		s.log.Warn("check of the database", slog.Any("error", err), took)
		return
	case len(problems) > 0:
		s.log.Error("the database is damaged", slog.Any("problems", problems), took)
	default:
		s.log.Info("the database is sound", slog.Bool("whole", whole), took)
	}
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	s.health.damaged, s.health.checked = len(problems) > 0, time.Time{}
}

// diskFull reports whether the disk has so little room that nothing more may be taken. The caller holds health.mu.
func (s *Server) diskFull() bool {
	if time.Since(s.health.looked) < healthKept {
		return s.health.full
	}
	free, err := s.opts.freeSpace(s.opts.Dir)
	if err != nil {
		s.log.Warn("free space", slog.Any("error", err))
	}
	full := err == nil && free < files.DiskReserve
	if full != s.health.full {
		s.log.Warn("free space", slog.Uint64("bytes", free), slog.Bool("messages_refused", full))
	}
	s.health.looked, s.health.full = time.Now(), full //nolint:forbidigo // how long ago it was
	return full
}

// hasRoom reports whether the disk has room for more messages.
func (s *Server) hasRoom() bool {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return !s.diskFull()
}

// handleHealth serves /healthz, whether the server works, and /readyz, whether it also takes connections.
func (s *Server) handleHealth(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		s.answerHealth(w, s.checkHealth(r.Context()))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.stopping:
			s.answerHealth(w, errStopped)
		default:
			s.answerHealth(w, s.checkHealth(r.Context()))
		}
	})
}

// answerHealth does not say what is wrong with the data: that is in the log.
func (s *Server) answerHealth(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case err == nil:
		if _, err := io.WriteString(w, "ok\n"); err != nil {
			s.log.Debug("health check", slog.Any("error", fmt.Errorf("answer: %w", err)))
		}
	case errors.Is(err, errDiskFull), errors.Is(err, errStopped):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		http.Error(w, "the server cannot read or write its data", http.StatusServiceUnavailable)
	}
}
