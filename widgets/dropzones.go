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

// DropZone is an area on which files can be dropped.
type DropZone int

// The areas.
const (
	ZoneNone DropZone = iota
	ZonePhotos
	ZoneFiles
)

// DropZones covers a pane while files are dragged over it, with an area for photos above one for files.
type DropZones struct {
	widget.BaseWidget

	title string
	over  DropZone
	set   *text.Typesetter
}

var _ fyne.Widget = (*DropZones)(nil)

const (
	zoneInset = float32(12)
	zoneLine  = float32(2)
	zoneTitle = float32(44) // height of the line above the areas
)

// NewDropZones returns the areas without a title.
func NewDropZones() *DropZones {
	z := &DropZones{set: text.NewTypesetter()}
	z.ExtendBaseWidget(z)
	return z
}

// Set changes the line above the areas, such as "Drop to send to Alice", and the highlighted area.
func (z *DropZones) Set(title string, over DropZone) {
	if z.title == title && z.over == over {
		return
	}
	z.title, z.over = title, over
	z.Refresh()
}

// At returns the area at a position of the widget.
func (z *DropZones) At(pos fyne.Position) DropZone {
	photos, files := z.fields(z.Size())
	switch {
	case photos.Contains(pos.X, pos.Y):
		return ZonePhotos
	case files.Contains(pos.X, pos.Y):
		return ZoneFiles
	}
	return ZoneNone
}

func (z *DropZones) fields(size fyne.Size) (photos, files draw.Box) {
	w := max(0, size.Width-2*zoneInset)
	h := max(0, draw.SnapPx((size.Height-zoneTitle-3*zoneInset)/2))
	photos = draw.NewBox(zoneInset, zoneTitle+zoneInset, w, h)
	files = draw.NewBox(zoneInset, photos.Y+h+zoneInset, w, h)
	return photos, files
}

// MinSize implements fyne.CanvasObject.
func (z *DropZones) MinSize() fyne.Size { return fyne.NewSize(120, 160) }

// CreateRenderer implements fyne.Widget.
func (z *DropZones) CreateRenderer() fyne.WidgetRenderer {
	back, title := &canvas.Rectangle{StrokeWidth: zoneLine}, draw.NewText()
	objects := []fyne.CanvasObject{back, title}
	fields := []*dropField{
		newDropField(ZonePhotos, assets.IconImage, tr.L("As photos"), tr.L("Shown in the chat, made smaller")),
		newDropField(ZoneFiles, assets.IconFile, tr.L("As files"), tr.L("Untouched")),
	}
	for _, f := range fields {
		objects = append(objects, f.back, f.icon, f.name, f.detail)
	}
	return draw.NewRenderer(objects, z.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatBackground))
		draw.SetStroke(back, draw.ThemeColor(ColorAccent))
		draw.Place(back, zoneLine/2, zoneLine/2, size.Width-zoneLine, size.Height-zoneLine)
		font := text.Font{Size: TextHeader, Bold: true}
		words := z.set.Fit(text.CleanLine(z.title), font, size.Width-2*zoneInset)
		draw.SetText(title, words, font, draw.ThemeColor(ColorText))
		draw.PlaceText(title, (size.Width-z.set.LineWidth(words, font))/2, zoneInset+(zoneTitle-text.Height(font))/2)
		photos, files := z.fields(size)
		fields[0].place(z, photos)
		fields[1].place(z, files)
	})
}

// dropField draws one area.
type dropField struct {
	zone        DropZone
	words, hint string
	glyph       assets.Icon

	back         *canvas.Rectangle
	icon         *canvas.Image
	name, detail *draw.Text
}

func newDropField(zone DropZone, glyph assets.Icon, words, hint string) *dropField {
	return &dropField{
		zone: zone, words: words, hint: hint, glyph: glyph,
		back: &canvas.Rectangle{CornerRadius: RadiusCard, StrokeWidth: 1}, icon: draw.NewIcon(),
		name: draw.NewText(), detail: draw.NewText(),
	}
}

func (f *dropField) place(z *DropZones, b draw.Box) {
	fill, ink, meta, line := ColorChatPane, ColorText, ColorSecondary, ColorHairline
	if z.over == f.zone {
		fill, ink, meta, line = ColorAccent, ColorOnAccent, ColorOnAccent, ColorAccent
	}
	draw.SetFill(f.back, draw.ThemeColor(fill))
	draw.SetStroke(f.back, draw.ThemeColor(line))
	draw.Place(f.back, b.X, b.Y, b.W, b.H)
	nameFont, detailFont := text.Font{Size: TextBody, Bold: true}, text.Font{Size: TextSmall}
	middle, top := b.X+b.W/2, b.Y+(b.H-76)/2
	draw.SetIcon(f.icon, f.glyph, ink)
	draw.Place(f.icon, draw.SnapPx(middle-14), draw.SnapPx(top), 28, 28)
	draw.SetText(f.name, f.words, nameFont, draw.ThemeColor(ink))
	draw.PlaceText(f.name, middle-z.set.LineWidth(f.words, nameFont)/2, top+34)
	draw.SetText(f.detail, f.hint, detailFont, draw.ThemeColor(meta))
	draw.PlaceText(f.detail, middle-z.set.LineWidth(f.hint, detailFont)/2, top+56)
}
