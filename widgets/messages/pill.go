package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// pill is a short text on a coloured background: a date.
type pill struct {
	box  *fyne.Container
	back *canvas.Rectangle
	text *draw.Text

	width float32 // of the text
}

func newPill() *pill {
	p := &pill{box: draw.NewGroup(), back: &canvas.Rectangle{CornerRadius: pillHeight / 2}, text: draw.NewText()}
	p.box.Objects = []fyne.CanvasObject{p.back, p.text}
	return p
}

func (p *pill) show(s string, ground, ink fyne.ThemeColorName, set *text.Typesetter) {
	draw.SetFill(p.back, draw.ThemeColor(ground))
	draw.SetText(p.text, s, pillFont(), draw.ThemeColor(ink))
	p.width = set.LineWidth(s, pillFont())
}

// divider is the unread line: words in a pill, between two hairlines.
type divider struct {
	box   *fyne.Container
	pill  *pill
	lines [2]*canvas.Rectangle
}

func newDivider() *divider {
	d := &divider{box: draw.NewGroup(), pill: newPill(), lines: [2]*canvas.Rectangle{{}, {}}}
	d.box.Objects = []fyne.CanvasObject{d.lines[0], d.lines[1], d.pill.box}
	return d
}

func (d *divider) show(words string, b draw.Box, set *text.Typesetter) {
	d.pill.show(words, widgets.ColorRowSelected, widgets.ColorAccent, set)
	draw.Place(d.box, b.X, b.Y, b.W, b.H)
	defer draw.Within(b.W)()
	width := pillWidth(set, words)
	left := draw.SnapPx((b.W - width) / 2)
	d.pill.place(draw.NewBox(left, 0, width, b.H))
	side, middle := max(0, left-12), draw.SnapPx(b.H/2)
	for i, x := range [...]float32{0, b.W - side} {
		draw.SetFill(d.lines[i], draw.ThemeColor(widgets.ColorHairline))
		draw.Place(d.lines[i], x, middle, side, 1)
	}
}

func (p *pill) place(b draw.Box) {
	draw.Place(p.box, b.X, b.Y, b.W, b.H)
	defer draw.Within(b.W)()
	draw.Place(p.back, 0, 0, b.W, b.H)
	draw.PlaceText(p.text, (b.W-p.width)/2, (b.H-text.Height(pillFont()))/2)
}
