package app

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// stayTimes are for how long messages can stay, 0 for ever.
func stayTimes() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{0, time.Hour, day, 7 * day, 28 * day}
}

func stayWords(d time.Duration) string {
	if d == 0 {
		return tr.X("Off", "disappearing messages")
	}
	return tr.L("After {{.Time}}", "Time", format.Lasting(d))
}

// disappearing is for how long messages of a chat stay, and whether this user may change that.
func (h *home) disappearing(id contacts.ID) (stay time.Duration, may bool) {
	c := h.session.Client
	if p, ok := c.GetProfile(id.Peer, id.Group); ok {
		stay = p.Disappearing
	}
	return stay, id.Group == 0 || c.Group(id.Group).Admin
}

// disappearItems are the choices of how long messages stay.
func (h *home) disappearItems(id contacts.ID) []*widgets.MenuItem {
	now, _ := h.disappearing(id)
	var items []*widgets.MenuItem
	for _, d := range stayTimes() {
		item := widgets.NewMenuItem(stayWords(d), func() { h.setDisappearing(id, d) })
		item.Checked = d == now
		items = append(items, item)
	}
	return items
}

// disappearMenu shows them at a position in the window.
func (h *home) disappearMenu(at fyne.Position) {
	widgets.ShowMenu(h.app.window.Canvas(), at, h.disappearItems(h.infoID())...)
}

func (h *home) setDisappearing(id contacts.ID, d time.Duration) {
	c := h.session.Client
	if err := c.SetDisappearing(id.Params(), c.Random(), d); err != nil {
		h.failed(err)
		return
	}
	h.forwarded(id)
	h.peopleChanged()
	h.info.Refresh()
}
