package app

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// showShared shows the pictures, files, links and voice messages of a chat.
func (h *home) showShared(id contacts.ID) {
	if id.IsZero() {
		return
	}
	a := h.app
	var s *chat.Shared
	show := func(mid uint64) {
		a.sheet.Close()
		h.showAt(id, mid)
	}
	s = chat.NewShared(chat.SharedConfig{
		Backend: h.session.Client, Dispatcher: a.cfg.UI, Window: a.window.Canvas(), Peer: id.Peer, GroupID: id.Group,
		Logger: a.cfg.Logger, Name: h.name, Title: h.contacts.Model().Title(id),
		View: func(key uint64) {
			h.view(s, key, s.Photo, func(key uint64) { h.forwardShared(s, key) }, func() { a.window.Canvas().Focus(s.Input()) })
		},
		Open:     h.openFile,
		OpenLink: h.openLink,
		Menu:     func(msg chat.Message, at fyne.Position) { h.sharedMenu(msg, at, show) },
		Show:     show,
		Close:    a.sheet.Close,
	})
	a.sheet.Show(sheet.Content{
		Title: h.contacts.Model().Title(id), Body: h.tall(s.Object()), Plain: true, Focus: s.Input(), Closed: s.End,
	})
}

// sharedMenu offers what can be done with a message that was shared.
func (h *home) sharedMenu(msg chat.Message, at fyne.Position, show func(mid uint64)) {
	items := []*widgets.MenuItem{widgets.NewMenuItem(tr.L("Show in the chat"), func() { show(msg.Mid) })}
	if path, here := msg.HasFile(); here {
		items = append(items,
			widgets.NewMenuItem(tr.L("Open"), func() { h.openFile(path) }),
			widgets.NewMenuItem(tr.L("Show in folder"), func() { h.showFile(path) }),
			widgets.NewMenuItem(tr.L("Save as…"), func() { h.saveFile(path) }))
	}
	if msg.Settled() {
		items = append(items, widgets.NewMenuItem(tr.L("Forward…"), func() { h.forwardMessage(msg) }))
	}
	widgets.ShowMenu(h.app.window.Canvas(), at, items...)
}

// forwardShared forwards a picture from the viewer.
func (h *home) forwardShared(s *chat.Shared, key uint64) {
	if msg, ok := s.Message(key); ok {
		h.forwardMessage(msg)
	}
}

// forwardMessage lets the user choose the chats to forward a message to that need not be in the open chat.
func (h *home) forwardMessage(msg chat.Message) {
	d := widgets.PickerData{Placeholder: tr.L("Name"), Button: tr.L("Forward")}
	h.pick(tr.L("Forward to"), d, h.places(), func(keys []string) {
		h.copyTo(keys, func(to contacts.ID) error {
			return h.session.Client.ForwardMessage(to.Params(), h.session.Client.Random(), msg.Mid)
		})
	})
}
