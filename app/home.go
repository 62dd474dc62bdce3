package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// home is the main window of somebody who is signed in: the list, the open conversation, and what keeps them up to date.
type home struct {
	app      *App
	session  *Session
	inbox    *inbox
	link     *connectionModel
	contacts *contacts.Screen
	chat     *chat.Screen
	panes    *widgets.Panes
	right    *fyne.Container
	nothing  *widgets.EmptyState
	object   fyne.CanvasObject

	connected chan struct{} // closed when the session's Connect has returned
	newDay    func()        // cancels the refresh at midnight
	opening   bool          // while a conversation is being opened
	closed    bool
}

func newHome(a *App, session *Session) (*home, error) {
	h := &home{app: a, session: session, connected: make(chan struct{})}
	h.link = newConnectionModel(session.Client, a.cfg.UI, session.Server, h.linkChanged)
	h.chat = chat.NewScreen(a.cfg.UI, chat.Callbacks{
		Back:     h.back,
		Notify:   a.notify,
		Copy:     a.cfg.FyneApp.Clipboard().SetContent,
		OpenLink: h.openLink,
		Menu:     h.chatMenu,
		Shortcut: a.shortcut,
	})
	var err error
	h.contacts, err = contacts.NewScreen(contacts.Config{
		Backend:    session.Client,
		Dispatcher: a.cfg.UI,
		Echo:       session.Echo,
		Begun:      a.prefs.begun(),
		Logger:     a.cfg.Logger,
		Changed:    h.retitle,
	}, contacts.Callbacks{
		Open:       h.open,
		MainMenu:   a.showMenu,
		Confirm:    a.confirm,
		Deleted:    h.deleted,
		RemoveEcho: h.removeEcho,
		Failed:     func(err error) { a.notify(Explain(err)) },
		Shortcut:   a.shortcut,
	})
	if err != nil {
		return nil, err
	}
	h.nothing = widgets.NewEmptyState(widgets.ColorChatBackground, widgets.EmptyData{
		Icon: assets.IconChat,
		Text: "Select a conversation",
		Keys: []widgets.KeyHint{
			{Key: mainKey() + "+N", Does: "New chat"},
			{Key: "Alt+↓", Does: "Next chat"},
			{Key: mainKey() + "+/", Does: "All keys"},
		},
	})
	h.right = container.NewStack(h.nothing)
	h.panes = widgets.NewPanes(h.contacts.Object(), h.right)
	h.panes.SetLeftWidth(a.prefs.listWidth())
	h.panes.OnLeftWidth = a.prefs.keepListWidth
	h.panes.OnMode = func(widgets.PanesMode) { h.modeChanged() }
	h.object = h.panes
	h.inbox = &inbox{post: a.cfg.UI.Post, batch: h.batch, to: h}
	return h, nil
}

// begin listens to the SDK and opens the conversation that was open last. The home's object is in the window by now.
func (h *home) begin() {
	if err := h.session.Client.AddListener(h.inbox); err != nil {
		h.app.cfg.Logger.Error("not listening", slog.Any("error", err))
	}
	h.linkChanged()
	h.retitle()
	h.awaitMidnight()
	if peer := h.app.prefs.lastChat(); peer != "" && h.panes.Mode() == widgets.PanesBoth {
		if _, ok := h.contacts.Model().Row(peer); ok {
			h.open(peer, true)
		}
	}
}

// awaitMidnight has times and dates written anew when the day changes: "Today" has become "Yesterday".
func (h *home) awaitMidnight() {
	now := h.app.cfg.UI.Now()
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	h.newDay = h.app.cfg.UI.After(midnight.Sub(now)+time.Second, func() {
		h.contacts.Model().ProfileChanged("")
		if m := h.chat.Model(); m != nil {
			h.chat.Refresh()
		}
		h.awaitMidnight()
	})
}

// open shows a conversation; write gives the keyboard to the composer.
func (h *home) open(peer string, write bool) {
	list := h.contacts.Model()
	if open := h.chat.Model(); open == nil || !strings.EqualFold(open.Peer(), peer) {
		row, listed := list.Row(peer)
		h.leave()
		h.opening = true
		h.chat.Open(chat.Config{
			Backend:    h.session.Client,
			Dispatcher: h.app.cfg.UI,
			Peer:       peer,
			Title:      list.Title(peer),
			Saved:      strings.EqualFold(peer, list.Self()),
			Echo:       listed && row.Echo,
			Explain:    Explain,
			Logger:     h.app.cfg.Logger,
			Changed:    h.chatChanged,
			Updated:    h.updated,
			Drafted:    h.drafted,
		})
		h.opening = false
		h.setRight(h.chat.Object())
		h.app.prefs.keepLastChat(peer)
	}
	list.Select(peer)
	h.panes.ShowRight()
	h.modeChanged()
	h.retitle()
	if write {
		h.chat.Focus(h.app.window.Canvas())
	}
}

// leave closes the open conversation, if there is one.
func (h *home) leave() {
	if h.chat.Model() != nil {
		h.chat.Leave()
		h.contacts.Model().SetReading("")
	}
}

// back goes from the conversation to the list, in a window that shows one of them.
func (h *home) back() {
	if h.panes.Mode() != widgets.PanesOnlyRight {
		return
	}
	h.leave()
	h.setRight(h.nothing)
	h.contacts.Model().Select("")
	h.panes.ShowLeft()
	h.retitle()
}

func (h *home) setRight(o fyne.CanvasObject) {
	if h.right.Objects[0] != o {
		h.right.Objects[0] = o
		h.right.Refresh()
	}
}

func (h *home) modeChanged() {
	h.chat.ShowBack(h.panes.Mode() == widgets.PanesOnlyRight)
	h.attend()
}

// attend tells the conversation whether anybody looks at it: the window has the keyboard, and the conversation is shown.
func (h *home) attend() {
	if m := h.chat.Model(); m != nil {
		m.SetFocused(h.app.front && h.panes.Mode() != widgets.PanesOnlyLeft)
		h.chatChanged()
	}
}

// chatChanged keeps the list's badge from flickering for messages that are read as they come.
func (h *home) chatChanged() {
	m := h.chat.Model()
	if m == nil || h.opening {
		return
	}
	reading := ""
	if m.Reading() {
		reading = m.Peer()
	}
	h.contacts.Model().SetReading(reading)
}

// updated is called when the conversation with peer changed by what this user did.
func (h *home) updated(peer string) {
	h.contacts.Model().Reload(peer)
	h.linkChanged()
}

// drafted is called when a draft was saved.
func (h *home) drafted(peer, _ string) {
	h.contacts.Model().DraftChanged(peer)
	h.app.prefs.keepBegun(h.contacts.Model().Begun())
}

// deleted is called when a conversation lost its messages.
func (h *home) deleted(peer string) {
	m := h.chat.Model()
	if m == nil || !strings.EqualFold(m.Peer(), peer) {
		return
	}
	h.leave()
	if _, ok := h.contacts.Model().Row(peer); ok {
		h.open(peer, false)
		return
	}
	h.setRight(h.nothing)
	h.contacts.Model().Select("")
	h.panes.ShowLeft()
	h.retitle()
}

// removeEcho takes the contact that answers away for good.
func (h *home) removeEcho() {
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		err = h.session.RemoveEcho(ctx)
	}, func() {
		if err != nil {
			h.app.cfg.Logger.Warn("echo not removed", slog.Any("error", err))
			h.app.notify(Explain(err))
			return
		}
		peer := h.session.Echo
		h.contacts.Model().EchoRemoved()
		h.deleted(peer)
	})
}

// retitle writes unread count and conversation into the window's title.
func (h *home) retitle() {
	if h.contacts == nil || h.closed {
		return
	}
	title := productName
	if m := h.chat.Model(); m != nil {
		title = m.Title() + " – " + title
	}
	if n := h.contacts.Model().Unread(); n > 0 {
		title = fmt.Sprintf("(%d) %s", n, title)
	}
	if h.app.window.Title() != title {
		h.app.window.SetTitle(title)
	}
}

// linkChanged shows how the connection is.
func (h *home) linkChanged() {
	if h.contacts == nil || h.closed {
		return
	}
	var retry func()
	if h.link.CanRetry() {
		retry = h.link.Retry
	}
	dot := widgets.LinkOffline
	switch h.link.health() {
	case healthy:
		dot = widgets.LinkOnline
	case working:
		dot = widgets.LinkTrying
	case signedOut, broken:
		dot = widgets.LinkRefused
	case troubled:
	}
	h.contacts.SetFooter(dot, h.link.FooterWords(), retry)
	h.chat.SetBanner(h.bannerData())
}

// bannerData is the banner over the messages; without words there is none.
func (h *home) bannerData() widgets.BannerData {
	d := widgets.BannerData{Kind: widgets.BannerAmber, Text: h.link.BannerWords()}
	switch {
	case h.link.health() == signedOut:
		d.Kind = widgets.BannerRed
		d.Actions = []widgets.Action{{Text: "Sign in", Tapped: h.app.signIn}}
	case h.link.health() == broken:
		d.Kind = widgets.BannerRed
		d.Actions = []widgets.Action{{Text: "Quit", Tapped: h.app.quit}}
	case h.link.health() == healthy:
		d.Kind = widgets.BannerNeutral
	case h.link.CanRetry():
		d.Actions = []widgets.Action{{Text: "Retry now", Tapped: h.link.Retry}}
	}
	return d
}

// close keeps the draft and stops listening.
func (h *home) close() {
	if h.closed {
		return
	}
	h.leave()
	h.closed = true
	h.session.Client.RemoveListener(h.inbox)
	h.link.Close()
	if h.newDay != nil {
		h.newDay()
	}
}

// batch surrounds what the inbox delivers.
func (h *home) batch(deliver func()) {
	if h.closed {
		return
	}
	h.contacts.Model().Batch(deliver)
	h.linkChanged()
}

// connectionChanged implements events.
func (h *home) connectionChanged(status mesibo.ConnectionStatus) { h.link.Status(status) }

// received implements events.
func (h *home) received(p *mesibo.MessageParams, text string) {
	if p.GroupID != 0 {
		return
	}
	h.contacts.Model().Received(contacts.NewLine(p, text))
	if m := h.chat.Model(); m != nil && p.Compare(m.Peer(), 0) {
		m.Received(chat.NewMessage(p, text))
	}
}

// statusChanged implements events.
func (h *home) statusChanged(p *mesibo.MessageParams) {
	h.contacts.Model().StatusChanged(p.Peer, p.Mid, p.Status)
	if m := h.chat.Model(); m != nil && p.Compare(m.Peer(), 0) {
		m.StatusChanged(p.Mid, p.Status)
	}
}

// unreadChanged implements events.
func (h *home) unreadChanged(peer string, unread int) {
	h.contacts.Model().UnreadChanged(peer, unread)
}

// profileChanged implements events.
func (h *home) profileChanged(peer string) {
	h.contacts.Model().ProfileChanged(peer)
	if m := h.chat.Model(); m != nil {
		h.chat.Rename(h.contacts.Model().Title(m.Peer()))
	}
}
