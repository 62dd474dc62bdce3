package session

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// query is a request that is stored nowhere.
type query struct {
	request *wire.Request
	answer  func(*wire.Response)
}

const mostQueries = 256 // that wait to be sent

func (l *link) ask(q query) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.pendingQueries)+len(l.delayed) >= mostQueries {
		return false
	}
	l.pendingQueries = append(l.pendingQueries, q)
	l.wakeWriter()
	return true
}

// delayed is a query that the server did not take.
type delayed struct {
	query

	timer *time.Timer // sends it again
}

// askLater sends a query again after some time.
func (l *link) askLater(id uint64, q query, after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delayed[id] = delayed{q, time.AfterFunc(after, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if _, ok := l.delayed[id]; !ok { // the connection has ended
			return
		}
		delete(l.delayed, id)
		l.pendingQueries = append(l.pendingQueries, q)
		l.wakeWriter()
	})}
}

// failPending answers all queries with nil: no answer will come.
func (l *link) failPending() {
	l.mu.Lock()
	l.closed = true
	left := l.pendingQueries
	for _, q := range l.queries {
		left = append(left, q)
	}
	for _, d := range l.delayed {
		d.timer.Stop()
		left = append(left, d.query)
	}
	l.pendingQueries = nil
	clear(l.queries)
	clear(l.delayed)
	l.mu.Unlock()
	for _, q := range left {
		q.answer(nil)
	}
}

// room returns how many requests other than messages may be sent now.
func (l *link) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, reserved-1-(len(l.inFlight)-len(l.rows)))
}

func (w *writer) sendOperations(ctx context.Context) error {
	room := w.l.room()
	if room == 0 {
		return nil
	}
	ops, err := w.l.host.Operations(ctx, w.afterOp, room)
	if err != nil {
		return fmt.Errorf("read requests: %w", err)
	}
	for _, op := range ops {
		w.afterOp = op.ID
		r := w.l.register(op.Request)
		w.l.mu.Lock()
		w.l.ops[r.GetId()] = op
		w.l.mu.Unlock()
		if err := w.l.conn.Write(request(r)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) sendQueries() error {
	for w.l.room() > 0 {
		w.l.mu.Lock()
		if len(w.l.pendingQueries) == 0 {
			w.l.mu.Unlock()
			return nil
		}
		q := w.l.pendingQueries[0]
		w.l.pendingQueries = w.l.pendingQueries[1:]
		w.l.mu.Unlock()
		r := w.l.register(q.request)
		w.l.mu.Lock()
		w.l.queries[r.GetId()] = q
		w.l.mu.Unlock()
		if err := w.l.conn.Write(request(r)); err != nil {
			return err
		}
	}
	return nil
}
