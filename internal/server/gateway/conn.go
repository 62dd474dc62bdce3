package gateway

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
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/door"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxOutbox is the maximum number of queued frames other than events.
	maxOutbox = 4 * wire.MaxInFlight
	// maxQueued is the size in bytes from which on they are too many: signals are dropped, and requests wait.
	maxQueued = 1 << 20
	// lingerTime and lingerBytes bound reading after the goodbye. Closing a socket with unread data would make the
	// peer's system discard the goodbye.
	lingerTime  = time.Second
	lingerBytes = 4 << 20
	// closeOverflow is the WebSocket close code for a client that does not read its responses.
	closeOverflow = 4008
)

// conn is a connection of a device. One goroutine reads; another writes, but it only runs while there is something to
// write, because most connections are idle and a goroutine costs five kilobytes. Fields used by both, by the log's
// writer or by the hub are guarded by mu.
type conn struct {
	g      *Gateway        // immutable, like all up to traces
	ws     *websocket.Conn // read by the reading goroutine, written by the writing one
	device *accounts.Device
	remote string
	place  *place // nil in tests without sockets
	rates  *connRates
	traces *traces // nil without tracing

	drained       chan struct{}          // receives when frames of the outbox have been written
	member        atomic.Pointer[member] // set when the Hello was accepted
	expires       atomic.Int64           // when the access token expires, in ms; 0: never
	storageFailed atomic.Bool            // a commit failed; further changes of this connection are skipped
	inFlight      atomic.Int32           // requests without a written response
	writers       sync.WaitGroup         // the writing goroutine
	goodbyeSent   bool                   // the writing goroutine's
	callSignals   *rate.Limiter          // the reading goroutine's; created by the first signal of a call
	weight        float64                // likewise: the cost of the request that is being handled
	foreground    bool                   // the device is in use; the reading goroutine's

	mu      sync.Mutex
	closed  bool // reading has ended; no writing goroutine may start
	writing bool // the writing goroutine is running or has ended for good
	again   bool // it must check for work once more
	outbox  []outFrame
	pingDue bool
	// profilesDue is the revision of profiles of which the device must be notified, 0 if it need not be.
	profilesDue uint64
	queued      int // bytes in outbox, and of what is being written from it
	broken      bool
	// presenceDue are the users whose presence must be sent, watching those that are watched.
	presenceDue map[uint32]struct{}
	watching    []uint32
	bye         *goodbye // not nil: the connection is ending
	ready       bool     // the Hello was answered, events may be sent
	sent        uint64   // last event written
	acked       uint64   // last event acknowledged
	head        uint64   // newest event known
	live        liveQueue
}

// outFrame is a queued frame: the response to a request, or the encoded frame of a signal.
type outFrame struct {
	response *wire.Response
	raw      []byte // shared by all receiving connections and never changed
	size     int    // about, in bytes
}

// goodbye is the reason why the server closes a connection.
type goodbye struct {
	status uint32
	reason string
	until  uint64 // with SUSPEND
	code   int    // WebSocket close code
	abrupt bool   // the outbox is dropped
}

func newConn(g *Gateway, ws *websocket.Conn, device *accounts.Device, remote string) *conn {
	c := &conn{
		g: g, ws: ws, device: device, remote: remote, drained: make(chan struct{}, 1),
		rates: g.hub.rates.of(device.UID, door.ShareOf(remote), &g.hub.limits), traces: newTraces(g.tracer),
	}
	c.expires.Store(milli(device.Expires))
	return c
}

// run serves the connection until it ends. Idle connections block below it, so the stack frames of run and read are
// kept small: the goroutine then needs only four kilobytes.
func (c *conn) run() {
	err := c.read()
	c.finish(err)
}

// finish cleans up after reading has ended.
func (c *conn) finish(err error) {
	defer c.g.leave(c)
	c.signOff()
	c.mu.Lock()
	c.closed = true
	ending := c.bye != nil
	c.mu.Unlock()
	if !ending {
		_ = c.ws.Close() // makes a running write fail
	}
	c.writers.Wait()
	if ending {
		if !c.goodbyeSent {
			c.write()
		}
		if !isTimeout(err) { // after a timeout the peer gets no more time
			c.linger()
		}
		_ = c.ws.Close()
	}
	c.traces.abandon()
	c.g.c.Logger.Debug("connection ended", slog.Any("error", err), slog.String("remote", c.remote))
}

// signOff removes the connection from presence and the hub.
func (c *conn) signOff() {
	if c.member.Load() != nil {
		c.setForeground(false, true)
		c.g.hub.unregister(c)
		c.leaveCalls()
		c.g.c.Presence.Disconnect(c.device.UID)
		c.g.c.Disconnected(c.device.ID, c.remote)
	}
	c.unwatch()
}

// wakeWriter makes a writing goroutine check for work.
func (c *conn) wakeWriter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writing || c.closed {
		c.again = true
		return
	}
	c.writing = true
	c.writers.Go(c.write)
}

// parkWriter reports whether the writing goroutine may end.
func (c *conn) parkWriter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.again {
		c.again = false
		return false
	}
	c.writing = false
	return true
}

// schedulePing queues a ping and wakes the writer.
func (c *conn) schedulePing() {
	c.mu.Lock()
	c.pingDue = true
	c.mu.Unlock()
	c.wakeWriter()
}

// respond queues a response. The caller wakes the writer.
func (c *conn) respond(r *wire.Response) {
	const small = 64 // without content of users
	c.enqueue(outFrame{response: r, size: small})
}

// respondLarge is respond for one that may be large.
func (c *conn) respondLarge(r *wire.Response) { c.enqueue(outFrame{response: r, size: proto.Size(r)}) }

// signal queues a signal, and reports whether it did. A droppable one is dropped if the device has much to read already.
// The caller wakes the writer.
func (c *conn) signal(raw []byte, droppable bool) bool {
	c.mu.Lock()
	full := len(c.outbox) >= maxOutbox/4 || c.queued+len(raw) > maxQueued
	c.mu.Unlock()
	if droppable && full {
		c.g.c.Metrics.Refused("signal_dropped")
		return false
	}
	c.enqueue(outFrame{raw: raw, size: len(raw)})
	return true
}

// awaitRoom blocks the reading goroutine while much of what was requested is not read. The client's own requests wait,
// and its connection ends if it reads nothing at all.
func (c *conn) awaitRoom() {
	for {
		c.mu.Lock()
		full := c.queued > maxQueued && c.bye == nil && !c.broken
		c.mu.Unlock()
		if !full {
			return
		}
		select {
		case <-c.drained:
		case <-c.g.c.Stopping:
			return
		}
	}
}

// releaseQueued notes that bytes of the outbox were written, or never will be.
func (c *conn) releaseQueued(bytes int, broken bool) {
	c.mu.Lock()
	c.queued -= bytes
	c.broken = c.broken || broken
	c.mu.Unlock()
	select {
	case c.drained <- struct{}{}:
	default:
	}
}

func (c *conn) enqueue(f outFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bye != nil {
		return
	}
	if len(c.outbox) >= maxOutbox {
		c.g.c.Metrics.Refused("overflow")
		c.bye = &goodbye{
			status: wire.ConnOffline,
			reason: "the client does not read its responses",
			code:   closeOverflow,
			abrupt: true,
		}
		return
	}
	c.outbox = append(c.outbox, f)
	c.queued += f.size
}

// end closes the connection with a goodbye. Only the first call has an effect.
func (c *conn) end(g goodbye) {
	c.mu.Lock()
	if c.bye == nil {
		c.bye = &g
	}
	c.mu.Unlock()
	c.wakeWriter()
	c.releaseQueued(0, false) // wakes the reading goroutine
}

func (c *conn) ending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bye != nil
}

// Failed implements eventlog.Origin.
func (c *conn) Failed() bool { return c.storageFailed.Load() }

// Wake implements eventlog.Origin.
func (c *conn) Wake() { c.wakeWriter() }

// closeStorageFailure closes the connection because one of its changes could not be committed.
func (c *conn) closeStorageFailure() {
	c.storageFailed.Store(true)
	c.end(goodbye{
		status: wire.ConnOffline, reason: "the server could not store your changes; try again later",
		code: websocket.CloseInternalServerErr,
	})
}

// offer queues a committed event.
func (c *conn) offer(e eventlog.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Seq <= c.head {
		if e.Raw == nil {
			c.live.clear()
		}
		return
	}
	c.head = e.Seq
	c.live.push(e)
}

// inTransit reports whether the event was sent on this connection and is not acknowledged yet.
func (c *conn) inTransit(seq uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready && c.acked < seq && seq <= c.sent
}

// errOversize is the error of read after a frame over the limit.
var errOversize = errors.New("frame over the limit")

// read handles frames until the connection ends.
func (c *conn) read() error {
	c.prepare()
	for {
		kind, r, err := c.ws.NextReader()
		if err := c.take(kind, r, err); err != nil {
			return err
		}
	}
}

// prepare sets up reading. decode checks the length of frames, because gorilla's own limit would close the connection
// without a goodbye.
func (c *conn) prepare() {
	c.ws.SetPingHandler(func(data string) error {
		c.extend()
		return c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(c.g.c.WriteTimeout))
	})
	c.ws.SetPongHandler(func(string) error {
		c.extend()
		c.repeatAck()
		return nil
	})
	_ = c.ws.SetReadDeadline(time.Now().Add(c.g.c.HelloTimeout))
	if c.ending() { // before reading began, by a shutdown
		c.shortenDeadline()
	}
}

// take handles one result of NextReader.
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
	c.extend() // after handle: the frame may have been the Hello
	return nil
}

// extend renews the read deadline, once the Hello was accepted.
func (c *conn) extend() {
	if c.member.Load() == nil {
		return
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(c.g.c.DeadAfter))
	if c.ending() {
		c.shortenDeadline()
	}
}

// shortenDeadline limits how long the peer may take to close after a goodbye.
func (c *conn) shortenDeadline() { _ = c.ws.SetReadDeadline(time.Now().Add(lingerTime)) }

// decode reads one frame. A decoder's error wraps wire.ErrFrame.
func (c *conn) decode(kind int, r io.Reader) (*wire.ClientFrame, error) {
	if kind != websocket.BinaryMessage {
		return nil, errNotBinary
	}
	buf := c.g.frames.get()
	defer c.g.frames.put(buf)
	if _, err := io.Copy(buf, io.LimitReader(r, wire.MaxFrame+1)); err != nil {
		return nil, err //nolint:wrapcheck // judged by readFailed
	}
	if buf.Len() > wire.MaxFrame {
		return nil, errOversize
	}
	return wire.DecodeClient(buf.Bytes())
}

var errNotBinary = errors.New("not a binary message")

// readFailed closes the connection with the goodbye for a read error, if there is one.
func (c *conn) readFailed(err error) error {
	switch {
	case errors.Is(err, wire.ErrFrame), errors.Is(err, errNotBinary):
		c.closeProtocolError(err)
	case errors.Is(err, errOversize):
		c.g.c.Metrics.Refused("oversize")
		c.end(goodbye{status: wire.ConnOffline, reason: err.Error(), code: websocket.CloseMessageTooBig})
	case isTimeout(err) && c.member.Load() == nil:
		c.g.c.Metrics.Refused("no_hello")
		c.end(
			goodbye{status: wire.ConnOffline, reason: "no hello was received in time", code: websocket.ClosePolicyViolation},
		)
	}
	return err
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// closeProtocolError closes the connection because the client violates the protocol.
func (c *conn) closeProtocolError(err error) { c.end(protocolError(err)) }

// protocolError is the goodbye to a client that violates the protocol.
func protocolError(err error) goodbye {
	reason := "protocol error"
	if !errors.Is(err, wire.ErrFrame) { // the decoder's messages are not meant for users
		reason += ": " + err.Error()
	}
	return goodbye{status: wire.ConnOffline, reason: reason, code: websocket.CloseProtocolError}
}

// linger reads and drops what the peer sends after the goodbye.
func (c *conn) linger() {
	raw := c.ws.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, raw, lingerBytes)
}
