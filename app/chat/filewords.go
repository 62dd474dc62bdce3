package chat

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // small pictures of files
	_ "image/png"
	"math"
	"strconv"
	"time"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

// unit gives the unit that a number of bytes is best said in.
func unit(bytes int64) (name string, size float64) {
	for _, u := range []struct {
		name string
		size float64
	}{{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}} {
		name, size = u.name, u.size
		if float64(bytes) < 999.5*u.size {
			break
		}
	}
	return name, size
}

// number writes a size with two digits at least, where there are two.
func number(bytes int64, unit float64) string {
	n := float64(bytes) / unit
	if unit == 1 || n >= 9.95 {
		return strconv.FormatFloat(math.Floor(n+0.5), 'f', -1, 64)
	}
	return strconv.FormatFloat(math.Floor(n*10+0.5)/10, 'f', -1, 64)
}

// SizeWords says how large a file is, such as 3.2 MB; of nothing it says nothing.
func SizeWords(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	name, size := unit(bytes)
	return number(bytes, size) + " " + name
}

// PartWords says how much of a file has been moved, such as 3.2 of 24 MB: as exactly as to see it move.
func PartWords(done, total int64) string {
	name, size := unit(total)
	digits := 0
	switch whole := float64(total) / size; {
	case done <= 0 || size == 1:
	case size >= 1e9 && whole < 10:
		digits = 2
	case whole < 100:
		digits = 1
	}
	scale := math.Pow10(digits)
	part := strconv.FormatFloat(math.Floor(float64(done)/size*scale)/scale, 'f', digits, 64)
	return part + " of " + number(total, size) + " " + name
}

// leftWords say how long something still takes.
func leftWords(d time.Duration) string {
	switch s := int64(math.Ceil(d.Seconds())); {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", (s+30)/60)
	case s < 48*3600:
		return fmt.Sprintf("%d h", (s+1800)/3600)
	default:
		return fmt.Sprintf("%d days", s/86400)
	}
}

// iconOf is what stands for a file that is not shown itself.
func iconOf(t mesibo.FileType) assets.Icon {
	if t == mesibo.FileTypeImage {
		return assets.IconImage
	}
	return assets.IconFile
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// thumbnailMost is the longest side of a small picture that is decoded: it comes from others, and could claim any size.
const thumbnailMost = 1024

// pixelsMost is the longest side, and areaMost the most pixels, that a picture is believed to have.
const (
	pixelsMost = 1 << 16
	areaMost   = 1 << 30
)

func believable(width, height int) bool {
	return width > 0 && height > 0 && width <= pixelsMost && height <= pixelsMost && int64(width)*int64(height) <= areaMost
}

// pixels gives width and height of a picture, zeros when nobody knows them. It must be quick: it is asked each time.
func pixels(f *mesibo.FileInfo) (width, height int) {
	switch {
	case believable(f.Width, f.Height):
		return f.Width, f.Height
	case len(f.Thumbnail) == 0:
		return 0, 0
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(f.Thumbnail))
	if err != nil || c.Width > thumbnailMost || c.Height > thumbnailMost {
		return 0, 0
	}
	return c.Width, c.Height
}

// thumbnail decodes the small picture of a file, nil when there is none that can be shown.
func thumbnail(f *mesibo.FileInfo) image.Image {
	c, _, err := image.DecodeConfig(bytes.NewReader(f.Thumbnail))
	if err != nil || c.Width > thumbnailMost || c.Height > thumbnailMost {
		return nil
	}
	img, _, err := image.Decode(bytes.NewReader(f.Thumbnail))
	if err != nil {
		return nil
	}
	return img
}
