package widgets

import (
	"image"
	"image/color"
	"testing"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestNewBlurredPhoto(t *testing.T) {
	if NewPhoto(nil) != nil || NewBlurredPhoto(image.NewGray(image.Rectangle{})) != nil {
		t.Error("a photo of nothing")
	}
	var none *Photo
	if w, h := none.Size(); w != 0 || h != 0 || none.Blurred() {
		t.Error("nothing has a size")
	}
	p := NewBlurredPhoto(widgettest.Picture(80, 40))
	w, h := p.Size()
	if w != 2*h || !p.Blurred() {
		t.Errorf("got %d×%d, want twice as wide as high", w, h)
	}
	left, right := p.img.RGBAAt(0, h-1), p.img.RGBAAt(w-1, h-1)
	if left.R >= right.R || left.A != 0xFF {
		t.Errorf("left %v, right %v; want the colours of the picture", left, right)
	}
	if line := NewBlurredPhoto(widgettest.Picture(500, 1)); line == nil || line.img.Bounds().Dy() == 0 {
		t.Error("a line has no photo")
	}
}

func TestPicture(t *testing.T) {
	if NewPicture(nil) != nil || NewPicture(image.NewRGBA(image.Rectangle{})) != nil {
		t.Error("a picture of nothing")
	}
	wide := image.NewNRGBA(image.Rect(10, 20, 310, 120)) // red, with a green square in its middle
	for y := 20; y < 120; y++ {
		for x := 10; x < 310; x++ {
			c := color.NRGBA{R: 0xFF, A: 0xFF}
			if x >= 110 && x < 210 {
				c = color.NRGBA{G: 0xFF, A: 0xFF}
			}
			wide.SetNRGBA(x, y, c)
		}
	}
	p := NewPicture(wide)
	small := p.scaledTo(33)
	if small.Bounds() != image.Rect(0, 0, 33, 33) {
		t.Errorf("bounds: got %v, want 33 square", small.Bounds())
	}
	for _, at := range []image.Point{{}, {32, 0}, {16, 16}, {32, 32}} {
		if got, want := small.At(at.X, at.Y), (color.RGBA{G: 0xFF, A: 0xFF}); got != want {
			t.Errorf("at %v: got %v, want %v", at, got, want)
		}
	}
	if p.scaledTo(33) != small {
		t.Error("scaled twice")
	}
	if got := p.scaledTo(500).Bounds().Dx(); got != 100 {
		t.Errorf("larger than it is: got %d, want 100", got)
	}
}
