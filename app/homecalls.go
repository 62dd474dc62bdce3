package app

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/widgets"
)

// calls are the calls of an account, and their window.
type calls struct {
	home   *home
	model  *call.Model
	window fyne.Window  // nil for none
	screen *call.Screen // in it
	words  string       // of the banner, to notice changes
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
		Announce: a.announce, Explain: Explain, Logger: a.cfg.Logger, Changed: c.changed,
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
	switch {
	case !c.model.Visible():
		c.closeWindow()
	case c.window == nil:
		c.openWindow()
	}
	if c.window != nil {
		c.screen.Refresh()
		if title := c.screen.Title(); c.window.Title() != title {
			c.window.SetTitle(title)
		}
	}
	if words := c.model.BannerWords(); words != c.words {
		c.words = words
		c.home.refreshConnection()
	}
}

func (c *calls) openWindow() {
	a := c.home.app
	c.screen = call.NewScreen(c.model, call.Callbacks{
		Picture: func(address string) *widgets.Picture { return c.home.gallery.get(contacts.ID{Peer: address}) },
		Focused: a.setCallFocus,
	})
	w := a.cfg.FyneApp.NewWindow(c.screen.Title())
	w.SetIcon(assets.AppIcon())
	w.SetPadded(false)
	w.SetContent(c.screen.Object())
	w.Resize(c.screen.Size())
	w.SetCloseIntercept(c.model.Hide)
	w.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierShortcutDefault},
		func(fyne.Shortcut) { c.model.Hide() })
	w.Canvas().SetOnTypedKey(c.screen.Key)
	c.window = w
	c.screen.Focus(w.Canvas())
	w.CenterOnScreen()
	w.Show()
	w.RequestFocus()
}

func (c *calls) closeWindow() {
	if c.window == nil {
		return
	}
	w := c.window
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
	c.model.Return()
	if c.window != nil {
		c.window.RequestFocus()
	}
}

// banner is what the main window says of a call whose window was closed; without text there is none.
func (c *calls) banner() widgets.BannerData {
	d := widgets.BannerData{Kind: widgets.BannerGreen, Text: c.model.BannerWords()}
	if c.model.Rings() {
		d.Actions = []widgets.Action{
			{Text: "Show", Tapped: c.bringBack}, {Text: "Decline", Tapped: c.model.HangUp},
		}
		return d
	}
	d.Actions = []widgets.Action{{Text: "Return", Tapped: c.bringBack}, {Text: "Hang up", Tapped: c.model.HangUp}}
	return d
}

// canCall reports whether a chat is with someone who can be called.
func (h *home) canCall(id contacts.ID) bool {
	return id.Peer != "" && id.Group == 0 && !id.Is(contacts.ID{Peer: h.session.Echo}) &&
		!id.Is(contacts.ID{Peer: h.contacts.Model().Self()})
}

// callOpen calls the other party of the open chat.
func (h *home) callOpen(video bool) {
	if id := h.current(); h.canCall(id) {
		h.call(id.Peer, video)
	}
}

// call calls a user, or shows the call there is with them.
func (h *home) call(address string, video bool) {
	h.calls.model.Start(address, video)
	if h.calls.window != nil {
		h.calls.window.RequestFocus()
	}
}

// announce shows a notification of the desktop.
func (a *App) announce(title, text string) {
	a.cfg.UI.Async(func(context.Context) {
		a.cfg.FyneApp.SendNotification(fyne.NewNotification(title, text))
	}, func() {})
}

// setCallFocus sets whether the window of a call has the keyboard: then the main one has not.
func (a *App) setCallFocus(focused bool) {
	a.calling = focused
	a.cfg.UI.Post(a.updateFront) // when the keyboard has arrived
}

func (a *App) updateFront() { a.atHome((*home).foregroundChanged) }
