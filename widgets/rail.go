package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// RailWidth is the width of a [Rail].
const RailWidth = float32(56)

// RailAccount is an account of a [Rail].
type RailAccount struct {
	Face   Face
	Unread int
}

// Rail is the column at the left edge of the window with the accounts, and the way to add one and to the settings.
type Rail struct {
	widget.BaseWidget

	// OnSelected is called for a press on an account, or Enter on the one that the arrow keys have chosen.
	OnSelected func(i int)
	// OnAdd and OnSettings are called for the buttons.
	OnAdd, OnSettings func()
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnShortcut is called for shortcuts while the accounts have the keyboard, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool

	accounts      []RailAccount
	selected      int
	list          *railList
	add, settings *IconButton
}

var _ fyne.Widget = (*Rail)(nil)

const (
	railSide = float32(40) // of an account
	railStep = float32(52)
	railTop  = float32(10)
)

// NewRail returns a rail without accounts.
func NewRail() *Rail {
	r := &Rail{}
	r.list = &railList{rail: r, cursor: -1, hover: -1, set: text.NewTypesetter()}
	r.list.ExtendBaseWidget(r.list)
	r.add = NewIconButton(assets.IconPlus, tr.L("Add an account"), func() { draw.Invoke(r.OnAdd) })
	r.settings = NewIconButton(assets.IconSettings, tr.L("Settings"), func() { draw.Invoke(r.OnSettings) })
	r.add.OnEscape = func() { draw.Invoke(r.OnEscape) }
	r.settings.OnEscape = r.add.OnEscape
	r.ExtendBaseWidget(r)
	return r
}

// Set shows these accounts, of which one is the current one.
func (r *Rail) Set(accounts []RailAccount, selected int) {
	r.accounts, r.selected = accounts, selected
	r.list.Refresh()
	r.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (r *Rail) MinSize() fyne.Size { return fyne.NewSize(RailWidth, 0) }

// CreateRenderer implements fyne.Widget.
func (r *Rail) CreateRenderer() fyne.WidgetRenderer {
	back, line := &canvas.Rectangle{}, &canvas.Rectangle{}
	objects := []fyne.CanvasObject{back, line, r.list, r.add, r.settings}
	return draw.NewRenderer(objects, r.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorWindow))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(line, size.Width-1, 0, 1, size.Height)
		x := draw.SnapPx((size.Width - draw.HitSide) / 2)
		bottom := size.Height - draw.HitSide - 10
		height := min(railTop+float32(len(r.accounts))*railStep, max(0, bottom-draw.HitSide-10))
		draw.Place(r.list, 0, 0, size.Width-1, height)
		draw.Place(r.add, x, height+2, draw.HitSide, draw.HitSide)
		draw.Place(r.settings, x, bottom, draw.HitSide, draw.HitSide)
	})
}

// railList is the part with the accounts.
type railList struct {
	widget.BaseWidget

	rail    *Rail
	cursor  int // the account that the keyboard is at
	hover   int // -1 for none
	focused bool
	set     *text.Typesetter
	views   []*railView
	objects []fyne.CanvasObject
}

// railView draws an account.
type railView struct {
	face  *FacePart
	bar   *canvas.Rectangle // beside the current one
	ring  draw.FocusRing
	badge *canvas.Rectangle
	count *draw.Text
}

var (
	_ fyne.Widget        = (*railList)(nil)
	_ fyne.Tappable      = (*railList)(nil)
	_ fyne.Focusable     = (*railList)(nil)
	_ fyne.Shortcutable  = (*railList)(nil)
	_ desktop.Hoverable  = (*railList)(nil)
	_ desktop.Cursorable = (*railList)(nil)
)

func (l *railList) at(y float32) int {
	if i := int((y - railTop + 4) / railStep); y >= railTop-4 && i < len(l.rail.accounts) {
		return i
	}
	return -1
}

func (l *railList) choose(i int) {
	if i >= 0 && i < len(l.rail.accounts) && l.rail.OnSelected != nil {
		l.rail.OnSelected(i)
	}
}

// Tapped implements fyne.Tappable.
func (l *railList) Tapped(e *fyne.PointEvent) { l.choose(l.at(e.Position.Y)) }

// MouseIn implements desktop.Hoverable.
func (l *railList) MouseIn(e *desktop.MouseEvent) { l.point(l.at(e.Position.Y)) }

// MouseMoved implements desktop.Hoverable.
func (l *railList) MouseMoved(e *desktop.MouseEvent) { l.point(l.at(e.Position.Y)) }

// MouseOut implements desktop.Hoverable.
func (l *railList) MouseOut() { l.point(-1) }

func (l *railList) point(i int) {
	if l.hover != i {
		l.hover = i
		l.Refresh()
	}
}

// Cursor implements desktop.Cursorable.
func (l *railList) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained implements fyne.Focusable.
func (l *railList) FocusGained() {
	l.focused, l.cursor = true, l.rail.selected
	l.Refresh()
}

// FocusLost implements fyne.Focusable.
func (l *railList) FocusLost() {
	l.focused = false
	l.Refresh()
}

// TypedRune implements fyne.Focusable.
func (l *railList) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *railList) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		l.cursor = max(0, l.cursor-1)
		l.Refresh()
	case fyne.KeyDown:
		l.cursor = min(l.cursor+1, len(l.rail.accounts)-1)
		l.Refresh()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.choose(l.cursor)
	case fyne.KeyEscape:
		draw.Invoke(l.rail.OnEscape)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (l *railList) TypedShortcut(s fyne.Shortcut) {
	if l.rail.OnShortcut != nil {
		l.rail.OnShortcut(s)
	}
}

// MinSize implements fyne.CanvasObject.
func (l *railList) MinSize() fyne.Size { return fyne.NewSize(RailWidth-1, 0) }

// CreateRenderer implements fyne.Widget.
func (l *railList) CreateRenderer() fyne.WidgetRenderer {
	l.views, l.objects = nil, nil
	back := &canvas.Rectangle{}
	var r *draw.Renderer
	r = draw.NewRenderer([]fyne.CanvasObject{back}, l.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorWindow))
		draw.Place(back, 0, 0, size.Width, size.Height)
		for len(l.views) < len(l.rail.accounts) {
			l.views = append(l.views, newRailView(l.set))
		}
		l.objects = append(l.objects[:0], back)
		for i, a := range l.rail.accounts {
			l.place(l.views[i], i, a, size)
		}
		r.SetObjects(l.objects)
	})
	return r
}

func newRailView(set *text.Typesetter) *railView {
	return &railView{
		face: NewFacePart(set), bar: &canvas.Rectangle{CornerRadius: 2}, ring: draw.NewFocusRing(),
		badge: &canvas.Rectangle{CornerRadius: RadiusBadge, StrokeWidth: 2}, count: draw.NewText(),
	}
}

func (l *railList) place(v *railView, i int, a RailAccount, size fyne.Size) {
	x, y := draw.SnapPx((size.Width-railSide)/2), railTop+float32(i)*railStep
	if y+railSide > size.Height {
		return // there is no room
	}
	face := a.Face
	face.Group = true // a rounded square
	v.face.Place(x, y, railSide, face, ColorWindow)
	draw.SetVisible(v.bar, i == l.rail.selected || i == l.hover)
	draw.SetFill(v.bar, draw.ThemeColor(ColorAccent))
	high := railSide
	if i != l.rail.selected {
		high = railSide / 2
	}
	draw.Place(v.bar, 0, y+(railSide-high)/2, 4, high)
	v.ring.Place(l.focused && i == l.cursor, x-3, y-3, railSide+6, railSide+6, draw.SnapPx(railSide*0.3)+3)
	counted := a.Unread > 0 && i != l.rail.selected
	draw.SetVisible(v.badge, counted)
	draw.SetVisible(v.count, counted)
	if counted {
		f := text.Font{Size: TextMeta, Bold: true}
		words := text.ShortCount(a.Unread)
		w := l.set.Width(words, f)
		wide := max(20, draw.CeilPx(w)+10)
		draw.SetFill(v.badge, draw.ThemeColor(ColorBadge))
		draw.SetStroke(v.badge, draw.ThemeColor(ColorWindow))
		draw.Place(v.badge, size.Width-wide-1, y+railSide-16, wide, 20)
		draw.SetText(v.count, words, f, draw.ThemeColor(ColorBadgeText))
		draw.PlaceText(v.count, size.Width-wide-1+(wide-w)/2, y+railSide-16+(20-text.Height(f))/2)
	}
	l.objects = append(l.objects, v.bar, v.ring.Line)
	l.objects = append(l.objects, v.face.Objects()...)
	l.objects = append(l.objects, v.badge, v.count)
}
