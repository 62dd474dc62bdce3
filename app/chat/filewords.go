package chat

import (
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// iconOf stands for a file that is not shown itself.
func iconOf(t mesibo.FileType) assets.Icon {
	switch t {
	case mesibo.FileTypeImage:
		return assets.IconImage
	case mesibo.FileTypeVideo:
		return assets.IconVideo
	default:
		return assets.IconFile
	}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// pixelsMost is the longest side, and areaMost the most pixels, that a picture may claim to have.
const (
	pixelsMost = 1 << 16
	areaMost   = 1 << 30
)

func believable(width, height int) bool {
	return width > 0 && height > 0 && width <= pixelsMost && height <= pixelsMost && int64(width)*int64(height) <= areaMost
}

// pixels is the width and height of a picture, zeros when they are unknown. It must be quick: it is called for each
// layout.
func pixels(f *mesibo.FileInfo) (width, height int) {
	if believable(f.Width, f.Height) {
		return f.Width, f.Height
	}
	return format.ThumbnailSize(f)
}

// unreadWords is what the divider says.
func unreadWords(n int) string { return tr.N("{{.N}} unread message", "{{.N}} unread messages", n) }
