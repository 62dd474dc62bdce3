package draw

import (
	"image/color"
	"strings"
	"sync"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets/internal/emoji"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Text is a line of text in any language, with emoji. A plain one is drawn as one canvas.Text.
type Text struct {
	pos    fyne.Position
	size   fyne.Size
	hidden bool

	words   string
	font    text.Font
	ink     color.Color
	objects []fyne.CanvasObject // what is drawn
	pieces  []text.Piece        // nil for a plain one
	rtl     bool                // starts at the right
	pool    Pool
}

var _ fyne.Widget = (*Text)(nil)

// NewText returns a text for SetText.
func NewText() *Text { return &Text{} }

// SetText changes a text, and repaints it only if something differs.
func SetText(t *Text, s string, f text.Font, c color.Color) {
	if !t.shows(s, f, c) {
		t.set(s, f, c, text.IsRTL(s))
	}
}

// SetLine is SetText for a line of a text that was wrapped, which has the direction of its paragraph.
func SetLine(t *Text, line text.Line, of string, f text.Font, c color.Color) {
	if s := line.In(of); !t.shows(s, f, c) || t.rtl != line.RTL {
		t.set(s, f, c, line.RTL)
	}
}

func (t *Text) shows(s string, f text.Font, c color.Color) bool {
	return t.words == s && t.font == f && t.ink == c && t.objects != nil
}

func (t *Text) set(s string, f text.Font, c color.Color, rtl bool) {
	t.words, t.font, t.ink, t.rtl = s, f, c, rtl
	t.pool.Reset()
	t.objects, t.pieces = t.objects[:0], nil
	if !rtl && text.IsSimple(s) {
		t.objects = append(t.objects, t.pool.text(s, f, c, 0, 0))
	} else {
		t.pieces = linePieces(s, f, rtl)
		for _, piece := range t.pieces {
			t.objects = t.pool.Piece(t.objects, s[piece.Start:piece.End], piece, f, c, 0, 0)
		}
	}
	canvas.Refresh(t)
}

// PlaceText puts the top left corner of a line of text at x, y, on whole units. It has been set before.
func PlaceText(t *Text, x, y float32) {
	if page > 0 {
		x = Flip(x, t.width())
	}
	t.Move(fyne.NewPos(SnapPx(x), SnapPx(y)))
	t.Resize(fyne.NewSize(1, 1))
}

// Words returns what was set.
func (t *Text) Words() string { return t.words }

// Font returns the font that was set.
func (t *Text) Font() text.Font { return t.font }

// width returns the width of the line.
func (t *Text) width() float32 {
	if n := len(t.pieces); n > 0 {
		return t.pieces[n-1].X + t.pieces[n-1].Width
	}
	return lineWidth(t.words, t.font)
}

// PlaceTextIn is PlaceText for a text of a user in a room of this width: what starts at the right is placed there. It
// returns the distance of the text from x. Where everything is mirrored, all texts start at the right.
func PlaceTextIn(t *Text, x, y, room float32) float32 {
	into := float32(0)
	if t.rtl && page == 0 {
		into = max(0, SnapPx(room-t.width()))
	}
	PlaceText(t, x+into, y)
	return into
}

// Extents returns where a part of a text is, as pairs of a left and a right edge, from the left edge of the text.
func (t *Text) Extents(set *text.Typesetter, from, to int) [][2]float32 {
	spans := []text.Span{{End: len(t.words), Font: t.font}}
	pieces := t.pieces
	if pieces == nil {
		pieces = []text.Piece{{End: len(t.words), Width: set.LineWidth(t.words, t.font), Text: t.words}}
	}
	return set.Extents(t.words, spans, pieces, from, to)
}

// MinSize implements fyne.CanvasObject. It is constant, so that nothing is laid out anew when the words change.
func (t *Text) MinSize() fyne.Size { return fyne.Size{} }

// Move implements fyne.CanvasObject.
func (t *Text) Move(pos fyne.Position) {
	if t.pos != pos {
		t.pos = pos
		canvas.Refresh(t)
	}
}

// Position implements fyne.CanvasObject.
func (t *Text) Position() fyne.Position { return t.pos }

// Resize implements fyne.CanvasObject.
func (t *Text) Resize(size fyne.Size) { t.size = size }

// Size implements fyne.CanvasObject.
func (t *Text) Size() fyne.Size { return t.size }

// Hide implements fyne.CanvasObject.
func (t *Text) Hide() {
	t.hidden = true
	canvas.Refresh(t)
}

// Show implements fyne.CanvasObject.
func (t *Text) Show() {
	t.hidden = false
	canvas.Refresh(t)
}

// Visible implements fyne.CanvasObject.
func (t *Text) Visible() bool { return !t.hidden }

// Refresh implements fyne.CanvasObject.
func (t *Text) Refresh() { canvas.Refresh(t) }

// CreateRenderer implements fyne.Widget.
func (t *Text) CreateRenderer() fyne.WidgetRenderer { return textRenderer{t} }

type textRenderer struct{ t *Text }

func (r textRenderer) Layout(fyne.Size) {}

func (r textRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r textRenderer) Refresh() {}

func (r textRenderer) Objects() []fyne.CanvasObject { return r.t.objects }

func (r textRenderer) Destroy() {}

// Pool has the objects with which lines of text are drawn, to use them again for others. It never mirrors.
type Pool struct {
	texts    []*canvas.Text
	pictures []*canvas.Image
	lines    []*canvas.Rectangle
	words    int // texts in use
	shown    int // pictures in use
	struck   int // lines in use
}

// Reset makes all objects free.
func (p *Pool) Reset() { p.words, p.shown, p.struck = 0, 0, 0 }

// Line appends the objects of a line, written to the left with rtl, whose top left corner is at x, y.
func (p *Pool) Line(
	objects []fyne.CanvasObject, s string, rtl bool, f text.Font, c color.Color, x, y float32,
) []fyne.CanvasObject {
	if !rtl && text.IsSimple(s) {
		return append(objects, p.text(s, f, c, x, y))
	}
	for _, piece := range linePieces(s, f, rtl) {
		objects = p.Piece(objects, s[piece.Start:piece.End], piece, f, c, x, y)
	}
	return objects
}

var (
	lineMu  sync.Mutex
	lineSet = text.NewTypesetter()
)

// linePieces lays out a line that stands alone.
func linePieces(s string, f text.Font, rtl bool) []text.Piece {
	lineMu.Lock()
	defer lineMu.Unlock()
	return lineSet.Pieces(s, []text.Span{{End: len(s), Font: f}}, rtl)
}

// boldShift is how far apart the two strokes of a bold letter are that has no bold face, as a share of the size.
const boldShift = float32(0.045)

// Piece appends the objects of a piece of a line whose top left corner is at x, y.
func (p *Pool) Piece(
	objects []fyne.CanvasObject, s string, piece text.Piece, f text.Font, c color.Color, x, y float32,
) []fyne.CanvasObject {
	switch {
	case piece.Emoji:
		return append(objects, p.picture(s, f, x+piece.X, y))
	case piece.Text == "":
		return objects
	}
	t := p.text(piece.Text, f, c, x+piece.X, y)
	objects = append(objects, t)
	if piece.Foreign && f.Bold {
		again := p.text(piece.Text, f, c, x+piece.X, y)
		again.Move(t.Position().AddXY(f.Size*boldShift, 0))
		objects = append(objects, again)
	}
	return objects
}

// Strike appends a line through a piece of text.
func (p *Pool) Strike(objects []fyne.CanvasObject, f text.Font, c color.Color, x, y, w float32) []fyne.CanvasObject {
	if p.struck == len(p.lines) {
		p.lines = append(p.lines, &canvas.Rectangle{})
	}
	r := p.lines[p.struck]
	p.struck++
	SetFill(r, c)
	PlaceUnflipped(r, SnapPx(x), SnapPx(y+text.Height(f)*0.56), w, max(1, SnapPx(f.Size/14)))
	return append(objects, r)
}

func (p *Pool) text(s string, f text.Font, c color.Color, x, y float32) *canvas.Text {
	if p.words == len(p.texts) {
		p.texts = append(p.texts, &canvas.Text{Color: color.Transparent})
	}
	t := p.texts[p.words]
	p.words++
	if whole := WithOverhang(s, f); whole != s {
		s = whole
		x -= lineWidth(overhangRoom, f)
	}
	s = steadyBaseline(s)
	if t.Text != s || t.TextSize != f.Size || t.TextStyle != f.Style() || t.Color != c {
		t.Text, t.TextSize, t.TextStyle, t.Color = s, f.Size, f.Style(), c
		t.Refresh()
	}
	t.Move(fyne.NewPos(SnapPx(x), SnapPx(y)))
	t.Resize(fyne.NewSize(1, 1)) // lower than the text, because Fyne would otherwise centre it between two pixels
	return t
}

// overhangRoom stands before a letter that reaches over the start of its line, because Fyne cuts what is left of it.
const overhangRoom = "\u2009"

// WithOverhang returns a text of which Fyne cuts nothing at its left.
func WithOverhang(s string, f text.Font) string {
	if text.Overhang(s, f) > 0 {
		return overhangRoom + s
	}
	return s
}

func lineWidth(s string, f text.Font) float32 {
	lineMu.Lock()
	defer lineMu.Unlock()
	return lineSet.LineWidth(s, f)
}

// steadyBaseline puts a zero-width character before a text that starts with a script the bundled font lacks. Fyne takes
// the baseline of a line from the font of its first glyph; this one is in the bundled font.
func steadyBaseline(s string) string {
	const firstOther = '\u0590' // everything below is in the bundled font
	if r, _ := utf8.DecodeRuneInString(s); r < firstOther || r >= '\u2000' && r < '\u2100' {
		return s
	}
	return zeroWidth + s
}

const zeroWidth = "\u200B"

// Words returns a drawn text without what was put before it.
func Words(drawn string) string {
	return strings.TrimPrefix(strings.TrimPrefix(drawn, zeroWidth), overhangRoom)
}

// picture returns the picture of an emoji in a line of text at x, y.
func (p *Pool) picture(s string, f text.Font, x, y float32) *canvas.Image {
	if p.shown == len(p.pictures) {
		p.pictures = append(p.pictures, &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest})
	}
	img := p.pictures[p.shown]
	p.shown++
	side := f.EmojiSide()
	SetEmoji(img, s, side)
	gap := (f.EmojiAdvance() - side) / 2
	PlaceUnflipped(img, SnapPx(x+gap), SnapPx(y+(text.Height(f)-side)/2), side*float32(emoji.Count(s)), side)
	return img
}

// SetEmoji shows an emoji in an image of a height, and repaints it only if it differs.
func SetEmoji(img *canvas.Image, s string, side float32) {
	picture := emoji.Picture(s, EmojiPixels(side))
	if picture == nil {
		img.Image = nil
		return
	}
	if img.Image == picture {
		return
	}
	img.Image = picture
	img.Refresh()
}

// EmojiPixels returns the height in pixels of an emoji of a height.
func EmojiPixels(side float32) int { return int(SnapPx(side * pixelScale())) }

// pixelScale returns the pixels of a unit.
func pixelScale() float32 {
	app := fyne.CurrentApp()
	if app == nil {
		return 1
	}
	scale := float32(1)
	for _, w := range app.Driver().AllWindows() {
		scale = max(scale, w.Canvas().Scale())
	}
	return scale
}
