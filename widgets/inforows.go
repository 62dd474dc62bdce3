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
			draw.SetLine(t, s, value, text.Font{Size: TextBody}, draw.ThemeColor(ColorText))
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

// rowLabel is a label of one line, or of two where there is no room for one.
type rowLabel struct{ first, second *draw.Text }

func newRowLabel() rowLabel { return rowLabel{draw.NewText(), draw.NewText()} }

// labelLines breaks a label into at most two lines.
func labelLines(set *text.Typesetter, words string, room float32) []string {
	f := text.Font{Size: TextBody}
	words = text.CleanLine(words)
	if set.LineWidth(words, f) <= room {
		return []string{words}
	}
	lines := set.Wrap(words, f, room, 2)
	if len(lines) < 2 {
		return []string{set.Fit(words, f, room)}
	}
	return []string{lines[0].In(words), set.Fit(words[lines[1].Start:], f, room)}
}

// extraLine is how much higher a row with a second line is.
func extraLine(lines []string) float32 { return float32(len(lines)-1) * draw.LineHeight }

// place shows the lines, centred in a height.
func (l rowLabel) place(lines []string, x, height float32, ink fyne.ThemeColorName) {
	f := text.Font{Size: TextBody}
	y := (height - text.Height(f) - extraLine(lines)) / 2
	draw.SetText(l.first, lines[0], f, draw.ThemeColor(ink))
	draw.PlaceText(l.first, x, y)
	draw.SetVisible(l.second, len(lines) > 1)
	if len(lines) > 1 {
		draw.SetText(l.second, lines[1], f, draw.ThemeColor(ink))
		draw.PlaceText(l.second, x, y+draw.LineHeight)
	}
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
func (a *InfoAction) MinSize() fyne.Size {
	return fyne.NewSize(120, infoRow+extraLine(a.lines(max(a.Size().Width, 200))))
}

// lines breaks the label for a width of the row.
func (a *InfoAction) lines(width float32) []string {
	return labelLines(a.set, a.text, width-infoIndent-listEdge)
}

// CreateRenderer implements fyne.Widget.
func (a *InfoAction) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, draw.NewFocusRing()
	icon, label := draw.NewIcon(), newRowLabel()
	objects := []fyne.CanvasObject{shape, ring.Line, icon, label.first, label.second}
	return draw.NewRenderer(objects, a.MinSize, func(size fyne.Size) {
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
		lines := a.lines(size.Width)
		label.place(lines, infoIndent, infoRow+extraLine(lines), ink)
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
	return fyne.NewSize(160, infoRow+extraLine(s.lines(max(s.Size().Width, 200))))
}

// lines breaks the label for a width of the row. With a second line below it, it has only one.
func (s *InfoSwitch) lines(width float32) []string {
	x := listEdge
	if s.icon != "" {
		x = infoIndent
	}
	room := width - listEdge - switchWidth - 12 - x
	if s.detail != "" {
		return []string{s.set.Fit(text.CleanLine(s.text), text.Font{Size: TextBody}, room)}
	}
	return labelLines(s.set, s.text, room)
}

// CreateRenderer implements fyne.Widget.
func (s *InfoSwitch) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, draw.NewFocusRing()
	icon, label, detail := draw.NewIcon(), newRowLabel(), draw.NewText()
	track, knob := &canvas.Rectangle{CornerRadius: switchHigh / 2}, &canvas.Circle{}
	objects := []fyne.CanvasObject{shape, ring.Line, icon, label.first, label.second, detail, track, knob}
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
		words := s.set.Fit(text.CleanLine(s.detail), small, right-12-x)
		draw.SetText(detail, words, small, draw.ThemeColor(ColorSecondary))
		height := size.Height
		if s.detail != "" {
			height += text.Height(f) - 38
		}
		label.place(s.lines(size.Width), x, height, ink)
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
