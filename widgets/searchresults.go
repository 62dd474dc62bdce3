package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// SearchRow is one result.
type SearchRow struct {
	Key     string // unique in its section
	Face    Face
	Name    string
	Snippet string  // a second line; may be empty
	Time    string  // may be empty
	Found   []Range // the matches in Snippet
}

// SearchSection is a group of results, such as people. It is not shown if it has no rows.
type SearchSection struct {
	Title string
	Rows  []SearchRow
	More  string // not empty: a row at the end, such as "Show all 40"
}

// SearchResults shows the results of a search in sections. One row is current: the arrow keys move it, Enter chooses
// it.
type SearchResults struct {
	widget.BaseWidget

	// OnChosen is called when a result was pressed or chosen with Enter.
	OnChosen func(section int, key string)
	// OnMore is called for the last row of a section that has more.
	OnMore func(section int)
	// OnShortcut is called for shortcuts while the results have the focus, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnEscape is called for the Escape key.
	OnEscape func()

	list  *scrollingRows
	empty *EmptyState
	refs  []searchRef // one for each row of the list
}

// searchRef is the result that a row of the list shows.
type searchRef struct {
	section int
	key     string
	kind    rowKind
}

var _ fyne.Widget = (*SearchResults)(nil)

// searchFace is the side of the avatars.
const searchFace = float32(40)

// NewSearchResults returns an empty list.
func NewSearchResults() *SearchResults {
	r := &SearchResults{list: newScrollingRows(ColorPane), empty: NewEmptyState(ColorPane, EmptyData{})}
	r.list.marked = true
	r.list.onTapped = r.choose
	r.list.onShortcut = func(s fyne.Shortcut) bool { return r.OnShortcut != nil && r.OnShortcut(s) }
	r.list.onEscape = func() { draw.Invoke(r.OnEscape) }
	r.ExtendBaseWidget(r)
	return r
}

// SetSections shows these results. The current row stays current; if it is gone the first one is.
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
			row := listRow{
				face: it.Face, side: searchFace, title: it.Name, words: it.Snippet, found: it.Found, note: it.Time,
			}
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

// SetEmpty sets what is shown if there are no results, such as "Nothing for “xyz”".
func (r *SearchResults) SetEmpty(d EmptyData) { r.empty.Set(d) }

// Step moves the current row down by this many; negative is up. A search field calls it for its arrow keys.
func (r *SearchResults) Step(by int) { r.list.step(by) }

// Choose chooses the current row, as Enter does, and reports whether there is one.
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
	return draw.NewRenderer([]fyne.CanvasObject{r.list, r.empty}, r.MinSize, func(size fyne.Size) {
		draw.SetVisible(r.list, len(r.refs) > 0)
		draw.SetVisible(r.empty, len(r.refs) == 0)
		draw.Place(r.list, 0, 0, size.Width, size.Height)
		draw.Place(r.empty, 0, 0, size.Width, size.Height)
	})
}
