package widgets

import (
	"image"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Picture is an image for avatars. It keeps a scaled copy for each size it was shown in, so use one for each image.
type Picture struct {
	source *image.RGBA // square
	scaled map[int]*image.RGBA
}

// NewPicture returns the middle of an image, cropped to a square, or nil for nil or an empty image.
func NewPicture(source image.Image) *Picture {
	if source == nil || source.Bounds().Empty() {
		return nil
	}
	return &Picture{source: draw.CropSquare(source), scaled: make(map[int]*image.RGBA)}
}

// Image returns the picture, square.
func (p *Picture) Image() image.Image { return p.source }

// scaledTo returns the picture with at most this many pixels on a side.
func (p *Picture) scaledTo(side int) image.Image {
	have := p.source.Bounds().Dx()
	if side >= have {
		return p.source
	}
	if img := p.scaled[side]; img != nil {
		return img
	}
	img := draw.Downscale(p.source, side, side)
	p.scaled[side] = img
	return img
}
