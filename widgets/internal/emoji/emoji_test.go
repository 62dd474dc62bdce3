package emoji

import (
	"bytes"
	"image"
	"testing"

	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
)

func TestNameIn(t *testing.T) {
	t.Parallel()
	e := Find("😀")
	for language, want := range map[string]string{"de": "grinsendes Gesicht", "zh": "嘿嘿", "xx": "grinning face", "": "grinning face"} {
		if got := e.NameIn(language); got != want {
			t.Errorf("%q: got %q, want %q", language, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for cluster, want := range map[string]int{
		"👍": 1, "👍🏽": 1, "❤️": 1, "❤": 1, "🏳️‍🌈": 1, "👨‍👩‍👧‍👦": 1, "1️⃣": 1, "#️⃣": 1, "🇩🇪": 1, "🫠": 1, "🫨": 1, "☀️": 1,
		"🧑🏿‍🚀": 1, "🏴󠁧󠁢󠁳󠁣󠁴󠁿": 1, "👩🏻‍❤️‍💋‍👨🏿": 1, "🤷‍♂️": 1, "©️": 1, "✈": 1,
		"": 0, "a": 0, "1": 0, "#": 0, "é": 0, "©": 0, "™": 0, "漢": 0, "ש": 0, "☺\uFE0E": 0, "–": 0, "…": 0, "€": 0, "👍\u200Da": 0,
	} {
		if got := Count(cluster); got != want {
			t.Errorf("%q: %d pictures, want %d", cluster, got, want)
		}
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	for _, cluster := range []string{"👍", "🇩🇪", "👍🏽", "1️⃣"} {
		for _, side := range []int{18, 36, 84} {
			img := Picture(cluster, side)
			if img == nil || img.Bounds() != image.Rect(0, 0, side, side) {
				t.Fatalf("%s: no picture of %d pixels", cluster, side)
			}
			if w, h := drawn(img); w < side*3/4 && h < side*3/4 || Picture(cluster, side) != img {
				t.Errorf("%s: %d×%d of %d pixels are drawn", cluster, w, h, side)
			}
		}
	}
	if Picture("a", 18) != nil {
		t.Error("a letter has a picture")
	}
}

// drawn returns the size of the part of a picture that is not empty.
func drawn(img *image.RGBA) (w, h int) {
	var b image.Rectangle
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.RGBAAt(x, y).A > 40 {
				b = b.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return b.Dx(), b.Dy()
}

func TestPicture_bounded(t *testing.T) {
	t.Parallel()
	for side := 1; side < 3*MaxSide; side += 7 {
		Picture("👍", side)
		Picture("👎", side)
	}
	thePictures.mu.Lock()
	defer thePictures.mu.Unlock()
	if thePictures.bytes > cacheBytes || len(thePictures.known) != thePictures.order.Len() {
		t.Errorf("%d bytes of pictures are kept, %d of %d", thePictures.bytes, len(thePictures.known), thePictures.order.Len())
	}
}

// TestTypingFont reads the font as Fyne does.
func TestTypingFont(t *testing.T) {
	t.Parallel()
	res := TypingFont("emoji.ttf", theme.DefaultTextFont())
	face, err := font.ParseTTF(bytes.NewReader(res.Content()))
	if err != nil {
		t.Fatal(err)
	}
	for r, want := range map[rune]bool{
		'a': false, ' ': true, '1': false, 'é': false, '©': false, '👍': true, '🫠': true, '❤': true, '🇩': true, '\u20E3': true,
	} {
		if _, got := face.NominalGlyph(r); got != want {
			t.Errorf("%q: in the font %v, want %v", r, got, want)
		}
	}
	if space, _ := face.NominalGlyph(' '); face.HorizontalAdvance(space)/float32(face.Upem()) > 0.27 {
		t.Errorf("a space is %v wide", face.HorizontalAdvance(space))
	}
	if space, _ := face.NominalGlyph(' '); space != 0 {
		if e, ok := face.GlyphExtents(space); !ok || e.Width != 0 {
			t.Errorf("a space has the box %+v, %v", e, ok)
		}
	}
	g, _ := face.NominalGlyph('👍')
	if e, ok := face.GlyphExtents(g); !ok || e.Width < 2000 || e.Height > -2000 || e.YBearing < 1500 {
		t.Errorf("an emoji has the box %+v", e)
	}
	if _, ok := face.GlyphData(g).(font.GlyphBitmap); !ok {
		t.Error("the font has no picture")
	}
}

func BenchmarkPicture(b *testing.B) {
	g := theSet().glyphsOf("👍🏽")[0]
	for b.Loop() {
		theSet().drawGlyph(image.NewRGBA(image.Rect(0, 0, 18, 18)), image.Rect(0, 0, 18, 18), g)
	}
}

func BenchmarkCount(b *testing.B) {
	for b.Loop() {
		Count("👍🏽")
	}
}
