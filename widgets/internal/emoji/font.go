// Package emoji has pictures of all emoji, from the font Noto Color Emoji, which is linked into the program: they are
// the same on every machine. Its functions may be called from any goroutine.
package emoji

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"eliasnaur.com/font/noto/emoji/color"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// set is the font: which glyph an emoji has, and where its picture is.
type set struct {
	mu     sync.Mutex
	face   *font.Face // without pictures, which would be copied
	shaper shaping.HarfbuzzShaper
	glyphs map[string][]font.GID // by cluster; nil for what is no emoji
	parts  []picturePart
	data   []byte // the pictures, in the program's file
}

// picturePart says where the pictures of a range of glyphs are.
type picturePart struct {
	first, last font.GID
	format      uint16
	start       int   // in data
	ends        []int // offsets from start; one more than glyphs
}

// maxGlyphs bounds the clusters whose glyphs are remembered.
const maxGlyphs = 8192

var theSet = sync.OnceValue(loadSet)

// loadSet reads the font. It is linked into the program, so a failure is a mistake of the build, which tests find.
func loadSet() *set {
	s := &set{glyphs: make(map[string][]font.GID), data: table(color.TTF, "CBDT")}
	f, err := font.NewFont(mustLoader(shapingFont()))
	if err != nil {
		panic(fmt.Sprintf("emoji: %v", err))
	}
	s.face = font.NewFace(f)
	loc, _, err := tables.ParseCBLC(table(color.TTF, "CBLC"))
	if err != nil || len(loc.IndexSubTables) == 0 {
		panic(fmt.Sprintf("emoji: no pictures: %v", err))
	}
	for _, t := range loc.IndexSubTables[0] {
		part := picturePart{first: font.GID(t.FirstGlyph), last: font.GID(t.LastGlyph), format: t.ImageFormat, start: int(t.ImageDataOffset)}
		switch index := t.IndexData.(type) {
		case tables.IndexData1:
			for _, at := range index.SbitOffsets {
				part.ends = append(part.ends, int(at))
			}
		case tables.IndexData3:
			for _, at := range index.SbitOffsets {
				part.ends = append(part.ends, int(at))
			}
		}
		s.parts = append(s.parts, part)
	}
	return s
}

func mustLoader(file []byte) *opentype.Loader {
	ld, err := opentype.NewLoader(bytes.NewReader(file))
	if err != nil {
		panic(fmt.Sprintf("emoji: %v", err))
	}
	return ld
}

// table returns a table of a font file without copying it, or nil.
func table(file []byte, tag string) []byte {
	n := int(binary.BigEndian.Uint16(file[4:]))
	for i := range n {
		entry := file[12+16*i:]
		if string(entry[:4]) == tag {
			at, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
			return file[at : at+size]
		}
	}
	return nil
}

// shapingFont returns the font without its pictures.
func shapingFont() []byte {
	return fontWith(nil, "GDEF", "GSUB", "OS/2", "cmap", "head", "hhea", "hmtx", "maxp", "post")
}

// fontWith returns a font of these tables, which are sorted by tag; those in changed replace the font's own.
func fontWith(changed map[string][]byte, tags ...string) []byte {
	var out []opentype.Table
	for _, tag := range tags {
		content, ok := changed[tag]
		if !ok {
			content = table(color.TTF, tag)
		}
		if content != nil {
			out = append(out, opentype.Table{Tag: opentype.MustNewTag(tag), Content: content})
		}
	}
	return opentype.WriteTTF(out)
}

// glyphsOf returns the glyphs with pictures that show a cluster, nil if there are none or not for all of it.
func (s *set) glyphsOf(cluster string) []font.GID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.glyphs[cluster]; ok {
		return g
	}
	var g []font.GID
	if isCandidate(cluster) {
		g = s.shape(cluster)
	}
	if len(s.glyphs) >= maxGlyphs {
		clear(s.glyphs)
	}
	s.glyphs[string([]byte(cluster))] = g
	return g
}

func (s *set) shape(cluster string) []font.GID {
	runes := make([]rune, 0, len(cluster))
	for _, r := range cluster {
		if r != selectPicture {
			runes = append(runes, r)
		}
	}
	out := s.shaper.Shape(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: di.DirectionLTR, Face: s.face, Size: fixed.I(16),
		Script: language.Common, Language: language.DefaultLanguage(),
	})
	var glyphs []font.GID
	for _, g := range out.Glyphs {
		switch {
		case g.GlyphID == 0:
			return nil
		case s.picture(g.GlyphID) != nil:
			glyphs = append(glyphs, g.GlyphID)
		}
	}
	return glyphs
}

// picture returns the PNG of a glyph, nil if it has none.
func (s *set) picture(g font.GID) []byte {
	for _, p := range s.parts {
		if g < p.first || g > p.last || int(g-p.first)+1 >= len(p.ends) {
			continue
		}
		data := s.data[p.start+p.ends[g-p.first] : p.start+p.ends[g-p.first+1]]
		header := map[uint16]int{17: 5, 18: 8, 19: 0}[p.format] // metrics of the glyph
		if len(data) < header+4 {
			return nil
		}
		size := int(binary.BigEndian.Uint32(data[header:]))
		if len(data) < header+4+size {
			return nil
		}
		return data[header+4 : header+4+size]
	}
	return nil
}
