package chat

import (
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Message is one message of the conversation.
type Message struct {
	Mid       uint64 // as in mesibo.MessageParams: the high half is 0 while an own message waits
	Out       bool   // sent by this user, on whichever device
	Sender    string // in groups: the address of who wrote it, or made the change
	Text      string
	At        time.Time
	Status    mesibo.MsgStatus
	RefID     uint64 // the message this one answers
	Edited    bool
	Deleted   bool // taken back: it carries nothing any more
	Forwarded bool
	Mentions  []string // addresses that the text names
	Reactions []mesibo.Reaction
	Place     *mesibo.Location
	File      *mesibo.FileInfo
	Change    *mesibo.GroupChange // a notice about the group, no message
}

// NewMessage makes a Message of what a listener was given.
func NewMessage(m *mesibo.Message) Message {
	msg := Message{
		Mid:       m.Mid,
		Out:       m.IsOutgoing(),
		Text:      string(m.Data),
		At:        time.UnixMilli(int64(m.Ts)),
		Status:    m.Status,
		RefID:     m.RefID,
		Edited:    m.IsModified(),
		Deleted:   m.IsDeleted(),
		Forwarded: m.IsForwarded(),
		Mentions:  m.Mentions,
		Reactions: m.Reactions,
		Place:     m.Location,
		File:      m.File,
		Change:    m.GroupChange,
	}
	if m.GroupID != 0 && !msg.Out {
		msg.Sender = m.Peer
	}
	return msg
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

// Settled tells whether the message is on the server and still says something: it can be answered, forwarded and so on.
func (m Message) Settled() bool {
	return !m.Waits() && !m.Failed() && !m.Deleted && m.Change == nil && m.Status != mesibo.MsgStatusCustom
}

// The words that stand for what a message carries beside text, and for what it carried.
const (
	DeletedWords = "This message was deleted"
	placeWords   = "📍 Location"
	fileWords    = "📎 File"
	photoWords   = "📷 Photo"
	voiceWords   = "🎤 Voice message"
)

// Gist is what the message says in one line.
func (m Message) Gist() string {
	text := strings.Join(strings.Fields(m.Text), " ")
	switch {
	case m.Deleted:
		return DeletedWords
	case m.Place != nil && m.Place.Title != "":
		return "📍 " + m.Place.Title
	case m.Place != nil:
		return placeWords
	case m.File != nil && text != "":
		return FileWords(m.File) + " · " + text
	case m.File != nil:
		return FileWords(m.File)
	default:
		return text
	}
}

// FileWords name a file in one line.
func FileWords(f *mesibo.FileInfo) string {
	switch {
	case f.Type == mesibo.FileTypeImage:
		return photoWords
	case f.Type == mesibo.FileTypeAudio && isVoiceNote(f):
		return voiceWords
	case f.Type == mesibo.FileTypeAudio && f.Title != "":
		return "🎵 " + f.Title
	case f.Title != "":
		return "📎 " + f.Title
	default:
		return fileWords
	}
}

// reactionOf is the reaction of somebody, empty when there is none.
func (m Message) reactionOf(address string) string {
	for _, r := range m.Reactions {
		if strings.EqualFold(r.Address, address) {
			return r.Emoji
		}
	}
	return ""
}

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

// reason says why a message was not sent.
func reason(m Message) string {
	if m.File != nil && m.File.URL == "" && m.Status == mesibo.MsgStatusFail {
		if words, ok := FileTrouble(m.File.Err, true); ok {
			return lower(words)
		}
		return "the file could not be sent. Try again."
	}
	return Reason(m.Status)
}

// Reason says why a message was not sent, and what can be done when that is known.
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
	case mesibo.MsgStatusGroupPaused:
		return "nobody may write in this group at present"
	case mesibo.MsgStatusNotMember:
		return "you may not write in this group"
	default:
		return "the server did not take it"
	}
}
