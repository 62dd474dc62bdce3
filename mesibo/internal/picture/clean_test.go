package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
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
	riff := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L" +
		"\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
	webp := append(bytes.Clone(riff), "\x00\x00\x00\x00"[:len(riff)%2]...)
	webp = append(webp, "EXIF\x14\x00\x00\x00"+secret+"!XMP \x14\x00\x00\x00"+secret+"!"...)
	for name, data := range map[string][]byte{
		"jpeg_exif":      insert(jpegWith(t, img, append(bytes.Clone(tiff), secret...)), 2),
		"jpeg_xmp":       insert(asJPEG(t, img), 2, segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secret)),
		"jpeg_iptc":      insert(asJPEG(t, img), 2, segment(0xed, "Photoshop 3.0\x00"+secret)),
		"jpeg_comment":   insert(asJPEG(t, img), 2, segment(0xfe, secret)),
		"jpeg_two":       insert(jpegWith(t, img, tiff), 2, segment(0xe1, secret), segment(0xe2, "MPF\x00"+secret)),
		"jpeg_after_end": append(asJPEG(t, img), secret...),
		"png_text": insert(asPNG(t, img), afterPNGHeader, chunk("tEXt", secret), chunk("iTXt", secret),
			chunk("zTXt", secret)),
		"png_exif":      pngWith(t, img, append(bytes.Clone(tiff), secret...)),
		"png_after_end": append(asPNG(t, img), secret...),
		"webp_exif_xmp": webp,
		"jpeg_stray":    insert(asJPEG(t, img), 2, segment(0xe1, secret), []byte("\x00\x00")),
		"jpeg_alone":    insert(asJPEG(t, img), 2, []byte("\xff\x01"), segment(0xe1, secret)),
		"jpeg_no_end":   insert(asJPEG(t, img)[:len(asJPEG(t, img))-2], 2, segment(0xe1, secret)),
		"jpeg_unknown":  insert(asJPEG(t, img), 2, segment(0xf3, secret), segment(0xe0, "JFXX\x00"+secret)),
		"jpeg_jfif": insert(asJPEG(t, img), 2,
			segment(0xe0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x02\x03"+secret)),
		"png_unknown": insert(asPNG(t, img), afterPNGHeader, chunk("caNv", secret)),
		"gif_comment": insert(asGIF(t, img), len(asGIF(t, img))-1, []byte("\x21\xfe\x13"+secret+"\x00")),
		"gif_xmp": insert(asGIF(t, img), len(asGIF(t, img))-1,
			[]byte("\x21\xff\x0bXMP DataXMP\x13"+secret+"\x00")),
		"gif_after_end":   append(asGIF(t, img), secret...),
		"jpeg_restarting": insert(asJPEG(t, img), 2, segment(0xfe, secret), segment(0xdd, "\x00\x00")),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(data, []byte(secret)) {
				t.Fatal("nothing to remove")
			}
			got, changed, err := picture.Clean(data)
			if err != nil {
				t.Fatal(err)
			}
			if !changed || bytes.Contains(got, []byte(secret)) {
				t.Errorf("changed %v, it still says it: %v", changed, bytes.Contains(got, []byte(secret)))
			}
			switch name {
			case "jpeg_no_end", "jpeg_alone", "jpeg_unknown": // other programs show these
				data = asJPEG(t, img)
			}
			sameImage(t, data, got)
			if again, changed, err := picture.Clean(got); changed || err != nil {
				t.Errorf("a clean one changed from %d to %d bytes, %v", len(got), len(again), err)
			}
		})
	}
}

// TestClean_keeps: what is needed to show the picture.
func TestClean_keeps(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 5, 5))
	colours := segment(0xe2, "ICC_PROFILE\x00\x01\x01colours")
	loop := []byte("\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
	for name, data := range map[string][]byte{
		"gif":          asGIF(t, img),
		"gif_loop":     insert(asGIF(t, img), len(asGIF(t, img))-1, loop),
		"plain_jpeg":   asJPEG(t, img),
		"plain_png":    asPNG(t, img),
		"jpeg_colours": insert(asJPEG(t, img), 2, colours),
		"jpeg_adobe":   insert(asJPEG(t, img), 2, segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01")),
	} {
		if got, changed, err := picture.Clean(data); changed || err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: it was changed, %v", name, err)
		}
	}
}

// TestClean_refuses: of what one cannot follow one cannot say that it is clean.
func TestClean_refuses(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 5, 5))
	for name, data := range map[string][]byte{
		"empty":          nil,
		"text":           []byte("hello"),
		"tiff":           []byte("II*\x00\x08\x00\x00\x00" + secret),
		"heic":           []byte("\x00\x00\x00\x18ftypheic" + secret),
		"jpeg_cut":       insert(asJPEG(t, img), 2, segment(0xfe, secret))[:60],
		"png_cut":        insert(asPNG(t, img), 8+25, chunk("tEXt", secret))[:60],
		"gif_cut":        asGIF(t, img)[:len(asGIF(t, img))-2],
		"gif_odd":        insert(asGIF(t, img), len(asGIF(t, img))-1, []byte(secret)),
		"jpeg_short":     []byte("\xff\xd8\xff"),
		"webp_too_short": []byte("RIFF\x00\x00\x00\x00WEBPEXIF\xff\xff\xff\x7f"),
	} {
		if got, changed, err := picture.Clean(data); changed || got != nil || !errors.Is(err, picture.ErrFormat) {
			t.Errorf("%s: got %d bytes, %v", name, len(got), err)
		}
	}
}

// TestRedraw: what can be shown but not followed.
func TestRedraw(t *testing.T) {
	img := marked(40, 20)
	stray := insert(asGIF(t, img), len(asGIF(t, img))-1, []byte(secret))
	if _, _, err := picture.Clean(stray); err == nil {
		t.Fatal("it can be followed")
	}
	got, ending, err := picture.Redraw(stray)
	if err != nil || bytes.Contains(got, []byte(secret)) || ending != ".jpg" && ending != ".png" {
		t.Errorf("got %d bytes of %s, %v", len(got), ending, err)
	}
	if size, err := picture.Size(got); err != nil || size != image.Pt(40, 20) {
		t.Errorf("got %v, %v", size, err)
	}
	if _, _, err := picture.Redraw([]byte("hello")); !errors.Is(err, picture.ErrFormat) {
		t.Errorf("text: got %v", err)
	}
}

func FuzzClean(f *testing.F) {
	f.Add(insert(asJPEG(f, marked(8, 8)), 2, segment(0xe1, secret)))
	f.Add(insert(asPNG(f, marked(8, 8)), 8+25, chunk("tEXt", secret)))
	f.Add(insert(asGIF(f, marked(8, 8)), len(asGIF(f, marked(8, 8)))-1, []byte("\x21\xfe\x13"+secret+"\x00")))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L" +
		"\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, changed, err := picture.Clean(data)
		if err != nil || !changed {
			return
		}
		if again, changed, err := picture.Clean(got); changed || err != nil {
			t.Errorf("%q became %q, then %q, %v", data, got, again, err)
		}
	})
}
