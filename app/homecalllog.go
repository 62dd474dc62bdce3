package app

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// shownCalls is how many calls the list has at most.
const shownCalls = 200

// showCalls lists the newest calls of all chats.
func (h *home) showCalls() {
	var records []call.Record
	var err error
	h.app.cfg.UI.Async(func(context.Context) {
		records, err = h.session.Client.ReadCalls(shownCalls)
	}, func() {
		switch {
		case h.closed:
		case err != nil:
			h.failed(err)
		case len(records) == 0:
			h.app.sheet.Show(sheet.Content{Title: tr.L("Calls"), Body: sheet.NewParagraph(tr.L("There were no calls yet."))})
		default:
			h.listCalls(records)
		}
	})
}

func (h *home) listCalls(records []call.Record) {
	now := h.app.cfg.UI.Now()
	rows := make([]widgets.PastCall, len(records))
	for i, r := range records {
		id := idOf(r.Peer, r.Group)
		name := h.callName(r)
		rows[i] = widgets.PastCall{
			Face: widgets.Face{Key: id.FaceKey(), Name: name, Group: id.Group != 0, Picture: h.gallery.get(id)},
			Name: name, Words: r.Words, Time: contacts.TimeWords(r.At, now), Arrow: r.Arrow,
		}
	}
	list := widgets.NewCallList(rows)
	list.OnEscape, list.OnShortcut = h.app.sheet.Close, h.app.shortcut
	list.OnTapped = func(i int) {
		h.app.sheet.Close()
		h.callBack(records[i], records[i].Video)
	}
	list.OnMenu = func(i int, at fyne.Position) { h.pastCallMenu(records[i], at) }
	hint := sheet.NewParagraph(tr.L("Press a call to call back, or right-click it for more."))
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Calls"), Focus: list.Keyboard(),
		Body: container.New(layout.NewCustomPaddedVBoxLayout(8), hint, container.NewStack(list)),
	})
}

func (h *home) callName(r call.Record) string {
	if r.Group != 0 {
		return h.groupName(r.Group)
	}
	return h.name(r.Peer)
}

// callBack calls who a record is about, or takes part in the call of the group.
func (h *home) callBack(r call.Record, video bool) {
	switch id := idOf(r.Peer, r.Group); {
	case !h.canCall(id):
		h.app.notify(tr.L("{{.Name}} can't be called.", "Name", h.callName(r)))
	case id.Group != 0:
		h.callGroup(id.Group, video)
	default:
		h.call(id.Peer, video)
	}
}

// pastCallMenu offers what can be done with a call that there was.
func (h *home) pastCallMenu(r call.Record, at fyne.Position) {
	then := func(do func()) func() {
		return func() {
			h.app.sheet.Close()
			do()
		}
	}
	label := tr.X("Call", "verb")
	if r.Group != 0 && h.calls.model.Groups().IsOn(r.Group) {
		label = tr.L("Join")
	}
	widgets.ShowMenu(h.app.window.Canvas(), at,
		widgets.NewMenuItem(label, then(func() { h.callBack(r, false) })).With(assets.IconPhone),
		widgets.NewMenuItem(tr.L("Video call"), then(func() { h.callBack(r, true) })).With(assets.IconVideo),
		widgets.NewMenuItem(tr.L("Show in the chat"), then(func() { h.showAt(idOf(r.Peer, r.Group), r.Mid) })).
			With(assets.IconChat),
	)
}
