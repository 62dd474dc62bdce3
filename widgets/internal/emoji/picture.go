package emoji

import (
	"bytes"
	"container/list"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"sync"

	xdraw "golang.org/x/image/draw"

	"github.com/go-text/typesetting/font"
)

// cacheBytes bounds the pictures that are kept.
const cacheBytes = 6 << 20

// MaxSide bounds the side of a picture in pixels.
const MaxSide = 512

type pictureKey struct {
	cluster string
	side    int
}

type picture struct {
	key pictureKey
	img *image.RGBA
}

// pictures keeps what was drawn last.
type pictures struct {
	mu    sync.Mutex
	known map[pictureKey]*list.Element
	order list.List // the latest first
	bytes int
}

var thePictures = pictures{known: make(map[pictureKey]*list.Element)}

// Picture returns the picture of a cluster, so many pixels high and as many wide for each picture it counts, or nil if
// it is no emoji. It must not be changed.
func Picture(cluster string, side int) *image.RGBA {
	side = min(max(side, 1), MaxSide)
	key := pictureKey{cluster, side}
	if img := thePictures.get(key); img != nil {
		return img
	}
	glyphs := theSet().glyphsOf(cluster)
	if len(glyphs) == 0 {
		return nil
	}
	img := image.NewRGBA(image.Rect(0, 0, side*len(glyphs), side))
	for i, g := range glyphs {
		theSet().drawGlyph(img, image.Rect(side*i, 0, side*(i+1), side), g)
	}
	thePictures.put(pictureKey{string([]byte(cluster)), side}, img)
	return img
}

// drawGlyph scales the picture of a glyph into a square.
func (s *set) drawGlyph(dst *image.RGBA, square image.Rectangle, g font.GID) {
	src, err := png.Decode(bytes.NewReader(s.picture(g)))
	if err != nil {
		return // the font is a part of the program; a test draws all of it
	}
	rgba := toRGBA(src)
	b := withoutEdges(rgba)
	// The longer side fills the square.
	long := max(b.Dx(), b.Dy())
	w, h := square.Dx()*b.Dx()/long, square.Dy()*b.Dy()/long
	to := image.Rect(0, 0, max(w, 1), max(h, 1)).Add(square.Min).Add(image.Pt((square.Dx()-w)/2, (square.Dy()-h)/2))
	xdraw.CatmullRom.Scale(dst, to, rgba, b, draw.Src, nil)
}

// toRGBA converts a picture. Those of the font have palettes, for which package draw is ten times slower.
func toRGBA(src image.Image) *image.RGBA {
	b := src.Bounds()
	dst := image.NewRGBA(b)
	p, ok := src.(*image.Paletted)
	if !ok {
		draw.Draw(dst, b, src, b.Min, draw.Src)
		return dst
	}
	var palette [256]color.RGBA
	for i, c := range p.Palette {
		palette[i], _ = color.RGBAModel.Convert(c).(color.RGBA)
	}
	for y := range b.Dy() {
		line, out := p.Pix[y*p.Stride:][:b.Dx()], dst.Pix[y*dst.Stride:]
		for x, i := range line {
			c := palette[i]
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = c.R, c.G, c.B, c.A
		}
	}
	return dst
}

// withoutEdges returns the bounds of a picture that is wider than high without the empty columns at its sides.
func withoutEdges(img *image.RGBA) image.Rectangle {
	b := img.Bounds()
	for b.Dx() > b.Dy() && emptyColumn(img, b.Min.X) && emptyColumn(img, b.Max.X-1) {
		b.Min.X++
		b.Max.X--
	}
	return b
}

func emptyColumn(img *image.RGBA, x int) bool {
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		if img.RGBAAt(x, y).A > 8 {
			return false
		}
	}
	return true
}

func (p *pictures) get(key pictureKey) *image.RGBA {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.known[key]
	if e == nil {
		return nil
	}
	p.order.MoveToFront(e)
	return e.Value.(picture).img //nolint:forcetypeassert // the list holds nothing else
}

func (p *pictures) put(key pictureKey, img *image.RGBA) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[key] != nil {
		return
	}
	p.known[key] = p.order.PushFront(picture{key, img})
	p.bytes += len(img.Pix)
	for p.bytes > cacheBytes && p.order.Len() > 1 {
		old := p.order.Remove(p.order.Back()).(picture) //nolint:forcetypeassert // the list holds nothing else
		delete(p.known, old.key)
		p.bytes -= len(old.img.Pix)
	}
}

// Forget drops the pictures that were drawn, so that a benchmark draws them again.
func Forget() {
	thePictures.mu.Lock()
	defer thePictures.mu.Unlock()
	clear(thePictures.known)
	thePictures.order.Init()
	thePictures.bytes = 0
}
