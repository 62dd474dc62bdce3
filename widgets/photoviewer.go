package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

const (
	viewerBar  = float32(56)
	viewerMost = float32(8) // greatest zoom
	viewerStep = float32(1.2)
)

// PhotoViewer shows a picture as large as the window allows. The wheel, + and - zoom, a drag moves the picture, the
// arrow keys go to others, Escape and a press beside it close the viewer.
type PhotoViewer struct {
	widget.BaseWidget

	// OnClose is called when the viewer should close.
	OnClose func()
	// OnStep is called for the previous (-1) and the next picture (1), if there is one.
	OnStep func(direction int)
	// OnSave, OnCopy and OnForward are called for the buttons that save a copy, copy to the clipboard, and forward. A
	// button without a callback is hidden.
	OnSave, OnCopy, OnForward func()
	// Tips shows the words of the buttons, nil for none. It is set before the viewer is shown.
	Tips *Tips

	data    PhotoViewerData
	zoom    float32       // 1: the picture fits the window
	shift   fyne.Position // of the middle of the picture from that of the window
	close   *IconButton
	save    *IconButton
	copy    *IconButton
	forward *IconButton
	prev    *IconButton
	next    *IconButton
	set     *text.Typesetter
	picture *canvas.Image
}

// PhotoViewerData is what a [PhotoViewer] shows.
type PhotoViewerData struct {
	Photo          *Photo // nil if there is none
	Title, Detail  string // such as the file's name, and sender and time
	Note           string // shown briefly instead of Detail
	Before, Behind bool   // there is a previous and a next picture
}

var (
	_ fyne.Widget     = (*PhotoViewer)(nil)
	_ fyne.Focusable  = (*PhotoViewer)(nil)
	_ fyne.Tappable   = (*PhotoViewer)(nil)
	_ fyne.Draggable  = (*PhotoViewer)(nil)
	_ fyne.Scrollable = (*PhotoViewer)(nil)
)

// NewPhotoViewer returns a viewer without a picture.
func NewPhotoViewer() *PhotoViewer {
	v := &PhotoViewer{zoom: 1, set: text.NewTypesetter()}
	v.picture = &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest}
	v.close = NewIconButton(assets.IconClose, tr.L("Close"), func() { draw.Invoke(v.OnClose) })
	v.save = NewIconButton(assets.IconDownload, tr.L("Save"), func() { draw.Invoke(v.OnSave) })
	v.copy = NewIconButton(assets.IconCopy, tr.L("Copy"), func() { draw.Invoke(v.OnCopy) })
	v.forward = NewIconButton(assets.IconForward, tr.L("Forward"), func() { draw.Invoke(v.OnForward) })
	v.prev = NewIconButton(assets.IconChevronLeft, tr.L("Previous"), func() { v.step(-1) })
	v.next = NewIconButton(assets.IconChevronRight, tr.L("Next"), func() { v.step(1) })
	v.ExtendBaseWidget(v)
	return v
}

// Set shows a picture. If it is another one than before, the zoom is reset.
func (v *PhotoViewer) Set(d PhotoViewerData) {
	if d.Title != v.data.Title || d.Detail != v.data.Detail {
		v.zoom, v.shift = 1, fyne.Position{}
	}
	v.data = d
	v.Refresh()
}

// Zoom returns the zoom; 1 fits the window.
func (v *PhotoViewer) Zoom() float32 { return v.zoom }

func (v *PhotoViewer) step(direction int) {
	if v.OnStep != nil && (direction < 0 && v.data.Before || direction > 0 && v.data.Behind) {
		v.OnStep(direction)
	}
}

// zoomTo changes the zoom and keeps a point of the picture in its place.
func (v *PhotoViewer) zoomTo(zoom float32, at fyne.Position) {
	zoom = min(max(zoom, 1), viewerMost)
	x, y := at.X-v.Size().Width/2, at.Y-v.middle()
	v.shift.X = x - (x-v.shift.X)*zoom/v.zoom
	v.shift.Y = y - (y-v.shift.Y)*zoom/v.zoom
	v.zoom = zoom
	v.Refresh()
}

// middle returns the middle of the area below the bar.
func (v *PhotoViewer) middle() float32 { return viewerBar + (v.Size().Height-viewerBar)/2 }

// frame returns the rectangle of the picture, and limits the shift so that it stays in the window.
func (v *PhotoViewer) frame() draw.Box {
	w, h := v.data.Photo.Size()
	if w == 0 || h == 0 {
		return draw.Box{}
	}
	size := v.Size()
	roomW, roomH := max(1, size.Width-2*viewerBar), max(1, size.Height-viewerBar-16)
	fit := min(roomW/float32(w), roomH/float32(h))
	if !v.data.Photo.Blurred() {
		fit = min(fit, 1)
	}
	pw, ph := float32(w)*fit*v.zoom, float32(h)*fit*v.zoom
	mx, my := max(0, (pw-roomW)/2), max(0, (ph-roomH)/2)
	v.shift.X, v.shift.Y = min(max(v.shift.X, -mx), mx), min(max(v.shift.Y, -my), my)
	return draw.NewBox(draw.SnapPx(size.Width/2+v.shift.X-pw/2), draw.SnapPx(v.middle()+v.shift.Y-ph/2), pw, ph)
}

// MinSize implements fyne.CanvasObject.
func (v *PhotoViewer) MinSize() fyne.Size { return fyne.NewSize(200, 200) }

// CreateRenderer implements fyne.Widget.
func (v *PhotoViewer) CreateRenderer() fyne.WidgetRenderer {
	back, bar := &canvas.Rectangle{}, &canvas.Rectangle{}
	title, detail := draw.NewText(), draw.NewText()
	discs := []*canvas.Circle{{}, {}, {}, {}, {}, {}}
	buttons := []*IconButton{v.close, v.save, v.copy, v.forward, v.prev, v.next}
	objects := []fyne.CanvasObject{back, v.picture, bar}
	for i, b := range buttons {
		objects = append(objects, discs[i], b)
	}
	objects = append(objects, title, detail)
	if v.Tips != nil {
		objects = append(objects, v.Tips)
	}
	return draw.NewRenderer(objects, v.MinSize, func(size fyne.Size) {
		if v.Tips != nil {
			draw.Place(v.Tips, 0, 0, size.Width, size.Height)
		}
		draw.SetFill(back, draw.ThemeColor(ColorViewer))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.SetFill(bar, draw.ThemeColor(ColorShade))
		draw.Place(bar, 0, 0, size.Width, viewerBar)
		v.placePicture()
		draw.SetVisible(v.prev, v.data.Before)
		draw.SetVisible(v.next, v.data.Behind)
		const gap = (viewerBar - draw.HitSide) / 2
		draw.Place(v.close, size.Width-draw.HitSide-gap, gap, draw.HitSide, draw.HitSide)
		left := size.Width - draw.HitSide - gap
		for _, b := range []struct {
			button *IconButton
			does   func()
		}{{v.save, v.OnSave}, {v.copy, v.OnCopy}, {v.forward, v.OnForward}} {
			draw.SetVisible(b.button, b.does != nil)
			if b.does != nil {
				left -= draw.HitSide + gap
			}
			draw.Place(b.button, left, gap, draw.HitSide, draw.HitSide)
		}
		draw.Place(v.prev, gap, v.middle()-draw.HitSide/2, draw.HitSide, draw.HitSide)
		draw.Place(v.next, size.Width-draw.HitSide-gap, v.middle()-draw.HitSide/2, draw.HitSide, draw.HitSide)
		for i, b := range buttons { // a light disc, so that the icons are visible in both themes
			if c := draw.ThemeColor(ColorButton); discs[i].FillColor != c {
				discs[i].FillColor = c
				discs[i].Refresh()
			}
			draw.SetVisible(discs[i], b.Visible())
			draw.PlaceUnflipped(discs[i], b.Position().X, b.Position().Y, draw.HitSide, draw.HitSide)
		}
		room := left - gap - 16
		f, ink := captionTitleFont(), draw.ThemeColor(ColorShadeText)
		draw.SetText(title, v.set.FitName(text.CleanLine(v.data.Title), f, room), f, ink)
		draw.PlaceText(title, 16, 9)
		words := v.data.Detail
		if v.data.Note != "" {
			words = v.data.Note
		}
		f = captionFont()
		draw.SetText(detail, v.set.Fit(text.CleanLine(words), f, room), f, ink)
		draw.PlaceText(detail, 16, 29)
	})
}

func (v *PhotoViewer) placePicture() {
	draw.SetVisible(v.picture, v.data.Photo != nil)
	if v.data.Photo == nil {
		return
	}
	b := v.frame()
	draw.PlaceUnflipped(v.picture, b.X, b.Y, b.W, b.H)
	if v.picture.Image != v.data.Photo.Image() {
		v.picture.Image = v.data.Photo.Image()
		v.picture.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (v *PhotoViewer) Tapped(e *fyne.PointEvent) {
	if !v.frame().Contains(e.Position.X, e.Position.Y) && e.Position.Y > viewerBar {
		draw.Invoke(v.OnClose)
	}
}

// Scrolled implements fyne.Scrollable.
func (v *PhotoViewer) Scrolled(e *fyne.ScrollEvent) {
	switch {
	case e.Scrolled.DY > 0:
		v.zoomTo(v.zoom*viewerStep, e.Position)
	case e.Scrolled.DY < 0:
		v.zoomTo(v.zoom/viewerStep, e.Position)
	}
}

// Dragged implements fyne.Draggable.
func (v *PhotoViewer) Dragged(e *fyne.DragEvent) {
	v.shift = v.shift.Add(e.Dragged)
	v.Refresh()
}

// DragEnd implements fyne.Draggable.
func (v *PhotoViewer) DragEnd() {}

// FocusGained implements fyne.Focusable.
func (v *PhotoViewer) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (v *PhotoViewer) FocusLost() {}

// TypedRune implements fyne.Focusable.
func (v *PhotoViewer) TypedRune(r rune) {
	middle := fyne.NewPos(v.Size().Width/2, v.middle())
	switch r {
	case '+':
		v.zoomTo(v.zoom*viewerStep, middle)
	case '-':
		v.zoomTo(v.zoom/viewerStep, middle)
	case '0':
		v.zoomTo(1, middle)
	}
}

// TypedKey implements fyne.Focusable.
func (v *PhotoViewer) TypedKey(e *fyne.KeyEvent) {
	switch draw.FlipKey(e.Name) {
	case fyne.KeyEscape:
		draw.Invoke(v.OnClose)
	case fyne.KeyLeft:
		v.step(-1)
	case fyne.KeyRight:
		v.step(1)
	}
}
