package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// NavItem is one page of a [NavList].
type NavItem struct {
	Icon assets.Icon
	Text string
}

// NavList is a column of pages of which one is shown.
type NavList struct {
	widget.BaseWidget

	// OnSelected is called when the user chose a page with the mouse or the arrow keys, even the one that is shown.
	OnSelected func(i int)
	// OnActivated is called for Enter: the user wants to go to the page.
	OnActivated func()
	// OnTapped is called after a page was chosen with the mouse.
	OnTapped func()
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnKey is called for keys that are not the list's.
	OnKey func(e *fyne.KeyEvent)

	items    []NavItem
	selected int // -1 for none
	hover    int // -1 for none
	focused  bool
	set      *text.Typesetter
}

var (
	_ fyne.Widget        = (*NavList)(nil)
	_ fyne.Tappable      = (*NavList)(nil)
	_ fyne.Focusable     = (*NavList)(nil)
	_ desktop.Hoverable  = (*NavList)(nil)
	_ desktop.Cursorable = (*NavList)(nil)
)

const (
	navRow   = float32(38)
	navText  = 10 + draw.IconSide + 12 // where texts begin
	navRight = float32(8)
)

// NewNavList returns a list of pages; none is selected.
func NewNavList(items ...NavItem) *NavList {
	l := &NavList{items: items, selected: -1, hover: -1, set: text.NewTypesetter()}
	l.ExtendBaseWidget(l)
	return l
}

// SetSelected selects a page without calling OnSelected; -1 selects none.
func (l *NavList) SetSelected(i int) {
	l.selected = i
	l.Refresh()
}

// Selected returns the index of the selected page, -1 for none.
func (l *NavList) Selected() int { return l.selected }

func (l *NavList) choose(i int) {
	if i < 0 || i >= len(l.items) {
		return
	}
	l.SetSelected(i)
	if l.OnSelected != nil {
		l.OnSelected(i)
	}
}

func (l *NavList) at(y float32) int {
	if i := int(y / navRow); y >= 0 && i < len(l.items) {
		return i
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (l *NavList) Tapped(e *fyne.PointEvent) {
	if i := l.at(e.Position.Y); i >= 0 {
		l.choose(i)
		draw.Invoke(l.OnTapped)
	}
}

// MouseIn implements desktop.Hoverable.
func (l *NavList) MouseIn(e *desktop.MouseEvent) { l.hovered(l.at(e.Position.Y)) }

// MouseMoved implements desktop.Hoverable.
func (l *NavList) MouseMoved(e *desktop.MouseEvent) { l.hovered(l.at(e.Position.Y)) }

// MouseOut implements desktop.Hoverable.
func (l *NavList) MouseOut() { l.hovered(-1) }

func (l *NavList) hovered(i int) {
	if l.hover != i {
		l.hover = i
		l.Refresh()
	}
}

// Cursor implements desktop.Cursorable.
func (l *NavList) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained implements fyne.Focusable.
func (l *NavList) FocusGained() {
	l.focused = true
	l.Refresh()
}

// FocusLost implements fyne.Focusable.
func (l *NavList) FocusLost() {
	l.focused = false
	l.Refresh()
}

// TypedRune implements fyne.Focusable.
func (l *NavList) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *NavList) TypedKey(e *fyne.KeyEvent) {
	switch draw.FlipKey(e.Name) {
	case fyne.KeyUp:
		l.choose(max(0, l.selected-1))
	case fyne.KeyDown:
		l.choose(min(l.selected+1, len(l.items)-1))
	case fyne.KeyHome:
		l.choose(0)
	case fyne.KeyEnd:
		l.choose(len(l.items) - 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyRight:
		draw.Invoke(l.OnActivated)
	case fyne.KeyEscape:
		draw.Invoke(l.OnEscape)
	default:
		if l.OnKey != nil {
			l.OnKey(e)
		}
	}
}

// MinSize implements fyne.CanvasObject.
func (l *NavList) MinSize() fyne.Size { return fyne.NewSize(160, float32(len(l.items))*navRow) }

// Width is how wide the list must be to show its texts whole.
func (l *NavList) Width() float32 {
	need := float32(0)
	for _, item := range l.items {
		need = max(need, l.set.LineWidth(item.Text, navFont()))
	}
	return navText + need + navRight
}

func navFont() text.Font { return text.Font{Size: TextBody} }

// CreateRenderer implements fyne.Widget.
func (l *NavList) CreateRenderer() fyne.WidgetRenderer {
	chosen, over := &canvas.Rectangle{CornerRadius: RadiusRow}, &canvas.Rectangle{CornerRadius: RadiusRow}
	ring := draw.NewFocusRing()
	objects := []fyne.CanvasObject{over, chosen, ring.Line}
	icons, labels := make([]*canvas.Image, len(l.items)), make([]*draw.Text, len(l.items))
	for i := range l.items {
		icons[i], labels[i] = draw.NewIcon(), draw.NewText()
		objects = append(objects, icons[i], labels[i])
	}
	return draw.NewRenderer(objects, l.MinSize, func(size fyne.Size) {
		mark := func(r *canvas.Rectangle, i int, fill fyne.ThemeColorName) {
			draw.SetVisible(r, i >= 0)
			draw.SetFill(r, draw.ThemeColor(fill))
			draw.Place(r, 0, float32(max(i, 0))*navRow+1, size.Width, navRow-2)
		}
		mark(over, l.hover, ColorRowHover)
		mark(chosen, l.selected, ColorRowSelected)
		ring.Place(l.focused, 1, float32(max(l.selected, 0))*navRow+2, size.Width-2, navRow-4, RadiusRow)
		for i, item := range l.items {
			y := float32(i) * navRow
			ink := ColorSecondary
			if i == l.selected {
				ink = ColorAccent
			}
			draw.SetIcon(icons[i], item.Icon, ink)
			draw.Place(icons[i], 10, y+(navRow-draw.IconSide)/2, draw.IconSide, draw.IconSide)
			f := navFont()
			words := l.set.Fit(item.Text, f, size.Width-navText-navRight)
			draw.SetText(labels[i], words, f, draw.ThemeColor(ColorText))
			draw.PlaceText(labels[i], navText, y+(navRow-text.Height(f))/2)
		}
	})
}
