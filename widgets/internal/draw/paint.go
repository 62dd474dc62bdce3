// Package draw has what several widgets draw with: rectangles on whole units, texts with emoji and icons, repainted only
// when they change, a press area, a renderer and a scroll bar.
package draw

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
)

// The part of the design that this package draws with itself; package widgets has the rest.
const (
	ColorAccent      fyne.ThemeColorName = "parleyAccent"
	ColorScrollThumb fyne.ThemeColorName = "parleyScrollThumb"
	ColorToast       fyne.ThemeColorName = "parleyToast"
	ColorToastText   fyne.ThemeColorName = "parleyToastText"

	TextBody = float32(14)
)

// ThemeColor returns a colour of the current theme.
func ThemeColor(name fyne.ThemeColorName) color.Color { return theme.Color(name) }

// manualLayout leaves the children of a container where its owner places them. Its MinSize is constant, so changes
// inside never make Fyne lay out everything around it.
type manualLayout struct{}

func (manualLayout) Layout([]fyne.CanvasObject, fyne.Size) {}

func (manualLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// NewGroup returns a container whose children are placed by its owner.
func NewGroup() *fyne.Container { return &fyne.Container{Layout: manualLayout{}} }

// Place moves and resizes an object.
func Place(o fyne.CanvasObject, x, y, w, h float32) { PlaceUnflipped(o, Flip(x, w), y, w, h) }

// PlaceUnflipped is Place for what is never mirrored, such as parts of a text.
func PlaceUnflipped(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// SetFill changes the colour of a rectangle, and repaints it only if it differs.
func SetFill(r *canvas.Rectangle, c color.Color) {
	if r.FillColor == c {
		return
	}
	r.FillColor = c
	r.Refresh()
}

// SetStroke changes the colour of a border, and repaints it only if it differs.
func SetStroke(r *canvas.Rectangle, c color.Color) {
	if r.StrokeColor == c {
		return
	}
	r.StrokeColor = c
	r.Refresh()
}

// SetIcon shows an icon in a colour of the theme, and repaints it only if it differs.
func SetIcon(img *canvas.Image, icon assets.Icon, name fyne.ThemeColorName) {
	if tr.RightToLeft() {
		icon = icon.Mirrored()
	}
	res := icon.In(ThemeColor(name))
	if img.Resource != nil && img.Resource.Name() == res.Name() {
		return
	}
	img.Resource = res
	img.Image = nil
	img.Refresh()
}

// NewIcon returns an image for SetIcon.
func NewIcon() *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest}
}

// NewPhotoImage returns an image that covers its area, for photos that were scaled down already.
func NewPhotoImage(radius float32) *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillCover, ScaleMode: canvas.ImageScaleFastest, CornerRadius: radius}
}

// SetVisible shows or hides an object, and repaints it only on a change.
func SetVisible(o fyne.CanvasObject, visible bool) {
	if o.Visible() == visible {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}
