package app

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// railFrom is the width of the window from which the accounts are shown in it; in a narrower one they are in the menu.
const railFrom = 900

// account is one of the accounts in the window. All that have a session receive and notify; one is shown.
type account struct {
	key       string // of its workspace, empty for the first
	workspace Workspace
	home      *home    // nil while it has no session
	failed    *Session // whose messages could not be read, nil for none
}

// prefix is put before the keys of the account's notifications, so that they are its own.
func (c *account) prefix() string {
	if c.key == "" {
		return ""
	}
	return c.key + "|"
}

// homes are the accounts that have a session.
func (a *App) homes() []*home {
	var list []*home
	for _, c := range a.accounts {
		if c.home != nil {
			list = append(list, c.home)
		}
	}
	return list
}

// several reports whether more than one account has a session.
func (a *App) several() bool { return len(a.homes()) > 1 }

// openedAccount is an account as it was found on the disk.
type openedAccount struct {
	account
	session *Session
	err     error
}

// openAll opens the stored accounts. It is called on another goroutine.
func (a *App) openAll(ctx context.Context) (list []openedAccount, err error) {
	list = []openedAccount{{account: account{workspace: a.cfg.Workspace}}}
	others, err := a.cfg.Workspace.Others(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		list = append(list, openedAccount{account: account{key: o.Key, workspace: o.Workspace}})
	}
	for i := range list {
		list[i].session, list[i].err = list[i].workspace.Resume(ctx)
	}
	return list, nil
}

// showAll shows the accounts that were opened: the one that was shown last, while the others work beside it. Without
// any, it shows the first-run card.
func (a *App) showAll(list []openedAccount) {
	a.accounts = nil
	var failed error
	for _, o := range list {
		switch {
		case o.err != nil:
			a.cfg.Logger.Error("account not opened", errorAttr(o.err))
			failed = o.err
		case o.session != nil || o.key == "":
			c := o.account
			a.accounts = append(a.accounts, &c)
			if o.session == nil {
				continue
			}
			if err := a.begin(&c, o.session); err != nil {
				a.cfg.Logger.Error("chats not read", errorAttr(err))
				failed = err
			}
		}
	}
	homes := a.homes()
	switch {
	case len(homes) == 0 && failed != nil:
		a.showFailure(failed)
		return
	case len(homes) == 0:
		a.account = a.accounts[0]
		a.showLogin(false)
		return
	}
	shown := homes[0].account
	for _, h := range homes {
		if h.account.key == a.prefs.lastAccount() {
			shown = h.account
		}
	}
	a.enter(shown)
	for _, h := range homes {
		a.connect(h)
	}
	if failed != nil {
		a.notify(tr.L("An account could not be opened.") + " " + Explain(failed))
	}
}

// begin makes the home of an account that has a session.
func (a *App) begin(c *account, session *Session) error {
	a.watchDamage(c, session)
	h, err := newHome(a, c, session)
	if err != nil {
		c.failed = session
		return err
	}
	c.home, c.failed = h, nil
	return nil
}

// connect lets an account receive.
func (a *App) connect(h *home) {
	h.start()
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		defer close(h.connected)
		err = h.session.Connect(ctx)
	}, func() {
		if err != nil {
			a.cfg.Logger.Error("session not connected", errorAttr(err))
			h.connection.Fail()
		}
	})
}

// enter shows an account in place of the one before.
func (a *App) enter(c *account) {
	before := a.home
	a.account, a.home, a.adding = c, c.home, nil
	a.prefs.setLastAccount(c.key)
	if before != nil && before != c.home {
		before.dragging.close()
		before.foregroundChanged()
	}
	a.show(c.home.object)
	if c.home.panes.Mode() != widgets.PanesBoth {
		c.home.focus()
	}
}

// switchTo shows another account.
func (a *App) switchTo(c *account) {
	if c.home == nil || c.home == a.home || a.closing || a.locked() {
		return
	}
	for a.closeTop() {
	}
	a.login = nil
	a.enter(c)
	a.home.dragging.watch()
	a.home.foregroundChanged()
	a.home.updateTitle()
	a.home.restore()
	a.home.refresh()
	a.home.focus()
}

// switchToNumber shows the n-th account, from 1.
func (a *App) switchToNumber(n int) {
	if homes := a.homes(); n <= len(homes) {
		a.switchTo(homes[n-1].account)
	}
}

// addAccount shows the first-run card for another account; with an invite, the one to join with it.
func (a *App) addAccount(invite string) {
	var c Account
	var err error
	a.cfg.UI.Async(func(ctx context.Context) { c, err = a.cfg.Workspace.Another(ctx) }, func() {
		if a.home == nil || a.closing {
			return
		}
		if err != nil {
			a.home.failed(err)
			return
		}
		for a.closeTop() {
		}
		before := a.account
		added := &account{key: c.Key, workspace: c.Workspace}
		a.home.leaveWindow()
		a.account, a.home = added, nil
		a.adding = func() {
			a.adding, a.login = nil, nil
			a.switchTo(before)
		}
		a.showLogin(true)
		if invite != "" {
			a.login.Offer(invite)
		}
	})
}

// leaveWindow is called when the window is about to show something else than this account.
func (h *home) leaveWindow() {
	h.dragging.close()
	h.app.home = nil
	h.foregroundChanged()
	h.app.home = h
}

// refreshRail shows the accounts at the edge of the window, if there are several.
func (a *App) refreshRail() {
	if a.rail == nil {
		return
	}
	var list []widgets.RailAccount
	selected := -1
	for i, h := range a.homes() {
		if h == a.home {
			selected = i
		}
		list = append(list, widgets.RailAccount{Face: h.face(), Unread: h.contacts.Model().Unread()})
	}
	a.rail.Set(list, selected)
}

// face is this user's own.
func (h *home) face() widgets.Face {
	id := contacts.ID{Peer: h.contacts.Model().Self()}
	return widgets.Face{Key: id.FaceKey(), Name: h.ownName(), Picture: h.gallery.get(id)}
}

// ownName is this user's name, or the address.
func (h *home) ownName() string {
	if self := h.session.Client.GetSelfProfile(); self != nil && self.Name != "" {
		return self.Name
	}
	return h.contacts.Model().Self()
}

// withRail puts the accounts beside what the window shows, if there are several.
func (a *App) withRail(content fyne.CanvasObject) fyne.CanvasObject {
	if !a.several() || a.home == nil || content != a.home.object {
		return content
	}
	if a.rail == nil {
		a.rail = widgets.NewRail()
		a.rail.OnSelected = func(i int) { a.switchToNumber(i + 1) }
		a.rail.OnAdd = func() { a.addAccount("") }
		a.rail.OnSettings = func() { a.showSettings("") }
		a.rail.OnEscape = func() { a.atHome((*home).focus) }
		a.rail.OnShortcut = a.shortcut
	}
	a.refreshRail()
	return container.New(widgets.Mirrored(&railLayout{}), a.rail, content)
}

// railLayout has the accounts at the left edge, where the window is wide enough.
type railLayout struct{}

// MinSize implements fyne.Layout.
func (*railLayout) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[1].MinSize() }

// Layout implements fyne.Layout.
func (*railLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rail, content := objects[0], objects[1]
	x := float32(0)
	if size.Width >= railFrom {
		x = widgets.RailWidth
		rail.Show()
	} else {
		rail.Hide()
	}
	rail.Move(fyne.Position{})
	rail.Resize(fyne.NewSize(widgets.RailWidth, size.Height))
	content.Move(fyne.NewPos(x, 0))
	content.Resize(fyne.NewSize(size.Width-x, size.Height))
}

// accountMenu offers the accounts.
func (a *App) accountMenu() *widgets.MenuItem {
	item := widgets.NewMenuItem(tr.L("Accounts"), nil).With(assets.IconUsers)
	if a.several() {
		for i, h := range a.homes() {
			words := h.ownName()
			if n := h.contacts.Model().Unread(); n > 0 && h != a.home {
				words += " (" + strconv.Itoa(n) + ")"
			}
			one := widgets.NewMenuItem(words, func() { a.switchToNumber(i + 1) })
			one.Checked = h == a.home
			item.Sub = append(item.Sub, one)
		}
		item.Sub = append(item.Sub, widgets.NewMenuSeparator())
	}
	item.Sub = append(item.Sub,
		widgets.NewMenuItem(tr.L("Add an account…"), func() { a.addAccount("") }).With(assets.IconUserPlus))
	return item
}

// accountOf returns the account whose notification has a key, and the key as the account knows it.
func (a *App) accountOf(key string) (*home, string) {
	for _, h := range a.homes() {
		if prefix := h.account.prefix(); prefix != "" && strings.HasPrefix(key, prefix) {
			return h, strings.TrimPrefix(key, prefix)
		}
	}
	for _, h := range a.homes() {
		if h.account.key == "" {
			return h, key
		}
	}
	return nil, key
}

// accountCanvas is the window's canvas for one account: what the window does not show gets no keyboard.
type accountCanvas struct {
	fyne.Canvas
	home *home
}

// Focus implements fyne.Canvas.
func (c accountCanvas) Focus(o fyne.Focusable) {
	if c.home.shown() {
		c.Canvas.Focus(o)
	}
}

// Unfocus implements fyne.Canvas.
func (c accountCanvas) Unfocus() {
	if c.home.shown() {
		c.Canvas.Unfocus()
	}
}

// shown reports whether the window shows this account.
func (h *home) shown() bool { return h.app.home == h && !h.app.locked() && !h.app.putting }

// inFront reports whether the user is using the window with this account.
func (h *home) inFront() bool { return h.app.inFront() && h.app.home == h }

// askSignOut asks before this account is signed out.
func (h *home) askSignOut() {
	folder := h.session.Client.GetBasePath()
	words := tr.L("This device is signed out of {{.Server}}. Your messages and files stay on this computer, in {{.Folder}}.",
		"Server", h.session.serverName(), "Folder", folder)
	erase := tr.L("Delete them from this computer")
	if h.session.Local {
		words = tr.L("The server of this account is on this computer, too. Messages and files stay in {{.Folder}}.",
			"Folder", folder)
		erase = tr.L("Delete them for good: there is no other copy")
	}
	also := false
	check := h.app.sheet.NewCheck(erase, func(on bool) { also = on })
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Sign out?"), Verb: tr.L("Sign out"), Danger: true,
		Body: container.NewVBox(sheet.NewParagraph(words), check),
		Do: func() bool {
			h.app.sheet.Close()
			h.app.signOut(h, also)
			return false
		},
	})
}

// signOut signs an account out on the server and forgets it here; erase deletes what it has on the disk.
func (a *App) signOut(h *home, erase bool) {
	c := h.account
	h.close()
	c.home = nil
	if a.home == h { // the server may take its time
		a.home = nil
		if rest := a.homes(); len(rest) > 0 {
			a.switchTo(rest[0].account)
		} else {
			a.show(widgets.NewEmptyState(widgets.ColorWindow, widgets.EmptyData{
				Icon: assets.IconLeave, Text: tr.L("Signing out…"),
			}))
		}
	}
	var revoked, forgot error
	a.cfg.UI.Async(func(ctx context.Context) {
		revoked = a.revoke(ctx, h)
		a.closeSession(ctx, h)
		if erase {
			forgot = c.workspace.Erase(ctx)
		} else {
			forgot = c.workspace.Forget(ctx)
		}
	}, func() {
		if a.closing {
			return
		}
		a.signedOut(c)
		switch {
		case forgot != nil:
			a.cfg.Logger.Error("account not forgotten", errorAttr(forgot))
			a.notify(tr.L("Not everything could be removed.") + " " + Explain(forgot))
		case revoked != nil:
			a.cfg.Logger.Warn("token not revoked", errorAttr(revoked))
			a.notify(tr.L("You are signed out here. The server could not be told: ask who runs it to revoke this device."))
		default:
			a.notify(tr.L("You are signed out."))
		}
	})
}

// revoke makes the server refuse this device from now on. It is called on another goroutine.
func (a *App) revoke(ctx context.Context, h *home) error {
	select {
	case <-h.connected:
	case <-ctx.Done():
	}
	return h.session.Client.RemoveDevice(ctx, "")
}

// signedOut shows what is left after an account was signed out: another one, or the first-run card.
func (a *App) signedOut(c *account) {
	if c.key != "" {
		a.accounts = slices.DeleteFunc(a.accounts, func(other *account) bool { return other == c })
	}
	if a.home != nil { // another one is shown
		a.put()
		a.home.updateTitle()
		return
	}
	if len(a.accounts) == 0 {
		a.open()
		return
	}
	a.account = a.accounts[0]
	a.showLogin(false)
}
