package devices

import (
	"context"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
)

// flushEvery is how often sightings are stored: one transaction for all.
const flushEvery = 30 * time.Second

// Connected notes that the device of a token has signed in.
func (s *Service) Connected(id, remote string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected[id]++
	s.saw(id, remote)
}

// Disconnected notes that a connection has ended for which Connected was called.
func (s *Service) Disconnected(id, remote string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected[id]--; s.connected[id] <= 0 {
		delete(s.connected, id)
	}
	s.saw(id, remote)
}

// saw is called with mu locked.
func (s *Service) saw(id, remote string) {
	s.seen[id] = accounts.Sighting{At: s.c.Clock(), Place: placeOf(remote)}
}

// Run stores sightings until ctx ends, and what is left then.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.flush(ctx)
		case <-ctx.Done():
			s.flush(context.WithoutCancel(ctx))
			return
		}
	}
}

func (s *Service) flush(ctx context.Context) {
	s.mu.Lock()
	seen := s.seen
	s.seen = make(map[string]accounts.Sighting)
	s.mu.Unlock()
	if len(seen) == 0 {
		return
	}
	if err := s.c.Accounts.SawTokens(ctx, seen); err != nil {
		s.c.Logger.Warn("when devices were connected is not stored", slog.Any("error", err))
	}
}

// sighting returns when a device was last connected, and whether it is.
func (s *Service) sighting(t *accounts.TokenInfo) (seen accounts.Sighting, online bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, ok := s.seen[t.ID]
	if !ok {
		seen = accounts.Sighting{At: t.Seen, Place: t.Place}
	}
	return seen, s.connected[t.ID] > 0
}
