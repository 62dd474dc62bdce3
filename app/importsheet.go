package app

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/app/telegram"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// importParts are the part of the page about storage that imports.
func (h *home) importParts() []fyne.CanvasObject {
	return []fyne.CanvasObject{
		widgets.NewInfoSection(tr.L("Import")),
		widgets.NewInfoAction(assets.IconFile, tr.L("Import from Telegram…"), h.askTelegram),
		widgets.NewInfoText(tr.L("The folder that Telegram Desktop exports, in the format JSON. What is imported stays on this " +
			"computer: nobody is sent anything.")),
	}
}

// ask lets the user choose where each chat goes.
func (i *telegramImport) ask() {
	a := i.home.app
	goesOn := false
	rows := container.NewVBox(sheet.NewParagraph(tr.L("Choose for each chat of Telegram to which of your chats it belongs.")))
	if senders := i.senders(); len(senders) > 0 {
		rows.Add(i.ownRow(senders))
	}
	for _, c := range i.chats {
		rows.Add(widgets.NewInfoSection(c.title))
		row := widgets.NewInfoChoice("", i.about(c), i.placeName(c))
		row.OnMenu = func(at fyne.Position) {
			i.offer(c, at, func() { row.SetValue(i.placeName(c)) }, func() {
				goesOn = true
				a.sheet.Close()
			})
		}
		rows.Add(row)
	}
	rows.Resize(fyne.NewSize(importWidth-importInset, 0)) // without a width they would be higher than they are
	a.sheet.Show(sheet.Content{
		Title: tr.L("Import from Telegram"), Verb: tr.L("Import"), Body: rows, Width: importWidth,
		Do: func() bool {
			for _, c := range i.chats {
				goesOn = goesOn || !c.to.IsZero()
			}
			if !goesOn {
				a.notify(tr.L("Choose a chat for at least one of them."))
				return false
			}
			a.cfg.UI.Post(i.run)
			return true
		},
		Closed: func() {
			if !goesOn {
				i.close()
				a.backToStorage()
			}
		},
	})
}

const (
	importWidth = 520
	importInset = 48 // at both sides
)

// about says how much is in a chat.
func (i *telegramImport) about(c *telegramChat) string {
	words := []string{tr.N("{{.N}} message", "{{.N}} messages", c.Messages)}
	if c.Files > 0 {
		words = append(words, tr.N("{{.N}} file", "{{.N}} files", c.Files))
	}
	years := c.First.Format("2006")
	if last := c.Last.Format("2006"); last != years {
		years += "–" + last
	}
	return strings.Join(append(words, years), ", ")
}

func (i *telegramImport) placeName(c *telegramChat) string {
	if c.to.IsZero() {
		return tr.L("Not imported")
	}
	return i.home.contacts.Model().Title(c.to)
}

// ownRow asks which of the senders this user is.
func (i *telegramImport) ownRow(senders []telegram.Sender) fyne.CanvasObject {
	choices := []sheet.Choice{{Label: tr.L("None of them")}}
	now := int64(0)
	for n, s := range senders {
		choices = append(choices, sheet.Choice{Label: s.Name, Value: int64(n + 1)})
		if s.ID == i.own {
			now = int64(n + 1)
		}
	}
	return i.home.choice(tr.L("In groups you are"), choices, now, func(value int64) {
		if i.own = ""; value > 0 {
			i.own = senders[value-1].ID
		}
	})
}

// offer shows the places for a chat. changed is called after a choice, leave before the list of all chats is shown.
func (i *telegramImport) offer(c *telegramChat, at fyne.Position, changed, leave func()) {
	h := i.home
	saved := contacts.ID{Peer: h.contacts.Model().Self()}
	set := func(id contacts.ID) func() {
		return func() {
			c.to = id
			changed()
		}
	}
	widgets.ShowMenu(h.app.window.Canvas(), at,
		widgets.NewMenuItem(tr.L("Not imported"), set(contacts.ID{})),
		widgets.NewMenuItem(contacts.SavedTitle(), set(saved)),
		widgets.NewMenuItem(tr.L("Choose a chat…"), func() {
			leave()
			i.choose(c)
		}))
}

// choose lets the user choose among all chats, and shows the sheet again.
func (i *telegramImport) choose(c *telegramChat) {
	a := i.home.app
	list := a.sheet.NewPicker(widgets.PickerData{
		Placeholder: tr.L("Name"), Button: tr.L("Choose"), Limit: 1, Empty: tr.L("No chats yet"),
	})
	list.SetPeople(i.home.places())
	list.OnDone = func(keys []string) {
		if len(keys) > 0 {
			c.to = contacts.ParseID(keys[0])
		}
		a.sheet.Close()
	}
	a.sheet.Show(sheet.Content{
		Title: tr.L("Import {{.Chat}} to", "Chat", c.title), Body: i.home.picker(list), Plain: true, Focus: list.Input(),
		Closed: func() { a.cfg.UI.Post(i.ask) },
	})
}

// tell says what became of an import.
func (i *telegramImport) tell(err error) {
	title, words := tr.L("Imported"), i.summary()
	switch {
	case errors.Is(err, context.Canceled):
		title = tr.L("The import was cancelled")
		words += " " + tr.L("Import again to go on: nothing is doubled.")
	case err != nil:
		i.home.app.cfg.Logger.Error("import of Telegram ended early", errorAttr(err))
		title = tr.L("Not everything was imported")
		words = explainTelegram(err) + " " + words + " " + tr.L("Import again to go on: nothing is doubled.")
	}
	i.home.app.tell(title, words)
}

// summary says what came in, and what was left out.
func (i *telegramImport) summary() string {
	d, service, unknown := &i.done, 0, i.done.refused
	for _, c := range i.chats {
		if !c.to.IsZero() {
			service, unknown = service+c.Service, unknown+c.Unknown
		}
	}
	words := []string{tr.N("{{.N}} message came in.", "{{.N}} messages came in.", d.Added)}
	if d.Files > 0 {
		words = append(words, tr.N("{{.N}} file was copied.", "{{.N}} files were copied.", d.Files))
	}
	if d.Known > 0 {
		words = append(words, tr.N("{{.N}} message was here already, or had been deleted here.",
			"{{.N}} messages were here already, or had been deleted here.", d.Known))
	}
	for _, left := range []struct {
		n     int
		words func(n int) string
	}{
		{d.Missing, func(n int) string {
			return tr.N("{{.N}} file is not in the export.", "{{.N}} files are not in the export.", n)
		}},
		{service, func(n int) string {
			return tr.N("{{.N}} notice, such as who joined or called, was left out.",
				"{{.N}} notices, such as who joined or called, were left out.", n)
		}},
		{unknown, func(n int) string {
			return tr.N("{{.N}} message is of a kind that Parley does not know.",
				"{{.N}} messages are of kinds that Parley does not know.", n)
		}},
	} {
		if left.n > 0 {
			words = append(words, left.words(left.n))
		}
	}
	return strings.Join(words, " ")
}

// tell shows a sheet with a few sentences.
func (a *App) tell(title, words string) {
	a.sheet.Show(sheet.Content{Title: title, Body: sheet.NewParagraph(words), Closed: a.backToStorage})
}

func explainTelegram(err error) string {
	switch {
	case errors.Is(err, telegram.ErrNoExport):
		return tr.L("There are no chats of Telegram in this folder. In Telegram Desktop choose “Export chat history” or " +
			"“Export Telegram data”, and the format “Machine-readable JSON”; then choose the folder with result.json.")
	case errors.Is(err, telegram.ErrFormat), errors.Is(err, telegram.ErrTooLarge):
		return tr.L("The file result.json is damaged, or not from Telegram. Export once more.")
	case errors.Is(err, mesibo.ErrDiskFull):
		return tr.L("The disk is full. Free some space, then try again.")
	default:
		return Explain(err)
	}
}
