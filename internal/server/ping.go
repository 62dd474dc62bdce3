package server

import (
	"context"
	"time"
)

// pingSlots spreads the pings over the interval, so that many connections are not pinged at once.
const pingSlots = 16

// ping makes every connection ping once in each interval, until ctx ends. One timer serves all connections.
func (s *Server) ping(ctx context.Context) {
	tick := time.NewTicker(max(s.opts.PingInterval/pingSlots, time.Millisecond))
	defer tick.Stop()
	for slot := 0; ; slot = (slot + 1) % pingSlots {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, c := range s.inSlot(slot) {
			c.pingSoon()
		}
	}
}

func (s *Server) inSlot(slot int) []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*conn, 0, len(s.conns)/pingSlots+1)
	for c, its := range s.conns {
		if its == slot {
			list = append(list, c)
		}
	}
	return list
}
