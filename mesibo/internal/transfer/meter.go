package transfer

import (
	"context"
	"io"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// meter counts the bytes of one transfer and reports how far it is. What it reports never falls.
type meter struct {
	mu     sync.Mutex
	total  int64
	done   int64 // known to have arrived
	shown  int64
	report func(done, total int64)
}

// settle notes that the first n bytes have arrived.
func (m *meter) settle(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = n
	m.show(n)
}

func (m *meter) settled() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done
}

// underway notes that the first n bytes are on their way.
func (m *meter) underway(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.show(n)
}

func (m *meter) begin(total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total = total
}

// show reports. Under mu, so that reports come one after another.
func (m *meter) show(n int64) {
	if n <= m.shown || m.report == nil {
		return
	}
	m.shown = n
	m.report(n, m.total)
}

const (
	// piece is how much is read at once: a limit on the bandwidth is kept piece by piece.
	piece      = 256 << 10
	smallPiece = 4 << 10
)

// pieceFor returns the size of pieces: under a low limit small ones, so that something moves all the time.
func pieceFor(limit rate.Limit) int {
	if limit >= 4*piece {
		return piece
	}
	return max(smallPiece, int(limit)/4)
}

// watched is a body under way: it keeps the limit on the bandwidth, and notes that something moves.
type watched struct {
	ctx   context.Context //nolint:containedctx // of the request whose body it is
	r     io.Reader
	limit *rate.Limiter
	moved func(b []byte) // called with each piece
}

func (w *watched) Read(b []byte) (int, error) {
	if w.limit != nil {
		b = b[:min(len(b), w.limit.Burst())]
	}
	n, err := w.r.Read(b)
	if n > 0 {
		if err := w.pay(n); err != nil {
			return 0, err
		}
		w.moved(b[:n])
	}
	return n, err //nolint:wrapcheck // io.EOF above all
}

// pay waits until the limit lets so many bytes through, also when it is lowered meanwhile.
func (w *watched) pay(n int) error {
	for w.limit != nil && n > 0 {
		part := min(n, w.limit.Burst())
		if err := w.limit.WaitN(w.ctx, part); err == nil {
			n -= part
		} else if w.ctx.Err() != nil {
			return context.Cause(w.ctx) //nolint:wrapcheck // cancellation is returned unchanged
		}
	}
	return nil
}

func (c *Client) patience() time.Duration {
	if c.Patience > 0 {
		return c.Patience
	}
	return defaultPatience
}

// patient returns a context that ends when touch is not called for too long.
func (c *Client) patient(ctx context.Context) (limited context.Context, touch func(), release func()) {
	patience := c.patience()
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(patience, func() { cancel(errStalled) })
	touch = func() { timer.Reset(patience) }
	release = func() {
		timer.Stop()
		cancel(nil)
	}
	return limited, touch, release
}
