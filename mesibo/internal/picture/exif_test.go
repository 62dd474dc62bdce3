package picture

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// tiffWith is EXIF data of one entry.
func tiffWith(order binary.AppendByteOrder, mark string, tag, kind uint16, count uint32, value uint16) []byte {
	b := order.AppendUint32([]byte(mark), 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, tag)
	b = order.AppendUint16(b, kind)
	b = order.AppendUint32(b, count)
	return append(order.AppendUint16(b, value), 0, 0)
}

func TestOrientationOfDamaged(t *testing.T) {
	good := tiffWith(binary.LittleEndian, "II*\x00", 0x0112, 3, 1, 6)
	if got := orientation(good); got != 6 {
		t.Fatalf("got %d, want 6", got)
	}
	for name, data := range map[string][]byte{
		"empty":           nil,
		"header only":     good[:8],
		"cut":             good[:len(good)-1],
		"unknown order":   tiffWith(binary.LittleEndian, "XX*\x00", 0x0112, 3, 1, 6),
		"other tag":       tiffWith(binary.LittleEndian, "II*\x00", 0x0100, 3, 1, 6),
		"other kind":      tiffWith(binary.LittleEndian, "II*\x00", 0x0112, 4, 1, 6),
		"many values":     tiffWith(binary.LittleEndian, "II*\x00", 0x0112, 3, 9, 6),
		"value 0":         tiffWith(binary.LittleEndian, "II*\x00", 0x0112, 3, 1, 0),
		"value 9":         tiffWith(binary.LittleEndian, "II*\x00", 0x0112, 3, 1, 9),
		"offset far":      append([]byte("II*\x00\xff\xff\xff\xff"), good[8:]...),
		"offset backward": append([]byte("II*\x00\x02\x00\x00\x00"), good[8:]...),
	} {
		if got := orientation(data); got != 1 {
			t.Errorf("%s: got %d, want 1", name, got)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(tiffWith(binary.LittleEndian, "II*\x00", 0x0112, 3, 1, 6))
	f.Add(tiffWith(binary.BigEndian, "MM\x00*", 0x0112, 3, 1, 8))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00eXIf"))
	f.Add([]byte("RIFF\x20\x00\x00\x00WEBPEXIF\x0a\x00\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, read := range map[string]func([]byte) int{
			"tiff": orientation, "jpeg": jpegOrientation, "png": pngOrientation, "webp": webpOrientation,
		} {
			if got := read(data); got < 1 || got > 8 {
				t.Errorf("%s: orientation %d", name, got)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00" +
		",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L" +
		"\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range formats() {
			config, err := format.config(bytes.NewReader(data))
			if err != nil || config.Width*config.Height > 1<<16 {
				continue
			}
			img, err := Decode(data, 8)
			if err == nil && max(img.Bounds().Dx(), img.Bounds().Dy()) > 8 {
				t.Errorf("got %v", img.Bounds())
			}
		}
	})
}
