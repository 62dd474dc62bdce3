// Package pairs drives pairs of users whose messages go through a server, of whatever kind: one sends, the other answers
// with a delivery receipt, and the time until the receipt is back at the sender is measured.
package pairs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Link is a pair of connected devices.
type Link interface {
	// Send sends one message with a request for a delivery receipt. One goroutine calls it.
	Send() error
	// Receipts reads on the sender's device, and calls done with the number of messages whose receipts have come, oldest
	// first. It returns when the connection ends.
	Receipts(done func(n int)) error
	// Answer reads on the recipient's device and answers each message with a receipt. It returns when the connection ends.
	Answer() error
	// Close ends both connections. Any goroutine may call it, more than once.
	Close()
}

// Options say how pairs send.
type Options struct {
	Duration time.Duration
	Window   int // messages under way in each pair
	Rate     int // messages a second of all pairs, whether answered or not; 0: as many as the window lets
}

// Drive has all pairs send until the time is over and the last receipt is back, and returns how long each message took,
// shortest first, and how long all of it took. With a rate, the time of a message counts from when it was due. Drive
// closes the links.
func Drive(ctx context.Context, links []Link, o Options) (took []time.Duration, elapsed time.Duration, err error) {
	g, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, func() {
		for _, l := range links {
			l.Close()
		}
	})()
	start := time.Now()
	all := make([]*pair, len(links))
	for i, l := range links {
		p := &pair{link: l, free: make(chan struct{}, o.Window), next: start, deadline: start.Add(o.Duration)}
		if o.Rate > 0 {
			p.every = time.Second * time.Duration(len(links)) / time.Duration(o.Rate)
			p.next = start.Add(p.every * time.Duration(i) / time.Duration(len(links)))
		}
		all[i] = p
		g.Go(func() error { return p.send(ctx) })
		g.Go(p.receipts)
		g.Go(p.answer)
	}
	if err := g.Wait(); err != nil {
		return nil, 0, fmt.Errorf("drive: %w", err)
	}
	elapsed = time.Since(start)
	for _, p := range all {
		took = append(took, p.took...)
	}
	slices.Sort(took)
	return took, elapsed, nil
}

type pair struct {
	link     Link
	free     chan struct{} // holds one element for each message under way
	every    time.Duration
	next     time.Time // when the next message is due
	deadline time.Time

	mu       sync.Mutex
	underway []time.Time // when the messages under way were due, oldest first
	finished bool        // all are sent
	closed   bool
	took     []time.Duration
}

func (p *pair) send(ctx context.Context) error {
	defer p.finish()
	for time.Now().Before(p.deadline) {
		due := time.Now()
		if p.every > 0 {
			due = p.next
			p.next = due.Add(p.every)
			if due.After(p.deadline) {
				return nil
			}
			timer := time.NewTimer(time.Until(due))
			select {
			case <-timer.C:
			case <-ctx.Done():
				return nil
			}
		}
		select {
		case p.free <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		if p.every == 0 {
			due = time.Now()
		}
		p.mu.Lock()
		p.underway = append(p.underway, due)
		p.mu.Unlock()
		if err := p.link.Send(); err != nil {
			return fmt.Errorf("send: %w", err)
		}
	}
	return nil
}

// finish closes the link when nothing is under way.
func (p *pair) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished = true
	p.closeIdle()
}

// closeIdle is called with the lock.
func (p *pair) closeIdle() {
	if p.finished && len(p.underway) == 0 {
		p.closed = true
		p.link.Close()
	}
}

func (p *pair) receipts() error {
	err := p.link.Receipts(func(n int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for range min(n, len(p.underway)) {
			p.took = append(p.took, time.Since(p.underway[0]))
			p.underway = p.underway[1:]
			<-p.free
		}
		p.closeIdle()
	})
	return p.ended("receipts", err)
}

func (p *pair) answer() error { return p.ended("answer", p.link.Answer()) }

// ended returns the error of a connection that has ended, unless that was meant.
func (p *pair) ended(what string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	if err == nil {
		return fmt.Errorf("%s: the connection ended with %d messages under way", what, len(p.underway))
	}
	return fmt.Errorf("%s: %w", what, err)
}
