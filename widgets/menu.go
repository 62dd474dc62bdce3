package widgets

import (
	"slices"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// MenuItem is a line of a menu.
type MenuItem struct {
	Text     string
	Icon     assets.Icon // empty for none
	Key      string      // that does the same, such as "Ctrl+F"; empty for none
	Danger   bool        // what it does cannot be undone
	Checked  bool
	Disabled bool
	Do       func()
	Sub      []*MenuItem // opened beside the line, nil for none

	separator bool
}

// NewMenuItem returns a line that does something.
func NewMenuItem(words string, do func()) *MenuItem { return &MenuItem{Text: words, Do: do} }

// NewMenuSeparator returns a line between groups of others.
func NewMenuSeparator() *MenuItem { return &MenuItem{separator: true} }

// With sets the icon.
func (m *MenuItem) With(icon assets.Icon) *MenuItem {
	m.Icon = icon
	return m
}

// WithKey sets the key.
func (m *MenuItem) WithKey(key string) *MenuItem {
	m.Key = key
	return m
}

// Dangerous marks what cannot be undone.
func (m *MenuItem) Dangerous() *MenuItem {
	m.Danger = true
	return m
}

func (m *MenuItem) chosen() bool { return !m.separator && !m.Disabled }

// Menu is a list of things to do, over everything in a window. The arrow keys, Home, End and first letters choose a line,
// Enter does it; Escape and a press beside the menu close it.
type Menu struct {
	widget.BaseWidget

	window fyne.Canvas
	panes  []*menuPane // each opened by a line of the one before
	closed func()      // called when it has gone, before what a line does
	set    *text.Typesetter
}

var (
	_ fyne.Widget            = (*Menu)(nil)
	_ fyne.Tappable          = (*Menu)(nil)
	_ fyne.SecondaryTappable = (*Menu)(nil)
	_ fyne.Focusable         = (*Menu)(nil)
	_ fyne.Scrollable        = (*Menu)(nil)
	_ desktop.Hoverable      = (*Menu)(nil)
	_ desktop.Cursorable     = (*Menu)(nil)
)

const (
	menuPad      = float32(6) // around the lines
	menuRow      = float32(34)
	menuLine     = float32(9) // a separator
	menuIconRoom = float32(30)
	menuMargin   = float32(4) // to the edges of the window
	menuLeast    = float32(160)
	menuTextPad  = float32(10)
	menuKeyGap   = float32(24)
	menuChevron  = float32(14)
)

func menuFont() text.Font { return text.Font{Size: TextPreview} }

// menuPane is a list of lines in a pane.
type menuPane struct {
	items  []*MenuItem
	at     draw.Box // in the window, as for draw.Place
	height float32  // of all lines with what is around them; more than at has is scrolled
	from   float32  // how far they are scrolled
	rolled float32  // from, between two lines
	now    int      // the chosen line, -1 for none
	icons  bool     // some line has an icon or a check mark
}

// ShowMenu opens a menu whose corner is at a position in a window, as far as there is room: the left one, in a language
// that is written to the left the right one. It has the keyboard.
func ShowMenu(window fyne.Canvas, at fyne.Position, items ...*MenuItem) *Menu {
	m := &Menu{window: window, set: text.NewTypesetter()}
	m.ExtendBaseWidget(m)
	window.Overlays().Add(m)
	m.Resize(window.Size())
	at = draw.FlipPoint(at, window.Size().Width)
	m.open(items, draw.NewBox(at.X, at.Y, 0, 0), false)
	window.Focus(m)
	return m
}

// Start chooses the line that is checked, so that the arrow keys start there.
func (m *Menu) Start() {
	if line := slices.IndexFunc(m.panes[0].items, func(item *MenuItem) bool { return item.Checked }); line >= 0 {
		m.choose(0, line)
	}
}

// ShowMenuAbove opens a menu that ends at a position, with its middle over it.
func ShowMenuAbove(window fyne.Canvas, at fyne.Position, items ...*MenuItem) *Menu {
	m := ShowMenu(window, at, items...)
	p := m.panes[0]
	at = draw.FlipPoint(at, window.Size().Width)
	p.at.X = draw.SnapPx(max(menuMargin, min(at.X-p.at.W/2, window.Size().Width-p.at.W-menuMargin)))
	p.at.Y = draw.SnapPx(max(menuMargin, at.Y-p.at.H))
	m.Refresh()
	return m
}

// showChoices opens a menu below a field, or above it where there is more room, at least as wide as the field. A line of
// it, -1 for none, is chosen, and seen in the middle of lines that do not all fit.
func showChoices(window fyne.Canvas, field draw.Box, now int, closed func(), items []*MenuItem) {
	m := ShowMenu(window, fyne.NewPos(field.X, 0), items...)
	field.X = draw.FlipBox(field, window.Size().Width).X
	m.closed = closed
	p, edge := m.panes[0], window.Size()
	below, above := edge.Height-field.Y-field.H-menuMargin, field.Y-menuMargin
	up := p.height > below && above > below
	room := below
	if up {
		room = above
	}
	p.at.H = min(p.height, 2*menuPad+max(1, float32(int((room-2*menuPad)/menuRow)))*menuRow)
	p.at.W = min(max(p.at.W, field.W), edge.Width-2*menuMargin)
	p.at.X = max(menuMargin, min(draw.SnapPx(field.X), edge.Width-p.at.W-menuMargin))
	p.at.Y = draw.SnapPx(field.Y + field.H)
	if up {
		p.at.Y = draw.SnapPx(field.Y - p.at.H)
	}
	if p.now = now; now >= 0 {
		b := p.box(now)
		p.scroll(b.Y + b.H/2 - p.at.Y - p.at.H/2)
	}
	m.Refresh()
}

// open adds a pane below an area, or beside it.
func (m *Menu) open(items []*MenuItem, of draw.Box, beside bool) {
	p := &menuPane{items: items, now: -1, height: 2 * menuPad}
	width := float32(0)
	for _, item := range items {
		p.height += item.height()
		p.icons = p.icons || item.Icon != "" || item.Checked
		width = max(width, m.set.LineWidth(item.Text, menuFont())+item.trailing(m.set))
	}
	width += 2*menuPad + 2*menuTextPad
	if p.icons {
		width += menuIconRoom
	}
	window := m.Size()
	width = min(max(draw.CeilPx(width), menuLeast), window.Width-2*menuMargin)
	height := min(p.height, window.Height-2*menuMargin)
	x, y := of.X, of.Y
	if beside {
		x, y = of.X+of.W-menuPad, of.Y-menuPad
		if x+width > window.Width-menuMargin {
			x = of.X - width + menuPad
		}
	}
	x = max(menuMargin, min(x, window.Width-width-menuMargin))
	y = max(menuMargin, min(y, window.Height-height-menuMargin))
	p.at = draw.NewBox(draw.SnapPx(x), draw.SnapPx(y), width, height)
	m.panes = append(m.panes, p)
	m.Refresh()
}

// trailing returns the width of what is after the words.
func (m *MenuItem) trailing(set *text.Typesetter) float32 {
	width := float32(0)
	if m.Key != "" {
		width += menuKeyGap + set.LineWidth(m.Key, menuFont())
	}
	if m.Sub != nil {
		width += menuKeyGap + menuChevron
	}
	return width
}

func (m *MenuItem) height() float32 {
	if m.separator {
		return menuLine
	}
	return menuRow
}

// box returns the place of a line in the window.
func (p *menuPane) box(line int) draw.Box {
	y := p.at.Y + menuPad - p.from
	for _, item := range p.items[:line] {
		y += item.height()
	}
	return draw.NewBox(p.at.X+menuPad, y, p.at.W-2*menuPad, p.items[line].height())
}

// line returns the line at a position in the window, -1 for none.
func (p *menuPane) line(at fyne.Position) int {
	if !p.at.Contains(at.X, at.Y) {
		return -1
	}
	return slices.IndexFunc(p.items, func(item *MenuItem) bool {
		y := at.Y - p.at.Y - menuPad + p.from
		for _, before := range p.items {
			if before == item {
				break
			}
			y -= before.height()
		}
		return y >= 0 && y < item.height()
	})
}

// scrollTo scrolls so that a line is seen.
func (p *menuPane) scrollTo(line int) {
	b := p.box(line)
	if over := b.Y + b.H + menuPad - (p.at.Y + p.at.H); over > 0 {
		p.from += over
	}
	if under := p.at.Y + menuPad - b.Y; under > 0 {
		p.from -= under
	}
	p.rolled = p.from
}

// scroll scrolls by a distance, to the start of a line.
func (p *menuPane) scroll(by float32) {
	most := max(0, p.height-p.at.H)
	p.rolled = max(0, min(p.rolled+by, most))
	p.from = min(draw.SnapPx(p.rolled/menuRow)*menuRow, most)
}

// Hide closes the menu.
func (m *Menu) Hide() {
	m.window.Overlays().Remove(m)
	m.BaseWidget.Hide()
	draw.Invoke(m.closed)
}

// paneAt returns the topmost pane at a position, and its line there.
func (m *Menu) paneAt(at fyne.Position) (pane, line int) {
	at = draw.FlipPoint(at, m.Size().Width)
	for i, p := range slices.Backward(m.panes) {
		if p.at.Contains(at.X, at.Y) {
			return i, p.line(at)
		}
	}
	return -1, -1
}

// choose chooses a line of a pane, and opens what belongs to it in another one.
func (m *Menu) choose(pane, line int) {
	p := m.panes[pane]
	if p.now == line && len(m.panes) > pane+1 {
		return
	}
	m.panes = m.panes[:pane+1]
	p.now = -1
	if line >= 0 && p.items[line].chosen() {
		p.now = line
		if sub := p.items[line].Sub; sub != nil {
			m.open(sub, p.box(line), true)
		}
	}
	m.Refresh()
}

// do does what a line says, after the menu was closed.
func (m *Menu) do(item *MenuItem) {
	if item.Sub != nil || !item.chosen() {
		return
	}
	m.Hide()
	draw.Invoke(item.Do)
}

// Tapped implements fyne.Tappable.
func (m *Menu) Tapped(e *fyne.PointEvent) {
	pane, line := m.paneAt(e.Position)
	switch {
	case pane < 0:
		m.Hide()
	case line >= 0:
		m.choose(pane, line)
		m.do(m.panes[pane].items[line])
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (m *Menu) TappedSecondary(e *fyne.PointEvent) {
	if pane, _ := m.paneAt(e.Position); pane < 0 {
		m.Hide()
	}
}

// MouseIn implements desktop.Hoverable.
func (m *Menu) MouseIn(e *desktop.MouseEvent) { m.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (m *Menu) MouseMoved(e *desktop.MouseEvent) {
	if pane, line := m.paneAt(e.Position); pane >= 0 && line != m.panes[pane].now {
		m.choose(pane, line)
	}
}

// MouseOut implements desktop.Hoverable.
func (m *Menu) MouseOut() {}

// Cursor implements desktop.Cursorable.
func (m *Menu) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// Scrolled implements fyne.Scrollable.
func (m *Menu) Scrolled(e *fyne.ScrollEvent) {
	if pane, _ := m.paneAt(e.Position); pane >= 0 {
		m.panes = m.panes[:pane+1]
		m.panes[pane].scroll(-e.Scrolled.DY * draw.WheelFactor)
		m.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (m *Menu) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (m *Menu) FocusLost() {}

// TypedRune implements fyne.Focusable.
func (m *Menu) TypedRune(r rune) {
	p := m.top()
	for i := range p.items {
		line := (p.now + 1 + i) % len(p.items)
		first := []rune(p.items[line].Text + " ")[0]
		if p.items[line].chosen() && unicode.ToLower(first) == unicode.ToLower(r) {
			m.point(line)
			return
		}
	}
}

// top returns the pane that has the keyboard: the last one in which a line is chosen, or the first.
func (m *Menu) top() *menuPane {
	for i := len(m.panes) - 1; i > 0; i-- {
		if m.panes[i].now >= 0 {
			return m.panes[i]
		}
	}
	return m.panes[0]
}

// point chooses a line of the pane that has the keyboard.
func (m *Menu) point(line int) {
	p := m.top()
	p.scrollTo(line)
	m.choose(slices.Index(m.panes, p), line)
}

// step chooses the next line in a direction, from a line that may be outside.
func (m *Menu) step(from, by int) {
	p := m.top()
	for range p.items {
		from = (from + by + len(p.items)) % len(p.items)
		if p.items[from].chosen() {
			m.point(from)
			return
		}
	}
}

// TypedKey implements fyne.Focusable.
func (m *Menu) TypedKey(e *fyne.KeyEvent) {
	p := m.top()
	switch draw.FlipKey(e.Name) {
	case fyne.KeyEscape:
		m.Hide()
	case fyne.KeyDown:
		m.step(p.now, 1)
	case fyne.KeyUp:
		m.step(max(p.now, 0), -1)
	case fyne.KeyHome:
		m.step(-1, 1)
	case fyne.KeyEnd:
		m.step(0, -1)
	case fyne.KeyLeft:
		if i := slices.Index(m.panes, p); i > 0 {
			p.now = -1
			m.Refresh()
		}
	case fyne.KeyRight:
		m.enter(p)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if p.now >= 0 && !m.enter(p) {
			m.do(p.items[p.now])
		}
	}
}

// enter goes into what the chosen line of a pane has opened, and reports whether there is that.
func (m *Menu) enter(p *menuPane) bool {
	next := slices.Index(m.panes, p) + 1
	if next >= len(m.panes) {
		return false
	}
	inside := m.panes[next]
	inside.now = slices.IndexFunc(inside.items, (*MenuItem).chosen)
	m.Refresh()
	return true
}
