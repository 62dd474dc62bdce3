package login

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	cardWidth = 440
	markSide  = 56
)

// Screen shows the Model: one card in the middle of the window.
type Screen struct {
	model  *Model
	window fyne.Canvas
	dirty  bool
	post   func(func())

	root  *fyne.Container
	start *card
	join  *card
	name  *card
	shown *card
}

// card is one of the two cards.
type card struct {
	object  fyne.CanvasObject
	about   *widgets.Words
	field   *widgets.Field
	problem *widgets.Words
	said    string // in it
	button  *widgets.ActionButton
	action  widgets.Action
	busy    string // what the button says while it works
	other   *widgets.ActionButton
	restore *widgets.ActionButton
}

// NewScreen makes the screen and its Model, whose cfg.Changed it sets, for the window with this canvas. shortcut handles
// keys that the fields do not know.
func NewScreen(cfg Config, window fyne.Canvas, shortcut func(fyne.Shortcut) bool) *Screen {
	s := &Screen{window: window, post: cfg.Dispatcher.Post}
	cfg.Changed = s.changed
	s.model = NewModel(cfg)
	s.start = s.startCard()
	s.join = s.joinCard()
	s.name = s.nameCard()
	for _, c := range []*card{s.start, s.join, s.name} {
		c.field.OnShortcut = shortcut
	}
	s.shown = s.start
	s.root = container.NewStack(s.start.object)
	s.refresh()
	return s
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// focus focuses the field of the card that is shown, and selects what is in it, so that typing replaces a name that was
// only suggested.
func (s *Screen) focus() {
	field := s.current().field
	s.window.Focus(field)
	field.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
}

func (s *Screen) startCard() *card {
	c := &card{field: widgets.NewField(tr.L("Your name")), busy: tr.L("Starting…")}
	c.field.SetText(s.model.Name())
	start := func() { s.model.Start(c.field.Text) }
	c.action = widgets.Action{Text: tr.L("Start on this computer"), Primary: true, Tapped: start}
	c.other = widgets.NewTextButton(widgets.Action{Text: tr.L("Join a server"), Tapped: func() { s.Turn(true) }})
	c.field.OnEscape = func() { s.model.Cancel() }
	c.restore = widgets.NewTextButton(widgets.Action{Text: tr.L("Restore a backup"), Tapped: s.model.cfg.Restore})
	c.compose(tr.L("Welcome"), tr.L("No phone number, no cloud."), tr.L("Your name"), s.cancel())
	return c
}

func (s *Screen) joinCard() *card {
	c := &card{field: widgets.NewField(tr.L("Invite or access token")), busy: tr.L("Joining…")}
	c.action = widgets.Action{Text: tr.L("Join"), Primary: true, Tapped: func() { s.model.Join(c.field.Text) }}
	c.other = widgets.NewTextButton(widgets.Action{Text: tr.L("Back"), Tapped: func() { s.Turn(false) }})
	c.field.OnEscape = func() { s.Turn(false) }
	c.restore = widgets.NewTextButton(widgets.Action{Text: tr.L("Restore a backup"), Tapped: s.model.cfg.Restore})
	c.compose(tr.L("Join a server"), tr.L("Paste what you were given: it names the server and lets you in."),
		tr.L("Invite or access token"), s.cancel())
	return c
}

// nameCard asks for the name of a user who has an invite.
func (s *Screen) nameCard() *card {
	c := &card{field: widgets.NewField(tr.L("Your name")), busy: tr.L("Joining…")}
	c.field.SetText(s.model.Name())
	c.action = widgets.Action{Text: tr.L("Join"), Primary: true, Tapped: func() { s.model.JoinAs(c.field.Text) }}
	c.other = widgets.NewTextButton(widgets.Action{Text: tr.L("Back"), Tapped: func() { s.Turn(true) }})
	c.field.OnEscape = func() { s.Turn(true) }
	c.restore = widgets.NewTextButton(widgets.Action{Text: tr.L("Restore a backup"), Tapped: s.model.cfg.Restore})
	c.compose(tr.L("Join a server"), tr.L("Type the name that others will see."), tr.L("Your name"), s.cancel())
	return c
}

// cancel is the button that goes back to another account, nil where there is none.
func (s *Screen) cancel() *widgets.ActionButton {
	if s.model.cfg.Cancel == nil {
		return nil
	}
	return widgets.NewTextButton(widgets.Action{Text: tr.L("Cancel"), Tapped: func() { s.model.Cancel() }})
}

func (c *card) compose(title, text, label string, cancel *widgets.ActionButton) {
	c.button = widgets.NewActionButton(c.action)
	c.field.OnSubmitted = func(string) { c.action.Tapped() }
	c.problem = sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	c.problem.Wrap(cardWidth - 2*widgets.CardPad)
	c.problem.Hide()
	c.about = paragraph(text)
	mark := canvas.NewImageFromResource(assets.AppIcon())
	mark.SetMinSize(fyne.NewSquareSize(markSide))
	mark.FillMode = canvas.ImageFillContain
	below := widgets.NewHBox(c.other, c.restore)
	if cancel != nil {
		below.Add(cancel)
	}
	content := container.New(layout.NewCustomPaddedVBoxLayout(0),
		container.NewCenter(mark),
		gap(12),
		container.NewCenter(sheet.NewRichText(title, theme.SizeNameHeadingText, widgets.ColorText, true)),
		c.about,
		gap(20),
		sheet.NewRichText(label, theme.SizeNameCaptionText, widgets.ColorSecondary, true),
		inset(c.field),
		c.problem,
		gap(16),
		inset(c.button),
		gap(12),
		container.NewCenter(below),
	)
	c.object = widgets.NewCard(cardWidth, content)
}

// paragraph is a centred text in as many lines as it needs.
func paragraph(text string) *widgets.Words {
	t := widgets.NewWords(text, widget.RichTextStyle{
		ColorName: widgets.ColorSecondary, SizeName: theme.SizeNameText, Alignment: fyne.TextAlignCenter,
	})
	t.Wrap(cardWidth - 2*widgets.CardPad)
	return t
}

// inset adds the margin that texts have by default.
func inset(o fyne.CanvasObject) fyne.CanvasObject {
	pad := theme.InnerPadding()
	return container.New(layout.NewCustomPaddedLayout(0, 0, pad, pad), o)
}

func gap(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(0, height))
	return r
}

func (s *Screen) current() *card {
	switch {
	case s.model.Naming():
		return s.name
	case s.model.Joining():
		return s.join
	default:
		return s.start
	}
}

// Turn shows the card for an invite, or the one for a name, and focuses its field.
func (s *Screen) Turn(joining bool) {
	s.model.ShowJoin(joining)
	s.refresh()
	s.focus()
}

// Joining reports whether the card for an invite is shown.
func (s *Screen) Joining() bool { return s.model.Joining() }

// Offer shows the card for an invite with one in it, for the user to join with.
func (s *Screen) Offer(invite string) {
	s.join.field.SetText(invite)
	s.Turn(true)
}

func (s *Screen) changed() {
	if !s.dirty {
		s.dirty = true
		s.post(s.refresh)
	}
}

func (s *Screen) refresh() {
	s.dirty = false
	c := s.current()
	if s.shown != c {
		s.shown = c
		if c == s.name {
			c.about.SetText(strings.TrimSpace(s.model.Offer() + " " + tr.L("Type the name that others will see.")))
		}
		s.root.Objects[0] = c.object
		s.root.Refresh()
		if c == s.name {
			s.focus()
		}
	}
	action := c.action
	if s.model.Busy() {
		action.Text = c.busy
	}
	c.button.SetAction(action)
	for _, w := range []fyne.Disableable{c.button, c.field, c.other, c.restore} {
		switch {
		case s.model.Busy() == w.Disabled():
		case s.model.Busy():
			w.Disable()
		default:
			w.Enable()
		}
	}
	if problem := s.model.Problem(); problem != c.said {
		c.said = problem
		c.problem.SetText(problem)
		if problem == "" {
			c.problem.Hide()
		} else {
			c.problem.Show()
		}
		// its height depends on its width, which must be set before the card's layout
		c.problem.Resize(fyne.NewSize(c.field.Size().Width+2*theme.InnerPadding(), 0))
		c.problem.Refresh()
		c.object.Refresh()
	}
}
