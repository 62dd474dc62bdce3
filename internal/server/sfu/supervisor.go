package sfu

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Delays after which a child that has failed is started again. One that ran for a while is started again at once.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 30 * time.Second
	settled    = 10 * time.Second
)

var errEnded = errors.New("the SFU has ended by itself")

// child is a running parley-sfu.
type child struct {
	base  string        // its HTTP address
	ended chan struct{} // closed when it has ended
	stop  func()        // ends it and waits for that
}

// supervise runs the child while there are rooms, until ctx ends.
func (s *SFU) supervise(ctx context.Context) {
	delay := time.Duration(0)
	for s.needed(ctx) {
		began := s.c.Clock()
		ran, err := s.runChild(ctx)
		if err == nil {
			delay = 0
			continue
		}
		if ctx.Err() != nil {
			return
		}
		s.c.Logger.Error("group calls have no SFU", slog.Any("error", err))
		switch {
		case ran && s.c.Clock().Sub(began) >= settled:
			delay = 0
		case delay == 0:
			delay = s.c.retry
		default:
			delay = min(2*delay, lastRetry)
		}
		if !ran { // who waits for it need not wait
			s.set("", err)
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
		s.set("", nil)
	}
}

// set notes where the server is, or why there is none.
func (s *SFU) set(base string, failed error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.failed = base, failed
	close(s.changed)
	s.changed = make(chan struct{})
}

// needed waits for a room. It returns false when ctx has ended.
func (s *SFU) needed(ctx context.Context) bool {
	for {
		s.mu.Lock()
		rooms := len(s.rooms)
		s.mu.Unlock()
		if ctx.Err() != nil {
			return false
		}
		if rooms > 0 {
			return true
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return false
		}
	}
}

// runChild runs the child until it is not needed any more, or ctx ends. An error: it could not be started, or ran and
// has ended by itself.
func (s *SFU) runChild(ctx context.Context) (ran bool, err error) {
	ch, err := s.c.launch(ctx, &s.c)
	if err != nil {
		return false, err
	}
	defer ch.stop()
	if err := s.reopen(ctx, ch.base); err != nil {
		return false, err
	}
	s.c.Logger.Info("the SFU runs")
	s.set(ch.base, nil)
	defer s.set("", nil)
	idle := time.NewTimer(s.c.Idle)
	defer idle.Stop()
	for {
		s.mu.Lock()
		rooms := len(s.rooms)
		s.mu.Unlock()
		if rooms > 0 {
			idle.Stop()
		} else {
			idle.Reset(s.c.Idle)
		}
		select {
		case <-s.wake:
		case <-ch.ended:
			return true, errEnded
		case <-ctx.Done():
			return true, nil
		case <-idle.C:
			if s.retire() {
				s.c.Logger.Info("the SFU is not needed any more")
				return true, nil
			}
		}
	}
}

// retire notes that the child does not run any more, unless there is a room.
func (s *SFU) retire() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rooms) > 0 {
		return false
	}
	s.base = ""
	return true
}

// reopen makes all rooms in a child that has just started.
func (s *SFU) reopen(ctx context.Context, base string) error {
	s.mu.Lock()
	rooms := make([]string, 0, len(s.rooms))
	for room := range s.rooms {
		rooms = append(rooms, room)
	}
	s.mu.Unlock()
	for _, room := range rooms {
		if err := s.createRoom(ctx, base, room); err != nil {
			return err
		}
	}
	return nil
}
