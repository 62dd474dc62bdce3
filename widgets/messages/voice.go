package messages

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// VoiceBars is the number of bars of a sound.
const VoiceBars = 48

// Voice is a sound that is played in its message.
type Voice struct {
	Title   string          // a line above, such as the name of a song; empty for a voice message
	Bars    [VoiceBars]byte // loudness, from 0 to 255
	Part    float32         // the share that was played, from 0 to 1
	Time    string          // as shown, such as 0:42, or 0:07 / 0:42
	Speed   string          // as shown on the button that changes it, such as 1.5×; empty for no button
	Playing bool
	New     bool // a dot: it has not been played
}

// sameFile reports whether two files look the same.
func sameFile(a, b *FileCard) bool {
	if a == nil || b == nil {
		return a == b
	}
	one, other := *a, *b
	one.Voice, other.Voice = nil, nil
	return one == other && samePointed(a.Voice, b.Voice)
}

// voiceLayout holds the places of a sound's parts in its row.
type voiceLayout struct {
	disc, bars, speed draw.Box
	step              float32 // from one bar to the next
	dot               float32 // left edge, relative to the file
}

// Geometry of sounds.
const (
	voiceStep  = float32(4)
	voiceSpeed = float32(36)
	voiceDot   = float32(6)
	voiceTitle = float32(20)
)

// placeVoice places a sound, and returns its bottom and the width of its last line.
func (p *partLayout) placeVoice(f *FileCard, set *text.Typesetter, y, room float32) (below, last float32) {
	v, l := f.Voice, &voiceLayout{}
	p.voice = l
	const indent = ringSide + fileGap
	l.step = min(voiceStep, max(2, draw.SnapPx((room-indent-8-voiceSpeed)/VoiceBars)))
	bars := VoiceBars*l.step - 1
	width := indent + bars + 8 + voiceSpeed
	top := float32(0)
	if v.Title != "" {
		p.file.title = set.Fit(text.CleanLine(v.Title), cardTitleFont(), width-indent)
		top = voiceTitle
	}
	p.file.words = set.Fit(f.voiceWords(), cardFont(), max(width, min(room, fileMax))-indent)
	last = indent + draw.CeilPx(set.LineWidth(p.file.words, cardFont()))
	if v.New {
		l.dot = last + 6
		last = l.dot + voiceDot
	}
	p.file.Box = draw.NewBox(0, y, min(room, max(width, last)), fileHeight+top)
	l.disc = draw.NewBox(0, 1+draw.SnapPx(top/2), ringSide, ringSide)
	l.bars = draw.NewBox(indent, top+2, bars, draw.SoundBarMax)
	if v.Speed != "" {
		l.speed = draw.NewBox(indent+bars+8, top+4, voiceSpeed, 20)
	}
	if f.Reason != "" {
		return p.placeReason(f, set, y+p.file.H, p.file.W), 0
	}
	return y + p.file.H, last
}

// voiceWords returns the line below the bars.
func (f *FileCard) voiceWords() string {
	time, words := text.CleanLine(f.Voice.Time), f.words()
	switch {
	case f.Ring == FileLocal || words == "":
		return time
	case time == "":
		return words
	default:
		return time + " · " + words
	}
}

// placeInRow moves the parts to the place of the file.
func (l *voiceLayout) placeInRow(file draw.Box) {
	for _, b := range []*draw.Box{&l.disc, &l.bars, &l.speed} {
		b.X, b.Y = b.X+file.X, b.Y+file.Y
	}
	l.dot += file.X
}

// hitAt returns the part at a point; local is whether the file is on this device.
func (l *voiceLayout) hitAt(x, y float32, local bool) (hitKind, float32) {
	reach := draw.NewBox(l.bars.X-2, l.bars.Y, l.bars.W+4, l.bars.H)
	switch {
	case l.disc.Contains(x, y) && local:
		return hitPlay, 0
	case l.disc.Contains(x, y):
		return hitRing, 0
	case !local:
		return hitNothing, 0
	case l.speed.Contains(x, y):
		return hitSpeed, 0
	case reach.Contains(x, y):
		part := min(1, max(0, (x-l.bars.X)/l.bars.W))
		if tr.RightToLeft() {
			part = 1 - part // sounds are played to the right in all languages
		}
		return hitBars, part
	default:
		return hitNothing, 0
	}
}

// tapVoice handles a press on a sound.
func (l *List) tapVoice(key int64, h hit) {
	switch {
	case h.kind == hitBars && l.OnSoundSeek != nil:
		l.OnSoundSeek(key, h.part)
	case h.kind == hitPlay && l.OnSoundTapped != nil:
		l.OnSoundTapped(key)
	case h.kind == hitSpeed && l.OnSoundSpeed != nil:
		l.OnSoundSpeed(key)
	}
}

// hasVoiceCallback reports whether a press on a part of a sound does anything.
func (l *List) hasVoiceCallback(k hitKind) bool {
	return k == hitBars && l.OnSoundSeek != nil || k == hitPlay && l.OnSoundTapped != nil ||
		k == hitSpeed && l.OnSoundSpeed != nil
}

// voiceInks returns the colours of the bars before and after the position.
func (l *rowLayout) voiceInks() (heard, ahead fyne.ThemeColorName) {
	if l.item.Own {
		return widgets.ColorLinkOwn, widgets.ColorBarsOwn
	}
	return widgets.ColorLink, widgets.ColorBars
}
