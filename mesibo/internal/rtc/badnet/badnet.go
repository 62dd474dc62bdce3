// Package badnet makes bad networks for tests.
package badnet

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lineLength is how many packets can be on their way at once.
const lineLength = 16_384

// Conn is a socket on this machine whose packets go through a bad network: a share of the media and of its reports is
// lost, all are delayed and stay in order, and none comes through while it is blocked.
type Conn struct {
	net.PacketConn

	Loss    atomic.Int64 // of packets of media and its reports, per mille
	Blocked atomic.Bool
	Sent    atomic.Int64 // packets of media

	delay time.Duration
	line  chan delayed
}

type delayed struct {
	at   time.Time
	data []byte
	to   net.Addr
}

// Listen opens a socket that delays what it sends. It is closed at the end of the test.
func Listen(t testing.TB, delay time.Duration) *Conn {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Conn{PacketConn: conn, delay: delay, line: make(chan delayed, lineLength)}
	var running sync.WaitGroup
	done := make(chan struct{})
	running.Go(func() { c.deliver(done) }) // one goroutine, or a busy machine would reorder packets
	t.Cleanup(func() {
		close(done)
		running.Wait()
		conn.Close()
	})
	return c
}

func (c *Conn) deliver(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case d := <-c.line:
			select {
			case <-done:
				return
			case <-time.After(time.Until(d.at)):
			}
			if _, err := c.PacketConn.WriteTo(d.data, d.to); err != nil {
				return // it is closed
			}
		}
	}
}

// WriteTo implements net.PacketConn.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.Blocked.Load() {
		return len(b), nil
	}
	media := len(b) > 1 && b[0] >= 128 && b[0] < 192
	if media && (b[1] < 192 || b[1] > 223) { // and no report
		c.Sent.Add(1)
	}
	if !media || rand.Int64N(1000) >= c.Loss.Load() { //nolint:gosec // it decides nothing but a test
		select {
		case c.line <- delayed{time.Now().Add(c.delay), append([]byte(nil), b...), to}:
		default: // a router's queue is full
		}
	}
	return len(b), nil
}
