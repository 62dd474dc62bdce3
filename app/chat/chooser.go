package chat

import (
	"image/color"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/messages"
)

// chooser has the keyboard while a message is chosen with the keys: its letters are commands then, not text. It is
// invisible; the list highlights the message.
type chooser struct {
	widget.BaseWidget

	screen *Screen
	key    uint64        // of the chosen message, 0 for none
	shift  bool          // the Shift key is down
	list   fyne.Position // where the list was last
}

var (
	_ fyne.Focusable    = (*chooser)(nil)
	_ fyne.Shortcutable = (*chooser)(nil)
	_ desktop.Keyable   = (*chooser)(nil)
)

func newChooser(s *Screen) *chooser {
	c := &chooser{screen: s}
	c.ExtendBaseWidget(c)
	return c
}

// Choose chooses the message above or below the chosen one, for the keys that follow.
func (s *Screen) Choose(by int) { s.chooser.move(by) }

// move chooses the message above or below the chosen one; the lowest in view without one.
func (c *chooser) move(by int) {
	m := c.screen.model
	if m == nil {
		return
	}
	_, last := c.screen.list.VisibleRange()
	at := m.hist.index(messageKey(last))
	if c.key != 0 {
		at = m.hist.index(c.key) + by
	}
	for at >= 0 && at < len(m.hist.rows) && c.skips(&m.hist.rows[at]) {
		at += by
	}
	if at < 0 || at >= len(m.hist.rows) {
		if by > 0 && len(m.marking.rows) == 0 {
			c.leave()
		}
		return
	}
	c.key = m.hist.rows[at].Key()
	c.locate()
	c.screen.window.Focus(c)
	first, last := c.screen.list.VisibleRange()
	if at < m.hist.index(messageKey(first)) || at > m.hist.index(messageKey(last)) {
		c.screen.list.ScrollToKey(itemKey(c.screen.shownKey(c.key)), messages.AlignCenter)
	}
	c.screen.refresh()
}

// skips reports whether a message cannot be chosen: it is no message, or shown together with a later one.
func (c *chooser) skips(msg *Message) bool {
	key := msg.Key()
	return msg.isNotice() || c.screen.model.Hidden(key) || c.screen.shownKey(key) != key
}

// take chooses a message, which has been pressed.
func (c *chooser) take(key uint64) {
	c.key = key
	c.screen.window.Focus(c)
	c.screen.refresh()
}

// extend marks the chosen message, and the one above or below it, which is chosen then.
func (c *chooser) extend(by int) {
	m := c.screen.model
	if m == nil || c.key == 0 {
		return
	}
	for _, k := range c.screen.joined(c.key) {
		m.setMark(k)
	}
	c.move(by)
	if c.key != 0 {
		for _, k := range c.screen.joined(c.key) {
			m.setMark(k)
		}
	}
	c.screen.changed()
}

// leave focuses the composer again.
func (c *chooser) leave() {
	c.drop()
	c.screen.Focus()
	c.screen.refresh()
}

// drop chooses no message.
func (c *chooser) drop() { c.key = 0 }

// FocusGained implements fyne.Focusable.
func (c *chooser) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (c *chooser) FocusLost() {
	c.shift = false
	if c.key != 0 {
		c.drop()
		c.screen.changed()
	}
}

// TypedRune implements fyne.Focusable.
func (c *chooser) TypedRune(r rune) {
	s := c.screen
	switch {
	case s.model == nil:
		return
	case len(s.model.marking.rows) > 0:
		s.typedMarked(unicode.ToLower(r))
		return
	case c.key == 0:
		return
	}
	msg, ok := s.model.Message(c.key)
	if !ok {
		return
	}
	can, key := s.model.Can(msg), msg.Key()
	do := map[rune]struct {
		can bool
		f   func()
	}{
		'r': {can.Reply, func() { s.reply(key) }},
		'e': {can.Edit, func() { s.edit(key) }},
		'f': {can.Forward, func() { s.on.Forward(s.joined(key)) }},
		'i': {can.Info, func() { s.on.MessageInfo(key) }},
		'p': {can.Pin || can.Unpin, func() { s.model.togglePin(key) }},
		'c': {can.Copy, func() { s.copy(msg) }},
		'+': {can.React, func() { s.showReactions(itemKey(key), c.place()) }},
	}[unicode.ToLower(r)]
	if do.can {
		do.f()
	}
}

// TypedKey implements fyne.Focusable.
func (c *chooser) TypedKey(e *fyne.KeyEvent) {
	marking := c.screen.model != nil && len(c.screen.model.marking.rows) > 0
	switch e.Name {
	case fyne.KeyUp, fyne.KeyDown:
		c.step(e.Name)
	case fyne.KeySpace:
		if c.key != 0 {
			c.screen.mark(c.key, false)
		}
	case fyne.KeyDelete, fyne.KeyBackspace:
		if marking {
			c.screen.deleteMarked()
		} else {
			c.screen.deleteJoined(c.key)
		}
	case fyne.KeyReturn, fyne.KeyEnter, desktop.KeyMenu:
		c.screen.messageMenu(itemKey(c.key), c.place())
	case fyne.KeyEscape:
		c.screen.EndSelecting()
	}
}

// step chooses the message above or below; with Shift it marks, too.
func (c *chooser) step(name fyne.KeyName) {
	by := 1
	if name == fyne.KeyUp {
		by = -1
	}
	if c.shift {
		c.extend(by)
	} else {
		c.move(by)
	}
}

// KeyDown implements desktop.Keyable.
func (c *chooser) KeyDown(e *fyne.KeyEvent) { c.holdShift(e, true) }

// KeyUp implements desktop.Keyable.
func (c *chooser) KeyUp(e *fyne.KeyEvent) { c.holdShift(e, false) }

func (c *chooser) holdShift(e *fyne.KeyEvent, down bool) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		c.shift = down
	}
}

// place is where menus appear that were opened with a key: below the chosen message.
func (c *chooser) place() fyne.Position {
	c.locate()
	below, _ := c.screen.list.Below(itemKey(c.screen.shownKey(c.key)))
	return c.list.Add(below)
}

// locate notes where the list is. Every few seconds Fyne does not know that until it has painted again.
func (c *chooser) locate() {
	if at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c.screen.list); !at.IsZero() {
		c.list = at
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (c *chooser) TypedShortcut(k fyne.Shortcut) { c.screen.on.Shortcut(k) }

// CreateRenderer implements fyne.Widget.
func (c *chooser) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
