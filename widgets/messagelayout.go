package widgets

// box is a rectangle inside a row.
type box struct{ x, y, w, h float32 }

func (b box) has(x, y float32) bool { return x >= b.x && x < b.x+b.w && y >= b.y && y < b.y+b.h }

// rowContext is what a row depends on beside its item.
type rowContext struct {
	first, last bool // of its group
	day         bool // the pill stands above it
	top         bool // nothing stands above it
	open        bool // unfolded, if it is long
	width       float32
}

// rowLayout is one item measured for one width. All coordinates are in the row, whose upper edge is 0; its height
// includes what stands above the bubble.
type rowLayout struct {
	item   MessageItem
	ctx    rowContext
	height float32

	day, divider box // h is 0 when there is none
	face         box
	bubble       box
	name         box

	text   string // cleaned
	font   font
	lines  []span
	lineAt float32 // upper edge of the first line
	lineX  float32
	lineH  float32
	links  []linkSpan

	parts *partLayout // what stands above the text; nil when nothing does
	pills []reactionPill

	more     box // "Show more"; h is 0 when the message is shown whole
	meta     string
	metaBox  box // of the words; the tick follows
	tick     box
	note     []span // lines of noteText
	noteText string
	noteAt   float32
	retry    box
	remove   box
}

// Geometry of a message.
const (
	columnWide  = float32(1000) // in a wider pane the column of bubbles is
	columnMax   = float32(900)  // this wide
	sideGap     = float32(16)   // from the pane's edge
	bubbleMax   = float32(560)
	bubbleShare = float32(0.72)
	padX        = float32(12)
	padTop      = float32(8)
	padBottom   = float32(7)
	gapJoined   = float32(3)
	gapApart    = float32(10)
	lineHeight  = float32(20)
	emojiHeight = float32(44)
	metaHeight  = float32(16)
	metaGap     = float32(10) // at least this between text and time
	metaTick    = tickW + 3
	metaDrop    = float32(5) // upper edge of the time under that of its line
	moreHeight  = float32(22)
	nameHeight  = float32(19)
	faceRoom    = AvatarSmall + 8
	dayBlock    = float32(40)
	pillHeight  = float32(24)
	dividerH    = float32(26)
	dividerRoom = float32(38)
	noteLine    = float32(17)
	actionRow   = float32(26)
	foldLines   = 25
	foldSlack   = 3 // a message this much longer is not worth folding
	foldBytes   = (foldLines + foldSlack + 1) * maxLineRunes * 4
)

// Words of a message.
const (
	wordMore   = "Show more"
	wordEdited = "edited"
	wordRetry  = "Retry"
	wordDelete = "Delete"
	wordUnsent = "Not sent"
)

// column returns where the bubbles' column begins in a pane and how wide it is.
func column(pane float32) (x, w float32) {
	if pane <= columnWide {
		return 0, pane
	}
	return whole((pane - columnMax) / 2), columnMax
}

// measureRow lays one item out.
func measureRow(set *typesetter, item *MessageItem, ctx rowContext) *rowLayout {
	l := &rowLayout{item: *item, ctx: ctx}
	y := l.above(set)
	if item.Kind == MessageSystem {
		l.system(set, y)
		return l
	}
	l.message(set, y)
	return l
}

// above places the pill and the unread line, and returns where the bubble begins.
func (l *rowLayout) above(set *typesetter) float32 {
	y := float32(0)
	x, w := column(l.ctx.width)
	if l.ctx.day {
		pw := pillWidth(set, l.item.Day)
		l.day = box{whole(x + (w-pw)/2), y + 8, pw, pillHeight}
		y += dayBlock
	}
	if l.item.Divider != "" {
		l.divider = box{0, y + (dividerRoom-dividerH)/2, l.ctx.width, dividerH}
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

func pillWidth(set *typesetter, day string) float32 {
	return up(set.lineWidth(day, pillFont())) + 24
}

func pillFont() font { return font{size: TextSmall, bold: true} }

func (l *rowLayout) system(set *typesetter, y float32) {
	x, w := column(l.ctx.width)
	room := max(40, min(480, w-64))
	l.text, l.font, l.lineH = clean(l.item.Text), font{size: TextSmall}, noteLine
	l.lines = set.wrap(l.text, l.font, room, foldLines)
	l.lineAt, l.lineX = y+2, whole(x+(w-room)/2)
	l.bubble = box{l.lineX, y, room, float32(len(l.lines))*noteLine + 4}
	l.height = y + l.bubble.h
}

func (l *rowLayout) message(set *typesetter, y float32) {
	x, col := column(l.ctx.width)
	left, right := x+sideGap, x+col-sideGap
	grouped := !l.item.Own && l.item.SenderKey != ""
	if grouped {
		left += faceRoom
	}
	room := max(60, min(bubbleMax, whole(col*bubbleShare), right-left)-2*padX)

	widest, cards := float32(0), float32(0)
	inner := l.heading(set, y+padTop, room, &widest, &cards)
	last := l.body(set, inner, room, &widest)
	if len(l.lines) == 0 {
		last = cards
	}
	bottom := inner + float32(len(l.lines))*l.lineH
	if l.more.h > 0 {
		bottom += moreHeight
	}
	bottom, widest = l.placeMeta(set, bottom, last, widest, room)

	w := up(widest) + 2*padX
	l.bubble = box{left, y, w, bottom + padBottom - y}
	if l.item.Own {
		l.bubble.x = right - w
	}
	l.bubble.x = whole(l.bubble.x)
	l.settle()
	if l.parts != nil {
		l.parts.settle(&l.item, set, l.lineX, l.bubble.w-2*padX)
	}
	if grouped && l.ctx.last {
		l.face = box{left - faceRoom, l.bubble.y + l.bubble.h - AvatarSmall, AvatarSmall, AvatarSmall}
	}
	l.height = l.bubble.y + l.bubble.h
	l.reactions(set, left, right)
	if l.item.State == StateFailed {
		l.failure(set, right-left)
	}
}

// heading places the sender's name and what else stands above the text, and returns where the text begins.
func (l *rowLayout) heading(set *typesetter, y, room float32, widest, cards *float32) float32 {
	it := &l.item
	if !it.Own && it.SenderKey != "" && l.ctx.first && it.SenderName != "" {
		f := font{size: TextPreview, bold: true}
		w := min(room, up(set.lineWidth(cleanLine(it.SenderName), f)))
		l.name = box{0, y - 1, w, nameHeight}
		*widest = w
		y += nameHeight
	}
	if !it.Deleted && (it.Forwarded != "" || it.Quote != nil || it.Place != nil || it.File != nil) {
		l.parts = &partLayout{}
		y, *cards = l.parts.measure(it, set, y, room, widest)
	}
	return y
}

// body wraps the text and returns the width of its last line.
func (l *rowLayout) body(set *typesetter, y, room float32, widest *float32) float32 {
	l.text, l.font, l.lineH, l.lineAt = clean(l.item.Text), font{size: TextBody}, lineHeight, y
	switch {
	case l.item.Deleted:
		l.font.italic = true
	case l.text == "" && l.parts != nil && l.parts.place.h+l.parts.file.h > 0:
		return 0
	case onlyEmoji(l.text):
		l.font, l.lineH = font{size: TextEmoji}, emojiHeight
	}
	if l.ctx.open {
		l.lines = set.wrap(l.text, l.font, room, 0)
	} else {
		l.fold(set, room)
	}
	if l.font.size == TextBody && !l.item.Deleted {
		l.links = mergeMentions(findLinks(l.text[:l.shownEnd()]), l.item.Text, l.text, l.item.Mentions)
	}
	for _, s := range l.lines {
		*widest = max(*widest, s.width)
	}
	if l.more.h > 0 {
		*widest = max(*widest, l.more.w)
		return l.more.w
	}
	return l.lines[len(l.lines)-1].width
}

// shownEnd is where the part of the text that is shown ends.
func (l *rowLayout) shownEnd() int {
	if n := len(l.lines); n > 0 {
		return l.lines[n-1].end
	}
	return 0
}

// fold wraps as much of the text as is shown while it is folded.
func (l *rowLayout) fold(set *typesetter, room float32) {
	text := l.text
	if len(text) > foldBytes {
		text = text[:foldBytes]
	}
	l.lines = set.wrap(text, l.font, room, foldLines+foldSlack+1)
	if len(l.lines) <= foldLines+foldSlack {
		return
	}
	l.lines = l.lines[:foldLines]
	w := set.lineWidth(wordMore, font{size: TextPreview, bold: true})
	l.more = box{0, l.lineAt + foldLines*l.lineH, up(w), moreHeight}
}

// placeMeta puts time and tick on the last line if there is room, else on a line of their own. The tick's room is kept
// in every own message, so that nothing moves when it changes.
func (l *rowLayout) placeMeta(set *typesetter, bottom, last, widest, room float32) (newBottom, newWidest float32) {
	l.meta = l.item.Time
	if l.item.Edited {
		l.meta = wordEdited + " " + l.meta
	}
	w := up(set.lineWidth(l.meta, font{size: TextMeta}))
	total := w
	if l.item.Own {
		total += metaTick
	}
	y := bottom - lineHeight + metaDrop
	switch {
	case len(l.lines) == 0 && last == 0: // nothing to stand beside
		y, bottom = bottom, bottom+metaHeight
		widest = max(widest, total)
	case last+metaGap+total <= room:
		widest = max(widest, last+metaGap+total)
	default:
		y, bottom = bottom, bottom+metaHeight-2
		widest = max(widest, total)
	}
	l.metaBox = box{total, y, w, metaHeight}
	if l.item.Own {
		l.tick = box{tickW, y + 2, tickW, tickH}
	}
	return bottom, widest
}

// settle turns what was measured from the bubble's edges into places in the row.
func (l *rowLayout) settle() {
	b := l.bubble
	l.lineX = b.x + padX
	l.name.x = l.lineX
	l.more.x = l.lineX
	l.metaBox.x = b.x + b.w - padX - l.metaBox.x
	l.tick.x = b.x + b.w - padX - l.tick.x + 1
}

// failure adds the reason and what can be done under the bubble.
func (l *rowLayout) failure(set *typesetter, room float32) {
	l.noteText = wordUnsent
	if reason := cleanLine(l.item.FailedReason); reason != "" {
		l.noteText += ": " + reason
	}
	f := font{size: TextSmall}
	l.note = set.wrap(l.noteText, f, min(room, 420), 3)
	l.noteAt = l.height + 3
	y := l.noteAt + float32(len(l.note))*noteLine
	act := font{size: TextSmall, bold: true}
	right := l.bubble.x + l.bubble.w
	dw, rw := up(set.lineWidth(wordDelete, act))+16, up(set.lineWidth(wordRetry, act))+16
	l.remove = box{right - dw + 8, y, dw, actionRow}
	l.retry = box{l.remove.x - rw, y, rw, actionRow}
	if !l.item.Own {
		l.retry.x = l.bubble.x - 8
		l.remove.x = l.retry.x + rw
	}
	l.height = y + actionRow
}
