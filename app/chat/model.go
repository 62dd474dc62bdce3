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
	Saved      bool               // the conversation with oneself
	Echo       bool               // the contact that answers
	At         uint64             // if not 0: open at this message
	Explain    func(error) string // makes a sentence for the user of an error
	Logger     *slog.Logger
	Changed    func() // something to show changed
	Updated    func() // the conversation's line in the list changed: sent, cancelled, read
	Drafted    func() // the draft was saved
	// Name is what somebody is called.
	Name func(address string) string
	// Online tells whether there is a connection; nil for always.
	Online func() bool
	// FileLimit tells the largest file that can be sent in bytes, 0 when it is not known; nil for never. It may be called from any
	// goroutine.
	FileLimit func() int64
	// Sound plays and records; nil when nothing does.
	Sound *Sound
	// Notice puts what happened to the group into words.
	Notice func(change *mesibo.GroupChange, by string) string
}

// View is where the screen should put the conversation; the model says it once, and the screen takes it with TakeView.
type View struct {
	Kind ViewKind
	Key  uint64 // of the message, for ViewTop and ViewMessage
}

// ViewKind says where the view goes.
type ViewKind int

// The places.
const (
	ViewKeep    ViewKind = iota // stay where it is
	ViewEnd                     // the newest message at the bottom
	ViewTop                     // the first message at the top
	ViewMessage                 // the message near the top third
)

// Model is one open conversation. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg  Config
	self string
	hist history

	view    View
	divider uint64 // key of the message the unread divider stands before
	unread  int    // what the divider counts
	below   int    // unread messages out of sight
	notice  string // what went wrong with the last thing the user did

	epoch        int // counts jumps: pages asked for before the last one are dropped
	loadingOlder bool
	loadingNewer bool
	missed       bool // a message arrived while the end was not in the window

	span span // where the window lies in the conversation

	following bool // the view is at the end
	focused   bool // the window has the keyboard
	visible   uint64
	seenTimer func()

	draft      string
	saved      string
	draftTimer func()

	writing   writing
	typing    typing
	who       who
	quotes    map[uint64]Message // messages that others answer, by Mid; the zero Message is one that is not here
	transfers transfers
	early     map[uint64]*early // what was told of files that are not shown yet, by the key of the message
	player    player
	recorder  recorder
	flash     uint64 // key of the message that is lit up
	flashEnd  func()
	find      find
	closed    bool
}

// NewModel opens a conversation: the first page is there when it returns.
func NewModel(cfg Config) *Model {
	m := &Model{cfg: cfg, self: cfg.Backend.GetAddress(), following: true, quotes: map[uint64]Message{}}
	m.who.names = map[string]string{}
	m.transfers.paces, m.transfers.unseen = map[uint64]*pace{}, map[uint64]*mesibo.FileInfo{}
	m.early = map[uint64]*early{}
	m.refreshPeer()
	m.resumeRecording()
	m.draft, m.saved, m.unread = m.who.profile.Draft, m.who.profile.Draft, m.who.profile.Unread
	if cfg.At == 0 || !m.ShowMessage(cfg.At) {
		m.open()
	}
	return m
}

// Peer is the address of the other party, empty in a group.
func (m *Model) Peer() string { return m.cfg.Peer }

// GroupID is the group's, 0 in a conversation of two.
func (m *Model) GroupID() uint32 { return m.cfg.GroupID }

// Messages are those of the window, oldest first. The slice belongs to the model and is good until its next change.
func (m *Model) Messages() []Message { return m.hist.rows }

// Divider says before which message the line with the unread messages stands, and what is written on it; 0 for none.
func (m *Model) Divider() (key uint64, words string) {
	if m.divider == 0 {
		return 0, ""
	}
	return m.divider, unreadWords(m.unread)
}

// TakeView says where the view should go since it was last asked.
func (m *Model) TakeView() View {
	v := m.view
	m.view = View{}
	return v
}

// Below counts the unread messages out of sight, for the button that jumps to the end.
func (m *Model) Below() int { return m.below }

// AtEnd tells whether the newest message of the conversation is in the window.
func (m *Model) AtEnd() bool { return !m.hist.newer }

// TakeNotice is a sentence about what went wrong since it was last asked, empty when nothing did.
func (m *Model) TakeNotice() string {
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

// Received takes in a message of this conversation that arrived, or that this user sent on another device.
func (m *Model) Received(msg Message) {
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

// StatusChanged takes in what became of an own message.
func (m *Model) StatusChanged(mid uint64, status mesibo.MsgStatus) {
	if m.hist.status(mid, status) {
		m.changed()
	} else if told := m.early[Message{Mid: mid, Out: true}.Key()]; told != nil {
		told.mid, told.status = mid, status
	}
}

// Removed takes in that a message was taken back: it stays, and says nothing any more.
func (m *Model) Removed(mid uint64) {
	delete(m.quotes, mid)
	if i := m.hist.index(m.player.key); i >= 0 && m.hist.rows[i].Mid == mid {
		m.stopSound()
		m.player.key = 0
	}
	m.hist.change(mid, func(msg *Message) {
		*msg = Message{Mid: msg.Mid, Out: msg.Out, Sender: msg.Sender, At: msg.At, Status: msg.Status, Deleted: true}
	})
	m.changed()
}

// Changed takes in what a message carries now: it was edited, or somebody reacted.
func (m *Model) Changed(now Message) {
	delete(m.quotes, now.Mid)
	m.hist.change(now.Mid, func(msg *Message) {
		msg.Reactions = now.Reactions
		if now.Edited || now.Text != "" {
			msg.Text, msg.Edited, msg.Mentions = now.Text, now.Edited, now.Mentions
		}
	})
	m.changed()
}

// Close ends the conversation on the screen: the draft is saved, nothing is fetched or reported any more.
func (m *Model) Close() {
	if m.closed {
		return
	}
	m.SaveDraft()
	m.stopTyping()
	m.stopSeen()
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
