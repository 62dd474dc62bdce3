package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// Recording is a voice note that is being recorded in a [Composer], in the place of its field.
type Recording struct {
	Time   string  // as shown, such as 0:07
	Level  float32 // how loud it is just now, from 0 to 1
	Paused bool    // the microphone is off: it waits to be sent
}

const (
	recordDot    = float32(10)
	recordTime   = float32(52)
	recordLevels = 200 // levels that are remembered
	recordStep   = float32(5)
	wordCancel   = "Cancel"
	wordEscape   = "Esc"
)

// SetRecording shows a recording in the place of the field, and takes the keyboard; nil brings the field back. Each call with a
// recording adds its level to those shown.
func (c *Composer) SetRecording(r *Recording) {
	before := c.record.data
	if r == nil && before == nil {
		return
	}
	c.record.set(r)
	if (r == nil) == (before == nil) {
		return
	}
	show(c.entry, r == nil && c.refused == "")
	c.follow()
	if v := fyne.CurrentApp().Driver().CanvasForObject(c); v != nil {
		if r != nil {
			v.Focus(c.record)
		} else if v.Focused() == c.record || v.Focused() == nil {
			v.Focus(c.entry)
		}
	}
	call(c.OnResized)
}

// records reports whether the button is a microphone.
func (c *Composer) records() bool {
	return c.OnRecord != nil && c.record.data == nil && c.refused == "" && c.entry.Text == "" && (c.strip.data == nil || !c.strip.data.Save)
}

// press does what the button in the corner means.
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

// arm fits the button to what a press would do.
func (c *Composer) arm() {
	ready := strings.TrimSpace(c.entry.Text) != "" && c.left() >= 0 || c.record.data != nil
	c.button.SetFilled(ready)
	c.button.setDisabled(!ready && !c.records())
	icon := assets.IconSend
	switch {
	case c.record.data != nil:
	case c.strip.data != nil && c.strip.data.Save:
		icon = assets.IconCheck
	case c.records():
		icon = assets.IconMicrophone
	}
	if c.button.icon != icon {
		c.button.SetIcon(icon)
	}
}

// recordStrip draws the recording and takes its keys.
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
	s.cancel = NewTextButton(Action{Text: wordCancel, Tapped: func() { owner.endRecording(false) }})
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
	show(s, r != nil)
	s.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (s *recordStrip) MinSize() fyne.Size { return fyne.NewSize(120, hitSide) }

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

// MouseDown implements desktop.Mouseable: a press gives the keyboard back.
func (s *recordStrip) MouseDown(*desktop.MouseEvent) {
	if v := fyne.CurrentApp().Driver().CanvasForObject(s); v != nil {
		v.Focus(s)
	}
}

// MouseUp implements desktop.Mouseable.
func (s *recordStrip) MouseUp(*desktop.MouseEvent) {}

// CreateRenderer implements fyne.Widget.
func (s *recordStrip) CreateRenderer() fyne.WidgetRenderer {
	dot, clock, hint := &canvas.Circle{}, newText(), newText()
	var bars []*canvas.Rectangle
	d := newDrawn(nil, s.MinSize, nil)
	d.place = func(size fyne.Size) {
		if s.data == nil {
			return
		}
		middle := size.Height / 2
		ink := ColorError
		if s.data.Paused {
			ink = ColorFaint
		}
		if c := tone(ink); dot.FillColor != c {
			dot.FillColor = c
			dot.Refresh()
		}
		put(dot, 6, middle-recordDot/2, recordDot, recordDot)
		f := font{size: TextBody}
		setText(clock, cleanLine(s.data.Time), f, tone(ColorText))
		putText(clock, 24, middle-textHeight(f)/2)
		cancel := s.cancel.MinSize()
		right := size.Width - cancel.Width
		put(s.cancel, right, middle-cancel.Height/2, cancel.Width, cancel.Height)
		small := font{size: TextSmall}
		setText(hint, wordEscape, small, tone(ColorSecondary))
		right -= s.owner.set.width(wordEscape, small) + 4
		putText(hint, right, middle-textHeight(small)/2)
		d.objects = append(d.objects[:0], dot, clock, hint, s.cancel)
		bars = s.placeBars(bars, 24+recordTime, right-12, middle)
		for _, bar := range bars {
			d.objects = append(d.objects, bar)
		}
	}
	d.objects = []fyne.CanvasObject{dot, clock, hint, s.cancel}
	return d
}

// placeBars draws the levels that there is room for, the newest at the right.
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
		h := max(voiceLow, whole(voiceTall*level))
		setFill(bars[i], tone(ink))
		put(bars[i], right-float32(n-i)*recordStep, middle-whole(h/2), 3, h)
	}
	return bars
}
