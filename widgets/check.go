package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Check is a widget.Check whose box is where the language starts.
type Check struct{ widget.Check }

var (
	_ fyne.Tappable     = (*Check)(nil)
	_ desktop.Hoverable = (*Check)(nil)
)

// NewCheck returns a check box.
func NewCheck(label string, changed func(on bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	return &mirroredRenderer{WidgetRenderer: c.Check.CreateRenderer()}
}

// Tapped implements fyne.Tappable.
func (c *Check) Tapped(e *fyne.PointEvent) {
	at := *e
	at.Position = draw.FlipPoint(e.Position, c.Size().Width)
	c.Check.Tapped(&at)
}

// MouseIn implements desktop.Hoverable.
func (c *Check) MouseIn(e *desktop.MouseEvent) { c.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (c *Check) MouseMoved(e *desktop.MouseEvent) {
	at := *e
	at.Position = draw.FlipPoint(e.Position, c.Size().Width)
	c.Check.MouseMoved(&at)
}

// NewCheckBox returns a Check, or what embeds one, with a visible frame: the toolkit draws it as faint as the border
// of a field. It has none of the toolkit's margin, so that it is in line with text.
func NewCheckBox(c fyne.CanvasObject) fyne.CanvasObject {
	const inIcon = 3.0 / 24 // margin in the toolkit's icon, relative to its side
	side := theme.Size(theme.SizeNameInlineIcon)
	margin := theme.InnerPadding()/2 + theme.Size(theme.SizeNameInputBorder) + side*inIcon
	return container.New(Mirrored(layout.NewCustomPaddedLayout(0, 0, -margin, 0)), container.NewThemeOverride(c, checkTheme{}))
}

// checkTheme is the theme of the application with a darker border.
type checkTheme struct{}

var _ fyne.Theme = checkTheme{}

func (checkTheme) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color implements fyne.Theme.
func (t checkTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameInputBorder {
		name = ColorSecondary
	}
	return t.base().Color(name, v)
}

// Font implements fyne.Theme.
func (t checkTheme) Font(s fyne.TextStyle) fyne.Resource { return t.base().Font(s) }

// Icon implements fyne.Theme.
func (t checkTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base().Icon(name) }

// Size implements fyne.Theme.
func (t checkTheme) Size(name fyne.ThemeSizeName) float32 { return t.base().Size(name) }
