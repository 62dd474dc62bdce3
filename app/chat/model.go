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
	Peer       string
	Title      string
	Saved      bool               // the conversation with oneself
	Echo       bool               // the contact that answers
	Explain    func(error) string // makes a sentence for the user of an error
	Logger     *slog.Logger
	Changed    func()                   // something to show changed
	Updated    func(peer string)        // the conversation's line in the list changed: sent, cancelled, read
	Drafted    func(peer, draft string) // the draft was saved
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
	closed     bool
}

// NewModel opens a conversation: the first page is there when it returns.
func NewModel(cfg Config) *Model {
	m := &Model{cfg: cfg, following: true}
	if p, ok := cfg.Backend.GetProfile(cfg.Peer, 0); ok {
		m.draft, m.saved, m.unread = p.Draft, p.Draft, p.Unread
	}
	m.open()
	return m
}

// Peer is the address of the other party.
func (m *Model) Peer() string { return m.cfg.Peer }

// FaceKey decides the colour of the other party's picture: the address, whatever its case.
func (m *Model) FaceKey() string { return strings.ToLower(m.cfg.Peer) }

// Title is what the header calls the conversation.
func (m *Model) Title() string { return m.cfg.Title }

// Rename takes in a new title.
func (m *Model) Rename(title string) {
	if m.cfg.Title != title {
		m.cfg.Title = title
		m.changed()
	}
}

// Subtitle is the header's second line.
func (m *Model) Subtitle() string {
	switch {
	case m.cfg.Saved:
		return "Notes to yourself, on all your devices"
	case m.cfg.Echo:
		return "Writes back what you write"
	case m.cfg.Title == m.cfg.Peer:
		return ""
	default:
		return m.cfg.Peer
	}
}

// Saved tells whether this is the conversation with oneself.
func (m *Model) Saved() bool { return m.cfg.Saved }

// Echo tells whether the other party is the contact that answers.
func (m *Model) Echo() bool { return m.cfg.Echo }

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

// Send sends what was typed; it tells whether the composer may be emptied.
func (m *Model) Send(text string) bool {
	text = strings.TrimSpace(text)
	if text == "" {
		return false
	}
	id := m.cfg.Backend.Random()
	if err := m.cfg.Backend.SendMessageString(m.params(), id, text); err != nil {
		m.fail("send message", err)
		return false
	}
	m.notice = ""
	m.SetDraft("")
	m.SaveDraft()
	m.below = 0
	m.following = true
	if m.hist.newer {
		m.jump(Query{Dir: Older, Count: pageSize})
	}
	m.hist.arrive(Message{Mid: uint64(id), Out: true, Text: text, At: m.cfg.Dispatcher.Now()}, true)
	m.view = View{Kind: ViewEnd}
	m.changed()
	m.cfg.Updated(m.cfg.Peer)
	return true
}

// Retry sends a failed message again.
func (m *Model) Retry(key uint64) {
	msg, ok := m.Message(key)
	if !ok || !msg.Failed() {
		return
	}
	if err := m.cfg.Backend.Resend(m.params(), msg.ID()); err != nil {
		m.fail("send message again", err)
		return
	}
	m.hist.requeue(key)
	m.changed()
	m.cfg.Updated(m.cfg.Peer)
}

// Withdraw takes back a message that was not sent: it waits, or it failed.
func (m *Model) Withdraw(key uint64) {
	msg, ok := m.Message(key)
	if !ok || !msg.Waits() && !msg.Failed() {
		return
	}
	switch err := m.cfg.Backend.Cancel(m.params(), msg.ID()); {
	case errors.Is(err, mesibo.ErrNotFound):
		m.say("Too late: this message is on its way already.")
		return
	case err != nil:
		m.fail("withdraw message", err)
		return
	}
	m.hist.remove(key)
	m.changed()
	m.cfg.Updated(m.cfg.Peer)
}

// Received takes in a message of this conversation that arrived, or that this user sent on another device.
func (m *Model) Received(msg Message) {
	if m.hist.newer {
		if m.hist.index(msg.Key()) < 0 {
			m.missed = true
			if !msg.Out {
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
	} else if !msg.Out {
		m.below++
	}
	m.changed()
}

// StatusChanged takes in what became of an own message.
func (m *Model) StatusChanged(mid uint64, status mesibo.MsgStatus) {
	if m.hist.status(mid, status) {
		m.changed()
	}
}

// Close ends the conversation on the screen: the draft is saved, nothing is fetched or reported any more.
func (m *Model) Close() {
	if m.closed {
		return
	}
	m.SaveDraft()
	m.stopSeen()
	m.closed = true
}

func (m *Model) params() mesibo.MessageParams {
	return mesibo.MessageParams{Peer: m.cfg.Peer, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
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
