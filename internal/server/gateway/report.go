package gateway

import (
	"log/slog"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errReportSelf  = refusal.Bad("you cannot report yourself")
	errNotReceived = &refusal.Error{Result: wire.ResultNoSuchUser, Reason: "you have no such message of this user"}
)

// report stores a report. What a message says is taken from this user's log, so that nothing is made up or found out.
func (c *conn) report(id uint64, m *wire.Report) {
	err := eventlog.CheckReport(m)
	ch := &eventlog.Report{Reporter: c.device.UserRef, Reason: m.GetReason(), Text: m.GetText()}
	if err == nil {
		p, lookup := c.g.c.Directory.Find(c.context(), m.GetAddress())
		ch.About, err = p.UserRef, lookup
	}
	switch {
	case err != nil:
	case ch.About.UID == c.device.UID:
		err = errReportSelf
	case m.GetSeq() != 0:
		ch.Message, err = c.g.c.Log.Reported(c.context(), c.device.UID, m.GetSeq(), ch.About.UID)
		if err == nil && ch.Message == nil {
			err = errNotReceived
		}
	}
	if err != nil {
		c.refuse(id, err)
		return
	}
	c.submit(ch, &ch.Submission, func() {
		if ch.Refused == nil {
			c.g.c.Logger.Info("report", slog.String("from", ch.Reporter.Address), slog.String("about", ch.About.Address),
				slog.Uint64("reason", uint64(ch.Reason)))
		}
		c.respond(responseTo(id, ch.Refused))
	})
}
