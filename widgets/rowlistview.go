package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// CreateRenderer implements fyne.Widget.
func (l *rowList) CreateRenderer() fyne.WidgetRenderer { return &rowListRenderer{list: l} }

type rowListRenderer struct{ list *rowList }

func (r *rowListRenderer) Layout(fyne.Size) { r.list.update() }

func (r *rowListRenderer) MinSize() fyne.Size { return r.list.MinSize() }

func (r *rowListRenderer) Refresh() {
	r.list.update()
	canvas.Refresh(r.list.back)
}

func (r *rowListRenderer) Objects() []fyne.CanvasObject { return r.list.objs }

func (r *rowListRenderer) Destroy() {}

// update gives each visible row a view.
func (l *rowList) update() {
	size := l.Size()
	if size.IsZero() {
		return
	}
	defer draw.Within(size.Width)()
	l.offset = min(max(l.offset, 0), l.reach())
	from, to := l.offset, l.offset+size.Height
	if l.tall && l.to > l.from {
		from, to = max(from, l.from), min(to, l.to)
	}
	draw.SetFill(l.back, draw.ThemeColor(l.ground))
	draw.Place(l.back, 0, 0, size.Width, size.Height)
	l.objs = append(l.objs[:0], l.back)
	hover := -1
	if l.inside {
		hover = l.at(l.pointer.Y)
	}
	n := 0
	first := l.at(from - l.offset)
	for i := first; i >= 0 && i < len(l.rows) && l.tops[i] < to; i++ {
		if n == len(l.views) {
			l.views = append(l.views, newListRowView(l.set))
		}
		v := l.views[n]
		n++
		v.show(&l.rows[i], listRowLook{
			ground: l.ground, width: size.Width, hovered: i == hover && l.rows[i].pressable() && l.onTapped != nil,
			current: i == l.current && l.marked, ring: i == l.current && l.focused,
		})
		v.box.Move(fyne.NewPos(0, draw.SnapPx(l.tops[i]-l.offset)))
		l.objs = append(l.objs, v.box)
	}
	if l.tall {
		canvas.Refresh(l.back)
		return
	}
	draw.Place(l.bar, size.Width-draw.ScrollBarWidth, 0, draw.ScrollBarWidth, size.Height)
	l.objs = append(l.objs, l.bar)
	if reach := l.reach(); reach > 0 {
		l.bar.Set(float64(l.offset/reach), float64(size.Height/l.total()))
	} else {
		l.bar.Set(0, 1)
	}
	l.bar.Repaint()
}

// listRowLook is what a row's view depends on besides the row.
type listRowLook struct {
	ground                 fyne.ThemeColorName
	width                  float32
	hovered, current, ring bool
}

// listRowView draws a row with canvas primitives.
type listRowView struct {
	box         *fyne.Container
	shape       *canvas.Rectangle
	ring        draw.FocusRing
	face        *FacePart
	title       *draw.Text
	words       *draw.Text
	note        *draw.Text
	roleBack    *canvas.Rectangle
	role        *draw.Text
	check       *canvas.Circle
	checkIcon   *canvas.Image
	arrow       *canvas.Image
	found       []*canvas.Rectangle
	set         *text.Typesetter
	left, right float32 // start and end of the texts
}

func newListRowView(set *text.Typesetter) *listRowView {
	return &listRowView{
		box: draw.NewGroup(), shape: &canvas.Rectangle{CornerRadius: RadiusRow}, ring: draw.NewFocusRing(),
		face: NewFacePart(set), title: draw.NewText(), words: draw.NewText(), note: draw.NewText(),
		roleBack: &canvas.Rectangle{CornerRadius: 9}, role: draw.NewText(),
		check: &canvas.Circle{StrokeWidth: 1.5}, checkIcon: draw.NewIcon(), arrow: draw.NewIcon(), set: set,
	}
}

const (
	listEdge  = float32(16) // from the list's edge to avatar and texts
	listGap   = float32(12) // between avatar and texts
	checkSide = float32(20)
	roleHigh  = float32(18)
)

func (v *listRowView) show(r *listRow, look listRowLook) {
	height := r.height()
	v.box.Resize(fyne.NewSize(look.width, height))
	v.left, v.right = listEdge, look.width-listEdge
	objects := v.box.Objects[:0]
	objects = v.drawShape(look, height, objects)
	switch r.kind {
	case rowTitle:
		f := text.Font{Size: TextSmall, Bold: true}
		draw.SetText(v.title, v.set.Fit(text.CleanLine(r.title), f, v.right-v.left), f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(v.title, v.left, height-text.Height(f)-4)
		objects = append(objects, v.title)
	case rowMore:
		f := text.Font{Size: TextPreview, Bold: true}
		draw.SetText(v.title, v.set.Fit(text.CleanLine(r.title), f, v.right-v.left), f, draw.ThemeColor(ColorAccent))
		draw.PlaceText(v.title, v.left, (height-text.Height(f))/2)
		objects = append(objects, v.title)
	case rowPerson:
		objects = v.drawPerson(r, look, height, objects)
	}
	clear(objects[len(objects):cap(objects)])
	v.box.Objects = objects
}

func (l listRowLook) below() fyne.ThemeColorName {
	switch {
	case l.current:
		return ColorRowSelected
	case l.hovered:
		return ColorRowHover
	default:
		return l.ground
	}
}

func (v *listRowView) drawShape(look listRowLook, height float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if look.hovered || look.current {
		draw.SetFill(v.shape, draw.ThemeColor(look.below()))
		draw.Place(v.shape, 6, 1, look.width-12, height-2)
		objects = append(objects, v.shape)
	}
	v.ring.Place(look.ring, 7, 2, look.width-14, height-4, RadiusRow)
	if look.ring {
		objects = append(objects, v.ring.Line)
	}
	return objects
}

func (v *listRowView) drawPerson(
	r *listRow, look listRowLook, height float32, objects []fyne.CanvasObject,
) []fyne.CanvasObject {
	v.face.Place(listEdge, personPad, r.side, r.face, look.below())
	objects = append(objects, v.face.Objects()...)
	v.left = listEdge + r.side + listGap
	objects = v.drawCheck(r, height, objects)
	objects = v.drawRole(r, height, objects)

	nameFont, wordFont := text.Font{Size: TextName, Bold: true}, text.Font{Size: TextPreview}
	noteFont := text.Font{Size: TextMeta}
	ink, second := ColorText, ColorSecondary
	if r.dead {
		ink = ColorSecondary
	}
	switch {
	case r.active:
		second = ColorAccent
	case r.alarm:
		second = ColorError
	}
	y := draw.SnapPx(height/2) - 20
	if r.words == "" {
		y = (height - text.Height(nameFont)) / 2
	}
	room := v.right - v.left
	if r.note != "" {
		w := draw.CeilPx(v.set.LineWidth(r.note, noteFont))
		draw.SetText(v.note, r.note, noteFont, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(v.note, v.right-w, y+2)
		objects = append(objects, v.note)
		room -= w + 8
	}
	draw.SetText(v.title, v.set.Fit(text.CleanLine(r.title), nameFont, room), nameFont, draw.ThemeColor(ink))
	draw.PlaceTextIn(v.title, v.left, y, room)
	objects = append(objects, v.title)
	if r.words == "" {
		return objects
	}
	left := v.left
	if icon, arrow := r.arrow.Icon(); icon != "" {
		draw.SetIcon(v.arrow, icon, arrow)
		draw.Place(v.arrow, left-1, y+23, glyph, glyph)
		objects = append(objects, v.arrow)
		left += glyph + 3
	}
	line, found := text.Snippet(v.set, r.words, r.found, wordFont, v.right-left)
	draw.SetText(v.words, line, wordFont, draw.ThemeColor(second))
	draw.PlaceTextIn(v.words, left, y+21, v.right-left)
	objects = v.drawFound(found, y+21, objects)
	return append(objects, v.words)
}

// drawFound marks parts of the words.
func (v *listRowView) drawFound(found []text.Range, y float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	n := 0
	for _, r := range found {
		for _, e := range v.words.Extents(v.set, r.Start, r.End) {
			if n == len(v.found) {
				v.found = append(v.found, &canvas.Rectangle{CornerRadius: 3})
			}
			m := v.found[n]
			n++
			draw.SetFill(m, draw.ThemeColor(ColorFound))
			draw.PlaceUnflipped(m, v.words.Position().X+e[0], draw.SnapPx(y), e[1]-e[0], 18)
			objects = append(objects, m)
		}
	}
	return objects
}

func (v *listRowView) drawCheck(r *listRow, height float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if r.check == checkNone {
		return objects
	}
	fill, line := draw.ThemeColor(ColorPane), draw.ThemeColor(ColorFaint)
	if r.check != checkOff {
		fill, line = draw.ThemeColor(ColorAccent), draw.ThemeColor(ColorAccent)
	}
	if r.check == checkFixed {
		fill, line = draw.ThemeColor(ColorFaint), draw.ThemeColor(ColorFaint)
	}
	if v.check.FillColor != fill || v.check.StrokeColor != line {
		v.check.FillColor, v.check.StrokeColor = fill, line
		v.check.Refresh()
	}
	x, y := v.right-checkSide, draw.SnapPx((height-checkSide)/2)
	draw.Place(v.check, x, y, checkSide, checkSide)
	objects = append(objects, v.check)
	if r.check != checkOff {
		draw.SetIcon(v.checkIcon, assets.IconCheck, ColorOnAccent)
		draw.Place(v.checkIcon, x+3, y+3, checkSide-6, checkSide-6)
		objects = append(objects, v.checkIcon)
	}
	v.right = x - 8
	return objects
}

func (v *listRowView) drawRole(r *listRow, height float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	role := text.CleanLine(r.role)
	if role == "" {
		return objects
	}
	f := text.Font{Size: TextMeta, Bold: true}
	w := draw.CeilPx(v.set.LineWidth(role, f)) + 16
	y := draw.SnapPx((height - roleHigh) / 2)
	draw.SetFill(v.roleBack, draw.ThemeColor(ColorRowSelected))
	draw.Place(v.roleBack, v.right-w, y, w, roleHigh)
	draw.SetText(v.role, role, f, draw.ThemeColor(ColorAccent))
	draw.PlaceText(v.role, v.right-w+8, y+(roleHigh-text.Height(f))/2)
	v.right -= w + 8
	return append(objects, v.roleBack, v.role)
}
