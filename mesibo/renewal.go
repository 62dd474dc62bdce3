package mesibo

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// renewAgain is how long after a failed renewal of the access token the next one is tried, unless there is a new connection
// before.
const renewAgain = 15 * time.Minute

// renewal is when a run is to renew the access token.
type renewal struct {
	wake chan struct{} // receives when there is another time

	mu    sync.Mutex
	due   time.Time     // zero: not before the next connection
	hello time.Time     // when it is due by the Hello of a connection that is about to be online
	ahead time.Duration // of this machine's clock before that of the server

	// next is the token that is asked for. It stays until it is in use, so that a request whose answer was lost is repeated.
	next *wire.Token // of the renewing goroutine
}

func newRenewal() *renewal { return &renewal{wake: make(chan struct{}, 1)} }

// welcome notes what the server says of the token.
func (n *renewal) welcome(reply *wire.HelloReply) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ahead = time.Since(time.UnixMilli(int64(reply.GetTime())))
	n.hello = n.local(reply.GetTokenRenew())
}

// local returns a time of the server by this machine's clock, the zero time for 0. Under mu.
func (n *renewal) local(milli uint64) time.Time {
	if milli == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(milli)).Add(n.ahead)
}

// online is called when the connection can be asked.
func (n *renewal) online() {
	n.mu.Lock()
	n.due = n.hello
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// await waits until the token is to be renewed; false when ctx has ended.
func (n *renewal) await(ctx context.Context) bool {
	for {
		n.mu.Lock()
		timer := time.NewTimer(time.Until(n.due))
		if n.due.IsZero() {
			timer.Stop()
		}
		n.mu.Unlock()
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-n.wake:
			timer.Stop()
		case <-timer.C:
			n.mu.Lock()
			isDue := !n.due.IsZero() && !time.Now().Before(n.due)
			if isDue {
				n.due = time.Time{}
			}
			n.mu.Unlock()
			if isDue {
				return true
			}
		}
	}
}

// again sets when the token is to be renewed next.
func (n *renewal) again(due time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.due = due
}

// renewToken renews the access token whenever that is due, until ctx ends.
func (r *run) renewToken(ctx context.Context) error {
	if r.m.saveToken == nil {
		return nil
	}
	for r.renewal.await(ctx) {
		if err := r.renewNow(ctx); err != nil {
			r.m.log.Warn("the access token is not renewed", slog.Any("error", err))
			r.renewal.again(time.Now().Add(renewAgain))
		}
	}
	return nil
}

// renewNow asks the server for another token and stores it. Without a connection it does nothing: the next one brings it
// back.
func (r *run) renewNow(ctx context.Context) error {
	if r.renewal.next == nil {
		r.renewal.next = new(wire.NewToken("", "", nil))
	}
	hash := r.renewal.next.Hash()
	answered := make(chan *wire.Response, 1)
	request := &wire.Request{Op: &wire.Request_RenewToken{RenewToken: &wire.RenewToken{Hash: hash[:]}}}
	if !r.session.Ask(request, func(res *wire.Response) { answered <- res }) {
		return nil
	}
	var res *wire.Response
	select {
	case <-ctx.Done():
		return nil
	case res = <-answered:
	}
	switch {
	case res == nil:
		return nil
	case res.GetResult() != wire.ResultOK:
		return fmt.Errorf("result %d: %s", res.GetResult(), res.GetReason())
	}
	if err := r.m.changeSecret(r.renewal.next.Secret); err != nil {
		return err
	}
	r.renewal.next = nil
	r.renewal.mu.Lock()
	defer r.renewal.mu.Unlock()
	r.renewal.due = r.renewal.local(res.GetRenewToken().GetRenew())
	return nil
}

// changeSecret stores the access token with another secret, and uses it when it is stored. The one before is kept.
func (m *Mesibo) changeSecret(secret [wire.SecretSize]byte) error {
	m.saving.Lock()
	defer m.saving.Unlock()
	m.mu.Lock()
	if m.token == nil {
		m.mu.Unlock()
		return nil
	}
	token := *m.token
	m.mu.Unlock()
	next := token
	next.Secret = secret
	if err := m.keepPrevious(&token, &next); err != nil {
		return fmt.Errorf("store the previous one: %w", err)
	}
	text := next.String()
	if err := m.saveToken(text); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token, m.bearer = &next, text
	return nil
}

// getBearer returns the printed access token of now.
func (m *Mesibo) getBearer() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bearer
}
