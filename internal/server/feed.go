package server

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

// maxEventsBytes bounds the events of one frame, so that the frame stays under wire.MaxFrame. A single event is always
// smaller: a text is at most wire.MaxText.
const maxEventsBytes = wire.MaxFrame - 16<<10

// write sends what there is: responses, pings, events. It returns when there is nothing left, and for good when the
// connection is ending.
func (c *conn) write() {
	for {
		more, err := c.writeSome()
		switch {
		case err != nil:
			c.s.log.Debug("write", slog.Any("error", err), slog.String("remote", c.remote))
			_ = c.ws.Close() // ends the reading goroutine
			return
		case c.ending():
			c.writeGoodbye()
			return
		case !more && c.rest():
			return
		}
	}
}

// writeSome writes what waits; more tells that there may be further events.
func (c *conn) writeSome() (more bool, err error) {
	link := corked(c.ws.NetConn())
	link.cork()
	defer func() {
		if e := link.uncork(); err == nil && e != nil {
			err = fmt.Errorf("write: %w", e)
		}
	}()
	if err := c.writeOutbox(); err != nil {
		return false, err
	}
	if err := c.writePresences(); err != nil {
		return false, err
	}
	if err := c.writePing(); err != nil {
		return false, err
	}
	return c.writeEvents()
}

func (c *conn) writeOutbox() error {
	c.mu.Lock()
	frames := c.outbox
	c.outbox = nil
	if !c.feeding { // what is told unasked waits for the answer to the Hello
		told := func(f *wire.ServerFrame) bool { return f.GetResponse() == nil }
		for _, f := range frames {
			if told(f) {
				c.outbox = append(c.outbox, f)
			}
		}
		frames = slices.DeleteFunc(frames, told)
	}
	if c.bye != nil && c.bye.abrupt {
		frames = nil
	}
	c.mu.Unlock()
	for _, f := range frames {
		b, err := proto.Marshal(f)
		if err != nil {
			return fmt.Errorf("encode frame: %w", err)
		}
		if err := c.writeFrame(b); err != nil {
			return err
		}
		if f.GetResponse() != nil {
			c.inFlight.Add(-1)
		}
	}
	return nil
}

func (c *conn) writeFrame(b []byte) error {
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.s.opts.WriteTimeout))
	if err := c.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// writeGoodbye is the last thing written.
func (c *conn) writeGoodbye() {
	c.saidBye = true
	c.mu.Lock()
	bye := *c.bye
	c.mu.Unlock()
	b, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Goodbye{
		Goodbye: &wire.Goodbye{Status: bye.status, Reason: bye.reason},
	}})
	if err == nil {
		err = c.writeFrame(b)
	}
	if err == nil {
		const maxCloseReason = 100 // a control frame holds 125 bytes
		text := websocket.FormatCloseMessage(bye.code, bye.reason[:min(len(bye.reason), maxCloseReason)])
		err = c.ws.WriteControl(websocket.CloseMessage, text, time.Now().Add(c.s.opts.WriteTimeout))
	}
	if err != nil {
		_ = c.ws.Close()
		return
	}
	c.hurry()
}

// writeEvents writes one frame of events, if the client has room for more and there are any.
func (c *conn) writeEvents() (more bool, err error) {
	c.mu.Lock()
	if !c.feeding || c.bye != nil || c.sent >= c.head || c.sent-c.acked >= wire.MaxUnacked {
		c.mu.Unlock()
		return false, nil
	}
	after := c.sent
	room := int(min(wire.MaxBatch, wire.MaxUnacked-(c.sent-c.acked), c.head-c.sent))
	body, last := c.takeLive(room)
	c.mu.Unlock()

	if last == after {
		c.s.metrics.logReads.Inc()
		c.s.lookups.do(func(ctx context.Context) { body, last, err = c.s.readLog(ctx, c.dev.uid, after, room) })
		if err != nil {
			return false, err
		}
		if last == after {
			return false, nil // an event is about to expire; who expires it wakes us
		}
	}
	if err := c.writeFrame(wire.EventsFrame(body)); err != nil {
		return false, err
	}
	c.s.metrics.pushed.Add(float64(last - after))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = last
	c.live.skip(last)
	return c.sent < c.head, nil
}

// takeLive encodes up to n events from memory. When the events there do not follow on what was sent, last is c.sent.
// The caller holds mu.
func (c *conn) takeLive(n int) (body []byte, last uint64) {
	c.live.skip(c.sent)
	last = c.sent
	if len(c.live.events) == 0 || c.live.events[0].seq != c.sent+1 {
		return nil, last
	}
	now := time.Now().UnixMilli()
	for _, e := range c.live.events[:min(n, len(c.live.events))] {
		if len(body)+len(e.raw) > maxEventsBytes || (e.exp != 0 && e.exp <= now) {
			break
		}
		body = wire.AppendEvent(body, e.seq, e.raw)
		last = e.seq
	}
	return body, last
}

// writePing sends the number of the newest event when a ping is due, so that a client that has missed something
// notices, and looks itself whether everything was sent.
func (c *conn) writePing() error {
	c.mu.Lock()
	due := c.pingDue
	c.pingDue = false
	c.mu.Unlock()
	if !due {
		return nil
	}
	now := time.Now()
	if c.dev.expired(now) {
		c.end(refusedGoodbye())
		return nil
	}
	var head uint64
	if m := c.member.Load(); m != nil {
		head = m.newest()
		c.mu.Lock()
		c.head = max(c.head, head)
		c.mu.Unlock()
	}
	payload := strconv.AppendUint(nil, head, 10)
	if err := c.ws.WriteControl(websocket.PingMessage, payload, now.Add(c.s.opts.WriteTimeout)); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

func refusedGoodbye() goodbye {
	return goodbye{status: wire.ConnAuthFail, reason: errRefused.Error(), code: websocket.ClosePolicyViolation}
}

// readLog encodes up to n events that follow on after. It stops before a message whose time has come and that no
// device has stored: the sweeper decides about that, and is told.
func (s *Server) readLog(ctx context.Context, uid uint32, after uint64, n int) (body []byte, last uint64, err error) {
	db := s.reader.WithContext(ctx)
	rows, err := db.Raw(`SELECT e.id, e.exp, coalesce(e.body, m.body) FROM events e LEFT JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? ORDER BY e.id LIMIT ?`, eventKey(uid, after), eventKey(uid+1, 0)-1, n).Rows()
	if err != nil {
		return nil, after, fmt.Errorf("read log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	last = after
	now := time.Now().UnixMilli()
	var delivered uint64
	for rows.Next() {
		var (
			id, exp int64
			raw     []byte
		)
		if err := rows.Scan(&id, &exp, &raw); err != nil {
			return nil, after, fmt.Errorf("read log: %w", err)
		}
		_, seq := splitKey(id)
		if exp != 0 && exp <= now {
			if delivered == 0 {
				if delivered, err = readDelivered(db, uid); err != nil {
					return nil, after, err
				}
			}
			if seq > delivered {
				s.sweeper.poke(exp)
				break
			}
		}
		if len(body)+len(raw) > maxEventsBytes {
			break
		}
		if seq != last+1 {
			return nil, after, fmt.Errorf("log of user %d: event %d follows on %d", uid, seq, last)
		}
		body = wire.AppendEvent(body, seq, raw)
		last = seq
	}
	if err := rows.Err(); err != nil {
		return nil, after, fmt.Errorf("read log: %w", err)
	}
	return body, last, nil
}

func readDelivered(db *gorm.DB, uid uint32) (uint64, error) {
	var delivered uint64
	if err := db.Raw(`SELECT delivered FROM heads WHERE uid = ?`, uid).Scan(&delivered).Error; err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	return delivered, nil
}
