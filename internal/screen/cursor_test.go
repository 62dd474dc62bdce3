//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"image"
	"slices"
	"testing"

	"github.com/jezek/xgb/xfixes"
)

// TestDrawCursor: only what is inside the area is drawn, and mixed with what is there.
func TestDrawCursor(t *testing.T) {
	t.Parallel()
	area := image.Rect(10, 20, 14, 22)
	const none, half, full = 0, 0x80402000, 0xffaabbcc
	cursor := &xfixes.GetCursorImageReply{
		X: 13, Y: 22, Xhot: 1, Yhot: 2, Width: 3, Height: 3,
		CursorImage: []uint32{
			none, half, full,
			full, none, full,
			full, full, full,
		},
	}
	pix := slices.Repeat([]byte{100, 150, 200, 7}, 8)
	want := slices.Clone(pix)
	copy(want[3*4:], []byte{0 + 50, 0x20 + 75, 0x40 + 100})
	copy(want[(4+2)*4:], []byte{0xcc, 0xbb, 0xaa})
	drawCursor(pix, area, cursor)
	if !slices.Equal(pix, want) {
		t.Errorf("got %v, want %v", pix, want)
	}
	for _, at := range []image.Point{{-30000, 5}, {30000, 30000}, {10, -5}} {
		cursor.X, cursor.Y = int16(at.X), int16(at.Y)
		drawCursor(pix, area, cursor)
	}
	if !slices.Equal(pix, want) {
		t.Error("a cursor elsewhere is drawn")
	}
}
