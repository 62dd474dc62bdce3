package format

import (
	"bytes"
	"image"
	_ "image/jpeg" // thumbnails of files
	_ "image/png"

	"github.com/parley-chat/parley/mesibo"
)

// thumbnailMost is the longest side of a thumbnail that is decoded: it comes from others and could claim any size.
const thumbnailMost = 1024

// ThumbnailSize is the width and height of a file's thumbnail, zeros without one. It does not decode the pixels.
func ThumbnailSize(f *mesibo.FileInfo) (width, height int) {
	c, _, err := image.DecodeConfig(bytes.NewReader(f.Thumbnail))
	if err != nil || c.Width > thumbnailMost || c.Height > thumbnailMost {
		return 0, 0
	}
	return c.Width, c.Height
}

// Thumbnail decodes the thumbnail of a file; nil when there is none that can be shown.
func Thumbnail(f *mesibo.FileInfo) image.Image {
	if width, _ := ThumbnailSize(f); width == 0 {
		return nil
	}
	img, _, err := image.Decode(bytes.NewReader(f.Thumbnail))
	if err != nil {
		return nil
	}
	return img
}
