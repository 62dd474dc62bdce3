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
	key    uint64 // of the chosen message, 0 for none
}

var (
	_ fyne.Focusable    = (*chooser)(nil)
	_ fyne.Shortcutable = (*chooser)(nil)
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
	for at >= 0 && at < len(m.hist.rows) && m.hist.rows[at].Change != nil {
		at += by
	}
	if at < 0 || at >= len(m.hist.rows) {
		if by > 0 {
			c.leave()
		}
		return
	}
	c.key = m.hist.rows[at].Key()
	c.screen.window.Focus(c)
	first, last := c.screen.list.VisibleRange()
	if at < m.hist.index(messageKey(first)) || at > m.hist.index(messageKey(last)) {
		c.screen.list.ScrollToKey(itemKey(c.key), messages.AlignCenter)
	}
	c.screen.refresh()
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
	if c.key != 0 {
		c.drop()
		c.screen.changed()
	}
}

// TypedRune implements fyne.Focusable.
func (c *chooser) TypedRune(r rune) {
	s := c.screen
	if s.model == nil || c.key == 0 {
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
		'f': {can.Forward, func() { s.on.Forward(key) }},
		'i': {can.Info, func() { s.on.MessageInfo(key) }},
		'c': {can.Copy, func() { s.copy(msg) }},
		'+': {can.React, func() { s.showReactions(itemKey(key), c.place()) }},
	}[unicode.ToLower(r)]
	if do.can {
		do.f()
	}
}

// TypedKey implements fyne.Focusable.
func (c *chooser) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		c.move(-1)
	case fyne.KeyDown:
		c.move(1)
	case fyne.KeyDelete, fyne.KeyBackspace:
		c.screen.delete(c.key)
	case fyne.KeyReturn, fyne.KeyEnter, desktop.KeyMenu:
		c.screen.messageMenu(itemKey(c.key), c.place())
	case fyne.KeyEscape:
		c.leave()
	}
}

// place is where menus appear that were opened with a key: below the chosen message.
func (c *chooser) place() fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c.screen.list)
	below, _ := c.screen.list.Below(itemKey(c.key))
	return at.Add(below)
}

// TypedShortcut implements fyne.Shortcutable.
func (c *chooser) TypedShortcut(k fyne.Shortcut) { c.screen.on.Shortcut(k) }

// CreateRenderer implements fyne.Widget.
func (c *chooser) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
