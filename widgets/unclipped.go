package widgets

import (
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Unclipped returns a text for Fyne's own widgets, which cut off what a first glyph such as J has left of its place:
// with a narrow space before it. The theme will have the font for its emoji. Widgets of this package do that themselves.
func Unclipped(s string, bold bool) string {
	EnsureEmoji(s, bold)
	return draw.WithOverhang(s, text.Font{Size: TextBody})
}
