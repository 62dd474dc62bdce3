package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/picture"
)

var (
	red  = color.NRGBA{R: 255, A: 255}
	blue = color.NRGBA{B: 255, A: 255}
)

// marked is a blue picture with a red left upper corner.
func marked(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if x < w/4 && y < h/4 {
				img.SetNRGBA(x, y, red)
			} else {
				img.SetNRGBA(x, y, blue)
			}
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is EXIF data with an orientation, in either byte order.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := append([]byte(mark), 0, 0, 0, 0)
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		copy(b[2:], "*\x00")
	} else {
		copy(b[2:], "\x00*")
	}
	b = order.AppendUint32(b[:4], 8)
	b = order.AppendUint16(b, 2)
	b = append(b, make([]byte, 12)...) // some other entry
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return append(b, 0, 0)
}

func jpegWith(t testing.TB, img image.Image, tiff []byte) []byte {
	t.Helper()
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := []byte{0xff, 0xd8, 0xff, 0xe1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	out = append(out, segment...)
	return append(out, asJPEG(t, img)[2:]...)
}

func pngWith(t testing.TB, img image.Image, tiff []byte) []byte {
	t.Helper()
	data := asPNG(t, img)
	const headerEnd = 8 + 25
	chunk := append([]byte("eXIf"), tiff...)
	out := bytes.Clone(data[:headerEnd])
	out = binary.BigEndian.AppendUint32(out, uint32(len(tiff)))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, data[headerEnd:]...)
}

// whitePixel is a WebP picture (VP8L) of one white pixel.
func whitePixel(t testing.TB) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func near(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	const slack = 0x3000
	off := func(x, y uint32) bool { return max(x, y)-min(x, y) > slack }
	return !off(ar, br) && !off(ag, bg) && !off(ab, bb)
}

func TestDecodeFormats(t *testing.T) {
	img := marked(64, 48)
	for name, data := range map[string][]byte{"jpeg": asJPEG(t, img), "png": asPNG(t, img), "gif": asGIF(t, img)} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct {
				side int
				want image.Point
			}{
				{0, image.Pt(64, 48)},
				{-1, image.Pt(64, 48)},
				{100, image.Pt(64, 48)},
				{64, image.Pt(64, 48)},
				{32, image.Pt(32, 24)},
				{1, image.Pt(1, 1)},
			} {
				got, err := picture.Decode(data, c.side)
				if err != nil {
					t.Fatal(err)
				}
				if got.Bounds().Size() != c.want {
					t.Errorf("side %d: got %v, want %v", c.side, got.Bounds().Size(), c.want)
				}
				if c.side >= 32 && !near(got.At(got.Bounds().Min.X+1, got.Bounds().Min.Y+1), red) {
					t.Errorf("side %d: the corner is %v", c.side, got.At(1, 1))
				}
			}
		})
	}
	t.Run("webp", func(t *testing.T) {
		got, err := picture.Decode(whitePixel(t), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds().Size() != image.Pt(1, 1) {
			t.Errorf("got %v", got.Bounds())
		}
	})
}

// The corner that was left above when the picture was taken must be there again.
func TestOrientation(t *testing.T) {
	upright := marked(64, 32)
	// where[o] is the corner at which a file with orientation o holds what belongs left above, and whether its
	// sides are swapped.
	stored := map[uint16]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return 63 - x, y },
		3: func(x, y int) (int, int) { return 63 - x, 31 - y },
		4: func(x, y int) (int, int) { return x, 31 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, 63 - x },
		7: func(x, y int) (int, int) { return 31 - y, 63 - x },
		8: func(x, y int) (int, int) { return 31 - y, x },
	}
	for o, place := range stored {
		size := image.Rect(0, 0, 64, 32)
		if o >= 5 {
			size = image.Rect(0, 0, 32, 64)
		}
		file := image.NewNRGBA(size)
		for y := range 32 {
			for x := range 64 {
				fx, fy := place(x, y)
				file.Set(fx, fy, upright.At(x, y))
			}
		}
		for kind, data := range map[string][]byte{
			"jpeg little": jpegWith(t, file, exif(binary.LittleEndian, "II", o)),
			"jpeg big":    jpegWith(t, file, exif(binary.BigEndian, "MM", o)),
			"png":         pngWith(t, file, exif(binary.BigEndian, "MM", o)),
		} {
			t.Run(fmt.Sprintf("%s %d", kind, o), func(t *testing.T) {
				got, err := picture.Decode(data, 0)
				if err != nil {
					t.Fatal(err)
				}
				if got.Bounds().Size() != image.Pt(64, 32) {
					t.Fatalf("got %v", got.Bounds().Size())
				}
				for _, at := range []image.Point{{2, 2}, {60, 2}, {2, 28}, {60, 28}} {
					if !near(got.At(at.X, at.Y), upright.At(at.X, at.Y)) {
						t.Errorf("at %v: got %v, want %v", at, got.At(at.X, at.Y), upright.At(at.X, at.Y))
					}
				}
			})
		}
	}
}

// bombPNG claims a size; it holds next to nothing.
func bombPNG(t testing.TB, w, h uint32) []byte {
	t.Helper()
	data := asPNG(t, marked(4, 4))
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func vp8x(t testing.TB, w, h int) []byte {
	t.Helper()
	chunk := []byte("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00")
	chunk = append(chunk, byte(w-1), byte((w-1)>>8), byte((w-1)>>16), byte(h-1), byte((h-1)>>8), byte((h-1)>>16))
	plain := whitePixel(t)
	out := append(bytes.Clone(plain[:12]), chunk...)
	out = append(out, plain[12:]...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// deep makes a PNG say that it has 16 bits of each colour.
func deep(data []byte) []byte {
	data[24], data[25] = 16, 6
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// progressive makes the beginning of a progressive JPEG without less of the colours.
func progressive(t *testing.T, w, h int) []byte {
	t.Helper()
	size := binary.BigEndian.AppendUint16(nil, uint16(h))
	size = binary.BigEndian.AppendUint16(size, uint16(w))
	data := append([]byte("\xff\xd8"), segment(0xc2, "\x08"+string(size)+"\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00")...)
	return append(data, segment(0xda, "\x03\x01\x00\x02\x00\x03\x00\x00\x00\x00")...)
}

func TestRefused(t *testing.T) {
	jpg := asJPEG(t, marked(16, 16))
	wide := whitePixel(t)
	binary.LittleEndian.PutUint32(wide[21:], 0x0fffffff)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":                    {nil, picture.ErrFormat},
		"text":                     {[]byte("hello"), picture.ErrFormat},
		"jpeg cut":                 {jpg[:len(jpg)/2], picture.ErrFormat},
		"jpeg mark only":           {jpg[:2], picture.ErrFormat},
		"png bomb":                 {bombPNG(t, 100_000, 100_000), picture.ErrTooLarge},
		"png just above":           {bombPNG(t, 8000, 5001), picture.ErrTooLarge},
		"png just below, damaged":  {bombPNG(t, 8000, 5000), picture.ErrFormat},
		"png of the largest sizes": {bombPNG(t, 1<<31-1, 1<<31-1), picture.ErrFormat},
		"png of 16 bits":           {deep(bombPNG(t, 5200, 5000)), picture.ErrTooLarge},
		"progressive jpeg":         {progressive(t, 5000, 4000), picture.ErrTooLarge},
		"webp bomb":                {wide, picture.ErrTooLarge},
		"webp of two sizes":        {vp8x(t, 200, 1), picture.ErrFormat},
		"webp bomb in one":         {vp8x(t, 1<<24, 1<<24), picture.ErrFormat},
		"webp without picture":     {[]byte("RIFF\x04\x00\x00\x00WEBP"), picture.ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := picture.Decode(c.data, 0); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	usual := progressive(t, 6000, 4000) // as phones and web sites have them: a quarter of the colours
	usual[13] = 0x22
	if _, err := picture.Decode(usual, 0); !errors.Is(err, picture.ErrFormat) { // nothing follows
		t.Errorf("progressive jpeg of 24 million pixels: %v", err)
	}
	if _, err := picture.Decode(vp8x(t, 1, 1), 0); err != nil {
		t.Errorf("webp with sizes that agree: %v", err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(path, asJPEG(t, marked(64, 48)), 0o600); err != nil {
		t.Fatal(err)
	}
	if img, err := picture.Load(path, 32); err != nil || img.Bounds().Dx() != 32 {
		t.Errorf("got %v", err)
	}
	if _, err := picture.Load(filepath.Join(dir, "missing"), 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := picture.Load(dir, 0); !errors.Is(err, picture.ErrFormat) {
		t.Errorf("folder: %v", err)
	}
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, []byte("\xff\xd8"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, picture.MaxBytes+1); err != nil {
		t.Fatal(err)
	}
	if _, err := picture.Load(big, 0); !errors.Is(err, picture.ErrTooLarge) {
		t.Errorf("large file: %v", err)
	}
}

func TestSmall(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := image.NewNRGBA(image.Rect(0, 0, 600, 400))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rnd.Uint32())
	}
	empty := image.NewNRGBA(image.Rect(5, 5, 45, 25))
	for _, c := range []struct {
		name  string
		img   image.Image
		bytes int
		size  image.Point
	}{
		{"large", marked(600, 400), 24 << 10, image.Pt(192, 128)},
		{"noise", noise, 24 << 10, image.Pt(192, 128)},
		{"noise, little room", noise, 3000, image.Pt(96, 64)},
		{"narrow", marked(4000, 1), 24 << 10, image.Pt(192, 1)},
		{"small", marked(40, 20), 24 << 10, image.Pt(40, 20)},
		{"transparent", empty, 24 << 10, image.Pt(40, 20)},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := picture.Small(c.img, 192, c.bytes)
			if err != nil {
				t.Fatal(err)
			}
			if len(data) > c.bytes {
				t.Errorf("got %d bytes", len(data))
			}
			got, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if got.Bounds().Size() != c.size {
				t.Errorf("got %v, want %v", got.Bounds().Size(), c.size)
			}
			if c.name == "transparent" && !near(got.At(1, 1), color.White) {
				t.Errorf("transparent became %v", got.At(1, 1))
			}
		})
	}
	if _, err := picture.Small(noise, 192, 100); err == nil {
		t.Error("a JPEG of 100 bytes was promised")
	}
}

func TestSmallHasNoMetadata(t *testing.T) {
	img, err := picture.Decode(
		jpegWith(t, marked(64, 64), append(exif(binary.LittleEndian, "II", 6), "GPS secret place"...)), 192)
	if err != nil {
		t.Fatal(err)
	}
	data, err := picture.Small(img, 192, 24<<10)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("Exif")) || bytes.Contains(data, []byte("secret")) {
		t.Error("the small picture tells where it was taken")
	}
}
