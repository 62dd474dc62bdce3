package store

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// tidyAfter is how long removed content may stay in the write-ahead log.
const tidyAfter = 15 * time.Second

// tidying empties the write-ahead log a while after content was removed. Freed pages are overwritten at once.
type tidying struct {
	mu     sync.Mutex
	timer  *time.Timer // set while it is to be emptied
	closed bool
	work   sync.WaitGroup
}

// tidySoon is called after content was removed.
func (s *Store) tidySoon() {
	if s.r == s.w { // in memory
		return
	}
	s.tidying.mu.Lock()
	defer s.tidying.mu.Unlock()
	if !s.tidying.closed && s.tidying.timer == nil {
		s.tidying.timer = time.AfterFunc(tidyAfter, s.tidyNow)
	}
}

func (s *Store) tidyNow() {
	s.tidying.mu.Lock()
	s.tidying.timer = nil
	if s.tidying.closed {
		s.tidying.mu.Unlock()
		return
	}
	s.tidying.work.Add(1)
	s.tidying.mu.Unlock()
	defer s.tidying.work.Done()
	done, err := s.tidy()
	if err != nil {
		s.log.Warn("empty the write-ahead log", slog.Any("error", err))
	}
	if !done {
		s.tidySoon()
	}
}

// tidy empties the write-ahead log, unless readers keep it for longer than a moment.
func (s *Store) tidy() (done bool, err error) {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if err := s.w.Exec("PRAGMA busy_timeout = 100").Error; err != nil {
		return false, fmt.Errorf("set patience: %w", err)
	}
	var busy, pages, moved int
	if err := s.w.Raw("PRAGMA wal_checkpoint(TRUNCATE)").Row().Scan(&busy, &pages, &moved); err != nil {
		return false, fmt.Errorf("checkpoint: %w", err)
	}
	if err := s.w.Exec("PRAGMA busy_timeout = 10000").Error; err != nil {
		return false, fmt.Errorf("set patience: %w", err)
	}
	return busy == 0, nil
}

func (s *Store) stopTidying() {
	s.tidying.mu.Lock()
	s.tidying.closed = true
	if s.tidying.timer != nil {
		s.tidying.timer.Stop()
	}
	s.tidying.mu.Unlock()
	s.tidying.work.Wait()
}
