package app

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/files"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// home is the main window of an open account: the list, the open chat, the panel about it, and what keeps them up to
// date.
type home struct {
	app           *App
	account       *account
	prefs         preferences // with those of the account alone
	canvas        fyne.Canvas // of the window, see accountCanvas
	session       *Session
	inbox         *inbox
	connection    *connectionModel
	contacts      *contacts.Screen
	chat          *chat.Screen
	info          *info.Screen
	gallery       *gallery
	typing        *typing
	files         *files.Screen
	calls         *calls
	notifications *notifications
	later         *later
	awaited       []chan struct{} // by the end of the session; set by close
	panes         *widgets.Panes
	connectionRow *widgets.InfoPair // in the settings, nil when they have not been shown
	dragging      *dragging
	right         *fyne.Container // the chat, or what is shown without one
	side          *fyne.Container // right and the panel
	nothing       *widgets.EmptyState
	object        fyne.CanvasObject

	connected  chan struct{} // closed when the session's Connect has returned
	newDay     func()        // cancels the refresh at midnight
	emojiLater func()        // cancels the drawing of emoji ahead
	request    uint32        // of the group that is being created
	joining    bool          // a group is being joined by its code
	opening    bool          // while a chat is being opened
	restored   bool          // the chat that was open last is open again, or was not to be
	closed     bool
}

func newHome(a *App, c *account, session *Session) (*home, error) {
	h := &home{
		app: a, account: c, prefs: preferences{a.prefs.store, c.key}, session: session, connected: make(chan struct{}),
	}
	h.canvas = accountCanvas{a.window.Canvas(), h}
	h.connection = newConnectionModel(session.Client, a.cfg.UI, session.serverName(), h.refreshConnection)
	h.gallery = newGallery(session.Client, a.cfg.UI, a.cfg.Logger, h.refresh)
	h.typing = newTyping(a.cfg.UI, h.name, h.typingChanged)
	h.notifications = newNotifications(h)
	h.buildFiles()
	h.dragging = newDragging(h)
	h.buildChat()
	if err := h.buildContacts(); err != nil {
		return nil, err
	}
	h.contacts.SetCompact(a.prefs.compact())
	h.contacts.Start()
	h.buildInfo()
	h.buildCalls()
	h.later = newLater(h)
	h.nothing = widgets.NewEmptyState(widgets.ColorChatBackground, widgets.EmptyData{
		Icon: assets.IconChat,
		Text: tr.L("Select a chat"),
		Keys: []widgets.KeyHint{
			{Key: keyName("N"), Does: tr.L("New chat")},
			{Key: altKey("↓"), Does: tr.L("Next chat")},
			{Key: keyName("/"), Does: tr.L("All keys")},
		},
	})
	h.right = container.NewStack(h.nothing)
	h.side = container.New(widgets.Mirrored(&sideLayout{home: h}), container.NewStack(h.right, h.dragging.zones), h.info.Object())
	h.info.Object().Hide()
	h.panes = widgets.NewPanes(h.contacts.Object(), h.side)
	h.panes.SetLeftWidth(a.prefs.listWidth())
	h.panes.OnLeftWidth = a.prefs.setListWidth
	h.panes.OnMode = func(mode widgets.PanesMode) {
		h.modeChanged()
		if mode != widgets.PanesBoth { // what has the keyboard may be hidden
			h.focus()
		}
	}
	h.object = h.panes
	h.inbox = &inbox{post: a.cfg.UI.Post, batch: h.batch, to: h}
	return h, nil
}

// emojiDelay is how long the emoji of the picker wait to be drawn: they would take the start's processor.
const emojiDelay = 3 * time.Second

func (h *home) buildChat() {
	a := h.app
	h.emojiLater = a.cfg.UI.After(emojiDelay, func() {
		draw := widgets.PrepareEmoji(a.prefs.emoji())
		a.cfg.UI.Async(func(context.Context) { draw() }, func() {})
	})
	h.chat = chat.NewScreen(a.cfg.UI, h.canvas, chat.Callbacks{
		Back:          h.back,
		Notify:        a.notify,
		Copy:          a.cfg.FyneApp.Clipboard().SetContent,
		OpenLink:      h.openLink,
		OpenHidden:    h.openHidden,
		Menu:          h.chatMenu,
		Info:          h.toggleInfo,
		Person:        h.showPerson,
		Delete:        h.askDelete,
		Forward:       h.askForward,
		MessageInfo:   h.showReceipts,
		Report:        h.reportMessage,
		Call:          h.callOpen,
		Attach:        h.files.Attach,
		Paste:         h.files.Paste,
		CopyPicture:   h.pictureCopier(),
		TooLong:       h.files.OfferTextFile,
		Later:         h.askLater,
		AnswerRequest: h.answerRequest,
		ShowLater:     h.showLater,
		View:          h.viewPicture,
		OpenFile:      h.openFile,
		ShowFile:      h.showFile,
		SaveFile:      h.saveFile,
		SaveFiles:     h.saveFiles,
		Picture:       func(peer string, group uint32) *widgets.Picture { return h.gallery.get(idOf(peer, group)) },
		RecentEmoji:   a.prefs.emoji,
		EmojiUsed:     a.prefs.useEmoji,
		Language:      a.emojiLanguage(),
		Shortcut:      a.shortcut,
	})
}

func (h *home) buildContacts() (err error) {
	a := h.app
	h.contacts, err = contacts.NewScreen(contacts.Config{
		Backend:             h.session.Client,
		Dispatcher:          a.cfg.UI,
		Echo:                h.session.Echo,
		Drafts:              h.prefs.drafts(),
		Pins:                h.prefs.pins(),
		Logger:              a.cfg.Logger,
		Changed:             h.updateTitle,
		PinsChanged:         h.prefs.setPins,
		MentionsOnly:        h.prefs.mentionsOnly(),
		MentionsOnlyChanged: h.prefs.setMentionsOnly,
		Hidden:              h.hidden,
		Notice:              h.notice,
	}, h.canvas, contacts.Callbacks{
		Open:       h.open,
		OpenAt:     h.openAt,
		Focus:      h.focus,
		MainMenu:   a.showMenu,
		Info:       h.showInfo,
		NewGroup:   h.newGroup,
		JoinGroup:  h.joinGroup,
		Confirm:    a.sheet.Confirm,
		Deleted:    h.deleted,
		RemoveEcho: h.removeEcho,
		Failed:     h.failed,
		Picture:    h.gallery.get,
		Shortcut:   a.shortcut,
		Escape:     h.escape,
	})
	return err
}

// start listens to the SDK and opens the chat that was open last. The home's object must be in the window.
func (h *home) start() {
	if err := h.session.Client.AddListener(h.inbox); err != nil {
		h.app.cfg.Logger.Error("not listening", slog.Any("error", err))
	}
	h.session.Client.SetUIThread(h.app.cfg.UI.IsUI)
	h.session.Client.SetGroupCallEngine(h.app.cfg.CallEngine)
	h.session.Client.SetReadReceipts(h.prefs.readReceipts())
	h.session.Client.SetAppInForeground(0, h.inFront())
	h.refreshConnection()
	h.showInvitations()
	h.updateTitle()
	h.refreshAtMidnight()
	if h.app.home == h {
		h.dragging.watch()
	}
	h.files.Start()
	h.calls.start()
	h.later.schedule()
	h.restore()
}

// restore opens the chat that was open last, when the window first shows the account.
func (h *home) restore() {
	if h.restored || h.app.home != h {
		return
	}
	h.restored = true
	if id := contacts.ParseID(h.prefs.lastChat()); !id.IsZero() && h.panes.Mode() == widgets.PanesBoth {
		if _, ok := h.contacts.Model().Row(id); ok {
			h.open(id, true)
		}
	}
}

// refreshAtMidnight refreshes times and dates when the day changes: "Today" has become "Yesterday".
func (h *home) refreshAtMidnight() {
	now := h.app.cfg.UI.Now()
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	h.newDay = h.app.cfg.UI.After(midnight.Sub(now)+time.Second, func() {
		h.contacts.Model().ProfileChanged(contacts.ID{})
		h.refresh()
		h.refreshAtMidnight()
	})
}

// refresh shows everything again.
func (h *home) refresh() {
	if h.closed {
		return
	}
	h.contacts.Refresh()
	h.chat.Refresh()
	h.info.Refresh()
}

// current is the open chat, the zero ID without one.
func (h *home) current() contacts.ID {
	if m := h.chat.Model(); m != nil {
		return idOf(m.Peer(), m.GroupID())
	}
	return contacts.ID{}
}

// open shows a chat; write focuses the composer.
func (h *home) open(id contacts.ID, write bool) {
	if !h.current().Is(id) || h.chat.Model() == nil {
		h.enter(id, 0)
	}
	h.unmark(id)
	h.contacts.Model().Select(id)
	h.panes.ShowRight()
	h.modeChanged()
	h.updateTitle()
	h.refreshConnection() // transfers of the chat before are elsewhere now
	hidden := h.panes.Mode() == widgets.PanesOnlyRight
	if write || hidden { // what had the keyboard in the list
		h.chat.Focus()
	}
}

// unmark marks a chat as unread no more.
func (h *home) unmark(id contacts.ID) {
	if err := h.contacts.Model().Unmark(id); err != nil {
		h.failed(err)
	}
}

// focus focuses the open chat, or the list without one in view.
func (h *home) focus() {
	if h.chat.Model() != nil && h.panes.Mode() != widgets.PanesOnlyLeft {
		h.chat.Focus()
		return
	}
	h.contacts.Focus()
}

// openAt shows a chat at one of its messages, and highlights the query.
func (h *home) openAt(id contacts.ID, mid uint64, query string) {
	h.showAt(id, mid)
	h.chat.Model().FindAt(query, mid)
}

// showAt shows a chat at one of its messages.
func (h *home) showAt(id contacts.ID, mid uint64) {
	if m := h.chat.Model(); m == nil || !h.current().Is(id) || !m.ShowMessage(mid) {
		h.enter(id, mid)
	}
	h.open(id, false)
}

// enter opens a chat in place of the one before, at a message if mid is not 0.
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
		Online:     func() bool { return h.connection.health() == healthy },
		Sound:      h.app.cfg.Sound,
		Pages:      h.pages,
		Callable:   h.canCall(id),
		OfferUndo:  func(words string, undo func()) func() { return h.app.toast.Offer(words, tr.L("Undo"), h.undone(undo)) },
	})
	h.chat.Model().SetTyping(h.typing.words(id))
	h.opening = false
	h.setRight(h.chat.Object())
	h.showWaiting()
	h.prefs.setLastChat(id.Key())
	h.followInfo(id)
	h.askMembers(id)
	h.lookUp(id)
}

// lookUp asks the server who has an address that is not known here.
func (h *home) lookUp(id contacts.ID) {
	if id.Peer == "" || h.connection.health() != healthy {
		return
	}
	if p, ok := h.session.Client.GetProfile(id.Peer, 0); ok && p.Name != "" {
		return
	}
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { _, err = h.session.Client.LookupProfile(ctx, id.Peer) }, func() {
		if err != nil {
			h.app.cfg.Logger.Debug("look up profile", errorAttr(err))
		}
	})
}

// hidden reports whether a message is about to be deleted.
func (h *home) hidden(id contacts.ID, mid uint64) bool {
	if h.chat == nil || h.opening {
		return false
	}
	m := h.openChat(id)
	return m != nil && m.HiddenMid(mid)
}

// undone undoes something, and puts the keyboard back where it was before the button took it.
func (h *home) undone(undo func()) func() {
	return func() {
		undo()
		h.focus()
	}
}

// askMembers requests the members of a group from the server, when not all of them are known here.
func (h *home) askMembers(id contacts.ID) {
	if id.Group == 0 {
		return
	}
	if g := h.session.Client.Group(id.Group); !g.Member || len(g.Members) >= g.Count {
		return
	}
	if err := h.session.Client.AskGroup(id.Group); err != nil {
		h.app.cfg.Logger.Debug("members not asked for", errorAttr(err)) // requested again when the group is opened again
	}
}

// name is the name of a user.
func (h *home) name(address string) string {
	list := h.contacts.Model()
	if (contacts.ID{Peer: address}).Is(contacts.ID{Peer: list.Self()}) {
		return tr.L("You")
	}
	return list.Title(contacts.ID{Peer: address})
}

// notice describes a change of a group.
func (h *home) notice(change *mesibo.GroupChange, by string) string {
	return groupNotice(change, by, h.session.Client.GetAddress(), h.name)
}

// leave closes the open chat, if any.
func (h *home) leave() {
	if h.chat.Model() != nil {
		h.app.closeViewer()
		h.chat.Leave()
		h.contacts.Model().SetReading(contacts.ID{})
	}
}

// back closes the panel, or goes from the chat to the list in a window that shows one of them.
func (h *home) back() {
	if h.closeInfo() || h.panes.Mode() != widgets.PanesOnlyRight {
		return
	}
	h.showList()
}

// showList shows the list, in a window that shows one pane.
func (h *home) showList() {
	if h.panes.Mode() != widgets.PanesOnlyRight {
		return
	}
	h.closeInfo()
	h.leave()
	h.setRight(h.nothing)
	h.contacts.Model().Select(contacts.ID{})
	h.panes.ShowLeft()
	h.updateTitle()
	h.focus()
}

func (h *home) setRight(o fyne.CanvasObject) {
	if h.right.Objects[0] != o {
		h.right.Objects[0] = o
		h.right.Refresh()
	}
}

func (h *home) modeChanged() {
	h.chat.ShowBack(h.panes.Mode() == widgets.PanesOnlyRight)
	h.app.cfg.UI.Post(h.refreshConnection) // the banner of a call has its place in one pane
	h.updateFocus()
}

// updateFocus sets whether the user can see the chat: the window has the keyboard, the chat is shown, and nothing lies over
// the whole window.
func (h *home) updateFocus() {
	if m := h.chat.Model(); m != nil {
		covered := h.app.sheet.Shown() || h.app.viewer != nil
		m.SetFocused(h.inFront() && !covered && !h.app.calling && h.panes.Mode() != widgets.PanesOnlyLeft)
		h.chatChanged()
	}
	h.notifications.prune()
}

// showPresence lets others see that the user is there: the window has the keyboard, or a call goes on.
func (h *home) showPresence() {
	h.session.Client.SetAppInForeground(0, h.inFront() || h.calls.model.Lasts())
}

// foregroundChanged is called when the window got or lost the keyboard.
func (h *home) foregroundChanged() {
	h.showPresence()
	h.updateFocus()
}

// chatChanged keeps the list's badge from flickering for messages that are read as they arrive.
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

// updated is called when this user changed a chat.
func (h *home) updated(id contacts.ID) {
	h.unmark(id)
	h.contacts.Model().Reload(id)
	h.files.Updated(id.Peer, id.Group)
	h.refreshConnection()
}

// drafted is called when a draft was saved.
func (h *home) drafted(id contacts.ID) {
	h.contacts.Model().DraftChanged(id)
	h.prefs.setDrafts(h.contacts.Model().Drafts())
}

// deleted is called when a chat lost its messages.
func (h *home) deleted(id contacts.ID) {
	h.files.Updated(id.Peer, id.Group)
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
	h.updateTitle()
	h.refreshConnection()
	h.focus()
}

// removeEcho removes the contact that answers for good.
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

// failed logs an error and says what it means.
func (h *home) failed(err error) {
	h.app.cfg.Logger.Warn("not done", slog.Any("error", err))
	h.app.notify(Explain(err))
}

// close saves the draft and stops listening.
func (h *home) close() {
	if h.closed {
		return
	}
	h.leave()
	h.closed = true
	h.awaited = append(h.files.Queues(), h.connected)
	h.session.Client.RemoveListener(h.inbox)
	h.connection.Close()
	h.typing.close()
	h.files.Close()
	h.calls.close()
	h.notifications.close()
	h.later.close()
	h.dragging.close()
	h.emojiLater()
	if h.newDay != nil {
		h.newDay()
	}
}
