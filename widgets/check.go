package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// NewCheckBox puts a check into a frame that is seen: the toolkit draws it as faintly as the border of a field.
func NewCheckBox(c *widget.Check) fyne.CanvasObject {
	return container.NewThemeOverride(c, checkTheme{})
}

// checkTheme is the theme of the application, with a darker border.
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
