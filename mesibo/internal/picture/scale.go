package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// Scale makes a picture smaller, so that its long side has maxSide pixels. One that is no larger is returned
// unchanged, as is any when maxSide is not positive.
func Scale(img image.Image, maxSide int) image.Image {
	size := img.Bounds().Size()
	long := max(size.X, size.Y)
	if maxSide <= 0 || long <= maxSide {
		return img
	}
	out := image.NewNRGBA(image.Rectangle{Max: scaled(size, maxSide)})
	draw.BiLinear.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// scaled returns a size whose long side is maxSide.
func scaled(size image.Point, maxSide int) image.Point {
	long := int64(max(size.X, size.Y))
	shrink := func(n int) int { return max(1, int((int64(n)*int64(maxSide)+long/2)/long)) }
	return image.Pt(shrink(size.X), shrink(size.Y))
}

// orient turns and mirrors a picture so that it stands upright. orientation is EXIF's number.
func orient(img image.Image, orientation int) image.Image {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	src := plain(img)
	w, h := src.Rect.Dx(), src.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 { // the sides are swapped
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := turned(x, y, w, h, orientation)
			from, to := src.PixOffset(x, y), out.PixOffset(tx, ty)
			copy(out.Pix[to:to+4], src.Pix[from:from+4])
		}
	}
	return out
}

// plain returns a picture as one whose pixels can be copied, with its corner at 0, 0.
func plain(img image.Image) *image.NRGBA {
	b := img.Bounds()
	if n, ok := img.(*image.NRGBA); ok && b.Min == (image.Point{}) {
		return n
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Src)
	return out
}

// turned returns where a stored pixel stands in the upright picture.
func turned(x, y, w, h, orientation int) (tx, ty int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

// Redraw makes a new file that holds the picture alone, upright, and returns how its name has to end: for files
// that Clean cannot follow though they can be shown. Errors are those of Decode.
func Redraw(data []byte) (redrawn []byte, ending string, err error) {
	img, err := Decode(data, 0)
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		err, ending = png.Encode(&out, img), ".png"
	} else {
		const quality = 92
		err, ending = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}), ".jpg"
	}
	if err != nil {
		return nil, "", fmt.Errorf("draw picture again: %w", err)
	}
	return out.Bytes(), ending, nil
}

// stickerSide is the longest side in pixels of a picture whose preview stays transparent.
const stickerSide = 512

// Preview is Small of a file's contents, and returns the size in pixels of the picture as it is shown. Of a PNG or WebP of at
// most 512 pixels with transparent ones it is a PNG file that has them, too. Errors are those of Decode.
func Preview(data []byte, maxSide, maxBytes int) (small []byte, size image.Point, err error) {
	f, _, err := look(data)
	if err != nil {
		return nil, size, err
	}
	if size, err = Size(data); err != nil {
		return nil, size, err
	}
	img, err := Decode(data, maxSide)
	if err != nil {
		return nil, size, err
	}
	o, ok := img.(interface{ Opaque() bool })
	if ok && !o.Opaque() && max(size.X, size.Y) <= stickerSide && f.transparent {
		small, err = smallClear(img, maxSide, maxBytes)
	} else {
		small, err = Small(img, maxSide, maxBytes)
	}
	return small, size, err
}

// smallClear is Small as a PNG file, whose colours are not premultiplied.
func smallClear(img image.Image, maxSide, maxBytes int) ([]byte, error) {
	for side := min(maxSide, max(img.Bounds().Dx(), img.Bounds().Dy())); side >= smallest; side = side * 3 / 4 {
		var out bytes.Buffer
		if err := png.Encode(&out, plain(Scale(img, side))); err != nil {
			return nil, fmt.Errorf("make small picture: %w", err)
		}
		if out.Len() <= maxBytes {
			return out.Bytes(), nil
		}
	}
	return nil, errNoRoom
}

const smallest = 16 // pixels of the long side

var errNoRoom = errors.New("no room for a small picture")

// Small makes a JPEG file of at most maxBytes whose long side has at most maxSide pixels. It holds the picture
// alone: nothing that the original says about camera, place or author. What is transparent becomes white.
func Small(img image.Image, maxSide, maxBytes int) ([]byte, error) {
	for side := maxSide; side >= smallest; side /= 2 {
		small := opaque(Scale(img, side))
		for _, quality := range []int{85, 75, 60, 45} {
			var out bytes.Buffer
			if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: quality}); err != nil {
				return nil, fmt.Errorf("make small picture: %w", err)
			}
			if out.Len() <= maxBytes {
				return out.Bytes(), nil
			}
		}
	}
	return nil, errNoRoom
}

func opaque(img image.Image) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
	return out
}
