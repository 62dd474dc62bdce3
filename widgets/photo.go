package widgets

import (
	"image"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Photo is an image in a message or on a sheet. Unlike a [Picture] it keeps its shape. It never changes, so it may be
// shown in several places.
type Photo struct {
	img     *image.RGBA
	blurred bool
}

// NewPhoto returns a photo, or nil for nil or an empty image. It may be called on any goroutine. The image should not
// have more pixels than are shown, because a larger one is scaled down each time it is painted.
func NewPhoto(img image.Image) *Photo {
	if img == nil || img.Bounds().Empty() {
		return nil
	}
	return &Photo{img: draw.ToRGBA(img)}
}

// NewBlurredPhoto returns a blurred version, to be shown until the image is loaded. It may be called on any goroutine.
func NewBlurredPhoto(img image.Image) *Photo {
	p := NewPhoto(img)
	if p == nil {
		return nil
	}
	p.img, p.blurred = draw.Blur(p.img), true
	return p
}

// Size returns the width and height in pixels; 0 for nil.
func (p *Photo) Size() (width, height int) {
	if p == nil {
		return 0, 0
	}
	return p.img.Bounds().Dx(), p.img.Bounds().Dy()
}

// Image returns the image, which must not be changed.
func (p *Photo) Image() image.Image { return p.img }

// Blurred reports whether the photo is a blurred version.
func (p *Photo) Blurred() bool { return p != nil && p.blurred }
