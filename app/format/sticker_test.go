package format_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
)

func thumbnail(t *testing.T, ink color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.SetNRGBA(i%8, i/8, ink)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestIsSticker(t *testing.T) {
	holes, full := thumbnail(t, color.NRGBA{R: 9, A: 99}), thumbnail(t, color.NRGBA{R: 9, A: 255})
	sticker := mesibo.FileInfo{Type: mesibo.FileTypeImage, Title: "a.WebP", Width: 512, Height: 300, Thumbnail: holes}
	for name, tc := range map[string]struct {
		change func(*mesibo.FileInfo)
		want   bool
	}{
		"webp":         {func(*mesibo.FileInfo) {}, true},
		"png":          {func(f *mesibo.FileInfo) { f.Title = "a.png" }, true},
		"by its type":  {func(f *mesibo.FileInfo) { f.Title, f.MimeType = "", "image/webp" }, true},
		"too large":    {func(f *mesibo.FileInfo) { f.Height = 513 }, false},
		"of no size":   {func(f *mesibo.FileInfo) { f.Width = 0 }, false},
		"opaque":       {func(f *mesibo.FileInfo) { f.Thumbnail = full }, false},
		"no thumbnail": {func(f *mesibo.FileInfo) { f.Thumbnail = nil }, false},
		"a GIF":        {func(f *mesibo.FileInfo) { f.Title = "a.gif" }, false},
		"a file":       {func(f *mesibo.FileInfo) { f.Type = mesibo.FileTypeOther }, false},
	} {
		f := sticker
		tc.change(&f)
		if got := format.IsSticker(&f); got != tc.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestMayMove(t *testing.T) {
	for title, want := range map[string][2]bool{
		"a.gif": {true, true}, "a.GIF": {true, true}, "a.webp": {false, true}, "a.png": {}, "gif": {},
	} {
		f := &mesibo.FileInfo{Type: mesibo.FileTypeImage, Title: title}
		if got := [2]bool{format.IsGIF(f), format.MayMove(f)}; got != want {
			t.Errorf("%s: got %v, want %v", title, got, want)
		}
	}
}
