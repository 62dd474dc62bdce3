package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
)

// voiceParts draws a sound in a message.
type voiceParts struct {
	bars  [VoiceBars]*canvas.Rectangle
	dot   *canvas.Circle
	pill  *canvas.Rectangle
	speed *canvas.Text
}

func newVoiceParts() *voiceParts {
	p := &voiceParts{dot: &canvas.Circle{}, pill: &canvas.Rectangle{CornerRadius: 10}, speed: newText()}
	for i := range p.bars {
		p.bars[i] = &canvas.Rectangle{CornerRadius: 1}
	}
	return p
}

// drawVoice draws disc, bars, time, dot and the button for the speed.
func (p *fileParts) drawVoice(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if p.voice == nil {
		p.voice = newVoiceParts()
	}
	b, at, f := l.parts.file, l.parts.voice, l.item.File
	text, meta, _ := l.inks()
	disc := ColorAccent
	if f.Alarm {
		disc, meta = ColorError, ColorError
	}
	objects = p.drawRing(f, at.disc.x, at.disc.y, disc, ColorOnAccent, objects)
	x := b.x + ringSide + fileGap
	if b.title != "" {
		setText(p.title, b.title, cardTitleFont(), tone(text))
		putText(p.title, x, b.y+1)
		objects = append(objects, p.title)
	}
	objects = p.voice.drawBars(l, objects)
	setText(p.words, b.words, cardFont(), tone(meta))
	putText(p.words, x, b.y+b.h-lineHeight)
	objects = append(objects, p.words)
	return p.voice.drawMarks(l, objects)
}

func (p *voiceParts) drawBars(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	v, at := l.item.File.Voice, l.parts.voice
	heard, ahead := l.voiceInks()
	wide := min(2, at.step-1)
	for i, bar := range p.bars {
		ink := ahead
		if v.Part > 0 && float32(i)+0.5 <= v.Part*VoiceBars {
			ink = heard
		}
		setFill(bar, tone(ink))
		h := max(voiceLow, whole(voiceTall*float32(v.Bars[i])/255))
		put(bar, at.bars.x+float32(i)*at.step, at.bars.y+whole((voiceTall-h)/2), wide, h)
		objects = append(objects, bar)
	}
	return objects
}

// drawMarks draws the dot and the button for the speed.
func (p *voiceParts) drawMarks(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	v, at, file := l.item.File.Voice, l.parts.voice, l.parts.file
	heard, _ := l.voiceInks()
	if v.New {
		if c := tone(heard); p.dot.FillColor != c {
			p.dot.FillColor = c
			p.dot.Refresh()
		}
		put(p.dot, at.dot, file.y+file.h-lineHeight+6, voiceDot, voiceDot)
		objects = append(objects, p.dot)
	}
	if v.Speed == "" {
		return objects
	}
	ground := ColorQuote
	if l.item.Own {
		ground = ColorQuoteOwn
	}
	f := font{size: TextSmall, bold: true}
	setFill(p.pill, tone(ground))
	put(p.pill, at.speed.x, at.speed.y, at.speed.w, at.speed.h)
	setText(p.speed, v.Speed, f, tone(heard))
	size := fyne.MeasureText(v.Speed, f.size, fyne.TextStyle{Bold: true})
	putText(p.speed, at.speed.x+whole((at.speed.w-size.Width)/2), at.speed.y+(at.speed.h-textHeight(f))/2)
	return append(objects, p.pill, p.speed)
}

// voiceIcon is what stands in the disc of a sound that is here.
func (v *Voice) voiceIcon() assets.Icon {
	if v.Playing {
		return assets.IconPause
	}
	return assets.IconPlay
}
