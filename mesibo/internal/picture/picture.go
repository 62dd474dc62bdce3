// Package picture reads pictures that others made, within bounds, and makes small ones.
//
// It reads JPEG, PNG, GIF (the first frame) and WebP (without animation). What a file costs to decode is known from its header
// before anything is decoded.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/webp"
)

// The bounds of what Load reads.
const (
	MaxBytes  = 32 << 20
	MaxPixels = 40_000_000
)

// Errors of this package.
var (
	// ErrTooLarge: the file has too many bytes, or would become too many pixels.
	ErrTooLarge = errors.New("picture is too large")
	// ErrFormat: it is no picture of a known format, or a damaged one.
	ErrFormat = errors.New("not a picture")
)

// Load reads a picture file and turns it as its EXIF orientation says. When maxSide is positive, a picture with a longer side is made
// smaller, so that its long side has maxSide pixels.
func Load(path string, maxSide int) (image.Image, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Decode(data, maxSide)
}

// readFile reads a regular file: opening anything else might wait forever.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is no regular file", ErrFormat, info.Name())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, MaxBytes)
	}
	return data, nil
}

// format is a kind of file. The image package's own list is not used: it holds whatever a program registers.
type format struct {
	magic       string // ? stands for any byte
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
	orientation func([]byte) int
}

func formats() []format {
	none := func([]byte) int { return 1 }
	return []format{
		{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode, jpegOrientation},
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, pngOrientation},
		{"GIF8?a", gif.DecodeConfig, gif.Decode, none},
		{"RIFF????WEBP", webpConfig, webp.Decode, webpOrientation},
	}
}

func (f format) matches(data []byte) bool {
	if len(data) < len(f.magic) {
		return false
	}
	for i := range len(f.magic) {
		if f.magic[i] != '?' && f.magic[i] != data[i] {
			return false
		}
	}
	return true
}

// Decode is Load for a file's contents.
func Decode(data []byte, maxSide int) (image.Image, error) {
	for _, f := range formats() {
		if f.matches(data) {
			return f.read(data, maxSide)
		}
	}
	return nil, fmt.Errorf("%w: unknown format", ErrFormat)
}

func (f format) read(data []byte, maxSide int) (image.Image, error) {
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if config.Width <= 0 || config.Height <= 0 {
		return nil, fmt.Errorf("%w: no pixels", ErrFormat)
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrTooLarge, config.Width, config.Height)
	}
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return orient(Scale(img, maxSide), f.orientation(data)), nil
}
