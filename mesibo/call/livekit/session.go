package livekit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

const (
	connectAgain  = time.Second
	connectMost   = 20 * time.Second // without success, until the session has failed
	reconnectMost = time.Minute      // the same after a connection
	joinMost      = 10 * time.Second // of one attempt: a way through a TURN server takes seconds
	mendMost      = 3 * time.Second  // for the library to mend a connection, before another one is made
)

var errGivenUp = errors.New("no connection with the SFU could be made")

// session implements call.GroupSession. One goroutine makes connections and tells the library what to do; the library's
// callbacks and the methods only note what has changed.
type session struct {
	ticket  call.GroupTicket // immutable, up to running
	options call.GroupOptions
	handler call.GroupHandler
	log     *slog.Logger
	events  *rtc.Queue
	gateway *gateway
	keys    keyring
	network *rtc.Bandwidth
	wake    chan struct{} // has room for one
	end     context.CancelFunc
	running sync.WaitGroup
	reading sync.WaitGroup // of tracks

	mu      sync.Mutex
	sending call.GroupSending
	members map[uint32]*member
	streams []*stream
	talking map[uint32]bool
	lost    bool // the library has given up the connection
	broken  bool // and is mending it
	moved   bool // this machine is in another network
	seen    seen
	over    bool // nothing more is received

	// Of the goroutine.
	present map[uint32]bool
	sender  *sender // nil before a connection
}

// seen says which sizes of a track of this participant are received.
type seen struct {
	sid   string
	sizes [layerCount]bool
}

// Send implements call.GroupSession.
func (s *session) Send(sending call.GroupSending) {
	s.mu.Lock()
	s.sending = sending
	s.mu.Unlock()
	s.wakeUp()
}

// Receive implements call.GroupSession.
func (s *session) Receive(number uint32, r call.GroupReceiving) {
	s.mu.Lock()
	s.member(number).wish = r
	s.mu.Unlock()
	s.wakeUp()
}

// SetKey implements call.GroupSession.
func (s *session) SetKey(k call.GroupKey) {
	if err := s.keys.set(k); err != nil {
		s.problem(err)
	}
}

// Stats implements call.GroupSession.
func (s *session) Stats(number uint32) call.GroupStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[number]
	if m == nil {
		return call.GroupStats{}
	}
	out := call.GroupStats{Quality: m.quality}
	out.Bitrate, out.LossReceived = m.meter.read(time.Now())
	return out
}

// Close implements call.GroupSession.
func (s *session) Close() {
	s.end()
	s.gateway.close()
	s.running.Wait()
	s.events.Close()
}

func (s *session) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *session) handle(f func(h call.GroupHandler)) { s.events.Post(func() { f(s.handler) }) }

func (s *session) problem(err error) {
	s.log.LogAttrs(context.Background(), slog.LevelWarn, "call goes on without", slog.String("error", err.Error()))
	s.handle(func(h call.GroupHandler) { h.OnProblem(err) })
}

// run connects, again and again, until ctx ends or there is no hope.
func (s *session) run(ctx context.Context) {
	defer func() {
		if s.sender != nil {
			s.sender.close()
		}
		s.closeStreams()
	}()
	since, most := time.Now(), connectMost
	for ctx.Err() == nil {
		room, err := s.connect()
		if err == nil {
			s.serve(ctx, room)
			since, most = time.Now(), reconnectMost
			continue
		}
		if ctx.Err() != nil {
			return
		}
		s.log.LogAttrs(ctx, slog.LevelDebug, "connect with the SFU", slog.String("error", err.Error()))
		if time.Since(since) >= most {
			s.handle(func(h call.GroupHandler) { h.OnFailed(errors.Join(errGivenUp, err)) })
			return
		}
		select {
		case <-time.After(connectAgain):
		case <-ctx.Done():
		}
	}
}

// connect makes a connection. Closing the gateway ends an attempt.
func (s *session) connect() (*lksdk.Room, error) {
	s.mu.Lock()
	s.lost, s.broken, s.moved = false, false, false
	s.mu.Unlock()
	interceptors, err := s.network.Interceptors()
	if err != nil {
		return nil, err
	}
	room := lksdk.NewRoom(s.callbacks())
	room.SetLogger(logger.LogRLogger(logr.FromSlogHandler(quieter{s.log.Handler()})))
	err = room.JoinWithToken(s.gateway.url, s.ticket.Token, lksdk.WithAutoSubscribe(false),
		lksdk.WithConnectTimeout(joinMost), lksdk.WithInterceptors(interceptors),
		lksdk.WithIncludeDefaultInterceptors(true))
	if err != nil {
		room.Disconnect()
		return nil, fmt.Errorf("join: %w", err)
	}
	return room, nil
}

// serve does what there is to do while there is a connection.
func (s *session) serve(ctx context.Context, room *lksdk.Room) {
	s.keys.setServerFrames(room.SifTrailer())
	if s.sender == nil {
		s.sender = newSender(s)
	}
	s.sender.use(room)
	up := true
	s.handle(call.GroupHandler.OnConnected)
	stopWatch := rtc.WatchAddresses(func() {
		s.mu.Lock()
		s.moved = true
		s.mu.Unlock()
		s.wakeUp()
	})
	var tooLong <-chan time.Time // broken
	defer func() {
		stopWatch()
		s.sender.use(nil)
		room.Disconnect()
		s.endStreams()
		s.forget()
		if up && ctx.Err() == nil {
			s.handle(call.GroupHandler.OnReconnecting)
		}
	}()
	for {
		s.mu.Lock()
		// While the library mends a connection, it does not notice the end of the one that it is making.
		moved := s.moved && !s.broken
		if moved {
			s.moved, s.broken = false, true
		}
		lost, broken, sending, seen := s.lost, s.broken, s.sending, s.seen
		s.mu.Unlock()
		if lost {
			return
		}
		if moved {
			s.network.Moved()
			room.Simulate(lksdk.SimulateSignalReconnect)
		}
		if up == broken {
			up = !broken
			if up {
				tooLong = nil
				s.handle(call.GroupHandler.OnConnected)
			} else {
				tooLong = time.After(mendMost)
				s.handle(call.GroupHandler.OnReconnecting)
			}
		}
		if !broken { // otherwise the library publishes them anew
			s.sender.look()
		}
		s.sender.set(sending)
		s.sender.see(seen)
		s.tend(room)
		select {
		case <-s.wake:
		case <-tooLong: // the library may wait for minutes, for the answer of a relay over a link that is gone
			return
		case <-ctx.Done():
			return
		}
	}
}

// callbacks are called by the library on its goroutines.
func (s *session) callbacks() *lksdk.RoomCallback {
	note := func(f func()) {
		s.mu.Lock()
		f()
		s.mu.Unlock()
		s.wakeUp()
	}
	return &lksdk.RoomCallback{
		OnDisconnected: func() { note(func() { s.lost = true }) },
		OnReconnecting: func() { note(func() { s.broken = true }) },
		OnReconnected: func() {
			note(func() { s.broken, s.seen = false, seen{} }) // what the SFU has said meanwhile is lost
		},
		OnParticipantConnected:    func(*lksdk.RemoteParticipant) { s.wakeUp() },
		OnParticipantDisconnected: func(*lksdk.RemoteParticipant) { s.wakeUp() },
		OnActiveSpeakersChanged:   s.speakersChanged,
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackPublished:        func(*lksdk.RemoteTrackPublication, *lksdk.RemoteParticipant) { s.wakeUp() },
			OnTrackUnpublished:      func(*lksdk.RemoteTrackPublication, *lksdk.RemoteParticipant) { s.wakeUp() },
			OnTrackSubscribed:       s.trackStarted,
			OnLocalTrackUnpublished: func(*lksdk.LocalTrackPublication, *lksdk.LocalParticipant) { s.wakeUp() },
			OnConnectionQualityChanged: func(q *livekit.ConnectionQualityInfo, p lksdk.Participant) {
				note(func() { s.member(numberOf(p.Identity())).quality = qualityOf(q.GetQuality()) })
			},
		},
	}
}

// sizesWanted notes what the SFU wants of a track of this participant.
func (s *session) sizesWanted(u *livekit.SubscribedQualityUpdate) {
	now := seen{sid: u.GetTrackSid()}
	for _, c := range u.GetSubscribedCodecs() {
		for _, q := range c.GetQualities() {
			for i, quality := range [layerCount]livekit.VideoQuality{livekit.VideoQuality_LOW, livekit.VideoQuality_HIGH} {
				now.sizes[i] = now.sizes[i] || q.GetEnabled() && q.GetQuality() == quality
			}
		}
	}
	s.mu.Lock()
	s.seen = now
	s.mu.Unlock()
	s.wakeUp()
}

// speakersChanged notes who speaks.
func (s *session) speakersChanged(speakers []lksdk.Participant) {
	now := make(map[uint32]bool, len(speakers))
	for _, p := range speakers {
		now[numberOf(p.Identity())] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for number := range s.talking {
		if !now[number] {
			s.handle(func(h call.GroupHandler) { h.OnTalking(number, false) })
		}
	}
	for number := range now {
		if !s.talking[number] {
			s.handle(func(h call.GroupHandler) { h.OnTalking(number, true) })
		}
	}
	s.talking = now
}

// quieter lets the library log at the level Debug only: what it takes for an error is often the end of a connection.
type quieter struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quieter) Enabled(ctx context.Context, _ slog.Level) bool {
	return q.Handler.Enabled(ctx, slog.LevelDebug)
}

// Handle implements slog.Handler.
func (q quieter) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return q.Handler.Handle(ctx, r) //nolint:wrapcheck // of the handler
}

// WithAttrs implements slog.Handler.
func (q quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quieter{q.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (q quieter) WithGroup(name string) slog.Handler { return quieter{q.Handler.WithGroup(name)} }
