package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets"
)

const sheetWidth = 360

// sheet is a small page over the window: a title, content, and buttons. Esc closes it, Enter presses the last button.
type sheet struct {
	popup   *widget.PopUp
	primary func()
	closed  func()
}

// sheetContent is what a sheet shows.
type sheetContent struct {
	title   string
	content fyne.CanvasObject
	verb    string      // of the button that does something; empty for a sheet that only shows
	do      func() bool // tells whether the sheet may close
	focus   fyne.Focusable
}

// showSheet replaces the sheet that is shown, if there is one.
func (a *App) showSheet(c sheetContent) {
	a.closeSheet()
	s := &sheet{}
	cancel := widgets.Action{Text: "Cancel", Tapped: a.closeSheet}
	if c.verb == "" {
		cancel = widgets.Action{Text: "Close", Primary: true, Tapped: a.closeSheet}
		s.primary = a.closeSheet
	}
	buttons := container.NewHBox(layout.NewSpacer(), widgets.NewActionButton(cancel))
	if c.verb != "" {
		s.primary = func() {
			if c.do() {
				a.closeSheet()
			}
		}
		buttons.Add(widgets.NewActionButton(widgets.Action{Text: c.verb, Primary: true, Tapped: s.primary}))
	}
	width := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	width.SetMinSize(fyne.NewSize(sheetWidth, 0))
	body := container.NewVBox(width, sheetText(c.title, theme.SizeNameSubHeadingText, widgets.ColorText, true), c.content, buttons)
	s.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(8, 12, 12, 12), body), a.window.Canvas())
	a.sheet = s
	s.popup.Show()
	if c.focus != nil {
		a.window.Canvas().Focus(c.focus)
	}
}

// closeSheet takes the sheet away, if there is one.
func (a *App) closeSheet() {
	if a.sheet == nil {
		return
	}
	a.sheet.popup.Hide()
	a.sheet = nil
}

// confirm asks before something that cannot be undone.
func (a *App) confirm(question, text, verb string, do func()) {
	words := sheetText(text, theme.SizeNameText, widgets.ColorSecondary, false)
	words.Wrapping = fyne.TextWrapWord
	a.showSheet(sheetContent{title: question, content: words, verb: verb, do: func() bool {
		do()
		return true
	}})
}

// sheetText is text in one of the design's colours.
func sheetText(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) *widget.RichText {
	return widget.NewRichText(&widget.TextSegment{Text: text, Style: widget.RichTextStyle{
		ColorName: ink, SizeName: size, TextStyle: fyne.TextStyle{Bold: bold},
	}})
}
