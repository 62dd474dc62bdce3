package chat

import (
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Message is one message of the conversation.
type Message struct {
	Mid    uint64 // as in mesibo.MessageParams: the high half is 0 while an own message waits
	Out    bool   // sent by this user, on whichever device
	Text   string
	At     time.Time
	Status mesibo.MsgStatus
}

// NewMessage makes a Message of what a listener was given.
func NewMessage(p *mesibo.MessageParams, text string) Message {
	return Message{
		Mid:    p.Mid,
		Out:    !p.IsIncoming(),
		Text:   text,
		At:     time.UnixMilli(int64(p.Ts)),
		Status: p.Status,
	}
}

// ID is the half of Mid that the sender chose and that never changes.
func (m Message) ID() uint32 { return uint32(m.Mid) }

// ownKey marks the keys of own messages; ids of the server leave the highest bit alone until 2088.
const ownKey = 1 << 63

// Key names the message on the screen. Unlike Mid it does not change when the message is sent.
func (m Message) Key() uint64 {
	if m.Out {
		return ownKey | uint64(m.ID())
	}
	return m.Mid
}

// Waits tells whether the message is still in the outbox; such messages stand last.
func (m Message) Waits() bool { return m.Out && m.Status == mesibo.MsgStatusOutbox }

// Failed tells whether the server, or this machine, refused the message for good.
func (m Message) Failed() bool { return m.Out && m.Status.IsFailed() }

// Unread tells whether somebody else's message was not read yet.
func (m Message) Unread() bool { return m.Status == mesibo.MsgStatusReceivedNew }

// follows tells whether an own message may go from one status to another: never back, and only a message that has not arrived
// can fail.
func follows(from, to mesibo.MsgStatus) bool {
	switch {
	case to.IsFailed():
		return !from.IsFailed() && from < mesibo.MsgStatusDelivered
	case from.IsFailed():
		return false
	default:
		return to > from
	}
}

// Reason says why a message was not sent.
func Reason(status mesibo.MsgStatus) string {
	switch status {
	case mesibo.MsgStatusUserOffline:
		return "the recipient was not connected"
	case mesibo.MsgStatusInboxFull:
		return "too much waits for the recipient already"
	case mesibo.MsgStatusInvalidDest:
		return "nobody has this address"
	case mesibo.MsgStatusExpired:
		return "it could not be delivered in time"
	case mesibo.MsgStatusBlocked:
		return "the recipient does not accept your messages"
	default:
		return "the server did not take it"
	}
}
