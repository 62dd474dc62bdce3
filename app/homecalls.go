package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// calls are the calls of an account, and their window.
type calls struct {
	home   *home
	model  *call.Model
	window fyne.Window // nil for none
	screen callScreen  // in it
	sheet  *sheet.Host // over it
	group  bool        // it is that of the call of a group
	words  string      // of the banner, to notice changes
}

// callScreen is the content of the window of a call.
type callScreen interface {
	Object() fyne.CanvasObject
	Focus(window fyne.Canvas)
	Key(e *fyne.KeyEvent)
	Size() fyne.Size
	Title() string
	Refresh()
	Close()
}

func (h *home) buildCalls() {
	a := h.app
	c := &calls{home: h}
	var output audio.Output
	if a.cfg.Sound != nil {
		output = a.cfg.Sound.Output
	}
	c.model = call.NewModel(call.Config{
		Backend: h.session.Client, Dispatcher: a.cfg.UI, Output: output, Name: h.name, Notify: a.notify,
		GroupName: h.groupName, GroupChanged: c.groupChanged,
		Missed: h.notifications.missedCall, Quiet: func() bool { return !a.disturbs() },
		Explain: Explain, Logger: a.cfg.Logger, Changed: c.changed,
		Devices: a.cfg.CallDevices, Chosen: a.prefs.device, Choose: a.prefs.setDevice,
	})
	h.calls = c
}

// start lets calls ring.
func (c *calls) start() {
	if err := c.model.Listen(c.home.app.cfg.CallMedia); err != nil {
		c.home.app.cfg.Logger.Error("calls do not ring", errorAttr(err))
	}
}

// close ends the window; the session ends the calls.
func (c *calls) close() {
	c.model.End()
	c.closeWindow()
}

// changed shows the call in its window, or in the banner when that was closed.
func (c *calls) changed() {
	if c.home.closed {
		return
	}
	group, two := c.model.Groups().Visible(), c.model.Visible()
	if c.window != nil && (!group && !two || c.group != group) {
		c.closeWindow()
	}
	if c.window == nil && (group || two) {
		c.openWindow(group)
	}
	if c.window != nil {
		c.screen.Refresh()
		if title := c.screen.Title(); c.window.Title() != title {
			c.window.SetTitle(title)
		}
	}
	c.home.notifications.callsChanged()
	c.home.showPresence()
	if words := c.model.BannerWords(); words != c.words {
		c.words = words
		c.home.refreshConnection()
	}
}

func (c *calls) openWindow(group bool) {
	a, h := c.home.app, c.home
	on := call.Callbacks{
		Picture:      func(address string) *widgets.Picture { return h.gallery.get(contacts.ID{Peer: address}) },
		GroupPicture: func(groupID uint32) *widgets.Picture { return h.gallery.get(contacts.ID{Group: groupID}) },
		GroupKey:     func(groupID uint32) string { return contacts.ID{Group: groupID}.FaceKey() },
		PersonName:   h.personName,
		Devices:      func() { c.chooseDevices(c.sheet) },
		Focused:      a.setCallFocus,
		Tips:         widgets.NewTips(a.cfg.UI.After),
		Escape:       c.closeSheet,
	}
	hide := c.model.Hide
	if c.group = group; group {
		c.screen, hide = call.NewGroupScreen(c.model, on), c.model.Groups().Hide
	} else {
		c.screen = call.NewScreen(c.model, on)
	}
	w := a.cfg.FyneApp.NewWindow(c.screen.Title())
	w.SetIcon(assets.AppIcon())
	w.SetPadded(false)
	sheets, layer := sheet.NewHostAbove(w, widgets.CallFooter)
	w.SetContent(container.NewStack(c.screen.Object(), layer, on.Tips))
	w.Resize(c.screen.Size())
	w.SetCloseIntercept(hide)
	w.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierShortcutDefault},
		func(fyne.Shortcut) { hide() })
	w.Canvas().SetOnTypedKey(c.typedKey)
	c.window, c.sheet = w, sheets
	c.screen.Focus(w.Canvas())
	w.CenterOnScreen()
	w.Show()
	w.RequestFocus()
}

// closeSheet closes the sheet over the window of the call, and reports whether there was one.
func (c *calls) closeSheet() bool {
	shown := c.sheet.Shown()
	c.sheet.Close()
	return shown
}

// typedKey handles the keys that nothing in the window handles.
func (c *calls) typedKey(e *fyne.KeyEvent) {
	switch {
	case c.window == nil:
	case !c.sheet.Shown():
		c.screen.Key(e)
	case e.Name == fyne.KeyEscape:
		c.sheet.Close()
	case e.Name == fyne.KeyReturn, e.Name == fyne.KeyEnter:
		c.sheet.Submit()
	}
}

// chooseDevices lets the user choose the devices of calls.
func (c *calls) chooseDevices(host *sheet.Host) {
	if host == c.sheet && c.closeSheet() { // the button closes it, too
		return
	}
	c.model.ListDevices(func(menus []call.Menu) {
		if c.home.closed || host != c.sheet && host != c.home.app.sheet {
			return
		}
		devices := call.NewDeviceSheet(c.model, menus, host)
		host.Show(sheet.Content{Title: tr.L("Devices for calls"), Body: devices.Object(), Closed: func() {
			devices.Close()
			if host == c.sheet && c.window != nil {
				c.screen.Focus(c.window.Canvas())
			}
		}})
	})
}

func (c *calls) closeWindow() {
	if c.window == nil {
		return
	}
	w := c.window
	c.sheet.Close()
	c.window = nil
	c.screen.Close()
	if c.home.app.windowless {
		return
	}
	w.Close()
	c.home.app.setCallFocus(false)
}

// bringBack shows the window of the call again.
func (c *calls) bringBack() {
	if c.model.Groups().Group() != 0 {
		c.model.Groups().Return()
	} else {
		c.model.Return()
	}
	c.focus()
}

// banner is what the main window says of a call whose window was closed; without text there is none.
func (c *calls) banner() widgets.BannerData {
	d := widgets.BannerData{Kind: widgets.BannerGreen, Text: c.model.BannerWords(), Tapped: c.bringBack}
	switch {
	case c.model.Groups().Group() != 0:
		d.Actions = []widgets.Action{
			{Text: tr.X("Return", "to a call"), Tapped: c.bringBack},
			{Text: tr.X("Leave", "call"), Tapped: c.model.Groups().Leave},
		}
		return d
	case c.model.Rings():
		d.Actions = []widgets.Action{
			{Text: tr.L("Show"), Tapped: c.bringBack}, {Text: tr.L("Decline"), Tapped: c.model.HangUp},
		}
		return d
	}
	d.Actions = []widgets.Action{
		{Text: tr.X("Return", "to a call"), Tapped: c.bringBack}, {Text: tr.L("Hang up"), Tapped: c.model.HangUp},
	}
	return d
}

// groupBanner is what the chat of a group says of a call in which this device takes no part; without text there is no
// such call.
func (c *calls) groupBanner(group uint32) widgets.BannerData {
	words, elsewhere := c.model.Groups().OnWords(group)
	join := widgets.Action{Text: tr.L("Join"), Tapped: func() { c.home.callGroup(group, false) }}
	if elsewhere {
		join.Text = tr.L("Join here")
	}
	return widgets.BannerData{Kind: widgets.BannerGreen, Text: words, Actions: []widgets.Action{join}}
}

// groupChanged shows in the list and in the open chat whether a call of a group is on.
func (c *calls) groupChanged(group uint32) {
	if c.home.closed {
		return
	}
	id := contacts.ID{Group: group}
	c.home.contacts.Model().SetCalling(id, c.model.Groups().IsOn(group))
	if c.home.openChat(id) != nil {
		c.home.refreshConnection()
	}
}

// canCall reports whether a chat is with someone, or of a group, that can be called.
func (h *home) canCall(id contacts.ID) bool {
	if id.Group != 0 {
		return h.session.Client.CanCall(id.Group)
	}
	return id.Peer != "" && id.Peer != mesibo.ServerAddress && !id.Is(contacts.ID{Peer: h.session.Echo}) &&
		!id.Is(contacts.ID{Peer: h.contacts.Model().Self()})
}

// callOpen calls the other party of the open chat, or takes part in the call of its group.
func (h *home) callOpen(video bool) {
	switch id := h.current(); {
	case !h.canCall(id):
	case id.Group != 0:
		h.callGroup(id.Group, video)
	default:
		h.call(id.Peer, video)
	}
}

// call calls a user, or shows the call there is with them.
func (h *home) call(address string, video bool) {
	h.calls.model.Start(address, video)
	h.calls.focus()
}

// callGroup takes part in the call of a group, or starts one, or shows it.
func (h *home) callGroup(group uint32, video bool) {
	h.calls.model.Groups().Start(group, video)
	h.calls.focus()
}

func (c *calls) focus() {
	if c.window != nil {
		c.window.RequestFocus()
	}
}

// groupName is the name of a group.
func (h *home) groupName(group uint32) string {
	return h.contacts.Model().Title(contacts.ID{Group: group})
}

// personName is the name of a user, also of this one.
func (h *home) personName(address string) string {
	if (contacts.ID{Peer: address}).Is(contacts.ID{Peer: h.contacts.Model().Self()}) {
		if self := h.session.Client.GetSelfProfile(); self != nil && self.Name != "" {
			return self.Name
		}
		return address
	}
	return h.name(address)
}

// setCallFocus sets whether the window of a call has the keyboard: then the main one has not.
func (a *App) setCallFocus(focused bool) {
	a.calling = focused
	a.cfg.UI.Post(a.updateFront) // when the keyboard has arrived
}

func (a *App) updateFront() {
	for _, h := range a.homes() {
		h.foregroundChanged()
	}
}
