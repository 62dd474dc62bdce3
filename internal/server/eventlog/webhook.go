package eventlog

import (
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// awayMessage is a stored message and its recipients without a connection.
type awayMessage struct {
	message *wire.Message
	to      []string
}

// queueWebhook adds a stored message to b.away if one of its recipients is not connected.
func (b *batch) queueWebhook(m *wire.Message, to []accounts.UserRef) {
	if b.log.webhook == nil {
		return
	}
	var away []string
	for _, p := range to {
		if !b.log.hub.Online(p.UID) {
			away = append(away, p.Address)
		}
	}
	if len(away) > 0 {
		b.away = append(b.away, awayMessage{m, away})
	}
}
