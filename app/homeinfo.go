package app

import (
	"log/slog"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

func errorAttr(err error) slog.Attr { return slog.Any("error", err) }

const (
	dockFrom  = 1100 // width of the window from which the panel is beside the chat
	coverFrom = 640  // width of the pane up to which the panel covers it
)

// sideLayout puts the panel beside the chat, or over it when the window is not wide enough for both.
type sideLayout struct{ home *home }

// MinSize implements fyne.Layout.
func (l *sideLayout) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// Layout implements fyne.Layout.
func (l *sideLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	main, panel := objects[0], objects[1]
	window := size.Width
	if l.home.panes.Mode() == widgets.PanesBoth {
		window += l.home.panes.LeftWidth()
	}
	width := float32(widgets.InfoWidth)
	if size.Width < coverFrom {
		width = size.Width
	}
	rest := size.Width
	if panel.Visible() && window >= dockFrom {
		rest -= width
	}
	main.Resize(fyne.NewSize(rest, size.Height))
	main.Move(fyne.Position{})
	panel.Resize(fyne.NewSize(width, size.Height))
	panel.Move(fyne.NewPos(size.Width-width, 0))
}

func (h *home) buildInfo() {
	a := h.app
	cfg := info.Config{Backend: h.session.Client, Clock: a.cfg.UI, Name: h.name}
	h.info = info.NewScreen(cfg, h.canvas, info.Callbacks{
		Close:         func() { h.closeInfo() },
		Notify:        a.notify,
		Copy:          a.cfg.FyneApp.Clipboard().SetContent,
		Failed:        h.failed,
		Explain:       Explain,
		Confirm:       a.sheet.Confirm,
		ChoosePicture: a.choosePicture,
		PickMembers:   h.pickMembers,
		Invite:        h.inviteByLink,
		MayInvite:     func() bool { return !h.session.Local || h.session.Network != nil },
		Open:          func(address string) { h.open(contacts.ID{Peer: address}, true) },
		OpenGroup:     func(groupID uint32) { h.open(contacts.ID{Group: groupID}, true) },
		Person:        h.showPerson,
		Call:          h.call,
		Callable:      func(address string) bool { return h.canCall(contacts.ID{Peer: address}) },
		Mute:          h.muteMenu,
		Unmute:        func() { h.try(h.contacts.Model().Unmute(h.infoID())) },
		Pin:           func(pin bool) { h.try(h.contacts.Model().Pin(h.infoID(), pin)) },
		Archive:       func(archive bool) { h.try(h.contacts.Model().Archive(h.infoID(), archive)) },
		Disappear:     h.disappearMenu,
		MayDisappear: func() bool {
			_, may := h.disappearing(h.infoID())
			return may
		},
		Report:   func(address string) { h.askReport(address, nil) },
		Shared:   func() { h.showShared(h.infoID()) },
		Export:   h.exportShown,
		Clear:    func() { h.contacts.AskDelete(h.infoID()) },
		Left:     func() { h.info.Refresh() },
		Picture:  func(address string, group uint32) *widgets.Picture { return h.gallery.get(idOf(address, group)) },
		Shortcut: a.shortcut,
	})
}

func (h *home) try(err error) {
	if err != nil {
		h.failed(err)
	}
	h.info.Refresh()
}

// infoID is the chat that the panel is about.
func (h *home) infoID() contacts.ID {
	m := h.info.Model()
	return idOf(m.Address(), m.GroupID())
}

// toggleInfo shows the panel about the open chat, or closes it.
func (h *home) toggleInfo() {
	switch id := h.current(); {
	case h.closeInfo():
	case id.IsZero():
		h.showSelf()
	default:
		h.showInfo(id)
	}
}

// showInfo shows the panel about a chat.
func (h *home) showInfo(id contacts.ID) {
	switch row := h.contacts.Model().Known(id); {
	case row.Saved:
		h.showSelf()
	case id.Group != 0:
		h.panel(info.Group, "", id.Group)
	default:
		h.panel(info.Person, row.Peer, 0)
	}
}

// showSelf shows this user's own profile.
func (h *home) showSelf() { h.panel(info.Self, h.contacts.Model().Self(), 0) }

// showPerson shows the profile of a user.
func (h *home) showPerson(address string) { h.showInfo(contacts.ID{Peer: address}) }

func (h *home) panel(kind info.Kind, address string, group uint32) {
	lost := h.info.Show(kind, address, group)
	h.info.Object().Show()
	h.panes.ShowRight()
	h.side.Refresh()
	switch {
	case h.side.Size().Width < coverFrom: // the panel covers what has the keyboard
		h.canvas.Unfocus()
	case lost:
		h.focus()
	}
}

// followInfo changes an open panel to the chat that was opened.
func (h *home) followInfo(id contacts.ID) {
	if h.info.Object().Visible() {
		if h.docked() {
			h.showInfo(id)
		} else {
			h.closeInfo()
		}
	}
}

// docked reports whether the panel is beside the chat.
func (h *home) docked() bool { return h.object.Size().Width >= dockFrom }

// closeInfo closes the panel; it reports whether it was open.
func (h *home) closeInfo() bool {
	if !h.info.Object().Visible() {
		return false
	}
	h.info.Object().Hide()
	h.info.Hide()
	if h.chat.Model() == nil {
		h.panes.ShowLeft()
	}
	h.side.Refresh()
	h.focus()
	return true
}

// muteMenu offers how long to mute a chat.
func (h *home) muteMenu(at fyne.Position) {
	var items []*widgets.MenuItem
	for _, d := range contacts.MuteTimes() {
		items = append(items, widgets.NewMenuItem(contacts.MuteWords(d), func() { h.mute(h.infoID(), d) }))
	}
	widgets.ShowMenu(h.app.window.Canvas(), at, items...)
}

func (h *home) mute(id contacts.ID, d time.Duration) { h.try(h.contacts.Model().MuteFor(id, d)) }

// pickMembers lets the user choose contacts who are not members yet.
func (h *home) pickMembers(members []mesibo.Member, chosen func(addresses []string)) {
	known := map[contacts.ID]bool{}
	for _, m := range members {
		known[contacts.ID{Peer: m.Address}.Folded()] = true
	}
	people := h.people()
	for i := range people {
		if known[contacts.ID{Peer: people[i].Key}.Folded()] {
			people[i].Fixed, people[i].Detail = true, tr.L("Already a member")
		}
	}
	d := widgets.PickerData{Placeholder: tr.L("Name"), Button: tr.L("Add"), Empty: tr.L("No contacts yet")}
	h.pick(tr.L("Add members"), d, people, chosen)
}
