package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/picture"
)

// secret stands for what must not be sent.
const secret = "N 48.2082 E 16.3738"

// segment is a part of a JPEG file.
func segment(marker byte, body string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(b, body...)
}

// chunk is a part of a PNG file.
func chunk(name, body string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), name+body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// insert puts parts into data at a place.
func insert(data []byte, at int, parts ...[]byte) []byte {
	out := bytes.Clone(data[:at])
	for _, p := range parts {
		out = append(out, p...)
	}
	return append(out, data[at:]...)
}

func sameImage(t *testing.T, a, b []byte) {
	t.Helper()
	one, err := picture.Decode(a, 0)
	if err != nil {
		t.Fatal(err)
	}
	two, err := picture.Decode(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	if one.Bounds() != two.Bounds() {
		t.Fatalf("%v became %v", one.Bounds(), two.Bounds())
	}
	for y := range one.Bounds().Dy() {
		for x := range one.Bounds().Dx() {
			if one.At(x, y) != two.At(x, y) {
				t.Fatalf("at %d, %d: %v became %v", x, y, one.At(x, y), two.At(x, y))
			}
		}
	}
}

func TestClean(t *testing.T) {
	img := marked(40, 20)
	tiff := exif(binary.LittleEndian, "II*\x00", 6)
	const afterPNGHeader = 8 + 25
	riff := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
	webp := append(bytes.Clone(riff), "\x00\x00\x00\x00"[:len(riff)%2]...)
	webp = append(webp, "EXIF\x14\x00\x00\x00"+secret+"!XMP \x14\x00\x00\x00"+secret+"!"...)
	for name, data := range map[string][]byte{
		"jpeg_exif":       insert(jpegWith(t, img, append(bytes.Clone(tiff), secret...)), 2),
		"jpeg_xmp":        insert(asJPEG(t, img), 2, segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secret)),
		"jpeg_iptc":       insert(asJPEG(t, img), 2, segment(0xed, "Photoshop 3.0\x00"+secret)),
		"jpeg_comment":    insert(asJPEG(t, img), 2, segment(0xfe, secret)),
		"jpeg_two":        insert(jpegWith(t, img, tiff), 2, segment(0xe1, secret), segment(0xe2, "MPF\x00"+secret)),
		"jpeg_after_end":  append(asJPEG(t, img), secret...),
		"png_text":        insert(asPNG(t, img), afterPNGHeader, chunk("tEXt", secret), chunk("iTXt", secret), chunk("zTXt", secret)),
		"png_exif":        pngWith(t, img, append(bytes.Clone(tiff), secret...)),
		"png_after_end":   append(asPNG(t, img), secret...),
		"webp_exif_xmp":   webp,
		"jpeg_restarting": insert(asJPEG(t, img), 2, segment(0xfe, secret), segment(0xdd, "\x00\x00")),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(data, []byte(secret)) {
				t.Fatal("nothing to remove")
			}
			got, changed := picture.Clean(data)
			if !changed || bytes.Contains(got, []byte(secret)) {
				t.Errorf("changed %v, it still says it: %v", changed, bytes.Contains(got, []byte(secret)))
			}
			sameImage(t, data, got)
			if again, changed := picture.Clean(got); changed {
				t.Errorf("a clean one changed from %d to %d bytes", len(got), len(again))
			}
		})
	}
}

func TestClean_leaves_alone(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 5, 5))
	colours := segment(0xe2, "ICC_PROFILE\x00\x01\x01colours")
	for name, data := range map[string][]byte{
		"empty":          nil,
		"text":           []byte("hello"),
		"gif":            asGIF(t, img),
		"plain_jpeg":     asJPEG(t, img),
		"plain_png":      asPNG(t, img),
		"jpeg_colours":   insert(asJPEG(t, img), 2, colours),
		"jpeg_cut":       insert(asJPEG(t, img), 2, segment(0xfe, secret))[:60],
		"png_cut":        insert(asPNG(t, img), 8+25, chunk("tEXt", secret))[:60],
		"jpeg_short":     []byte("\xff\xd8\xff"),
		"webp_too_short": []byte("RIFF\x00\x00\x00\x00WEBPEXIF\xff\xff\xff\x7f"),
	} {
		if got, changed := picture.Clean(data); changed || !bytes.Equal(got, data) {
			t.Errorf("%s: it was changed", name)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(insert(asJPEG(f, marked(8, 8)), 2, segment(0xe1, secret)))
	f.Add(insert(asPNG(f, marked(8, 8)), 8+25, chunk("tEXt", secret)))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, changed := picture.Clean(data)
		if !changed {
			return
		}
		if again, changed := picture.Clean(got); changed {
			t.Errorf("%q became %q, then %q", data, got, again)
		}
	})
}
