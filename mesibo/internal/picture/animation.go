package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// The bounds of an Animation, which stays below 32 MiB: its file, its canvas, a copy of that, and the frame that is
// being decoded.
const (
	maxAnimationBytes  = 12 << 20
	maxAnimationPixels = 1_500_000
	// maxFrames are looked at, the others do not exist: at leastDelay they take longer than anybody plays them.
	maxFrames = 1000
	// leastDelay is the shortest time for which Next has a picture be shown: 20 of them a second.
	leastDelay = 50 * time.Millisecond
	// noDelay and less stand for usualDelay, as in browsers.
	noDelay    = 10 * time.Millisecond
	usualDelay = 100 * time.Millisecond
)

// Animation is a moving picture, GIF or WebP. Only the frame that is shown is decoded: how many there are costs
// nothing. It is for one goroutine at a time.
type Animation struct {
	size    image.Point
	frames  []frame
	loops   int
	maxSide int

	canvas *image.RGBA // nil before the first frame
	saved  *image.RGBA // the canvas before the frame, where that is to be brought back
	next   int
}

// frame is a part of the canvas for a time.
type frame struct {
	area     image.Rectangle
	delay    time.Duration
	after    disposal
	replaces bool     // also where it is transparent
	file     [][]byte // of the frame alone, in pieces
	decode   func(io.Reader) (image.Image, error)
}

// disposal is what becomes of a frame's area before the next one.
type disposal uint8

const (
	keep disposal = iota
	clearArea
	restore
)

// Animate returns the animation in a file's contents, which must not be changed afterwards. Its pictures are made
// smaller as by Load. A picture that stands still is an animation of one frame. Of a file that was cut off the frames
// that are whole are there. ErrTooLarge: it has more than 12 MiB or 1.5 million pixels. ErrFormat: it is of another
// kind, or has no whole frame.
func Animate(data []byte, maxSide int) (*Animation, error) {
	if len(data) > maxAnimationBytes {
		return nil, fmt.Errorf("%w: an animation of more than %d bytes", ErrTooLarge, maxAnimationBytes)
	}
	a, err := readAnimation(data)
	if err != nil {
		return nil, err
	}
	if a.size.X*a.size.Y > maxAnimationPixels {
		return nil, fmt.Errorf("%w: an animation of %d by %d pixels", ErrTooLarge, a.size.X, a.size.Y)
	}
	a.maxSide = maxSide
	return a, nil
}

func readAnimation(data []byte) (a *Animation, err error) {
	switch {
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		a = gifAnimation(data)
	case isWebP(data):
		a = webpAnimation(data)
	default:
		return nil, fmt.Errorf("%w: not a kind that moves", ErrFormat)
	}
	if len(a.frames) == 0 || a.size.X <= 0 || a.size.Y <= 0 {
		return nil, fmt.Errorf("%w: an animation without a whole frame", ErrFormat)
	}
	return a, nil
}

// Moves reports whether there is more than one frame.
func (a *Animation) Moves() bool { return len(a.frames) > 1 }

// Loops returns how often the file says that it is played, 0 for without end.
func (a *Animation) Loops() int { return a.loops }

// Next returns what is to be shown next, a picture of its own, and for how long. It shows frames that are shorter than
// a twentieth of a second together. last reports whether the end is reached; the next one is the first again. An error
// is one of ErrFormat.
func (a *Animation) Next() (img image.Image, delay time.Duration, last bool, err error) {
	for delay < leastDelay && !last {
		f := a.frames[a.next]
		needed := 4 * int64(f.area.Dx()) * int64(f.area.Dy())
		if err := memory.Acquire(context.Background(), needed); err != nil {
			return nil, 0, false, fmt.Errorf("decode frame: %w", err)
		}
		err := a.draw(f)
		memory.Release(needed)
		if err != nil {
			return nil, 0, false, err
		}
		delay += f.delay
		a.next = (a.next + 1) % len(a.frames)
		last = a.next == 0
	}
	return a.shown(), max(delay, leastDelay), last, nil
}

// draw puts a frame on the canvas.
func (a *Animation) draw(f frame) error {
	switch {
	case a.canvas == nil:
		a.canvas = image.NewRGBA(image.Rectangle{Max: a.size})
	case a.next == 0:
		clear(a.canvas.Pix)
	default:
		a.dispose(a.frames[a.next-1])
	}
	if f.after == restore {
		if a.saved == nil {
			a.saved = image.NewRGBA(a.canvas.Rect)
		}
		copy(a.saved.Pix, a.canvas.Pix)
	}
	img, err := f.read()
	if err != nil {
		return err
	}
	from := img.Bounds().Min
	switch p, paletted := img.(*image.Paletted); {
	case paletted:
		drawPaletted(a.canvas, p)
	case f.replaces:
		draw.Draw(a.canvas, f.area, img, from, draw.Src)
	default:
		draw.Draw(a.canvas, f.area, img, from, draw.Over)
	}
	return nil
}

func (a *Animation) dispose(f frame) {
	switch f.after {
	case clearArea:
		draw.Draw(a.canvas, f.area, image.Transparent, image.Point{}, draw.Src)
	case restore:
		copy(a.canvas.Pix, a.saved.Pix)
	case keep:
	}
}

// read decodes a frame.
func (f frame) read() (image.Image, error) {
	parts := make([]io.Reader, len(f.file))
	for i, part := range f.file {
		parts[i] = bytes.NewReader(part)
	}
	img, err := f.decode(io.MultiReader(parts...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if img.Bounds().Size() != f.area.Size() {
		return nil, fmt.Errorf("%w: a frame of another size", ErrFormat)
	}
	return img, nil
}

// drawPaletted draws a frame of a GIF, which is opaque or not there in each pixel.
func drawPaletted(to *image.RGBA, p *image.Paletted) {
	var colours [256][4]uint8
	var opaque [256]bool
	for i, c := range p.Palette {
		n, _ := color.RGBAModel.Convert(c).(color.RGBA)
		colours[i], opaque[i] = [4]uint8{n.R, n.G, n.B, n.A}, n.A != 0
	}
	area := p.Rect.Intersect(to.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := to.Pix[to.PixOffset(area.Min.X, y):]
		for i, index := range p.Pix[p.PixOffset(area.Min.X, y):][:area.Dx()] {
			if opaque[index] {
				copy(row[4*i:4*i+4], colours[index][:])
			}
		}
	}
}

// shown returns the canvas as it is shown: a copy, smaller if need be.
func (a *Animation) shown() image.Image {
	long := max(a.size.X, a.size.Y)
	if a.maxSide <= 0 || long <= a.maxSide {
		out := image.NewRGBA(a.canvas.Rect)
		copy(out.Pix, a.canvas.Pix)
		return out
	}
	if long > 2*a.maxSide {
		return Scale(a.canvas, a.maxSide)
	}
	out := image.NewRGBA(image.Rectangle{Max: scaled(a.size, a.maxSide)})
	draw.ApproxBiLinear.Scale(out, out.Rect, a.canvas, a.canvas.Rect, draw.Src, nil)
	return out
}

func delayOf(d time.Duration) time.Duration {
	if d <= noDelay {
		return usualDelay
	}
	return d
}

// gifAnimation finds the frames of a GIF file, up to the first that is not whole.
func gifAnimation(data []byte) *Animation {
	a := &Animation{loops: 1}
	if len(data) < gifHead {
		return a
	}
	a.size = image.Pt(int(data[6])|int(data[7])<<8, int(data[8])|int(data[9])<<8)
	at := gifHead + gifColours(data[10])
	if at > len(data) {
		return a
	}
	head, control := data[:at], []byte(nil)
	for at < len(data) && data[at] != gifEnd && len(a.frames) < maxFrames {
		end := gifPartEnd(data, at)
		if end < 0 {
			return a
		}
		switch part := data[at:end]; {
		case part[0] == gifPicture:
			f, ok := gifFrame(head, control, part)
			if !ok || !f.area.In(image.Rectangle{Max: a.size}) {
				return a
			}
			a.frames, control = append(a.frames, f), nil
		case len(part) >= 8 && part[1] == gifControl:
			control = part
		default:
			if n, ok := gifLoops(part); ok {
				a.loops = n
			}
		}
		at = end
	}
	return a
}

const (
	gifControl     = 0xf9
	gifApplication = 0xff
)

// gifLoops returns how often an animation is played, 0 for without end, if an extension says so.
func gifLoops(part []byte) (n int, ok bool) {
	const least = 19
	if len(part) < least || part[1] != gifApplication || !gifNeeded(part[1:]) || part[14] != 3 || part[15] != 1 {
		return 0, false
	}
	if n = int(part[16]) | int(part[17])<<8; n > 0 {
		n++ // it counts from the second time on
	}
	return n, true
}

// gifFrame makes a frame of the part of a GIF with a picture, and the one before, which says how it is shown.
func gifFrame(head, control, part []byte) (f frame, ok bool) {
	const left, top, width, height = 1, 3, 5, 7
	if len(part) < 10 {
		return f, false
	}
	at := func(i int) int { return int(part[i]) | int(part[i+1])<<8 }
	f.area = image.Rect(at(left), at(top), at(left)+at(width), at(top)+at(height))
	f.file, f.decode = [][]byte{head, control, part, {gifEnd}}, gif.Decode
	f.delay = usualDelay
	if control != nil {
		f.delay = delayOf(time.Duration(int(control[4])|int(control[5])<<8) * 10 * time.Millisecond)
		switch control[3] >> 2 & 7 {
		case 2:
			f.after = clearArea
		case 3:
			f.after = restore
		}
	}
	return f, !f.area.Empty()
}

var errNoFrame = errors.New("an animation without a whole frame")

// decodeWebP decodes a picture, or the first frame of an animation, which the decoder does not know.
func decodeWebP(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if !webpMoves(data) {
		return webp.Decode(bytes.NewReader(data)) //nolint:wrapcheck // by the caller
	}
	a := webpAnimation(data)
	if len(a.frames) == 0 {
		return nil, errNoFrame
	}
	a.frames = a.frames[:1]
	if err := a.draw(a.frames[0]); err != nil {
		return nil, err
	}
	return a.canvas, nil
}
