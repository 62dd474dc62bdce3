package messages

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// rowView draws one measured row with canvas primitives, in a container that is moved as a whole. Views are reused for
// other rows.
type rowView struct {
	box     *fyne.Container
	day     *pill
	divider *divider
	bubble  *canvas.Rectangle
	name    *draw.Text
	more    *draw.Text
	meta    *draw.Text
	tick    *canvas.Image
	pill    *canvas.Rectangle // behind them; nil until needed
	retry   *draw.Text
	remove  *draw.Text
	face    *widgets.FacePart
	flash   *canvas.Rectangle // behind a highlighted row
	check   *markParts
	blocks  *blockParts
	link    *linkParts // nil until needed
	pills   []*pillPart
	pool    draw.Pool // of lines
	marks   []*canvas.Rectangle
	grounds []*canvas.Rectangle // of code and quotes
	boxed   int                 // marks in use

	layout *rowLayout
	marked rowMarks
	from   int // lines drawn
	to     int
}

// rowMarks are the temporary marks of a row.
type rowMarks struct {
	sel   selection
	find  string // the query whose words are marked
	flash bool
	mark  markState
	frame *widgets.Photo // shown in place of the picture
}

func newRowView() *rowView {
	return &rowView{
		box: draw.NewGroup(), bubble: &canvas.Rectangle{CornerRadius: widgets.RadiusBubble, StrokeWidth: 1},
		name: draw.NewText(), more: draw.NewText(), meta: draw.NewText(), tick: draw.NewIcon(),
		retry: draw.NewText(), remove: draw.NewText(),
	}
}

// manyLines is the number of lines above which only visible lines have objects.
const manyLines = 60

// show draws the row at y in a viewport of this height, unless the view shows exactly this already.
func (v *rowView) show(l *rowLayout, marks rowMarks, set *text.Typesetter, y, height float32, force bool) {
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
	v.boxed = 0
	v.pool.Reset()
	objects := v.box.Objects[:0]
	objects = v.drawFlash(objects)
	objects = v.drawAbove(objects, set)
	if l.item.Kind == KindSystem {
		objects = v.drawSystem(objects)
	} else {
		objects = v.drawBubble(objects)
		objects = v.drawBlocks(objects, set)
		objects = v.drawGrounds(objects, set)
		objects = v.drawFound(objects, set)
		objects = v.drawSelected(objects, set)
		objects = v.drawLines(objects, set)
		objects = v.drawLink(objects)
		objects = v.drawMeta(objects)
		objects = v.drawFailure(objects)
		objects = v.drawFace(objects, set)
		objects = v.drawReactions(objects)
		objects = v.drawMark(objects)
	}
	clear(objects[len(objects):cap(objects)])
	v.box.Objects = objects
}

func (v *rowView) drawAbove(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
	l := v.layout
	if l.day.H > 0 {
		if v.day == nil {
			v.day = newPill()
		}
		v.day.show(l.item.Day, widgets.ColorPill, widgets.ColorPillText, set)
		v.day.place(l.day)
		objects = append(objects, v.day.box)
	}
	if l.divider.H > 0 {
		if v.divider == nil {
			v.divider = newDivider()
		}
		v.divider.show(l.item.Divider, l.divider, set)
		objects = append(objects, v.divider.box)
	}
	return objects
}

func (v *rowView) drawSystem(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	for i, s := range l.lines {
		x := l.lineX + (l.bubble.W-s.Width)/2
		objects = v.line(objects, s, l.text, l.font, widgets.ColorSecondary, x, l.lineAt+float32(i)*l.lineH)
	}
	return objects
}

func (v *rowView) drawBubble(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l, b := v.layout, v.bubble
	if l.bare {
		return v.drawName(objects)
	}
	fill, line := widgets.ColorBubblePeer, widgets.ColorBubblePeerLine
	topLeft, bottomLeft, topRight, bottomRight := float32(0), float32(0), float32(0), float32(0)
	if l.item.Own {
		fill, line = widgets.ColorBubbleOwn, widgets.ColorBubbleOwnLine
	}
	corner := func(joined bool) float32 {
		if joined {
			return widgets.RadiusJoined
		}
		return 0 // the default radius
	}
	if l.item.Own {
		topRight, bottomRight = corner(!l.ctx.first), corner(!l.ctx.last)
	} else {
		topLeft, bottomLeft = corner(!l.ctx.first), corner(!l.ctx.last)
	}
	if l.ctx.mirrored {
		topLeft, bottomLeft, topRight, bottomRight = topRight, bottomRight, topLeft, bottomLeft
	}
	fc, lc := draw.ThemeColor(fill), draw.ThemeColor(line)
	if b.FillColor != fc || b.StrokeColor != lc || b.TopLeftCornerRadius != topLeft ||
		b.BottomLeftCornerRadius != bottomLeft || b.TopRightCornerRadius != topRight ||
		b.BottomRightCornerRadius != bottomRight {
		b.FillColor, b.StrokeColor = fc, lc
		b.TopLeftCornerRadius, b.BottomLeftCornerRadius = topLeft, bottomLeft
		b.TopRightCornerRadius, b.BottomRightCornerRadius = topRight, bottomRight
		b.Refresh()
	}
	top, bottom := v.bubbleEdges()
	draw.Place(b, l.bubble.X, top, l.bubble.W, bottom-top)
	return v.drawName(append(objects, b))
}

func (v *rowView) drawName(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	if l.name.H > 0 {
		f := text.Font{Size: widgets.TextPreview, Bold: true}
		draw.SetText(v.name, text.CleanLine(l.item.SenderName), f, senderColor(l.item.SenderKey, l.item.SenderName))
		draw.PlaceText(v.name, l.name.X, l.name.Y)
		objects = append(objects, v.name)
	}
	return objects
}

// bubbleEdges returns top and bottom of the bubble; of a very long one only what is visible, because some painters
// cannot draw a rectangle of a million units.
func (v *rowView) bubbleEdges() (top, bottom float32) {
	const over = 200
	l := v.layout
	top, bottom = l.bubble.Y, l.bubble.Y+l.bubble.H
	if v.from > 0 {
		top = max(top, l.lineAt+float32(v.from)*l.lineH-over)
	}
	if v.to < len(l.lines) {
		bottom = min(bottom, l.lineAt+float32(v.to)*l.lineH+over)
	}
	return top, bottom
}

// drawLines draws the visible lines.
func (v *rowView) drawLines(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
	l := v.layout
	ink, meta, link := l.inks()
	if l.item.Deleted {
		ink = meta
	}
	for i := v.from; i < v.to; i++ {
		objects = v.drawLine(objects, i, ink, link, set)
	}
	if l.more.H > 0 {
		draw.SetText(v.more, wordMore(), text.Font{Size: widgets.TextPreview, Bold: true}, draw.ThemeColor(link))
		draw.PlaceText(v.more, l.more.X, l.more.Y+2)
		objects = append(objects, v.more)
	}
	return objects
}

func (v *rowView) drawLine(
	objects []fyne.CanvasObject, i int, ink, link fyne.ThemeColorName, set *text.Typesetter,
) []fyne.CanvasObject {
	l := v.layout
	line, x, y := l.lines[i].In(l.text), l.lineLeft(i), l.lineAt+float32(i)*l.lineH
	if len(l.spans) == 0 {
		for _, p := range l.piecesOf(i, set) {
			objects = v.pool.Piece(objects, line[p.Start:p.End], p, l.font, draw.ThemeColor(ink), x, y)
		}
		return objects
	}
	first := text.SpanAt(l.spans, l.lines[i].Start)
	for _, p := range l.piecesOf(i, set) {
		f, style, c := l.spans[first+p.Span].Font, l.styles[first+p.Span], draw.ThemeColor(ink)
		if style.link > 0 {
			c = draw.ThemeColor(link)
		}
		if style.code && !l.inGround(i) {
			ground := widgets.ColorQuote
			if l.item.Own {
				ground = widgets.ColorQuoteOwn
			}
			objects = append(objects, v.markBox(ground, x+p.X-1, i, p.Width+2))
		}
		drop := text.Ascent(l.font) - text.Ascent(f) // of a font with another baseline
		objects = v.pool.Piece(objects, line[p.Start:p.End], p, f, c, x, y+drop)
		if style.strike {
			objects = v.pool.Strike(objects, f, c, x+p.X, y, p.Width)
		}
	}
	return objects
}

// inGround reports whether line i is code or a quote.
func (l *rowLayout) inGround(i int) bool {
	for _, g := range l.grounds {
		if i >= g.first && i < g.end {
			return true
		}
	}
	return false
}

// line draws a line that stands alone, which is not mirrored.
func (v *rowView) line(
	objects []fyne.CanvasObject, s text.Line, of string, f text.Font, ink fyne.ThemeColorName, x, y float32,
) []fyne.CanvasObject {
	return v.pool.Line(objects, s.In(of), s.RTL, f, draw.ThemeColor(ink), x, y)
}

// drawSelected draws the selection below the text.
func (v *rowView) drawSelected(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
	if v.marked.sel.empty() {
		return objects
	}
	ink := widgets.ColorSelectedText
	if v.layout.item.Own {
		ink = widgets.ColorSelectedTextOwn
	}
	from, to := v.marked.sel.ordered()
	return v.mark(objects, text.Range{Start: from, End: to}, ink, true, set)
}

// drawFound marks the matches of a search below the text.
func (v *rowView) drawFound(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
	l := v.layout
	if v.marked.find == "" || l.item.Deleted || v.from == v.to {
		return objects
	}
	start, end := l.lines[v.from].Start, l.lines[v.to-1].End
	for _, r := range text.FindWords(l.text[start:end], v.marked.find) {
		r.Start, r.End = r.Start+start, r.End+start
		objects = v.mark(objects, r, widgets.ColorFound, false, set)
	}
	return objects
}

// mark draws a colour below a part of the text, optionally also on empty lines in it.
func (v *rowView) mark(
	objects []fyne.CanvasObject, r text.Range, ink fyne.ThemeColorName, empty bool, set *text.Typesetter,
) []fyne.CanvasObject {
	l := v.layout
	for i := v.from; i < v.to; i++ {
		s := l.lines[i]
		a, b := max(r.Start, s.Start), min(r.End, s.End)
		if a > b || a == b && (!empty || s.Start != s.End) {
			continue
		}
		if a == b {
			objects = append(objects, v.markBox(ink, l.lineLeft(i), i, 0))
		}
		for _, x := range l.extents(i, a, b, set) {
			objects = append(objects, v.markBox(ink, x[0], i, x[1]-x[0]))
		}
	}
	return objects
}

// markBox returns a rectangle behind a part of line i, which is not mirrored.
func (v *rowView) markBox(ink fyne.ThemeColorName, x float32, i int, w float32) *canvas.Rectangle {
	if v.boxed == len(v.marks) {
		v.marks = append(v.marks, &canvas.Rectangle{CornerRadius: 3})
	}
	m := v.marks[v.boxed]
	v.boxed++
	draw.SetFill(m, draw.ThemeColor(ink))
	draw.PlaceUnflipped(m, x, v.layout.lineAt+float32(i)*v.layout.lineH, max(w, 3), v.layout.lineH)
	return m
}

// drawFlash draws a band behind a highlighted row.
func (v *rowView) drawFlash(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if !v.marked.flash && v.marked.mark != markOn {
		return objects
	}
	if v.flash == nil {
		v.flash = &canvas.Rectangle{}
	}
	l := v.layout
	draw.SetFill(v.flash, draw.ThemeColor(widgets.ColorFlash))
	above, below := float32(2), float32(2)
	if v.marked.mark == markOn {
		above, below = 1, gapJoined-1 // it meets that of the next message
	}
	draw.Place(v.flash, 0, l.bubble.Y-above, l.ctx.width, l.height-l.bubble.Y+above+below)
	return append(objects, v.flash)
}

func (v *rowView) drawMeta(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	_, ink, _ := l.inks()
	if l.metaPill.H > 0 {
		if v.pill == nil {
			v.pill = &canvas.Rectangle{CornerRadius: metaPillHeight / 2}
		}
		ink = widgets.ColorPillText
		draw.SetFill(v.pill, draw.ThemeColor(widgets.ColorPill))
		draw.Place(v.pill, l.metaPill.X, l.metaPill.Y, l.metaPill.W, l.metaPill.H)
		objects = append(objects, v.pill)
	}
	draw.SetText(v.meta, l.meta, text.Font{Size: widgets.TextMeta}, draw.ThemeColor(ink))
	draw.PlaceText(v.meta, l.metaBox.X, l.metaBox.Y)
	objects = append(objects, v.meta)
	icon, color := l.item.State.Icon()
	if icon == "" || !l.item.Own {
		return objects
	}
	if color == widgets.ColorSecondary {
		color = ink
	}
	draw.SetIcon(v.tick, icon, color)
	draw.Place(v.tick, l.tick.X, l.tick.Y, draw.TickWidth, draw.TickHeight)
	return append(objects, v.tick)
}

func (v *rowView) drawFailure(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	if l.item.State != widgets.StateFailed {
		return objects
	}
	f := text.Font{Size: widgets.TextSmall}
	for i, s := range l.note {
		x := l.bubble.X
		if l.item.Own {
			x += l.bubble.W - s.Width
		}
		x = draw.Flip(x, s.Width)
		objects = v.line(objects, s, l.noteText, f, widgets.ColorError, x, l.noteAt+float32(i)*noteLine)
	}
	f.Bold = true
	top := (actionRow - text.Height(f)) / 2
	draw.SetText(v.retry, wordRetry(), f, draw.ThemeColor(widgets.ColorAccent))
	draw.PlaceText(v.retry, l.retry.X+8, l.retry.Y+top)
	draw.SetText(v.remove, wordDelete(), f, draw.ThemeColor(widgets.ColorAccent))
	draw.PlaceText(v.remove, l.remove.X+8, l.remove.Y+top)
	return append(objects, v.retry, v.remove)
}

func (v *rowView) drawFace(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
	l := v.layout
	if l.face.H == 0 {
		return objects
	}
	if v.face == nil {
		v.face = widgets.NewFacePart(set)
	}
	v.face.Place(l.face.X, l.face.Y, l.face.H, l.item.senderFace(), widgets.ColorChatBackground)
	return append(objects, v.face.Objects()...)
}

// senderColor is the avatar's colour, lighter on a dark background.
func senderColor(key, name string) color.Color {
	c := widgets.Face{Key: key, Name: name}.Color()
	if !widgets.IsDark() {
		return c
	}
	lift := func(v uint8) uint8 { return v + (0xFF-v)/2 }
	return color.NRGBA{R: lift(c.R), G: lift(c.G), B: lift(c.B), A: 0xFF}
}
