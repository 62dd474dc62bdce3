package widgets

import (
	"image/color"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/assets"
)

// tone looks a colour up in the theme in use.
func tone(name fyne.ThemeColorName) color.Color { return theme.Color(name) }

// still is the layout of a container whose children are placed by its owner. Its MinSize is constant, so that what
// happens inside never makes Fyne lay out everything around it.
type still struct{ min fyne.Size }

func (still) Layout([]fyne.CanvasObject, fyne.Size) {}

func (s still) MinSize([]fyne.CanvasObject) fyne.Size { return s.min }

func newStill() *fyne.Container { return &fyne.Container{Layout: still{}} }

// put places an object.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// putText places a line of text with its top left corner at x, y, on whole units. The object's own height stays
// under the text's, or Fyne would centre it between two pixels.
func putText(t *canvas.Text, x, y float32) {
	t.Move(fyne.NewPos(whole(x), whole(y)))
	t.Resize(fyne.NewSize(1, 1))
}

// steady puts a character without width before a text that begins with an emoji or a foreign script. Fyne takes the
// baseline of a line from its first glyph's font, and this one is in the font of all other lines.
func steady(s string) string {
	const firstOther = '\u0590' // what comes before is in the bundled font
	if r, _ := utf8.DecodeRuneInString(s); r < firstOther || r >= '\u2000' && r < '\u2100' {
		return s
	}
	return "\u200B" + s
}

// setText changes a text and asks for a repaint only when something differs.
func setText(t *canvas.Text, s string, f font, c color.Color) {
	s = steady(s)
	if t.Text == s && t.TextSize == f.size && t.TextStyle == f.style() && t.Color == c {
		return
	}
	t.Text, t.TextSize, t.TextStyle, t.Color = s, f.size, f.style(), c
	t.Refresh()
}

func setFill(r *canvas.Rectangle, c color.Color) {
	if r.FillColor == c {
		return
	}
	r.FillColor = c
	r.Refresh()
}

func setStroke(r *canvas.Rectangle, c color.Color) {
	if r.StrokeColor == c {
		return
	}
	r.StrokeColor = c
	r.Refresh()
}

// setIcon shows an icon in a colour of the theme, and leaves the picture alone when it already does.
func setIcon(img *canvas.Image, icon assets.Icon, name fyne.ThemeColorName) {
	res := icon.In(tone(name))
	if img.Resource != nil && img.Resource.Name() == res.Name() {
		return
	}
	img.Resource = res
	img.Image = nil
	img.Refresh()
}

func newIcon() *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest}
}

func newText() *canvas.Text { return &canvas.Text{Color: color.Transparent, TextSize: TextBody} }

// show sets whether an object is visible, touching it only on a change.
func show(o fyne.CanvasObject, visible bool) {
	if o.Visible() == visible {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}
