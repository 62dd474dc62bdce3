package messages

import (
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// rowContext is what a row depends on besides its item.
type rowContext struct {
	first, last bool // of its group
	day         bool // the date is above it
	top         bool // it is the first row
	open        bool // unfolded
	width       float32
	marking     bool // messages are being marked
	mirrored    bool // the language is written to the left
}

// rowLayout is one item measured for one width. Coordinates are relative to the row, whose height includes the date and
// the unread line above the bubble, and are those of a language that is written to the right: see draw.Within.
type rowLayout struct {
	item   Item
	ctx    rowContext
	height float32

	day, divider draw.Box // H is 0 if there is none
	face         draw.Box
	bubble       draw.Box
	bare         bool // the bubble is not drawn, and has no padding
	name         draw.Box

	text    string     // cleaned, without marks
	rich    *text.Rich // nil if there are no marks
	font    text.Font
	lines   []text.Line
	lineAt  float32 // top of the first line
	lineX   float32
	lineH   float32
	links   []text.Link
	spans   []text.Span    // of the text; nil if all of it is in one font and colour
	styles  []spanStyle    // of the spans
	pieces  [][]text.Piece // of the lines, laid out when needed
	grounds []ground

	link  linkLayout  // below the text
	parts *partLayout // the parts above the text; nil if there are none
	pills []reactionPill

	more     draw.Box // "Show more"; H is 0 if the whole message is shown
	meta     string
	metaBox  draw.Box // of time and "edited"; the tick follows
	tick     draw.Box
	metaPill draw.Box    // behind them, of a message without a bubble; H is 0 if there is none
	note     []text.Line // lines of noteText
	noteText string
	noteAt   float32
	retry    draw.Box
	remove   draw.Box
}

// Geometry of a message.
const (
	sideGap        = float32(16) // from the pane's edge
	bubbleMax      = float32(560)
	bubbleShare    = float32(0.72)
	padX           = float32(12)
	padTop         = float32(8)
	padBottom      = float32(7)
	gapJoined      = float32(3)
	gapApart       = float32(10)
	emojiHeight    = float32(44)
	metaHeight     = float32(16)
	metaGap        = float32(10) // minimum between text and time
	metaTick       = draw.TickWidth + 3
	metaPad        = float32(7) // beside time and tick in a pill
	metaPillHeight = float32(20)
	metaDrop       = float32(5) // top of the time below that of its line
	moreHeight     = float32(22)
	nameHeight     = float32(19)
	faceRoom       = widgets.AvatarSmall + 8
	dayBlock       = float32(40)
	pillHeight     = float32(24)
	dividerRoom    = float32(38)
	noteLine       = float32(17)
	actionRow      = float32(26)
	foldLines      = 20
	foldSlack      = 4 // a message that is at most this much longer is not folded
	foldBytes      = (foldLines + foldSlack + 1) * text.MaxLineRunes * 4
)

// Words of a message.
func wordMore() string   { return tr.L("Show more") }
func wordEdited() string { return tr.X("edited", "message") }
func wordRetry() string  { return tr.L("Retry") }
func wordDelete() string { return tr.L("Delete") }
func wordUnsent() string { return tr.L("Not sent") }

// measureRow lays out one item.
func measureRow(set *text.Typesetter, item *Item, ctx rowContext) *rowLayout {
	l := &rowLayout{item: *item, ctx: ctx}
	y := l.above(set)
	if item.Kind == KindSystem {
		l.system(set, y)
		return l
	}
	l.message(set, y)
	return l
}

// above places the date and the unread line, and returns the top of the bubble.
func (l *rowLayout) above(set *text.Typesetter) float32 {
	y := float32(0)
	x, w := widgets.ChatColumn(l.ctx.width)
	if l.ctx.day {
		pw := pillWidth(set, l.item.Day)
		l.day = draw.NewBox(draw.SnapPx(x+(w-pw)/2), y+8, pw, pillHeight)
		y += dayBlock
	}
	if l.item.Divider != "" {
		l.divider = draw.NewBox(x+sideGap, y+(dividerRoom-pillHeight)/2, w-2*sideGap, pillHeight)
		y += dividerRoom
	}
	switch {
	case !l.ctx.first:
		y += gapJoined
	case y == 0 && !l.ctx.top:
		y += gapApart
	}
	return y
}

func pillWidth(set *text.Typesetter, day string) float32 {
	return draw.CeilPx(set.LineWidth(day, pillFont())) + 24
}

func pillFont() text.Font { return text.Font{Size: widgets.TextSmall, Bold: true} }

func (l *rowLayout) system(set *text.Typesetter, y float32) {
	x, w := widgets.ChatColumn(l.ctx.width)
	room := max(40, min(480, w-64))
	l.text, l.font, l.lineH = text.Clean(l.item.Text), text.Font{Size: widgets.TextSmall}, noteLine
	l.lines = set.Wrap(l.text, l.font, room, foldLines)
	l.lineAt, l.lineX = y+2, draw.SnapPx(x+(w-room)/2)
	l.bubble = draw.NewBox(l.lineX, y, room, float32(len(l.lines))*noteLine+4)
	l.height = y + l.bubble.H
}

func (l *rowLayout) message(set *text.Typesetter, y float32) {
	x, col := widgets.ChatColumn(l.ctx.width)
	left, right := x+sideGap, x+col-sideGap
	if l.ctx.marking {
		left += markRoom
	}
	grouped := !l.item.Own && l.item.SenderKey != ""
	if grouped {
		left += faceRoom
	}
	pad, over, under := padX, padTop, padBottom
	if l.bare = l.item.bare(); l.bare {
		pad, over, under = 0, 0, 0
	}
	room := max(60, min(bubbleMax, draw.SnapPx(col*bubbleShare), right-left)-2*pad)

	widest, cards := float32(0), float32(0)
	inner := l.heading(set, y+over, room, &widest, &cards)
	last := l.body(set, inner, room, &widest)
	if len(l.lines) == 0 {
		last = cards
	}
	bottom := inner + float32(len(l.lines))*l.lineH
	if l.more.H > 0 {
		bottom += moreHeight
	}
	bottom, last = l.placeLink(set, bottom, last, room, &widest)
	bottom, widest = l.placeMeta(set, bottom, last, widest, room)

	w := draw.CeilPx(widest) + 2*pad
	l.bubble = draw.NewBox(left, y, w, bottom+under-y)
	if l.item.Own {
		l.bubble.X = right - w
	}
	l.bubble.X = draw.SnapPx(l.bubble.X)
	l.placeInRow(pad)
	l.placeLinkInRow()
	if l.parts != nil {
		l.parts.placeInRow(&l.item, set, l.lineX, l.bubble.W-2*pad)
	}
	if l.bare {
		l.placeBare(set)
	}
	if grouped && l.ctx.last {
		const side = widgets.AvatarSmall
		l.face = draw.NewBox(left-faceRoom, l.bubble.Y+l.bubble.H-side, side, side)
	}
	l.height = l.bubble.Y + l.bubble.H
	l.reactions(set, left, right)
	if l.item.State == widgets.StateFailed {
		l.failure(set, right-left)
	}
}

// heading places the sender's name and the parts above the text, and returns the top of the text.
func (l *rowLayout) heading(set *text.Typesetter, y, room float32, widest, cards *float32) float32 {
	it := &l.item
	if !it.Own && it.SenderKey != "" && l.ctx.first && it.SenderName != "" {
		f := text.Font{Size: widgets.TextPreview, Bold: true}
		w := min(room, draw.CeilPx(set.LineWidth(text.CleanLine(it.SenderName), f)))
		l.name = draw.NewBox(0, y-1, w, nameHeight)
		*widest = w
		y += nameHeight
	}
	if !it.Deleted && (it.Forwarded != "" || it.Quote != nil || it.File != nil || len(it.Album) > 0 || len(it.Poll) > 0) {
		l.parts = &partLayout{}
		y, *cards = l.parts.measure(it, set, y, room, widest)
	}
	return y
}

// body wraps the text and returns the width of its last line.
func (l *rowLayout) body(set *text.Typesetter, y, room float32, widest *float32) float32 {
	l.font, l.lineH, l.lineAt = text.Font{Size: widgets.TextBody}, draw.LineHeight, y
	l.text, l.rich = richText(&l.item)
	switch {
	case l.item.Deleted:
		l.font.Italic = true
	case l.text == "" && l.parts != nil && l.parts.file.H+l.parts.albumBox.H+l.parts.poll.H > 0:
		return 0
	case l.rich == nil && text.OnlyEmoji(l.text):
		l.font, l.lineH = text.Font{Size: widgets.TextEmoji}, emojiHeight
	}
	l.wrap(set, room)
	for _, s := range l.lines {
		*widest = max(*widest, s.Indent+s.Width)
	}
	if l.more.H > 0 {
		*widest = max(*widest, l.more.W)
		return l.more.W
	}
	last := l.lines[len(l.lines)-1]
	if n := len(l.grounds); n > 0 && l.grounds[n-1].end == len(l.lines) {
		return room // the ground is as wide as the bubble
	}
	return last.Indent + last.Width
}

// wrap breaks the text into lines, and folds it if it is long.
func (l *rowLayout) wrap(set *text.Typesetter, room float32) {
	limit := foldLines + foldSlack + 1
	if l.ctx.open {
		limit = 0
	}
	if l.rich != nil {
		l.richSpans()
		l.wrapBlocks(set, room, limit)
	} else {
		shown := l.text
		if limit > 0 && len(shown) > foldBytes {
			shown = shown[:text.Boundary(shown, foldBytes)]
		}
		l.lines = set.Wrap(shown, l.font, room, limit)
	}
	if limit > 0 && len(l.lines) > foldLines+foldSlack {
		l.lines = l.lines[:foldLines]
		w := set.LineWidth(wordMore(), text.Font{Size: widgets.TextPreview, Bold: true})
		l.more = draw.NewBox(0, l.lineAt+foldLines*l.lineH, draw.CeilPx(w), moreHeight)
		for i := range l.grounds {
			l.grounds[i].end = min(l.grounds[i].end, foldLines)
		}
	}
	if l.rich == nil && l.font.Size == widgets.TextBody && !l.item.Deleted {
		l.links = text.MergeMentions(text.FindLinks(l.text[:l.shownEnd()]), l.item.Text, l.text, l.item.Mentions)
		l.setSpans()
	}
}

// shownEnd returns the end of the visible part of the text.
func (l *rowLayout) shownEnd() int {
	if n := len(l.lines); n > 0 {
		return l.lines[n-1].End
	}
	return 0
}

// placeMeta puts time and tick on the last line if there is room, otherwise on a line of their own. Every own message
// that is sent has room for a tick, so nothing moves when it changes.
func (l *rowLayout) placeMeta(set *text.Typesetter, bottom, last, widest, room float32) (newBottom, newWidest float32) {
	l.meta = l.item.Time
	if l.item.Edited {
		l.meta = wordEdited() + " " + l.meta
	}
	w := draw.CeilPx(set.LineWidth(l.meta, text.Font{Size: widgets.TextMeta}))
	total := w
	ticks := l.item.Own && l.item.State != widgets.StateNone
	if ticks {
		total += metaTick
	}
	if l.bare {
		l.metaBox = draw.NewBox(total, 0, w, metaHeight)
		return bottom, max(widest, total+2*metaPad)
	}
	if n := len(l.lines); n > 0 && l.lines[n-1].RTL != l.ctx.mirrored && l.more.H == 0 {
		last = room // the line ends at the edge of the time
	}
	y := bottom - draw.LineHeight + metaDrop
	switch {
	case len(l.lines) == 0 && last == 0: // neither text nor card
		y, bottom = bottom, bottom+metaHeight
		widest = max(widest, total)
	case last+metaGap+total <= room:
		widest = max(widest, last+metaGap+total)
	default:
		y, bottom = bottom, bottom+metaHeight-2
		widest = max(widest, total)
	}
	l.metaBox = draw.NewBox(total, y, w, metaHeight)
	if ticks {
		l.tick = draw.NewBox(draw.TickWidth, y+2, draw.TickWidth, draw.TickHeight)
	}
	return bottom, widest
}

// placeInRow converts positions relative to the bubble's edges to positions in the row.
func (l *rowLayout) placeInRow(pad float32) {
	b := l.bubble
	l.lineX = b.X + pad
	l.name.X = l.lineX
	l.more.X = l.lineX
	l.metaBox.X = b.X + b.W - pad - l.metaBox.X
	l.tick.X = b.X + b.W - pad - l.tick.X + 1
}

// placeBare puts a sticker at the side of its sender, and time and tick over its lower right corner.
func (l *rowLayout) placeBare(set *text.Typesetter) {
	p, b := l.parts, l.bubble
	if by := b.X + b.W - p.file.W - p.file.X; l.item.Own && by > 0 {
		p.file.X, p.ring.X, p.play.X = p.file.X+by, p.ring.X+by, p.play.X+by
	}
	w := draw.CeilPx(set.LineWidth(l.meta, text.Font{Size: widgets.TextMeta}))
	ticks := l.item.Own && l.item.State != widgets.StateNone
	total := w + 2*metaPad
	if ticks {
		total += metaTick
	}
	right := max(p.file.X+p.file.W, b.X+total)
	l.metaPill = draw.NewBox(right-total, p.file.Y+p.file.H-metaPillHeight, total, metaPillHeight)
	l.metaBox = draw.NewBox(l.metaPill.X+metaPad, l.metaPill.Y+(metaPillHeight-metaHeight)/2, w, metaHeight)
	if ticks {
		l.tick = draw.NewBox(right-metaPad-draw.TickWidth+1, l.metaBox.Y+2, draw.TickWidth, draw.TickHeight)
	}
}

// failure adds the reason and the actions below the bubble.
func (l *rowLayout) failure(set *text.Typesetter, room float32) {
	l.noteText = wordUnsent()
	if reason := text.CleanLine(l.item.FailedReason); reason != "" {
		l.noteText += ": " + reason
	}
	f := text.Font{Size: widgets.TextSmall}
	l.note = set.Wrap(l.noteText, f, min(room, 420), 3)
	l.noteAt = l.height + 3
	y := l.noteAt + float32(len(l.note))*noteLine
	act := text.Font{Size: widgets.TextSmall, Bold: true}
	right := l.bubble.X + l.bubble.W
	dw, rw := draw.CeilPx(set.LineWidth(wordDelete(), act))+16, draw.CeilPx(set.LineWidth(wordRetry(), act))+16
	l.remove = draw.NewBox(right-dw+8, y, dw, actionRow)
	l.retry = draw.NewBox(l.remove.X-rw, y, rw, actionRow)
	if !l.item.Own {
		l.retry.X = l.bubble.X - 8
		l.remove.X = l.retry.X + rw
	}
	l.height = y + actionRow
}
