package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/emoji"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// emojiGrid shows emoji in rows under titles. Only visible ones have objects.
type emojiGrid struct {
	widget.BaseWidget

	onChosen  func(string)
	onCurrent func()
	onSection func(section int)
	language  string // of the names

	rows    []emojiGridRow
	cells   []emojiGridCell
	height  float32 // of all rows
	offset  float32
	current int  // index in cells, -1 for none
	idle    bool // something beside the grid is current instead
	tones   int  // the cell whose skin tones are offered, -1 for none
	tone    int  // the current one of them

	bar     *draw.ScrollBar
	back    *canvas.Rectangle
	toneBox *canvas.Rectangle
	toneNow *canvas.Rectangle
	images  []*canvas.Image
	titles  []*draw.Text
	objects []fyne.CanvasObject
	set     *text.Typesetter
}

type emojiGridRow struct {
	top, height float32
	title       string
	section     int
	first, end  int // cells
}

type emojiGridCell struct {
	emoji emoji.Emoji
	row   int
}

var (
	_ fyne.Scrollable        = (*emojiGrid)(nil)
	_ fyne.Tappable          = (*emojiGrid)(nil)
	_ fyne.SecondaryTappable = (*emojiGrid)(nil)
	_ desktop.Hoverable      = (*emojiGrid)(nil)
	_ desktop.Cursorable     = (*emojiGrid)(nil)
	_ fyne.WidgetRenderer    = (*emojiGridRenderer)(nil)
)

func newEmojiGrid(language string, chosen func(string)) *emojiGrid {
	g := &emojiGrid{
		language: language, onChosen: chosen, current: -1, tones: -1, set: text.NewTypesetter(),
		back:    &canvas.Rectangle{CornerRadius: RadiusField},
		toneBox: &canvas.Rectangle{CornerRadius: RadiusField, StrokeWidth: 1},
		toneNow: &canvas.Rectangle{CornerRadius: RadiusField},
	}
	g.bar = draw.NewScrollBar(func(position float64) {
		g.offset = float32(position) * max(0, g.height-g.Size().Height)
		g.update()
	})
	g.ExtendBaseWidget(g)
	return g
}

// setRows shows sections from the top; the first emoji is the current one.
func (g *emojiGrid) setRows(sections []emojiSection) {
	g.rows, g.cells = g.rows[:0], g.cells[:0]
	y := float32(0)
	for i, s := range sections {
		g.rows = append(g.rows, emojiGridRow{
			top: y, height: emojiTitle, title: s.title, section: i, first: len(g.cells), end: len(g.cells),
		})
		y += emojiTitle
		for from := 0; from < len(s.list); from += emojiColumns {
			row := emojiGridRow{top: y, height: emojiCell, section: i, first: len(g.cells)}
			for _, e := range s.list[from:min(from+emojiColumns, len(s.list))] {
				g.cells = append(g.cells, emojiGridCell{e, len(g.rows)})
			}
			row.end = len(g.cells)
			g.rows = append(g.rows, row)
			y += emojiCell
		}
	}
	g.height, g.offset, g.tones, g.current = y, 0, -1, -1
	if len(g.cells) > 0 {
		g.current = 0
	}
	g.update()
	g.changed()
}

func (g *emojiGrid) changed() { draw.Invoke(g.onCurrent) }

// showSection scrolls to a category.
func (g *emojiGrid) showSection(section int) {
	for _, r := range g.rows {
		if r.section == section {
			g.offset, g.tones = r.top, -1
			g.current = min(r.first, len(g.cells)-1)
			break
		}
	}
	g.update()
	g.changed()
}

// words describe the current emoji.
func (g *emojiGrid) words() string {
	if g.current < 0 || g.current >= len(g.cells) {
		return ""
	}
	e := g.cells[g.current].emoji
	if len(e.Codes) == 0 {
		return e.NameIn(g.language)
	}
	return e.NameIn(g.language) + "  :" + strings.Join(e.Codes, ": :") + ":"
}

func (g *emojiGrid) choose() {
	if g.current < 0 || g.current >= len(g.cells) {
		return
	}
	e := g.cells[g.current].emoji
	if g.tones == g.current {
		g.onChosen(e.WithTone(g.tone))
		return
	}
	g.onChosen(e.Text)
}

// openTones offers the skin tones of a cell, if it has any.
func (g *emojiGrid) openTones(cell int) {
	if cell >= 0 && cell < len(g.cells) && len(g.cells[cell].emoji.Tones) > 0 {
		g.current, g.tones, g.tone = cell, cell, 0
	} else {
		g.tones = -1
	}
	g.update()
}

// closeTones reports whether skin tones were offered.
func (g *emojiGrid) closeTones() bool {
	open := g.tones >= 0
	g.tones = -1
	g.update()
	return open
}

// inFirstRow reports whether nothing is above the current emoji.
func (g *emojiGrid) inFirstRow() bool {
	return len(g.cells) == 0 || g.cells[max(g.current, 0)].row <= 1
}

// move makes another emoji the current one.
func (g *emojiGrid) move(dx, dy int) {
	if len(g.cells) == 0 {
		return
	}
	if g.tones >= 0 && dy == 0 {
		g.tone = min(max(g.tone+dx, 0), len(g.cells[g.tones].emoji.Tones))
		g.update()
		return
	}
	g.tones = -1
	at := g.cells[max(g.current, 0)]
	next := g.current + dx
	if dy != 0 {
		column := g.current - g.rows[at.row].first
		row := at.row + dy
		if row >= 0 && row < len(g.rows) && g.rows[row].title != "" {
			row += dy
		}
		if row < 0 || row >= len(g.rows) {
			return
		}
		next = min(g.rows[row].first+column, g.rows[row].end-1)
	}
	g.current = min(max(next, 0), len(g.cells)-1)
	row := g.rows[g.cells[g.current].row]
	top := row.top
	if g.cells[g.current].row == 1 {
		top = 0 // with the first title
	}
	g.offset = min(max(g.offset, row.top+row.height-g.Size().Height), top)
	g.update()
	g.changed()
}

func (g *emojiGrid) scrollBy(d float32) {
	g.offset += d
	g.tones = -1
	g.update()
}

// Scrolled implements fyne.Scrollable.
func (g *emojiGrid) Scrolled(e *fyne.ScrollEvent) { g.scrollBy(-e.Scrolled.DY * draw.WheelFactor) }

// place returns where a cell is.
func (g *emojiGrid) place(i int) draw.Box {
	row := g.rows[g.cells[i].row]
	return draw.NewBox(float32(i-row.first)*emojiCell, row.top-g.offset, emojiCell, emojiCell)
}

// toneBar returns where the skin tones are: above their cell, or below it at the upper edge.
func (g *emojiGrid) toneBar() draw.Box {
	cell := g.place(g.tones)
	w := float32(len(g.cells[g.tones].emoji.Tones)+1) * emojiCell
	x := min(max(0, cell.X-w/2+emojiCell/2), emojiColumns*emojiCell-w)
	y := cell.Y - emojiCell - 2
	if y < 0 {
		y = cell.Y + emojiCell + 2
	}
	return draw.NewBox(draw.SnapPx(x), y, w, emojiCell)
}

// cellAt returns the cell at a point, -1 if there is none.
func (g *emojiGrid) cellAt(pos fyne.Position) int {
	pos = draw.FlipPoint(pos, g.Size().Width)
	for _, r := range g.rows {
		y := r.top - g.offset
		if pos.Y < y || pos.Y >= y+r.height {
			continue
		}
		if i := r.first + int(pos.X/emojiCell); pos.X >= 0 && i < r.end {
			return i
		}
	}
	return -1
}

// toneAt returns the skin tone at a point, -1 if there is none.
func (g *emojiGrid) toneAt(pos fyne.Position) int {
	if g.tones < 0 {
		return -1
	}
	pos = draw.FlipPoint(pos, g.Size().Width)
	if b := g.toneBar(); b.Contains(pos.X, pos.Y) {
		return int((pos.X - b.X) / emojiCell)
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (g *emojiGrid) Tapped(e *fyne.PointEvent) {
	if tone := g.toneAt(e.Position); tone >= 0 {
		g.tone, g.current = tone, g.tones
		g.choose()
		return
	}
	if g.closeTones() {
		return
	}
	if i := g.cellAt(e.Position); i >= 0 {
		g.current = i
		g.choose()
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (g *emojiGrid) TappedSecondary(e *fyne.PointEvent) { g.openTones(g.cellAt(e.Position)) }

// MouseIn implements desktop.Hoverable.
func (g *emojiGrid) MouseIn(e *desktop.MouseEvent) { g.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (g *emojiGrid) MouseMoved(e *desktop.MouseEvent) {
	if g.tones >= 0 {
		if tone := g.toneAt(e.Position); tone >= 0 && tone != g.tone {
			g.tone = tone
			g.update()
		}
		return
	}
	if i := g.cellAt(e.Position); i >= 0 && (i != g.current || g.idle) {
		g.current = i
		g.update()
		g.changed()
	}
}

// MouseOut implements desktop.Hoverable.
func (g *emojiGrid) MouseOut() {}

// Cursor implements desktop.Cursorable.
func (g *emojiGrid) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (g *emojiGrid) CreateRenderer() fyne.WidgetRenderer { return &emojiGridRenderer{g} }

type emojiGridRenderer struct{ grid *emojiGrid }

func (r *emojiGridRenderer) Layout(fyne.Size) { r.grid.update() }

func (r *emojiGridRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *emojiGridRenderer) Refresh() { r.grid.update() }

func (r *emojiGridRenderer) Objects() []fyne.CanvasObject { return r.grid.objects }

func (r *emojiGridRenderer) Destroy() {}

// update gives the visible rows objects.
func (g *emojiGrid) update() {
	size := g.Size()
	if size.IsZero() {
		return
	}
	defer draw.Within(size.Width)()
	g.offset = draw.SnapPx(min(max(g.offset, 0), max(0, g.height-size.Height)))
	g.objects = append(g.objects[:0], g.back)
	draw.SetVisible(g.back, false)
	images, titles := 0, 0
	for i, r := range g.rows {
		y := r.top - g.offset
		if y+r.height <= 0 {
			continue
		}
		if y >= size.Height {
			break
		}
		if y <= emojiTitle && g.onSection != nil {
			g.onSection(r.section)
		}
		if r.title != "" {
			g.drawTitle(titles, r.title, y)
			titles++
			continue
		}
		images = g.drawRow(i, y, images)
	}
	if g.tones >= 0 {
		g.drawTones(images)
	}
	draw.Place(g.bar, size.Width-draw.ScrollBarWidth, 0, draw.ScrollBarWidth, size.Height)
	position := float64(0)
	if g.height > size.Height {
		position = float64(g.offset / (g.height - size.Height))
	}
	g.bar.Set(position, float64(min(1, size.Height/max(g.height, 1))))
	g.objects = append(g.objects, g.bar)
	g.bar.Repaint()
}

func (g *emojiGrid) drawTitle(n int, title string, y float32) {
	if n == len(g.titles) {
		g.titles = append(g.titles, draw.NewText())
	}
	f := text.Font{Size: TextSmall, Bold: true}
	draw.SetText(g.titles[n], title, f, draw.ThemeColor(ColorSecondary))
	draw.PlaceText(g.titles[n], 4, y+(emojiTitle-text.Height(f))/2)
	g.objects = append(g.objects, g.titles[n])
}

func (g *emojiGrid) drawRow(row int, y float32, images int) int {
	for i := g.rows[row].first; i < g.rows[row].end; i++ {
		x := float32(i-g.rows[row].first) * emojiCell
		if i == g.current && !g.idle {
			draw.SetVisible(g.back, true)
			draw.SetFill(g.back, draw.ThemeColor(ColorIconHover))
			draw.Place(g.back, x, y, emojiCell, emojiCell)
		}
		g.objects = append(g.objects, g.image(images, g.cells[i].emoji.Text, x, y))
		images++
	}
	return images
}

// image returns the picture of an emoji in a cell.
func (g *emojiGrid) image(n int, s string, x, y float32) *canvas.Image {
	if n == len(g.images) {
		g.images = append(g.images, draw.NewIcon())
	}
	img := g.images[n]
	draw.SetEmoji(img, s, emojiPicture)
	const gap = (emojiCell - emojiPicture) / 2
	draw.Place(img, x+gap, y+gap, emojiPicture, emojiPicture)
	return img
}

func (g *emojiGrid) drawTones(images int) {
	b := g.toneBar()
	draw.SetFill(g.toneBox, draw.ThemeColor(ColorPane))
	draw.SetStroke(g.toneBox, draw.ThemeColor(ColorHairline))
	draw.Place(g.toneBox, b.X, b.Y, b.W, b.H)
	draw.SetFill(g.toneNow, draw.ThemeColor(ColorIconHover))
	draw.Place(g.toneNow, b.X+float32(g.tone)*emojiCell, b.Y, emojiCell, emojiCell)
	g.objects = append(g.objects, g.toneBox, g.toneNow)
	e := g.cells[g.tones].emoji
	for i := range len(e.Tones) + 1 {
		g.objects = append(g.objects, g.image(images+i, e.WithTone(i), b.X+float32(i)*emojiCell, b.Y))
	}
}

// emojiTabs has a picture for each category.
type emojiTabs struct {
	draw.Pressable

	pictures []string
	current  int
	pointed  int
}

func newEmojiTabs(recent bool, chosen func(section int)) *emojiTabs {
	t := &emojiTabs{pictures: []string{"😀", "🧑", "🐶", "🍎", "🚗", "⚽", "💡", "❤️", "🏁"}}
	if recent {
		t.pictures = append([]string{"🕘"}, t.pictures...)
	}
	t.OnTapped = func() { chosen(t.pointed) }
	t.ExtendBaseWidget(t)
	return t
}

// choose marks the category that is shown.
func (t *emojiTabs) choose(section int) {
	if t.current != section {
		t.current = section
		t.Refresh()
	}
}

func (t *emojiTabs) width() float32 { return t.Size().Width / float32(len(t.pictures)) }

func (t *emojiTabs) point(pos fyne.Position) {
	pos = draw.FlipPoint(pos, t.Size().Width)
	t.pointed = min(max(int(pos.X/t.width()), 0), len(t.pictures)-1)
}

// Tapped implements fyne.Tappable.
func (t *emojiTabs) Tapped(e *fyne.PointEvent) {
	t.point(e.Position)
	t.Trigger()
}

// MinSize implements fyne.CanvasObject.
func (t *emojiTabs) MinSize() fyne.Size { return fyne.NewSize(100, emojiTabsHigh) }

// CreateRenderer implements fyne.Widget.
func (t *emojiTabs) CreateRenderer() fyne.WidgetRenderer {
	line, ring := &canvas.Rectangle{}, draw.NewFocusRing()
	objects := []fyne.CanvasObject{line, ring.Line}
	images := make([]*canvas.Image, len(t.pictures))
	for i := range images {
		images[i] = draw.NewIcon()
		objects = append(objects, images[i])
	}
	return draw.NewRenderer(objects, t.MinSize, func(size fyne.Size) {
		w := t.width()
		const side = float32(22)
		for i, img := range images {
			draw.SetEmoji(img, t.pictures[i], side)
			draw.Place(img, draw.SnapPx(float32(i)*w+(w-side)/2), (size.Height-side)/2, side, side)
		}
		draw.SetFill(line, draw.ThemeColor(ColorAccent))
		draw.Place(line, draw.SnapPx(float32(min(t.current, len(images)-1))*w+4), size.Height-3, draw.SnapPx(w-8), 2)
		ring.Place(t.Focused(), 0, 0, size.Width, size.Height, RadiusField)
	})
}
