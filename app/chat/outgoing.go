package chat

import (
	"fmt"
	"log/slog"

	"github.com/parley-chat/parley/mesibo"
)

// Outgoing is a file on its way into the outbox.
type Outgoing struct {
	Attachment Attachment

	backend Backend
	log     *slog.Logger
	params  mesibo.MessageParams
	id      uint32
	caption string
	file    mesibo.FileInfo
	shrink  bool // a picture: no larger than it is looked at
}

// FilesToSend prepares to send files in their order, each as a message; the caption and what it answers go with the first. Those
// that have a problem are left out. Pictures are sent as such, or else as the files that they are.
func (m *Model) FilesToSend(list []Attachment, caption string, asPictures bool) []*Outgoing {
	p := m.params()
	p.RefID, p.Mentions = m.answered(), m.mentionsIn(caption)
	var out []*Outgoing
	for _, a := range list {
		if a.Problem != "" || a.file == nil {
			continue
		}
		o := &Outgoing{
			Attachment: a, backend: m.cfg.Backend, log: m.cfg.Logger, params: p, id: m.cfg.Backend.Random(), caption: caption, file: *a.file,
		}
		o.file.Message = caption
		if a.Pictured() {
			o.shrink = asPictures
			if !asPictures {
				o.file.Type, o.file.Thumbnail, o.file.Width, o.file.Height = mesibo.FileTypeOther, nil, 0, 0
			}
		}
		out = append(out, o)
		m.early[o.key()] = &early{}
		p, caption = m.params(), ""
	}
	return out
}

// early is what was told of a file before its message is shown.
type early struct {
	file   *mesibo.FileInfo
	mid    uint64 // 0 for nothing told
	status mesibo.MsgStatus
}

func (o *Outgoing) key() uint64 { return Message{Mid: uint64(o.id), Out: true}.Key() }

// Send puts the file into the outbox. It may take a while, and be called on any goroutine.
func (o *Outgoing) Send() error {
	if o.shrink {
		if err := shrink(o.backend, &o.file); err != nil {
			o.log.Warn("picture not made smaller", slog.Any("error", err)) // it is sent as it is
		}
	}
	given := o.file // the SDK changes what it is given
	if err := o.backend.SendFile(o.params, o.id, &given); err != nil {
		return fmt.Errorf("send %s: %w", o.Attachment.Name, err)
	}
	o.file.Path, o.file.Size = given.Path, given.Size
	return nil
}

// FileSent shows a file that was put into the outbox.
func (m *Model) FileSent(o *Outgoing) {
	if m.closed {
		return
	}
	own, kept := o.params, o.file
	own.Mid, own.Status = uint64(o.id), mesibo.MsgStatusOutbox
	kept.Mid, kept.Params = uint64(o.id), &own
	if o.params.RefID != 0 && o.params.RefID == m.answered() {
		m.writing.reply = 0
	}
	told := m.early[o.key()]
	delete(m.early, o.key())
	m.placed(Message{Mid: uint64(o.id), Text: o.caption, RefID: o.params.RefID, Mentions: o.params.Mentions, File: &kept})
	if told != nil && told.file != nil {
		m.FileProgress(told.file)
	}
	if told != nil && told.mid != 0 {
		m.StatusChanged(told.mid, told.status)
	}
}

// FileRefused forgets a file that could not be put into the outbox.
func (m *Model) FileRefused(o *Outgoing) { delete(m.early, o.key()) }
