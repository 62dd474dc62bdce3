package sheet

import (
	"cmp"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	width = 420
	inset = 24 // between a sheet's edge and its content
)

// Content is what a sheet shows.
type Content struct {
	Title string // empty when Body has its own
	Body  fyne.CanvasObject
	// Verb is the text of the main button. Without one the sheet only has a Close button.
	Verb string
	// Do runs when the main button is pressed; it reports whether the sheet may close.
	Do func() bool
	// Focus gets the keyboard. Default: nothing does, and Enter presses the main button.
	Focus fyne.Focusable
	// Danger is for what cannot be undone: the main button is red, and Cancel has the keyboard.
	Danger bool
	// Extra is another button, beside the main one.
	Extra *widgets.Action
	// Plain is for a Body with buttons of its own.
	Plain bool
	// Shrinks is for a Body that copes with less height; others are scrolled in a low window.
	Shrinks bool
	// Width is the largest width of the sheet. Default: that of a question.
	Width float32
	// Closed runs when the sheet has gone, for whatever reason.
	Closed func()
}

// Host shows one sheet at a time over a window: a card with a title, content and buttons.
// Esc and a press beside the card close it, Enter presses its main button.
type Host struct {
	window   fyne.Window
	shortcut func(fyne.Shortcut) bool
	shown    *shown // nil without a sheet
	blocked  bool
	layer    *fyne.Container // what sheets lie in; nil: over everything
	below    float32         // height of what they leave free then
	timer    Timer           // nil: Say does nothing
	changed  func()          // called when Shown has changed
}

type shown struct {
	object  fyne.CanvasObject
	toast   *Toast        // nil without a timer
	tips    *widgets.Tips // nil without a timer
	primary func()
	closed  func()
}

// NewHost makes a Host for a window. shortcut handles keys that fields of sheets do not know, and reports whether it
// did; nil handles none.
func NewHost(w fyne.Window, shortcut func(fyne.Shortcut) bool) *Host {
	return &Host{window: w, shortcut: shortcut, changed: func() {}}
}

// NewHostAbove makes a Host whose sheets leave the lowest part of a window usable. The layer must lie over the content.
func NewHostAbove(w fyne.Window, below float32) (h *Host, layer fyne.CanvasObject) {
	h = NewHost(w, nil)
	h.layer, h.below = &fyne.Container{Layout: &aboveLayout{below}}, below
	return h, h.layer
}

// aboveLayout leaves the lowest part free.
type aboveLayout struct{ below float32 }

// Layout implements fyne.Layout.
func (l *aboveLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.Position{})
		o.Resize(fyne.NewSize(size.Width, max(0, size.Height-l.below)))
	}
}

// MinSize implements fyne.Layout: the window does not become larger for a sheet.
func (l *aboveLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// SetOnChanged sets what is called when a sheet is shown, and when it has gone.
func (h *Host) SetOnChanged(f func()) { h.changed = f }

// SetTimer lets Say show something, for a while.
func (h *Host) SetTimer(t Timer) { h.timer = t }

// Say shows a line over the sheet for a while, as the window's toast does.
func (h *Host) Say(text string) {
	if h.shown != nil && h.shown.toast != nil {
		h.shown.toast.Show(text)
	}
}

// NewField makes a field for a sheet: Esc closes the sheet.
func (h *Host) NewField(placeholder string) *widgets.Field {
	f := widgets.NewField(placeholder)
	f.OnEscape, f.OnShortcut = h.Close, h.shortcut
	return f
}

// NewPicker makes a list to pick from for a sheet: Esc closes the sheet.
func (h *Host) NewPicker(d widgets.PickerData) *widgets.PickerList {
	p := widgets.NewPickerList(d)
	p.OnEscape, p.OnShortcut, p.OnFocus = h.Close, h.shortcut, h.window.Canvas().Focus
	return p
}

// Choice is an entry of a list to choose from.
type Choice struct {
	Label string
	Value int64
}

// NewSelect makes a list to choose from for a sheet: Esc closes the sheet. chosen is called with the value of each choice.
func (h *Host) NewSelect(choices []Choice, now int64, chosen func(value int64)) *widgets.Select {
	labels := make([]string, len(choices))
	for i, c := range choices {
		labels[i] = c.Label
	}
	s := widgets.NewSelect(h.window.Canvas(), labels, slices.IndexFunc(choices, func(c Choice) bool { return c.Value == now }))
	s.OnEscape = h.Close
	s.OnChosen = func(i int) { chosen(choices[i].Value) }
	return s
}

// NewCheck makes a check box for a sheet: Esc closes the sheet.
func (h *Host) NewCheck(label string, changed func(on bool)) fyne.CanvasObject {
	c := &check{escape: h.Close}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return widgets.NewCheckBox(c)
}

// check is a check box that knows the Escape key.
type check struct {
	widgets.Check

	escape func()
}

// TypedKey implements fyne.Focusable.
func (c *check) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		c.escape()
		return
	}
	c.Check.TypedKey(e)
}

// button makes a button of a sheet: Esc closes the sheet.
func (h *Host) button(a widgets.Action) *widgets.ActionButton {
	b := widgets.NewActionButton(a)
	b.OnEscape = h.Close
	return b
}

// SetBlocked closes the sheet, and lets none be shown until it is called again.
func (h *Host) SetBlocked(blocked bool) {
	h.blocked = blocked
	h.Close()
}

// Show replaces the sheet that is shown, if any.
func (h *Host) Show(c Content) {
	h.Close()
	if h.blocked {
		if c.Closed != nil {
			c.Closed()
		}
		return
	}
	s := &shown{primary: h.Close, closed: c.Closed}
	buttons := widgets.NewHBox(layout.NewSpacer())
	switch {
	case c.Plain:
		s.primary = func() {}
	case c.Verb == "":
		buttons.Add(h.button(widgets.Action{Text: tr.L("Close"), Primary: true, Tapped: s.primary}))
	default:
		s.primary = func() {
			if c.Do() {
				h.Close()
			}
		}
		cancel := h.button(widgets.Action{Text: tr.L("Cancel"), Tapped: h.Close})
		buttons.Add(cancel)
		if c.Extra != nil {
			buttons.Add(h.button(*c.Extra))
		}
		buttons.Add(h.button(widgets.Action{Text: c.Verb, Primary: !c.Danger, Danger: c.Danger, Tapped: s.primary}))
		if c.Danger {
			c.Focus, s.primary = cancel, func() {}
		}
	}
	var parts []fyne.CanvasObject
	if c.Title != "" {
		parts = append(parts, NewWrapped(c.Title, theme.SizeNameSubHeadingText, widgets.ColorText, true))
	}
	body := len(parts) // which shrinks in a low window
	parts = append(parts, h.fit(c))
	if !c.Plain {
		parts = append(parts, buttons)
	}
	card := widgets.NewCard(cmp.Or(c.Width, width), widgets.NewPile(12, body, parts...))
	layers := container.NewStack(newScrim(h.Close), card)
	if h.timer != nil {
		s.toast = NewToast(h.window.Canvas(), h.timer, func(fyne.Size) {}, whole, func() {})
		layers.Add(s.toast.Object())
		s.tips = widgets.NewTips(h.timer.After)
		s.tips.Attach()
		layers.Add(s.tips)
	}
	s.object = layers
	h.shown = s
	view := h.window.Canvas()
	if h.layer == nil {
		widgets.AddLayer(view, s.object)
	} else {
		view.Unfocus()
		h.layer.Objects = []fyne.CanvasObject{s.object}
		h.layer.Refresh()
	}
	if c.Focus != nil {
		view.Focus(c.Focus)
		card.OnTapped = func() { view.Focus(c.Focus) }
	}
	h.changed()
}

// fit returns the body of a sheet, in a scroller when it is too high for the window.
func (h *Host) fit(c Content) fyne.CanvasObject {
	const around = 140 // title, margins, buttons
	room := max(80, h.window.Canvas().Size().Height-h.below-around)
	if c.Plain || c.Shrinks || c.Body.MinSize().Height <= room {
		return c.Body
	}
	floor := canvas.NewRectangle(color.Transparent)
	floor.SetMinSize(fyne.NewSize(0, room))
	return container.NewStack(floor, container.NewVScroll(c.Body))
}

// Close removes the sheet, if any.
func (h *Host) Close() {
	s := h.shown
	if s == nil {
		return
	}
	h.shown = nil
	if s.toast != nil {
		s.toast.Hide()
		s.tips.Detach()
	}
	if h.layer == nil {
		widgets.RemoveLayer(h.window.Canvas(), s.object)
	} else {
		h.layer.Objects = nil
		h.layer.Refresh()
	}
	if s.closed != nil {
		s.closed()
	}
	h.changed()
}

// Mark returns what CloseMarked closes: the sheet that is shown.
func (h *Host) Mark() any { return h.shown }

// CloseMarked closes a sheet, if it is still shown.
func (h *Host) CloseMarked(mark any) {
	if h.shown != nil && mark == any(h.shown) {
		h.Close()
	}
}

// Shown reports whether there is a sheet.
func (h *Host) Shown() bool { return h.shown != nil }

// Is reports whether an object that lies over the window is the sheet.
func (h *Host) Is(o fyne.CanvasObject) bool { return h.shown != nil && h.shown.object == o }

// Submit presses the main button of the sheet, if any.
func (h *Host) Submit() {
	if h.shown != nil {
		h.shown.primary()
	}
}

// Relayout lays the sheet out again, after something on it changed its height.
func (h *Host) Relayout() {
	if h.shown != nil {
		h.shown.object.Refresh()
	}
}

// Confirm asks before something that cannot be undone.
func (h *Host) Confirm(question, text, verb string, do func()) {
	h.Show(Content{Title: question, Body: NewParagraph(text), Verb: verb, Danger: true, Do: func() bool {
		h.Close() // so that do can focus what it leaves
		do()
		return false
	}})
}

// scrim darkens the window behind a sheet and takes every press beside it.
type scrim struct {
	widget.BaseWidget

	pressed func()
}

var (
	_ fyne.Tappable   = (*scrim)(nil)
	_ fyne.Scrollable = (*scrim)(nil)
)

func newScrim(pressed func()) *scrim {
	s := &scrim{pressed: pressed}
	s.ExtendBaseWidget(s)
	return s
}

// Tapped implements fyne.Tappable.
func (s *scrim) Tapped(*fyne.PointEvent) { s.pressed() }

// Scrolled implements fyne.Scrollable.
func (s *scrim) Scrolled(*fyne.ScrollEvent) {}

// CreateRenderer implements fyne.Widget.
func (s *scrim) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(theme.Color(widgets.ColorShadow)))
}
