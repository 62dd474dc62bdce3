package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
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

// update puts a view on every row that is seen.
func (l *rowList) update() {
	size := l.Size()
	if size.IsZero() {
		return
	}
	l.offset = min(max(l.offset, 0), l.reach())
	from, to := l.offset, l.offset+size.Height
	if l.tall && l.to > l.from {
		from, to = max(from, l.from), min(to, l.to)
	}
	setFill(l.back, tone(l.ground))
	put(l.back, 0, 0, size.Width, size.Height)
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
		v.box.Move(fyne.NewPos(0, whole(l.tops[i]-l.offset)))
		l.objs = append(l.objs, v.box)
	}
	if l.tall {
		canvas.Refresh(l.back)
		return
	}
	put(l.bar, size.Width-barWidth, 0, barWidth, size.Height)
	l.objs = append(l.objs, l.bar)
	if reach := l.reach(); reach > 0 {
		l.bar.set(float64(l.offset/reach), float64(size.Height/l.total()))
	} else {
		l.bar.set(0, 1)
	}
	canvas.Refresh(l.bar.thumb)
}

// listRowLook is what a row's view depends on beside the row.
type listRowLook struct {
	ground                 fyne.ThemeColorName
	width                  float32
	hovered, current, ring bool
}

// listRowView draws a row with canvas primitives.
type listRowView struct {
	box         *fyne.Container
	shape       *canvas.Rectangle
	ring        focusRing
	face        *facePart
	title       *canvas.Text
	words       *canvas.Text
	note        *canvas.Text
	roleBack    *canvas.Rectangle
	role        *canvas.Text
	check       *canvas.Circle
	checkIcon   *canvas.Image
	found       []*canvas.Rectangle
	set         *typesetter
	left, right float32 // where the texts begin and end
}

func newListRowView(set *typesetter) *listRowView {
	return &listRowView{
		box: newStill(), shape: &canvas.Rectangle{CornerRadius: RadiusRow}, ring: newFocusRing(), face: newFacePart(set),
		title: newText(), words: newText(), note: newText(), roleBack: &canvas.Rectangle{CornerRadius: 9}, role: newText(),
		check: &canvas.Circle{StrokeWidth: 1.5}, checkIcon: newIcon(), set: set,
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
		f := font{size: TextSmall, bold: true}
		setText(v.title, v.set.fit(cleanLine(r.title), f, v.right-v.left), f, tone(ColorSecondary))
		putText(v.title, v.left, height-textHeight(f)-4)
		objects = append(objects, v.title)
	case rowMore:
		f := font{size: TextPreview, bold: true}
		setText(v.title, v.set.fit(cleanLine(r.title), f, v.right-v.left), f, tone(ColorAccent))
		putText(v.title, v.left, (height-textHeight(f))/2)
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
		setFill(v.shape, tone(look.below()))
		put(v.shape, 6, 1, look.width-12, height-2)
		objects = append(objects, v.shape)
	}
	v.ring.place(look.ring, 7, 2, look.width-14, height-4, RadiusRow)
	if look.ring {
		objects = append(objects, v.ring.line)
	}
	return objects
}

func (v *listRowView) drawPerson(
	r *listRow, look listRowLook, height float32, objects []fyne.CanvasObject,
) []fyne.CanvasObject {
	v.face.place(listEdge, personPad, r.side, r.face, look.below())
	objects = append(objects, v.face.objects()...)
	v.left = listEdge + r.side + listGap
	objects = v.drawCheck(r, height, objects)
	objects = v.drawRole(r, height, objects)

	nameFont, wordFont, noteFont := font{size: TextName, bold: true}, font{size: TextPreview}, font{size: TextMeta}
	ink, second := ColorText, ColorSecondary
	if r.dead {
		ink = ColorSecondary
	}
	if r.active {
		second = ColorAccent
	}
	y := whole(height/2) - 20
	if r.words == "" {
		y = (height - textHeight(nameFont)) / 2
	}
	room := v.right - v.left
	if r.note != "" {
		w := up(v.set.lineWidth(r.note, noteFont))
		setText(v.note, r.note, noteFont, tone(ColorSecondary))
		putText(v.note, v.right-w, y+2)
		objects = append(objects, v.note)
		room -= w + 8
	}
	setText(v.title, v.set.fit(cleanLine(r.title), nameFont, room), nameFont, tone(ink))
	putText(v.title, v.left, y)
	objects = append(objects, v.title)
	if r.words == "" {
		return objects
	}
	text, found := snippet(v.set, r.words, r.found, wordFont, v.right-v.left)
	objects = v.drawFound(text, found, wordFont, y+21, objects)
	setText(v.words, text, wordFont, tone(second))
	putText(v.words, v.left, y+21)
	return append(objects, v.words)
}

func (v *listRowView) drawFound(text string, found []Range, f font, y float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	for i, r := range found {
		if i == len(v.found) {
			v.found = append(v.found, &canvas.Rectangle{CornerRadius: 3})
		}
		m := v.found[i]
		x0, x1 := v.set.lineWidth(text[:r.Start], f), v.set.lineWidth(text[:r.End], f)
		setFill(m, tone(ColorFound))
		put(m, v.left+x0, whole(y), x1-x0, 18)
		objects = append(objects, m)
	}
	return objects
}

func (v *listRowView) drawCheck(r *listRow, height float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if r.check == checkNone {
		return objects
	}
	fill, line := tone(ColorPane), tone(ColorFaint)
	if r.check != checkOff {
		fill, line = tone(ColorAccent), tone(ColorAccent)
	}
	if r.check == checkFixed {
		fill, line = tone(ColorFaint), tone(ColorFaint)
	}
	if v.check.FillColor != fill || v.check.StrokeColor != line {
		v.check.FillColor, v.check.StrokeColor = fill, line
		v.check.Refresh()
	}
	x, y := v.right-checkSide, whole((height-checkSide)/2)
	put(v.check, x, y, checkSide, checkSide)
	objects = append(objects, v.check)
	if r.check != checkOff {
		setIcon(v.checkIcon, assets.IconCheck, ColorOnAccent)
		put(v.checkIcon, x+3, y+3, checkSide-6, checkSide-6)
		objects = append(objects, v.checkIcon)
	}
	v.right = x - 8
	return objects
}

func (v *listRowView) drawRole(r *listRow, height float32, objects []fyne.CanvasObject) []fyne.CanvasObject {
	role := cleanLine(r.role)
	if role == "" {
		return objects
	}
	f := font{size: TextMeta, bold: true}
	w := up(v.set.lineWidth(role, f)) + 16
	y := whole((height - roleHigh) / 2)
	setFill(v.roleBack, tone(ColorRowSelected))
	put(v.roleBack, v.right-w, y, w, roleHigh)
	setText(v.role, role, f, tone(ColorAccent))
	putText(v.role, v.right-w+8, y+(roleHigh-textHeight(f))/2)
	v.right -= w + 8
	return append(objects, v.roleBack, v.role)
}
