package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
)

// NewColumn stacks objects without gaps: those above and below keep their own heights, fill gets the rest. Hidden
// ones take no room. (Fyne's border layout leaves a stripe of padding between them.)
func NewColumn(above []fyne.CanvasObject, fill fyne.CanvasObject, below []fyne.CanvasObject) *fyne.Container {
	objects := slices.Concat(above, []fyne.CanvasObject{fill}, below)
	return &fyne.Container{Layout: &columnLayout{above: len(above)}, Objects: objects}
}

// columnLayout knows how many objects stand above the filling one.
type columnLayout struct{ above int }

func (c *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top, bottom := float32(0), size.Height
	for _, o := range objects[:c.above] {
		if h := heightAt(o, size.Width); o.Visible() {
			put(o, 0, top, size.Width, h)
			top += h
		}
	}
	for _, o := range slices.Backward(objects[1+c.above:]) {
		if h := heightAt(o, size.Width); o.Visible() {
			bottom -= h
			put(o, 0, bottom, size.Width, h)
		}
	}
	put(objects[c.above], 0, top, size.Width, max(0, bottom-top))
}

// heightAt returns the height an object wants at a width. It is given the width first, for those that wrap text.
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
