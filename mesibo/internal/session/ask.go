package session

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
)

// question is a request that is stored nowhere.
type question struct {
	request *wire.Request
	answer  func(*wire.Response)
}

const mostQuestions = 256 // that wait to be sent

func (l *link) ask(q question) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.asking) >= mostQuestions {
		return false
	}
	l.asking = append(l.asking, q)
	l.wakeWriter()
	return true
}

// hangUp tells everybody who waits for an answer that none will come.
func (l *link) hangUp() {
	l.mu.Lock()
	l.closed = true
	left := l.asking
	for _, q := range l.asked {
		left = append(left, q)
	}
	l.asking = nil
	clear(l.asked)
	l.mu.Unlock()
	for _, q := range left {
		q.answer(nil)
	}
}

// room tells how many requests other than messages may be sent now.
func (l *link) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, reserved-1-(len(l.pending)-len(l.rows)))
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

func (w *writer) sendQuestions() error {
	for w.l.room() > 0 {
		w.l.mu.Lock()
		if len(w.l.asking) == 0 {
			w.l.mu.Unlock()
			return nil
		}
		q := w.l.asking[0]
		w.l.asking = w.l.asking[1:]
		w.l.mu.Unlock()
		r := w.l.register(q.request)
		w.l.mu.Lock()
		w.l.asked[r.GetId()] = q
		w.l.mu.Unlock()
		if err := w.l.conn.Write(request(r)); err != nil {
			return err
		}
	}
	return nil
}
