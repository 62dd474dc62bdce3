package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets"
)

const sheetWidth = 420

// sheetContent is what a sheet shows.
type sheetContent struct {
	title   string
	content fyne.CanvasObject
	verb    string      // of the button that does something; empty for a sheet that only shows
	do      func() bool // tells whether the sheet may close
	focus   fyne.Focusable
	also    *widgets.Action // another button beside the main one
	plain   bool            // the content has buttons of its own
	gives   bool            // the content takes less height where there is less
}

// sheet is a card over the window: a title, content, and buttons. Esc and a press beside it close it, Enter presses its main button.
type sheet struct {
	object  fyne.CanvasObject
	primary func()
}

// showSheet replaces the sheet that is shown, if there is one.
func (a *App) showSheet(c sheetContent) {
	a.closeSheet()
	s := &sheet{primary: a.closeSheet}
	buttons := container.NewHBox(layout.NewSpacer())
	switch {
	case c.plain:
		s.primary = func() {}
	case c.verb == "":
		buttons.Add(widgets.NewActionButton(widgets.Action{Text: "Close", Primary: true, Tapped: s.primary}))
	default:
		s.primary = func() {
			if c.do() {
				a.closeSheet()
			}
		}
		buttons.Add(widgets.NewActionButton(widgets.Action{Text: "Cancel", Tapped: a.closeSheet}))
		if c.also != nil {
			buttons.Add(widgets.NewActionButton(*c.also))
		}
		buttons.Add(widgets.NewActionButton(widgets.Action{Text: c.verb, Primary: true, Tapped: s.primary}))
	}
	parts := []fyne.CanvasObject{newWrapped(c.title, theme.SizeNameSubHeadingText, widgets.ColorText, true), a.fitting(c)}
	if !c.plain {
		parts = append(parts, buttons)
	}
	body := widgets.NewPile(12, 1, parts...) // in a low window the content gets less
	s.object = container.NewStack(newScrim(a.closeSheet), widgets.NewCard(sheetWidth, body))
	a.sheet = s
	view := a.window.Canvas()
	view.Overlays().Add(s.object)
	s.object.Resize(view.Size())
	if c.focus != nil {
		view.Focus(c.focus)
	}
}

// fitting gives the content of a sheet; what is too high for the window is scrolled.
func (a *App) fitting(c sheetContent) fyne.CanvasObject {
	const around = 140 // title, margins, buttons
	room := max(80, a.window.Canvas().Size().Height-around)
	if c.plain || c.gives || c.content.MinSize().Height <= room {
		return c.content
	}
	floor := canvas.NewRectangle(color.Transparent)
	floor.SetMinSize(fyne.NewSize(0, room))
	return container.NewStack(floor, container.NewVScroll(c.content))
}

// closeSheet takes the sheet away, if there is one.
func (a *App) closeSheet() {
	if a.sheet == nil {
		return
	}
	a.window.Canvas().Overlays().Remove(a.sheet.object)
	a.sheet, a.sending = nil, nil
}

// confirm asks before something that cannot be undone.
func (a *App) confirm(question, text, verb string, do func()) {
	a.showSheet(sheetContent{title: question, content: newParagraph(text), verb: verb, do: func() bool {
		do()
		return true
	}})
}

// newText is a line in one of the design's colours, without a margin.
func newText(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) fyne.CanvasObject {
	return bare(richText(text, size, ink, bold))
}

// newWrapped is newText in as many lines as it takes at the width it is given.
func newWrapped(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) fyne.CanvasObject {
	return bare(wrapped(richText(text, size, ink, bold)))
}

// wrapped has a text broken into lines. Before it is laid out it is taken to be as wide as a sheet.
func wrapped(t *widget.RichText) *widget.RichText {
	t.Wrapping = fyne.TextWrapWord
	t.Resize(fyne.NewSize(sheetWidth-48+2*theme.InnerPadding(), 0))
	return t
}

// newParagraph is text as wide as a sheet, in as many lines as it takes.
func newParagraph(text string) fyne.CanvasObject {
	return newWrapped(text, theme.SizeNameText, widgets.ColorSecondary, false)
}

func richText(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) *widget.RichText {
	return widget.NewRichText(&widget.TextSegment{Text: text, Style: widget.RichTextStyle{
		ColorName: ink, SizeName: size, TextStyle: fyne.TextStyle{Bold: bold},
	}})
}

// bare takes away the margin that a text has by itself.
func bare(o fyne.CanvasObject) fyne.CanvasObject {
	pad := -theme.InnerPadding()
	return container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad), o)
}

// scrim darkens the window behind a sheet and takes every press that is not for it.
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
