package widgets

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Tile is a participant of a [MeetingView].
type Tile struct {
	Key     string // unique; the video stays with it
	Face    Face
	Name    string
	Note    string // such as Connecting…; may be empty
	Muted   bool   // a mark
	Talking bool   // a ring
	Video   bool   // instead of the face
}

// Geometry of tiles.
const (
	tileRing  = float32(3)
	tileFace  = float32(96) // at most
	tilePad   = float32(8)
	tilePill  = float32(24)
	tileGlyph = float32(14)
	tileWide  = 1.5 // video that is wider than this, such as a screen, is shown whole
)

// tileView is a participant: the video or the face, a name, and a ring while it talks. A press makes it large, another
// button, the mark that appears below the pointer, or the key Menu show what can be done with it.
type tileView struct {
	draw.Pressable

	view  *MeetingView
	tile  Tile
	large bool
	video *canvas.Image
	set   *text.Typesetter
}

var (
	_ fyne.Focusable         = (*tileView)(nil)
	_ fyne.SecondaryTappable = (*tileView)(nil)
)

func newTileView(view *MeetingView) *tileView {
	t := &tileView{view: view, video: newVideo(RadiusCard), set: text.NewTypesetter()}
	t.ExtendBaseWidget(t)
	return t
}

// show changes what is shown.
func (t *tileView) show(tile Tile, large bool) {
	if t.tile == tile && t.large == large {
		return
	}
	if !tile.Video {
		t.video.Image = nil
	}
	t.tile, t.large = tile, large
	t.fit()
	t.Refresh()
}

// frame shows a frame of the video.
func (t *tileView) frame(picture image.Image) {
	t.video.Image = picture
	t.fit()
	t.video.Refresh()
}

// fit lets video fill a small tile, but never cuts what is wide.
func (t *tileView) fit() {
	t.video.FillMode = canvas.ImageFillContain
	if t.video.Image == nil || t.large {
		return
	}
	if size := t.video.Image.Bounds().Size(); float64(size.X) < tileWide*float64(size.Y) {
		t.video.FillMode = canvas.ImageFillCover
	}
}

// more is where the mark for the menu is.
func (t *tileView) more() draw.Box {
	return draw.NewBox(t.Size().Width-draw.HitSide-4, 4, draw.HitSide, draw.HitSide)
}

// Tapped implements fyne.Tappable.
func (t *tileView) Tapped(e *fyne.PointEvent) {
	if at := draw.FlipPoint(e.Position, t.Size().Width); t.Hovered() && t.more().Contains(at.X, at.Y) {
		t.menu(e.AbsolutePosition)
		return
	}
	t.press()
}

// TappedSecondary implements fyne.SecondaryTappable.
func (t *tileView) TappedSecondary(e *fyne.PointEvent) { t.menu(e.AbsolutePosition) }

func (t *tileView) press() {
	if t.view.OnTile != nil {
		t.view.OnTile(t.tile.Key)
	}
}

func (t *tileView) menu(at fyne.Position) {
	if t.view.OnTileMenu != nil {
		t.view.OnTileMenu(t.tile.Key, at)
	}
}

// TypedKey implements fyne.Focusable: the keys of the call work here, too.
func (t *tileView) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.press()
	case desktop.KeyMenu:
		t.menu(draw.PointOf(t, tilePad, tilePad))
	default:
		t.view.TypedKey(e)
	}
}

// FocusGained implements fyne.Focusable.
func (t *tileView) FocusGained() {
	t.Pressable.FocusGained()
	t.view.focusChanged(true)
}

// FocusLost implements fyne.Focusable.
func (t *tileView) FocusLost() {
	t.Pressable.FocusLost()
	t.view.focusChanged(false)
}

// MinSize implements fyne.CanvasObject.
func (t *tileView) MinSize() fyne.Size { return fyne.NewSquareSize(48) }

// CreateRenderer implements fyne.Widget.
func (t *tileView) CreateRenderer() fyne.WidgetRenderer {
	p := &tileParts{
		tile: t, back: &canvas.Rectangle{CornerRadius: RadiusCard}, face: NewFacePart(t.set),
		ring: &canvas.Rectangle{CornerRadius: RadiusCard + tileRing, StrokeWidth: tileRing},
		pill: &canvas.Rectangle{CornerRadius: tilePill / 2}, disc: &canvas.Rectangle{CornerRadius: draw.HitSide / 2},
		name: draw.NewText(), mute: draw.NewIcon(), more: draw.NewIcon(), focus: draw.NewFocusRing(),
	}
	objects := []fyne.CanvasObject{p.ring, p.back}
	objects = append(objects, p.face.Objects()...)
	objects = append(objects, t.video, p.pill, p.mute, p.name, p.disc, p.more, p.focus.Line)
	return draw.NewRenderer(objects, t.MinSize, p.place)
}

// tileParts are what a tileView draws.
type tileParts struct {
	tile                   *tileView
	ring, back, pill, disc *canvas.Rectangle
	face                   *FacePart
	name                   *draw.Text
	mute, more             *canvas.Image
	focus                  draw.FocusRing
}

func (p *tileParts) place(size fyne.Size) {
	d := &p.tile.tile
	draw.SetVisible(p.ring, d.Talking)
	draw.SetStroke(p.ring, draw.ThemeColor(ColorOK))
	draw.SetFill(p.ring, draw.ThemeColor(ColorChatPane))
	const out = tileRing + 2 // so that the rings of neighbours do not touch
	draw.Place(p.ring, -out, -out, size.Width+2*out, size.Height+2*out)
	fill := ColorButton
	if d.Video {
		fill = ColorCallVideo
	}
	draw.SetFill(p.back, draw.ThemeColor(fill))
	draw.Place(p.back, 0, 0, size.Width, size.Height)
	draw.SetVisible(p.tile.video, d.Video)
	draw.Place(p.tile.video, 0, 0, size.Width, size.Height)
	for _, o := range p.face.Objects() {
		draw.SetVisible(o, !d.Video)
	}
	if !d.Video {
		high := size.Height
		if high < 2*tileFace { // above the name
			high -= tilePill + tilePad
		}
		side := draw.SnapPx(min(tileFace, 0.5*size.Width, 0.6*high))
		p.face.Place(draw.SnapPx((size.Width-side)/2), draw.SnapPx((high-side)/2), side, d.Face, ColorButton)
	}
	p.placeName(size)
	draw.SetVisible(p.disc, p.tile.Hovered())
	draw.SetVisible(p.more, p.tile.Hovered())
	at := p.tile.more()
	draw.SetFill(p.disc, draw.ThemeColor(ColorShade))
	draw.Place(p.disc, at.X, at.Y, at.W, at.H)
	draw.SetIcon(p.more, assets.IconMore, ColorShadeText)
	gap := (draw.HitSide - draw.IconSide) / 2
	draw.Place(p.more, at.X+gap, at.Y+gap, draw.IconSide, draw.IconSide)
	p.focus.Place(p.tile.Focused(), 0, 0, size.Width, size.Height, RadiusCard)
}

// placeName puts the name, and what is to be said about the participant, into the lower left corner.
func (p *tileParts) placeName(size fyne.Size) {
	d, f := &p.tile.tile, text.Font{Size: TextSmall, Bold: true}
	words := d.Name
	if d.Note != "" {
		words += " · " + d.Note
	}
	x, room := tilePad+10, size.Width-2*tilePad-20
	draw.SetVisible(p.mute, d.Muted)
	if d.Muted {
		room -= tileGlyph + 4
	}
	words = p.tile.set.Fit(text.CleanLine(words), f, room)
	w := draw.CeilPx(p.tile.set.LineWidth(words, f)) + 20
	y := size.Height - tilePad - tilePill
	if d.Muted {
		w += tileGlyph + 4
		draw.SetIcon(p.mute, assets.IconMicOff, ColorShadeText)
		draw.Place(p.mute, x, y+(tilePill-tileGlyph)/2, tileGlyph, tileGlyph)
		x += tileGlyph + 4
	}
	draw.SetFill(p.pill, draw.ThemeColor(ColorShade))
	draw.Place(p.pill, tilePad, y, w, tilePill)
	draw.SetText(p.name, words, f, draw.ThemeColor(ColorShadeText))
	draw.PlaceText(p.name, x, y+(tilePill-text.Height(f))/2)
}
