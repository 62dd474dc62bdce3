package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Words is a text with the toolkit's margin around it. It is the toolkit's, but in a language that is written to the left:
// there the toolkit would start it at the left, and put parts of it into the wrong order.
type Words struct {
	widget.BaseWidget

	segment *widget.TextSegment
	rich    *widget.RichText // nil where it is drawn by this package
	wraps   bool
	set     *text.Typesetter
}

var _ fyne.Widget = (*Words)(nil)

// NewWords returns a line of text.
func NewWords(words string, style widget.RichTextStyle) *Words {
	w := &Words{segment: &widget.TextSegment{Style: style}, set: text.NewTypesetter()}
	if !tr.RightToLeft() {
		w.rich = widget.NewRichText(w.segment)
	}
	w.put(words)
	w.ExtendBaseWidget(w)
	return w
}

func (w *Words) put(words string) {
	if w.rich != nil {
		words = Unclipped(words, w.segment.Style.TextStyle.Bold)
	}
	w.segment.Text = words
}

// Wrap breaks the text into as many lines as it needs at its width. Before its first layout it counts as so wide.
func (w *Words) Wrap(width float32) {
	w.wraps = true
	if w.rich != nil {
		w.rich.Wrapping = fyne.TextWrapWord
	}
	w.Resize(fyne.NewSize(width, 0))
}

// SetText replaces the text.
func (w *Words) SetText(words string) {
	w.put(words)
	w.Refresh()
}

// Refresh implements fyne.CanvasObject.
func (w *Words) Refresh() {
	if w.rich != nil {
		w.rich.Refresh()
	}
	w.BaseWidget.Refresh()
}

func (w *Words) font() text.Font {
	style := w.segment.Style
	return text.Font{Size: theme.Size(style.SizeName), Bold: style.TextStyle.Bold}
}

// lines wraps the text for the current width.
func (w *Words) lines() (words string, lines []text.Line) {
	words = text.Clean(w.segment.Text)
	if !w.wraps {
		width := w.set.LineWidth(words, w.font())
		return words, []text.Line{{End: len(words), Width: width, RTL: text.IsRTL(words)}}
	}
	return words, w.set.Wrap(words, w.font(), max(1, w.Size().Width-2*theme.InnerPadding()), 0)
}

// MinSize implements fyne.CanvasObject.
func (w *Words) MinSize() fyne.Size {
	if w.rich != nil {
		return w.rich.MinSize()
	}
	_, lines := w.lines()
	width := theme.TextSize()
	if !w.wraps {
		width = draw.CeilPx(lines[0].Width)
	}
	height := float32(max(1, len(lines))) * text.Height(w.font())
	return fyne.NewSize(width, height).Add(fyne.NewSquareSize(2 * theme.InnerPadding()))
}

// CreateRenderer implements fyne.Widget.
func (w *Words) CreateRenderer() fyne.WidgetRenderer {
	if w.rich != nil {
		return widget.NewSimpleRenderer(w.rich)
	}
	group := draw.NewGroup()
	return draw.NewRenderer([]fyne.CanvasObject{group}, w.MinSize, func(size fyne.Size) {
		draw.Place(group, 0, 0, size.Width, size.Height)
		group.Objects = group.Objects[:0]
		words, lines := w.lines()
		pad := theme.InnerPadding()
		for i, line := range lines {
			t := draw.NewText()
			draw.SetLine(t, line, words, w.font(), theme.Color(w.segment.Style.ColorName))
			x := pad
			if w.segment.Style.Alignment == fyne.TextAlignCenter {
				x = (size.Width - line.Width) / 2
			}
			draw.PlaceText(t, x, pad+float32(i)*text.Height(w.font()))
			group.Objects = append(group.Objects, t)
		}
	})
}
