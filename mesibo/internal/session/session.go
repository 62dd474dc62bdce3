// Package session keeps a user connected: it signs in, receives the log, empties the outbox, and starts again after
// every loss until it is stopped. It knows frames and a Host, neither listeners nor tables.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/netinfo"
)

// State is the state of the connection as the host gets it: the reference's STATUS_* numbers.
type State int

// The states.
const (
	Online         State = 1
	Offline        State = 2
	SignedOut      State = 3
	AuthFailed     State = 4
	Connecting     State = 6
	ConnectFailure State = 7
	NoNetwork      State = 8
	Suspended      State = 10
	Shutdown       State = 22
)

// Errors that end Run: connecting again is of no use.
var (
	// ErrSignedOut: the same token signed in elsewhere.
	ErrSignedOut = errors.New("signed in on another device with the same access token")
	// ErrRefused: the server does not accept the token. With a *wire.SuspendedError that ends, connecting is tried again.
	ErrRefused = errors.New("access token refused")
)

// Outgoing is a message to be sent. Row is the host's own number for it, 0 for a transient one.
type Outgoing struct {
	Row  int64
	Send *wire.Send
}

// SendResult is an Outgoing with the server's answer. Result is not 0 when the server refused the request itself.
type SendResult struct {
	Outgoing
	Result uint32
	Reason string
	Reply  *wire.SendReply
}

// Operation is a request that the host has stored until it is answered.
type Operation struct {
	ID      int64
	Request *wire.Request
}

// Host is what a session works for. Its methods are called from the session's goroutines.
type Host interface {
	// Hello returns the first request of a connection.
	Hello() *wire.Hello
	// Welcome stores the answer to it.
	Welcome(reply *wire.HelloReply) error
	// Outbox returns waiting messages after a row, in order, and notes that they may reach the server from now on.
	Outbox(ctx context.Context, after int64, limit int) ([]Outgoing, error)
	// ApplySendResults stores the server's answers.
	ApplySendResults(answers []SendResult) error
	// Apply stores events, then calls the listeners, then onDelivered (if ctx has not ended by then).
	Apply(ctx context.Context, events []*wire.Event, onDelivered func()) error
	// Signal handles what is not durable.
	Signal(ctx context.Context, signal *wire.Signal)
	// ReadMarks returns the read marks that the server does not know yet; ReadMarkSent is called when it does.
	ReadMarks(ctx context.Context) ([]*wire.MarkRead, error)
	ReadMarkSent(mark *wire.MarkRead) error
	// ProfileRevision is the newest revision stored; Profiles stores newer ones.
	ProfileRevision() uint64
	Profiles(reply *wire.ProfileSyncReply) error
	// Operations returns stored requests after one, in order; OperationDone handles the answer to one.
	Operations(ctx context.Context, after int64, limit int) ([]Operation, error)
	OperationDone(op Operation, answer *wire.Response) error
	// Suspended is called before State(Suspended).
	Suspended(why *wire.SuspendedError)
	// State is called with every change of the connection.
	State(state State, reason string)
	// Tick is called every few seconds, connected or not.
	Tick()
}

// Conn is one connection; transport.Conn is one.
type Conn interface {
	Read() (*wire.ServerFrame, error)
	Write(frame *wire.ClientFrame) error
	Head() uint64
	Local() netip.Addr // at which this machine has the connection; the zero one is unknown
	Probe(patience time.Duration) error
	Close() error
}

// Options configure a session.
type Options struct {
	Host Host
	// Dial makes one connection. An error that wraps ErrRefused ends the session.
	Dial func(ctx context.Context) (Conn, error)
	// Local says that the server is on this machine, so that no network is no obstacle.
	Local  bool
	Logger *slog.Logger
	// Addresses lists the addresses at which this machine may be reached. Default: netinfo.Addresses.
	Addresses func() ([]netip.Addr, error)
}

const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 30 * time.Second
	steadyAfter  = 5 * time.Second // a connection that lasted this long resets the backoff
	tickInterval = 2 * time.Second
	probeTimeout = 5 * time.Second
	sleepJump    = 5 * time.Second // more than this between two clocks means the machine slept
)

// Session connects one device of one user. Run works; the other methods may be called from any goroutine.
type Session struct {
	opts  Options // immutable
	retry chan struct{}
	look  chan struct{}

	mu      sync.Mutex
	link    *link     // the connection, when signed in
	retryAt time.Time // when the next attempt starts
}

// New makes a session; Run starts it.
func New(opts Options) *Session {
	if opts.Addresses == nil {
		opts.Addresses = netinfo.Addresses
	}
	return &Session{opts: opts, retry: make(chan struct{}, 1), look: make(chan struct{}, 1)}
}

// Run connects and reconnects until ctx ends (nil), the token is refused (ErrRefused) or signed in elsewhere
// (ErrSignedOut). When it returns, everything it started has ended.
func (s *Session) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.watch(ctx) })
	group.Go(func() error { return s.connectAgain(ctx) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err //nolint:wrapcheck // ErrRefused or ErrSignedOut with its reason
	}
	return nil
}

func (s *Session) connectAgain(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		s.opts.Host.State(Connecting, "")
		began := time.Now()
		connected, err := s.connect(ctx)
		if ctx.Err() != nil {
			return context.Canceled
		}
		if connected && time.Since(began) > steadyAfter {
			attempt = 0
		}
		level := slog.LevelInfo
		if errors.Is(err, errStorage) {
			level = slog.LevelError
		}
		s.opts.Logger.Log(ctx, level, "connection ended", slog.Any("error", err), slog.Bool("was_online", connected))
		switch {
		case s.suspended(ctx, err):
			attempt = -1
			continue
		case ctx.Err() != nil:
			return context.Canceled
		case errors.Is(err, ErrRefused):
			return err
		case errors.Is(err, ErrSignedOut):
			s.opts.Host.State(SignedOut, err.Error())
			return err
		}
		wait := s.plan(attempt, err)
		s.opts.Host.State(s.lossState(connected, err), err.Error())
		if s.pause(ctx, wait) {
			attempt = -1
		}
		if ctx.Err() != nil {
			return context.Canceled
		}
	}
}

// suspendedMost is how long a suspended user waits at most before the next attempt: it may end earlier than was said.
const suspendedMost = 15 * time.Minute

// suspended handles an error with which the server refuses the user. After a suspension that will end it waits and
// returns true.
func (s *Session) suspended(ctx context.Context, err error) bool {
	if !errors.Is(err, ErrRefused) {
		return false
	}
	why, ok := errors.AsType[*wire.SuspendedError](err)
	if !ok {
		s.opts.Host.State(AuthFailed, err.Error())
		return false
	}
	s.opts.Host.Suspended(why)
	s.opts.Host.State(Suspended, err.Error())
	if why.Until.IsZero() {
		return false
	}
	wait := min(suspendedMost, max(time.Until(why.Until), 0)+backoffFirst)
	s.mu.Lock()
	s.retryAt = time.Now().Add(wait)
	s.mu.Unlock()
	s.pause(ctx, wait)
	return ctx.Err() == nil
}

func (s *Session) lossState(connected bool, err error) State {
	switch {
	case errors.Is(err, errShutdown):
		return Shutdown
	case connected:
		return Offline
	case !s.opts.Local && !s.networkUp():
		return NoNetwork
	}
	return ConnectFailure
}

// plan chooses the delay before the next attempt: full jitter under a bound that doubles, after what the server has
// asked for.
func (s *Session) plan(attempt int, err error) time.Duration {
	bound := min(backoffMost, backoffFirst<<min(attempt, 10))
	wait := time.Duration(rand.Int64N(int64(bound)) + 1) //nolint:gosec // jitter, not a secret
	if later, ok := errors.AsType[*laterError](err); ok {
		wait += later.after
	}
	s.mu.Lock()
	s.retryAt = time.Now().Add(wait)
	s.mu.Unlock()
	return wait
}

// pause waits; true means that Reconnect was called.
func (s *Session) pause(ctx context.Context, wait time.Duration) bool {
	defer func() {
		s.mu.Lock()
		s.retryAt = time.Time{}
		s.mu.Unlock()
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-s.retry:
		return true
	}
	return false
}

// connect makes one connection and serves it to its end. connected reports whether it got as far as being online.
func (s *Session) connect(ctx context.Context) (connected bool, err error) {
	conn, err := s.opts.Dial(ctx)
	if err != nil {
		return false, err
	}
	l := newLink(s.opts.Host, conn, s.opts.Logger)
	if err := l.signIn(ctx); err != nil {
		return false, errors.Join(err, conn.Close())
	}
	s.mu.Lock()
	s.link = l
	s.mu.Unlock()
	select { // a wish to reconnect from before is fulfilled
	case <-s.retry:
	default:
	}
	s.opts.Host.State(Online, "")
	err = l.run(ctx)
	s.mu.Lock()
	s.link = nil
	s.mu.Unlock()
	l.failPending()
	return true, err
}

// Reconnect ends the wait for the next attempt; when online it makes sure that the connection is alive.
func (s *Session) Reconnect() {
	if l := s.current(); l != nil {
		l.probe()
		return
	}
	select {
	case s.retry <- struct{}{}:
	default:
	}
}

// RetryAt is when the next attempt starts, zero when none is planned.
func (s *Session) RetryAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.retryAt
}

// Wake says that there may be something new in the outbox or among the read marks.
func (s *Session) Wake() {
	if l := s.current(); l != nil {
		l.wakeWriter()
	}
}

// IsOnline reports whether there is a connection that is signed in.
func (s *Session) IsOnline() bool { return s.current() != nil }

// Transmit sends a message that is stored nowhere; false when not online.
func (s *Session) Transmit(send *wire.Send) bool {
	l := s.current()
	return l != nil && l.transmit(Outgoing{Send: send})
}

// Ask sends a request that is stored nowhere; false when not online. answer is called once, on a goroutine of the
// session and in the order of what the server sends: with nil when the connection ended before the answer came.
func (s *Session) Ask(request *wire.Request, answer func(*wire.Response)) bool {
	l := s.current()
	return l != nil && l.ask(query{request: request, answer: answer})
}

func (s *Session) current() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link
}

func goodbyeError(g *wire.Goodbye) error {
	switch g.GetStatus() {
	case wire.ConnSignOut:
		return ErrSignedOut
	case wire.ConnAuthFail:
		return fmt.Errorf("%w: %s", ErrRefused, g.GetReason())
	case wire.ConnSuspend:
		return fmt.Errorf("%w: %w", ErrRefused, wire.NewSuspendedError(int64(g.GetUntil()), g.GetReason()))
	case wire.ConnShutdown:
		return fmt.Errorf("%w: %s", errShutdown, g.GetReason())
	}
	return fmt.Errorf("%w: %s", errGoodbye, g.GetReason())
}

// laterError says that the server will take a request later.
type laterError struct {
	after  time.Duration
	reason string
}

func (e *laterError) Error() string { return "the server asks to try again later: " + e.reason }

const (
	laterDefault = time.Second     // without a time from the server
	laterMost    = 5 * time.Minute // whatever the server says
)

// laterOf returns nil for an answer that is not about trying again.
func laterOf(r *wire.Response) *laterError {
	switch {
	case r.GetResult() == wire.ResultRetryLater:
	case r.GetResult() == wire.ResultRateLimit && r.GetRetryAfter() > 0:
	default:
		return nil
	}
	after := min(laterMost, time.Duration(r.GetRetryAfter())*time.Millisecond)
	if after == 0 {
		after = laterDefault
	}
	return &laterError{after: after, reason: r.GetReason()}
}

var (
	errStorage  = errors.New("cannot store")
	errShutdown = errors.New("the server is shutting down")
	errGoodbye  = errors.New("the server ended the connection")
)
