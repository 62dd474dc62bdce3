package draw

import (
	"image"
	"image/draw"
)

// blurSide is the longer side in pixels of a blurred image before it is enlarged again.
const blurSide = 20

// CropSquare copies the middle of an image as a square.
func CropSquare(source image.Image) *image.RGBA {
	b := source.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Pt(b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2)
	square := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(square, square.Bounds(), source, from, draw.Src)
	return square
}

// ToRGBA returns the image as RGBA with its origin at 0, 0. It copies only if it must.
func ToRGBA(img image.Image) *image.RGBA {
	if same, ok := img.(*image.RGBA); ok && same.Bounds().Min == (image.Point{}) {
		return same
	}
	b := img.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(dst, dst.Bounds(), img, b.Min, draw.Src)
	return dst
}

// Blur scales an image down to a few pixels and up again.
func Blur(src *image.RGBA) *image.RGBA {
	const larger = 6
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	long := max(w, h)
	small := Downscale(src, max(1, w*blurSide/long), max(1, h*blurSide/long))
	return upscale(small, small.Bounds().Dx()*larger, small.Bounds().Dy()*larger)
}

// Downscale returns a smaller image, whose pixels are means of the old ones. It never enlarges.
func Downscale(src *image.RGBA, w, h int) *image.RGBA {
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

// upscale enlarges an image with bilinear interpolation.
func upscale(src *image.RGBA, w, h int) *image.RGBA {
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

// between returns the two of have pixels that pixel i of n lies between, and its distance from the first in 256ths.
func between(i, n, have int) (first, second, part int) {
	at := max(0, (2*i+1)*have*128/n-128) // middle of the pixel, in 256ths
	first = min(at>>8, have-1)
	return first, min(first+1, have-1), at & 0xFF
}
