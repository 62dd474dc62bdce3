package widgets

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/internal/tr"
)

// Caret makes the caret of the field that has the keyboard blink. It stands still again after some seconds without a key,
// because each change repaints the window: a picture that does not change is not painted. Fyne's own animation of carets
// paints far more often.
type Caret struct {
	after  func(delay time.Duration, f func()) (cancel func())
	cancel func() // the next change; nil for none
	line   *canvas.Rectangle
	left   int // changes before it stands still
}

const (
	caretTime  = 530 * time.Millisecond // half a period, as in most toolkits
	caretTimes = 20                     // changes without a key: ten seconds
)

// caret is that of the program; without one, carets stand still.
var caret *Caret

// NewCaret returns one that makes carets blink after Attach. after does something on the goroutine of the windows, unless
// it is cancelled.
func NewCaret(after func(delay time.Duration, f func()) (cancel func())) *Caret {
	return &Caret{after: after}
}

// Attach makes it that of the program, and Detach ends that.
func (c *Caret) Attach() { caret = c }

// Detach stands all carets still.
func (c *Caret) Detach() {
	c.stop()
	if caret == c {
		caret = nil
	}
}

// blink starts anew with a caret that can be seen: its field has the keyboard, or has got a key.
func (c *Caret) blink(line *canvas.Rectangle) {
	c.stop()
	c.line, c.left = line, caretTimes
	c.show(true)
	c.cancel = c.after(caretTime, c.turn)
}

// turn shows or hides the caret.
func (c *Caret) turn() {
	c.cancel = nil
	if !c.line.Visible() {
		return
	}
	c.show(c.left%2 != 0)
	if c.left--; c.left > 0 {
		c.cancel = c.after(caretTime, c.turn)
	}
}

func (c *Caret) show(seen bool) {
	ink := color.Color(color.Transparent)
	if seen {
		ink = theme.Color(theme.ColorNamePrimary)
	}
	if c.line.FillColor != ink {
		c.line.FillColor = ink
		c.line.Refresh()
	}
}

func (c *Caret) stop() {
	if c.cancel != nil {
		c.cancel()
		c.cancel = nil
	}
}

// blinker is what a field of text needs to have a caret that blinks.
type blinker struct {
	line *canvas.Rectangle
	hint entryHint
}

// entryRenderer draws an entry with a frame of one pixel. Fyne places it half a unit off, so that it covers two, and
// paints its smooth inner edge over black; filled with the ground's colour it has that there.
type entryRenderer struct {
	fyne.WidgetRenderer

	ground, frame *canvas.Rectangle

	hint *entryHint
}

// Layout implements fyne.WidgetRenderer.
func (r *entryRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	if tr.RightToLeft() { // its icons change places
		for _, o := range r.WidgetRenderer.Objects() {
			o.Move(fyne.NewPos(size.Width-o.Position().X-o.Size().Width, o.Position().Y))
		}
	}
	r.place(size)
}

// Objects implements fyne.WidgetRenderer.
func (r *entryRenderer) Objects() []fyne.CanvasObject { return r.hint.over(r.WidgetRenderer.Objects()) }

// Refresh implements fyne.WidgetRenderer.
func (r *entryRenderer) Refresh() {
	size := r.frame.Size()
	r.WidgetRenderer.Refresh()
	r.place(size)
}

func (r *entryRenderer) place(size fyne.Size) {
	r.frame.FillColor = r.ground.FillColor
	r.frame.Move(fyne.Position{})
	r.frame.Resize(size)
	r.hint.place(r.WidgetRenderer.Objects())
}

// renderer returns a renderer for an entry, whose own is r.
func (b *blinker) renderer(r fyne.WidgetRenderer) fyne.WidgetRenderer {
	b.find(r)
	var ground *canvas.Rectangle
	for _, o := range r.Objects() {
		switch frame, ok := o.(*canvas.Rectangle); {
		case ok && ground == nil:
			ground = frame
		case ok && frame.StrokeWidth > 0:
			return &entryRenderer{WidgetRenderer: r, ground: ground, frame: frame, hint: &b.hint}
		}
	}
	return r
}

// find looks for the caret. The entry shares it with all renderers of its content.
func (b *blinker) find(r fyne.WidgetRenderer) {
	for _, o := range r.Objects() {
		if scroll, ok := o.(*container.Scroll); ok && scroll.Content != nil {
			o = scroll.Content
		}
		content, ok := o.(fyne.Widget)
		if !ok {
			continue
		}
		for _, part := range content.CreateRenderer().Objects() {
			if line, ok := part.(*canvas.Rectangle); ok {
				b.line = line
				return
			}
		}
	}
}

// moved is called when the caret was painted anew.
func (b *blinker) moved() {
	if caret != nil && b.line != nil && b.line.Visible() {
		caret.blink(b.line)
	}
}

// lost is called when the field has lost the keyboard.
func (b *blinker) lost() {
	if caret != nil && caret.line == b.line {
		caret.stop()
	}
}
