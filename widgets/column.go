package widgets

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// NewColumn stacks objects without gaps: those above and below keep their own heights, fill gets the rest. Hidden ones
// take no room. (Fyne's border layout adds padding between them.)
func NewColumn(above []fyne.CanvasObject, fill fyne.CanvasObject, below []fyne.CanvasObject) *fyne.Container {
	objects := slices.Concat(above, []fyne.CanvasObject{fill}, below)
	return &fyne.Container{Layout: &columnLayout{above: len(above)}, Objects: objects}
}

// columnLayout has the number of objects above the one that fills the rest.
type columnLayout struct{ above int }

func (c *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	defer draw.Within(size.Width)()
	top, bottom := float32(0), size.Height
	for _, o := range objects[:c.above] {
		if h := heightAt(o, size.Width); o.Visible() {
			draw.Place(o, 0, top, size.Width, h)
			top += h
		}
	}
	for _, o := range slices.Backward(objects[1+c.above:]) {
		if h := heightAt(o, size.Width); o.Visible() {
			bottom -= h
			draw.Place(o, 0, bottom, size.Width, h)
		}
	}
	draw.Place(objects[c.above], 0, top, size.Width, max(0, bottom-top))
}

// heightAt returns the minimum height of an object at a width. It sets the width first, for objects that wrap text.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.Size().Height))
	return o.MinSize().Height
}

func (c *columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if o.Visible() {
			s := o.MinSize()
			m.Width = max(m.Width, s.Width)
			m.Height += s.Height
		}
	}
	return m
}

// NewPile stacks objects with a gap between them, each with its minimum height at the current width. If there is less
// room, the one with index shrinks gets less. Hidden ones take no room.
func NewPile(gap float32, shrinks int, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &pileLayout{gap: gap, shrinks: shrinks}, Objects: objects}
}

type pileLayout struct {
	gap     float32
	shrinks int
	width   float32 // of the last layout, 0 before
}

func (p *pileLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	defer draw.Within(size.Width)()
	p.width = size.Width
	heights := make([]float32, len(objects))
	over := -size.Height - p.gap
	for i, o := range objects {
		if o.Visible() {
			heights[i] = heightAt(o, size.Width)
			over += heights[i] + p.gap
		}
	}
	heights[p.shrinks] = max(0, heights[p.shrinks]-max(0, over))
	y := float32(0)
	for i, o := range objects {
		if o.Visible() {
			draw.Place(o, 0, y, size.Width, heights[i])
			y += heights[i] + p.gap
		}
	}
}

func (p *pileLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.NewSize(0, -p.gap)
	for _, o := range objects {
		if o.Visible() {
			if p.width > 0 { // objects that were added since wrap their text at this width too
				heightAt(o, p.width)
			}
			s := o.MinSize()
			m.Width = max(m.Width, s.Width)
			m.Height += s.Height + p.gap
		}
	}
	return fyne.NewSize(m.Width, max(0, m.Height))
}
