package format

import (
	"bytes"
	"image"
	"image/color"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

// stickerSide is the longest side in pixels of a sticker.
const stickerSide = 512

// IsSticker reports whether a file is shown as a sticker, by what its message says: a small picture that has transparent
// pixels in its thumbnail.
func IsSticker(f *mesibo.FileInfo) bool {
	if !MayBeSticker(f) {
		return false
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(f.Thumbnail))
	return err == nil && c.ColorModel == color.NRGBAModel
}

// MayBeSticker reports whether a file is shown as a sticker if it has transparent pixels.
func MayBeSticker(f *mesibo.FileInfo) bool {
	if f.Type != mesibo.FileTypeImage || f.Width <= 0 || f.Height <= 0 || max(f.Width, f.Height) > stickerSide {
		return false
	}
	return isKind(f, "png") || isKind(f, "webp")
}

// IsGIF reports whether a picture calls itself a GIF.
func IsGIF(f *mesibo.FileInfo) bool { return f.Type == mesibo.FileTypeImage && isKind(f, "gif") }

// MayMove reports whether a picture is of a kind that may move.
func MayMove(f *mesibo.FileInfo) bool {
	return f.Type == mesibo.FileTypeImage && (isKind(f, "gif") || isKind(f, "webp"))
}

// isKind reports whether a picture is of a kind, such as png, by its type or by its name.
func isKind(f *mesibo.FileInfo, kind string) bool {
	return f.MimeType == "image/"+kind || strings.EqualFold(filepath.Ext(f.Title), "."+kind)
}
