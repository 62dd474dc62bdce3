package server

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxOutbox bounds the frames other than events that wait to be written.
	maxOutbox = 4 * wire.MaxInFlight
	// lingerTime and lingerBytes bound how long a connection that has been said goodbye to is still read. Closing a
	// socket with unread data makes the peer's system discard the goodbye.
	lingerTime  = time.Second
	lingerBytes = 4 << 20
	// closeOverflow is the WebSocket close code for a client that does not read what it has asked for.
	closeOverflow = 4008
)

// conn is one connection of one device. One goroutine reads; another writes, but only while there is something to
// write, because most connections are idle and a parked goroutine costs five kilobytes. What both and the writer and
// hub touch is under mu.
type conn struct {
	s      *Server         // immutable, like all up to remote
	ws     *websocket.Conn // read by the reading goroutine, written by the writing one
	dev    *device
	remote string

	member        atomic.Pointer[member] // set when the Hello was accepted
	storageFailed atomic.Bool            // a commit failed; nothing more of this connection is committed
	inFlight      atomic.Int32           // requests whose response is not written
	writers       sync.WaitGroup         // the writing goroutine
	saidBye       bool                   // the writing goroutine's
	activities    *rate.Limiter          // the reading goroutine's; made with the first activity
	foreground    bool                   // somebody is at the device; under the member's mu

	mu      sync.Mutex
	closed  bool // reading has ended; no writing goroutine is started any more
	writing bool // the writing goroutine runs, or has ended for good
	again   bool // it has to look once more
	outbox  []*wire.ServerFrame
	pingDue bool
	// presenceDue are the users whose presence is to be sent, watching those that are watched.
	presenceDue map[uint32]struct{}
	watching    []uint32
	bye         *goodbye // not nil: the connection is ending
	feeding     bool     // the Hello was answered, events may be sent
	sent        uint64   // last event written
	acked       uint64   // last event acknowledged
	head        uint64   // newest event known
	live        liveQueue
}

// goodbye is how a connection ends.
type goodbye struct {
	status uint32
	reason string
	code   int  // WebSocket close code
	abrupt bool // what waits in the outbox is dropped
}

func newConn(s *Server, ws *websocket.Conn, dev *device, remote string) *conn {
	return &conn{s: s, ws: ws, dev: dev, remote: remote}
}

// run serves the connection until it ends. Idle connections wait below it, so its frame and that of read are kept
// small: the goroutine then makes do with four kilobytes.
func (c *conn) run() {
	err := c.read()
	c.finish(err)
}

// finish ends the connection after reading has ended.
func (c *conn) finish(err error) {
	defer c.s.leave(c)
	c.signOff()
	c.mu.Lock()
	c.closed = true
	ending := c.bye != nil
	c.mu.Unlock()
	if !ending {
		_ = c.ws.Close() // so that a write under way fails
	}
	c.writers.Wait()
	if ending {
		if !c.saidBye {
			c.write()
		}
		if !isTimeout(err) { // else the peer has had its time
			c.linger()
		}
		_ = c.ws.Close()
	}
	c.s.log.Debug("connection ended", slog.Any("error", err), slog.String("remote", c.remote))
}

// signOff takes the connection out of what others see.
func (c *conn) signOff() {
	if m := c.member.Load(); m != nil {
		if before, after := m.setForeground(c, false); before && !after {
			c.s.presence.left(c.dev.uid, true)
		}
	}
	c.s.hub.unregister(c)
	c.s.presence.forget(c)
}

// kick makes a writing goroutine look for work.
func (c *conn) kick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writing || c.closed {
		c.again = true
		return
	}
	c.writing = true
	c.writers.Go(c.write)
}

// rest tells the writing goroutine whether it may end for now.
func (c *conn) rest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.again {
		c.again = false
		return false
	}
	c.writing = false
	return true
}

// pingSoon has a ping sent.
func (c *conn) pingSoon() {
	c.mu.Lock()
	c.pingDue = true
	c.mu.Unlock()
	c.kick()
}

// respond queues the answer to a request. The caller kicks.
func (c *conn) respond(r *wire.Response) {
	c.enqueue(&wire.ServerFrame{Body: &wire.ServerFrame_Response{Response: r}})
}

func (c *conn) enqueue(f *wire.ServerFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bye != nil {
		return
	}
	if len(c.outbox) >= maxOutbox {
		c.s.metrics.refused("overflow")
		c.bye = &goodbye{status: wire.ConnOffline, reason: "too much waits to be read", code: closeOverflow, abrupt: true}
		return
	}
	c.outbox = append(c.outbox, f)
}

// end says goodbye and closes. Only the first call counts.
func (c *conn) end(g goodbye) {
	c.mu.Lock()
	if c.bye == nil {
		c.bye = &g
	}
	c.mu.Unlock()
	c.kick()
}

func (c *conn) ending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bye != nil
}

// storageFailure ends the connection because something it asked for could not be committed.
func (c *conn) storageFailure() {
	c.storageFailed.Store(true)
	c.end(goodbye{status: wire.ConnOffline, reason: "storage failed, send again later", code: websocket.CloseInternalServerErr})
}

// offer hands over a committed event.
func (c *conn) offer(e liveEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.seq <= c.head {
		if e.raw == nil {
			c.live.clear()
		}
		return
	}
	c.head = e.seq
	c.live.push(e)
}

// inTransit tells whether the event was sent here and is not acknowledged.
func (c *conn) inTransit(seq uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.feeding && c.acked < seq && seq <= c.sent
}

// errOversize is what reading ends with after a frame over the limit.
var errOversize = errors.New("frame over the limit")

// read takes frames until the connection ends.
func (c *conn) read() error {
	c.prepare()
	for {
		kind, r, err := c.ws.NextReader()
		if err := c.take(kind, r, err); err != nil {
			return err
		}
	}
}

// prepare sets up reading. No limit of gorilla's is set: it would answer a frame that is too long by itself, without
// goodbye. decode has its own.
func (c *conn) prepare() {
	c.ws.SetPingHandler(func(data string) error {
		c.extend()
		return c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(c.s.opts.WriteTimeout))
	})
	c.ws.SetPongHandler(func(string) error {
		c.extend()
		return nil
	})
	_ = c.ws.SetReadDeadline(time.Now().Add(c.s.opts.HelloTimeout))
}

// take serves one frame, as NextReader has returned it.
func (c *conn) take(kind int, r io.Reader, err error) error {
	var frame *wire.ClientFrame
	if err == nil {
		frame, err = c.decode(kind, r)
	}
	switch {
	case c.ending():
		return err
	case err != nil:
		return c.readFailed(err)
	}
	c.handle(frame)
	c.extend() // behind handle: it may have been the Hello
	return nil
}

// extend gives the peer more time, once it has said Hello.
func (c *conn) extend() {
	if c.member.Load() == nil {
		return
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(c.s.opts.DeadAfter))
	if c.ending() {
		c.hurry()
	}
}

// hurry bounds how long the peer may take to close after a goodbye.
func (c *conn) hurry() { _ = c.ws.SetReadDeadline(time.Now().Add(lingerTime)) }

// decode reads one frame. A decoder's error wraps wire.ErrFrame.
func (c *conn) decode(kind int, r io.Reader) (*wire.ClientFrame, error) {
	if kind != websocket.BinaryMessage {
		return nil, errNotBinary
	}
	buf := c.s.frames.get()
	defer c.s.frames.put(buf)
	if _, err := io.Copy(buf, io.LimitReader(r, wire.MaxFrame+1)); err != nil {
		return nil, err //nolint:wrapcheck // judged by readFailed
	}
	if buf.Len() > wire.MaxFrame {
		return nil, errOversize
	}
	return wire.DecodeClient(buf.Bytes())
}

var errNotBinary = errors.New("not a binary message")

// readFailed turns the error of a read into the goodbye it deserves, if any.
func (c *conn) readFailed(err error) error {
	switch {
	case errors.Is(err, wire.ErrFrame), errors.Is(err, errNotBinary):
		c.breach(err)
	case errors.Is(err, errOversize):
		c.s.metrics.refused("oversize")
		c.end(goodbye{status: wire.ConnOffline, reason: err.Error(), code: websocket.CloseMessageTooBig})
	case isTimeout(err) && c.member.Load() == nil:
		c.s.metrics.refused("no_hello")
		c.end(goodbye{status: wire.ConnOffline, reason: "no hello", code: websocket.ClosePolicyViolation})
	}
	return err
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// breach ends the connection because the client does not keep to the protocol.
func (c *conn) breach(err error) { c.end(protocolError(err)) }

// protocolError is the goodbye to a client that does not speak the protocol.
func protocolError(err error) goodbye {
	reason := "protocol error"
	if !errors.Is(err, wire.ErrFrame) { // the decoder's words are of no use to people
		reason += ": " + err.Error()
	}
	return goodbye{status: wire.ConnOffline, reason: reason, code: websocket.CloseProtocolError}
}

// linger reads what the peer still sends, after the goodbye was written.
func (c *conn) linger() {
	raw := c.ws.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, raw, lingerBytes)
}
