package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// voiceParts draws a sound in a message.
type voiceParts struct {
	bars  [VoiceBars]*canvas.Rectangle
	dot   *canvas.Circle
	pill  *canvas.Rectangle
	speed *draw.Text
}

func newVoiceParts() *voiceParts {
	p := &voiceParts{dot: &canvas.Circle{}, pill: &canvas.Rectangle{CornerRadius: 10}, speed: draw.NewText()}
	for i := range p.bars {
		p.bars[i] = &canvas.Rectangle{CornerRadius: 1}
	}
	return p
}

// drawVoice draws disc, title, bars, time, dot and the button for the speed.
func (p *fileParts) drawVoice(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if p.voice == nil {
		p.voice = newVoiceParts()
	}
	b, at, f := l.parts.file, l.parts.voice, l.item.File
	ink, meta, _ := l.inks()
	disc := widgets.ColorAccent
	if f.Alarm {
		disc, meta = widgets.ColorError, widgets.ColorError
	}
	objects = p.drawRing(f, at.disc.X, at.disc.Y, disc, widgets.ColorOnAccent, objects)
	x := b.X + ringSide + fileGap
	if b.title != "" {
		draw.SetText(p.title, b.title, cardTitleFont(), draw.ThemeColor(ink))
		draw.PlaceText(p.title, x, b.Y+1)
		objects = append(objects, p.title)
	}
	objects = p.voice.drawBars(l, objects)
	draw.SetText(p.words, b.words, cardFont(), draw.ThemeColor(meta))
	draw.PlaceText(p.words, x, b.Y+b.H-draw.LineHeight)
	objects = append(objects, p.words)
	return p.voice.drawMarks(l, objects)
}

func (p *voiceParts) drawBars(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	v, at := l.item.File.Voice, l.parts.voice
	heard, ahead := l.voiceInks()
	wide := min(2, at.step-1)
	left := draw.Flip(at.bars.X, at.bars.W)
	for i, bar := range p.bars {
		ink := ahead
		if v.Part > 0 && float32(i)+0.5 <= v.Part*VoiceBars {
			ink = heard
		}
		draw.SetFill(bar, draw.ThemeColor(ink))
		h := max(draw.SoundBarMin, draw.SnapPx(draw.SoundBarMax*float32(v.Bars[i])/255))
		draw.PlaceUnflipped(bar, left+float32(i)*at.step, at.bars.Y+draw.SnapPx((draw.SoundBarMax-h)/2), wide, h)
		objects = append(objects, bar)
	}
	return objects
}

// drawMarks draws the dot and the button for the speed.
func (p *voiceParts) drawMarks(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	v, at, file := l.item.File.Voice, l.parts.voice, l.parts.file
	heard, _ := l.voiceInks()
	if v.New {
		if c := draw.ThemeColor(heard); p.dot.FillColor != c {
			p.dot.FillColor = c
			p.dot.Refresh()
		}
		draw.Place(p.dot, at.dot, file.Y+file.H-draw.LineHeight+6, voiceDot, voiceDot)
		objects = append(objects, p.dot)
	}
	if v.Speed == "" {
		return objects
	}
	ground := widgets.ColorQuote
	if l.item.Own {
		ground = widgets.ColorQuoteOwn
	}
	f := text.Font{Size: widgets.TextSmall, Bold: true}
	draw.SetFill(p.pill, draw.ThemeColor(ground))
	draw.Place(p.pill, at.speed.X, at.speed.Y, at.speed.W, at.speed.H)
	draw.SetText(p.speed, v.Speed, f, draw.ThemeColor(heard))
	size := fyne.MeasureText(v.Speed, f.Size, fyne.TextStyle{Bold: true})
	draw.PlaceText(p.speed, at.speed.X+draw.SnapPx((at.speed.W-size.Width)/2), at.speed.Y+(at.speed.H-text.Height(f))/2)
	return append(objects, p.pill, p.speed)
}

// voiceIcon returns the icon in the disc of a sound on this device.
func (v *Voice) voiceIcon() assets.Icon {
	if v.Playing {
		return assets.IconPause
	}
	return assets.IconPlay
}
