package yuv_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parley-chat/parley/internal/video/yuv"
)

func frame(width, height int) *image.YCbCr {
	return image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
}

// pixel is a pixel of a frame: Y, Cb, Cr.
type pixel [3]byte

func at(f *image.YCbCr, x, y int) pixel {
	return pixel{f.Y[f.YOffset(x, y)], f.Cb[f.COffset(x, y)], f.Cr[f.COffset(x, y)]}
}

// even checks that all of a frame has one colour.
func even(t *testing.T, f *image.YCbCr, want pixel) {
	t.Helper()
	for y := range f.Rect.Dy() {
		for x := range f.Rect.Dx() {
			if got := at(f, x, y); got != want {
				t.Fatalf("at %d, %d of %v: got %v, want %v", x, y, f.Rect.Max, got, want)
			}
		}
	}
}

// paint returns pixels of one colour, with another one in the padding of each row.
func paint(width, height, stride int, p ...byte) []byte {
	pix := make([]byte, stride*height)
	for i := range pix {
		pix[i] = 0x5a
	}
	for y := range height {
		for x := 0; x < width*len(p); x++ {
			pix[y*stride+x] = p[x%len(p)]
		}
	}
	return pix
}

// TestColours: the corners of the cube of colours are what BT.601 says.
func TestColours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		bgr  [3]byte
		want pixel
	}{
		{"black", [3]byte{0, 0, 0}, pixel{16, 128, 128}},
		{"white", [3]byte{255, 255, 255}, pixel{235, 128, 128}},
		{"grey", [3]byte{128, 128, 128}, pixel{126, 128, 128}},
		{"red", [3]byte{0, 0, 255}, pixel{81, 90, 240}},
		{"green", [3]byte{0, 255, 0}, pixel{145, 54, 34}},
		{"blue", [3]byte{255, 0, 0}, pixel{41, 240, 110}},
		{"yellow", [3]byte{0, 255, 255}, pixel{210, 16, 146}},
		{"cyan", [3]byte{255, 255, 0}, pixel{170, 166, 16}},
		{"magenta", [3]byte{255, 0, 255}, pixel{106, 202, 222}},
	} {
		f := frame(6, 4)
		yuv.FromBGRX(f, paint(6, 4, 30, c.bgr[0], c.bgr[1], c.bgr[2], 0x33), 30)
		t.Run(c.name, func(t *testing.T) { even(t, f, c.want) })
	}
}

// exact is the conversion of BT.601 in floating point.
func exact(r, g, b float64) [3]float64 {
	y := 0.299*r + 0.587*g + 0.114*b
	return [3]float64{16 + y*219/255, 128 + (b-y)/1.772*224/255, 128 + (r-y)/1.402*224/255}
}

// TestFromBGRX: pixels are within a half of the exact conversion, chroma is the average of four.
func TestFromBGRX(t *testing.T) {
	t.Parallel()
	const width, height, most = 64, 32, 0.505
	r := rand.New(rand.NewPCG(1, 2))
	pix := make([]byte, width*height*4)
	for i := range pix {
		pix[i] = byte(r.Uint32())
	}
	f := frame(width, height)
	yuv.FromBGRX(f, pix, width*4)
	for y := 0; y < height; y += 2 {
		for x := 0; x < width; x += 2 {
			var sum [3]float64
			for i := range 4 {
				p := pix[((y+i/2)*width+x+i%2)*4:]
				want := exact(float64(p[2]), float64(p[1]), float64(p[0]))
				for j, v := range want {
					sum[j] += v / 4
				}
				if got := at(f, x+i%2, y+i/2)[0]; math.Abs(float64(got)-want[0]) > most {
					t.Fatalf("luma %d, want %.2f", got, want[0])
				}
			}
			if got := at(f, x, y); math.Abs(float64(got[1])-sum[1]) > most || math.Abs(float64(got[2])-sum[2]) > most {
				t.Fatalf("chroma %v, want %.2f", got[1:], sum[1:])
			}
		}
	}
}

func TestFromYUYV(t *testing.T) {
	t.Parallel()
	f := frame(4, 2)
	yuv.FromYUYV(f, []byte{
		10, 100, 20, 200, 30, 50, 40, 60, 0, 0,
		11, 103, 21, 201, 31, 52, 41, 64, 0, 0,
	}, 10)
	for i, want := range []pixel{
		{10, 102, 201},
		{20, 102, 201},
		{30, 51, 62},
		{40, 51, 62},
		{11, 102, 201},
		{21, 102, 201},
		{31, 51, 62},
		{41, 51, 62},
	} {
		if got := at(f, i%4, i/4); got != want {
			t.Errorf("pixel %d: got %v, want %v", i, got, want)
		}
	}
}

var ratios = []image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
	image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
}

// TestFromFull: in each subsampling the chroma of the result is the average of what its four pixels had.
func TestFromFull(t *testing.T) {
	t.Parallel()
	for _, ratio := range ratios {
		t.Run(ratio.String(), func(t *testing.T) {
			t.Parallel()
			src := image.NewYCbCr(image.Rect(0, 0, 17, 11), ratio)
			r := rand.New(rand.NewPCG(3, 4))
			for _, plane := range [][]byte{src.Y, src.Cb, src.Cr} {
				for i := range plane {
					plane[i] = byte(r.Uint32())
				}
			}
			f := frame(16, 10)
			yuv.FromFull(f, src)
			for y := range 10 {
				for x := range 16 {
					var cb, cr float64
					for i := range 4 {
						p := src.YCbCrAt(x&^1+i%2, y&^1+i/2)
						cb, cr = cb+float64(p.Cb)/4, cr+float64(p.Cr)/4
					}
					want := [3]float64{
						16 + float64(src.YCbCrAt(x, y).Y)*219/255,
						128 + (math.Floor(cb+0.5)-128)*224/255,
						128 + (math.Floor(cr+0.5)-128)*224/255,
					}
					for i, got := range at(f, x, y) {
						if math.Abs(float64(got)-want[i]) > 0.51 {
							t.Fatalf("at %d, %d: got %v, want %.2f", x, y, at(f, x, y), want)
						}
					}
				}
			}
		})
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ size, box, want image.Point }{
		{image.Pt(1920, 1080), image.Pt(1280, 720), image.Pt(1280, 720)},
		{image.Pt(1366, 768), image.Pt(1280, 720), image.Pt(1280, 720)},
		{image.Pt(1280, 1024), image.Pt(1280, 720), image.Pt(900, 720)},
		{image.Pt(1080, 1920), image.Pt(1280, 720), image.Pt(404, 720)},
		{image.Pt(640, 480), image.Pt(1280, 720), image.Pt(640, 480)},
		{image.Pt(641, 481), image.Pt(1280, 720), image.Pt(640, 480)},
		{image.Pt(5000, 3), image.Pt(640, 480), image.Pt(640, 2)},
		{image.Pt(3, 5000), image.Pt(640, 480), image.Pt(2, 480)},
		{image.Pt(1, 1), image.Pt(640, 480), image.Pt(2, 2)},
		{image.Pt(640, 480), image.Pt(0, -5), image.Pt(2, 2)},
	} {
		if got := yuv.Fit(c.size, c.box); got != c.want {
			t.Errorf("%v in %v: got %v, want %v", c.size, c.box, got, c.want)
		}
	}
}

// TestScale: every pixel is the average of its area.
func TestScale(t *testing.T) {
	t.Parallel()
	var s yuv.Scaler // one for all, so that it must notice each change of size
	for _, c := range []struct{ from, to image.Point }{
		{image.Pt(8, 8), image.Pt(4, 4)},
		{image.Pt(30, 20), image.Pt(12, 14)},
		{image.Pt(30, 22), image.Pt(12, 14)},
		{image.Pt(1002, 8), image.Pt(2, 2)},
		{image.Pt(4, 4), image.Pt(6, 10)},
	} {
		src := frame(c.from.X, c.from.Y)
		r := rand.New(rand.NewPCG(5, 6))
		for _, plane := range [][]byte{src.Y, src.Cb, src.Cr} {
			for i := range plane {
				plane[i] = byte(r.Uint32())
			}
		}
		got := s.Scale(src, c.to)
		if got.Rect != (image.Rectangle{Max: c.to}) || got.SubsampleRatio != image.YCbCrSubsampleRatio420 {
			t.Fatalf("got a frame of %v, %v", got.Rect, got.SubsampleRatio)
		}
		averaged(t, got.Y, src.Y, c.to, c.from)
		averaged(t, got.Cb, src.Cb, c.to.Div(2), c.from.Div(2))
		averaged(t, got.Cr, src.Cr, c.to.Div(2), c.from.Div(2))
	}
}

func averaged(t *testing.T, got, src []byte, to, from image.Point) {
	t.Helper()
	for y := range to.Y {
		for x := range to.X {
			var sum, area float64
			for j := range from.Y {
				for i := range from.X {
					w := overlap(i, x, from.X, to.X) * overlap(j, y, from.Y, to.Y)
					sum, area = sum+w*float64(src[j*from.X+i]), area+w
				}
			}
			if v := float64(got[y*to.X+x]); math.Abs(v-sum/area) > 0.6 {
				t.Fatalf("%v to %v, at %d, %d: got %.0f, want %.2f", from, to, x, y, v, sum/area)
			}
		}
	}
}

// overlap is how much pixel i of n and pixel x of m cover each other, in pixels of n.
func overlap(i, x, n, m int) float64 {
	scale := float64(n) / float64(m)
	return max(0, min(float64(i+1), float64(x+1)*scale)-max(float64(i), float64(x)*scale))
}

// TestScaleColour: an even area stays what it is, whatever the sizes.
func TestScaleColour(t *testing.T) {
	t.Parallel()
	for _, want := range []pixel{{255, 255, 255}, {0, 0, 0}, {16, 128, 240}} {
		for _, size := range []image.Point{{1920, 1080}, {1366, 768}, {4096, 2}, {300, 302}} {
			src := frame(size.X, size.Y)
			for p, plane := range [][]byte{src.Y, src.Cb, src.Cr} {
				for i := range plane {
					plane[i] = want[p]
				}
			}
			var s yuv.Scaler
			even(t, s.Scale(src, yuv.Fit(size, image.Pt(640, 360))), want)
			if s.Scale(src, size) != src {
				t.Error("it copies a frame that has the size")
			}
		}
	}
}

// BenchmarkConvert compares the conversion of a screen with image/color's and with the scaling that follows.
func BenchmarkConvert(b *testing.B) {
	size := image.Pt(1920, 1080)
	pix := make([]byte, size.X*size.Y*4)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range pix {
		pix[i] = byte(r.Uint32())
	}
	f := frame(size.X, size.Y)
	b.Run("FromBGRX", func(b *testing.B) {
		for b.Loop() {
			yuv.FromBGRX(f, pix, size.X*4)
		}
	})
	b.Run("image-color", func(b *testing.B) {
		for b.Loop() {
			for i := range f.Y {
				p := pix[i*4:][:4]
				y, cb, cr := color.RGBToYCbCr(p[2], p[1], p[0])
				f.Y[i] = y
				if x, row := i%size.X, i/size.X; x&1 == 0 && row&1 == 0 {
					f.Cb[row/2*f.CStride+x/2], f.Cr[row/2*f.CStride+x/2] = cb, cr
				}
			}
		}
	})
	for _, to := range []image.Point{{1280, 720}, {960, 540}, {640, 360}} {
		b.Run(fmt.Sprintf("Scale-%d", to.Y), func(b *testing.B) {
			var s yuv.Scaler
			for b.Loop() {
				s.Scale(f, to)
			}
		})
	}
}
