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
	img := means(p.source, side, side)
	p.scaled[side] = img
	return img
}
