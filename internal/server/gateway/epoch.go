package gateway

import (
	"log/slog"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// epoch returns the epoch of the device's log, and whether the device goes on from its cursor. If the event at the
// cursor is not the one that the device has stored, the database was put back to an earlier state: the log gets a new
// epoch, and the user's other devices have to connect again.
func (c *conn) epoch(h *wire.Hello, log *eventlog.Position) (epoch uint64, resumed bool, err error) {
	epoch = c.g.c.Epoch
	if log.Epoch != 0 {
		epoch = log.Epoch
	}
	if h.Cursor == nil || h.GetEpoch() != epoch {
		return epoch, false, nil
	}
	same := h.GetCursor() <= log.Last
	if same && h.GetCursor() > log.Floor {
		at := eventlog.Mark{Seq: h.GetCursor(), ID: h.GetCursorId(), Time: h.GetCursorTime()}
		if same, err = c.g.c.Log.Holds(c.context(), c.device.UID, at); err != nil {
			return 0, false, err
		}
	}
	if same {
		return epoch, true, nil
	}
	renew := &eventlog.Renew{UID: c.device.UID, From: log.Epoch}
	if err := c.g.c.Log.Commit(renew); err != nil {
		return 0, false, err
	}
	c.g.c.Logger.Warn("a device is ahead of the log, which gets a new epoch: was the database put back?",
		slog.String("user", c.device.Address), slog.Uint64("cursor", h.GetCursor()), slog.Uint64("last", log.Last))
	for _, other := range c.g.hub.connsOf(c.device.UID) {
		if other != c {
			other.end(goodbye{status: wire.ConnOffline, reason: "the log has a new epoch", code: websocket.CloseServiceRestart})
		}
	}
	return renew.Epoch, false, nil
}
