package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestComposer_format(t *testing.T) {
	useTheme(t, VariantLight)
	const main, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift
	for name, tc := range map[string]struct {
		text string
		all  bool // selected
		key  fyne.KeyName
		mod  fyne.KeyModifier
		want string
	}{
		"bold":      {"word", true, fyne.KeyB, main, "**word**"},
		"italic":    {"word", true, fyne.KeyI, main, "_word_"},
		"struck":    {"word", true, fyne.KeyX, main | shift, "~~word~~"},
		"code":      {"word", true, fyne.KeyM, main | shift, "`word`"},
		"block":     {"a\nb", true, fyne.KeyM, main | shift, "```\na\nb\n```"},
		"not bold":  {"**word**", true, fyne.KeyB, main, "word"},
		"spaces":    {" word ", true, fyne.KeyB, main, " **word** "},
		"at caret":  {"a ", false, fyne.KeyB, main, "a **x**"},
		"no italic": {"a", false, fyne.KeyI, main, "ax"},
	} {
		t.Run(name, func(t *testing.T) {
			c := NewComposer("")
			widgettest.InWindow(t, c, 400, 200)
			c.SetText(tc.text)
			if tc.all {
				c.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
			}
			c.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: tc.key, Modifier: tc.mod})
			if !tc.all {
				test.Type(c.entry, "x")
			}
			if got := c.Text(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
