package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// entryHint is the placeholder of an entry in a language that is written to the left: the toolkit would put its words into
// the wrong order. In other languages it is the toolkit's.
type entryHint struct {
	words string
	entry *widget.Entry
	label *draw.Text // nil without words
	set   *text.Typesetter
}

// take sets the words of an entry, and reports false where they are the toolkit's.
func (h *entryHint) take(e *widget.Entry, words string) bool {
	if !tr.RightToLeft() {
		return false
	}
	h.entry, h.words = e, words
	if h.label == nil {
		h.label, h.set = draw.NewText(), text.NewTypesetter()
	}
	return true
}

// over adds the words to the objects of the entry.
func (h *entryHint) over(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if h.label == nil {
		return objects
	}
	return append(slices.Clip(objects), h.label)
}

// place puts the words where text starts.
func (h *entryHint) place(objects []fyne.CanvasObject) {
	if h.label == nil {
		return
	}
	draw.SetVisible(h.label, h.entry.Text == "")
	for _, o := range objects {
		if scroll, ok := o.(*container.Scroll); ok {
			f, pad := text.Font{Size: theme.TextSize()}, theme.InnerPadding()
			words := h.set.Fit(h.words, f, scroll.Size().Width-2*pad)
			draw.SetText(h.label, words, f, theme.Color(theme.ColorNamePlaceHolder))
			draw.PlaceUnflipped(h.label, draw.SnapPx(scroll.Position().X+pad), pad, 1, 1)
		}
	}
}
