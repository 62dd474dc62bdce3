package chat

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

// Config is what a Model is made of.
type Config struct {
	Backend    Backend
	Dispatcher Dispatcher
	Peer       string // empty in a group
	GroupID    uint32
	Title      string
	Saved      bool               // the chat with oneself
	Echo       bool               // the contact that answers
	At         uint64             // if not 0: open at this message
	Explain    func(error) string // makes a sentence for the user of an error
	Logger     *slog.Logger
	Changed    func() // what is shown changed
	Updated    func() // the chat's row in the list changed: sent, cancelled, read
	Drafted    func() // the draft was saved
	// Name is the name of a user.
	Name func(address string) string
	// Online reports whether there is a connection. Default: always.
	Online func() bool
	// Sound plays and records. Default: neither is possible.
	Sound *Sound
	// OfferUndo offers to undo a deletion and returns what withdraws the offer. Default: deletions are made at once.
	OfferUndo func(words string, undo func()) (withdraw func())
	// Pages returns what opens the pages that the user's texts link to; nil while the user does not want that. Default: no
	// page is opened.
	Pages func() OpenPage
	// Callable says that the other party can be called.
	Callable bool
	// Notice describes a change of the group.
	Notice func(change *mesibo.GroupChange, by string) string
}

// View is where the screen should scroll to. The screen gets it once, from takeView.
type View struct {
	Kind ViewKind
	Key  uint64 // of the message, for ViewTop and ViewMessage
}

// ViewKind is a place to scroll to.
type ViewKind int

// The places.
const (
	ViewKeep    ViewKind = iota // stay where it is
	ViewEnd                     // the newest message at the bottom
	ViewTop                     // the first message at the top
	ViewMessage                 // the message near the top third
)

// Model is one open chat. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg  Config
	self string
	hist history

	view    View
	divider uint64 // key of the message the unread divider stands before
	unread  int    // what the divider counts
	below   int    // unread messages out of sight
	notice  string // what went wrong with the last thing the user did

	epoch        int // counts jumps: pages requested before the last one are dropped
	loadingOlder bool
	loadingNewer bool
	missed       bool // a message arrived while the end was not in the window

	span span // where the window lies in the chat

	following   bool // the view is at the end
	focused     bool // the window has the keyboard
	visible     uint64
	seenTimer   func()
	sendingRead bool // a read receipt is being written

	draft      string
	saved      string
	draftTimer func()

	writing      writing
	preview      previewing
	marking      marking
	pins         pins
	deletion     *deletion // that can be undone, nil for none
	typing       typing
	participants participants
	quotes       map[uint64]Message // messages that others answer, by Mid; the zero Message does not exist here
	transfers    transfers
	early        map[uint64]*early // by the key of the message
	player       player
	recorder     recorder
	mentions     []uint64 // ids of messages that mention this user and were not in view yet, oldest first
	flash        uint64   // key of the highlighted message
	flashEnd     func()
	find         find
	closed       bool
}

// NewModel opens a chat: its first page is loaded when it returns.
func NewModel(cfg Config) *Model {
	m := &Model{cfg: cfg, self: cfg.Backend.GetAddress(), following: true, quotes: map[uint64]Message{}}
	m.participants.names = map[string]string{}
	m.transfers.paces, m.transfers.unseen = map[uint64]*pace{}, map[uint64]*mesibo.FileInfo{}
	m.early = map[uint64]*early{}
	m.refreshPeer()
	m.resumeRecording()
	m.draft, m.saved, m.unread = m.participants.profile.Draft, m.participants.profile.Draft, m.participants.profile.Unread
	if cfg.At == 0 || !m.ShowMessage(cfg.At) {
		m.open()
	}
	m.findMentions()
	m.refreshPins()
	return m
}

// Peer is the address of the other user, empty in a group.
func (m *Model) Peer() string { return m.cfg.Peer }

// GroupID is the group's, 0 in a chat of two.
func (m *Model) GroupID() uint32 { return m.cfg.GroupID }

// Messages are those of the window, oldest first. The slice belongs to the model and is valid until its next change.
func (m *Model) Messages() []Message { return m.hist.rows }

// dividerAt returns the message that the unread divider precedes, and its text; 0 without a divider.
func (m *Model) dividerAt() (key uint64, words string) {
	if m.divider == 0 {
		return 0, ""
	}
	return m.divider, unreadWords(m.unread)
}

// takeView returns where to scroll since the last call.
func (m *Model) takeView() View {
	v := m.view
	m.view = View{}
	return v
}

// unreadBelow counts the unread messages below the view, for the button that jumps to the end.
func (m *Model) unreadBelow() int { return m.below }

// atEnd reports whether the newest message of the chat is in the window.
func (m *Model) atEnd() bool { return !m.hist.newer }

// takeNotice returns what went wrong since the last call, empty for nothing.
func (m *Model) takeNotice() string {
	words := m.notice
	m.notice = ""
	return words
}

// Message finds a message by its key.
func (m *Model) Message(key uint64) (Message, bool) {
	if i := m.hist.index(key); i >= 0 {
		return m.hist.rows[i], true
	}
	return Message{}, false
}

// Received adds a message that arrived, or that this user sent on another device.
func (m *Model) Received(msg Message) {
	m.noteMention(msg)
	switch {
	case msg.Pin != nil:
		m.refreshPins()
	case msg.Stay != nil:
		m.refreshPeer()
	}
	if m.hist.newer {
		if m.hist.index(msg.Key()) < 0 {
			m.missed = true
			if !msg.Out && msg.Change == nil {
				m.below++
			}
			m.changed()
		}
		return
	}
	if !m.hist.arrive(msg, m.following) {
		return
	}
	if m.following {
		m.view = View{Kind: ViewEnd}
	} else if !msg.Out && msg.Change == nil {
		m.below++
	}
	m.changed()
}

// StatusChanged applies a new status of an own message.
func (m *Model) StatusChanged(mid uint64, status mesibo.MsgStatus) {
	if m.hist.status(mid, status) {
		if msg, _ := m.Message(ownMessageKey(uint32(mid))); msg.Pin != nil && msg.Failed() {
			m.refreshPins() // it was refused
		}
		m.changed()
	} else if told := m.early[Message{Mid: mid, Out: true}.Key()]; told != nil {
		told.mid, told.status = mid, status
	}
}

// Removed applies a recall: the message stays, without content.
func (m *Model) Removed(mid uint64) {
	delete(m.quotes, mid)
	if i := m.hist.index(m.player.key); i >= 0 && m.hist.rows[i].Mid == mid {
		m.stopSound()
		m.player.key = 0
	}
	m.hist.change(mid, func(msg *Message) {
		*msg = Message{Mid: msg.Mid, Out: msg.Out, Sender: msg.Sender, At: msg.At, Status: msg.Status, Deleted: true}
	})
	m.pinnedChanged(mid)
	m.changed()
}

// Gone removes a message that has disappeared.
func (m *Model) Gone(mid uint64) {
	i := m.hist.indexOfMid(mid)
	if i < 0 {
		return
	}
	key := m.hist.rows[i].Key()
	if m.player.key == key {
		m.stopSound()
		m.player.key = 0
	}
	delete(m.quotes, mid)
	delete(m.marking.rows, key)
	m.hist.remove(key)
	m.pinnedChanged(mid)
	m.changed()
}

// Changed applies an edit or a reaction.
func (m *Model) Changed(now Message) {
	delete(m.quotes, now.Mid)
	m.hist.change(now.Mid, func(msg *Message) {
		msg.Reactions = now.Reactions
		if now.Edited || now.Text != "" {
			msg.Text, msg.Edited, msg.Mentions, msg.Link = now.Text, now.Edited, now.Mentions, now.Link
		}
	})
	m.pinnedChanged(now.Mid)
	m.changed()
}

// close ends the chat on the screen: the draft is saved, nothing is loaded or reported any more.
func (m *Model) close() {
	if m.closed {
		return
	}
	m.finishDeletion()
	m.saveDraft()
	m.stopTyping()
	m.stopSeen()
	m.preview.stop()
	m.find.stop()
	m.stopSound()
	m.keepRecording()
	if m.transfers.timer != nil {
		m.transfers.timer()
	}
	if m.flashEnd != nil {
		m.flashEnd()
	}
	m.closed = true
}

func (m *Model) params() mesibo.MessageParams {
	return mesibo.MessageParams{
		Peer: m.cfg.Peer, GroupID: m.cfg.GroupID, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault,
	}
}

func (m *Model) changed() {
	if !m.closed {
		m.cfg.Changed()
	}
}

func (m *Model) fail(op string, err error) {
	m.cfg.Logger.Warn("chat operation failed", slog.String("op", op), slog.Any("error", err))
	if errors.Is(err, context.Canceled) {
		return
	}
	m.say(m.cfg.Explain(err))
}

func (m *Model) say(words string) {
	m.notice = words
	m.changed()
}

func same(a, b string) bool { return strings.EqualFold(a, b) }
