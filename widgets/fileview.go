package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// fileParts draws a file in a message.
type fileParts struct {
	disc  *canvas.Circle
	icon  *canvas.Image
	arc   *canvas.Arc
	title *canvas.Text
	words *canvas.Text

	ground *canvas.Rectangle // of a picture
	photo  *canvas.Image
	reason []*canvas.Text
	voice  *voiceParts // nil before it is needed
	shown  *Photo
	pill   *canvas.Rectangle // behind what is written on it
}

func newFileParts() *fileParts {
	return &fileParts{
		disc: &canvas.Circle{}, icon: newIcon(), arc: &canvas.Arc{CutoutRatio: 1 - ringLine/(ringSide/2-ringInset)},
		title: newText(), words: newText(), ground: &canvas.Rectangle{CornerRadius: RadiusField},
		photo: newPhotoImage(), pill: &canvas.Rectangle{CornerRadius: photoWords / 2},
	}
}

// newPhotoImage returns an image that fills its place, for photos that have been made small enough.
func newPhotoImage() *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillCover, ScaleMode: canvas.ImageScaleFastest, CornerRadius: RadiusField}
}

func (p *blockParts) drawFile(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if p.file == nil {
		p.file = newFileParts()
	}
	switch {
	case l.parts.voice != nil:
		objects = p.file.drawVoice(l, objects)
	case l.parts.photo:
		objects = p.file.drawPhoto(l, objects)
	default:
		objects = p.file.drawCard(l, objects)
	}
	return p.file.drawReason(l, objects)
}

// drawReason draws the sentence under the file.
func (p *fileParts) drawReason(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	_, ink, _ := l.inks()
	if l.item.File.Alarm {
		ink = ColorError
	}
	for i, line := range l.parts.reasonLines {
		if i == len(p.reason) {
			p.reason = append(p.reason, newText())
		}
		setText(p.reason[i], line.text(l.parts.reason), cardFont(), tone(ink))
		putText(p.reason[i], l.parts.file.x, l.parts.reasonAt+float32(i)*noteLine)
		objects = append(objects, p.reason[i])
	}
	return objects
}

func (p *fileParts) drawCard(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	b, f := l.parts.file, l.item.File
	text, meta, _ := l.inks()
	disc := ColorAccent
	if f.Alarm {
		disc, meta = ColorError, ColorError
	}
	objects = p.drawRing(f, b.x, b.y+1, disc, ColorOnAccent, objects)
	x := b.x + ringSide + fileGap
	setText(p.title, b.title, cardTitleFont(), tone(text))
	putText(p.title, x, b.y+4)
	setText(p.words, b.words, cardFont(), tone(meta))
	putText(p.words, x, b.y+fileHeight-lineHeight)
	return append(objects, p.title, p.words)
}

// drawRing draws the disc with its icon, and the arc around it of what has been transferred.
func (p *fileParts) drawRing(
	f *FileCard, x, y float32, disc, ink fyne.ThemeColorName, objects []fyne.CanvasObject,
) []fyne.CanvasObject {
	if c := tone(disc); p.disc.FillColor != c {
		p.disc.FillColor = c
		p.disc.Refresh()
	}
	put(p.disc, x, y, ringSide, ringSide)
	setIcon(p.icon, f.icon(), ink)
	const gap = (ringSide - iconSide) / 2
	put(p.icon, x+gap, y+gap, iconSide, iconSide)
	objects = append(objects, p.disc, p.icon)
	if f.Ring != FileRunning && (f.Ring != FileBroken || f.Part <= 0) {
		return objects
	}
	const least = 0.02 // what has just begun is seen too
	setArc(p.arc, 360*min(1, max(least, f.Part)), tone(ink))
	put(p.arc, x+ringInset, y+ringInset, ringSide-2*ringInset, ringSide-2*ringInset)
	return append(objects, p.arc)
}

func setArc(a *canvas.Arc, end float32, c color.Color) {
	if a.EndAngle == end && a.FillColor == c {
		return
	}
	a.EndAngle, a.FillColor = end, c
	a.Refresh()
}

func (p *fileParts) drawPhoto(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	b, f := l.parts.file, l.item.File
	ground := ColorQuote
	if l.item.Own {
		ground = ColorQuoteOwn
	}
	setFill(p.ground, tone(ground))
	put(p.ground, b.x, b.y, b.w, b.h)
	objects = append(objects, p.ground)
	if f.Photo != nil {
		put(p.photo, b.x, b.y, b.w, b.h)
		if p.shown != f.Photo {
			p.shown, p.photo.Image = f.Photo, f.Photo.img
			p.photo.Refresh()
		}
		objects = append(objects, p.photo)
	}
	if f.Ring == FileThere {
		return objects
	}
	disc, ink := ColorShade, ColorShadeText
	if f.Alarm {
		disc, ink = ColorError, ColorOnAccent
	}
	objects = p.drawRing(f, l.parts.ring.x, l.parts.ring.y, disc, ink, objects)
	if b.words == "" {
		return objects
	}
	setFill(p.pill, tone(disc))
	put(p.pill, b.x+6, b.y+b.h-photoWords-6, up(l.parts.wordsW)+2*photoWordsPad, photoWords)
	setText(p.words, b.words, cardFont(), tone(ink))
	putText(p.words, b.x+6+photoWordsPad, b.y+b.h-photoWords-6+(photoWords-textHeight(cardFont()))/2)
	return append(objects, p.pill, p.words)
}
