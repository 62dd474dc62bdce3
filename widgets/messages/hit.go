package messages

import (
	"cmp"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// hitKind is a part of a row that can be pressed.
type hitKind int

const (
	hitNothing hitKind = iota
	hitMore
	hitRetry
	hitRemove
	hitSender
	hitQuote
	hitFile
	hitRing
	hitPlay
	hitBars
	hitSpeed
	hitTicks
	hitReaction
	hitLink
	hitMention
	hitCode
	hitOption
	hitCard
)

// hit is the part at a point of a row.
type hit struct {
	kind     hitKind
	url      string
	words    string // that hide the url
	code     string
	mention  int
	reaction string
	option   int     // of a poll, from 1
	key      int64   // of a picture of an album; 0 for the message
	part     float32 // of a sound, for hitBars
}

// hitAt returns the part at a point of the row that can be pressed.
func (l *rowLayout) hitAt(x, y float32, set *text.Typesetter) hit { //nolint:cyclop // a list of places
	if l.item.Kind != KindText {
		return hit{}
	}
	ticks := l.item.Own && l.item.State != widgets.StateNone
	if ticks && draw.NewBox(l.metaBox.X, l.metaBox.Y, l.metaBox.W+metaTick, l.metaBox.H).Contains(x, y) {
		return hit{kind: hitTicks} // also where they lie over a file
	}
	if l.parts != nil && l.parts.voice != nil {
		if k, part := l.parts.voice.hitAt(x, y, l.item.File.Ring == FileLocal); k != hitNothing {
			return hit{kind: k, part: part}
		}
	}
	if k := l.hitFrame(x, y); k != hitNothing {
		return hit{kind: k}
	}
	if l.parts != nil {
		if o := l.parts.optionAt(x, y); o > 0 {
			return hit{kind: hitOption, option: o}
		}
		if k, i := l.parts.albumAt(x, y); k != hitNothing {
			return hit{kind: k, key: l.item.Album[i].Key}
		}
	}
	if r, ok := l.pillAt(x, y); ok {
		return hit{kind: hitReaction, reaction: r.Emoji}
	}
	if k, ok := l.linkAt(x, y, set); ok {
		if k.Mention > 0 {
			return hit{kind: hitMention, mention: k.Mention - 1}
		}
		h := hit{kind: hitLink, url: k.In(l.text)}
		if k.Hidden {
			h.words = l.text[k.Start:k.End]
		}
		return h
	}
	if code, ok := l.codeAt(x, y); ok {
		return hit{kind: hitCode, code: code}
	}
	if ticks && l.ticksReach().Contains(x, y) {
		return hit{kind: hitTicks}
	}
	return hit{}
}

// hitFrame is hitAt for the parts around the text.
func (l *rowLayout) hitFrame(x, y float32) hitKind {
	switch {
	case l.more.Contains(x, y):
		return hitMore
	case l.retry.Contains(x, y):
		return hitRetry
	case l.remove.Contains(x, y):
		return hitRemove
	case l.link.H > 0 && l.link.Contains(x, y):
		return hitCard
	case l.name.Contains(x, y), l.face.Contains(x, y):
		return hitSender
	case l.parts != nil:
		return l.parts.hitAt(x, y)
	default:
		return hitNothing
	}
}

func (p *partLayout) hitAt(x, y float32) hitKind {
	switch {
	case p.quote.Contains(x, y):
		return hitQuote
	case p.ring.Contains(x, y):
		return hitRing
	case p.file.Contains(x, y) && p.voice == nil:
		return hitFile
	default:
		return hitNothing
	}
}

// ticksReach is the area of time and ticks, enlarged so that they are easy to hit.
func (l *rowLayout) ticksReach() draw.Box {
	const over = float32(8)
	b := l.metaBox
	return draw.NewBox(b.X-over, b.Y-over, b.W+metaTick+2*over, b.H+2*over)
}

// keyCallback returns the callback of a part, if it takes only the message's key.
func (l *List) keyCallback(k hitKind) func(key int64) {
	switch k {
	case hitRetry:
		return l.OnRetry
	case hitRemove:
		return l.OnDelete
	case hitSender:
		return l.OnSenderTapped
	case hitQuote:
		return l.OnQuoteTapped
	case hitFile:
		return l.OnFileTapped
	case hitRing:
		if l.OnRingTapped == nil {
			return l.OnFileTapped
		}
		return l.OnRingTapped
	case hitTicks:
		return l.OnTicksTapped
	default:
		return nil
	}
}

// hasCallback reports whether a press on this part does anything.
func (l *List) hasCallback(k hitKind) bool {
	switch k {
	case hitMore, hitCode:
		return true
	case hitReaction:
		return l.OnReactionTapped != nil
	case hitLink, hitCard:
		return l.OnLink != nil
	case hitMention:
		return l.OnMentionTapped != nil
	case hitOption:
		return l.OnVote != nil
	case hitPlay, hitBars, hitSpeed:
		return l.hasVoiceCallback(k)
	default:
		return l.keyCallback(k) != nil
	}
}

// Tapped implements fyne.Tappable.
func (l *List) Tapped(e *fyne.PointEvent) {
	if l.tapTool(e) || l.tapMark(e.Position) {
		return
	}
	m, x, y := l.rowAt(e.Position)
	if m == nil {
		return
	}
	key, h := m.item.Key, m.hitAt(x, y, l.set)
	if !l.hasCallback(h.kind) {
		return
	}
	switch h.kind {
	case hitMore:
		l.Unfold(key, true)
	case hitReaction:
		l.OnReactionTapped(key, h.reaction)
	case hitLink:
		l.tapLink(h)
	case hitCard:
		l.tapCard(m)
	case hitCode:
		fyne.CurrentApp().Clipboard().SetContent(h.code)
		draw.Invoke(l.OnCopied)
	case hitMention:
		l.OnMentionTapped(key, h.mention)
	case hitOption:
		l.OnVote(key, h.option)
	case hitPlay, hitBars, hitSpeed:
		l.tapVoice(key, h)
	default:
		if f := l.keyCallback(h.kind); f != nil {
			f(cmp.Or(h.key, key))
		}
	}
}

// tapLink opens an address; one that the text hides is shown first.
func (l *List) tapLink(h hit) {
	if h.words != "" && l.OnHiddenLink != nil {
		l.OnHiddenLink(h.words, h.url)
		return
	}
	l.OnLink(h.url)
}
