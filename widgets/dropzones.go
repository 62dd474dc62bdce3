package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// DropZone is one of the fields on which files can be dropped.
type DropZone int

// The fields.
const (
	ZoneNone DropZone = iota
	ZonePhotos
	ZoneFiles
)

// DropZones lies over a pane while files are dragged over it: outlined, with one field for pictures above one for files.
type DropZones struct {
	widget.BaseWidget

	title string
	lit   DropZone
	set   *typesetter
}

var _ fyne.Widget = (*DropZones)(nil)

const (
	zoneInset = float32(12)
	zoneLine  = float32(2)
	zoneTitle = float32(44) // height of the line above the fields
)

// NewDropZones returns the fields, without words above them.
func NewDropZones() *DropZones {
	z := &DropZones{set: newTypesetter()}
	z.ExtendBaseWidget(z)
	return z
}

// Set changes the line above the fields, such as "Drop to send to Alice", and the field that is lit up.
func (z *DropZones) Set(title string, lit DropZone) {
	if z.title == title && z.lit == lit {
		return
	}
	z.title, z.lit = title, lit
	z.Refresh()
}

// At returns the field at a place of the widget.
func (z *DropZones) At(pos fyne.Position) DropZone {
	photos, files := z.fields(z.Size())
	switch {
	case photos.has(pos.X, pos.Y):
		return ZonePhotos
	case files.has(pos.X, pos.Y):
		return ZoneFiles
	}
	return ZoneNone
}

func (z *DropZones) fields(size fyne.Size) (photos, files box) {
	w := max(0, size.Width-2*zoneInset)
	h := max(0, whole((size.Height-zoneTitle-3*zoneInset)/2))
	photos = box{zoneInset, zoneTitle + zoneInset, w, h}
	files = box{zoneInset, photos.y + h + zoneInset, w, h}
	return photos, files
}

// MinSize implements fyne.CanvasObject.
func (z *DropZones) MinSize() fyne.Size { return fyne.NewSize(120, 160) }

// CreateRenderer implements fyne.Widget.
func (z *DropZones) CreateRenderer() fyne.WidgetRenderer {
	back, title := &canvas.Rectangle{StrokeWidth: zoneLine}, newText()
	objects := []fyne.CanvasObject{back, title}
	fields := []*dropField{
		newDropField(ZonePhotos, assets.IconImage, "As photos", "Shown in the chat, made smaller"),
		newDropField(ZoneFiles, assets.IconFile, "As files", "Untouched"),
	}
	for _, f := range fields {
		objects = append(objects, f.back, f.icon, f.name, f.detail)
	}
	return newDrawn(objects, z.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorChatBackground))
		setStroke(back, tone(ColorAccent))
		put(back, zoneLine/2, zoneLine/2, size.Width-zoneLine, size.Height-zoneLine)
		font := font{size: TextHeader, bold: true}
		words := z.set.fit(cleanLine(z.title), font, size.Width-2*zoneInset)
		setText(title, words, font, tone(ColorText))
		putText(title, (size.Width-z.set.lineWidth(words, font))/2, zoneInset+(zoneTitle-textHeight(font))/2)
		photos, files := z.fields(size)
		fields[0].place(z, photos)
		fields[1].place(z, files)
	})
}

// dropField draws one field.
type dropField struct {
	zone         DropZone
	words, means string
	glyph        assets.Icon

	back         *canvas.Rectangle
	icon         *canvas.Image
	name, detail *canvas.Text
}

func newDropField(zone DropZone, glyph assets.Icon, words, means string) *dropField {
	return &dropField{
		zone: zone, words: words, means: means, glyph: glyph,
		back: &canvas.Rectangle{CornerRadius: RadiusCard, StrokeWidth: 1}, icon: newIcon(), name: newText(), detail: newText(),
	}
}

func (f *dropField) place(z *DropZones, b box) {
	fill, ink, meta, line := ColorChatPane, ColorText, ColorSecondary, ColorHairline
	if z.lit == f.zone {
		fill, ink, meta, line = ColorAccent, ColorOnAccent, ColorOnAccent, ColorAccent
	}
	setFill(f.back, tone(fill))
	setStroke(f.back, tone(line))
	put(f.back, b.x, b.y, b.w, b.h)
	nameFont, detailFont := font{size: TextBody, bold: true}, font{size: TextSmall}
	middle, top := b.x+b.w/2, b.y+(b.h-76)/2
	setIcon(f.icon, f.glyph, ink)
	put(f.icon, whole(middle-14), whole(top), 28, 28)
	setText(f.name, f.words, nameFont, tone(ink))
	putText(f.name, middle-z.set.lineWidth(f.words, nameFont)/2, top+34)
	setText(f.detail, f.means, detailFont, tone(meta))
	putText(f.detail, middle-z.set.lineWidth(f.means, detailFont)/2, top+56)
}
