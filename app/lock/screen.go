package lock

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	cardWidth = 360
	iconSide  = 32
)

// Screen is what the window shows while it is locked.
type Screen struct {
	model   *Model
	window  fyne.Canvas
	field   *widgets.Field
	problem *widgets.Words
	button  *widgets.ActionButton
	object  fyne.CanvasObject
}

// NewScreen makes the screen for the window with this canvas. shortcut handles keys that the field does not know, and
// unlocked is called after the right passcode.
func NewScreen(
	ui Dispatcher, hash string, window fyne.Canvas, shortcut func(fyne.Shortcut) bool, unlocked func(),
) *Screen {
	s := &Screen{window: window}
	s.model = NewModel(ui, hash, s.refresh, unlocked)
	s.field = widgets.NewField(tr.L("Passcode"))
	s.field.Password = true
	s.field.OnSubmitted, s.field.OnShortcut = func(string) { s.try() }, shortcut
	s.problem = sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	s.button = widgets.NewActionButton(widgets.Action{Text: tr.L("Unlock"), Primary: true, Tapped: s.try})
	icon := canvas.NewImageFromResource(assets.IconLock.Themed(widgets.ColorSecondary))
	icon.SetMinSize(fyne.NewSquareSize(iconSide))
	title := sheet.NewText(tr.L("Parley is locked"), theme.SizeNameSubHeadingText, widgets.ColorText, true)
	pile := widgets.NewPile(12, 0, container.NewCenter(icon), container.NewCenter(title), s.field, sheet.Bare(s.problem),
		container.NewCenter(s.button))
	s.object = widgets.NewCard(cardWidth, pile)
	return s
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.object }

// Focus focuses the field.
func (s *Screen) Focus() { s.window.Focus(s.field) }

// Close stops what the screen waits for.
func (s *Screen) Close() { s.model.Close() }

func (s *Screen) try() {
	if s.model.Try(s.field.Text) {
		s.field.SetText("")
	}
	s.Focus()
}

func (s *Screen) refresh() {
	s.problem.SetText(s.model.Problem())
	words := tr.L("Unlock")
	if s.model.Busy() {
		words = tr.L("Unlocking…")
	}
	s.button.SetAction(widgets.Action{Text: words, Primary: true, Tapped: s.try})
	s.object.Refresh()
}
