package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/widgets/internal/text"
)

// The marks of formatted text.
const (
	markBold   = "**"
	markItalic = "_"
	markStrike = "~~"
	markCode   = "`"
	markBlock  = "```"
)

// PlainText returns a text without the marks of formatted text.
func PlainText(s string) string { return text.PlainText(s) }

// formatMark returns the mark that a shortcut puts around the selected text, if it is one of them.
func formatMark(s fyne.Shortcut) string {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok {
		return ""
	}
	const main, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift
	switch {
	case c.KeyName == fyne.KeyB && c.Modifier == main:
		return markBold
	case c.KeyName == fyne.KeyI && c.Modifier == main:
		return markItalic
	case c.KeyName == fyne.KeyX && c.Modifier == main|shift:
		return markStrike
	case c.KeyName == fyne.KeyM && c.Modifier == main|shift:
		return markCode
	default:
		return ""
	}
}

// format puts marks around the selected text, or takes them away. Without a selection the caret is between them.
func (c *Composer) format(mark string) {
	e := c.entry
	selected := e.SelectedText()
	inner := strings.TrimSpace(selected)
	if mark == markCode && strings.Contains(inner, "\n") {
		c.Insert(markBlock + "\n" + strings.Trim(selected, "\n") + "\n" + markBlock)
		return
	}
	if inner == "" {
		if selected == "" && c.Insert(mark+mark) {
			e.CursorColumn -= utf8.RuneCountInString(mark)
			e.Refresh()
		}
		return
	}
	before, after, _ := strings.Cut(selected, inner)
	if bare, ok := unmarked(inner, mark); ok {
		c.Insert(before + bare + after)
		return
	}
	c.Insert(before + mark + inner + mark + after)
}

// unmarked returns a text without the marks around it, if it has them.
func unmarked(s, mark string) (string, bool) {
	if len(s) <= 2*len(mark) || !strings.HasPrefix(s, mark) || !strings.HasSuffix(s, mark) {
		return s, false
	}
	return s[len(mark) : len(s)-len(mark)], true
}
