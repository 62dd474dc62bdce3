package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// pill is a short text on a coloured ground: a date, the unread line.
type pill struct {
	box  *fyne.Container
	back *canvas.Rectangle
	text *canvas.Text

	width float32 // of the text
}

func newPill() *pill {
	p := &pill{box: newStill(), back: &canvas.Rectangle{CornerRadius: pillHeight / 2}, text: newText()}
	p.box.Objects = []fyne.CanvasObject{p.back, p.text}
	return p
}

func (p *pill) show(s string, ground, ink fyne.ThemeColorName, set *typesetter) {
	setFill(p.back, tone(ground))
	setText(p.text, s, pillFont(), tone(ink))
	p.width = set.lineWidth(s, pillFont())
}

func (p *pill) place(b box) {
	put(p.box, b.x, b.y, b.w, b.h)
	put(p.back, 0, 0, b.w, b.h)
	putText(p.text, (b.w-p.width)/2, (b.h-textHeight(pillFont()))/2)
}
