package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

const (
	viewerBar  = float32(56)
	viewerMost = float32(8) // times as large as it fits
	viewerStep = float32(1.2)
)

// PhotoViewer shows a picture as large as the window allows. The wheel and + and - change its size, a drag moves it, the
// arrow keys go to others, Escape and a press beside it close it.
type PhotoViewer struct {
	widget.BaseWidget

	// OnClose is called when the viewer should go.
	OnClose func()
	// OnStep is called for the picture before (-1) and after (1), when there is one.
	OnStep func(direction int)
	// OnSave, OnCopy and OnForward are called for the buttons that save a copy, put the picture on the clipboard, and send it to
	// others. Without them there are none.
	OnSave, OnCopy, OnForward func()

	data    PhotoViewerData
	zoom    float32       // 1: it fits
	shift   fyne.Position // of the middle
	close   *IconButton
	save    *IconButton
	copy    *IconButton
	forward *IconButton
	prev    *IconButton
	next    *IconButton
	set     *typesetter
	picture *canvas.Image
}

// PhotoViewerData is what a [PhotoViewer] shows.
type PhotoViewerData struct {
	Photo          *Photo // nil while there is nothing to show
	Title, Detail  string // such as the file's name, and who sent it when
	Note           string // in place of the detail, for a moment
	Before, Behind bool   // there are other pictures
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
	v := &PhotoViewer{zoom: 1, set: newTypesetter()}
	v.picture = &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest}
	v.close = NewIconButton(assets.IconClose, func() { call(v.OnClose) })
	v.save = NewIconButton(assets.IconDownload, func() { call(v.OnSave) })
	v.copy = NewIconButton(assets.IconCopy, func() { call(v.OnCopy) })
	v.forward = NewIconButton(assets.IconForward, func() { call(v.OnForward) })
	v.prev = NewIconButton(assets.IconBack, func() { v.step(-1) })
	v.next = NewIconButton(assets.IconChevronRight, func() { v.step(1) })
	v.ExtendBaseWidget(v)
	return v
}

// Set shows a picture. Another one than before is shown whole.
func (v *PhotoViewer) Set(d PhotoViewerData) {
	if d.Title != v.data.Title || d.Detail != v.data.Detail {
		v.zoom, v.shift = 1, fyne.Position{}
	}
	v.data = d
	v.Refresh()
}

// Zoom returns how many times as large as it fits the picture is shown.
func (v *PhotoViewer) Zoom() float32 { return v.zoom }

func (v *PhotoViewer) step(direction int) {
	if v.OnStep != nil && (direction < 0 && v.data.Before || direction > 0 && v.data.Behind) {
		v.OnStep(direction)
	}
}

// zoomTo changes the size; what is at a point of the viewer stays there.
func (v *PhotoViewer) zoomTo(zoom float32, at fyne.Position) {
	zoom = min(max(zoom, 1), viewerMost)
	x, y := at.X-v.Size().Width/2, at.Y-v.middle()
	v.shift.X = x - (x-v.shift.X)*zoom/v.zoom
	v.shift.Y = y - (y-v.shift.Y)*zoom/v.zoom
	v.zoom = zoom
	v.Refresh()
}

// middle is where the middle of a picture is that was not moved.
func (v *PhotoViewer) middle() float32 { return viewerBar + (v.Size().Height-viewerBar)/2 }

// frame is where the picture lies, kept from being moved out of the window.
func (v *PhotoViewer) frame() box {
	w, h := v.data.Photo.Size()
	if w == 0 || h == 0 {
		return box{}
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
	return box{whole(size.Width/2 + v.shift.X - pw/2), whole(v.middle() + v.shift.Y - ph/2), pw, ph}
}

// MinSize implements fyne.CanvasObject.
func (v *PhotoViewer) MinSize() fyne.Size { return fyne.NewSize(200, 200) }

// CreateRenderer implements fyne.Widget.
func (v *PhotoViewer) CreateRenderer() fyne.WidgetRenderer {
	back, bar := &canvas.Rectangle{}, &canvas.Rectangle{}
	title, detail := newText(), newText()
	discs := []*canvas.Circle{{}, {}, {}, {}, {}, {}}
	buttons := []*IconButton{v.close, v.save, v.copy, v.forward, v.prev, v.next}
	objects := []fyne.CanvasObject{back, v.picture, bar}
	for i, b := range buttons {
		objects = append(objects, discs[i], b)
	}
	return newDrawn(append(objects, title, detail), v.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorViewer))
		put(back, 0, 0, size.Width, size.Height)
		setFill(bar, tone(ColorShade))
		put(bar, 0, 0, size.Width, viewerBar)
		v.placePicture()
		show(v.prev, v.data.Before)
		show(v.next, v.data.Behind)
		const gap = (viewerBar - hitSide) / 2
		put(v.close, size.Width-hitSide-gap, gap, hitSide, hitSide)
		left := size.Width - hitSide - gap
		for _, b := range []struct {
			button *IconButton
			does   func()
		}{{v.save, v.OnSave}, {v.copy, v.OnCopy}, {v.forward, v.OnForward}} {
			show(b.button, b.does != nil)
			if b.does != nil {
				left -= hitSide + gap
			}
			put(b.button, left, gap, hitSide, hitSide)
		}
		put(v.prev, gap, v.middle()-hitSide/2, hitSide, hitSide)
		put(v.next, size.Width-hitSide-gap, v.middle()-hitSide/2, hitSide, hitSide)
		for i, b := range buttons { // a light disc, so that the icons are seen in both looks
			if c := tone(ColorButton); discs[i].FillColor != c {
				discs[i].FillColor = c
				discs[i].Refresh()
			}
			show(discs[i], b.Visible())
			put(discs[i], b.Position().X, b.Position().Y, hitSide, hitSide)
		}
		room := left - gap - 16
		setText(title, v.set.fitName(cleanLine(v.data.Title), cardTitleFont(), room), cardTitleFont(), tone(ColorShadeText))
		putText(title, 16, 9)
		words := v.data.Detail
		if v.data.Note != "" {
			words = v.data.Note
		}
		setText(detail, v.set.fit(cleanLine(words), cardFont(), room), cardFont(), tone(ColorShadeText))
		putText(detail, 16, 29)
	})
}

func (v *PhotoViewer) placePicture() {
	show(v.picture, v.data.Photo != nil)
	if v.data.Photo == nil {
		return
	}
	b := v.frame()
	put(v.picture, b.x, b.y, b.w, b.h)
	if v.picture.Image != v.data.Photo.img {
		v.picture.Image = v.data.Photo.img
		v.picture.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (v *PhotoViewer) Tapped(e *fyne.PointEvent) {
	if !v.frame().has(e.Position.X, e.Position.Y) && e.Position.Y > viewerBar {
		call(v.OnClose)
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
	switch e.Name {
	case fyne.KeyEscape:
		call(v.OnClose)
	case fyne.KeyLeft:
		v.step(-1)
	case fyne.KeyRight:
		v.step(1)
	}
}
