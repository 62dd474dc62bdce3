package messages

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func pictures(n int) []AlbumPhoto {
	list := make([]AlbumPhoto, n)
	for i := range list {
		list[i] = AlbumPhoto{Key: int64(i + 1), File: &FileCard{Name: fmt.Sprint(i), Width: 80, Height: 60}}
	}
	return list
}

// Cells fill the width in rows, without overlapping.
func TestPlaceAlbum(t *testing.T) {
	for n := 2; n <= 10; n++ {
		p := &partLayout{}
		bottom := p.placeAlbum(pictures(n), text.NewTypesetter(), 5, 400)
		if len(p.album) != n || p.albumBox.W != photoMax || bottom != p.albumBox.Y+p.albumBox.H {
			t.Errorf("%d: got %d cells in %v down to %v", n, len(p.album), p.albumBox, bottom)
		}
		area := float32(0)
		for i, c := range p.album {
			area += (c.W + albumGap) * (c.H + albumGap)
			if c.X < 0 || c.X+c.W > p.albumBox.W || c.Y+c.H > bottom {
				t.Errorf("%d: cell %d at %v is outside of %v", n, i, c.Box, p.albumBox)
			}
		}
		if full := (p.albumBox.W + albumGap) * (p.albumBox.H + albumGap); area < full-2 || area > full+2 {
			t.Errorf("%d: cells cover %v of %v", n, area, full)
		}
	}
}

func TestList_album(t *testing.T) {
	list := pictures(3)
	list[1].File.Ring = FileRemote
	l, _ := chatOf(t, Item{Key: 3, Album: list, Time: "14:02", Text: "Three of them"})
	var got []string
	l.OnFileTapped = func(key int64) { got = append(got, fmt.Sprint("file ", key)) }
	l.OnRingTapped = func(key int64) { got = append(got, fmt.Sprint("ring ", key)) }
	l.OnMenu = func(key int64, _ fyne.Position) { got = append(got, fmt.Sprint("menu ", key)) }
	row := l.visible[0].layout
	for _, c := range row.parts.album {
		l.Tapped(widgettest.TapAt(centre(l, c.Box)))
	}
	l.TappedSecondary(widgettest.TapAt(centre(l, row.parts.album[0].Box)))
	l.TappedSecondary(widgettest.TapAt(centre(l, draw.NewBox(row.lineX, row.lineAt, 20, 20))))
	if want := []string{"file 1", "ring 2", "file 3", "menu 1", "menu 3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
