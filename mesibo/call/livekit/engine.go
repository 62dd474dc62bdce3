package livekit

import (
	"context"
	"log/slog"
	"sync"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

// engine implements call.GroupEngine.
type engine struct{}

// New returns an engine, which any number of instances can use.
func New() call.GroupEngine { return engine{} }

// quiet keeps the library from writing to standard error by itself.
var quiet = sync.OnceFunc(func() {
	discard := logger.LogRLogger(logr.Discard())
	logger.SetLogger(discard, "livekit")
	lksdk.SetLogger(discard)
})

// Join implements call.GroupEngine.
func (engine) Join(t call.GroupTicket, o call.GroupOptions, h call.GroupHandler) (call.GroupSession, error) {
	quiet()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &session{
		ticket: t, options: o, handler: h, log: o.Logger, events: rtc.NewQueue(), wake: make(chan struct{}, 1),
		network: rtc.NewBandwidth(o.Logger), members: make(map[uint32]*member), present: make(map[uint32]bool), talking: make(map[uint32]bool),
	}
	if err := s.keys.set(t.Key); err != nil {
		s.events.Close()
		return nil, err
	}
	gateway, err := openGateway(t, s.sizesWanted, s.log)
	if err != nil {
		s.events.Close()
		return nil, err
	}
	s.gateway = gateway
	ctx, end := context.WithCancel(context.Background())
	s.end = end
	s.running.Go(func() { s.run(ctx) })
	return s, nil
}
