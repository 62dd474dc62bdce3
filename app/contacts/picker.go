package contacts

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// picker is the choice of somebody to write to, in place of the list.
type picker struct {
	screen *Screen
	object fyne.CanvasObject
	field  *widgets.Field
	list   *widgets.ChatList
}

func newPicker(s *Screen) *picker {
	p := &picker{screen: s, field: widgets.NewSearchField("Name or address"), list: widgets.NewChatList()}
	p.field.OnChanged = func(string) { p.refresh() }
	p.field.OnEscape = p.close
	p.field.OnArrow = func(step int) { p.move(step) }
	p.field.OnSubmitted = func(string) { p.choose(p.list.Selected()) }
	p.list.OnSelected = p.choose
	p.list.OnActivated = p.choose
	back := widgets.NewIconButton(assets.IconBack, p.close)
	p.object = widgets.NewColumn([]fyne.CanvasObject{bar(back, p.field, nil)}, p.list, nil)
	return p
}

func (p *picker) open() {
	p.field.SetText("")
	p.refresh()
	p.screen.show(p.object)
	p.screen.focus(p.field)
}

func (p *picker) shown() bool { return p.screen.root.Objects[0] == p.object }

func (p *picker) close() { p.screen.ClosePicker() }

func (p *picker) choose(address string) {
	if address == "" {
		return
	}
	p.close()
	p.screen.on.Open(address, true)
}

// move marks the next person without choosing.
func (p *picker) move(step int) {
	people := p.screen.model.People(p.field.Text)
	at := -1
	for i, person := range people {
		if person.Address == p.list.Selected() {
			at = i
		}
	}
	if at += step; at >= 0 && at < len(people) {
		p.list.SetSelected(people[at].Address)
	}
}

func (p *picker) refresh() {
	people := p.screen.model.People(p.field.Text)
	rows := make([]widgets.ChatRow, len(people))
	for i, person := range people {
		saved := fold(person.Address) == fold(p.screen.model.Self())
		rows[i] = widgets.ChatRow{
			Key:     person.Address,
			Face:    widgets.Face{Key: fold(person.Address), Name: person.Name, Saved: saved},
			Name:    person.Name,
			Preview: person.Address,
		}
		switch {
		case person.Typed:
			rows[i].Preview = "Write to this address"
		case saved:
			rows[i].Preview = savedHint
		}
	}
	p.list.SetRows(rows)
	p.list.SetSelected("")
	if len(people) > 0 {
		p.list.SetSelected(people[0].Address)
	}
}
