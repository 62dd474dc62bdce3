package chat

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// mostCompletions is how many members are offered after an @.
const mostCompletions = 5

// completion offers members of a group above the composer while its last word starts with @. Enter chooses the first.
type completion struct {
	screen *Screen
	object *fyne.Container
	rows   *fyne.Container
	people []string // addresses
	start  int      // of the @ in the text
}

func newCompletion(s *Screen) *completion {
	c := &completion{screen: s, rows: container.NewVBox()}
	c.object = container.NewStack(newBackdrop(), c.rows)
	c.object.Hide()
	return c
}

// follow offers the members that match the composer's text.
func (c *completion) follow(text string) {
	m := c.screen.model
	start := mentionStart(text)
	if m == nil || m.GroupID() == 0 || start < 0 {
		c.close()
		return
	}
	typed := text[start+1:]
	c.start, c.people = start, m.mentionable(typed)
	if slices.ContainsFunc(c.people, func(address string) bool { return same(address, typed) }) {
		c.people = nil // nothing is left to complete
	}
	c.people = c.people[:min(len(c.people), mostCompletions)]
	c.rows.RemoveAll()
	for _, address := range c.people {
		c.rows.Add(widgets.NewInfoAction(assets.IconUser, m.name(address)+"  @"+address, func() { c.take(address) }))
	}
	c.screen.setShown(c.object, len(c.people) > 0)
	c.screen.root.Refresh()
}

// mentionStart is the index of the @ of an unfinished mention at the end of a text, or -1.
func mentionStart(text string) int {
	at := strings.LastIndexByte(text, '@')
	if at < 0 || strings.ContainsAny(text[at:], " \n\t") || at > 0 && wordBefore(text[:at]) {
		return -1
	}
	return at
}

// choose chooses the first member offered; it returns false without one.
func (c *completion) choose() bool {
	if !c.object.Visible() || len(c.people) == 0 {
		return false
	}
	c.take(c.people[0])
	return true
}

func (c *completion) take(address string) {
	s := c.screen
	text := s.composer.Text()
	if c.start < len(text) {
		text = text[:c.start] + "@" + address + " "
		s.composer.SetText(text)
		s.with(func(m *Model) { m.setDraft(text) })
	}
	c.close()
	s.composer.Focus()
}

// close hides the offer; it reports whether there was one.
func (c *completion) close() bool {
	shown := c.object.Visible()
	c.people = nil
	c.screen.setShown(c.object, false)
	return shown
}

// backdrop is a rectangle in the composer's colour, which follows the theme.
type backdrop struct{ widget.BaseWidget }

func newBackdrop() *backdrop {
	b := &backdrop{}
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *backdrop) CreateRenderer() fyne.WidgetRenderer {
	rect := canvas.NewRectangle(theme.Color(widgets.ColorChatPane))
	return &backdropRenderer{WidgetRenderer: widget.NewSimpleRenderer(rect), rect: rect}
}

type backdropRenderer struct {
	fyne.WidgetRenderer

	rect *canvas.Rectangle
}

// Refresh implements fyne.WidgetRenderer.
func (r *backdropRenderer) Refresh() {
	r.rect.FillColor = theme.Color(widgets.ColorChatPane)
	r.rect.Refresh()
}
