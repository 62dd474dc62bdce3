package server

import (
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/sfu"
	"github.com/parley-chat/parley/internal/wire"
)

const defaultPeople = 50 // in a call of a group

// openGroups makes the calls of groups, and their SFU when there is to be one.
func (s *Server) openGroups(hub calls.Hub) {
	c := calls.GroupsConfig{Log: s.events, Hub: hub, Metrics: s.metrics, Logger: s.log, Clock: s.opts.Clock}
	if o := s.opts.SFU; o != nil {
		c.MaxPeople = defaultPeople
		if o.MaxPeople > 0 {
			c.MaxPeople = min(o.MaxPeople, wire.MaxGroupCall)
		}
		s.sfu = sfu.New(sfu.Config{
			Program: o.Program, Loopback: o.Loopback, NodeIP: o.PublicIP, UDPPort: o.UDPPort, TCPPort: o.TCPPort,
			URL: o.URL, Key: o.Key, Secret: o.Secret, MaxPeople: c.MaxPeople, Logger: s.log, Clock: s.opts.Clock,
			Admits: func(room string, number uint32) bool { return s.groups.Admits(room, number) },
			Enter:  s.enter, Stopping: s.stopping,
		})
		c.SFU = s.sfu
	}
	s.groups = calls.NewGroups(c)
}
