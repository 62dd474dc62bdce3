package apptest

import (
	"cmp"
	"image"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// Sight is one thing to be seen in a window: a line of text, or an icon.
type Sight struct {
	Text string
	Icon string        // the file name of an icon, which holds its colour
	At   fyne.Position // the middle of it, in the window
}

// Look lists what is seen in a window; when something lies over the window, only that.
func Look(c fyne.Canvas) []Sight {
	root := c.Content()
	if top := c.Overlays().Top(); top != nil {
		root = top
	}
	var seen []Sight
	window := c.Size()
	visit(root, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		var s Sight
		size := o.Size()
		switch o := o.(type) {
		case *canvas.Text:
			s.Text, size = strings.TrimLeft(o.Text, "\u2009\u200B"), o.MinSize() // what widgets put before some texts
		case *canvas.Image:
			if o.Resource != nil {
				s.Icon = o.Resource.Name()
			}
		case interface {
			fyne.Widget
			Words() string
		}:
			s.Text, size = o.Words(), extent(o)
		}
		s.At = at.AddXY(size.Width/2, size.Height/2)
		inside := s.At.X >= 0 && s.At.Y >= 0 && s.At.X <= window.Width && s.At.Y <= window.Height
		if inside && s.Text+s.Icon != "" {
			seen = append(seen, s)
		}
	})
	return seen
}

// extent returns how far the objects of a widget reach.
func extent(w fyne.Widget) fyne.Size {
	var size fyne.Size
	for _, o := range test.WidgetRenderer(w).Objects() {
		size = size.Max(fyne.NewSize(o.Position().X, o.Position().Y).Add(o.MinSize().Max(o.Size())))
	}
	return size
}

// visit calls f for every visible object of a tree, with its place in the window; what lies over something else comes
// later.
func visit(o fyne.CanvasObject, at fyne.Position, f func(o fyne.CanvasObject, at fyne.Position)) {
	if o == nil || !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	f(o, at)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			visit(child, at, f)
		}
	case interface{ Words() string }: // a text, with all that it is drawn with
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			visit(child, at, f)
		}
	}
}

// Find returns the first line of text in the window that is words, or else the first that holds them.
func Find(c fyne.Canvas, words string) (found Sight, ok bool) {
	for _, s := range Look(c) {
		if s.Text == words && s.Text != "" {
			return s, true
		}
		if !ok && s.Text != "" && strings.Contains(s.Text, words) {
			found, ok = s, true
		}
	}
	return found, ok
}

// Lowest returns the lowest line of text in the window that is exactly words: in the chat rather than in the list.
func Lowest(c fyne.Canvas, words string) (lowest Sight, ok bool) {
	for _, s := range Look(c) {
		if s.Text == words && s.At.Y > lowest.At.Y {
			lowest, ok = s, true
		}
	}
	return lowest, ok
}

// Says reports whether words are to be read in the window.
func Says(c fyne.Canvas, words string) bool {
	_, ok := Find(c, words)
	return ok
}

// Count says how many lines of text in the window are exactly words.
func Count(c fyne.Canvas, words string) int {
	n := 0
	for _, s := range Look(c) {
		if s.Text == words {
			n++
		}
	}
	return n
}

// Press moves the pointer to the first line of text that holds words and taps; it reports whether there is one.
func Press(c fyne.Canvas, words string) bool {
	s, ok := Find(c, words)
	if ok {
		Click(c, s.At)
	}
	return ok
}

// Click moves the pointer to a place in the window and presses there, as a mouse does.
func Click(c fyne.Canvas, at fyne.Position) {
	test.MoveMouse(c, at)
	root := c.Content()
	if top := c.Overlays().Top(); top != nil {
		root = top
	}
	var target desktop.Mouseable
	var corner fyne.Position
	visit(root, fyne.Position{}, func(o fyne.CanvasObject, place fyne.Position) {
		m, ok := o.(desktop.Mouseable)
		end := place.Add(o.Size())
		if ok && at.X >= place.X && at.Y >= place.Y && at.X < end.X && at.Y < end.Y {
			target, corner = m, place
		}
	})
	if target != nil {
		e := &desktop.MouseEvent{
			PointEvent: fyne.PointEvent{Position: at.Subtract(corner), AbsolutePosition: at}, Button: desktop.MouseButtonPrimary,
		}
		target.MouseDown(e)
		target.MouseUp(e)
	}
	test.TapCanvas(c, at)
}

// PressLowest moves the pointer to the lowest line of text that is exactly words and taps; it reports whether there is
// one.
func PressLowest(c fyne.Canvas, words string) bool {
	s, ok := Lowest(c, words)
	if ok {
		Click(c, s.At)
	}
	return ok
}

// PressRight taps with the other button on the lowest line that is exactly words; it reports whether something takes
// that.
func PressRight(c fyne.Canvas, words string) bool {
	s, ok := Lowest(c, words)
	return ok && ClickRight(c, s.At)
}

// ClickRight presses the other mouse button at a place in the window; it reports whether something takes that.
func ClickRight(c fyne.Canvas, place fyne.Position) bool {
	var target fyne.SecondaryTappable
	var corner fyne.Position
	visit(c.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		t, ok := o.(fyne.SecondaryTappable)
		end := at.Add(o.Size())
		if ok && place.X >= at.X && place.Y >= at.Y && place.X < end.X && place.Y < end.Y {
			target, corner = t, at
		}
	})
	if target == nil {
		return false
	}
	target.TappedSecondary(&fyne.PointEvent{Position: place.Subtract(corner), AbsolutePosition: place})
	return true
}

// FindIcon finds the lowest icon with this name.
func FindIcon(c fyne.Canvas, icon assets.Icon) (lowest Sight, ok bool) {
	for _, s := range Look(c) {
		if strings.HasPrefix(s.Icon, string(icon)) && s.At.Y > lowest.At.Y {
			lowest = s
		}
	}
	return lowest, lowest.Icon != ""
}

// PressIcon taps on the lowest icon with this name; it reports whether there is one.
func PressIcon(c fyne.Canvas, icon assets.Icon) bool {
	s, ok := FindIcon(c, icon)
	if ok {
		Click(c, s.At)
	}
	return ok
}

// Mark is the tick beside an own message in the chat, found by its text.
type Mark string

// The marks.
const (
	NoMark    Mark = ""
	Waiting   Mark = "waiting"
	Sent      Mark = "sent"
	Delivered Mark = "delivered"
	Read      Mark = "read"
	Failed    Mark = "failed"
)

// MarkOf reads the mark beside the lowest own message with this text: the tick on the same line, to the right of it.
func MarkOf(c fyne.Canvas, text string) Mark {
	seen := Look(c)
	mark, lowest := NoMark, float32(0)
	for _, message := range seen {
		if message.Text != text || message.At.Y < lowest {
			continue
		}
		for _, s := range seen {
			if strings.HasPrefix(s.Icon, "tick-") && s.At.X > message.At.X && abs(s.At.Y-message.At.Y) < messageLine {
				mark, lowest = markOf(s.Icon), message.At.Y
			}
		}
	}
	return mark
}

// messageLine is how far a tick may be from the line of text it belongs to.
const messageLine = 16

func markOf(icon string) Mark {
	is := func(i assets.Icon) bool { return strings.HasPrefix(icon, string(i)) }
	switch {
	case icon == "":
		return NoMark
	case is(assets.IconTickWaiting):
		return Waiting
	case is(assets.IconTickSent):
		return Sent
	case is(assets.IconTickFailed):
		return Failed
	case icon == assets.IconTickBoth.In(theme.Color(widgets.ColorReadTick)).Name():
		return Read
	default:
		return Delivered
	}
}

func abs(x float32) float32 { return max(x, -x) }

// leastPhoto is the least width of what counts as a picture.
const leastPhoto = 90

// Photos returns where pictures are in the window, the lowest first: what is as large as those in messages.
func Photos(c fyne.Canvas) []fyne.Position {
	var list []fyne.Position
	visit(c.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		if img, ok := o.(*canvas.Image); ok && img.Image != nil && o.Size().Width >= leastPhoto {
			list = append(list, at.AddXY(o.Size().Width/2, o.Size().Height/2))
		}
	})
	slices.SortFunc(list, func(a, b fyne.Position) int { return cmp.Compare(b.Y, a.Y) })
	return list
}

// Pictures returns the pictures in the window that are as large as those in messages.
func Pictures(c fyne.Canvas) []image.Image {
	var list []image.Image
	visit(c.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if img, ok := o.(*canvas.Image); ok && img.Image != nil && o.Size().Width >= leastPhoto {
			list = append(list, img.Image)
		}
	})
	return list
}
