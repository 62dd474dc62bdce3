package app

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
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
			h.app.notify("Marked as unread")
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
	stay := widgets.NewMenuItem("Disappearing messages", nil).With(assets.IconClock)
	if _, may := h.disappearing(h.current()); may {
		stay.Sub = h.disappearItems(h.current())
	} else {
		stay.Disabled = true
	}
	items := []*widgets.MenuItem{
		widgets.NewMenuItem("Search in this chat", h.find).With(assets.IconSearch).WithKey(keyName("F")),
		widgets.NewMenuItem("Photos, files and links", func() { h.showShared(h.current()) }).With(assets.IconImage).WithKey(keyName("Shift+P")),
		widgets.NewMenuItem("Export this chat…", h.askExport).With(assets.IconDownload),
		widgets.NewMenuItem("New poll…", h.newPoll).With(assets.IconCheck),
		widgets.NewMenuItem("Send a location…", h.sendPlace).With(assets.IconPlace),
		stay,
		widgets.NewMenuSeparator(),
		widgets.NewMenuItem("Go to date…", h.askDate).With(assets.IconEye).WithKey(keyName("G")),
		widgets.NewMenuItem("First message", m.JumpToStart).With(assets.IconChevronUp),
		widgets.NewMenuItem("Newest message", m.JumpToEnd).With(assets.IconChevronDown),
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
	field := h.app.sheet.NewField(now.Format("2 Jan 2006, 2.1.2006 or 2006-01-02"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	apply := func() bool {
		day, ok := parseDay(field.Text, now)
		if !ok {
			sheet.SetText(problem, now.Format("This is not a date. Write it like 2 Jan 2006 or 2006-01-02."))
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
		Title: "Go to date", Body: container.NewVBox(field, sheet.Bare(problem)), Verb: "Go", Do: apply, Focus: field,
	})
}

// parseDay parses a date written in one of the usual ways; without a year it is the last such day.
func parseDay(text string, now time.Time) (time.Time, bool) {
	text = strings.Join(strings.Fields(text), " ")
	switch strings.ToLower(text) {
	case "today":
		return now, true
	case "yesterday":
		return now.AddDate(0, 0, -1), true
	}
	layouts := []string{
		"2006-1-2", "2.1.2006", "2/1/2006", "2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006",
		"Jan 2006", "2006-1",
	}
	for _, layout := range layouts {
		if day, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return day, true
		}
	}
	for _, layout := range []string{"2 Jan 2006", "2.1.2006", "2.1.2006", "Jan 2 2006"} {
		sep := " "
		if strings.HasSuffix(text, ".") || strings.HasPrefix(layout, "2.") {
			sep = "."
		}
		day, err := time.ParseInLocation(layout, strings.TrimSuffix(text, ".")+sep+strconv.Itoa(now.Year()), now.Location())
		if err == nil && day.After(now) {
			day = day.AddDate(-1, 0, 0)
		}
		if err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// openHidden shows the address behind words before it is opened, because they may say anything.
func (h *home) openHidden(words, address string) {
	h.app.sheet.Show(sheet.Content{
		Title: "Open this address?", Verb: "Open",
		Body: container.NewVBox(sheet.NewParagraph("“"+words+"” leads to"),
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
		h.app.notify("This link could not be opened.")
	}
}
