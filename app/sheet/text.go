package sheet

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets"
)

// NewText is a line in one of the design's colours, without a margin.
func NewText(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) fyne.CanvasObject {
	return Bare(NewRichText(text, size, ink, bold))
}

// NewWrapped is NewText in as many lines as it needs at its width.
func NewWrapped(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) fyne.CanvasObject {
	return Bare(Wrap(NewRichText(text, size, ink, bold)))
}

// Wrap breaks a text into lines. Before its first layout it counts as wide as a sheet.
func Wrap(t *widgets.Words) *widgets.Words {
	t.Wrap(width - 2*inset + 2*theme.InnerPadding())
	return t
}

// NewParagraph is text as wide as a sheet.
func NewParagraph(text string) fyne.CanvasObject {
	return NewWrapped(text, theme.SizeNameText, widgets.ColorSecondary, false)
}

// NewCaption is a paragraph in small letters.
func NewCaption(text string) fyne.CanvasObject {
	return NewWrapped(text, theme.SizeNameCaptionText, widgets.ColorSecondary, false)
}

// NewSection is the heading of a group of rows.
func NewSection(text string) fyne.CanvasObject {
	title := NewText(text, theme.SizeNameCaptionText, widgets.ColorSecondary, true)
	return container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), title)
}

// NewRow puts a field beside its label.
func NewRow(label string, field fyne.CanvasObject) fyne.CanvasObject {
	text := NewText(label, theme.SizeNameText, widgets.ColorText, false)
	middle := container.NewVBox(layout.NewSpacer(), text, layout.NewSpacer())
	return container.New(widgets.Mirrored(layout.NewGridLayout(2)), middle, field)
}

// NewRichText is a line of text whose colour follows the theme.
func NewRichText(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) *widgets.Words {
	return widgets.NewWords(text, widget.RichTextStyle{
		ColorName: ink, SizeName: size, TextStyle: fyne.TextStyle{Bold: bold},
	})
}

// Bare removes the margin that a text has by default.
func Bare(o fyne.CanvasObject) fyne.CanvasObject {
	pad := -theme.InnerPadding()
	return container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad), o)
}
