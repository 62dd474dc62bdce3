package mesibo

import "context"

// SetReadReceipts sets whether senders learn that this user has read their messages on this device: on at first. While
// it is off, messages are marked as read here and on the user's other devices, and no one else is told. What was read
// without a connection counts as the setting is when there is one.
func (m *Mesibo) SetReadReceipts(enable bool) { m.silentReads.Store(!enable) }

// MarkRead reports everything in the chat with a user, or with groupID in that of the group, as read: SendReadReceipt
// for its newest message. Errors: ResultFail without a token or when the disk fails.
func (m *Mesibo) MarkRead(peer string, groupID uint32) error {
	const op = "MarkRead"
	db, target, err := m.open(peer, groupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	changed, err := db.MarkAllRead(target)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if changed {
		m.wakeMarks()
		m.listeners.post(context.Background(), func(l *snapshot) { l.read(target.Peer, target.Group, 0) })
	}
	return nil
}
