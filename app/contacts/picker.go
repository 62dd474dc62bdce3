package contacts

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// picker lets the user choose whom to write to, in place of the list.
type picker struct {
	screen *Screen
	object fyne.CanvasObject
	field  *widgets.Field
	list   *widgets.ChatList
}

func newPicker(s *Screen) *picker {
	p := &picker{screen: s, field: widgets.NewSearchField(tr.L("Name or address")), list: widgets.NewChatList()}
	p.field.OnChanged = func(string) { p.refresh() }
	p.field.OnEscape = p.close
	p.field.OnArrow = func(step int) { p.move(step) }
	p.field.OnSubmitted = func(string) { p.choose(p.list.Selected()) }
	p.field.OnShortcut, p.field.OnFocus = s.on.Shortcut, s.window.Focus
	p.list.OnSelected = p.choose
	p.list.OnShortcut, p.list.OnEscape = s.on.Shortcut, p.close
	p.list.OnActivated = p.choose
	back := widgets.NewIconButton(assets.IconBack, tr.L("Back"), p.close)
	group := widgets.NewInfoAction(assets.IconUsers, tr.L("New group"), p.then(s.on.NewGroup))
	join := widgets.NewInfoAction(assets.IconKey, tr.L("Join a group with a code"), p.then(s.on.JoinGroup))
	p.object = widgets.NewColumn([]fyne.CanvasObject{bar(back, p.field, nil), onPane(group), onPane(join)}, p.list, nil)
	return p
}

func (p *picker) then(f func()) func() {
	return func() {
		p.close()
		f()
	}
}

func (p *picker) open() {
	p.field.SetText("")
	p.refresh()
	p.screen.show(p.object)
	p.screen.window.Focus(p.field)
}

func (p *picker) shown() bool { return p.screen.root.Objects[content] == p.object }

func (p *picker) close() { p.screen.ClosePicker() }

func (p *picker) choose(key string) {
	if key == "" {
		return
	}
	p.close()
	p.screen.on.Open(ParseID(key), true)
}

// move marks the next user without choosing.
func (p *picker) move(step int) {
	people := p.screen.model.People(p.field.Text)
	at := -1
	for i, person := range people {
		if person.id().Key() == p.list.Selected() {
			at = i
		}
	}
	if at += step; at >= 0 && at < len(people) {
		p.list.SetSelected(people[at].id().Key())
	}
}

func (p *picker) refresh() {
	people := p.screen.model.People(p.field.Text)
	rows := make([]widgets.ChatRow, len(people))
	for i, person := range people {
		known := p.screen.model.asRow(person)
		rows[i] = widgets.ChatRow{Key: known.Key(), Face: p.screen.face(known), Name: known.Name, Preview: person.Address}
		switch {
		case person.Typed:
			rows[i].Preview = tr.L("Write to this address")
		case known.Saved:
			rows[i].Preview = tr.L("Notes to yourself")
		}
	}
	p.list.SetRows(rows)
	p.list.SetSelected("")
	if len(people) > 0 {
		p.list.SetSelected(people[0].id().Key())
	}
}
