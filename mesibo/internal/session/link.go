package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	signInTimeout = 15 * time.Second
	headInterval  = 30 * time.Second
	reserved      = 8                   // requests in flight kept free for others than messages
	mostQueued    = 4 * wire.MaxUnacked // events a server may send ahead of our acks, generously
)

var errProtocol = errors.New("the server broke the protocol")

// link is one signed-in connection: a reader, a writer, and an applier that stores what was read, so that neither the
// disk nor a slow listener keeps the reader from answering pings.
type link struct {
	host Host
	conn Conn
	log  *slog.Logger

	window     int           // messages in flight
	writeReady chan struct{} // for the writer
	inboxReady chan struct{} // for the applier

	mu             sync.Mutex
	nextID         uint64
	inFlight       map[uint64]*wire.Request // all requests in flight, without their content
	rows           map[uint64]Outgoing      // messages in flight by request
	transits       []Outgoing               // transient messages to be sent
	ops            map[uint64]Operation     // stored requests in flight
	queries        map[uint64]query         // requests that are stored nowhere, in flight
	pendingQueries []query                  // the same, to be sent
	delayed        map[uint64]delayed       // the same, to be sent later, by their last request
	closed         bool                     // nothing more can be asked
	ackTo          uint64                   // events delivered to the application
	profiles       uint64                   // newest revision of profiles the server has
	received       uint64                   // newest event received
	inbox          []*wire.ServerFrame      // read, not yet applied
	queued         int                      // events in inbox
}

func newLink(host Host, conn Conn, log *slog.Logger) *link {
	return &link{
		host: host, conn: conn, log: log,
		writeReady: make(chan struct{}, 1), inboxReady: make(chan struct{}, 1),
		inFlight: make(map[uint64]*wire.Request), rows: make(map[uint64]Outgoing),
		ops: make(map[uint64]Operation), queries: make(map[uint64]query),
		delayed: make(map[uint64]delayed),
	}
}

// signIn says hello and waits for the answer.
func (l *link) signIn(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() }) // makes Read return
	defer stop()
	timer := time.AfterFunc(signInTimeout, func() { _ = l.conn.Close() })
	defer timer.Stop()
	hello := l.host.Hello()
	if err := l.conn.Write(request(l.register(&wire.Request{Op: &wire.Request_Hello{Hello: hello}}))); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	frame, err := l.conn.Read()
	if err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	if g := frame.GetGoodbye(); g != nil {
		return goodbyeError(g)
	}
	answer := frame.GetResponse()
	switch {
	case laterOf(answer) != nil:
		return laterOf(answer)
	case answer.GetResult() == wire.ResultAuthFail:
		return fmt.Errorf("%w: %s", ErrRefused, answer.GetReason())
	case answer.GetResult() != wire.ResultOK:
		return fmt.Errorf("%w: hello answered with result %d: %s", errGoodbye, answer.GetResult(), answer.GetReason())
	case answer.GetHello() == nil:
		return fmt.Errorf("%w: no answer to hello", errProtocol)
	}
	reply := answer.GetHello()
	delete(l.inFlight, answer.GetId())
	l.window = max(1, min(int(reply.GetMaxInFlight()), wire.MaxInFlight)-reserved)
	l.profiles = reply.GetProfileRevision()
	l.received = reply.GetStart()
	if err := l.host.Welcome(reply); err != nil {
		return fmt.Errorf("store sign-in: %w", err)
	}
	return nil
}

func request(r *wire.Request) *wire.ClientFrame {
	return &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: r}}
}

// register assigns a request its id.
func (l *link) register(r *wire.Request) *wire.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.nextID++
	r.Id = l.nextID
	l.inFlight[r.Id] = r
	return r
}

// run serves the connection until it ends and returns why.
func (l *link) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() }) // makes reader and writer return
	defer stop()
	group.Go(l.read)
	group.Go(func() error { return l.write(ctx) })
	group.Go(func() error { return l.apply(ctx) })
	return group.Wait() //nolint:wrapcheck // from our own functions
}

func (l *link) wakeWriter() { signal(l.writeReady) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (l *link) probe() {
	if err := l.conn.Probe(probeTimeout); err != nil {
		_ = l.conn.Close() // the reader reports it
	}
}

func (l *link) transmit(out Outgoing) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.transits) >= wire.MaxInFlight {
		return false
	}
	l.transits = append(l.transits, out)
	l.wakeWriter()
	return true
}

func (l *link) read() error {
	for {
		frame, err := l.conn.Read()
		if err != nil {
			return err
		}
		if g := frame.GetGoodbye(); g != nil {
			return goodbyeError(g)
		}
		l.mu.Lock()
		if n := len(frame.GetEvents().GetEvents()); n > 0 {
			l.queued += n
			l.received = max(l.received, frame.GetEvents().GetEvents()[n-1].GetSeq())
		}
		l.inbox = append(l.inbox, frame)
		overrun := l.queued > mostQueued
		l.mu.Unlock()
		if overrun {
			return fmt.Errorf("%w: %d events without waiting for acks", errProtocol, mostQueued)
		}
		signal(l.inboxReady)
	}
}

// ---- the applier ----

func (l *link) apply(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
		case <-l.inboxReady:
		}
		l.mu.Lock()
		frames := l.inbox
		l.inbox, l.queued = nil, 0
		l.mu.Unlock()
		if err := l.applyFrames(ctx, frames); err != nil {
			return err
		}
	}
}

// applyBatch collects neighbours of one kind, so that they go to the store together.
type applyBatch struct {
	l       *link
	events  []*wire.Event
	answers []SendResult
}

// applyFrames stores frames in order.
func (l *link) applyFrames(ctx context.Context, frames []*wire.ServerFrame) error {
	b := &applyBatch{l: l}
	for _, f := range frames {
		if err := b.add(ctx, f); err != nil {
			return err
		}
	}
	return b.flush(ctx)
}

func (b *applyBatch) add(ctx context.Context, f *wire.ServerFrame) error {
	switch body := f.GetBody().(type) {
	case *wire.ServerFrame_Events:
		if len(b.answers) > 0 || len(b.events)+len(body.Events.GetEvents()) > wire.MaxUnacked {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
		b.events = append(b.events, body.Events.GetEvents()...)
	case *wire.ServerFrame_Response:
		if len(b.events) > 0 {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
		answer, isMessage, err := b.l.response(body.Response)
		if err != nil {
			return errors.Join(b.flush(ctx), err)
		}
		if isMessage {
			b.answers = append(b.answers, answer)
		}
	case *wire.ServerFrame_Signal:
		if err := b.flush(ctx); err != nil {
			return err
		}
		b.l.signal(ctx, body.Signal)
	}
	return nil // Goodbye ended the reader; other kinds are of a later server
}

func (b *applyBatch) flush(ctx context.Context) error {
	if len(b.answers) > 0 {
		if err := b.l.host.ApplySendResults(b.answers); err != nil {
			return fmt.Errorf("%w answers: %w", errStorage, err)
		}
		b.answers = nil
	}
	if len(b.events) == 0 {
		return nil
	}
	last := b.events[len(b.events)-1].GetSeq()
	err := b.l.host.Apply(ctx, b.events, func() { b.l.ack(last) })
	b.events = nil
	if err != nil {
		return fmt.Errorf("%w events: %w", errStorage, err)
	}
	return nil
}

func (l *link) signal(ctx context.Context, s *wire.Signal) {
	if p := s.GetProfile(); p != nil {
		l.mu.Lock()
		l.profiles = max(l.profiles, p.GetRevision())
		l.mu.Unlock()
		l.wakeWriter()
		return
	}
	l.host.Signal(ctx, s)
}

func (l *link) ack(seq uint64) {
	l.mu.Lock()
	l.ackTo = max(l.ackTo, seq)
	l.mu.Unlock()
	l.wakeWriter()
}

// response handles an answer. isMessage reports whether it is about an Outgoing and has to be stored.
func (l *link) response(r *wire.Response) (answer SendResult, isMessage bool, err error) {
	l.mu.Lock()
	sent, known := l.inFlight[r.GetId()]
	out, op, q := l.rows[r.GetId()], l.ops[r.GetId()], l.queries[r.GetId()]
	delete(l.inFlight, r.GetId())
	delete(l.rows, r.GetId())
	delete(l.ops, r.GetId())
	delete(l.queries, r.GetId())
	l.mu.Unlock()
	if !known {
		return SendResult{}, false, fmt.Errorf("%w: answer to no request", errProtocol)
	}
	defer l.wakeWriter()
	switch later := laterOf(r); {
	case later == nil:
	case q.answer != nil:
		l.askLater(r.GetId(), q, later.after)
		return SendResult{}, false, nil
	default: // what is in flight behind it must not overtake it: connect again
		return SendResult{}, false, later
	}
	switch {
	case op.ID != 0:
		if err := l.host.OperationDone(op, r); err != nil {
			return SendResult{}, false, fmt.Errorf("store answer: %w", err)
		}
		return SendResult{}, false, nil
	case q.answer != nil:
		q.answer(r)
		return SendResult{}, false, nil
	}
	switch op := sent.GetOp().(type) {
	case *wire.Request_Send:
		return SendResult{Outgoing: out, Result: r.GetResult(), Reason: r.GetReason(), Reply: r.GetSend()}, true, nil
	case *wire.Request_MarkRead:
		if r.GetResult() != wire.ResultOK {
			l.log.Warn("read mark refused", slog.Int("result", int(r.GetResult())),
				slog.String("reason", r.GetReason()))
		}
		err = l.host.ReadMarkSent(op.MarkRead)
	case *wire.Request_ProfileSync:
		if r.GetResult() != wire.ResultOK {
			l.log.Warn("profiles refused", slog.Int("result", int(r.GetResult())), slog.String("reason", r.GetReason()))
			l.mu.Lock()
			l.profiles = 0
			l.mu.Unlock()
			break
		}
		err = l.host.Profiles(r.GetProfileSync())
	}
	if err != nil {
		return SendResult{}, false, fmt.Errorf("store answer: %w", err)
	}
	return SendResult{}, false, nil
}

// ---- the writer ----

type writer struct {
	l         *link
	acked     uint64
	after     int64 // the last outbox row sent on this connection
	afterOp   int64 // the last stored request sent on it
	marks     map[string]uint64
	lastCheck uint64 // what had been received when the head was last compared
}

func (l *link) write(ctx context.Context) error {
	w := &writer{l: l, marks: make(map[string]uint64)}
	check := time.NewTicker(headInterval)
	defer check.Stop()
	for {
		if err := w.writeAll(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
		case <-l.writeReady:
		case <-check.C:
			if err := w.checkHead(); err != nil {
				return err
			}
		}
	}
}

// checkHead finds events that the server has but did not send, between two checks.
func (w *writer) checkHead() error {
	w.l.mu.Lock()
	received := w.l.received
	w.l.mu.Unlock()
	if received == w.lastCheck && w.l.conn.Head() > received {
		return fmt.Errorf("%w: events were not sent", errProtocol)
	}
	w.lastCheck = received
	return nil
}

func (w *writer) writeAll(ctx context.Context) error {
	if err := w.ack(); err != nil {
		return err
	}
	if err := w.sendOutbox(ctx); err != nil {
		return err
	}
	if err := w.sendTransits(); err != nil {
		return err
	}
	if err := w.sendMarks(ctx); err != nil {
		return err
	}
	if err := w.sendOperations(ctx); err != nil {
		return err
	}
	if err := w.sendQueries(); err != nil {
		return err
	}
	return w.askProfiles()
}

func (w *writer) ack() error {
	w.l.mu.Lock()
	to := w.l.ackTo
	w.l.mu.Unlock()
	if to <= w.acked {
		return nil
	}
	w.acked = to
	return w.l.conn.Write(&wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: to}}})
}

func (w *writer) sendOutbox(ctx context.Context) error {
	for {
		w.l.mu.Lock()
		room := w.l.window - len(w.l.rows)
		w.l.mu.Unlock()
		if room <= 0 {
			return nil
		}
		outs, err := w.l.host.Outbox(ctx, w.after, room)
		if err != nil {
			return fmt.Errorf("read outbox: %w", err)
		}
		if len(outs) == 0 {
			return nil
		}
		for _, out := range outs {
			w.after = out.Row
			if err := w.send(out); err != nil {
				return err
			}
		}
	}
}

func (w *writer) send(out Outgoing) error {
	r := &wire.Request{Op: &wire.Request_Send{Send: out.Send}}
	w.l.mu.Lock()
	w.l.nextID++
	r.Id = w.l.nextID
	w.l.inFlight[r.Id] = r
	w.l.rows[r.Id] = out
	w.l.mu.Unlock()
	return w.l.conn.Write(request(r))
}

func (w *writer) sendTransits() error {
	for {
		w.l.mu.Lock()
		if len(w.l.transits) == 0 || len(w.l.rows) >= w.l.window {
			w.l.mu.Unlock()
			return nil
		}
		out := w.l.transits[0]
		w.l.transits = w.l.transits[1:]
		w.l.mu.Unlock()
		if err := w.send(out); err != nil {
			return err
		}
	}
}

func (w *writer) sendMarks(ctx context.Context) error {
	marks, err := w.l.host.ReadMarks(ctx)
	if err != nil {
		return fmt.Errorf("read marks: %w", err)
	}
	for _, mark := range marks {
		key := fmt.Sprint(mark.GetGroupId(), " ", mark.GetPeer())
		if w.l.room() == 0 || w.marks[key] >= mark.GetUpTo() {
			continue
		}
		w.marks[key] = mark.GetUpTo()
		r := w.l.register(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: mark}})
		if err := w.l.conn.Write(request(r)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) askProfiles() error {
	have := w.l.host.ProfileRevision()
	w.l.mu.Lock()
	wanted := w.l.profiles > have
	for _, r := range w.l.inFlight {
		if r.GetProfileSync() != nil {
			wanted = false
		}
	}
	w.l.mu.Unlock()
	if !wanted {
		return nil
	}
	r := w.l.register(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{Revision: have}}})
	return w.l.conn.Write(request(r))
}
