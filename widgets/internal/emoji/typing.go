package emoji

import (
	"encoding/binary"
	"strings"
	"sync"

	"eliasnaur.com/font/noto/emoji/color"
	"fyne.io/fyne/v2"
	"github.com/go-text/typesetting/font"
)

// TypingFont returns the same emoji as a font for text fields, which cannot show pictures. It has no other characters
// that text, a font, has, but a space of the same width: Fyne takes the space after an emoji from the emoji's font.
// Fyne copies the content, so nothing keeps it here.
func TypingFont(name string, text fyne.Resource) fyne.Resource {
	return &typingFont{name: name, text: text}
}

// In reports whether a text has an emoji that needs the font of [TypingFont].
func In(text string) bool {
	for _, r := range text {
		if r < 0x203C || strings.ContainsRune(textFirst, r) { // text fonts have them
			continue
		}
		if _, ok := theSet().face.NominalGlyph(r); ok {
			return true
		}
	}
	return false
}

type typingFont struct {
	name string
	text fyne.Resource
	once sync.Once
	cmap []byte
}

// Name implements fyne.Resource.
func (f *typingFont) Name() string { return f.name }

// Content implements fyne.Resource.
func (f *typingFont) Content() []byte {
	f.once.Do(func() { f.cmap = emojiOnly(f.text) })
	glyf, loca := boxes()
	return fontWith(map[string][]byte{
		"cmap": f.cmap, "hhea": levelLines(f.text), "hmtx": withSpace(f.text), "glyf": glyf, "loca": loca,
	}, "CBDT", "CBLC", "GDEF", "GSUB", "OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "post")
}

// levelLines returns the table hhea with the line of another font, so that a line of text does not move when it starts
// with an emoji.
func levelLines(text fyne.Resource) []byte {
	own := append([]byte(nil), table(color.TTF, "hhea")...)
	hhea, head := table(text.Content(), "hhea"), table(text.Content(), "head")
	if len(own) < 10 || len(hhea) < 10 || len(head) < 20 {
		return own
	}
	ownEm := int(binary.BigEndian.Uint16(table(color.TTF, "head")[18:]))
	em := int(binary.BigEndian.Uint16(head[18:]))
	for _, at := range [...]int{4, 6} { // ascender and descender
		v := int(int16(binary.BigEndian.Uint16(hhea[at:]))) * ownEm / em
		binary.BigEndian.PutUint16(own[at:], uint16(int16(v)))
	}
	return own
}

// withSpace returns the table hmtx with the space of another font.
func withSpace(text fyne.Resource) []byte {
	own := append([]byte(nil), table(color.TTF, "hmtx")...)
	known, err := font.NewFont(mustLoader(text.Content()))
	if err != nil {
		return own
	}
	space, _ := known.NominalGlyph(' ')
	g, ok := theSet().face.NominalGlyph(' ')
	if ok && 4*int(g)+2 <= len(own) {
		em := float32(theSet().face.Upem()) / float32(known.Upem())
		width := font.NewFace(known).HorizontalAdvance(space) * em
		binary.BigEndian.PutUint16(own[4*int(g):], uint16(width+0.5))
	}
	return own
}

// Size of the pictures in pixels, and the distance of their upper edge from the baseline.
const (
	pictureWidth, pictureHeight, pictureAbove = 136, 128, 101
	picturePixels                             = 109 // of an em
)

// boxes returns the tables glyf and loca, in which each glyph but the space has the box of its picture and no outline.
// Without them Fyne gives the space no width, because it has neither.
func boxes() (glyf, loca []byte) {
	em := int(theSet().face.Upem())
	unit := func(pixels int) uint16 { return uint16(int16(pixels * em / picturePixels)) }
	var box []byte
	for _, v := range [...]uint16{0, 0, unit(pictureAbove - pictureHeight), unit(pictureWidth), unit(pictureAbove), 0} {
		box = binary.BigEndian.AppendUint16(box, v) // contours, left, bottom, right, top, instructions
	}
	space, _ := theSet().face.NominalGlyph(' ')
	long := binary.BigEndian.Uint16(table(color.TTF, "head")[50:]) != 0
	add := func() {
		if long {
			loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		} else {
			loca = binary.BigEndian.AppendUint16(loca, uint16(len(glyf)/2))
		}
	}
	n := int(binary.BigEndian.Uint16(table(color.TTF, "maxp")[4:]))
	for g := range n {
		add()
		if g != int(space) {
			glyf = append(glyf, box...)
		}
	}
	add()
	return glyf, loca
}

// emojiOnly returns a table cmap with the runes of the emoji font that text lacks.
func emojiOnly(text fyne.Resource) []byte {
	known, err := font.NewFont(mustLoader(text.Content()))
	if err != nil {
		return table(color.TTF, "cmap")
	}
	type group struct{ first, last, glyph uint32 }
	var groups []group
	for r := rune(' '); r < 0xE0080; r++ {
		g, ok := theSet().face.NominalGlyph(r)
		if !ok {
			continue
		}
		if _, has := known.NominalGlyph(r); has && r < 0x1F000 && r != ' ' && r != joiner && r != selectPicture {
			continue
		}
		c, glyph := uint32(r), uint32(g)
		if n := len(groups); n > 0 && groups[n-1].last == c-1 && groups[n-1].glyph+c-groups[n-1].first == glyph {
			groups[n-1].last = c
			continue
		}
		groups = append(groups, group{c, c, glyph})
	}
	// One table of format 12, for Unicode.
	var b []byte
	for _, v := range []uint16{0, 1, 3, 10} {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, 12)
	b = binary.BigEndian.AppendUint16(b, 12)
	b = binary.BigEndian.AppendUint16(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(16+12*len(groups)))
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(groups)))
	for _, g := range groups {
		for _, v := range [...]uint32{g.first, g.last, g.glyph} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
	}
	return b
}
