package server

import (
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/server/gateway"
)

// SetLimits changes the limits of a running server to those of opts, for connected users as well: SendRate, SendBurst,
// BackendRate, MaxConnections, MaxPerAddress, MaxDevices, MaxFile, Quota, RetractWindow, Retention and Inviters. All else
// in opts is ignored. What is beyond a limit already, such as a connection or an upload that is running, stays.
func (s *Server) SetLimits(opts Options) {
	opts.setDefaults()
	s.gateway.SetLimits(opts.ofUsers())
	s.events.SetLimits(opts.ofLogs())
	s.files.SetLimits(opts.ofFiles())
	s.door.SetLimits(opts.MaxConnections, opts.MaxPerAddress)
	s.admin.SetRate(opts.BackendRate)
	s.devices.SetInviters(opts.Inviters)
}

func (o *Options) ofUsers() gateway.Limits {
	return gateway.Limits{MaxDevices: o.MaxDevices, SendRate: o.SendRate, SendBurst: o.SendBurst}
}

func (o *Options) ofLogs() eventlog.Limits {
	return eventlog.Limits{RetractWindow: o.RetractWindow, Retention: o.Retention}
}

func (o *Options) ofFiles() files.Limits { return files.Limits{MaxFile: o.MaxFile, Quota: o.Quota} }
