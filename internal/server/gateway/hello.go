package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errToken   = accounts.ErrToken
	errVersion = refusal.Bad("this server speaks version %d of the protocol", wire.Version)
	errApp     = &refusal.Error{Result: wire.ResultAuthFail, Reason: "this access token is for another application"}
	errDevices = refusal.Denied(0, "too many devices of this user are connected")
)

// context is for lookups of this connection; they are not canceled when it ends.
func (*conn) context() context.Context { return context.Background() }

// denyHello refuses a Hello for the time being.
func (c *conn) denyHello(id uint64, err error) {
	c.refuse(id, err)
	c.end(goodbye{status: wire.ConnOffline, reason: err.Error(), code: websocket.CloseTryAgainLater})
}

// hello signs the device in, or refuses it and closes the connection.
func (c *conn) hello(id uint64, h *wire.Hello) {
	deny := func(refused *refusal.Error, status uint32) {
		c.refuse(id, refused)
		c.end(goodbye{status: status, reason: refused.Reason, code: websocket.ClosePolicyViolation})
	}
	if h.GetVersion() != wire.Version {
		deny(errVersion, wire.ConnOffline)
		return
	}
	// The token was checked before the upgrade; it may have been revoked before the connection was registered.
	device, err := accounts.Authenticate(c.context(), c.g.c.Record, c.device.Hash, c.g.c.Log.Now())
	suspended, isSuspended := errors.AsType[*wire.SuspendedError](err)
	switch refused := refusal.Of(err); {
	case isSuspended:
		c.end(tokenGoodbye(suspended))
		return
	case refused != nil:
		deny(refused, wire.ConnAuthFail)
		return
	case err != nil:
		c.closeStorageError(err)
		return
	case device.App != "" && device.App != h.GetApp():
		deny(errApp, wire.ConnAuthFail)
		return
	}
	if device.Renewal { // the device has stored it
		switch err := c.g.c.Accounts.UseRenewal(c.context(), device.Hash); {
		case errors.Is(err, errToken):
			deny(errToken, wire.ConnAuthFail)
			return
		case err != nil:
			c.closeStorageError(err)
			return
		}
	}
	replaced, full := c.g.hub.register(c)
	if full {
		deny(errDevices, wire.ConnOffline)
		return
	}
	if c.place != nil {
		c.place.greeted()
	}
	c.g.c.Presence.Connect(c.device.UID)
	c.g.c.Connected(c.device.ID, c.remote)
	if replaced != nil {
		replaced.end(goodbye{
			status: wire.ConnSignOut, reason: "the same access token signed in elsewhere", code: websocket.CloseNormalClosure,
		})
	}
	if err := c.welcome(id, h, device); err != nil {
		c.closeStorageError(err)
	}
}

// welcome responds to the Hello of a registered connection and starts the delivery of events.
func (c *conn) welcome(id uint64, h *wire.Hello, device *accounts.Device) error {
	log, revision, err := c.g.c.Log.Position(c.context(), device.UID)
	if err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	epoch, resumed, err := c.epoch(h, &log)
	if err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	adders, err := c.g.c.Log.GroupAdds(c.context(), device.UID)
	if err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	var start uint64 // the whole log, for a device with another epoch
	switch {
	case h.Cursor == nil: // a device without stored events
		start = log.Delivered
	case resumed:
		start = h.GetCursor()
	}
	start = max(start, log.Floor)
	c.member.Load().raiseHead(log.Last)
	reply := &wire.Response{Id: id, Payload: &wire.Response_Hello{Hello: &wire.HelloReply{
		Uid: device.UID, Address: device.Address, Name: device.Name,
		Epoch: epoch, Start: start, Head: log.Last, Time: uint64(c.g.c.Log.Now().UnixMilli()),
		MaxInFlight: wire.MaxInFlight, MaxUnacked: wire.MaxUnacked, MaxText: wire.MaxText, ProfileRevision: revision,
		MaxRetract: uint32(max(0, c.g.c.Log.RetractWindow()) / time.Second), GroupAdds: &adders, Pins: c.g.pins(),
		MayInvite: c.g.c.MayInvite != nil && c.g.c.MayInvite(device.Admin),
		Device:    device.ID, TokenExpires: uint64(milli(device.Expires)), TokenRenew: uint64(milli(device.RenewAt())),
	}}}
	first := append([]outFrame{{response: reply}}, c.missedCalls()...)
	c.mu.Lock()
	// At the front: signals may have been queued since the connection was registered.
	c.outbox = append(first, c.outbox...)
	c.sent, c.acked = start, start
	c.head = max(c.head, log.Last)
	c.ready = true
	c.mu.Unlock()
	c.wakeWriter()
	if resumed && start > log.Delivered {
		c.submitAck(start)
	}
	return nil
}

// ack handles the number of the newest event that the device has stored.
func (c *conn) ack(seq uint64) {
	c.mu.Lock()
	beyond, news := seq > c.head, seq > c.acked
	if news && !beyond {
		c.acked = seq
		c.sent = max(c.sent, seq)
	}
	c.mu.Unlock()
	switch {
	case beyond:
		c.closeProtocolError(errBeyondHead)
	case news:
		c.wakeWriter()
		c.submitAck(seq)
	}
}

// submitAck queues an Ack unless one is queued for this user already; that one includes the new number.
func (c *conn) submitAck(seq uint64) {
	m := c.member.Load()
	if !m.raiseAck(seq) {
		return
	}
	ch := &eventlog.Ack{User: c.device.UserRef, UpTo: m.takeAck}
	ch.Submission = eventlog.Submission{Origin: c, User: c.device.UID}
	ch.Done = func(err error) {
		if err != nil {
			m.dropAck() // the device goes on reading: what is stored already still reaches it
			c.g.c.Logger.Warn("store an acknowledgement", slog.Any("error", err))
		}
	}
	if err := c.g.c.Log.Submit(ch); err != nil {
		c.closeStorageFailure()
	}
}

// repeatAck submits the newest acknowledgement again if one could not be stored.
func (c *conn) repeatAck() {
	if m := c.member.Load(); m == nil || !m.takeLost() {
		return
	}
	c.mu.Lock()
	acked := c.acked
	c.mu.Unlock()
	c.submitAck(acked)
}

// pins returns those that devices are to know the server by, nil for none.
func (g *Gateway) pins() []byte {
	if g.c.Pins == nil {
		return nil
	}
	return g.c.Pins()
}
