package widgets

import (
	"image"
	"image/draw"
)

// Picture is an image for avatars. It remembers itself cropped and scaled for each size it was shown in, so make one
// for each image and keep it.
type Picture struct {
	source *image.RGBA // the middle of the image, square
	scaled map[int]*image.RGBA
}

// NewPicture returns a picture of the middle of an image; of none at all it returns nil, which is no picture.
func NewPicture(source image.Image) *Picture {
	if source == nil || source.Bounds().Empty() {
		return nil
	}
	b := source.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Pt(b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2)
	square := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(square, square.Bounds(), source, from, draw.Src)
	return &Picture{source: square, scaled: make(map[int]*image.RGBA)}
}

// at returns the picture with this many pixels on a side, or fewer if it has not as many.
func (p *Picture) at(side int) image.Image {
	have := p.source.Bounds().Dx()
	if side >= have {
		return p.source
	}
	if img := p.scaled[side]; img != nil {
		return img
	}
	img := shrink(p.source, side)
	p.scaled[side] = img
	return img
}

// shrink makes a square image smaller; each pixel is the mean of those it stands for.
func shrink(src *image.RGBA, side int) *image.RGBA {
	have := src.Bounds().Dx()
	dst := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		y0, y1 := y*have/side, max((y+1)*have/side, y*have/side+1)
		for x := range side {
			x0, x1 := x*have/side, max((x+1)*have/side, x*have/side+1)
			var sum [4]int
			for sy := y0; sy < y1; sy++ {
				row := src.Pix[sy*src.Stride+4*x0 : sy*src.Stride+4*x1]
				for i, v := range row {
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
