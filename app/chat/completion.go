package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets"
)

// mostCompletions is how many rows are offered.
const mostCompletions = 5

// completion offers members of a group above the composer while its last word starts with @, and emoji while it starts
// with a colon. Enter or Tab chooses.
type completion struct {
	screen *Screen
	list   *widgets.Completions
	offers []offer
	start  int // of the word in the text
}

// offer is what a word may become.
type offer struct{ label, text string }

func newCompletion(s *Screen) *completion {
	c := &completion{screen: s, list: widgets.NewCompletions()}
	c.list.OnChosen = func(i int) { c.take(i) }
	c.list.Hide()
	return c
}

// follow offers what matches the composer's text.
func (c *completion) follow(text string) {
	m := c.screen.model
	if m == nil {
		c.close()
		return
	}
	c.offers = c.members(m, text)
	if c.offers == nil {
		c.offers = c.emoji(text)
	}
	labels := make([]string, len(c.offers))
	for i, o := range c.offers {
		labels[i] = o.label
	}
	c.list.Set(labels)
	c.screen.setShown(c.list, len(c.offers) > 0)
	c.screen.composer.SetCompleting(len(c.offers) > 0)
	c.screen.root.Refresh()
}

// members offers the members of a group for an unfinished mention.
func (c *completion) members(m *Model, text string) []offer {
	start := mentionStart(text)
	if m.GroupID() == 0 || start < 0 {
		return nil
	}
	typed := text[start+1:]
	people := m.mentionable(typed)
	if slices.ContainsFunc(people, func(address string) bool { return same(address, typed) }) {
		return nil // nothing is left to complete
	}
	c.start = start
	var out []offer
	for _, address := range people[:min(len(people), mostCompletions)] {
		out = append(out, offer{m.name(address) + "  @" + address, "@" + address + " "})
	}
	return out
}

// emoji offers emoji for an unfinished code.
func (c *completion) emoji(text string) []offer {
	start := codeStart(text)
	if start < 0 {
		return nil
	}
	c.start = start
	var out []offer
	for _, e := range widgets.CompleteEmoji(text[start+1:], c.screen.on.Language, mostCompletions) {
		out = append(out, offer{e.Emoji + "  " + e.Name, e.Emoji + " "})
	}
	return out
}

// leastCode is how many characters a code has before emoji are offered.
const leastCode = 2

// codeStart is the index of the colon of an unfinished code at the end of a text, or -1.
func codeStart(text string) int {
	at := strings.LastIndexByte(text, ':')
	if at < 0 || utf8.RuneCountInString(text[at+1:]) < leastCode || at > 0 && text[at-1] != ' ' && text[at-1] != '\n' {
		return -1
	}
	for _, r := range text[at+1:] {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '+' {
			return -1
		}
	}
	return at
}

// mentionStart is the index of the @ of an unfinished mention at the end of a text, or -1.
func mentionStart(text string) int {
	at := strings.LastIndexByte(text, '@')
	if at < 0 || strings.ContainsAny(text[at:], " \n\t") || at > 0 && wordBefore(text[:at]) {
		return -1
	}
	return at
}

// choose chooses the current row; it returns false without one.
func (c *completion) choose() bool {
	return c.list.Visible() && c.take(c.list.Current())
}

// key handles a key of the composer while there is an offer; it reports whether it did.
func (c *completion) key(name fyne.KeyName) bool {
	if !c.list.Visible() || len(c.offers) == 0 {
		return false
	}
	switch name {
	case fyne.KeyUp:
		c.list.Step(-1)
	case fyne.KeyDown:
		c.list.Step(1)
	case fyne.KeyTab:
		c.choose()
	default:
		return false
	}
	return true
}

func (c *completion) take(i int) bool {
	if i < 0 || i >= len(c.offers) {
		return false
	}
	s := c.screen
	if text := s.composer.Text(); c.start < len(text) {
		text = text[:c.start] + c.offers[i].text
		s.composer.SetText(text)
		s.with(func(m *Model) { m.setDraft(text) })
	}
	c.close()
	s.Focus()
	return true
}

// close hides the offer; it reports whether there was one.
func (c *completion) close() bool {
	shown := c.list.Visible()
	c.offers = nil
	c.screen.composer.SetCompleting(false)
	c.screen.setShown(c.list, false)
	return shown
}
