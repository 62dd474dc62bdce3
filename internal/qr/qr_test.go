package qr_test

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/parley-chat/parley/internal/qr"
	"github.com/parley-chat/parley/internal/wire"
)

// read reads the code in a picture with another library.
func read(t *testing.T, img image.Image) string {
	t.Helper()
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bmp, nil)
	if err != nil {
		t.Fatalf("not readable: %v", err)
	}
	return got.GetText()
}

// TestCode is read back as a picture, and as what a terminal shows.
func TestCode(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"x", wire.NewInvite("https://chat.example:8443", make([]byte, wire.PinSize)).Link(), strings.Repeat("a", 400),
	} {
		code, err := qr.New(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, code.Image(4)); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
		if got := read(t, terminal(code.Terminal())); got != text {
			t.Errorf("terminal: got %q, want %q", got, text)
		}
	}
	if _, err := qr.New(strings.Repeat("a", 5000)); err == nil {
		t.Error("5,000 bytes fit")
	}
}

// terminal paints half blocks.
func terminal(text string) image.Image {
	const scale = 4
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	rows := make([][]rune, len(lines))
	for i, line := range lines {
		_, line, _ = strings.Cut(line, "m")
		rows[i] = []rune(line[:strings.IndexByte(line, '\x1b')])
	}
	img := image.NewGray(image.Rect(0, 0, len(rows[0])*scale, 2*len(rows)*scale))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			r := rows[y/scale/2][x/scale]
			dark := r == '█' || r == '▀' && y/scale%2 == 0 || r == '▄' && y/scale%2 == 1
			if !dark {
				img.SetGray(x, y, color.Gray{Y: 0xff})
			}
		}
	}
	return img
}
