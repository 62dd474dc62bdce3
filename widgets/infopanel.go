package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// InfoWidth is how wide an [InfoPanel] is best.
const InfoWidth = float32(300)

// InfoPanel is a column that can be scrolled, under a line with a title and a cross. It holds the parts whose names
// begin with Info, and a [MemberList].
type InfoPanel struct {
	widget.BaseWidget

	// OnClose is called for the cross. Without it there is none.
	OnClose func()

	title  string
	column *fyne.Container
	scroll *container.Scroll
	close  *IconButton
	set    *typesetter
}

var _ fyne.Widget = (*InfoPanel)(nil)

// NewInfoPanel returns a panel with these parts from above. Without a title it is only the column.
func NewInfoPanel(title string, parts ...fyne.CanvasObject) *InfoPanel {
	p := &InfoPanel{title: title, column: &fyne.Container{Layout: stack{}, Objects: parts}, set: newTypesetter()}
	p.scroll = container.NewVScroll(p.column)
	p.scroll.OnScrolled = func(fyne.Position) { p.see() }
	p.close = NewIconButton(assets.IconClose, func() { call(p.OnClose) })
	p.listen()
	p.ExtendBaseWidget(p)
	return p
}

// SetParts replaces the parts. What is read stays where it is as long as the column is long enough.
func (p *InfoPanel) SetParts(parts ...fyne.CanvasObject) {
	p.column.Objects = parts
	p.listen()
	p.Refresh()
}

// ScrollToTop shows the first part.
func (p *InfoPanel) ScrollToTop() {
	p.scroll.ScrollToTop()
	p.see()
}

// listen has the panel laid out anew when a part wants another height.
func (p *InfoPanel) listen() {
	for _, o := range p.column.Objects {
		if part, ok := o.(interface{ setResized(f func()) }); ok {
			part.setResized(p.Refresh)
		}
	}
}

// see tells long lists which part of them is in view.
func (p *InfoPanel) see() {
	top, height := p.scroll.Offset.Y, p.scroll.Size().Height
	for _, o := range p.column.Objects {
		if l, ok := o.(*MemberList); ok {
			y := l.Position().Y
			l.list.see(top-y, top-y+height)
		}
	}
}

// MinSize implements fyne.CanvasObject.
func (p *InfoPanel) MinSize() fyne.Size { return fyne.NewSize(240, 200) }

// CreateRenderer implements fyne.Widget.
func (p *InfoPanel) CreateRenderer() fyne.WidgetRenderer {
	back, line, title := &canvas.Rectangle{}, &canvas.Rectangle{}, newText()
	objects := []fyne.CanvasObject{back, p.scroll, line, title, p.close}
	return newDrawn(objects, p.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorChatPane))
		put(back, 0, 0, size.Width, size.Height)
		top := float32(0)
		show(line, p.title != "")
		show(title, p.title != "")
		show(p.close, p.title != "" && p.OnClose != nil)
		if p.title != "" {
			top = HeaderHeight
			setFill(line, tone(ColorHairline))
			put(line, 0, top-1, size.Width, 1)
			f := font{size: TextHeader, bold: true}
			setText(title, p.set.fit(cleanLine(p.title), f, size.Width-2*listEdge-hitSide), f, tone(ColorText))
			putText(title, listEdge, (top-1-textHeight(f))/2)
			put(p.close, size.Width-hitSide-10, (top-hitSide)/2, hitSide, hitSide)
		}
		for _, o := range p.column.Objects {
			heightAt(o, size.Width) // so that each knows its height before the column adds them up
		}
		put(p.scroll, 0, top, size.Width, max(0, size.Height-top))
		p.scroll.Refresh()
		p.see()
	})
}

// stack puts objects under one another without gaps, each with its own height.
type stack struct{}

func (stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if h := heightAt(o, size.Width); o.Visible() {
			put(o, 0, y, size.Width, h)
			y += h
		}
	}
}

func (stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if o.Visible() {
			s := o.MinSize()
			m.Width = max(m.Width, s.Width)
			m.Height += s.Height
		}
	}
	m.Height += 12 // free below the last
	return m
}
