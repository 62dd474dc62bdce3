package app

import (
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

const (
	// notifyDelay is how long messages are gathered: what is read at once, here or on another device, needs no
	// notification, and a burst needs one.
	notifyDelay = 300 * time.Millisecond
	// notifyPause is the shortest time between two rounds of notifications.
	notifyPause = time.Second
	// notifyChats is how many chats have a notification of their own in one round; more are counted in one.
	notifyChats = 4

	summaryKey = "summary"
	missedKey  = "missed:" // before the key of a chat
	callKey    = "call"
)

// The actions of notifications.
const (
	actionRead    = "read"
	actionAnswer  = "answer"
	actionDecline = "decline"
)

// notifications shows messages and calls outside of the window.
type notifications struct {
	home   *home
	chats  []*chatNews // with something new, the latest last
	missed []contacts.ID
	round  func()    // cancels the timer of the next round, nil without one
	last   time.Time // of the last round
	ring   string    // what the notification of a call says, empty without one
	closed bool
}

// chatNews is what is new in a chat.
type chatNews struct {
	id          contacts.ID
	first, last uint64 // the ids of messages
	count       int
	text        string // of the last one
	sender      string // of the last one, in groups
	due         bool   // it has changed since the last round
	shown       bool   // in a notification of its own
	summed      bool   // in the one for many chats
	quiet       bool   // it was archived
	silent      bool   // what is new since the last round was sent without sound
}

func newNotifications(h *home) *notifications { return &notifications{home: h} }

// post shows a notification of this account. When there are several, it says whose it is.
func (n *notifications) post(note system.Notification) {
	note.Key = n.home.account.prefix() + note.Key
	if n.home.app.several() {
		note.Title += " · " + n.home.ownName()
	}
	n.home.app.showNotification(note)
}

// take removes a notification of this account.
func (n *notifications) take(key string) {
	n.home.app.withdrawNotification(n.home.account.prefix() + key)
}

// received notes a message, before the list of chats does.
func (n *notifications) received(m *mesibo.Message, line contacts.Line) {
	list := n.home.contacts.Model()
	row := list.Known(line.ID)
	switch {
	case n.closed, line.Out, line.Change != nil, line.Deleted, m.IsCall(), row.Saved:
		return
	case m.Status != mesibo.MsgStatusReceivedNew, list.MentionsOnly(line.ID) && !line.MentionsUser(list.Self()):
		return
	}
	c := n.of(line.ID)
	if c == nil {
		c = &chatNews{id: line.ID, first: line.Mid, quiet: row.Archived}
	}
	n.chats = append(slices.DeleteFunc(n.chats, func(other *chatNews) bool { return other == c }), c)
	c.silent = m.Flag&mesibo.FlagSilent != 0 && (c.silent || !c.due)
	c.last, c.text, c.sender, c.due = line.Mid, line.Text, line.Sender, true
	c.count++
	n.home.gallery.get(line.ID) // it is decoded until it is needed
	n.schedule()
}

// of returns what is new in a chat, nil for nothing.
func (n *notifications) of(id contacts.ID) *chatNews {
	for _, c := range n.chats {
		if c.id.Is(id) {
			return c
		}
	}
	return nil
}

func (n *notifications) schedule() {
	if n.round != nil {
		return
	}
	ui := n.home.app.cfg.UI
	n.round = ui.After(max(notifyDelay, notifyPause-ui.Now().Sub(n.last)), func() {
		n.round = nil
		n.last = ui.Now()
		n.show()
	})
}

// show shows what is due.
func (n *notifications) show() {
	var due []*chatNews
	for _, c := range n.chats {
		if c.due && !c.quiet && n.wanted(c) {
			due = append(due, c)
		}
	}
	a := n.home.app
	if a.disturbs() && len(due) > 0 {
		a.demandAttention()
	}
	if !a.disturbs() || !a.prefs.notifies() {
		due = nil
	}
	n.chats = slices.DeleteFunc(n.chats, func(c *chatNews) bool {
		gone := c.due && !slices.Contains(due, c)
		if gone {
			n.withdraw(c)
		}
		return gone
	})
	if len(due) > notifyChats {
		n.showSummary(due)
		return
	}
	n.showEach(due)
}

// showEach shows notifications of their own; one of them is heard.
func (n *notifications) showEach(due []*chatNews) {
	a, sounded := n.home.app, false
	for _, c := range due {
		c.due, c.summed = false, false
		c.shown = true
		note := n.note(c)
		note.Sound = !c.silent && !sounded && a.prefs.notifySound()
		sounded = sounded || note.Sound
		n.post(note)
	}
}

// wanted reports whether there is still something unread in a chat that is not muted.
func (n *notifications) wanted(c *chatNews) bool {
	row, ok := n.home.contacts.Model().Row(c.id)
	return ok && !row.Muted && row.Unread > 0
}

// note is the notification of a chat.
func (n *notifications) note(c *chatNews) system.Notification {
	list := n.home.contacts.Model()
	note := system.Notification{
		Key: c.id.Key(), Title: list.Title(c.id), Body: c.text, Reply: tr.L("Reply"),
		Actions: []system.Action{
			{ID: system.ActionOpen, Label: tr.L("Open")}, {ID: actionRead, Label: tr.L("Mark as read")},
		},
	}
	if n.home.app.locked() {
		note.Actions, note.Reply = note.Actions[:1], ""
	}
	if picture := n.home.gallery.get(c.id); picture != nil {
		note.Picture = picture.Image()
	}
	if c.sender != "" {
		note.Body = contacts.FirstName(n.home.name(c.sender)) + ": " + note.Body
	}
	switch hidden := n.home.app.hidesText() || c.text == ""; {
	case hidden && c.count > 1:
		note.Body = countWords(c.count)
	case hidden:
		note.Body = tr.L("New message")
	case c.count > 1:
		note.Body = strings.TrimSpace(note.Body) + "\n" + countWords(c.count)
	}
	return note
}

func countWords(n int) string {
	return tr.N("{{.N}} new message", "{{.N}} new messages", n)
}

// showSummary shows one notification for many chats.
func (n *notifications) showSummary(due []*chatNews) {
	messages := 0
	for _, c := range due {
		if c.shown {
			n.take(c.id.Key())
		}
		c.due, c.shown, c.summed = false, false, true
	}
	chats := 0
	for _, c := range n.chats {
		if c.summed {
			messages += c.count
			chats++
		}
	}
	a := n.home.app
	n.post(system.Notification{
		Key: summaryKey, Title: productName, Body: tr.N("{{.Messages}} in {{.N}} chat", "{{.Messages}} in {{.N}} chats", chats,
			"Messages", countWords(messages)),
		Actions: []system.Action{{ID: system.ActionOpen, Label: tr.L("Open")}}, Sound: a.prefs.notifySound(),
	})
}

// prune withdraws what was read meanwhile, here or on another device, and what is not wanted any more.
func (n *notifications) prune() {
	if len(n.chats) > 0 {
		n.chats = slices.DeleteFunc(n.chats, func(c *chatNews) bool {
			gone := !c.due && !n.wanted(c)
			if gone {
				n.withdraw(c)
			}
			return gone
		})
	}
	h := n.home
	n.missed = slices.DeleteFunc(n.missed, func(id contacts.ID) bool {
		seen := h.inFront() && h.current().Is(id)
		if seen {
			n.take(missedKey + id.Key())
		}
		return seen
	})
}

func (n *notifications) withdraw(c *chatNews) {
	switch {
	case c.shown:
		n.take(c.id.Key())
	case c.summed && !slices.ContainsFunc(n.chats, func(other *chatNews) bool { return other != c && other.summed }):
		n.take(summaryKey)
	}
	c.shown, c.summed = false, false
}

// edited shows the new text of a message, in a notification that is still there.
func (n *notifications) edited(id contacts.ID, mid uint64, text string) {
	c := n.of(id)
	if c == nil || c.last != mid || c.text == text {
		return
	}
	c.text = text
	n.update(c)
}

// deleted removes a message that was recalled.
func (n *notifications) deleted(id contacts.ID, mid uint64) {
	c := n.of(id)
	if c == nil || mid < c.first || mid > c.last {
		return
	}
	if c.count--; c.count == 0 {
		n.chats = slices.DeleteFunc(n.chats, func(other *chatNews) bool { return other == c })
		n.withdraw(c)
		return
	}
	if mid == c.last {
		c.text, c.sender = "", ""
	}
	n.update(c)
}

// hideOrShow changes what is shown after the window was locked or unlocked.
func (n *notifications) hideOrShow() {
	for _, c := range n.chats {
		n.update(c)
	}
}

func (n *notifications) update(c *chatNews) {
	if c.shown {
		note := n.note(c)
		note.Update = true
		n.post(note)
	}
}

// invoked does what the user wants of a notification.
func (n *notifications) invoked(i system.Invocation) {
	h := n.home
	switch i.Key {
	case callKey:
		n.callInvoked(i)
		return
	case summaryKey:
		h.app.raise(i.Token)
		h.app.switchTo(h.account)
		return
	}
	id := contacts.ParseID(strings.TrimPrefix(i.Key, missedKey))
	switch i.Action {
	case actionRead:
		n.markRead(id)
	case system.ActionReply:
		n.reply(id, i.Text)
	default:
		h.app.raise(i.Token)
		n.open(id)
	}
}

// open shows a chat at the first message of its notification.
func (n *notifications) open(id contacts.ID) {
	h := n.home
	h.app.switchTo(h.account)
	h.app.sheet.Close()
	h.app.closeViewer()
	if c := n.of(id); c != nil {
		h.showAt(id, c.first)
	}
	h.open(id, true)
}

// reply sends what was written in a notification.
func (n *notifications) reply(id contacts.ID, text string) {
	h := n.home
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	n.markRead(id)
	if err := h.session.Client.SendMessageString(id.Params(), h.session.Client.Random(), text); err != nil {
		h.failed(err)
		h.app.raise("")
		n.open(id)
		return
	}
	h.forwarded(id)
}

// markRead marks what a notification was about, and what came before, as read.
func (n *notifications) markRead(id contacts.ID) {
	h, c := n.home, n.of(id)
	if c == nil {
		return // it was read meanwhile
	}
	if err := h.session.Client.SendReadReceipt(id.Params(), c.last); err != nil {
		h.failed(err)
		return
	}
	h.contacts.Model().Reload(id)
}

func (n *notifications) close() {
	n.closed = true
	if n.round != nil {
		n.round()
	}
	for _, c := range n.chats {
		n.withdraw(c)
	}
	for _, id := range n.missed {
		n.take(missedKey + id.Key())
	}
	if n.ring != "" {
		n.take(callKey)
	}
}
