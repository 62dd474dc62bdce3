package camera

import (
	"bytes"
	"embed"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"testing"
)

//go:embed testdata/*.jpg
var pictures embed.FS

func picture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := pictures.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// withoutTables returns a JPEG without its Huffman tables, as many cameras send it.
func withoutTables(t testing.TB, data []byte) []byte {
	t.Helper()
	data = slices.Clone(data)
	for {
		at, found := segment(data, markTables)
		if !found {
			t.Fatal("not a JPEG")
		}
		if data[at+1] == markScan {
			return data
		}
		data = slices.Delete(data, at, at+2+int(data[at+2])<<8+int(data[at+3]))
	}
}

// TestJPEG: JPEGs of every subsampling get the colours of the limited range.
func TestJPEG(t *testing.T) {
	t.Parallel()
	size := image.Pt(32, 16)
	for _, name := range []string{
		"red-444.jpg", "red-422.jpg", "red-420.jpg", "red-440.jpg", "red-411.jpg", "progressive-422.jpg",
	} {
		d := decoder{mode: mode{mjpeg, size, 30}}
		f, err := d.decode(picture(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		even(t, f, size, [3]byte{81, 90, 240})
	}
}

// TestTables: a JPEG without Huffman tables is decoded with those of the standard.
func TestTables(t *testing.T) {
	t.Parallel()
	src := image.NewYCbCr(image.Rect(0, 0, 48, 32), image.YCbCrSubsampleRatio420)
	for i := range src.Y {
		src.Y[i] = byte(i * 37 % 251)
	}
	for i := range src.Cb {
		src.Cb[i], src.Cr[i] = byte(i*11), byte(i*5)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, src, nil); err != nil {
		t.Fatal(err)
	}
	bare := withoutTables(t, b.Bytes())
	if len(bare) >= b.Len() {
		t.Fatal("no tables were taken out")
	}
	d := decoder{mode: mode{mjpeg, image.Pt(48, 32), 30}}
	want, err := d.decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	d.frame = nil
	got, err := d.decode(bare)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Y, want.Y) || !bytes.Equal(got.Cb, want.Cb) || !bytes.Equal(got.Cr, want.Cr) {
		t.Error("another picture")
	}
}

// TestRefused: what is no frame of the mode is an error.
func TestRefused(t *testing.T) {
	t.Parallel()
	size := image.Pt(32, 16)
	red := picture(t, "red-422.jpg")
	huge := slices.Clone(red)
	at, found := segment(huge, 0xc0)
	if !found || huge[at+1] != 0xc0 {
		t.Fatal("no header of a frame")
	}
	copy(huge[at+5:], []byte{0xff, 0xff, 0xff, 0xff})
	for name, c := range map[string]struct {
		format format
		data   []byte
		is     error
	}{
		"grey":          {mjpeg, picture(t, "grey.jpg"), errColour},
		"of printers":   {mjpeg, picture(t, "cmyk.jpg"), errColour},
		"huge":          {mjpeg, huge, errSize},
		"cut off":       {mjpeg, red[:len(red)-30], io.ErrUnexpectedEOF},
		"empty":         {mjpeg, nil, io.ErrUnexpectedEOF},
		"short":         {yuyv, make([]byte, 32*16*2-1), errShort},
		"nothing":       {yuyv, nil, errShort},
		"only a header": {mjpeg, red[:2], io.ErrUnexpectedEOF},
	} {
		d := decoder{mode: mode{c.format, size, 30}}
		if _, err := d.decode(c.data); !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want %v", name, err, c.is)
		}
	}
	d := decoder{mode: mode{mjpeg, size.Div(4), 30}}
	if _, err := d.decode(red); !errors.Is(err, errSize) {
		t.Errorf("a JPEG 16 times as large: got %v", err)
	}
}

// TestPadding: rows that are padded, and sizes that are odd.
func TestPadding(t *testing.T) {
	t.Parallel()
	for _, padding := range []int{0, 4, 64} {
		row := append(slices.Repeat([]byte{50, 100, 50, 200}, 4), make([]byte, padding)...)
		d := decoder{mode: mode{yuyv, image.Pt(7, 5), 30}}
		f, err := d.decode(slices.Repeat(row, 5))
		if err != nil {
			t.Fatal(err)
		}
		even(t, f, image.Pt(6, 4), [3]byte{50, 100, 200})
	}
}

// FuzzDecode: no bytes make the decoder panic, or return a frame that is odd or larger than twice the mode.
func FuzzDecode(f *testing.F) {
	names, err := pictures.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data := picture(f, name.Name())
		f.Add(data, true, uint16(32), uint16(16))
		f.Add(withoutTables(f, data), true, uint16(32), uint16(16))
	}
	f.Add(pairs(image.Pt(8, 4), 1, 2, 3), false, uint16(8), uint16(4))
	f.Add(pairs(image.Pt(8, 5), 1, 2, 3), false, uint16(7), uint16(5))
	f.Fuzz(func(t *testing.T, data []byte, compressed bool, width, height uint16) {
		m := mode{yuyv, image.Pt(int(width)%512, int(height)%512), 30}
		if compressed {
			m.format = mjpeg
		}
		if _, err := choose([]mode{m}, m.size, 30); err != nil {
			return
		}
		d := decoder{mode: m}
		frame, err := d.decode(data)
		if err != nil {
			return
		}
		size := frame.Rect.Max
		if size.X%2 != 0 || size.Y%2 != 0 || size.X*size.Y > max(4, 2*m.size.X*m.size.Y) {
			t.Errorf("a frame of %v in the mode %v", size, m)
		}
	})
}
