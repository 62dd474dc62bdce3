// Package transfer moves files between this device and its server: uploads by tus 1.0.0, downloads by HTTP ranges.
// Both go on where they were after a lost connection, and after the end of either side. It knows neither messages
// nor tables.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Client reaches one server. Its fields do not change once it is used.
type Client struct {
	// HTTP reaches the server.
	HTTP *http.Client
	// Elsewhere fetches files from other servers, without the token.
	Elsewhere *http.Client
	// Base is the server's URL, Bearer returns the token, which goes to this server alone.
	Base   *url.URL
	Bearer func() string
	// Folder is the path below which the server has files.
	Folder string
	// UploadRate and DownloadRate bound the bytes per second of all transfers together; nil: unlimited.
	UploadRate, DownloadRate *rate.Limiter
	// Online waits until there is a connection; nil: there always is.
	Online func(ctx context.Context) error
	// Woken returns a channel that is closed when a connection comes up; nil when unknown.
	Woken func() <-chan struct{}
	// Free returns how many bytes there is room for in a folder; nil: the system is asked.
	Free func(folder string) (uint64, error)
	// Patience is how long a transfer may stand still before it starts again: 60 seconds. Backoff is the first
	// delay: 200 ms.
	Patience, Backoff time.Duration
}

const (
	defaultPatience = 60 * time.Second
	defaultBackoff  = 200 * time.Millisecond
	maxBackoff      = 30 * time.Second
	// mostFailures is how often a transfer fails in a row, without a byte moved, before others get its place.
	mostFailures = 8
)

// NewLimiter makes a limiter of bytes per second; 0 is unlimited.
func NewLimiter(bytesPerSecond int64) *rate.Limiter {
	limit := limitOf(bytesPerSecond)
	return rate.NewLimiter(limit, pieceFor(limit))
}

// SetLimit changes a limiter of bytes per second, also for transfers that run; 0 is unlimited.
func SetLimit(l *rate.Limiter, bytesPerSecond int64) {
	limit := limitOf(bytesPerSecond)
	l.SetLimit(limit)
	l.SetBurst(pieceFor(limit))
}

func limitOf(bytesPerSecond int64) rate.Limit {
	if bytesPerSecond <= 0 {
		return rate.Inf
	}
	return rate.Limit(bytesPerSecond)
}

// here reports how a file of this server is reached, whatever address of the server its URL names; false when the
// URL is not one of such a file.
func (c *Client) here(ref string) (target string, ok bool) {
	u, err := c.Base.Parse(ref)
	if err != nil {
		return "", false
	}
	id, ok := strings.CutPrefix(u.Path, c.Folder)
	if !ok || id == "" || strings.Trim(id, idCharacters) != "" || u.RawQuery != "" {
		return "", false
	}
	return c.Base.JoinPath(c.Folder, id).String(), true
}

// idCharacters are those of which a server makes the names of files.
const idCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// online waits until there is a connection.
func (c *Client) online(ctx context.Context) error {
	if c.Online == nil {
		return context.Cause(ctx) //nolint:wrapcheck // cancellation is returned unchanged
	}
	return c.Online(ctx)
}

// retry calls try until it ends well or for good, or has failed too often in a row without getting further.
func (c *Client) retry(ctx context.Context, m *meter, try func(ctx context.Context) error) error {
	failures := 0
	for {
		if err := c.online(ctx); err != nil {
			return err
		}
		before := m.settled()
		err := try(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx) //nolint:wrapcheck // cancellation is returned unchanged
		}
		again, ok := errors.AsType[*againError](err)
		if !ok {
			return err
		}
		if m.settled() > before {
			failures = 0
		}
		if failures++; failures > mostFailures {
			return fmt.Errorf("%w: %w", ErrLater, err)
		}
		if err := c.pause(ctx, c.delay(failures, again.after)); err != nil {
			return err
		}
	}
}

// delay is how long to wait after a number of failures in a row, at least as long as the server says.
func (c *Client) delay(failures int, after time.Duration) time.Duration {
	first := c.Backoff
	if first == 0 {
		first = defaultBackoff
	}
	bound := min(first<<(failures-1), maxBackoff)
	return max(after, bound/2+rand.N(bound/2+1)) //nolint:gosec // spreads the load, no secret
}

// pause waits, or until a connection comes up.
func (c *Client) pause(ctx context.Context, d time.Duration) error {
	var woken <-chan struct{}
	if c.Woken != nil {
		woken = c.Woken()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-woken:
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // cancellation is returned unchanged
	}
	return nil
}
