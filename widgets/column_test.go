package widgets

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestNewColumn(t *testing.T) {
	useTheme(t, VariantLight)
	header, banner := NewHeader(), NewBanner(BannerData{Text: "x"})
	list, composer := NewChatList(), NewComposer("")
	col := NewColumn([]fyne.CanvasObject{header, banner}, list, []fyne.CanvasObject{composer})
	widgettest.InWindow(t, col, 500, 600)
	tests := []struct {
		name   string
		change func()
		y, h   float32
	}{
		{"banner shown", func() {}, 56 + 36, 600 - 56 - 36 - 52},
		{"banner hidden", banner.Hide, 56, 600 - 56 - 52},
		{"composer hidden", composer.Hide, 56, 600 - 56},
		{"all shown", func() { banner.Show(); composer.Show() }, 56 + 36, 600 - 56 - 36 - 52},
	}
	for _, tc := range tests {
		tc.change()
		col.Refresh()
		if y, h := list.Position().Y, list.Size().Height; y != tc.y || h != tc.h {
			t.Errorf("%s: list at %v and %v high, want %v and %v", tc.name, y, h, tc.y, tc.h)
		}
	}
}

func TestNewPile(t *testing.T) {
	useTheme(t, VariantLight)
	list, above, below := NewAttachmentList(), NewHeader(), NewBanner(BannerData{Text: "x"})
	list.SetItems(make([]Attachment, 10))
	pile := NewPile(8, 1, above, list, below)
	w := widgettest.InWindow(t, pile, 300, 900)
	tests := []struct {
		name           string
		height         float32
		change         func()
		wantList, last float32 // height of the list, and top of the banner
	}{
		{"enough room", 900, func() {}, 560, 56 + 8 + 560 + 8},
		{"less room", 300, func() {}, 300 - 56 - 36 - 16, 300 - 36},
		{"none at all", 60, func() {}, 0, 56 + 16},
		{"one hidden", 300, above.Hide, 300 - 36 - 8, 300 - 36},
	}
	for _, tc := range tests {
		tc.change()
		w.Resize(fyne.NewSize(300, tc.height))
		pile.Resize(fyne.NewSize(300, tc.height))
		pile.Refresh()
		if h, y := list.Size().Height, below.Position().Y; h != tc.wantList || y != tc.last {
			t.Errorf("%s: list %v high, banner at %v; want %v and %v", tc.name, h, y, tc.wantList, tc.last)
		}
	}
}
