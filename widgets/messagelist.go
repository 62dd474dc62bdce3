package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// MessageList shows the messages of a chat. It holds a window into the history, which the screen extends, moves and
// trims with [MessageList.SetItems]; its own cost depends on what is seen, not on how many items it was given.
//
// The view hangs on the lowest visible message: whatever is added, removed, folded or measured anew elsewhere, that
// message's lower edge stays where it is. A list that stands at its end follows new messages instead.
type MessageList struct {
	widget.BaseWidget

	// OnNearTop is called once for each first item when the view comes near it: older messages are wanted.
	OnNearTop func()
	// OnNearEnd is the same at the other end, while there are newer messages than those in the list.
	OnNearEnd func()
	// OnViewChanged is called when other messages are seen, or the end was reached or left.
	OnViewChanged func()
	// OnJumpEnd is called for the round button and the End key. Without it the list scrolls to its end.
	OnJumpEnd func()
	// OnBarDrag is called when the scroll bar was dragged to a place between 0 and 1 of the whole history, while
	// [MessageList.SetBar] tells the bar's place. Otherwise the list moves within its items.
	OnBarDrag func(position float64)
	// OnMenu is called for a right click on a message, or the dots beside it, with a position in the window.
	OnMenu func(key int64, pos fyne.Position)
	// OnReact is called for the face beside a message the pointer is over, with a position in the window for what is
	// shown to choose from. OnReply is called for the arrow. Without a callback there is no button.
	OnReact func(key int64, pos fyne.Position)
	OnReply func(key int64)
	// OnQuoteTapped is called with the message that has the quote, OnReactionTapped with the message reacted to.
	OnQuoteTapped    func(key int64)
	OnReactionTapped func(key int64, emoji string)
	// OnTicksTapped is called for time and ticks of an own message.
	OnTicksTapped func(key int64)
	// OnPlaceTapped and OnFileTapped are called for the card of a location and for a file.
	OnPlaceTapped func(key int64)
	OnFileTapped  func(key int64)
	// OnRingTapped is called for the ring of a file that is not there yet, or for which the transfer runs. Without it a press
	// there is one on the file.
	OnRingTapped func(key int64)
	// OnSoundTapped is called for the disc of a sound that is there: it should play, or pause. OnSoundSeek is called for its bars,
	// with a place from 0 to 1, and OnSoundSpeed for the button with the speed.
	OnSoundTapped func(key int64)
	OnSoundSeek   func(key int64, part float32)
	OnSoundSpeed  func(key int64)
	// OnMentionTapped is called with the index of the mention among those of the message.
	OnMentionTapped func(key int64, mention int)
	// OnSenderTapped is called for the name or the avatar of who wrote a message in a group.
	OnSenderTapped func(key int64)
	// OnLink is called for a web address that was pressed.
	OnLink func(url string)
	// OnRetry and OnDelete are called for the words under a message that failed.
	OnRetry  func(key int64)
	OnDelete func(key int64)
	// OnCopied is called after a selection went to the clipboard.
	OnCopied func()
	// OnTyped is called for a letter typed while the list has the focus: it belongs into the composer.
	OnTyped func(rune)
	// OnEscape is called for the Escape key when nothing is selected.
	OnEscape func()
	// OnShortcut is asked about shortcuts while the list has the focus; true means that it was handled.
	OnShortcut func(fyne.Shortcut) bool

	items     []MessageItem
	anchor    int     // index of the lowest visible item
	gap       float32 // from its lower edge down to the view's; negative while it is cut off
	hasNewer  bool
	following bool    // the view was brought to the end, so it goes on to what is added there
	pending   *target // where to scroll as soon as there is a size
	open      map[int64]bool
	newCount  int
	flash     int64
	find      string

	barFixed          bool
	barPos, barPart   float64
	nearTop, nearEnd  edge
	seen              viewState
	telling           bool
	sel               selection
	selecting         bool
	press             fyne.Position
	pointer           fyne.Position
	inside            bool  // the pointer is over the list
	hovered           int64 // the message the pointer is over
	focused, ringless bool

	set     *typesetter
	layouts map[int64]*rowLayout
	visible []placed
	live    map[int64]*messageView
	free    []*messageView
	objs    []fyne.CanvasObject
	back    *canvas.Rectangle
	sticky  *pill
	bar     *scrollBar
	jump    *jumpButton
	tools   *messageTools
	ring    focusRing
}

// target is a place to scroll to as soon as the list has a size.
type target struct {
	key   int64
	align Align
	end   bool
	at    fyne.Size // for which the list has gone there
}

// edge remembers for which item a callback has been made.
type edge struct {
	key   int64
	fired bool
}

// viewState is what OnViewChanged reports changes of.
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

var _ fyne.Widget = (*MessageList)(nil)

// NewMessageList returns an empty list that stands at its end.
func NewMessageList() *MessageList {
	l := &MessageList{
		set: newTypesetter(), open: make(map[int64]bool), layouts: make(map[int64]*rowLayout),
		live: make(map[int64]*messageView), back: &canvas.Rectangle{}, sticky: newPill(), ring: newFocusRing(),
		tools: newMessageTools(), following: true,
	}
	l.bar = newScrollBar(l.barMoved)
	l.jump = newJumpButton(l.End)
	l.ExtendBaseWidget(l)
	return l
}

// SetItems shows these messages, oldest first, with keys that differ. What is being read stays in its place; a list
// that stands at its end shows the newest. The list keeps the slice and reads it: give another one, or the same with
// more appended, rather than changing what it holds.
func (l *MessageList) SetItems(items []MessageItem) {
	old := l.items
	l.items = items
	if l.following || len(old) == 0 || len(items) == 0 {
		l.anchor, l.gap = max(0, len(items)-1), endPad
	} else {
		l.keepPlace(old)
	}
	l.moved()
}

// keepPlace finds the item the view hangs on among the new ones; if it is gone, the nearest of those in view.
func (l *MessageList) keepPlace(old []MessageItem) {
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

// findKey looks at the guesses first and then everywhere: after a page was put in front or behind, one of the guesses
// is right.
func findKey(items []MessageItem, key int64, guesses ...int) int {
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

// SetHasNewer says whether the history goes on after the last item. Then the list has no end to follow, and the
// button to jump there is shown.
func (l *MessageList) SetHasNewer(v bool) {
	if l.hasNewer == v {
		return
	}
	// When it becomes false, the reader at the last item so far is not taken further: newer items may be about to come.
	l.hasNewer, l.following = v, false
	l.update(false)
}

// SetNewCount sets the number on the button that jumps to the end.
func (l *MessageList) SetNewCount(n int) {
	if l.newCount == n {
		return
	}
	l.newCount = n
	l.update(false)
}

// SetBar tells where in the whole history the view stands, from 0 to 1, and which part of it is seen. With a part of
// 0 or less the bar shows the place within the items again.
func (l *MessageList) SetBar(position, part float64) {
	l.barFixed, l.barPos, l.barPart = part > 0, position, part
	l.update(false)
}

// AtEnd reports whether the newest message of the history is in view.
func (l *MessageList) AtEnd() bool {
	if l.hasNewer {
		return false
	}
	if l.Size().IsZero() && l.pending != nil {
		return l.pending.end
	}
	return len(l.items) == 0 || l.anchor == len(l.items)-1 && l.gap >= -1
}

// VisibleRange returns the keys of the highest and the lowest message of which at least half is seen, or zeros.
func (l *MessageList) VisibleRange() (first, last int64) {
	height := l.Size().Height
	for _, p := range l.visible { // from the lowest upwards
		b := p.layout.bubble
		middle := p.y + b.y + b.h/2
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

// Selected returns the marked text, if any.
func (l *MessageList) Selected() string {
	if l.sel.empty() {
		return ""
	}
	i := findKey(l.items, l.sel.key)
	if i < 0 {
		return ""
	}
	return l.sel.of(clean(l.items[i].Text))
}

// Unfold shows a long message whole, or folds it again.
func (l *MessageList) Unfold(key int64, open bool) {
	if open {
		l.open[key] = true
	} else {
		delete(l.open, key)
	}
	l.update(false)
}

// SetFlash lights up a message, such as the one a quote led to, until it is called with another key; no message has
// the key 0.
func (l *MessageList) SetFlash(key int64) {
	if l.flash == key {
		return
	}
	l.flash = key
	l.update(false)
}

// SetFind marks the words of a search in the texts of all messages; an empty query marks none. See [FindRanges].
func (l *MessageList) SetFind(query string) {
	if l.find == query {
		return
	}
	l.find = query
	l.update(false)
}

// MinSize implements fyne.CanvasObject.
func (l *MessageList) MinSize() fyne.Size { return fyne.NewSize(200, 120) }

// CreateRenderer implements fyne.Widget.
func (l *MessageList) CreateRenderer() fyne.WidgetRenderer { return &messageListRenderer{list: l} }

type messageListRenderer struct{ list *MessageList }

func (r *messageListRenderer) Layout(fyne.Size) { r.list.update(false) }

func (r *messageListRenderer) MinSize() fyne.Size { return r.list.MinSize() }

func (r *messageListRenderer) Refresh() {
	r.list.update(true)
	canvas.Refresh(r.list.back)
}

func (r *messageListRenderer) Objects() []fyne.CanvasObject { return r.list.objs }

func (r *messageListRenderer) Destroy() {}
