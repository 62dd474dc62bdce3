package format

import (
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Tick is the mark beside an own message with this status.
func Tick(status mesibo.MsgStatus) widgets.MessageState {
	if status.IsFailed() {
		return widgets.StateFailed
	}
	switch status {
	case mesibo.MsgStatusSent:
		return widgets.StateSent
	case mesibo.MsgStatusDelivered:
		return widgets.StateDelivered
	case mesibo.MsgStatusRead:
		return widgets.StateRead
	default:
		return widgets.StateWaiting
	}
}
