package e2e_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"os"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// TestPictures_say_nothing checks that a sent picture does not say where it was taken, however its file is made. What
// cannot be decoded is sent as a file.
func TestPictures_say_nothing(t *testing.T) {
	t.Parallel()
	const secret = "N 48.2082 E 16.3738"
	_, alice := carriedAlone(t)
	var jpg, moving bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 200, 100)), nil); err != nil {
		t.Fatal(err)
	}
	two := image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{color.Black, color.White})
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{two, two}, Delay: []int{10, 10}}); err != nil {
		t.Fatal(err)
	}
	exif := append(binary.BigEndian.AppendUint16([]byte("\xff\xe1"), uint16(2+6+len(secret))), "Exif\x00\x00"+secret...)
	// with returns the JPEG with parts at its start.
	with := func(parts ...string) []byte {
		out := bytes.Clone(jpg.Bytes()[:2])
		for _, p := range parts {
			out = append(out, p...)
		}
		return append(out, jpg.Bytes()[2:]...)
	}
	plain := with(string(exif))
	comment := append(bytes.Clone(moving.Bytes()[:moving.Len()-1]), "\x21\xfe\x13"+secret+"\x00\x3b"...)
	id := uint32(0)
	for name, c := range map[string]struct {
		data []byte
		kind mesibo.FileType
	}{
		"plain.jpg":   {plain, mesibo.FileTypeImage},
		"no end.jpg":  {plain[:len(plain)-2], mesibo.FileTypeImage},
		"alone.jpg":   {with("\xff\x01", string(exif)), mesibo.FileTypeImage},
		"stray.jpg":   {with(string(exif), "\x00\x00"), mesibo.FileTypeImage},
		"after.jpg":   {append(bytes.Clone(jpg.Bytes()), secret...), mesibo.FileTypeImage},
		"comment.gif": {comment, mesibo.FileTypeImage},
		"odd.gif":     {append(bytes.Clone(moving.Bytes()[:moving.Len()-1]), secret...), mesibo.FileTypeImage},
		"scan.tif":    {[]byte("II*\x00\x08\x00\x00\x00" + secret), mesibo.FileTypeOther},
		"photo.heic":  {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + secret), mesibo.FileTypeOther},
		"large.jpg":   {append(bytes.Clone(plain), make([]byte, 33<<20)...), mesibo.FileTypeOther},
	} {
		t.Run(name, func(t *testing.T) {
			id++
			path := writeBytes(t, name, c.data)
			f := &mesibo.FileInfo{Path: path}
			alice.sendFile(id, f)
			alice.awaitSent(id)
			sent, err := os.ReadFile(f.GetPath())
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case f.Type != c.kind:
				t.Errorf("it was sent as %v", f.Type)
			case c.kind == mesibo.FileTypeOther:
				if !bytes.Equal(sent, c.data) {
					t.Error("the file was changed")
				}
			case bytes.Contains(sent, []byte(secret)):
				t.Error("it says where it was taken")
			case len(f.Thumbnail) == 0 || f.Width == 0:
				t.Errorf("it has no thumbnail: %+v", f)
			}
			if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, c.data) {
				t.Errorf("the original was changed: %v", err)
			}
		})
	}
}
