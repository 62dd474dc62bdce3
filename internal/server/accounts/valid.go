package accounts

import (
	"bytes"
	"image"
	_ "image/jpeg" // thumbnails are JPEG or PNG
	_ "image/png"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// ValidName refuses an invalid name of a user or group.
func ValidName(name string) error {
	switch {
	case len(name) > maxName:
		return refusal.Bad("the name is longer than %d bytes", maxName)
	case !utf8.ValidString(name):
		return refusal.Bad("the name is not valid UTF-8")
	}
	for _, r := range name {
		const nonJoiner, joiner = '\u200C', '\u200D' // needed by some scripts
		if r != nonJoiner && r != joiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			return refusal.Bad("the name contains an invisible character")
		}
	}
	return nil
}

// maxPictureSide is the maximum width and height of a thumbnail, which clients must decode.
const maxPictureSide = 2048

// ValidURL refuses an invalid picture URL of a profile or group.
func ValidURL(url string) error {
	switch {
	case len(url) > wire.MaxURL:
		return refusal.Bad("the URL is longer than %d bytes", wire.MaxURL)
	case !record.ValidText(url):
		return refusal.Bad("the URL contains a NUL character or is not valid UTF-8")
	}
	return nil
}

// ValidPicture refuses a thumbnail that clients could not show. An empty one is valid.
func ValidPicture(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if len(b) > wire.MaxThumbnail {
		return refusal.Bad("the picture is longer than %d bytes", wire.MaxThumbnail)
	}
	conf, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || (format != "jpeg" && format != "png") { // other formats may be registered
		return refusal.Bad("the picture is neither JPEG nor PNG")
	}
	if conf.Width > maxPictureSide || conf.Height > maxPictureSide {
		return refusal.Bad("the picture is larger than %d by %d pixels", maxPictureSide, maxPictureSide)
	}
	return nil
}

// ValidStatus refuses an invalid status line of a user or group.
func ValidStatus(s string) error {
	switch {
	case len(s) > wire.MaxStatusText:
		return refusal.Bad("the status is longer than %d bytes", wire.MaxStatusText)
	case !utf8.ValidString(s):
		return refusal.Bad("the status is not valid UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return refusal.Bad("the status contains a control character")
		}
	}
	return nil
}
