package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

const (
	infoRow     = float32(44)
	infoTall    = float32(56) // a row with a second line
	infoIndent  = listEdge + draw.IconSide + 16
	infoTitle   = float32(38)
	infoGap     = float32(13)
	fieldLines  = 8
	switchWidth = float32(38)
	switchHigh  = float32(22)
	switchKnob  = float32(16)
)

// InfoSection is the line above a group of rows in an [InfoPanel].
type InfoSection struct {
	widget.BaseWidget

	title string
	first bool // there is no line above it
	set   *text.Typesetter
}

var _ fyne.Widget = (*InfoSection)(nil)

// NewInfoSection returns a line with this title; without a title it is only a gap with a hairline.
func NewInfoSection(title string) *InfoSection {
	s := &InfoSection{title: title, set: text.NewTypesetter()}
	s.ExtendBaseWidget(s)
	return s
}

// NewInfoTitle returns a title without a line, for the first group.
func NewInfoTitle(title string) *InfoSection {
	s := NewInfoSection(title)
	s.first = true
	return s
}

// SetTitle changes the title.
func (s *InfoSection) SetTitle(title string) {
	s.title = title
	s.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (s *InfoSection) MinSize() fyne.Size {
	if s.title == "" {
		return fyne.NewSize(80, infoGap)
	}
	return fyne.NewSize(80, infoTitle)
}

// CreateRenderer implements fyne.Widget.
func (s *InfoSection) CreateRenderer() fyne.WidgetRenderer {
	line, title := &canvas.Rectangle{}, draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{line, title}, s.MinSize, func(size fyne.Size) {
		draw.SetVisible(line, !s.first)
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(line, 0, 6, size.Width, 1)
		f := text.Font{Size: TextSmall, Bold: true}
		words := s.set.Fit(text.CleanLine(s.title), f, size.Width-2*listEdge)
		draw.SetText(title, words, f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(title, listEdge, 16)
	})
}

// InfoField is a value below its label, such as an address. A press copies the value.
type InfoField struct {
	draw.Pressable

	// OnCopied is called after the value was copied.
	OnCopied func()

	label, value string
	set          *text.Typesetter
}

var _ fyne.Widget = (*InfoField)(nil)

// NewInfoField returns a field.
func NewInfoField(label, value string) *InfoField {
	f := &InfoField{label: label, value: value, set: text.NewTypesetter()}
	f.OnTapped = func() {
		fyne.CurrentApp().Clipboard().SetContent(f.value)
		draw.Invoke(f.OnCopied)
	}
	f.ExtendBaseWidget(f)
	return f
}

// SetValue changes the value.
func (f *InfoField) SetValue(value string) {
	f.value = value
	f.Refresh()
}

func (f *InfoField) lines() (value string, lines []text.Line) {
	room := max(f.Size().Width, 240) - 2*listEdge - draw.IconSide - 8
	value = text.Clean(f.value)
	return value, f.set.Wrap(value, text.Font{Size: TextBody}, room, fieldLines)
}

// MinSize implements fyne.CanvasObject.
func (f *InfoField) MinSize() fyne.Size {
	_, lines := f.lines()
	return fyne.NewSize(120, 8+18+float32(len(lines))*draw.LineHeight+8)
}

// CreateRenderer implements fyne.Widget.
func (f *InfoField) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, draw.NewFocusRing()
	label, values, icon := draw.NewText(), draw.NewGroup(), draw.NewIcon()
	objects := []fyne.CanvasObject{shape, ring.Line, label, values, icon}
	return draw.NewRenderer(objects, f.MinSize, func(size fyne.Size) {
		placeRow(&f.Pressable, shape, ring, size)
		small := text.Font{Size: TextSmall}
		words := f.set.Fit(text.CleanLine(f.label), small, size.Width-2*listEdge)
		draw.SetText(label, words, small, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(label, listEdge, 7)
		value, lines := f.lines()
		draw.Place(values, listEdge, 26, size.Width, size.Height)
		values.Objects = values.Objects[:0]
		for i, s := range lines {
			t := draw.NewText()
			draw.SetText(t, s.In(value), text.Font{Size: TextBody}, draw.ThemeColor(ColorText))
			draw.PlaceText(t, 0, float32(i)*draw.LineHeight)
			values.Objects = append(values.Objects, t)
		}
		draw.SetVisible(icon, f.Hovered() || f.Focused())
		draw.SetIcon(icon, assets.IconCopy, ColorSecondary)
		x, y := size.Width-listEdge-draw.IconSide, draw.SnapPx((size.Height-draw.IconSide)/2)
		draw.Place(icon, x, y, draw.IconSide, draw.IconSide)
	})
}

// placeRow draws the background of a row that can be pressed.
func placeRow(p *draw.Pressable, shape *canvas.Rectangle, ring draw.FocusRing, size fyne.Size) {
	draw.SetVisible(shape, p.Hovered() && !p.Disabled())
	draw.SetFill(shape, draw.ThemeColor(ColorRowHover))
	draw.Place(shape, 6, 1, size.Width-12, size.Height-2)
	ring.Place(p.Focused(), 7, 2, size.Width-14, size.Height-4, RadiusRow)
}

// InfoAction is a row that can be pressed: an icon and a label.
type InfoAction struct {
	draw.Pressable

	icon        assets.Icon
	text        string
	destructive bool
	set         *text.Typesetter
}

var _ fyne.Widget = (*InfoAction)(nil)

// NewInfoAction returns a row.
func NewInfoAction(icon assets.Icon, words string, tapped func()) *InfoAction {
	a := &InfoAction{icon: icon, text: words, set: text.NewTypesetter()}
	a.OnTapped = tapped
	a.ExtendBaseWidget(a)
	return a
}

// NewInfoDanger returns a row in the error colour, for actions that cannot be undone.
func NewInfoDanger(icon assets.Icon, words string, tapped func()) *InfoAction {
	a := NewInfoAction(icon, words, tapped)
	a.destructive = true
	return a
}

// SetText changes icon and label.
func (a *InfoAction) SetText(icon assets.Icon, words string) {
	a.icon, a.text = icon, words
	a.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (a *InfoAction) MinSize() fyne.Size { return fyne.NewSize(120, infoRow) }

// CreateRenderer implements fyne.Widget.
func (a *InfoAction) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, draw.NewFocusRing()
	icon, label := draw.NewIcon(), draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{shape, ring.Line, icon, label}, a.MinSize, func(size fyne.Size) {
		placeRow(&a.Pressable, shape, ring, size)
		ink, iconInk := ColorText, ColorSecondary
		switch {
		case a.Disabled():
			ink, iconInk = ColorFaint, ColorFaint
		case a.destructive:
			ink, iconInk = ColorError, ColorError
		}
		draw.SetIcon(icon, a.icon, iconInk)
		draw.Place(icon, listEdge, (infoRow-draw.IconSide)/2, draw.IconSide, draw.IconSide)
		f := text.Font{Size: TextBody}
		words := a.set.Fit(text.CleanLine(a.text), f, size.Width-infoIndent-listEdge)
		draw.SetText(label, words, f, draw.ThemeColor(ink))
		draw.PlaceText(label, infoIndent, (infoRow-text.Height(f))/2)
	})
}

// InfoSwitch is a row with a switch.
type InfoSwitch struct {
	draw.Pressable

	// OnChanged is called when the user flips the switch.
	OnChanged func(on bool)

	icon         assets.Icon
	text, detail string
	on           bool
	resized      func()
	set          *text.Typesetter
}

var _ fyne.Widget = (*InfoSwitch)(nil)

// NewInfoSwitch returns a switch that is off. Without an icon the label starts at the edge.
func NewInfoSwitch(icon assets.Icon, words string) *InfoSwitch {
	s := &InfoSwitch{icon: icon, text: words, set: text.NewTypesetter()}
	s.OnTapped = func() {
		s.Set(!s.on)
		if s.OnChanged != nil {
			s.OnChanged(s.on)
		}
	}
	s.ExtendBaseWidget(s)
	return s
}

func (s *InfoSwitch) setResized(f func()) { s.resized = f }

// Set flips the switch without calling OnChanged.
func (s *InfoSwitch) Set(on bool) {
	s.on = on
	s.Refresh()
}

// On reports whether the switch is on.
func (s *InfoSwitch) On() bool { return s.on }

// SetDetail changes the second line, such as "until 18:00"; an empty string is none.
func (s *InfoSwitch) SetDetail(detail string) {
	taller := (detail == "") != (s.detail == "")
	s.detail = detail
	s.Refresh()
	if taller {
		draw.Invoke(s.resized)
	}
}

// MinSize implements fyne.CanvasObject.
func (s *InfoSwitch) MinSize() fyne.Size {
	if s.detail != "" {
		return fyne.NewSize(160, infoTall)
	}
	return fyne.NewSize(160, infoRow)
}

// CreateRenderer implements fyne.Widget.
func (s *InfoSwitch) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, draw.NewFocusRing()
	icon, label, detail := draw.NewIcon(), draw.NewText(), draw.NewText()
	track, knob := &canvas.Rectangle{CornerRadius: switchHigh / 2}, &canvas.Circle{}
	objects := []fyne.CanvasObject{shape, ring.Line, icon, label, detail, track, knob}
	return draw.NewRenderer(objects, s.MinSize, func(size fyne.Size) {
		placeRow(&s.Pressable, shape, ring, size)
		x := listEdge
		draw.SetVisible(icon, s.icon != "")
		if s.icon != "" {
			draw.SetIcon(icon, s.icon, ColorSecondary)
			draw.Place(icon, x, draw.SnapPx((size.Height-draw.IconSide)/2), draw.IconSide, draw.IconSide)
			x = infoIndent
		}
		right := size.Width - listEdge - switchWidth
		ink := ColorText
		if s.Disabled() {
			ink = ColorFaint
		}
		f, small := text.Font{Size: TextBody}, text.Font{Size: TextSmall}
		draw.SetText(label, s.set.Fit(text.CleanLine(s.text), f, right-12-x), f, draw.ThemeColor(ink))
		words := s.set.Fit(text.CleanLine(s.detail), small, right-12-x)
		draw.SetText(detail, words, small, draw.ThemeColor(ColorSecondary))
		y := (size.Height - text.Height(f)) / 2
		if s.detail != "" {
			y = size.Height/2 - 19
		}
		draw.PlaceText(label, x, y)
		draw.PlaceText(detail, x, size.Height/2+2)
		s.placeSwitch(track, knob, right, draw.SnapPx((size.Height-switchHigh)/2))
	})
}

func (s *InfoSwitch) placeSwitch(track *canvas.Rectangle, knob *canvas.Circle, x, y float32) {
	fill, ink := draw.ThemeColor(ColorFaint), draw.ThemeColor(ColorBadgeText)
	at := x + (switchHigh-switchKnob)/2
	if s.on {
		fill, ink = draw.ThemeColor(ColorAccent), draw.ThemeColor(ColorOnAccent)
		at = x + switchWidth - switchKnob - (switchHigh-switchKnob)/2
	}
	draw.SetFill(track, fill)
	draw.Place(track, x, y, switchWidth, switchHigh)
	if knob.FillColor != ink {
		knob.FillColor = ink
		knob.Refresh()
	}
	draw.Place(knob, at, y+(switchHigh-switchKnob)/2, switchKnob, switchKnob)
}
