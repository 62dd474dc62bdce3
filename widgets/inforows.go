package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

const (
	infoRow     = float32(44)
	infoTall    = float32(56) // a row with a second line
	infoIndent  = listEdge + iconSide + 16
	infoTitle   = float32(38)
	infoGap     = float32(13)
	fieldLines  = 8
	switchWidth = float32(38)
	switchHigh  = float32(22)
	switchKnob  = float32(16)
)

// InfoSection is the line above a few rows of an [InfoPanel] that belong together.
type InfoSection struct {
	widget.BaseWidget

	title string
	set   *typesetter
}

var _ fyne.Widget = (*InfoSection)(nil)

// NewInfoSection returns a line with this title; an empty one is only a gap with a hairline.
func NewInfoSection(title string) *InfoSection {
	s := &InfoSection{title: title, set: newTypesetter()}
	s.ExtendBaseWidget(s)
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
	line, title := &canvas.Rectangle{}, newText()
	return newDrawn([]fyne.CanvasObject{line, title}, s.MinSize, func(size fyne.Size) {
		setFill(line, tone(ColorHairline))
		put(line, 0, 6, size.Width, 1)
		f := font{size: TextSmall, bold: true}
		setText(title, s.set.fit(cleanLine(s.title), f, size.Width-2*listEdge), f, tone(ColorSecondary))
		putText(title, listEdge, 16)
	})
}

// InfoField is a value under its label, such as an address. Pressing it copies the value.
type InfoField struct {
	press

	// OnCopied is called after the value went to the clipboard.
	OnCopied func()

	label, value string
	set          *typesetter
}

var _ fyne.Widget = (*InfoField)(nil)

// NewInfoField returns a field.
func NewInfoField(label, value string) *InfoField {
	f := &InfoField{label: label, value: value, set: newTypesetter()}
	f.onTapped = func() {
		fyne.CurrentApp().Clipboard().SetContent(f.value)
		call(f.OnCopied)
	}
	f.ExtendBaseWidget(f)
	return f
}

// SetValue changes the value.
func (f *InfoField) SetValue(value string) {
	f.value = value
	f.Refresh()
}

func (f *InfoField) lines() (text string, lines []span) {
	room := max(f.Size().Width, 240) - 2*listEdge - iconSide - 8
	text = clean(f.value)
	return text, f.set.wrap(text, font{size: TextBody}, room, fieldLines)
}

// MinSize implements fyne.CanvasObject.
func (f *InfoField) MinSize() fyne.Size {
	_, lines := f.lines()
	return fyne.NewSize(120, 8+18+float32(len(lines))*lineHeight+8)
}

// CreateRenderer implements fyne.Widget.
func (f *InfoField) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, newFocusRing()
	label, values, icon := newText(), newStill(), newIcon()
	return newDrawn([]fyne.CanvasObject{shape, ring.line, label, values, icon}, f.MinSize, func(size fyne.Size) {
		f.placeRow(shape, ring, size)
		small := font{size: TextSmall}
		setText(label, f.set.fit(cleanLine(f.label), small, size.Width-2*listEdge), small, tone(ColorSecondary))
		putText(label, listEdge, 7)
		text, lines := f.lines()
		put(values, listEdge, 26, size.Width, size.Height)
		values.Objects = values.Objects[:0]
		for i, s := range lines {
			t := newText()
			setText(t, s.text(text), font{size: TextBody}, tone(ColorText))
			putText(t, 0, float32(i)*lineHeight)
			values.Objects = append(values.Objects, t)
		}
		show(icon, f.hovered || f.focused)
		setIcon(icon, assets.IconCopy, ColorSecondary)
		put(icon, size.Width-listEdge-iconSide, whole((size.Height-iconSide)/2), iconSide, iconSide)
	})
}

// placeRow draws the ground of a row that can be pressed.
func (p *press) placeRow(shape *canvas.Rectangle, ring focusRing, size fyne.Size) {
	show(shape, p.hovered && !p.disabled)
	setFill(shape, tone(ColorRowHover))
	put(shape, 6, 1, size.Width-12, size.Height-2)
	ring.place(p.focused, 7, 2, size.Width-14, size.Height-4, RadiusRow)
}

// InfoAction is a row to press: an icon and what it does.
type InfoAction struct {
	press

	icon        assets.Icon
	text        string
	destructive bool
	set         *typesetter
}

var _ fyne.Widget = (*InfoAction)(nil)

// NewInfoAction returns a row.
func NewInfoAction(icon assets.Icon, text string, tapped func()) *InfoAction {
	a := &InfoAction{icon: icon, text: text, set: newTypesetter()}
	a.onTapped = tapped
	a.ExtendBaseWidget(a)
	return a
}

// NewInfoDanger returns a row in the colour of errors, for what cannot be undone.
func NewInfoDanger(icon assets.Icon, text string, tapped func()) *InfoAction {
	a := NewInfoAction(icon, text, tapped)
	a.destructive = true
	return a
}

// SetText changes icon and words.
func (a *InfoAction) SetText(icon assets.Icon, text string) {
	a.icon, a.text = icon, text
	a.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (a *InfoAction) MinSize() fyne.Size { return fyne.NewSize(120, infoRow) }

// CreateRenderer implements fyne.Widget.
func (a *InfoAction) CreateRenderer() fyne.WidgetRenderer {
	shape, ring, icon, text := &canvas.Rectangle{CornerRadius: RadiusRow}, newFocusRing(), newIcon(), newText()
	return newDrawn([]fyne.CanvasObject{shape, ring.line, icon, text}, a.MinSize, func(size fyne.Size) {
		a.placeRow(shape, ring, size)
		ink, iconInk := ColorText, ColorSecondary
		switch {
		case a.disabled:
			ink, iconInk = ColorFaint, ColorFaint
		case a.destructive:
			ink, iconInk = ColorError, ColorError
		}
		setIcon(icon, a.icon, iconInk)
		put(icon, listEdge, (infoRow-iconSide)/2, iconSide, iconSide)
		f := font{size: TextBody}
		setText(text, a.set.fit(cleanLine(a.text), f, size.Width-infoIndent-listEdge), f, tone(ink))
		putText(text, infoIndent, (infoRow-textHeight(f))/2)
	})
}

// InfoSwitch is a row with a switch.
type InfoSwitch struct {
	press

	// OnChanged is called when the user turned the switch.
	OnChanged func(on bool)

	icon         assets.Icon
	text, detail string
	on           bool
	resized      func()
	set          *typesetter
}

var _ fyne.Widget = (*InfoSwitch)(nil)

// NewInfoSwitch returns a switch that is off. Without an icon the text begins at the edge.
func NewInfoSwitch(icon assets.Icon, text string) *InfoSwitch {
	s := &InfoSwitch{icon: icon, text: text, set: newTypesetter()}
	s.onTapped = func() {
		s.Set(!s.on)
		if s.OnChanged != nil {
			s.OnChanged(s.on)
		}
	}
	s.ExtendBaseWidget(s)
	return s
}

func (s *InfoSwitch) setResized(f func()) { s.resized = f }

// Set turns the switch without a call of OnChanged.
func (s *InfoSwitch) Set(on bool) {
	s.on = on
	s.Refresh()
}

// On reports whether the switch is on.
func (s *InfoSwitch) On() bool { return s.on }

// SetDetail changes the second line, such as "until 18:00"; an empty one is none.
func (s *InfoSwitch) SetDetail(detail string) {
	taller := (detail == "") != (s.detail == "")
	s.detail = detail
	s.Refresh()
	if taller {
		call(s.resized)
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
	shape, ring, icon, text, detail := &canvas.Rectangle{CornerRadius: RadiusRow}, newFocusRing(), newIcon(), newText(), newText()
	track, knob := &canvas.Rectangle{CornerRadius: switchHigh / 2}, &canvas.Circle{}
	objects := []fyne.CanvasObject{shape, ring.line, icon, text, detail, track, knob}
	return newDrawn(objects, s.MinSize, func(size fyne.Size) {
		s.placeRow(shape, ring, size)
		x := listEdge
		show(icon, s.icon != "")
		if s.icon != "" {
			setIcon(icon, s.icon, ColorSecondary)
			put(icon, x, whole((size.Height-iconSide)/2), iconSide, iconSide)
			x = infoIndent
		}
		right := size.Width - listEdge - switchWidth
		ink := ColorText
		if s.disabled {
			ink = ColorFaint
		}
		f, small := font{size: TextBody}, font{size: TextSmall}
		setText(text, s.set.fit(cleanLine(s.text), f, right-12-x), f, tone(ink))
		setText(detail, s.set.fit(cleanLine(s.detail), small, right-12-x), small, tone(ColorSecondary))
		y := (size.Height - textHeight(f)) / 2
		if s.detail != "" {
			y = size.Height/2 - 19
		}
		putText(text, x, y)
		putText(detail, x, size.Height/2+2)
		s.placeSwitch(track, knob, right, whole((size.Height-switchHigh)/2))
	})
}

func (s *InfoSwitch) placeSwitch(track *canvas.Rectangle, knob *canvas.Circle, x, y float32) {
	fill, ink := tone(ColorFaint), tone(ColorBadgeText)
	at := x + (switchHigh-switchKnob)/2
	if s.on {
		fill, ink = tone(ColorAccent), tone(ColorOnAccent)
		at = x + switchWidth - switchKnob - (switchHigh-switchKnob)/2
	}
	setFill(track, fill)
	put(track, x, y, switchWidth, switchHigh)
	if knob.FillColor != ink {
		knob.FillColor = ink
		knob.Refresh()
	}
	put(knob, at, y+(switchHigh-switchKnob)/2, switchKnob, switchKnob)
}
