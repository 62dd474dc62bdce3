package contacts

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// Sections of the search results.
const (
	foundChats = iota
	foundPeople
	foundMessages
	foundAddress
)

// results shows the search results in place of the list.
type results struct {
	screen *Screen
	object *fyne.Container
	list   *widgets.SearchResults
}

func newResults(s *Screen) *results {
	r := &results{screen: s, list: widgets.NewSearchResults()}
	r.list.OnChosen = r.choose
	r.list.OnShortcut, r.list.OnEscape = s.on.Shortcut, s.on.Escape
	r.object = container.NewStack(newPane(), r.list)
	r.object.Hide()
	return r
}

func (r *results) choose(section int, key string) {
	s := r.screen
	query := s.model.Searching()
	switch section {
	case foundMessages:
		for _, l := range s.model.FoundMessages() {
			if hitKey(l) == key {
				s.on.OpenAt(l.ID, l.Mid, query)
				return
			}
		}
	default:
		s.search.SetText("")
		s.on.Open(ParseID(key), true)
	}
}

func (r *results) refresh(searching bool) {
	setVisible(r.object, searching)
	if !searching {
		return
	}
	m := r.screen.model
	none := widgets.EmptyData{
		Icon: assets.IconSearch, Text: tr.L("Nothing for “{{.Query}}”", "Query", m.Searching()),
		Actions: []widgets.Action{{Text: tr.L("Clear"), Tapped: func() { r.screen.search.SetText("") }}},
	}
	if m.SearchBusy() {
		none = widgets.EmptyData{Icon: assets.IconSearch, Text: tr.L("Searching…")}
	}
	r.list.SetEmpty(none)
	r.list.SetSections([]widgets.SearchSection{
		{Title: tr.L("Chats"), Rows: r.chats()},
		{Title: tr.L("People"), Rows: r.people()},
		{Title: tr.L("Messages"), Rows: r.messages()},
		{Title: tr.L("New chat"), Rows: r.address()},
	})
}

func (r *results) chats() []widgets.SearchRow {
	s := r.screen
	var rows []widgets.SearchRow
	for _, row := range s.model.FoundChats() {
		rows = append(rows, widgets.SearchRow{
			Key: row.Key(), Face: s.face(row), Name: row.Name, Snippet: row.Preview(s.model.Notice),
			Time: TimeWords(row.Line.At, s.clock.Now()),
		})
	}
	return rows
}

func (r *results) people() []widgets.SearchRow {
	var rows []widgets.SearchRow
	for _, p := range r.screen.model.FoundPeople() {
		if !p.Typed {
			rows = append(rows, r.person(p, p.Address))
		}
	}
	return rows
}

// address offers to write to the typed text, when it can be an address and nothing else is still searched for.
func (r *results) address() []widgets.SearchRow {
	if r.screen.model.SearchBusy() {
		return nil
	}
	for _, p := range r.screen.model.FoundPeople() {
		if p.Typed {
			return []widgets.SearchRow{r.person(p, tr.L("Write to this address"))}
		}
	}
	return nil
}

func (r *results) person(p Person, words string) widgets.SearchRow {
	row := r.screen.model.asRow(p)
	return widgets.SearchRow{Key: row.Key(), Face: r.screen.face(row), Name: row.Name, Snippet: words}
}

func (r *results) messages() []widgets.SearchRow {
	s := r.screen
	query := s.model.Searching()
	rows := make([]widgets.SearchRow, 0, len(s.model.FoundMessages()))
	for _, l := range s.model.FoundMessages() {
		row := s.model.Known(l.ID)
		prefix := ""
		if l.Out || l.Group != 0 {
			prefix = s.sender(l) + ": "
		}
		snippet := prefix + Around(widgets.PlainText(l.Text), query)
		rows = append(rows, widgets.SearchRow{
			Key: hitKey(l), Face: s.face(row), Name: row.Name, Snippet: snippet, Time: TimeWords(l.At, s.clock.Now()),
			Found: after(widgets.FindRanges(snippet, query), len(prefix)),
		})
	}
	return rows
}

// after omits ranges that start before a byte: a match in the sender's name does not count.
func after(found []widgets.Range, start int) []widgets.Range {
	for len(found) > 0 && found[0].Start < start {
		found = found[1:]
	}
	return found
}

func hitKey(l Line) string { return fmt.Sprintf("%s/%d", l.Key(), l.Mid) }

// Around is the part of a text around the first match, as one line.
func Around(text, query string) string {
	const before, longest = 60, 300 // bytes
	text = strings.Join(strings.Fields(text), " ")
	if found := widgets.FindRanges(text, query); len(found) > 0 && found[0].Start > before && len(text) > longest {
		text = "…" + strings.ToValidUTF8(text[found[0].Start-before:], "")
	}
	return OneLine(text)
}
