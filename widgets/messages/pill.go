package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// pill is a short text on a coloured background: a date or the unread line.
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

func (p *pill) place(b draw.Box) {
	draw.Place(p.box, b.X, b.Y, b.W, b.H)
	draw.Place(p.back, 0, 0, b.W, b.H)
	draw.PlaceText(p.text, (b.W-p.width)/2, (b.H-text.Height(pillFont()))/2)
}
