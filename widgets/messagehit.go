package widgets

import "fyne.io/fyne/v2"

// hitKind is what can be pressed in a row.
type hitKind int

const (
	hitNothing hitKind = iota
	hitMore
	hitRetry
	hitRemove
	hitSender
	hitQuote
	hitPlace
	hitFile
	hitRing
	hitPlay
	hitBars
	hitSpeed
	hitTicks
	hitReaction
	hitLink
	hitMention
)

// hit is what lies at a point of a row.
type hit struct {
	kind     hitKind
	url      string
	mention  int
	reaction string
	part     float32 // of a sound, for hitBars
}

// hitAt finds what can be pressed at a point of the row.
func (l *rowLayout) hitAt(x, y float32, set *typesetter) hit {
	if l.item.Kind != MessageText {
		return hit{}
	}
	ticks := l.item.Own && l.item.State != StateNone
	if ticks && (box{l.metaBox.x, l.metaBox.y, l.metaBox.w + metaTick, l.metaBox.h}).has(x, y) {
		return hit{kind: hitTicks} // in the middle of a file too
	}
	if l.parts != nil && l.parts.voice != nil {
		if k, part := l.parts.voice.hitAt(x, y, l.item.File.Ring == FileThere); k != hitNothing {
			return hit{kind: k, part: part}
		}
	}
	if k := l.hitFrame(x, y); k != hitNothing {
		return hit{kind: k}
	}
	if r, ok := l.pillAt(x, y); ok {
		return hit{kind: hitReaction, reaction: r.Emoji}
	}
	if k, ok := l.linkAt(x, y, set); ok {
		if k.mention > 0 {
			return hit{kind: hitMention, mention: k.mention - 1}
		}
		return hit{kind: hitLink, url: l.text[k.start:k.end]}
	}
	if ticks && l.ticksReach().has(x, y) {
		return hit{kind: hitTicks}
	}
	return hit{}
}

// hitFrame is hitAt for what stands around the text.
func (l *rowLayout) hitFrame(x, y float32) hitKind {
	switch {
	case l.more.has(x, y):
		return hitMore
	case l.retry.has(x, y):
		return hitRetry
	case l.remove.has(x, y):
		return hitRemove
	case l.name.has(x, y), l.face.has(x, y):
		return hitSender
	case l.parts != nil:
		return l.parts.hitAt(x, y)
	default:
		return hitNothing
	}
}

func (p *partLayout) hitAt(x, y float32) hitKind {
	switch {
	case p.quote.has(x, y):
		return hitQuote
	case p.place.has(x, y):
		return hitPlace
	case p.ring.has(x, y):
		return hitRing
	case p.file.has(x, y) && p.voice == nil:
		return hitFile
	default:
		return hitNothing
	}
}

// ticksReach is where a press means time and ticks: more than they are, so that they are easy to hit.
func (l *rowLayout) ticksReach() box {
	const over = float32(8)
	b := l.metaBox
	return box{b.x - over, b.y - over, b.w + metaTick + 2*over, b.h + 2*over}
}

// keyCallback returns the callback for what is pressed, of those that take the message's key alone.
func (l *MessageList) keyCallback(k hitKind) func(key int64) {
	switch k {
	case hitRetry:
		return l.OnRetry
	case hitRemove:
		return l.OnDelete
	case hitSender:
		return l.OnSenderTapped
	case hitQuote:
		return l.OnQuoteTapped
	case hitPlace:
		return l.OnPlaceTapped
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

// answered reports whether a press on this would be heard by anybody.
func (l *MessageList) answered(k hitKind) bool {
	switch k {
	case hitMore:
		return true
	case hitReaction:
		return l.OnReactionTapped != nil
	case hitLink:
		return l.OnLink != nil
	case hitMention:
		return l.OnMentionTapped != nil
	case hitPlay, hitBars, hitSpeed:
		return l.hearsVoice(k)
	default:
		return l.keyCallback(k) != nil
	}
}

// Tapped implements fyne.Tappable.
func (l *MessageList) Tapped(e *fyne.PointEvent) {
	if l.tapTool(e) {
		return
	}
	m, x, y := l.rowAt(e.Position)
	if m == nil {
		return
	}
	key, h := m.item.Key, m.hitAt(x, y, l.set)
	if !l.answered(h.kind) {
		return
	}
	switch h.kind {
	case hitMore:
		l.Unfold(key, true)
	case hitReaction:
		l.OnReactionTapped(key, h.reaction)
	case hitLink:
		l.OnLink(h.url)
	case hitMention:
		l.OnMentionTapped(key, h.mention)
	case hitPlay, hitBars, hitSpeed:
		l.tapVoice(key, h)
	default:
		if f := l.keyCallback(h.kind); f != nil {
			f(key)
		}
	}
}
