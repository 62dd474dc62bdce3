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

// SearchSection is a part of what was found, such as the people. One without rows is not shown.
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
	// OnShortcut is asked about shortcuts while the results have the focus; true means that it was handled.
	OnShortcut func(fyne.Shortcut) bool

	list  *scrollingRows
	empty *EmptyState
	refs  []searchRef // of each row of the list
}

// searchRef says what a row of the list stands for.
type searchRef struct {
	section int
	key     string
	kind    rowKind
}

var _ fyne.Widget = (*SearchResults)(nil)

// searchFace is the side of an avatar among what was found.
const searchFace = float32(40)

// NewSearchResults returns results that are empty.
func NewSearchResults() *SearchResults {
	r := &SearchResults{list: newScrollingRows(ColorPane), empty: NewEmptyState(ColorPane, EmptyData{})}
	r.list.marked = true
	r.list.onTapped = r.choose
	r.list.onShortcut = func(s fyne.Shortcut) bool { return r.OnShortcut != nil && r.OnShortcut(s) }
	r.ExtendBaseWidget(r)
	return r
}

// SetSections shows what was found. The first row becomes the current one, unless the current one is still there.
func (r *SearchResults) SetSections(sections []SearchSection) {
	was := searchRef{section: -1}
	if i := r.list.current; i >= 0 {
		was = r.refs[i]
	}
	var rows []listRow
	r.refs = nil
	current := -1
	add := func(row listRow, ref searchRef) {
		if ref.kind != rowTitle && (current < 0 || ref == was) {
			current = len(rows)
		}
		rows, r.refs = append(rows, row), append(r.refs, ref)
	}
	for i, s := range sections {
		if len(s.Rows) == 0 {
			continue
		}
		add(listRow{kind: rowTitle, title: s.Title}, searchRef{i, "", rowTitle})
		for _, it := range s.Rows {
			row := listRow{face: it.Face, side: searchFace, title: it.Name, words: it.Snippet, found: it.Found, note: it.Time}
			add(row, searchRef{i, it.Key, rowPerson})
		}
		if s.More != "" {
			add(listRow{kind: rowMore, title: s.More}, searchRef{i, "", rowMore})
		}
	}
	if current < 0 || r.list.current < 0 || r.refs[current] != was {
		r.list.offset = 0
	}
	r.list.setRows(rows, current)
	r.Refresh()
}

// SetEmpty says what is shown when nothing was found, such as "Nothing for “xyz”".
func (r *SearchResults) SetEmpty(d EmptyData) { r.empty.Set(d) }

// Step moves the current row down by so many, or up. A search field calls it for its arrow keys.
func (r *SearchResults) Step(by int) { r.list.step(by) }

// Choose chooses the current row, as Enter does. It reports false if there is none.
func (r *SearchResults) Choose() bool { return r.list.press(r.list.current) }

func (r *SearchResults) choose(i int) {
	ref := r.refs[i]
	r.list.current = i
	r.list.update()
	switch {
	case ref.kind == rowMore && r.OnMore != nil:
		r.OnMore(ref.section)
	case ref.kind == rowPerson && r.OnChosen != nil:
		r.OnChosen(ref.section, ref.key)
	}
}

// MinSize implements fyne.CanvasObject.
func (r *SearchResults) MinSize() fyne.Size { return fyne.NewSize(200, 160) }

// CreateRenderer implements fyne.Widget.
func (r *SearchResults) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn([]fyne.CanvasObject{r.list, r.empty}, r.MinSize, func(size fyne.Size) {
		show(r.list, len(r.refs) > 0)
		show(r.empty, len(r.refs) == 0)
		put(r.list, 0, 0, size.Width, size.Height)
		put(r.empty, 0, 0, size.Width, size.Height)
	})
}
