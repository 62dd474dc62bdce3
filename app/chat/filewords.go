package chat

import (
	"fmt"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
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

// lower starts a sentence with a small letter, to follow other words.
func lower(words string) string {
	if words == "" {
		return ""
	}
	return string(words[0]|0x20) + words[1:]
}

// unreadWords is what the divider says.
func unreadWords(n int) string {
	if n == 1 {
		return "1 unread message"
	}
	return fmt.Sprintf("%d unread messages", n)
}
