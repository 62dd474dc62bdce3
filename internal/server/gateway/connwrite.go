package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// write sends queued responses, pings and events. It returns when nothing is left or the connection is ending.
func (c *conn) write() {
	for {
		more, err := c.writeSome()
		switch {
		case err != nil:
			c.g.c.Logger.Debug("write", slog.Any("error", err), slog.String("remote", c.remote))
			_ = c.ws.Close() // ends the reading goroutine
			c.releaseQueued(0, true)
			return
		case c.ending():
			c.writeGoodbye()
			return
		case !more && c.parkWriter():
			return
		}
	}
}

// writeSome writes the outbox and one frame of events; more reports that there may be further events.
func (c *conn) writeSome() (more bool, err error) {
	cork := corkConnOf(c.ws.NetConn())
	cork.cork()
	defer func() {
		if e := cork.uncork(); err == nil && e != nil {
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
	if !c.ready { // signals wait for the response to the Hello
		signal := func(f outFrame) bool { return f.response == nil }
		for _, f := range frames {
			if signal(f) {
				c.outbox = append(c.outbox, f)
			}
		}
		frames = slices.DeleteFunc(frames, signal)
	}
	if c.bye != nil && c.bye.abrupt {
		frames = nil
	}
	var revision uint64
	if c.ready { // taken together with the frames: the response to the Hello comes first
		revision, c.profilesDue = c.profilesDue, 0
	}
	c.mu.Unlock()
	written := 0
	defer func() { c.releaseQueued(written, false) }()
	for _, f := range frames {
		b := f.raw
		if f.response != nil {
			var err error
			b, err = proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Response{Response: f.response}})
			if err != nil {
				return fmt.Errorf("encode frame: %w", err)
			}
		}
		if err := c.writeFrame(b); err != nil {
			return err
		}
		if f.response != nil {
			c.inFlight.Add(-1)
			c.traces.end(f.response)
		}
		written += f.size
	}
	return c.writeProfiles(revision)
}

func (c *conn) writeFrame(b []byte) error {
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.g.c.WriteTimeout))
	if err := c.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// writeGoodbye writes the goodbye and the close frame.
func (c *conn) writeGoodbye() {
	c.goodbyeSent = true
	c.mu.Lock()
	bye := *c.bye
	c.mu.Unlock()
	b, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Goodbye{
		Goodbye: &wire.Goodbye{Status: bye.status, Reason: bye.reason, Until: bye.until},
	}})
	if err == nil {
		err = c.writeFrame(b)
	}
	if err == nil {
		const maxCloseReason = 100 // a control frame holds 125 bytes
		reason := strings.ToValidUTF8(bye.reason[:min(len(bye.reason), maxCloseReason)], "")
		text := websocket.FormatCloseMessage(bye.code, reason)
		err = c.ws.WriteControl(websocket.CloseMessage, text, time.Now().Add(c.g.c.WriteTimeout))
	}
	if err != nil {
		_ = c.ws.Close()
		return
	}
	c.shortenDeadline()
}

// writeEvents writes one frame of events, if the client has room for more and there are any.
func (c *conn) writeEvents() (more bool, err error) {
	c.mu.Lock()
	if !c.ready || c.bye != nil || c.sent >= c.head || c.sent-c.acked >= wire.MaxUnacked {
		c.mu.Unlock()
		return false, nil
	}
	after := c.sent
	room := int(min(wire.MaxBatch, wire.MaxUnacked-(c.sent-c.acked), c.head-c.sent))
	body, last := c.takeLive(room)
	c.mu.Unlock()

	if last == after {
		c.g.c.Metrics.LogRead()
		body, last, err = c.g.c.Log.Read(context.Background(), c.device.UID, after, room)
		if err != nil {
			c.g.c.Logger.Warn("read log", slog.Uint64("uid", uint64(c.device.UID)), slog.Any("error", err))
			return false, err
		}
		if last == after {
			return false, nil // the next event has expired; the sweeper wakes the connection afterwards
		}
	}
	if err := c.writeFrame(wire.EventsFrame(body)); err != nil {
		return false, err
	}
	c.g.c.Metrics.Pushed(int(last - after))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = last
	c.live.skip(last)
	return c.sent < c.head, nil
}

// takeLive encodes up to n events from memory. If they do not directly follow the last sent event, last is c.sent. The
// caller holds mu.
func (c *conn) takeLive(n int) (body []byte, last uint64) {
	c.live.skip(c.sent)
	last = c.sent
	if len(c.live.events) == 0 || c.live.events[0].Seq != c.sent+1 {
		return nil, last
	}
	now := c.g.c.Log.Now().UnixMilli()
	for _, e := range c.live.events[:min(n, len(c.live.events))] {
		if len(body)+len(e.Raw) > eventlog.MaxEventsBytes || (e.Exp != 0 && e.Exp <= now) {
			break
		}
		body = wire.AppendEvent(body, e.Seq, e.Raw)
		last = e.Seq
	}
	return body, last
}

// writePing sends a ping if one is due. Its payload is the number of the newest event, so that either side can detect a
// missed event.
func (c *conn) writePing() error {
	c.mu.Lock()
	due := c.pingDue
	c.pingDue = false
	c.mu.Unlock()
	if !due {
		return nil
	}
	if c.expired() {
		c.end(tokenGoodbye(errToken))
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
	if err := c.ws.WriteControl(websocket.PingMessage, payload, time.Now().Add(c.g.c.WriteTimeout)); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}
