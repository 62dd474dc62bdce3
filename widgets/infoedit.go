package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoEdit is a field for editing one line in an [InfoPanel], such as a name. Enter and the check mark save the text and
// leave the field, Escape restores what is saved and leaves it. A text that is only left stays there, unsaved, and a
// line below says so.
type InfoEdit struct {
	widget.BaseWidget

	// OnSave is called with the trimmed text if it was changed. It is empty only if SetOptional was called.
	OnSave func(text string)
	// OnShortcut is called for shortcuts before the field, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses the field, or nothing.
	OnFocus Focuser

	label, value string
	sent         string // last argument of OnSave
	limit        int
	optional     bool
	err          string
	below        string // the words below the field
	field        *Field
	check        *fieldButton
	resized      func()
	set          *text.Typesetter
}

var _ fyne.Widget = (*InfoEdit)(nil)

// editHint is shown below a text that is not saved.
func editHint() string { return tr.L("Not saved. Enter saves, Esc restores.") }

// NewInfoEdit returns a field of at most limit characters; 0 is no limit.
func NewInfoEdit(label, value, placeholder string, limit int) *InfoEdit {
	e := &InfoEdit{
		label: label, value: value, sent: value, limit: limit, field: NewField(placeholder), set: text.NewTypesetter(),
	}
	e.check = newFieldButton(assets.IconCheck, tr.L("Save"), e.save)
	e.field.ActionItem = e.check
	e.field.SetQuietly(value)
	e.field.OnChanged = func(string) { e.SetError(e.tooLong()) }
	e.field.OnEnter = func(bool) { e.save() }
	e.field.OnEscape = func() {
		e.Restore()
		e.OnFocus.Focus(nil)
	}
	e.field.OnShortcut = func(s fyne.Shortcut) bool { return e.OnShortcut != nil && e.OnShortcut(s) }
	e.ExtendBaseWidget(e)
	return e
}

func (e *InfoEdit) setResized(f func()) { e.resized = f }

// SetValue changes the saved value. A text that the user is changing stays.
func (e *InfoEdit) SetValue(value string) {
	changing := e.changing()
	e.value, e.sent = value, value
	if !changing {
		e.field.SetQuietly(value)
	}
	e.update()
}

// changing reports whether the text is not saved.
func (e *InfoEdit) changing() bool { text := e.text(); return text != e.value && text != e.sent }

// Restore shows the saved value again.
func (e *InfoEdit) Restore() {
	e.field.SetQuietly(e.value)
	e.SetError("")
}

// SetOptional sets whether the text may be empty.
func (e *InfoEdit) SetOptional(optional bool) { e.optional = optional }

// SetError shows below the field why the text was not saved; an empty string hides it. The text can be saved again.
func (e *InfoEdit) SetError(words string) {
	if words != "" {
		e.sent = e.value
	}
	e.err = words
	e.update()
}

// update shows below the field what is wrong with the text, or that it is not saved.
func (e *InfoEdit) update() {
	before := e.below
	e.below = e.err
	if e.below == "" && e.changing() {
		e.below = editHint()
	}
	e.check.SetDisabled(!e.changing() || e.tooLong() != "")
	e.Refresh()
	if (before == "") != (e.below == "") {
		draw.Invoke(e.resized)
	}
}

func (e *InfoEdit) text() string { return strings.TrimSpace(text.Clean(e.field.Text)) }

func (e *InfoEdit) tooLong() string {
	if e.limit > 0 && utf8.RuneCountInString(e.text()) > e.limit {
		return tr.N("At most {{.N}} character", "At most {{.N}} characters", e.limit)
	}
	return ""
}

func (e *InfoEdit) save() {
	text := e.text()
	switch {
	case e.tooLong() != "":
		return // the error is shown
	case text == "" && !e.optional:
		e.Restore()
	case e.changing():
		e.sent = text
		e.SetError("")
		if e.OnSave != nil {
			e.OnSave(text)
		}
	}
	if e.err == "" {
		e.OnFocus.Focus(nil)
	}
}

const (
	editLabel = float32(26)
	editError = float32(20)
)

// MinSize implements fyne.CanvasObject.
func (e *InfoEdit) MinSize() fyne.Size {
	h := editLabel + draw.HitSide + 6
	if e.below != "" {
		h += editError
	}
	return fyne.NewSize(160, h)
}

// CreateRenderer implements fyne.Widget.
func (e *InfoEdit) CreateRenderer() fyne.WidgetRenderer {
	label, words := draw.NewText(), draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{label, e.field, words}, e.MinSize, func(size fyne.Size) {
		f, room := text.Font{Size: TextSmall}, size.Width-2*listEdge
		draw.SetText(label, e.set.Fit(text.CleanLine(e.label), f, room), f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(label, listEdge, 6)
		draw.Place(e.field, listEdge, editLabel, room, draw.HitSide)
		ink := ColorError
		if e.err == "" {
			ink = ColorSecondary
		}
		draw.SetText(words, e.set.Fit(text.CleanLine(e.below), f, room), f, draw.ThemeColor(ink))
		draw.PlaceText(words, listEdge, editLabel+draw.HitSide+3)
	})
}
