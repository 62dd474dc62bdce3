package gateway

import (
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/door"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var errTokenHash = refusal.Bad("the hash of a token has %d bytes", len(accounts.Device{}.Hash))

// renewToken makes another access token of the device valid. The connection lasts as long as that one.
func (c *conn) renewToken(id uint64, m *wire.RenewToken) {
	var hash [32]byte
	if copy(hash[:], m.GetHash()) != len(m.GetHash()) || len(m.GetHash()) != len(hash) {
		c.refuse(id, errTokenHash)
		return
	}
	now := c.g.c.Log.Now()
	if _, err := accounts.Reauthenticate(c.context(), c.g.c.Record, c.device.ID, now); err != nil {
		c.refuse(id, err)
		return
	}
	renewed, err := c.g.c.Accounts.RenewToken(c.context(), c.device, hash, door.HostOf(c.remote), now)
	if err != nil {
		c.refuse(id, err)
		return
	}
	c.expires.Store(milli(renewed.Expires))
	c.respond(&wire.Response{Id: id, Payload: &wire.Response_RenewToken{RenewToken: &wire.RenewTokenReply{
		Expires: uint64(milli(renewed.Expires)), Renew: uint64(milli(renewed.RenewAt())),
	}}})
	c.wakeWriter()
}

// milli returns a time in ms since the Unix epoch, 0 for the zero time.
func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// expired reports whether the access token of the device has expired.
func (c *conn) expired() bool {
	at := c.expires.Load()
	return at != 0 && c.g.c.Log.Now().UnixMilli() >= at
}
