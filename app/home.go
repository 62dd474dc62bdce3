package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// home is the main window of somebody who is signed in: the list, the open conversation, the panel about who it is with, and
// what keeps them up to date.
type home struct {
	app      *App
	session  *Session
	inbox    *inbox
	link     *connectionModel
	contacts *contacts.Screen
	chat     *chat.Screen
	info     *info.Screen
	gallery  *gallery
	typists  *typists
	moving   *moving
	sends    []chan struct{} // each is closed when files are in the outbox
	awaited  []chan struct{} // by the end of the session; set by close, not changed any more
	panes    *widgets.Panes
	largest  fileLimit
	dragging *dragging
	right    *fyne.Container // the conversation, or what stands in for one
	side     *fyne.Container // right and the panel
	nothing  *widgets.EmptyState
	object   fyne.CanvasObject

	connected chan struct{} // closed when the session's Connect has returned
	newDay    func()        // cancels the refresh at midnight
	request   uint32        // of the group that is being made
	joining   bool          // a group is being joined by its code
	opening   bool          // while a conversation is being opened
	closed    bool
}

func newHome(a *App, session *Session) (*home, error) {
	h := &home{app: a, session: session, connected: make(chan struct{})}
	h.link = newConnectionModel(session.Client, a.cfg.UI, session.Server, h.linkChanged)
	h.gallery = newGallery(session.Client, a.cfg.UI, a.cfg.Logger, h.refresh)
	h.typists = newTypists(a.cfg.UI, h.name, h.typingChanged)
	h.moving = newMoving(h)
	h.dragging = newDragging(h)
	h.buildChat()
	if err := h.buildContacts(); err != nil {
		return nil, err
	}
	h.buildInfo()
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
	h.side = container.New(&sideLayout{home: h}, container.NewStack(h.right, h.dragging.zones), h.info.Object())
	h.info.Object().Hide()
	h.panes = widgets.NewPanes(h.contacts.Object(), h.side)
	h.panes.SetLeftWidth(a.prefs.listWidth())
	h.panes.OnLeftWidth = a.prefs.keepListWidth
	h.panes.OnMode = func(widgets.PanesMode) { h.modeChanged() }
	h.object = h.panes
	h.inbox = &inbox{post: a.cfg.UI.Post, batch: h.batch, to: h}
	return h, nil
}

func (h *home) buildChat() {
	a := h.app
	h.chat = chat.NewScreen(a.cfg.UI, chat.Callbacks{
		Back:        h.back,
		Notify:      a.notify,
		Copy:        a.cfg.FyneApp.Clipboard().SetContent,
		OpenLink:    h.openLink,
		Menu:        h.chatMenu,
		Info:        h.toggleInfo,
		Person:      h.showPerson,
		Delete:      h.askDelete,
		Forward:     h.askForward,
		MessageInfo: h.showReceipts,
		Attach:      h.attach,
		Paste:       h.paste,
		CopyPicture: h.pictureCopier(),
		TooLong:     h.tooLong,
		View:        h.viewPicture,
		OpenFile:    h.openFile,
		ShowFile:    h.showFile,
		SaveFile:    h.saveFile,
		Picture:     func(peer string, group uint32) *widgets.Picture { return h.gallery.get(idOf(peer, group)) },
		Shortcut:    a.shortcut,
	})
}

func (h *home) buildContacts() (err error) {
	a := h.app
	h.contacts, err = contacts.NewScreen(contacts.Config{
		Backend:    h.session.Client,
		Dispatcher: a.cfg.UI,
		Echo:       h.session.Echo,
		Begun:      a.prefs.begun(),
		Pins:       a.prefs.pins(),
		Logger:     a.cfg.Logger,
		Changed:    h.retitle,
		PinsMoved:  a.prefs.keepPins,
		Notice:     h.notice,
	}, contacts.Callbacks{
		Open:       h.open,
		OpenAt:     h.openAt,
		MainMenu:   a.showMenu,
		Info:       h.showInfo,
		NewGroup:   h.newGroup,
		JoinGroup:  h.joinGroup,
		Confirm:    a.confirm,
		Deleted:    h.deleted,
		RemoveEcho: h.removeEcho,
		Failed:     h.failed,
		Picture:    h.gallery.get,
		Shortcut:   a.shortcut,
	})
	return err
}

// begin listens to the SDK and opens the conversation that was open last. The home's object is in the window by now.
func (h *home) begin() {
	if err := h.session.Client.AddListener(h.inbox); err != nil {
		h.app.cfg.Logger.Error("not listening", slog.Any("error", err))
	}
	h.session.Client.SetUIThread(h.app.cfg.UI.IsUI)
	h.session.Client.SetAppInForeground(0, h.app.front)
	h.linkChanged()
	h.retitle()
	h.awaitMidnight()
	h.dragging.watch()
	h.limitFiles()
	if id := contacts.ParseID(h.app.prefs.lastChat()); !id.IsZero() && h.panes.Mode() == widgets.PanesBoth {
		if _, ok := h.contacts.Model().Row(id); ok {
			h.open(id, true)
		}
	}
}

// awaitMidnight has times and dates written anew when the day changes: "Today" has become "Yesterday".
func (h *home) awaitMidnight() {
	now := h.app.cfg.UI.Now()
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	h.newDay = h.app.cfg.UI.After(midnight.Sub(now)+time.Second, func() {
		h.contacts.Model().ProfileChanged(contacts.ID{})
		h.refresh()
		h.awaitMidnight()
	})
}

// refresh shows everything anew.
func (h *home) refresh() {
	if h.closed {
		return
	}
	h.contacts.Refresh()
	h.chat.Refresh()
	h.info.Refresh()
}

// current is the open conversation, the zero ID when there is none.
func (h *home) current() contacts.ID {
	if m := h.chat.Model(); m != nil {
		return idOf(m.Peer(), m.GroupID())
	}
	return contacts.ID{}
}

// open shows a conversation; write gives the keyboard to the composer.
func (h *home) open(id contacts.ID, write bool) {
	if !h.current().Is(id) || h.chat.Model() == nil {
		h.enter(id, 0)
	}
	h.contacts.Model().Select(id)
	h.panes.ShowRight()
	h.modeChanged()
	h.retitle()
	h.linkChanged() // files of the chat before are elsewhere now
	if write {
		h.chat.Focus(h.app.window.Canvas())
	}
}

// openAt shows a conversation at one of its messages, with what was searched for marked.
func (h *home) openAt(id contacts.ID, mid uint64, query string) {
	if m := h.chat.Model(); m == nil || !h.current().Is(id) || !m.ShowMessage(mid) {
		h.enter(id, mid)
	}
	h.open(id, false)
	h.chat.Model().FindAt(query, mid)
}

// enter opens a conversation in place of the one before, at a message if mid is not 0.
func (h *home) enter(id contacts.ID, mid uint64) {
	row := h.contacts.Model().Known(id)
	h.leave()
	h.opening = true
	h.chat.Open(chat.Config{
		Backend:    h.session.Client,
		Dispatcher: h.app.cfg.UI,
		Peer:       id.Peer,
		GroupID:    id.Group,
		Title:      row.Name,
		Saved:      row.Saved,
		Echo:       row.Echo,
		At:         mid,
		Explain:    Explain,
		Logger:     h.app.cfg.Logger,
		Changed:    h.chatChanged,
		Updated:    func() { h.updated(id) },
		Drafted:    func() { h.drafted(id) },
		Name:       h.name,
		Notice:     h.notice,
		Online:     func() bool { return h.link.health() == healthy },
		FileLimit:  h.largest.size,
		Sound:      h.app.cfg.Sound,
	})
	h.chat.Model().SetTyping(h.typists.words(id))
	h.opening = false
	h.setRight(h.chat.Object())
	h.app.prefs.keepLastChat(id.Key())
	h.followInfo(id)
	h.askMembers(id)
}

// askMembers asks the server for the members of a group, when not all of them are known here.
func (h *home) askMembers(id contacts.ID) {
	if id.Group == 0 {
		return
	}
	if g := h.session.Client.Group(id.Group); !g.Member || len(g.Members) >= g.Count {
		return
	}
	if err := h.session.Client.AskGroup(id.Group); err != nil {
		h.app.cfg.Logger.Debug("members not asked for", errorAttr(err)) // they are when the group is opened again
	}
}

// name is what somebody is called.
func (h *home) name(address string) string {
	list := h.contacts.Model()
	if (contacts.ID{Peer: address}).Is(contacts.ID{Peer: list.Self()}) {
		return "You"
	}
	return list.Title(contacts.ID{Peer: address})
}

// notice puts what happened to a group into words.
func (h *home) notice(change *mesibo.GroupChange, by string) string {
	return noticeWords(change, by, h.session.Client.GetAddress(), h.name)
}

// leave closes the open conversation, if there is one.
func (h *home) leave() {
	if h.chat.Model() != nil {
		h.app.closeViewer()
		h.chat.Leave()
		h.contacts.Model().SetReading(contacts.ID{})
	}
}

// back closes the panel, or goes from the conversation to the list in a window that shows one of them.
func (h *home) back() {
	if h.closeInfo() || h.panes.Mode() != widgets.PanesOnlyRight {
		return
	}
	h.toList()
}

// toList goes to the list, in a window that shows one pane.
func (h *home) toList() {
	if h.panes.Mode() != widgets.PanesOnlyRight {
		return
	}
	h.closeInfo()
	h.leave()
	h.setRight(h.nothing)
	h.contacts.Model().Select(contacts.ID{})
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

// foreground takes in whether the window has the keyboard.
func (h *home) foreground() {
	h.session.Client.SetAppInForeground(0, h.app.front)
	h.attend()
}

// chatChanged keeps the list's badge from flickering for messages that are read as they come.
func (h *home) chatChanged() {
	m := h.chat.Model()
	if m == nil || h.opening {
		return
	}
	reading := contacts.ID{}
	if m.Reading() {
		reading = h.current()
	}
	h.contacts.Model().SetReading(reading)
}

// updated is called when a conversation changed by what this user did.
func (h *home) updated(id contacts.ID) {
	h.contacts.Model().Reload(id)
	h.moving.updated(id)
	h.linkChanged()
}

// drafted is called when a draft was saved.
func (h *home) drafted(id contacts.ID) {
	h.contacts.Model().DraftChanged(id)
	h.app.prefs.keepBegun(h.contacts.Model().Begun())
}

// deleted is called when a conversation lost its messages.
func (h *home) deleted(id contacts.ID) {
	h.moving.updated(id)
	if h.chat.Model() == nil || !h.current().Is(id) {
		return
	}
	h.leave()
	if _, ok := h.contacts.Model().Row(id); ok {
		h.open(id, false)
		return
	}
	h.closeInfo()
	h.setRight(h.nothing)
	h.contacts.Model().Select(contacts.ID{})
	h.panes.ShowLeft()
	h.retitle()
	h.linkChanged()
}

// removeEcho takes the contact that answers away for good.
func (h *home) removeEcho() {
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		err = h.session.RemoveEcho(ctx)
	}, func() {
		if err != nil {
			h.failed(err)
			return
		}
		id := contacts.ID{Peer: h.session.Echo}
		h.contacts.Model().EchoRemoved()
		h.deleted(id)
	})
}

// failed says what went wrong.
func (h *home) failed(err error) {
	h.app.cfg.Logger.Warn("not done", slog.Any("error", err))
	h.app.notify(Explain(err))
}

// close keeps the draft and stops listening.
func (h *home) close() {
	if h.closed {
		return
	}
	h.leave()
	h.closed = true
	h.awaited = append(slices.Clone(h.sends), h.connected)
	h.session.Client.RemoveListener(h.inbox)
	h.link.Close()
	h.typists.close()
	h.moving.close()
	h.dragging.close()
	if h.newDay != nil {
		h.newDay()
	}
}
