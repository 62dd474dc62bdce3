package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Recording is a voice message that is being recorded, shown in a [Composer] instead of the field.
type Recording struct {
	Time   string  // as shown, such as 0:07
	Level  float32 // current loudness, from 0 to 1
	Paused bool    // the microphone is off
}

const (
	recordDot    = float32(10)
	recordTime   = float32(52)
	recordLevels = 200 // number of levels that are kept
	recordStep   = float32(5)
)

// SetRecording shows a recording instead of the field; nil shows the field again. Each call with a recording adds its
// level to those shown. It reports whether one has taken the other's place, and with it should get the focus.
func (c *Composer) SetRecording(r *Recording) bool {
	before := c.record.data
	if r == nil && before == nil {
		return false
	}
	c.record.set(r)
	if (r == nil) == (before == nil) {
		return false
	}
	draw.SetVisible(c.entry, r == nil && c.refused == "")
	c.updateSize()
	draw.Invoke(c.OnResized)
	return true
}

// records reports whether the button is a microphone.
func (c *Composer) records() bool {
	return c.OnRecord != nil && c.record.data == nil && c.refused == "" && c.entry.Text == "" &&
		(c.strip.data == nil || !c.strip.data.Save)
}

// press handles a press on the button in the corner.
func (c *Composer) press() {
	switch {
	case c.record.data != nil:
		c.endRecording(true)
	case c.records():
		c.OnRecord()
	default:
		c.send()
	}
}

func (c *Composer) endRecording(send bool) {
	if c.OnRecordEnd != nil {
		c.OnRecordEnd(send)
	}
}

// updateButton shows what a press on the button would do.
func (c *Composer) updateButton() {
	ready := strings.TrimSpace(c.entry.Text) != "" && c.left() >= 0 || c.record.data != nil
	c.button.SetFilled(ready)
	c.button.SetDisabled(!ready && !c.records())
	icon, words := assets.IconSend, tr.L("Send")
	switch {
	case c.record.data != nil:
	case c.strip.data != nil && c.strip.data.Save:
		icon, words = assets.IconCheck, tr.L("Save")
	case c.records():
		icon, words = assets.IconMicrophone, tr.L("Record a voice message")
	}
	if c.button.icon != icon {
		c.button.SetIcon(icon, words)
	}
}

// recordStrip draws the recording and handles its keys.
type recordStrip struct {
	widget.BaseWidget

	data    *Recording
	levels  []float32 // the newest last
	owner   *Composer
	cancel  *ActionButton
	focused bool
}

var (
	_ fyne.Focusable    = (*recordStrip)(nil)
	_ fyne.Shortcutable = (*recordStrip)(nil)
	_ desktop.Mouseable = (*recordStrip)(nil)
)

func newRecordStrip(owner *Composer) *recordStrip {
	s := &recordStrip{owner: owner}
	s.cancel = NewTextButton(Action{Text: tr.L("Cancel"), Tapped: func() { owner.endRecording(false) }})
	s.ExtendBaseWidget(s)
	return s
}

func (s *recordStrip) set(r *Recording) {
	switch {
	case r == nil || s.data == nil:
		s.levels = nil
	case !r.Paused:
		s.levels = append(s.levels, r.Level)
		s.levels = s.levels[max(0, len(s.levels)-recordLevels):]
	}
	s.data = r
	draw.SetVisible(s, r != nil)
	s.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (s *recordStrip) MinSize() fyne.Size { return fyne.NewSize(120, draw.HitSide) }

// FocusGained implements fyne.Focusable.
func (s *recordStrip) FocusGained() { s.focused = true }

// FocusLost implements fyne.Focusable.
func (s *recordStrip) FocusLost() { s.focused = false }

// TypedRune implements fyne.Focusable.
func (s *recordStrip) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (s *recordStrip) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		s.owner.endRecording(true)
	case fyne.KeyEscape:
		s.owner.endRecording(false)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (s *recordStrip) TypedShortcut(k fyne.Shortcut) {
	if s.owner.OnShortcut != nil {
		s.owner.OnShortcut(k)
	}
}

// MouseDown implements desktop.Mouseable: a press focuses the recording again.
func (s *recordStrip) MouseDown(*desktop.MouseEvent) {
	s.owner.OnFocus.Focus(s)
}

// MouseUp implements desktop.Mouseable.
func (s *recordStrip) MouseUp(*desktop.MouseEvent) {}

// CreateRenderer implements fyne.Widget.
func (s *recordStrip) CreateRenderer() fyne.WidgetRenderer {
	dot, clock, hint := &canvas.Circle{}, draw.NewText(), draw.NewText()
	var bars []*canvas.Rectangle
	objects := []fyne.CanvasObject{dot, clock, hint, s.cancel}
	var d *draw.Renderer
	d = draw.NewRenderer(objects, s.MinSize, func(size fyne.Size) {
		if s.data == nil {
			return
		}
		middle := size.Height / 2
		ink := ColorError
		if s.data.Paused {
			ink = ColorFaint
		}
		if c := draw.ThemeColor(ink); dot.FillColor != c {
			dot.FillColor = c
			dot.Refresh()
		}
		draw.Place(dot, 6, middle-recordDot/2, recordDot, recordDot)
		f := text.Font{Size: TextBody}
		draw.SetText(clock, text.CleanLine(s.data.Time), f, draw.ThemeColor(ColorText))
		draw.PlaceText(clock, 24, middle-text.Height(f)/2)
		cancel := s.cancel.MinSize()
		right := size.Width - cancel.Width
		draw.Place(s.cancel, right, middle-cancel.Height/2, cancel.Width, cancel.Height)
		small := text.Font{Size: TextSmall}
		escape := tr.L("Esc")
		draw.SetText(hint, escape, small, draw.ThemeColor(ColorSecondary))
		right -= s.owner.set.Width(escape, small) + 4
		draw.PlaceText(hint, right, middle-text.Height(small)/2)
		objects = append(objects[:0], dot, clock, hint, s.cancel)
		bars = s.placeBars(bars, 24+recordTime, right-12, middle)
		for _, bar := range bars {
			objects = append(objects, bar)
		}
		d.SetObjects(objects)
	})
	return d
}

// placeBars draws the newest levels that fit, the last one at the right.
func (s *recordStrip) placeBars(bars []*canvas.Rectangle, left, right, middle float32) []*canvas.Rectangle {
	n := min(len(s.levels), int(max(0, right-left)/recordStep))
	for len(bars) < n {
		bars = append(bars, &canvas.Rectangle{CornerRadius: 1.5})
	}
	bars = bars[:n]
	ink := ColorAccent
	if s.data.Paused {
		ink = ColorFaint
	}
	for i, level := range s.levels[len(s.levels)-n:] {
		h := max(draw.SoundBarMin, draw.SnapPx(draw.SoundBarMax*level))
		draw.SetFill(bars[i], draw.ThemeColor(ink))
		draw.Place(bars[i], right-float32(n-i)*recordStep, middle-draw.SnapPx(h/2), 3, h)
	}
	return bars
}
