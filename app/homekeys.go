package app

import (
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// newChat shows the picker for a new chat.
func (h *home) newChat() {
	h.showList()
	h.contacts.NewChat()
}

// search focuses the search field.
func (h *home) search() {
	h.showList()
	h.contacts.ClosePicker()
	h.contacts.Search()
}

// find searches the open chat.
func (h *home) find() { h.chat.Find() }

// nextMention goes to the next message of the open chat that mentions this user.
func (h *home) nextMention() {
	if m := h.chat.Model(); m != nil {
		m.JumpToMention()
	}
}

// record starts a voice message.
func (h *home) record() { h.chat.Record() }

// step opens the chat below or above the open one in the list.
func (h *home) step(by int) {
	if id, ok := h.contacts.Model().Step(by); ok {
		h.open(id, true)
	}
}

// toggleUnread marks the open chat as unread, or does so no more.
func (h *home) toggleUnread() {
	id := h.current()
	row, ok := h.contacts.Model().Row(id)
	var err error
	switch {
	case !ok || row.Saved:
		return
	case row.Unread > 0 || row.Marked:
		err = h.contacts.Model().MarkRead(id)
	default:
		if err = h.contacts.Model().MarkUnread(id); err == nil {
			h.app.notify(tr.L("Marked as unread"))
		}
	}
	if err != nil {
		h.failed(err)
	}
}

// typedKey handles the keys that nothing else handles.
func (h *home) typedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		h.escape()
	case fyne.KeyHome:
		h.chat.ShowEnd(-1)
	case fyne.KeyEnd:
		h.chat.ShowEnd(1)
	}
}

// escape closes one layer: picker, search or archive, the panel, then the chat in a window that shows one pane.
func (h *home) escape() {
	if !h.contacts.Back() {
		h.back()
	}
}

// chatMenu offers what can be done with the open chat.
func (h *home) chatMenu(at fyne.Position) {
	m := h.chat.Model()
	if m == nil {
		return
	}
	stay := widgets.NewMenuItem(tr.L("Disappearing messages"), nil).With(assets.IconClock)
	if _, may := h.disappearing(h.current()); may {
		stay.Sub = h.disappearItems(h.current())
	} else {
		stay.Disabled = true
	}
	items := []*widgets.MenuItem{
		widgets.NewMenuItem(tr.L("Search in this chat"), h.find).With(assets.IconSearch).WithKey(keyName("F")),
		widgets.NewMenuItem(tr.L("Photos, files and links"), func() { h.showShared(h.current()) }).With(assets.IconImage).
			WithKey(keyName(shiftKey(), "P")),
		widgets.NewMenuItem(tr.L("Export this chat…"), h.askExport).With(assets.IconDownload),
		widgets.NewMenuItem(tr.L("New poll…"), h.newPoll).With(assets.IconCheck),
		widgets.NewMenuItem(tr.L("Send a location…"), h.sendPlace).With(assets.IconPlace),
		stay,
		widgets.NewMenuSeparator(),
		widgets.NewMenuItem(tr.L("Go to date…"), h.askDate).With(assets.IconEye).WithKey(keyName("G")),
		widgets.NewMenuItem(tr.L("First message"), m.JumpToStart).With(assets.IconChevronUp),
		widgets.NewMenuItem(tr.L("Newest message"), m.JumpToEnd).With(assets.IconChevronDown),
	}
	if more := h.contacts.ChatMenu(h.current()); len(more) > 0 {
		items = append(items, widgets.NewMenuSeparator())
		items = append(items, more...)
	}
	widgets.ShowMenu(h.app.window.Canvas(), at, items...)
}

// askDate asks for a day and goes there.
func (h *home) askDate() {
	m := h.chat.Model()
	if m == nil {
		return
	}
	now := h.app.cfg.UI.Now()
	field := h.app.sheet.NewField(tr.L("{{.Date}}, {{.Dotted}} or {{.Digits}}",
		"Date", format.ShortDay(now), "Dotted", now.Format(dotted), "Digits", now.Format(time.DateOnly)))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	apply := func() bool {
		day, ok := parseDay(field.Text, now)
		if !ok {
			problem.SetText(tr.L("This is not a date. Write it like {{.Date}} or {{.Digits}}.",
				"Date", format.ShortDay(now), "Digits", now.Format(time.DateOnly)))
			return false
		}
		m.JumpToDate(day)
		return true
	}
	field.OnSubmitted = func(string) {
		if apply() {
			h.app.sheet.Close()
		}
	}
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Go to date"), Body: container.NewVBox(field, sheet.Bare(problem)), Verb: tr.X("Go", "verb"), Do: apply,
		Focus: field,
	})
}

// openHidden shows the address behind words before it is opened, because they may say anything.
func (h *home) openHidden(words, address string) {
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Open this address?"), Verb: tr.L("Open"),
		Body: container.NewVBox(sheet.NewParagraph(tr.L("“{{.Words}}” leads to", "Words", words)),
			sheet.NewWrapped(address, theme.SizeNameText, widgets.ColorLink, false)),
		Do: func() bool {
			h.openLink(address)
			return true
		},
	})
}

// openLink opens an address with the system's program for it.
func (h *home) openLink(address string) {
	u, err := url.Parse(address)
	if err == nil {
		err = h.app.cfg.FyneApp.OpenURL(u)
	}
	if err != nil {
		h.app.notify(tr.L("This link could not be opened."))
	}
}
