package chat

import (
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// FilesRefused says why no files can be sent, empty when they can.
func (m *Model) FilesRefused() string {
	switch {
	case m.Refused() != "":
		return m.Refused()
	case !m.cfg.Backend.IsFileTransferEnabled():
		return tr.L("Files can't be sent through this server.")
	default:
		return ""
	}
}

// early is what was reported about a file before its message is shown.
type early struct {
	file   *mesibo.FileInfo
	mid    uint64 // 0 without a status
	status mesibo.MsgStatus
}

// FileParams returns the parameters and the id of the next file's message. Only the first of several files carries a
// caption and answers a message. FileSent or FileRefused must follow.
func (m *Model) FileParams(caption string, first bool) (p mesibo.MessageParams, id uint32) {
	p, id = m.params(), m.cfg.Backend.Random()
	if first {
		p.RefID, p.Mentions = m.answered(), m.mentionsIn(caption)
	}
	m.early[ownMessageKey(id)] = &early{}
	return p, id
}

// FileSent shows the message of a file that is in the outbox.
func (m *Model) FileSent(p mesibo.MessageParams, id uint32, f *mesibo.FileInfo) {
	if m.closed {
		return
	}
	own, file := p, *f
	own.Mid, own.Status = uint64(id), mesibo.MsgStatusOutbox
	file.Mid, file.Params = uint64(id), &own
	if p.RefID != 0 && p.RefID == m.answered() {
		m.writing.reply = 0
	}
	before := m.early[ownMessageKey(id)]
	delete(m.early, ownMessageKey(id))
	m.placed(Message{Mid: uint64(id), Text: f.Message, RefID: p.RefID, Mentions: p.Mentions, Album: p.Album, File: &file})
	if before != nil && before.file != nil {
		m.FileProgress(before.file)
	}
	if before != nil && before.mid != 0 {
		m.StatusChanged(before.mid, before.status)
	}
}

// FileRefused forgets a file that could not be put into the outbox.
func (m *Model) FileRefused(id uint32) { delete(m.early, ownMessageKey(id)) }

// StopFile does what a press on a file's ring does; it reports whether the file's message is shown.
func (m *Model) StopFile(f *mesibo.FileInfo) bool {
	key := Message{Mid: f.Mid, Out: f.Params.IsOutgoing()}.Key()
	if _, ok := m.Message(key); !ok {
		return false
	}
	m.pressRing(key)
	return true
}

func ownMessageKey(id uint32) uint64 { return Message{Mid: uint64(id), Out: true}.Key() }
