package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// LevelBar shows how loud something is.
type LevelBar struct {
	widget.BaseWidget

	level float32
}

var _ fyne.Widget = (*LevelBar)(nil)

const levelHigh = float32(8)

// NewLevelBar returns a bar that shows silence.
func NewLevelBar() *LevelBar {
	b := &LevelBar{}
	b.ExtendBaseWidget(b)
	return b
}

// Set changes the level, from 0 to 1.
func (b *LevelBar) Set(level float32) {
	if b.level != level {
		b.level = level
		b.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (b *LevelBar) MinSize() fyne.Size { return fyne.NewSize(120, levelHigh) }

// CreateRenderer implements fyne.Widget.
func (b *LevelBar) CreateRenderer() fyne.WidgetRenderer {
	back, bar := &canvas.Rectangle{CornerRadius: levelHigh / 2}, &canvas.Rectangle{CornerRadius: levelHigh / 2}
	return draw.NewRenderer([]fyne.CanvasObject{back, bar}, b.MinSize, func(size fyne.Size) {
		y := (size.Height - levelHigh) / 2
		draw.SetFill(back, draw.ThemeColor(ColorButton))
		draw.Place(back, 0, y, size.Width, levelHigh)
		w := draw.SnapPx(min(1, max(0, b.level)) * size.Width)
		draw.SetVisible(bar, w > 0)
		draw.SetFill(bar, draw.ThemeColor(ColorOK))
		draw.Place(bar, 0, y, max(w, levelHigh), levelHigh)
	})
}
