package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// messageView draws one measured row with canvas primitives inside a container that is moved as a whole. Views are
// reused for other rows.
type messageView struct {
	box     *fyne.Container
	day     *pill
	divider *pill
	bubble  *canvas.Rectangle
	name    *canvas.Text
	more    *canvas.Text
	meta    *canvas.Text
	tick    *canvas.Image
	retry   *canvas.Text
	remove  *canvas.Text
	face    *facePart
	light   *canvas.Rectangle // behind a row that is lit up
	blocks  *blockParts
	pills   []*pillPart
	texts   []*canvas.Text
	marks   []*canvas.Rectangle
	used    int // texts in use
	boxed   int // marks in use

	layout *rowLayout
	marked rowMarks
	from   int // lines drawn
	to     int
}

// rowMarks is what is marked in a row for the time being.
type rowMarks struct {
	sel   selection
	find  string // the query whose words are marked
	flash bool
}

func newMessageView() *messageView {
	return &messageView{
		box: newStill(), bubble: &canvas.Rectangle{CornerRadius: RadiusBubble, StrokeWidth: 1},
		name: newText(), more: newText(), meta: newText(), tick: newIcon(), retry: newText(), remove: newText(),
	}
}

// manyLines is from where on only the lines in view have objects.
const manyLines = 60

// show draws the row, unless the view shows exactly this already. The row lies at y in a viewport of this height.
func (v *messageView) show(l *rowLayout, marks rowMarks, set *typesetter, y, height float32, force bool) {
	from, to := 0, len(l.lines)
	if to > manyLines {
		from = min(max(0, int((-y-l.lineAt)/l.lineH)-1), to)
		to = max(from, min(to, int((height-y-l.lineAt)/l.lineH)+2))
	}
	if marks.sel.key != l.item.Key {
		marks.sel = selection{}
	}
	if !force && v.layout == l && v.marked == marks && v.from == from && v.to == to {
		return
	}
	v.layout, v.marked, v.from, v.to = l, marks, from, to
	v.box.Resize(fyne.NewSize(l.ctx.width, l.height))
	v.used, v.boxed = 0, 0
	objects := v.box.Objects[:0]
	objects = v.drawLight(objects)
	objects = v.drawAbove(objects, set)
	if l.item.Kind == MessageSystem {
		objects = v.drawSystem(objects)
	} else {
		objects = v.drawBubble(objects)
		objects = v.drawBlocks(objects)
		objects = v.drawFound(objects, set)
		objects = v.drawSelected(objects, set)
		objects = v.drawLines(objects, set)
		objects = v.drawMeta(objects)
		objects = v.drawFailure(objects)
		objects = v.drawFace(objects, set)
		objects = v.drawReactions(objects)
	}
	clear(objects[len(objects):cap(objects)])
	v.box.Objects = objects
}

func (v *messageView) drawAbove(objects []fyne.CanvasObject, set *typesetter) []fyne.CanvasObject {
	l := v.layout
	if l.day.h > 0 {
		if v.day == nil {
			v.day = newPill()
		}
		v.day.show(l.item.Day, ColorPill, ColorPillText, set)
		v.day.place(l.day)
		objects = append(objects, v.day.box)
	}
	if l.divider.h > 0 {
		if v.divider == nil {
			v.divider = newPill()
			v.divider.back.CornerRadius = 0
		}
		v.divider.show(l.item.Divider, ColorRowSelected, ColorAccent, set)
		v.divider.place(l.divider)
		objects = append(objects, v.divider.box)
	}
	return objects
}

func (v *messageView) drawSystem(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	for i, s := range l.lines {
		x := l.lineX + (l.bubble.w-s.width)/2
		objects = append(objects, v.line(s.text(l.text), l.font, ColorSecondary, x, l.lineAt+float32(i)*l.lineH))
	}
	return objects
}

func (v *messageView) drawBubble(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l, b := v.layout, v.bubble
	fill, line := ColorBubblePeer, ColorBubblePeerLine
	topLeft, bottomLeft, topRight, bottomRight := float32(0), float32(0), float32(0), float32(0)
	if l.item.Own {
		fill, line = ColorBubbleOwn, ColorBubbleOwnLine
	}
	corner := func(joined bool) float32 {
		if joined {
			return RadiusJoined
		}
		return 0 // the common radius
	}
	if l.item.Own {
		topRight, bottomRight = corner(!l.ctx.first), corner(!l.ctx.last)
	} else {
		topLeft, bottomLeft = corner(!l.ctx.first), corner(!l.ctx.last)
	}
	fc, lc := tone(fill), tone(line)
	if b.FillColor != fc || b.StrokeColor != lc || b.TopLeftCornerRadius != topLeft ||
		b.BottomLeftCornerRadius != bottomLeft || b.TopRightCornerRadius != topRight ||
		b.BottomRightCornerRadius != bottomRight {
		b.FillColor, b.StrokeColor = fc, lc
		b.TopLeftCornerRadius, b.BottomLeftCornerRadius = topLeft, bottomLeft
		b.TopRightCornerRadius, b.BottomRightCornerRadius = topRight, bottomRight
		b.Refresh()
	}
	top, bottom := v.bubbleEdges()
	put(b, l.bubble.x, top, l.bubble.w, bottom-top)
	objects = append(objects, b)
	if l.name.h > 0 {
		f := font{size: TextPreview, bold: true}
		setText(v.name, cleanLine(l.item.SenderName), f, senderColor(l.item.SenderKey, l.item.SenderName))
		putText(v.name, l.name.x, l.name.y)
		objects = append(objects, v.name)
	}
	return objects
}

// bubbleEdges returns the bubble's upper and lower edge; of a bubble of very many lines only as much as is in view,
// because a rectangle of a million units is more than some painters can draw.
func (v *messageView) bubbleEdges() (top, bottom float32) {
	const over = 200
	l := v.layout
	top, bottom = l.bubble.y, l.bubble.y+l.bubble.h
	if v.from > 0 {
		top = max(top, l.lineAt+float32(v.from)*l.lineH-over)
	}
	if v.to < len(l.lines) {
		bottom = min(bottom, l.lineAt+float32(v.to)*l.lineH+over)
	}
	return top, bottom
}

// drawLines writes the lines in view, each as runs of plain text and links.
func (v *messageView) drawLines(objects []fyne.CanvasObject, set *typesetter) []fyne.CanvasObject {
	l := v.layout
	ink, meta, link := l.inks()
	if l.item.Deleted {
		ink = meta
	}
	for i := v.from; i < v.to; i++ {
		y := l.lineAt + float32(i)*l.lineH
		for _, r := range l.runs(i, set) {
			c := ink
			if r.link {
				c = link
			}
			objects = append(objects, v.line(l.text[r.start:r.end], l.font, c, l.lineX+r.x, y))
		}
	}
	if l.more.h > 0 {
		setText(v.more, wordMore, font{size: TextPreview, bold: true}, tone(link))
		putText(v.more, l.more.x, l.more.y+2)
		objects = append(objects, v.more)
	}
	return objects
}

// line takes a text object from the view's pool.
func (v *messageView) line(s string, f font, ink fyne.ThemeColorName, x, y float32) *canvas.Text {
	if v.used == len(v.texts) {
		v.texts = append(v.texts, newText())
	}
	t := v.texts[v.used]
	v.used++
	setText(t, s, f, tone(ink))
	putText(t, x, y)
	return t
}

// drawSelected lays the selection under the text.
func (v *messageView) drawSelected(objects []fyne.CanvasObject, set *typesetter) []fyne.CanvasObject {
	if v.marked.sel.empty() {
		return objects
	}
	ink := ColorSelectedText
	if v.layout.item.Own {
		ink = ColorSelectedTextOwn
	}
	from, to := v.marked.sel.ordered()
	return v.mark(objects, Range{from, to}, ink, true, set)
}

// drawFound lays what a search found under the text.
func (v *messageView) drawFound(objects []fyne.CanvasObject, set *typesetter) []fyne.CanvasObject {
	l := v.layout
	if v.marked.find == "" || l.item.Deleted || v.from == v.to {
		return objects
	}
	start, end := l.lines[v.from].start, l.lines[v.to-1].end
	for _, r := range FindRanges(l.text[start:end], v.marked.find) {
		objects = v.mark(objects, Range{r.Start + start, r.End + start}, ColorFound, false, set)
	}
	return objects
}

// mark lays a colour under a part of the text, over empty lines in it too if wanted.
func (v *messageView) mark(
	objects []fyne.CanvasObject, r Range, ink fyne.ThemeColorName, empty bool, set *typesetter,
) []fyne.CanvasObject {
	l := v.layout
	for i := v.from; i < v.to; i++ {
		s := l.lines[i]
		a, b := max(r.Start, s.start), min(r.End, s.end)
		if a > b || a == b && (!empty || s.start != s.end) {
			continue
		}
		x0, x1 := l.offsetX(i, a, set), l.offsetX(i, b, set)
		if v.boxed == len(v.marks) {
			v.marks = append(v.marks, &canvas.Rectangle{CornerRadius: 3})
		}
		m := v.marks[v.boxed]
		v.boxed++
		setFill(m, tone(ink))
		put(m, l.lineX+x0, l.lineAt+float32(i)*l.lineH, max(x1-x0, 3), l.lineH)
		objects = append(objects, m)
	}
	return objects
}

// drawLight puts a band behind a row that is lit up.
func (v *messageView) drawLight(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if !v.marked.flash {
		return objects
	}
	if v.light == nil {
		v.light = &canvas.Rectangle{}
	}
	l := v.layout
	setFill(v.light, tone(ColorFlash))
	put(v.light, 0, l.bubble.y-2, l.ctx.width, l.height-l.bubble.y+4)
	return append(objects, v.light)
}

func (v *messageView) drawMeta(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	_, ink, _ := l.inks()
	setText(v.meta, l.meta, font{size: TextMeta}, tone(ink))
	putText(v.meta, l.metaBox.x, l.metaBox.y)
	objects = append(objects, v.meta)
	icon, color := l.item.State.icon()
	if icon == "" || !l.item.Own {
		return objects
	}
	if color == ColorSecondary {
		color = ColorBubbleOwnMeta
	}
	setIcon(v.tick, icon, color)
	put(v.tick, l.tick.x, l.tick.y, tickW, tickH)
	return append(objects, v.tick)
}

func (v *messageView) drawFailure(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	if l.item.State != StateFailed {
		return objects
	}
	f := font{size: TextSmall}
	for i, s := range l.note {
		x := l.bubble.x
		if l.item.Own {
			x += l.bubble.w - s.width
		}
		objects = append(objects, v.line(s.text(l.noteText), f, ColorError, x, l.noteAt+float32(i)*noteLine))
	}
	f.bold = true
	top := (actionRow - textHeight(f)) / 2
	setText(v.retry, wordRetry, f, tone(ColorAccent))
	putText(v.retry, l.retry.x+8, l.retry.y+top)
	setText(v.remove, wordDelete, f, tone(ColorAccent))
	putText(v.remove, l.remove.x+8, l.remove.y+top)
	return append(objects, v.retry, v.remove)
}

func (v *messageView) drawFace(objects []fyne.CanvasObject, set *typesetter) []fyne.CanvasObject {
	l := v.layout
	if l.face.h == 0 {
		return objects
	}
	if v.face == nil {
		v.face = newFacePart(set)
	}
	v.face.place(l.face.x, l.face.y, l.face.h, l.item.senderFace(), ColorChatBackground)
	return append(objects, v.face.objects()...)
}

// senderColor is the avatar's colour, lighter on a dark ground.
func senderColor(key, name string) color.Color {
	c, ok := faceColor(Face{Key: key, Name: name}).(color.NRGBA)
	if !ok || !IsDark() {
		return c
	}
	lift := func(v uint8) uint8 { return v + (0xFF-v)/2 }
	return color.NRGBA{R: lift(c.R), G: lift(c.G), B: lift(c.B), A: 0xFF}
}
