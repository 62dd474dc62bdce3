package session_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
)

// fakeConn stands for a connection to a server that the test plays: what the session writes comes out of sent, what
// the test puts into feed is read. Closing it, or the test ending it with end, makes Read fail.
type fakeConn struct {
	sent chan *wire.ClientFrame
	feed chan *wire.ServerFrame
	gone chan struct{}
	once sync.Once

	local  netip.Addr
	probes atomic.Int32
}

func newFakeConn() *fakeConn {
	return &fakeConn{
		sent: make(chan *wire.ClientFrame, 1000), feed: make(chan *wire.ServerFrame, 1000),
		gone: make(chan struct{}),
	}
}

var errGone = errors.New("connection is gone")

func (c *fakeConn) Read() (*wire.ServerFrame, error) {
	select {
	case f := <-c.feed:
		return f, nil
	case <-c.gone:
		return nil, errGone
	}
}

func (c *fakeConn) Write(f *wire.ClientFrame) error {
	select {
	case c.sent <- f:
		return nil
	case <-c.gone:
		return errGone
	}
}

func (c *fakeConn) Head() uint64 { return 0 }

func (c *fakeConn) Local() netip.Addr { return c.local }

func (c *fakeConn) Probe(time.Duration) error {
	c.probes.Add(1)
	return nil
}

func (c *fakeConn) Close() error { c.once.Do(func() { close(c.gone) }); return nil }

func respond(c *fakeConn, r *wire.Response) {
	c.feed <- &wire.ServerFrame{Body: &wire.ServerFrame_Response{Response: r}}
}

func welcome(c *fakeConn) {
	hello := <-c.sent
	respond(c, &wire.Response{Id: hello.GetRequest().GetId(), Payload: &wire.Response_Hello{
		Hello: &wire.HelloReply{Epoch: 1, MaxInFlight: wire.MaxInFlight, MaxUnacked: wire.MaxUnacked},
	}})
}

// fakeHost stands for the SDK's engine: an outbox in memory, and a diary of everything it is told.
type fakeHost struct {
	mu       sync.Mutex
	outbox   []session.Outgoing
	answered map[int64]uint32
	diary    []string
}

func (h *fakeHost) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.diary = append(h.diary, fmt.Sprintf(format, args...))
}

func (h *fakeHost) read() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.diary
	h.diary = nil
	return d
}

func (h *fakeHost) Hello() *wire.Hello                                  { return &wire.Hello{Version: wire.Version} }
func (h *fakeHost) Welcome(*wire.HelloReply) error                      { return nil }
func (h *fakeHost) Signal(context.Context, *wire.Signal)                {}
func (h *fakeHost) ReadMarks(context.Context) ([]*wire.MarkRead, error) { return nil, nil }
func (h *fakeHost) ReadMarkSent(*wire.MarkRead) error                   { return nil }
func (h *fakeHost) Operations(context.Context, int64, int) ([]session.Operation, error) {
	return nil, nil
}
func (h *fakeHost) OperationDone(session.Operation, *wire.Response) error { return nil }
func (h *fakeHost) ProfileRevision() uint64                               { return 0 }
func (h *fakeHost) Profiles(*wire.ProfileSyncReply) error                 { return nil }
func (h *fakeHost) Tick()                                                 {}

func (h *fakeHost) Suspended(why *wire.SuspendedError) { h.note("%v", why) }

func (h *fakeHost) State(s session.State, _ string) { h.note("state %d", s) }

func (h *fakeHost) Outbox(_ context.Context, after int64, limit int) ([]session.Outgoing, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []session.Outgoing
	for _, o := range h.outbox {
		if _, done := h.answered[o.Row]; !done && o.Row > after && len(out) < limit {
			out = append(out, o)
		}
	}
	return out, nil
}

func (h *fakeHost) ApplySendResults(answers []session.SendResult) error {
	for _, a := range answers {
		h.mu.Lock()
		h.answered[a.Row] = a.Reply.GetStatus()
		h.mu.Unlock()
		h.note("answered %d", a.Row)
	}
	return nil
}

func (h *fakeHost) Apply(_ context.Context, events []*wire.Event, onDelivered func()) error {
	h.note("events %d to %d", events[0].GetSeq(), events[len(events)-1].GetSeq())
	onDelivered()
	return nil
}

type play struct {
	host  *fakeHost
	conns chan *fakeConn
	s     *session.Session
	dial  func() error
	done  chan error

	addresses func() ([]netip.Addr, error) // nil: none, always
}

func start(t *testing.T) *play {
	t.Helper()
	p := &play{
		host: &fakeHost{answered: map[int64]uint32{}}, conns: make(chan *fakeConn, 10), done: make(chan error, 1),
	}
	p.s = session.New(session.Options{
		Host: p.host, Local: true, Logger: slog.New(slog.DiscardHandler),
		Addresses: func() ([]netip.Addr, error) {
			if p.addresses == nil {
				return nil, nil
			}
			return p.addresses()
		},
		Dial: func(context.Context) (session.Conn, error) {
			if p.dial != nil {
				if err := p.dial(); err != nil {
					return nil, err
				}
			}
			c := newFakeConn()
			p.conns <- c
			return c, nil
		},
	})
	return p
}

func (p *play) run(ctx context.Context) { p.done <- p.s.Run(ctx) }

func want(t *testing.T, p *play, lines ...string) {
	t.Helper()
	synctest.Wait()
	if got := p.host.read(); fmt.Sprint(got) != fmt.Sprint(lines) {
		t.Errorf("got %q, want %q", got, lines)
	}
}

func TestSession_backs_off_with_jitter_up_to_30_seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		var tries []time.Time
		p.dial = func() error { tries = append(tries, time.Now()); return errGone }
		go p.run(ctx)
		<-time.After(10 * time.Minute)
		cancel()
		if err := <-p.done; err != nil {
			t.Errorf("got %v, want nil after cancellation", err)
		}
		if len(tries) < 25 {
			t.Errorf("got %d attempts in ten minutes, want at least 25", len(tries))
		}
		for i := 1; i < len(tries); i++ {
			bound := min(30*time.Second, 250*time.Millisecond<<min(i-1, 20))
			if gap := tries[i].Sub(tries[i-1]); gap > bound {
				t.Errorf("attempt %d came after %v, want at most %v", i, gap, bound)
			}
		}
	})
}

func TestSession_Reconnect_does_not_wait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		refuse := true
		tries := 0
		p.dial = func() error {
			if tries++; refuse {
				return errGone
			}
			return nil
		}
		go p.run(ctx)
		for time.Until(p.s.RetryAt()) < 5*time.Second { // until a long wait is ahead
			<-time.After(100 * time.Millisecond)
		}
		began := time.Now()
		refuse = false
		p.s.Reconnect()
		welcome(<-p.conns)
		synctest.Wait()
		if waited := time.Since(began); waited > 0 || !p.s.IsOnline() {
			t.Errorf("online %v after %v, want at once", p.s.IsOnline(), waited)
		}
		cancel()
		if err := <-p.done; err != nil {
			t.Errorf("got %v, want nil after cancellation", err)
		}
	})
}

func TestSession_resends_in_order_after_a_loss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for row := range int64(100) {
			p.host.outbox = append(p.host.outbox, session.Outgoing{Row: row + 1, Send: &wire.Send{Id: uint32(row + 1)}})
		}
		go p.run(ctx)
		c := <-p.conns
		welcome(c)
		want(t, p, "state 6", "state 1")
		if n := len(c.sent); n != wire.MaxInFlight-8 {
			t.Errorf("got %d messages in flight, want %d", n, wire.MaxInFlight-8)
		}
		first := (<-c.sent).GetRequest()
		respond(c, &wire.Response{Id: first.GetId(), Payload: &wire.Response_Send{Send: &wire.SendReply{Status: 1}}})
		want(t, p, "answered 1")
		_ = c.Close()
		c = <-p.conns
		welcome(c)
		synctest.Wait()
		for row := uint32(2); row <= 100; row++ {
			r := (<-c.sent).GetRequest()
			if r.GetSend().GetId() != row {
				t.Fatalf("got message %d, want %d", r.GetSend().GetId(), row)
			}
			respond(c, &wire.Response{Id: r.GetId(), Payload: &wire.Response_Send{Send: &wire.SendReply{Status: 1}}})
		}
		synctest.Wait()
		if len(p.host.answered) != 100 {
			t.Errorf("got %d answered, want 100", len(p.host.answered))
		}
		cancel()
		if err := <-p.done; err != nil {
			t.Errorf("got %v, want nil after cancellation", err)
		}
	})
}

// TestSession_waits_as_the_server_asks: a message that the server puts off is sent again, in order and not too early; what
// is stored nowhere is asked again on the same connection.
func TestSession_waits_as_the_server_asks(t *testing.T) {
	for name, result := range map[string]uint32{"later": wire.ResultRetryLater, "rate": wire.ResultRateLimit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go p.run(ctx)
				c := <-p.conns
				welcome(c)
				synctest.Wait()
				var answers []*wire.Response
				query := &wire.Request{Op: &wire.Request_GroupGet{GroupGet: &wire.GroupGet{GroupId: 1}}}
				p.s.Ask(query, func(r *wire.Response) { answers = append(answers, r) })
				const after = 40 * time.Second // longer than any backoff
				later := func(c *fakeConn, r *wire.Request) {
					respond(c, &wire.Response{Id: r.GetId(), Result: result, RetryAfter: uint32(after.Milliseconds())})
				}
				began := time.Now()
				later(c, (<-c.sent).GetRequest())
				again := (<-c.sent).GetRequest()
				if waited := time.Since(began); waited < after || again.GetGroupGet().GetGroupId() != 1 {
					t.Errorf("got %v after %v, want the query after %v", again, waited, after)
				}
				respond(c, &wire.Response{Id: again.GetId()})
				synctest.Wait()
				if len(answers) != 1 || answers[0] == nil {
					t.Errorf("got answers %v, want one", answers)
				}
				for row := range int64(3) {
					p.host.outbox = append(p.host.outbox, session.Outgoing{Row: row + 1, Send: &wire.Send{Id: uint32(row + 1)}})
				}
				p.s.Wake()
				began = time.Now()
				later(c, (<-c.sent).GetRequest())
				c = <-p.conns
				if waited := time.Since(began); waited < after {
					t.Errorf("connected again after %v, want %v", waited, after)
				}
				welcome(c)
				for id := range uint32(3) {
					if got := (<-c.sent).GetRequest().GetSend().GetId(); got != id+1 {
						t.Errorf("got message %d, want %d", got, id+1)
					}
				}
				cancel()
				if err := <-p.done; err != nil {
					t.Errorf("got %v, want nil after cancellation", err)
				}
			})
		})
	}
}

func TestSession_acks_what_was_told(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go p.run(ctx)
		c := <-p.conns
		welcome(c)
		want(t, p, "state 6", "state 1")
		for seq := uint64(1); seq <= 3; seq++ {
			events := &wire.Events{Events: []*wire.Event{{Seq: seq}}}
			c.feed <- &wire.ServerFrame{Body: &wire.ServerFrame_Events{Events: events}}
			synctest.Wait()
		}
		want(t, p, "events 1 to 1", "events 2 to 2", "events 3 to 3")
		var last uint64
		for len(c.sent) > 0 {
			last = (<-c.sent).GetAck().GetSeq()
		}
		if last != 3 {
			t.Errorf("got ack %d, want 3", last)
		}
		cancel()
		if err := <-p.done; err != nil {
			t.Errorf("got %v, want nil after cancellation", err)
		}
	})
}

func TestSession_ends_for_good(t *testing.T) {
	for _, c := range []struct {
		name   string
		status uint32
		err    error
		state  string
	}{
		{"signed_in_elsewhere", wire.ConnSignOut, session.ErrSignedOut, "state 3"},
		{"token_revoked", wire.ConnAuthFail, session.ErrRefused, "state 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t)
				go p.run(t.Context())
				conn := <-p.conns
				welcome(conn)
				conn.feed <- &wire.ServerFrame{Body: &wire.ServerFrame_Goodbye{Goodbye: &wire.Goodbye{
					Status: c.status,
					Reason: "because",
				}}}
				if err := <-p.done; !errors.Is(err, c.err) {
					t.Errorf("got %v, want %v", err, c.err)
				}
				want(t, p, "state 6", "state 1", c.state)
			})
		})
	}
}

func TestSession_server_that_breaks_the_protocol(t *testing.T) {
	for name, frame := range map[string]*wire.ServerFrame{
		"answer_to_no_request": {Body: &wire.ServerFrame_Response{Response: &wire.Response{Id: 12345}}},
		"retry_later":          {Body: &wire.ServerFrame_Goodbye{Goodbye: &wire.Goodbye{Status: wire.ConnOffline}}},
		"shutdown":             {Body: &wire.ServerFrame_Goodbye{Goodbye: &wire.Goodbye{Status: wire.ConnShutdown}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go p.run(ctx)
				conn := <-p.conns
				welcome(conn)
				synctest.Wait()
				conn.feed <- frame
				welcome(<-p.conns) // it comes back
				synctest.Wait()
				if !p.s.IsOnline() {
					t.Error("not online again")
				}
				cancel()
				if err := <-p.done; err != nil {
					t.Errorf("got %v, want nil after cancellation", err)
				}
			})
		})
	}
}

// TestSession_network_changes: a connection that began at an address which is lost is made anew at once; another one is
// made sure of.
func TestSession_network_changes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wifi, lte := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1")
		var mu sync.Mutex
		addresses := []netip.Addr{wifi}
		p := start(t)
		have := func(list ...netip.Addr) {
			mu.Lock()
			addresses = list
			mu.Unlock()
			p.s.CheckNetwork()
			synctest.Wait()
		}
		p.addresses = func() ([]netip.Addr, error) {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(addresses), nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer func() {
			cancel()
			if err := <-p.done; err != nil {
				t.Error(err)
			}
		}()
		go p.run(ctx)
		c := <-p.conns
		c.local = wifi
		welcome(c)
		synctest.Wait()
		p.s.CheckNetwork()
		synctest.Wait()
		if c.probes.Load() != 0 {
			t.Error("asked though nothing has changed")
		}
		have(wifi, lte)
		if c.probes.Load() != 1 {
			t.Error("not asked when there is another network")
		}
		began := time.Now()
		have(lte)
		again := <-p.conns
		if waited := time.Since(began); waited > 250*time.Millisecond {
			t.Errorf("connected again after %v", waited)
		}
		again.local = lte
		welcome(again)
		synctest.Wait()
		mu.Lock()
		addresses = nil
		mu.Unlock()
		began = time.Now()
		<-again.gone // noticed without being asked
		if waited := time.Since(began); waited > 2*time.Second {
			t.Errorf("noticed after %v", waited)
		}
	})
}
