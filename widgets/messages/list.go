package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// List shows the messages of a chat. It holds a window into the history, which the screen extends, moves and trims with
// [List.SetItems]; its cost depends on what is visible, not on the number of items.
//
// The view is anchored to the lowest visible message: whatever is added, removed, folded or measured again elsewhere,
// the bottom of that message stays in its place. A list that is at its end follows new messages instead.
type List struct {
	widget.BaseWidget

	// OnNearTop is called once for each first item when the view gets near it: the screen should load older messages.
	OnNearTop func()
	// OnNearEnd is the same for the last item, while there are newer messages than those in the list.
	OnNearEnd func()
	// OnViewChanged is called when other messages are visible, or the end was reached or left.
	OnViewChanged func()
	// OnJumpEnd is called for the round button and the End key. If it is nil the list scrolls to its end.
	OnJumpEnd func()
	// OnJumpMention is called for the round button to the next mention; see [List.SetMentionCount].
	OnJumpMention func()
	// OnBarDrag is called when the scroll bar is dragged, with a position from 0 to 1 in the whole history, while
	// [List.SetBar] determines the bar. Otherwise the list scrolls within its items.
	OnBarDrag func(position float64)
	// OnMenu is called for a right click on a message or for the dots beside it, with a position in the window.
	OnMenu func(key int64, pos fyne.Position)
	// OnReact is called for the face beside the message under the pointer, with a position in the window for a popup.
	// OnReply is called for the arrow. Without the callback there is no button.
	OnReact func(key int64, pos fyne.Position)
	OnReply func(key int64)
	// OnQuoteTapped gets the key of the message with the quote, OnReactionTapped that of the message reacted to.
	OnQuoteTapped    func(key int64)
	OnReactionTapped func(key int64, emoji string)
	// OnTicksTapped is called for the time and ticks of an own message.
	OnTicksTapped func(key int64)
	// OnVote is called for an option of a poll, from 1.
	OnVote func(key int64, option int)
	// OnFileTapped is called for a file.
	OnFileTapped func(key int64)
	// OnRingTapped is called for the ring of a file that is not on this device or is being transferred. If it is nil,
	// OnFileTapped is called.
	OnRingTapped func(key int64)
	// OnSoundTapped is called for the disc of a sound on this device: it should play or pause. OnSoundSeek is called
	// for its bars with a position from 0 to 1, and OnSoundSpeed for the button with the speed.
	OnSoundTapped func(key int64)
	OnSoundSeek   func(key int64, part float32)
	OnSoundSpeed  func(key int64)
	// OnMentionTapped gets the index of the mention among those of the message.
	OnMentionTapped func(key int64, mention int)
	// OnSenderTapped is called for the name or avatar of a message's sender.
	OnSenderTapped func(key int64)
	// OnLink is called for an address: of the web, of mail (mailto:) or a telephone number (tel:).
	OnLink func(url string)
	// OnHiddenLink is called instead for words that hide an address, which the user should see before it is opened.
	OnHiddenLink func(words, url string)
	// OnRetry and OnDelete are called for the actions below a message that failed.
	OnRetry  func(key int64)
	OnDelete func(key int64)
	// OnCopied is called after a selection was copied.
	OnCopied func()
	// OnTyped is called for a character typed while the list has the focus: it belongs in the composer.
	OnTyped func(rune)
	// OnMark is called for a message to be marked, or not any more; through is whether those between it and the one marked
	// last are, too. See [List.SetMarks].
	OnMark func(key int64, through bool)
	// OnEscape is called for the Escape key if nothing is selected.
	OnEscape func()
	// OnShortcut is called for shortcuts while the list has the focus, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses the list, so that a selection can be copied.
	OnFocus widgets.Focuser

	items        []Item
	anchor       int     // index of the lowest visible item
	gap          float32 // from its bottom down to that of the view; negative while it is cut off
	hasNewer     bool
	following    bool    // the view is at the end and follows new messages
	pending      *target // where to scroll once the list has a size
	open         map[int64]bool
	newCount     int
	mentionCount int
	flash        int64
	marks        map[int64]bool
	frames       map[int64]*widgets.Photo // of the pictures that move
	find         string

	barFixed          bool
	barPos, barPart   float64
	nearTop, nearEnd  edge
	seen              viewState
	notifying         bool
	sel               selection
	selecting         bool
	press             fyne.Position
	held              fyne.KeyModifier // when the button was pressed last
	pointer           fyne.Position
	inside            bool  // the pointer is over the list
	hovered           int64 // the message under the pointer
	focused, ringless bool

	set     *text.Typesetter
	layouts map[int64]*rowLayout
	visible []placed
	live    map[int64]*rowView
	free    []*rowView
	objs    []fyne.CanvasObject
	back    *canvas.Rectangle
	sticky  *pill
	bar     *draw.ScrollBar
	jump    *jumpButton
	at      *jumpButton // to the next mention
	tools   *rowTools
	ring    draw.FocusRing
}

// target is where to scroll once the list has a size.
type target struct {
	key   int64
	align Align
	end   bool
	at    fyne.Size // the size for which the list has scrolled there
}

// edge is the item for which OnNearTop or OnNearEnd was called last.
type edge struct {
	key   int64
	fired bool
}

// viewState is what OnViewChanged reports.
type viewState struct {
	first, last int64
	atEnd       bool
}

// placed is a row in view.
type placed struct {
	index  int
	y      float32
	layout *rowLayout
}

var _ fyne.Widget = (*List)(nil)

// NewList returns an empty list that is at its end.
func NewList() *List {
	l := &List{
		set: text.NewTypesetter(), open: make(map[int64]bool), layouts: make(map[int64]*rowLayout),
		live: make(map[int64]*rowView), frames: make(map[int64]*widgets.Photo),
		back: &canvas.Rectangle{}, sticky: newPill(), ring: draw.NewFocusRing(),
		tools: newRowTools(), following: true,
	}
	l.bar = draw.NewScrollBar(l.barMoved)
	l.jump = newJumpButton(tr.L("Newest messages"), l.End)
	l.at = newJumpButton(tr.L("Next mention of you"), func() { draw.Invoke(l.OnJumpMention) })
	l.at.mention = true
	l.ExtendBaseWidget(l)
	return l
}

// SetItems shows these messages, oldest first, with distinct keys. What is being read stays in its place; a list that
// is at its end shows the newest. The list keeps the slice: pass another one, or the same with more appended, instead
// of changing its elements.
func (l *List) SetItems(items []Item) {
	old := l.items
	l.items = items
	if l.following || len(old) == 0 || len(items) == 0 {
		l.anchor, l.gap = max(0, len(items)-1), endPad
	} else {
		l.keepPlace(old)
	}
	l.moved()
}

// keepPlace finds the anchor among the new items; if it is gone, the nearest visible item.
func (l *List) keepPlace(old []Item) {
	shift := len(l.items) - len(old)
	height := l.Size().Height
	if i := findKey(l.items, old[l.anchor].Key, l.anchor+shift, l.anchor); i >= 0 {
		l.anchor = i
		return
	}
	for _, p := range l.visible {
		if p.index >= len(old) {
			continue
		}
		if i := findKey(l.items, old[p.index].Key, p.index+shift, p.index); i >= 0 {
			l.anchor, l.gap = i, height-p.y-p.layout.height
			return
		}
	}
	l.anchor, l.gap = len(l.items)-1, endPad
}

// findKey returns the index of an item, or -1. It looks at the guesses first: after a page was added in front or
// behind, one of them is right.
func findKey(items []Item, key int64, guesses ...int) int {
	for _, i := range guesses {
		if i >= 0 && i < len(items) && items[i].Key == key {
			return i
		}
	}
	for i := range items {
		if items[i].Key == key {
			return i
		}
	}
	return -1
}

// SetHasNewer sets whether the history continues after the last item. Then the list has no end to follow, and the
// button to jump there is shown.
func (l *List) SetHasNewer(v bool) {
	if l.hasNewer == v {
		return
	}
	// When it becomes false the view stays at the item that was the last: newer ones may be about to be added.
	l.hasNewer, l.following = v, false
	l.update(false)
}

// SetNewCount sets the number on the button that jumps to the end.
func (l *List) SetNewCount(n int) {
	if l.newCount == n {
		return
	}
	l.newCount = n
	l.update(false)
}

// SetMentionCount sets the number on the button to the next mention of the user, which is shown if it is not 0.
func (l *List) SetMentionCount(n int) {
	if l.mentionCount == n {
		return
	}
	l.mentionCount = n
	l.update(false)
}

// SetBar sets the position of the view in the whole history, from 0 to 1, and the visible share of it. With a share of
// 0 or less the bar shows the position within the items again.
func (l *List) SetBar(position, part float64) {
	l.barFixed, l.barPos, l.barPart = part > 0, position, part
	l.update(false)
}

// AtEnd reports whether the newest message of the history is visible.
func (l *List) AtEnd() bool {
	if l.hasNewer {
		return false
	}
	if l.Size().IsZero() && l.pending != nil {
		return l.pending.end
	}
	return len(l.items) == 0 || l.anchor == len(l.items)-1 && l.gap >= -1
}

// VisibleRange returns the keys of the highest and the lowest message that is at least half visible, or zeros.
func (l *List) VisibleRange() (first, last int64) {
	height := l.Size().Height
	for _, p := range l.visible { // from the lowest upwards
		b := p.layout.bubble
		middle := p.y + b.Y + b.H/2
		if middle < 0 || middle > height {
			continue
		}
		first = p.layout.item.Key
		if last == 0 {
			last = first
		}
	}
	return first, last
}

// Selected returns the selected text, if any.
func (l *List) Selected() string {
	if l.sel.empty() {
		return ""
	}
	i := findKey(l.items, l.sel.key)
	if i < 0 {
		return ""
	}
	shown, rich := richText(&l.items[i])
	if rich == nil {
		return l.sel.of(shown)
	}
	from, to := l.sel.ordered()
	if to > len(shown) {
		return ""
	}
	return rich.SourceOf(from, to)
}

// Unfold shows all of a long message, or folds it again.
func (l *List) Unfold(key int64, open bool) {
	if open {
		l.open[key] = true
	} else {
		delete(l.open, key)
	}
	l.update(false)
}

// SetFlash highlights a message, such as the one a quote led to, until it is called with another key; 0 is no message.
func (l *List) SetFlash(key int64) {
	if l.flash == key {
		return
	}
	l.flash = key
	l.update(false)
}

// SetFrame shows a frame of a picture that moves in place of the picture; nil shows the picture again.
func (l *List) SetFrame(key int64, frame *widgets.Photo) {
	if l.frames[key] == frame {
		return
	}
	if frame == nil {
		delete(l.frames, key)
	} else {
		l.frames[key] = frame
	}
	if l.inView(key) {
		l.update(false)
	}
}

// SetFind marks the words of a search in all messages; an empty query marks none. See [widgets.FindRanges].
func (l *List) SetFind(query string) {
	if l.find == query {
		return
	}
	l.find = query
	l.update(false)
}

// MinSize implements fyne.CanvasObject.
func (l *List) MinSize() fyne.Size { return fyne.NewSize(200, 120) }

// CreateRenderer implements fyne.Widget.
func (l *List) CreateRenderer() fyne.WidgetRenderer { return &listRenderer{list: l} }

type listRenderer struct{ list *List }

func (r *listRenderer) Layout(fyne.Size) { r.list.update(false) }

func (r *listRenderer) MinSize() fyne.Size { return r.list.MinSize() }

func (r *listRenderer) Refresh() {
	r.list.update(true)
	canvas.Refresh(r.list.back)
}

func (r *listRenderer) Objects() []fyne.CanvasObject { return r.list.objs }

func (r *listRenderer) Destroy() {}
