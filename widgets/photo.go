package widgets

import (
	"image"
	"image/draw"
)

// Photo is an image inside a message or on a sheet. Other than a [Picture] it keeps its shape. It never changes, so one
// may be shown in many places.
type Photo struct {
	img     *image.RGBA
	blurred bool
}

// NewPhoto returns an image to show; of none at all it returns nil. It may be called on any goroutine. The image should
// have no more pixels than it is shown with, because what is too large is made smaller each time it is painted.
func NewPhoto(img image.Image) *Photo {
	if img == nil || img.Bounds().Empty() {
		return nil
	}
	return &Photo{img: toRGBA(img)}
}

// blurSide is how many pixels are left of a small picture that stands for a file not loaded yet.
const blurSide = 20

// NewBlurredPhoto returns what stands for an image until it is loaded: its colours without its details. It may be called
// on any goroutine.
func NewBlurredPhoto(img image.Image) *Photo {
	p := NewPhoto(img)
	if p == nil {
		return nil
	}
	p.img, p.blurred = blur(p.img), true
	return p
}

// Size returns the image's width and height in pixels; nothing has none.
func (p *Photo) Size() (width, height int) {
	if p == nil {
		return 0, 0
	}
	return p.img.Bounds().Dx(), p.img.Bounds().Dy()
}

// Blurred reports whether the photo only stands for one that is not loaded.
func (p *Photo) Blurred() bool { return p != nil && p.blurred }

func toRGBA(img image.Image) *image.RGBA {
	if same, ok := img.(*image.RGBA); ok && same.Bounds().Min == (image.Point{}) {
		return same
	}
	b := img.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(dst, dst.Bounds(), img, b.Min, draw.Src)
	return dst
}

// blur makes an image small and then larger again, with what lies between pixels mixed from those around it.
func blur(src *image.RGBA) *image.RGBA {
	const larger = 6
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	long := max(w, h)
	small := means(src, max(1, w*blurSide/long), max(1, h*blurSide/long))
	return mixed(small, small.Bounds().Dx()*larger, small.Bounds().Dy()*larger)
}

// means makes an image smaller, or leaves its size; each pixel is the mean of those it stands for.
func means(src *image.RGBA, w, h int) *image.RGBA {
	haveW, haveH := src.Bounds().Dx(), src.Bounds().Dy()
	w, h = min(w, haveW), min(h, haveH)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := y*haveH/h, max((y+1)*haveH/h, y*haveH/h+1)
		for x := range w {
			x0, x1 := x*haveW/w, max((x+1)*haveW/w, x*haveW/w+1)
			var sum [4]int
			for sy := y0; sy < y1; sy++ {
				for i, v := range src.Pix[sy*src.Stride+4*x0 : sy*src.Stride+4*x1] {
					sum[i%4] += int(v)
				}
			}
			n := (y1 - y0) * (x1 - x0)
			for i, v := range sum {
				dst.Pix[y*dst.Stride+4*x+i] = uint8((v + n/2) / n)
			}
		}
	}
	return dst
}

// mixed makes an image larger; what lies between pixels is mixed from the four around it.
func mixed(src *image.RGBA, w, h int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	haveW, haveH := src.Bounds().Dx(), src.Bounds().Dy()
	for y := range h {
		y0, y1, fy := between(y, h, haveH)
		for x := range w {
			x0, x1, fx := between(x, w, haveW)
			for i := range 4 {
				at := func(px, py int) int { return int(src.Pix[py*src.Stride+4*px+i]) }
				top := at(x0, y0)*(256-fx) + at(x1, y0)*fx
				low := at(x0, y1)*(256-fx) + at(x1, y1)*fx
				dst.Pix[y*dst.Stride+4*x+i] = uint8((top*(256-fy) + low*fy) >> 16)
			}
		}
	}
	return dst
}

// between finds the two pixels that pixel i of n lies between, of have, and how far it is from the first in 256 parts.
func between(i, n, have int) (first, second, part int) {
	at := max(0, (2*i+1)*have*128/n-128) // middle of the pixel, in 256 parts
	first = min(at>>8, have-1)
	return first, min(first+1, have-1), at & 0xFF
}
