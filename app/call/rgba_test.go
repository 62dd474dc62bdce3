package call

import (
	"image"
	"image/color"
	"sync"
	"testing"
)

func frame(w, h int, y, cb, cr uint8) *image.YCbCr {
	f := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range f.Y {
		f.Y[i] = y
	}
	for i := range f.Cb {
		f.Cb[i], f.Cr[i] = cb, cr
	}
	return f
}

func TestToRGBA(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		y, cb, cr uint8
		want      color.RGBA
	}{
		{16, 128, 128, color.RGBA{0, 0, 0, 255}},
		{235, 128, 128, color.RGBA{255, 255, 255, 255}},
		{126, 128, 128, color.RGBA{128, 128, 128, 255}},
		{81, 90, 240, color.RGBA{254, 0, 0, 255}},
		{145, 54, 34, color.RGBA{0, 255, 1, 255}},
		{41, 240, 110, color.RGBA{0, 0, 255, 255}},
		{0, 0, 255, color.RGBA{184, 0, 0, 255}},
		{255, 255, 255, color.RGBA{255, 125, 255, 255}},
	} {
		for _, size := range []image.Point{{5, 3}, {8, 8}} {
			dst := image.NewRGBA(image.Rectangle{Max: size})
			toRGBA(dst, frame(size.X, size.Y, tc.y, tc.cb, tc.cr))
			for _, at := range []image.Point{{0, 0}, {size.X - 1, size.Y - 1}} {
				got := dst.RGBAAt(at.X, at.Y)
				if near(got.R, tc.want.R) && near(got.G, tc.want.G) && near(got.B, tc.want.B) && got.A == 255 {
					continue
				}
				t.Errorf("%d %d %d at %v of %v: got %v, want %v", tc.y, tc.cb, tc.cr, at, size, got, tc.want)
			}
		}
	}
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) <= 3 }

// TestToRGBA_part converts a part of a larger frame.
func TestToRGBA_part(t *testing.T) {
	t.Parallel()
	f := frame(16, 16, 16, 128, 128)
	f.Y[f.YOffset(9, 5)] = 235
	part, _ := f.SubImage(image.Rect(8, 4, 14, 10)).(*image.YCbCr)
	dst := image.NewRGBA(image.Rect(0, 0, 6, 6))
	toRGBA(dst, part)
	if got := dst.RGBAAt(1, 1); got.R != 255 {
		t.Errorf("got %v, want white", got)
	}
	if got := dst.RGBAAt(0, 0); got.R != 0 {
		t.Errorf("got %v, want black", got)
	}
}

// TestFrames: the window gets each picture whole, and never one that is being written.
func TestFrames(t *testing.T) {
	t.Parallel()
	work := make(chan func(), 8)
	var shown []image.Image
	f := &frames{post: func(do func()) { work <- do }, show: func(p image.Image) { shown = append(shown, p) }}
	var wait sync.WaitGroup
	wait.Go(func() {
		f.Show(frame(4, 4, 16, 128, 128))
		f.Show(frame(4, 4, 235, 128, 128)) // dropped: the window is busy
	})
	wait.Wait()
	if len(work) != 1 {
		t.Fatalf("pictures for the window: got %d, want 1", len(work))
	}
	(<-work)()
	f.Show(frame(4, 4, 235, 128, 128))
	if got, _ := shown[0].At(0, 0).(color.RGBA); got.R != 0 {
		t.Error("the picture that is shown was written to")
	}
	(<-work)()
	if got, _ := shown[1].At(0, 0).(color.RGBA); got.R != 255 {
		t.Error("not the new picture")
	}
	f.Show(frame(8, 6, 16, 128, 128))
	(<-work)()
	if got := shown[2].Bounds().Size(); got != (image.Point{8, 6}) {
		t.Errorf("another size: got %v", got)
	}
	f.Show(frame(8, 6, 16, 128, 128))
	f.end()
	(<-work)()
	f.Show(frame(8, 6, 16, 128, 128))
	if len(shown) != 3 || len(work) != 0 {
		t.Error("frames after the end")
	}
}

// BenchmarkToRGBA is what a frame costs the call's goroutine; BenchmarkCopy what copying the picture would.
func BenchmarkToRGBA(b *testing.B) {
	src, dst := frame(640, 480, 100, 90, 200), image.NewRGBA(image.Rect(0, 0, 640, 480))
	for b.Loop() {
		toRGBA(dst, src)
	}
}

func BenchmarkCopy(b *testing.B) {
	src, dst := image.NewRGBA(image.Rect(0, 0, 640, 480)), image.NewRGBA(image.Rect(0, 0, 640, 480))
	for b.Loop() {
		copy(dst.Pix, src.Pix)
	}
}
