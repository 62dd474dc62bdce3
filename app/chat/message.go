package chat

import (
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Message is one message of the chat.
type Message struct {
	Mid       uint64 // as in mesibo.MessageParams: the high half is 0 while an own message waits
	Out       bool   // sent by this user, on any device
	Sender    string // in groups: the address of who wrote it, or made the change
	Text      string
	At        time.Time
	Status    mesibo.MsgStatus
	RefID     uint64 // the message this one answers
	Edited    bool
	Deleted   bool // recalled: it has no content any more
	Forwarded bool
	Origin    string   // of a copy: the address of who wrote the first one, empty if that is not known
	Mentions  []string // addresses that the text names
	Link      *mesibo.LinkPreview
	Album     uint32 // the same of pictures that were sent at once
	Reactions []mesibo.Reaction
	Place     *mesibo.Location
	File      *mesibo.FileInfo
	Change    *mesibo.GroupChange // a notice about the group, not a message
	Call      *Call               // the record of a call, not a message
	Pin       *Pin                // a notice that a message was pinned
	Poll      *Poll               // instead of a text
	Stay      *Stay               // a notice about how long messages stay
	Imported  *mesibo.Imported    // it is from another program, and on this device alone
}

// Pin says that the message RefID was pinned, or with Ended that it is not any more.
type Pin struct{ Ended bool }

func newPin(m *mesibo.Message) *Pin {
	if m.Type != mesibo.TypePin && m.Type != mesibo.TypeUnpin {
		return nil
	}
	return &Pin{Ended: m.Type == mesibo.TypeUnpin}
}

// Stay says that messages disappear after a time, 0 that they stay for ever.
type Stay struct{ For time.Duration }

func newStay(m *mesibo.Message) *Stay {
	if m.Type != mesibo.TypeAge {
		return nil
	}
	seconds, err := strconv.ParseUint(string(m.Data), 10, 31)
	if err != nil {
		return &Stay{}
	}
	return &Stay{For: time.Duration(seconds) * time.Second}
}

// Call is the record of a call.
type Call struct {
	What, How string // in words, as format.Call has them
	Video     bool
	Missed    bool // no one was there
	Own       bool // this user has called
	Group     bool // the group was called
	Seen      bool // it was missed, and this user has looked at it
}

func newCall(m *mesibo.Message) *Call {
	if !m.IsCall() {
		return nil
	}
	c := &Call{
		Video: m.IsVideoCall(), Missed: m.IsMissedCall(), Own: m.Status == mesibo.MsgStatusCallOutgoing,
		Group: m.GroupID != 0,
	}
	c.What, c.How = format.Call(&m.MessageParams)
	return c
}

// NewMessage converts a message of the SDK.
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
		Origin:    m.ForwardedFrom,
		Mentions:  m.Mentions,
		Link:      m.LinkPreview,
		Album:     m.Album,
		Reactions: m.Reactions,
		Place:     m.Location,
		File:      m.File,
		Change:    m.GroupChange,
		Call:      newCall(m),
		Pin:       newPin(m),
		Stay:      newStay(m),
		Poll:      newPoll(m),
		Imported:  m.Imported,
	}
	if msg.Stay != nil {
		msg.Text = ""
	}
	if m.GroupID != 0 && !msg.Out {
		msg.Sender = m.Peer
	}
	return msg
}

// ID is the half of Mid that the sender chose and that never changes.
func (m Message) ID() uint32 { return uint32(m.Mid) }

// ownKey marks the keys of own messages; ids of the server do not use the highest bit until 2088.
const ownKey = 1 << 63

// Key identifies the message on the screen. Unlike Mid it does not change when the message is sent.
func (m Message) Key() uint64 {
	if m.Out && m.Imported == nil {
		return ownKey | uint64(m.ID())
	}
	return m.Mid // that of an imported one has the highest two bits
}

// Stranger is the name of who wrote an imported message, empty for users with an address.
func (m Message) Stranger() string {
	if m.Imported == nil || m.Out || m.Sender != "" {
		return ""
	}
	return m.Imported.Author
}

// Waits reports whether the message is still in the outbox; such messages come last.
func (m Message) Waits() bool { return m.Out && m.Status == mesibo.MsgStatusOutbox }

// Failed reports whether the server, or this device, refused the message for good.
func (m Message) Failed() bool { return m.Out && m.Status.IsFailed() }

// Unread reports whether a received message was not read yet. The SDK does not say it of missed calls: they count until
// they were seen here.
func (m Message) Unread() bool {
	return m.Status == mesibo.MsgStatusReceivedNew || m.Call != nil && m.Call.Missed && !m.Call.Seen
}

// asRead returns the message as it is after it was read.
func (m Message) asRead() Message {
	if m.Call == nil {
		m.Status = mesibo.MsgStatusReceivedRead
		return m
	}
	seen := *m.Call
	seen.Seen = true
	m.Call = &seen
	return m
}

// isNotice reports whether the message is a line about the chat, not one that a person wrote.
func (m Message) isNotice() bool {
	return m.Change != nil || m.Pin != nil || m.Stay != nil || m.Status == mesibo.MsgStatusCustom
}

// Settled reports whether the message is on the server and has content: it can be answered, forwarded and so on.
func (m Message) Settled() bool {
	return !m.Waits() && !m.Failed() && !m.Deleted && !m.isNotice() && m.Call == nil
}

// DeletedWords stand for the content of a message that was recalled.
func DeletedWords() string { return tr.L("This message was deleted") }

// Preview is the message in one line.
func (m Message) Preview() string {
	text := strings.Join(strings.Fields(widgets.PlainText(m.Text)), " ")
	switch {
	case m.Deleted:
		return DeletedWords()
	case m.Call != nil:
		return m.Call.What
	case m.Poll != nil:
		return "📊 " + m.Poll.Question
	case m.Place != nil:
		return "📍 " + orElse(m.Place.Title, tr.L("Location"))
	case m.File != nil && text != "":
		return FileWords(m.File) + " · " + text
	case m.File != nil:
		return FileWords(m.File)
	default:
		return text
	}
}

// FileWords is a file in one line.
func FileWords(f *mesibo.FileInfo) string {
	switch {
	case format.IsGIF(f):
		return "📷 " + tr.L("GIF")
	case format.IsSticker(f):
		return "📷 " + tr.L("Sticker")
	case f.Type == mesibo.FileTypeImage:
		return "📷 " + tr.L("Photo")
	case f.Type == mesibo.FileTypeAudio && isVoiceNote(f):
		return "🎤 " + tr.L("Voice message")
	case f.Type == mesibo.FileTypeAudio && f.Title != "":
		return "🎵 " + f.Title
	default:
		return "📎 " + orElse(f.Title, tr.L("File"))
	}
}

// reactionOf is the reaction of a user, empty without one.
func (m Message) reactionOf(address string) string {
	for _, r := range m.Reactions {
		if strings.EqualFold(r.Address, address) {
			return r.Emoji
		}
	}
	return ""
}

// follows reports whether an own message may change from one status to another: never back, and only a message that
// was not delivered can fail.
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
		if words, ok := format.FileError(m.File.Err, true); ok {
			return words
		}
		return tr.L("The file could not be sent. Try again.")
	}
	return Reason(m.Status)
}

// Reason says why a message was not sent, and what can be done if that is known.
func Reason(status mesibo.MsgStatus) string {
	switch status {
	case mesibo.MsgStatusUserOffline:
		return tr.L("The recipient was not connected.")
	case mesibo.MsgStatusInboxFull:
		return tr.L("Too much waits for the recipient already.")
	case mesibo.MsgStatusInvalidDest:
		return tr.L("Nobody has this address.")
	case mesibo.MsgStatusExpired:
		return tr.L("It could not be delivered in time.")
	case mesibo.MsgStatusBlocked:
		return tr.L("The recipient does not accept your messages.")
	case mesibo.MsgStatusNotAccepted:
		return tr.L("The recipient has not accepted your first message yet.")
	case mesibo.MsgStatusGroupPaused:
		return tr.L("Nobody may write in this group at present.")
	case mesibo.MsgStatusNotMember:
		return tr.L("You may not write in this group.")
	default:
		return tr.L("The server did not take it.")
	}
}
