package text

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
)

// bundledFont is one of the fonts that Fyne brings along, to look at its letters.
type bundledFont struct {
	mu   sync.Mutex
	face *font.Face // nil if it cannot be read
}

type faceStyle struct{ bold, italic, mono bool }

var (
	facesMu sync.Mutex
	faces   = make(map[faceStyle]*bundledFont)
)

// bundledFace returns the font of a style.
func bundledFace(f Font) *bundledFont {
	style := faceStyle{f.Bold, f.Italic, f.Mono}
	facesMu.Lock()
	defer facesMu.Unlock()
	b := faces[style]
	if b == nil {
		b = &bundledFont{}
		b.face, _ = font.ParseTTF(bytes.NewReader(style.resource().Content()))
		faces[style] = b
	}
	return b
}

func (s faceStyle) resource() fyne.Resource {
	switch {
	case s.mono:
		return theme.DefaultTextMonospaceFont()
	case s.bold && s.italic:
		return theme.DefaultTextBoldItalicFont()
	case s.bold:
		return theme.DefaultTextBoldFont()
	case s.italic:
		return theme.DefaultTextItalicFont()
	default:
		return theme.DefaultTextFont()
	}
}

// has reports whether the font has a character.
func (b *bundledFont) has(r rune) bool {
	if b.face == nil {
		return true
	}
	_, ok := b.face.NominalGlyph(r)
	return ok
}

// Overhang returns how far the first character of a line reaches over its start to the left, as a J does.
func Overhang(s string, f Font) float32 {
	r, _ := utf8.DecodeRuneInString(s)
	if r >= firstForeign || r <= ' ' {
		return 0
	}
	b := bundledFace(f)
	if b.face == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	g, ok := b.face.NominalGlyph(r)
	if !ok {
		return 0
	}
	e, ok := b.face.GlyphExtents(g)
	if !ok || e.XBearing >= 0 {
		return 0
	}
	return -e.XBearing * f.Size / float32(b.face.Upem())
}

// Ascent returns the distance of the baseline from the top of a line.
func Ascent(f Font) float32 {
	b := bundledFace(f)
	if b.face == nil {
		return f.Size
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.face.FontHExtents()
	if !ok {
		return f.Size
	}
	return e.Ascender * f.Size / float32(b.face.Upem())
}
