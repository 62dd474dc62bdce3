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

// SharedItem is one entry of a [SharedList].
type SharedItem struct {
	Title  string
	Detail string
	Icon   assets.Icon
	Label  string // on a picture, such as the duration of a video
	Photo  *Photo // nil before it is loaded
}

// SharedList shows what was shared in a chat, as a grid of pictures or as rows. Only what is visible has objects. The arrow
// keys move the current one, Enter chooses it.
type SharedList struct {
	widget.BaseWidget

	// OnChosen is called for an entry that was pressed, or chosen with Enter, OnMenu for a right click or the menu key.
	OnChosen func(i int)
	OnMenu   func(i int, pos fyne.Position)
	// OnVisible is called with the entries that came into view, from the first up to end.
	OnVisible func(first, end int)
	// OnEscape is called for the Escape key.
	OnEscape func()

	items   []SharedItem
	grid    bool
	current int
	offset  float32
	pointer fyne.Position
	inside  bool
	focused bool
	first   int // of those that OnVisible was called for last
	end     int

	set  *text.Typesetter
	bar  *draw.ScrollBar
	back *canvas.Rectangle
	ring draw.FocusRing
	hov  *canvas.Rectangle
	pool []*sharedView
	objs []fyne.CanvasObject
}

var (
	_ fyne.Widget            = (*SharedList)(nil)
	_ fyne.Tappable          = (*SharedList)(nil)
	_ fyne.SecondaryTappable = (*SharedList)(nil)
	_ fyne.Focusable         = (*SharedList)(nil)
	_ fyne.Scrollable        = (*SharedList)(nil)
	_ desktop.Hoverable      = (*SharedList)(nil)
	_ desktop.Cursorable     = (*SharedList)(nil)
)

const (
	sharedRow  = float32(56)
	sharedCell = float32(88) // at least
	sharedGap  = float32(4)
	sharedDisc = float32(40)
)

// NewSharedList returns an empty list.
func NewSharedList() *SharedList {
	l := &SharedList{
		set: text.NewTypesetter(), back: &canvas.Rectangle{}, ring: draw.NewFocusRing(),
		hov: &canvas.Rectangle{CornerRadius: RadiusRow},
	}
	l.bar = draw.NewScrollBar(func(p float64) {
		l.offset = float32(p) * l.reach()
		l.update()
	})
	l.ExtendBaseWidget(l)
	return l
}

// SetItems shows these entries, as a grid or as rows, from the top.
func (l *SharedList) SetItems(items []SharedItem, grid bool) {
	l.items, l.grid, l.current, l.offset, l.first, l.end = items, grid, 0, 0, 0, 0
	l.update()
}

// SetPhoto shows the picture of an entry.
func (l *SharedList) SetPhoto(i int, p *Photo) {
	if i >= 0 && i < len(l.items) && l.items[i].Photo != p {
		l.items[i].Photo = p
		l.update()
	}
}

// columns returns how many entries are side by side, and the size of one with its gap.
func (l *SharedList) columns() (n int, w, h float32) {
	width := l.Size().Width - draw.ScrollBarWidth
	if !l.grid {
		return 1, width, sharedRow
	}
	n = max(1, int((width+sharedGap)/(sharedCell+sharedGap)))
	w = draw.SnapPx((width + sharedGap) / float32(n))
	return n, w, w
}

func (l *SharedList) total() float32 {
	n, _, h := l.columns()
	return float32((len(l.items)+n-1)/n) * h
}

func (l *SharedList) reach() float32 { return max(0, l.total()-l.Size().Height) }

// at returns the entry at a point, or -1.
func (l *SharedList) at(pos fyne.Position) int {
	pos = draw.FlipPoint(pos, l.Size().Width)
	n, w, h := l.columns()
	column, row := int(pos.X/w), int((pos.Y+l.offset)/h)
	i := row*n + column
	if pos.X < 0 || pos.Y < 0 || column >= n || i >= len(l.items) {
		return -1
	}
	return i
}

// box returns where an entry is.
func (l *SharedList) box(i int) draw.Box {
	n, w, h := l.columns()
	b := draw.NewBox(float32(i%n)*w, float32(i/n)*h-l.offset, w, h)
	if l.grid {
		b.W, b.H = b.W-sharedGap, b.H-sharedGap
	}
	return b
}

// step makes another entry the current one.
func (l *SharedList) step(by int) {
	if len(l.items) == 0 {
		return
	}
	l.current = min(max(l.current+by, 0), len(l.items)-1)
	b := l.box(l.current)
	switch {
	case b.Y < 0:
		l.offset += b.Y
	case b.Y+b.H > l.Size().Height:
		l.offset += b.Y + b.H - l.Size().Height
	}
	l.update()
}

func (l *SharedList) choose(i int) {
	if i >= 0 && i < len(l.items) && l.OnChosen != nil {
		l.current = i
		l.OnChosen(i)
	}
}

// MinSize implements fyne.CanvasObject.
func (l *SharedList) MinSize() fyne.Size { return fyne.NewSize(200, 120) }

// Tapped implements fyne.Tappable.
func (l *SharedList) Tapped(e *fyne.PointEvent) { l.choose(l.at(e.Position)) }

// TappedSecondary implements fyne.SecondaryTappable.
func (l *SharedList) TappedSecondary(e *fyne.PointEvent) {
	if i := l.at(e.Position); i >= 0 && l.OnMenu != nil {
		l.OnMenu(i, e.AbsolutePosition)
	}
}

// Scrolled implements fyne.Scrollable.
func (l *SharedList) Scrolled(e *fyne.ScrollEvent) {
	l.offset -= e.Scrolled.DY * draw.WheelFactor
	l.update()
}

// MouseIn implements desktop.Hoverable.
func (l *SharedList) MouseIn(e *desktop.MouseEvent) { l.hover(e.Position, true) }

// MouseMoved implements desktop.Hoverable.
func (l *SharedList) MouseMoved(e *desktop.MouseEvent) { l.hover(e.Position, true) }

// MouseOut implements desktop.Hoverable.
func (l *SharedList) MouseOut() { l.hover(l.pointer, false) }

func (l *SharedList) hover(pos fyne.Position, inside bool) {
	changed := l.at(pos) != l.at(l.pointer) || inside != l.inside
	l.pointer, l.inside = pos, inside
	if changed {
		l.update()
	}
}

// Cursor implements desktop.Cursorable.
func (l *SharedList) Cursor() desktop.Cursor {
	if l.at(l.pointer) >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// FocusGained implements fyne.Focusable.
func (l *SharedList) FocusGained() {
	l.focused = true
	l.update()
}

// FocusLost implements fyne.Focusable.
func (l *SharedList) FocusLost() {
	l.focused = false
	l.update()
}

// TypedRune implements fyne.Focusable.
func (l *SharedList) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *SharedList) TypedKey(e *fyne.KeyEvent) {
	n, _, h := l.columns()
	page := max(1, int(l.Size().Height/h)) * n
	steps := map[fyne.KeyName]int{
		fyne.KeyUp: -n, fyne.KeyDown: n, fyne.KeyPageUp: -page, fyne.KeyPageDown: page,
		fyne.KeyHome: -len(l.items), fyne.KeyEnd: len(l.items),
	}
	if l.grid {
		steps[fyne.KeyLeft], steps[fyne.KeyRight] = -1, 1
	}
	if by, ok := steps[draw.FlipKey(e.Name)]; ok {
		l.step(by)
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.choose(l.current)
	case fyne.KeyEscape:
		draw.Invoke(l.OnEscape)
	case desktop.KeyMenu:
		if l.current < len(l.items) && l.OnMenu != nil {
			b := l.box(l.current)
			l.OnMenu(l.current, draw.PointOf(l, b.X+b.W/2, b.Y+b.H/2))
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (l *SharedList) CreateRenderer() fyne.WidgetRenderer { return &sharedRenderer{l} }

type sharedRenderer struct{ list *SharedList }

func (r *sharedRenderer) Layout(fyne.Size) { r.list.update() }

func (r *sharedRenderer) MinSize() fyne.Size { return r.list.MinSize() }

func (r *sharedRenderer) Refresh() {
	r.list.update()
	canvas.Refresh(r.list.back)
}

func (r *sharedRenderer) Objects() []fyne.CanvasObject { return r.list.objs }

func (r *sharedRenderer) Destroy() {}

// update places what is visible.
func (l *SharedList) update() {
	size := l.Size()
	if size.IsZero() {
		return
	}
	defer draw.Within(size.Width)()
	l.offset = min(max(0, l.offset), l.reach())
	n, _, h := l.columns()
	first := int(l.offset/h) * n
	end := min(len(l.items), (int((l.offset+size.Height)/h)+1)*n)
	draw.SetFill(l.back, draw.ThemeColor(ColorChatPane))
	draw.Place(l.back, 0, 0, size.Width, size.Height)
	l.objs = append(l.objs[:0], l.back)
	if i := l.at(l.pointer); l.inside && i >= 0 && !l.grid {
		draw.SetFill(l.hov, draw.ThemeColor(ColorRowHover))
		b := l.box(i)
		draw.Place(l.hov, b.X, b.Y+1, b.W, b.H-2)
		l.objs = append(l.objs, l.hov)
	}
	for i := first; i < end; i++ {
		if i-first == len(l.pool) {
			l.pool = append(l.pool, newSharedView())
		}
		l.objs = l.pool[i-first].place(l.objs, &l.items[i], l.box(i), l.grid, l.set)
	}
	if l.focused && l.current < len(l.items) {
		b := l.box(l.current)
		l.ring.Place(true, b.X+1, b.Y+1, b.W-2, b.H-2, RadiusRow)
		l.objs = append(l.objs, l.ring.Line)
	}
	draw.Place(l.bar, size.Width-draw.ScrollBarWidth, 0, draw.ScrollBarWidth, size.Height)
	position, part := 0.0, 1.0
	if reach := l.reach(); reach > 0 {
		position, part = float64(l.offset/reach), float64(size.Height/l.total())
	}
	l.bar.Set(position, part)
	l.objs = append(l.objs, l.bar)
	canvas.Refresh(l.back)
	if (first != l.first || end != l.end) && l.OnVisible != nil {
		l.first, l.end = first, end
		l.OnVisible(first, end)
	}
}

// sharedView draws one entry.
type sharedView struct {
	photo         *canvas.Image
	disc, shade   *canvas.Rectangle
	icon          *canvas.Image
	title, detail *draw.Text
	label         *draw.Text
	shown         *Photo
}

func newSharedView() *sharedView {
	return &sharedView{
		photo: draw.NewPhotoImage(6), disc: &canvas.Rectangle{}, shade: &canvas.Rectangle{CornerRadius: 8},
		icon: draw.NewIcon(), title: draw.NewText(), detail: draw.NewText(), label: draw.NewText(),
	}
}

func (v *sharedView) place(
	objects []fyne.CanvasObject, it *SharedItem, b draw.Box, grid bool, set *text.Typesetter,
) []fyne.CanvasObject {
	tile := b
	v.disc.CornerRadius = 6
	if !grid {
		tile = draw.NewBox(b.X+8, b.Y+(b.H-sharedDisc)/2, sharedDisc, sharedDisc)
		if it.Photo == nil {
			v.disc.CornerRadius = sharedDisc / 2
		}
	}
	draw.SetFill(v.disc, draw.ThemeColor(ColorButton))
	draw.Place(v.disc, tile.X, tile.Y, tile.W, tile.H)
	objects = append(objects, v.disc)
	if it.Photo != nil {
		if v.shown != it.Photo {
			v.shown = it.Photo
			v.photo.Image = it.Photo.Image()
			v.photo.FillMode = canvas.ImageFillCover
			v.photo.Refresh()
		}
		draw.Place(v.photo, tile.X, tile.Y, tile.W, tile.H)
		objects = append(objects, v.photo)
	} else {
		draw.SetIcon(v.icon, it.Icon, ColorSecondary)
		draw.Place(v.icon, tile.X+(tile.W-draw.IconSide)/2, tile.Y+(tile.H-draw.IconSide)/2, draw.IconSide, draw.IconSide)
		objects = append(objects, v.icon)
	}
	if grid {
		return v.placeLabel(objects, it, tile, set)
	}
	x := tile.X + tile.W + 12
	room := b.X + b.W - x - 8
	bold, plain := text.Font{Size: TextName, Bold: true}, text.Font{Size: TextPreview}
	draw.SetText(v.title, set.FitName(text.CleanLine(it.Title), bold, room), bold, draw.ThemeColor(ColorText))
	draw.PlaceText(v.title, x, b.Y+8)
	draw.SetText(v.detail, set.Fit(text.CleanLine(it.Detail), plain, room), plain, draw.ThemeColor(ColorSecondary))
	draw.PlaceText(v.detail, x, b.Y+29)
	return append(objects, v.title, v.detail)
}

// placeLabel draws the words in the lower left corner of a picture.
func (v *sharedView) placeLabel(
	objects []fyne.CanvasObject, it *SharedItem, tile draw.Box, set *text.Typesetter,
) []fyne.CanvasObject {
	if it.Label == "" {
		return objects
	}
	f := text.Font{Size: TextMeta}
	words := set.Fit(it.Label, f, tile.W-20)
	draw.SetFill(v.shade, draw.ThemeColor(ColorToast))
	w := draw.CeilPx(set.LineWidth(words, f)) + 12
	draw.Place(v.shade, tile.X+4, tile.Y+tile.H-22, w, 18)
	draw.SetText(v.label, words, f, draw.ThemeColor(ColorToastText))
	draw.PlaceText(v.label, tile.X+10, tile.Y+tile.H-22+(18-text.Height(f))/2)
	return append(objects, v.shade, v.label)
}
