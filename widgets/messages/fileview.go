package messages

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// fileParts draws a file in a message.
type fileParts struct {
	disc  *canvas.Circle
	icon  *canvas.Image
	arc   *canvas.Arc
	title *draw.Text
	words *draw.Text

	ground *canvas.Rectangle // of a picture
	photo  *canvas.Image
	reason []*draw.Text
	voice  *voiceParts // nil until needed
	shown  *widgets.Photo
	pill   *canvas.Rectangle // behind the words on it
	label  *draw.Text        // nil until needed
	shade  *canvas.Rectangle // behind it
}

func newFileParts() *fileParts {
	return &fileParts{
		disc: &canvas.Circle{}, icon: draw.NewIcon(),
		arc:   &canvas.Arc{CutoutRatio: 1 - ringLine/(ringSide/2-ringInset)},
		title: draw.NewText(), words: draw.NewText(), ground: &canvas.Rectangle{CornerRadius: widgets.RadiusField},
		photo: draw.NewPhotoImage(widgets.RadiusField), pill: &canvas.Rectangle{CornerRadius: photoWords / 2},
	}
}

func (p *blockParts) drawFile(
	l *rowLayout, frame *widgets.Photo, objects []fyne.CanvasObject,
) []fyne.CanvasObject {
	if p.file == nil {
		p.file = newFileParts()
	}
	switch {
	case l.parts.voice != nil:
		objects = p.file.drawVoice(l, objects)
	case l.parts.photo:
		objects = p.file.drawPhoto(l, frame, objects)
	default:
		objects = p.file.drawCard(l, objects)
	}
	return p.file.drawReason(l, objects)
}

// drawReason draws the sentence below the file.
func (p *fileParts) drawReason(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	_, ink, _ := l.inks()
	if l.item.File.Alarm {
		ink = widgets.ColorError
	}
	for i, line := range l.parts.reasonLines {
		if i == len(p.reason) {
			p.reason = append(p.reason, draw.NewText())
		}
		draw.SetLine(p.reason[i], line, l.parts.reason, cardFont(), draw.ThemeColor(ink))
		draw.PlaceText(p.reason[i], l.parts.file.X, l.parts.reasonAt+float32(i)*noteLine)
		objects = append(objects, p.reason[i])
	}
	return objects
}

func (p *fileParts) drawCard(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	b, f := l.parts.file, l.item.File
	ink, meta, _ := l.inks()
	disc := widgets.ColorAccent
	if f.Alarm {
		disc, meta = widgets.ColorError, widgets.ColorError
	}
	objects = p.drawRing(f, b.X, b.Y+1, disc, widgets.ColorOnAccent, objects)
	x := b.X + ringSide + fileGap
	draw.SetText(p.title, b.title, cardTitleFont(), draw.ThemeColor(ink))
	draw.PlaceText(p.title, x, b.Y+4)
	draw.SetText(p.words, b.words, cardFont(), draw.ThemeColor(meta))
	draw.PlaceText(p.words, x, b.Y+fileHeight-draw.LineHeight)
	return append(objects, p.title, p.words)
}

// drawRing draws the disc with its icon, and the arc for the transferred share.
func (p *fileParts) drawRing(
	f *FileCard, x, y float32, disc, ink fyne.ThemeColorName, objects []fyne.CanvasObject,
) []fyne.CanvasObject {
	if c := draw.ThemeColor(disc); p.disc.FillColor != c {
		p.disc.FillColor = c
		p.disc.Refresh()
	}
	draw.Place(p.disc, x, y, ringSide, ringSide)
	draw.SetIcon(p.icon, f.icon(), ink)
	const gap = (ringSide - draw.IconSide) / 2
	draw.Place(p.icon, x+gap, y+gap, draw.IconSide, draw.IconSide)
	objects = append(objects, p.disc, p.icon)
	if f.Ring != FileRunning && (f.Ring != FileFailed || f.Part <= 0) {
		return objects
	}
	const least = 0.02 // visible from the start
	setArc(p.arc, 360*min(1, max(least, f.Part)), draw.ThemeColor(ink))
	draw.Place(p.arc, x+ringInset, y+ringInset, ringSide-2*ringInset, ringSide-2*ringInset)
	return append(objects, p.arc)
}

func setArc(a *canvas.Arc, end float32, c color.Color) {
	if a.EndAngle == end && a.FillColor == c {
		return
	}
	a.EndAngle, a.FillColor = end, c
	a.Refresh()
}

// drawPhoto draws a picture, or the frame of it that is shown while it moves.
func (p *fileParts) drawPhoto(l *rowLayout, frame *widgets.Photo, objects []fyne.CanvasObject) []fyne.CanvasObject {
	at := photoPlace{card: l.parts.file, disc: l.parts.ring, wordsW: l.parts.wordsW, frame: frame}
	if l.item.File.Ring == FileLocal {
		at.disc = l.parts.play
	}
	objects = p.drawPhotoAt(l.item.Own, l.item.File, at, objects)
	if l.parts.label == "" || frame != nil {
		return objects
	}
	return p.drawLabel(l.parts, objects)
}

// drawLabel draws the words in the upper left corner of a picture.
func (p *fileParts) drawLabel(at *partLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if p.label == nil {
		p.label, p.shade = draw.NewText(), &canvas.Rectangle{CornerRadius: photoWords / 2}
	}
	x, y, f := at.file.X+6, at.file.Y+6, cardTitleFont()
	draw.SetFill(p.shade, draw.ThemeColor(widgets.ColorShade))
	draw.Place(p.shade, x, y, draw.CeilPx(at.labelW)+2*photoWordsPad, photoWords)
	draw.SetText(p.label, at.label, f, draw.ThemeColor(widgets.ColorShadeText))
	draw.PlaceText(p.label, x+photoWordsPad, y+(photoWords-text.Height(f))/2)
	return append(objects, p.shade, p.label)
}

// photoPlace is where a picture is drawn, and its disc; the disc of one without has no height.
type photoPlace struct {
	card   cardLayout
	disc   draw.Box
	wordsW float32
	frame  *widgets.Photo // in place of the picture; nil while it stands still
}

func (p *fileParts) drawPhotoAt(
	own bool, f *FileCard, at photoPlace, objects []fyne.CanvasObject,
) []fyne.CanvasObject {
	b, ground := at.card, widgets.ColorQuote
	if own {
		ground = widgets.ColorQuoteOwn
	}
	photo, radius := f.Photo, widgets.RadiusField
	if at.frame != nil {
		photo = at.frame
	}
	if f.Sticker {
		radius = 0
	}
	if !f.Sticker || photo == nil {
		draw.SetFill(p.ground, draw.ThemeColor(ground))
		draw.Place(p.ground, b.X, b.Y, b.W, b.H)
		objects = append(objects, p.ground)
	}
	if photo != nil {
		draw.Place(p.photo, b.X, b.Y, b.W, b.H)
		if p.shown != photo || p.photo.CornerRadius != radius {
			p.shown, p.photo.Image, p.photo.CornerRadius = photo, photo.Image(), radius
			p.photo.Refresh()
		}
		objects = append(objects, p.photo)
	}
	if at.disc.H == 0 {
		return objects
	}
	disc, ink := widgets.ColorShade, widgets.ColorShadeText
	if f.Alarm {
		disc, ink = widgets.ColorError, widgets.ColorOnAccent
	}
	objects = p.drawRing(f, at.disc.X, at.disc.Y, disc, ink, objects)
	if b.words == "" {
		return objects
	}
	draw.SetFill(p.pill, draw.ThemeColor(disc))
	draw.Place(p.pill, b.X+6, b.Y+b.H-photoWords-6, draw.CeilPx(at.wordsW)+2*photoWordsPad, photoWords)
	draw.SetText(p.words, b.words, cardFont(), draw.ThemeColor(ink))
	draw.PlaceText(p.words, b.X+6+photoWordsPad, b.Y+b.H-photoWords-6+(photoWords-text.Height(cardFont()))/2)
	return append(objects, p.pill, p.words)
}
