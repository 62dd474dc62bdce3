package session

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"
)

// networkUp reports whether this machine has a network. When in doubt it says yes.
func (s *Session) networkUp() bool {
	addresses, err := s.opts.Addresses()
	return err != nil || slices.ContainsFunc(addresses, func(a netip.Addr) bool { return !a.IsLinkLocalUnicast() })
}

// CheckNetwork makes the session see at once that the network has changed, instead of in seconds.
func (s *Session) CheckNetwork() {
	select {
	case s.look <- struct{}{}:
	default:
	}
}

// watch notices that the machine slept or that its network changed, and has the connection renewed or checked.
func (s *Session) watch(ctx context.Context) error {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	last := time.Now()
	addresses, _ := s.opts.Addresses()
	for {
		select {
		case <-ctx.Done():
			return context.Canceled
		case <-s.look:
		case <-ticker.C:
			s.opts.Host.Tick()
		}
		now := time.Now()
		slept := now.Round(0).Sub(last.Round(0))-now.Sub(last) > sleepJump // wall clock against monotonic clock
		last = now
		current, err := s.opts.Addresses()
		if changed := err == nil && !slices.Equal(current, addresses); slept || changed {
			s.opts.Logger.Info("machine woke or network changed", slog.Bool("woke", slept))
			s.leave(current, changed)
			addresses = current
		}
	}
}

// leave ends a connection that began at an address which this machine has lost, and makes sure of any other one.
func (s *Session) leave(addresses []netip.Addr, changed bool) {
	l := s.current()
	if l == nil {
		s.Reconnect()
		return
	}
	local := l.conn.Local()
	if changed && local.IsValid() && !local.IsLoopback() && !slices.Contains(addresses, local) {
		_ = l.conn.Close() // the reader reports it
		return
	}
	l.probe()
}
