// Package picture reads pictures that others made, within bounds, and makes small ones.
//
// It reads JPEG, PNG, GIF and WebP, of animations the first frame; Animate plays those. What a file costs to decode is
// known from its header before anything is decoded.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"golang.org/x/sync/semaphore"
)

// The bounds of what Load reads.
const (
	MaxBytes  = 32 << 20
	MaxPixels = 40_000_000
	// maxMemory is how many bytes pictures take while they are decoded, all together: the next waits.
	maxMemory = 192 << 20
	// muchMemory is given back to the system at once.
	muchMemory = 32 << 20
)

var memory = semaphore.NewWeighted(maxMemory) //nolint:gochecknoglobals // the machine has one

// Errors of this package.
var (
	// ErrTooLarge: the file has too many bytes, or would become too many pixels.
	ErrTooLarge = errors.New("picture is too large")
	// ErrFormat: it is no picture of a known format, or a damaged one.
	ErrFormat = errors.New("not a picture")
)

// Load reads a picture file and turns it as its EXIF orientation says. When maxSide is positive, a picture with a
// longer side is made smaller, so that its long side has maxSide pixels.
func Load(path string, maxSide int) (image.Image, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Decode(data, maxSide)
}

// ReadFile reads a regular file of at most MaxBytes: opening anything else might wait forever.
func ReadFile(path string) ([]byte, error) {
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
	memory      func(data []byte, c image.Config) int64 // bytes that decoding takes
	transparent bool                                    // what is transparent in it belongs to it
}

func formats() []format {
	none := func([]byte) int { return 1 }
	return []format{
		{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode, jpegOrientation, jpegMemory, false},
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, pngOrientation, plainMemory, true},
		{"GIF8?a", gif.DecodeConfig, gif.Decode, none, plainMemory, false},
		{"RIFF????WEBP", webpConfig, decodeWebP, webpOrientation, webpMemory, true},
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

// Decode is Load for a file's contents. Large pictures wait for one another.
func Decode(data []byte, maxSide int) (image.Image, error) {
	f, config, err := look(data)
	if err != nil {
		return nil, err
	}
	return f.read(data, config, maxSide)
}

// Size returns the size in pixels of a picture that Decode would take, as it is shown.
func Size(data []byte) (image.Point, error) {
	f, config, err := look(data)
	if err != nil {
		return image.Point{}, err
	}
	const lying = 5
	if f.orientation(data) >= lying {
		return image.Pt(config.Height, config.Width), nil
	}
	return image.Pt(config.Width, config.Height), nil
}

// look returns the kind and size of a picture, within the bounds.
func look(data []byte) (f format, config image.Config, err error) {
	all := formats()
	i := slices.IndexFunc(all, func(f format) bool { return f.matches(data) })
	if i < 0 {
		return f, config, fmt.Errorf("%w: unknown format", ErrFormat)
	}
	f = all[i]
	if config, err = f.config(bytes.NewReader(data)); err != nil {
		return f, config, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if config.Width <= 0 || config.Height <= 0 {
		return f, config, fmt.Errorf("%w: no pixels", ErrFormat)
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels || f.memory(data, config) > maxMemory {
		return f, config, fmt.Errorf("%w: %d by %d pixels", ErrTooLarge, config.Width, config.Height)
	}
	return f, config, nil
}

// plainMemory is what a picture takes whose pixels are simply there.
func plainMemory(_ []byte, c image.Config) int64 {
	pixels := int64(c.Width) * int64(c.Height)
	if _, ok := c.ColorModel.(color.Palette); ok {
		return pixels
	}
	switch c.ColorModel {
	case color.GrayModel:
		return pixels
	case color.Gray16Model:
		return 2 * pixels
	case color.RGBA64Model, color.NRGBA64Model:
		return 8 * pixels
	}
	return 4 * pixels
}

func (f format) read(data []byte, config image.Config, maxSide int) (image.Image, error) {
	needed := f.memory(data, config)
	if err := memory.Acquire(context.Background(), needed); err != nil {
		return nil, fmt.Errorf("decode picture: %w", err)
	}
	defer func() {
		memory.Release(needed)
		if needed > muchMemory {
			debug.FreeOSMemory()
		}
	}()
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return orient(Scale(img, maxSide), f.orientation(data)), nil
}
