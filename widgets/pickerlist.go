package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// PickerData configures a [PickerList].
type PickerData struct {
	Placeholder string // of the search field
	Button      string // of the primary button, such as Add
	Limit       int    // the maximum number of picked people; 0 is no limit
	Optional    bool   // the button is enabled even if no one is picked
	Empty       string // shown if there are no people, such as "No contacts yet"
}

// Person is a person, or a chat, that can be picked.
type Person struct {
	Key    string // unique in the list
	Face   Face
	Name   string
	Detail string // a second line; may be empty
	Fixed  bool   // cannot be picked, such as a member; Detail says why
}

// PickerList is for picking people: a search field, the picked people as chips, a list with check marks, and a button.
// Enter in the field picks the first match; in an empty field it presses the button.
type PickerList struct {
	widget.BaseWidget

	// OnDone is called for the button, with the keys in the order they were picked.
	OnDone func(keys []string)
	// OnChanged is called when a person was picked or removed.
	OnChanged func(keys []string)
	// OnQuery is called with the query, for screens that also search elsewhere.
	OnQuery func(query string)
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnShortcut is called for shortcuts before the field, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses a part of the list.
	OnFocus Focuser

	data   PickerData
	people []Person
	shown  []int // indexes in people, one for each row
	picked []Person
	full   bool // the user tried to pick more than Limit
	busy   bool

	field  *pickerField
	chips  *chipRow
	list   *scrollingRows
	empty  *EmptyState
	button *ActionButton
	set    *text.Typesetter
}

var _ fyne.Widget = (*PickerList)(nil)

const (
	pickerTop    = float32(52) // the field and its padding
	pickerFooter = float32(60)
)

// NewPickerList returns an empty list.
func NewPickerList(d PickerData) *PickerList {
	p := &PickerList{data: d, list: newScrollingRows(ColorChatPane), set: text.NewTypesetter()}
	p.field = newPickerField(p)
	p.field.OnChanged = func(query string) {
		p.list.offset = 0
		p.fill(p.firstMatch(query))
		if p.OnQuery != nil {
			p.OnQuery(query)
		}
	}
	p.field.OnArrow = p.list.step
	p.field.OnEnter = func(bool) { p.enter() }
	p.field.OnEscape = func() { draw.Invoke(p.OnEscape) }
	p.field.OnShortcut = func(s fyne.Shortcut) bool { return p.OnShortcut != nil && p.OnShortcut(s) }
	p.field.OnFocus = func(w fyne.Focusable) { p.OnFocus.Focus(w) }
	p.list.onShortcut = p.field.OnShortcut
	p.list.onEscape = p.field.OnEscape
	p.list.marked = true
	p.list.onTapped = func(i int) { p.toggle(i) }
	p.chips = newChipRow(p.drop)
	p.empty = NewEmptyState(ColorChatPane, EmptyData{})
	p.button = NewActionButton(Action{Text: d.Button, Primary: true, Tapped: p.done})
	p.ExtendBaseWidget(p)
	p.changed()
	return p
}

// SetPeople shows those of the people who match the query. Picked people stay picked.
func (p *PickerList) SetPeople(people []Person) {
	key := ""
	if i := p.list.current; i >= 0 {
		key = p.people[p.shown[i]].Key
	}
	p.people = people
	p.fill(key)
	if p.list.current < 0 {
		p.fill(p.firstMatch(p.field.Text))
	}
}

// Picked returns the keys of the picked people, in order.
func (p *PickerList) Picked() []string {
	keys := make([]string, len(p.picked))
	for i, one := range p.picked {
		keys[i] = one.Key
	}
	return keys
}

// SetPicked replaces the picked people, which must be among those of SetPeople.
func (p *PickerList) SetPicked(keys []string) {
	p.picked = nil
	for _, key := range keys {
		if i := slices.IndexFunc(p.people, func(one Person) bool { return one.Key == key }); i >= 0 {
			p.picked = append(p.picked, p.people[i])
		}
	}
	p.full = false
	p.changed()
}

// SetBusy disables the button while its action is running.
func (p *PickerList) SetBusy(busy bool) {
	p.busy = busy
	p.changed()
}

// Input returns the search field, which should have the keyboard.
func (p *PickerList) Input() fyne.Focusable { return p.field }

func (p *PickerList) isPicked(key string) int {
	return slices.IndexFunc(p.picked, func(one Person) bool { return one.Key == key })
}

// matches reports whether all words of a query are in the name or detail.
func (one *Person) matches(query string) bool {
	for word := range strings.FieldsSeq(query) {
		if len(text.FindWords(one.Name, word)) == 0 && len(text.FindWords(one.Detail, word)) == 0 {
			return false
		}
	}
	return true
}

// firstMatch returns the key of the person Enter picks for a query.
func (p *PickerList) firstMatch(query string) string {
	if strings.TrimSpace(query) == "" {
		return ""
	}
	for i := range p.people {
		if !p.people[i].Fixed && p.people[i].matches(query) {
			return p.people[i].Key
		}
	}
	return ""
}

// fill builds the rows; the person with this key is current.
func (p *PickerList) fill(current string) {
	rows := make([]listRow, 0, len(p.people))
	p.shown = p.shown[:0]
	at := -1
	for i := range p.people {
		one := &p.people[i]
		if !one.matches(p.field.Text) {
			continue
		}
		row := listRow{face: one.Face, side: AvatarMember, title: one.Name, words: one.Detail, check: checkOff}
		switch {
		case one.Fixed:
			row.check, row.dead = checkFixed, true
		case p.isPicked(one.Key) >= 0:
			row.check = checkOn
		}
		if current != "" && one.Key == current {
			at = len(rows)
		}
		rows, p.shown = append(rows, row), append(p.shown, i)
	}
	words := p.data.Empty
	if len(p.people) > 0 {
		words = tr.L("Nobody matches “{{.Query}}”", "Query", text.CleanLine(p.field.Text))
	}
	p.empty.Set(EmptyData{Icon: assets.IconUsers, Text: words})
	p.list.setRows(rows, at)
	p.Refresh()
}

func (p *PickerList) enter() {
	switch {
	case p.list.current >= 0:
		p.toggle(p.list.current)
		p.field.SetText("")
	case strings.TrimSpace(p.field.Text) == "":
		p.done()
	}
}

func (p *PickerList) toggle(i int) {
	one := p.people[p.shown[i]]
	if at := p.isPicked(one.Key); at >= 0 {
		p.drop(one.Key)
		return
	}
	p.full = p.data.Limit > 0 && len(p.picked) >= p.data.Limit
	if p.full {
		p.Refresh()
		return
	}
	p.picked = append(p.picked, one)
	p.changed()
	p.notify()
}

// drop removes a picked person.
func (p *PickerList) drop(key string) {
	i := p.isPicked(key)
	if i < 0 {
		return
	}
	p.full = false
	p.picked = slices.Delete(p.picked, i, i+1)
	p.changed()
	p.notify()
}

func (p *PickerList) notify() {
	if p.OnChanged != nil {
		p.OnChanged(p.Picked())
	}
}

// changed shows the picked people.
func (p *PickerList) changed() {
	key := ""
	if i := p.list.current; i >= 0 && i < len(p.shown) {
		key = p.people[p.shown[i]].Key
	}
	p.chips.set(p.picked)
	p.button.SetDisabled(p.busy || len(p.picked) == 0 && !p.data.Optional)
	p.fill(key)
}

func (p *PickerList) done() {
	if p.button.Disabled() || p.OnDone == nil {
		return
	}
	p.OnDone(p.Picked())
}

// count returns the text beside the button.
func (p *PickerList) count() (words string, alarm bool) {
	switch {
	case p.full:
		return tr.L("At most {{.N}}", "N", p.data.Limit), true
	case p.data.Limit > 0:
		return countOf(len(p.picked), p.data.Limit), false
	case len(p.picked) == 0:
		return "", false
	default:
		return tr.X("{{.N}} selected", "people", "N", len(p.picked)), false
	}
}

// MinSize implements fyne.CanvasObject.
func (p *PickerList) MinSize() fyne.Size { return fyne.NewSize(280, 360) }

// CreateRenderer implements fyne.Widget.
func (p *PickerList) CreateRenderer() fyne.WidgetRenderer {
	back, line, words := &canvas.Rectangle{}, &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, p.field, p.chips, p.list, p.empty, line, words, p.button}
	return draw.NewRenderer(objects, p.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(p.field, listEdge, 8, size.Width-2*listEdge, draw.HitSide)
		top := pickerTop
		draw.Place(p.chips, 0, top, size.Width, p.chips.MinSize().Height)
		top += p.chips.MinSize().Height
		bottom := size.Height - pickerFooter
		none := len(p.shown) == 0
		draw.SetVisible(p.list, !none)
		draw.SetVisible(p.empty, none)
		draw.Place(p.list, 0, top, size.Width, max(0, bottom-top))
		draw.Place(p.empty, 0, top, size.Width, max(0, bottom-top))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(line, 0, bottom, size.Width, 1)
		w := max(88, p.button.MinSize().Width)
		draw.Place(p.button, size.Width-listEdge-w, bottom+(pickerFooter-actionHeight)/2, w, actionHeight)
		count, alarm := p.count()
		f, ink := text.Font{Size: TextPreview}, ColorSecondary
		if alarm {
			ink = ColorError
		}
		draw.SetText(words, p.set.Fit(count, f, size.Width-w-3*listEdge), f, draw.ThemeColor(ink))
		draw.PlaceText(words, listEdge, bottom+(pickerFooter-text.Height(f))/2)
	})
}
