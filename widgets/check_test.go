package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

func TestCheckTheme(t *testing.T) {
	for _, v := range []Variant{VariantLight, VariantDark} {
		useTheme(t, v)
		base := fyne.CurrentApp().Settings().Theme()
		own := checkTheme{}
		if own.Color(theme.ColorNameInputBorder, 0) != base.Color(ColorSecondary, 0) {
			t.Error("the border is another than that of secondary text")
		}
		if own.Color(theme.ColorNamePrimary, 0) != base.Color(theme.ColorNamePrimary, 0) ||
			own.Size(theme.SizeNameText) != base.Size(theme.SizeNameText) ||
			own.Icon(theme.IconNameCheckButton).Name() != base.Icon(theme.IconNameCheckButton).Name() ||
			own.Font(fyne.TextStyle{}).Name() != base.Font(fyne.TextStyle{}).Name() {
			t.Error("something else differs from the theme")
		}
	}
}
