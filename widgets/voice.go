package widgets

import "fyne.io/fyne/v2"

// VoiceBars is how many bars a sound is drawn with.
const VoiceBars = 48

// Voice is a sound in a message: it is played in its place.
type Voice struct {
	Title   string          // a line above, such as the name of a song; empty for a voice note
	Bars    [VoiceBars]byte // how loud it is, from 0 to 255
	Part    float32         // how much of it has been heard, from 0 to 1
	Time    string          // as shown, such as 0:42, or 0:07 / 0:42
	Speed   string          // as shown on the button that changes it, such as 1.5×; empty for none
	Playing bool
	New     bool // a dot: it was not played yet
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

// voiceLayout is where the parts of a sound stand in its row.
type voiceLayout struct {
	disc, bars, speed box
	step              float32 // from one bar to the next
	dot               float32 // upper left corner's x, from the file's left edge
}

// Geometry of sounds.
const (
	voiceTall  = float32(24) // of the loudest bar
	voiceLow   = float32(3)  // of a silent one
	voiceStep  = float32(4)
	voiceSpeed = float32(36)
	voiceDot   = float32(6)
	voiceTitle = float32(20)
)

// placeVoice places a sound, and returns what is below it and how wide its last line is.
func (p *partLayout) placeVoice(f *FileCard, set *typesetter, y, room float32) (below, last float32) {
	v, l := f.Voice, &voiceLayout{}
	p.voice = l
	const indent = ringSide + fileGap
	l.step = min(voiceStep, max(2, whole((room-indent-8-voiceSpeed)/VoiceBars)))
	bars := VoiceBars*l.step - 1
	width := indent + bars + 8 + voiceSpeed
	top := float32(0)
	if v.Title != "" {
		p.file.title = set.fit(cleanLine(v.Title), cardTitleFont(), width-indent)
		top = voiceTitle
	}
	p.file.words = set.fit(f.voiceWords(), cardFont(), max(width, min(room, fileMax))-indent)
	last = indent + up(set.lineWidth(p.file.words, cardFont()))
	if v.New {
		l.dot = last + 6
		last = l.dot + voiceDot
	}
	p.file.box = box{0, y, min(room, max(width, last)), fileHeight + top}
	l.disc = box{0, 1 + whole(top/2), ringSide, ringSide}
	l.bars = box{indent, top + 2, bars, voiceTall}
	if v.Speed != "" {
		l.speed = box{indent + bars + 8, top + 4, voiceSpeed, 20}
	}
	if f.Reason != "" {
		return p.placeReason(f, set, y+p.file.h, p.file.w), 0
	}
	return y + p.file.h, last
}

// voiceWords are what is written under the bars.
func (f *FileCard) voiceWords() string {
	time, words := cleanLine(f.Voice.Time), f.words()
	switch {
	case f.Ring == FileThere || words == "":
		return time
	case time == "":
		return words
	default:
		return time + " · " + words
	}
}

// settle moves the parts to where the file is.
func (l *voiceLayout) settle(file box) {
	for _, b := range []*box{&l.disc, &l.bars, &l.speed} {
		b.x, b.y = b.x+file.x, b.y+file.y
	}
	l.dot += file.x
}

// hitAt finds what can be pressed; there tells whether the file is here.
func (l *voiceLayout) hitAt(x, y float32, there bool) (hitKind, float32) {
	reach := box{l.bars.x - 2, l.bars.y, l.bars.w + 4, l.bars.h}
	switch {
	case l.disc.has(x, y) && there:
		return hitPlay, 0
	case l.disc.has(x, y):
		return hitRing, 0
	case !there:
		return hitNothing, 0
	case l.speed.has(x, y):
		return hitSpeed, 0
	case reach.has(x, y):
		return hitBars, min(1, max(0, (x-l.bars.x)/l.bars.w))
	default:
		return hitNothing, 0
	}
}

// tapVoice does what a press on a sound means.
func (l *MessageList) tapVoice(key int64, h hit) {
	switch {
	case h.kind == hitBars && l.OnSoundSeek != nil:
		l.OnSoundSeek(key, h.part)
	case h.kind == hitPlay && l.OnSoundTapped != nil:
		l.OnSoundTapped(key)
	case h.kind == hitSpeed && l.OnSoundSpeed != nil:
		l.OnSoundSpeed(key)
	}
}

// hearsVoice reports whether a press on a part of a sound would be heard by anybody.
func (l *MessageList) hearsVoice(k hitKind) bool {
	return k == hitBars && l.OnSoundSeek != nil || k == hitPlay && l.OnSoundTapped != nil || k == hitSpeed && l.OnSoundSpeed != nil
}

// voiceInks are the colours of bars: heard, and to come.
func (l *rowLayout) voiceInks() (heard, ahead fyne.ThemeColorName) {
	if l.item.Own {
		return ColorLinkOwn, ColorBarsOwn
	}
	return ColorLink, ColorBars
}
