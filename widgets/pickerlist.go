package widgets

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// PickerData says how a [PickerList] is used.
type PickerData struct {
	Placeholder string // of the search field
	Button      string // of the primary button, such as Add
	Limit       int    // how many may be picked; no limit is 0
	Optional    bool   // the button works with nobody picked too
	Empty       string // what is said when there is nobody, such as "No contacts yet"
}

// Person is somebody, or a chat, to pick.
type Person struct {
	Key    string // unique in the list
	Face   Face
	Name   string
	Detail string // a second line; may be empty
	Fixed  bool   // cannot be picked, such as a member already; Detail says why
}

// PickerList picks people: a field to search, those picked as chips, a list with check marks, a button. Enter in the
// field picks the first that matches; with nothing searched it presses the button.
type PickerList struct {
	widget.BaseWidget

	// OnDone is called for the button, with the keys in the order they were picked.
	OnDone func(keys []string)
	// OnChanged is called when somebody was picked or dropped.
	OnChanged func(keys []string)
	// OnQuery is called with what is searched, for screens that look elsewhere too.
	OnQuery func(query string)
	// OnEscape is called for the Escape key.
	OnEscape func()

	data   PickerData
	people []Person
	shown  []int // of people, as the rows of the list
	picked []Person
	full   bool // somebody more was wanted than may be
	busy   bool

	field  *pickerField
	chips  *chipRows
	list   *scrollingRows
	empty  *EmptyState
	button *ActionButton
	set    *typesetter
}

var _ fyne.Widget = (*PickerList)(nil)

const (
	pickerTop    = float32(52) // the field and the room around it
	pickerFooter = float32(60)
)

// NewPickerList returns a list of nobody.
func NewPickerList(d PickerData) *PickerList {
	p := &PickerList{data: d, list: newScrollingRows(ColorChatPane), set: newTypesetter()}
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
	p.field.OnEscape = func() { call(p.OnEscape) }
	p.list.marked = true
	p.list.onTapped = func(i int) { p.toggle(i) }
	p.chips = newChipRows(p.drop)
	p.empty = NewEmptyState(ColorChatPane, EmptyData{})
	p.button = NewActionButton(Action{Text: d.Button, Primary: true, Tapped: p.done})
	p.ExtendBaseWidget(p)
	p.changed()
	return p
}

// SetPeople shows these people, as far as they match what is searched. Those picked stay picked.
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

// Picked returns the keys of those picked, in order.
func (p *PickerList) Picked() []string {
	keys := make([]string, len(p.picked))
	for i, one := range p.picked {
		keys[i] = one.Key
	}
	return keys
}

// SetPicked replaces who is picked, of the people given to SetPeople.
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

// SetBusy greys the button out while what it began is under way.
func (p *PickerList) SetBusy(busy bool) {
	p.busy = busy
	p.changed()
}

// Focus puts the caret into the search field.
func (p *PickerList) Focus() {
	if v := fyne.CurrentApp().Driver().CanvasForObject(p.field); v != nil {
		v.Focus(p.field)
	}
}

func (p *PickerList) isPicked(key string) int {
	return slices.IndexFunc(p.picked, func(one Person) bool { return one.Key == key })
}

// matches reports whether all words of a query are in somebody's name or detail.
func (one *Person) matches(query string) bool {
	for word := range strings.FieldsSeq(query) {
		if len(FindRanges(one.Name, word)) == 0 && len(FindRanges(one.Detail, word)) == 0 {
			return false
		}
	}
	return true
}

// firstMatch returns whom Enter picks while something is searched.
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

// fill makes the rows, with somebody current.
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
		words = "Nobody matches “" + cleanLine(p.field.Text) + "”"
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
	p.tell()
}

// drop takes somebody out of those picked.
func (p *PickerList) drop(key string) {
	i := p.isPicked(key)
	if i < 0 {
		return
	}
	p.full = false
	p.picked = slices.Delete(p.picked, i, i+1)
	p.changed()
	p.tell()
}

func (p *PickerList) tell() {
	if p.OnChanged != nil {
		p.OnChanged(p.Picked())
	}
}

// changed shows who is picked now.
func (p *PickerList) changed() {
	key := ""
	if i := p.list.current; i >= 0 && i < len(p.shown) {
		key = p.people[p.shown[i]].Key
	}
	p.chips.set(p.picked)
	p.button.setDisabled(p.busy || len(p.picked) == 0 && !p.data.Optional)
	p.fill(key)
}

func (p *PickerList) done() {
	if p.button.Disabled() || p.OnDone == nil {
		return
	}
	p.OnDone(p.Picked())
}

// count is what stands beside the button.
func (p *PickerList) count() (words string, alarm bool) {
	n := strconv.Itoa(len(p.picked))
	switch {
	case p.full:
		return "At most " + strconv.Itoa(p.data.Limit), true
	case p.data.Limit > 0:
		return n + " of " + strconv.Itoa(p.data.Limit), false
	case len(p.picked) == 0:
		return "", false
	default:
		return n + " selected", false
	}
}

// MinSize implements fyne.CanvasObject.
func (p *PickerList) MinSize() fyne.Size { return fyne.NewSize(280, 360) }

// CreateRenderer implements fyne.Widget.
func (p *PickerList) CreateRenderer() fyne.WidgetRenderer {
	back, line, words := &canvas.Rectangle{}, &canvas.Rectangle{}, newText()
	objects := []fyne.CanvasObject{back, p.field, p.chips, p.list, p.empty, line, words, p.button}
	return newDrawn(objects, p.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorChatPane))
		put(back, 0, 0, size.Width, size.Height)
		put(p.field, listEdge, 8, size.Width-2*listEdge, hitSide)
		top := pickerTop
		chips := heightAt(p.chips, size.Width)
		put(p.chips, 0, top, size.Width, chips)
		top += chips
		bottom := size.Height - pickerFooter
		none := len(p.shown) == 0
		show(p.list, !none)
		show(p.empty, none)
		put(p.list, 0, top, size.Width, max(0, bottom-top))
		put(p.empty, 0, top, size.Width, max(0, bottom-top))
		setFill(line, tone(ColorHairline))
		put(line, 0, bottom, size.Width, 1)
		w := max(88, p.button.MinSize().Width)
		put(p.button, size.Width-listEdge-w, bottom+(pickerFooter-actionHeight)/2, w, actionHeight)
		text, alarm := p.count()
		f, ink := font{size: TextPreview}, ColorSecondary
		if alarm {
			ink = ColorError
		}
		setText(words, p.set.fit(text, f, size.Width-w-3*listEdge), f, tone(ink))
		putText(words, listEdge, bottom+(pickerFooter-textHeight(f))/2)
	})
}
