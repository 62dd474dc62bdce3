package widgets

import "image"

// Picture is an image for avatars. It remembers itself cropped and scaled for each size it was shown in, so make one
// for each image and keep it.
type Picture struct {
	source image.Image
	scaled map[int]image.Image
}

// NewPicture returns a picture of the middle of an image.
func NewPicture(source image.Image) *Picture {
	return &Picture{source: source, scaled: make(map[int]image.Image)}
}
