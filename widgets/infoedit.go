package widgets

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// InfoEdit is a text of one line to be changed in its place in an [InfoPanel], such as a name. Enter and leaving the
// field save it, Escape brings back what was.
type InfoEdit struct {
	widget.BaseWidget

	// OnSave is called with the new text, trimmed, when it differs. It is empty only if SetOptional was called.
	OnSave func(text string)

	label, value string
	sent         string // what OnSave was called with last
	limit        int
	optional     bool
	err          string
	field        *Field
	resized      func()
	set          *typesetter
}

var _ fyne.Widget = (*InfoEdit)(nil)

// NewInfoEdit returns a field of at most limit characters; no limit is 0.
func NewInfoEdit(label, value, placeholder string, limit int) *InfoEdit {
	e := &InfoEdit{label: label, value: value, sent: value, limit: limit, field: NewField(placeholder), set: newTypesetter()}
	e.field.SetQuietly(value)
	e.field.OnChanged = func(string) { e.SetError(e.tooLong()) }
	e.field.OnEnter = func(bool) { e.save() }
	e.field.OnBlur = e.save
	e.field.OnEscape = func() {
		e.field.SetText(e.value)
		e.SetError("")
	}
	e.ExtendBaseWidget(e)
	return e
}

func (e *InfoEdit) setResized(f func()) { e.resized = f }

// SetValue changes what is saved. A text that is being changed stays.
func (e *InfoEdit) SetValue(value string) {
	if text := e.text(); text == e.value || text == e.sent {
		e.field.SetQuietly(value)
	}
	e.value, e.sent = value, value
	e.Refresh()
}

// SetOptional says that the text may be empty.
func (e *InfoEdit) SetOptional(optional bool) { e.optional = optional }

// SetError says under the field why the text was not saved; an empty one takes it away. The text can be saved again.
func (e *InfoEdit) SetError(words string) {
	if words != "" {
		e.sent = e.value
	}
	if e.err == words {
		return
	}
	taller := (e.err == "") != (words == "")
	e.err = words
	e.Refresh()
	if taller {
		call(e.resized)
	}
}

func (e *InfoEdit) text() string { return strings.TrimSpace(clean(e.field.Text)) }

func (e *InfoEdit) tooLong() string {
	if e.limit > 0 && utf8.RuneCountInString(e.text()) > e.limit {
		return "At most " + strconv.Itoa(e.limit) + " characters"
	}
	return ""
}

func (e *InfoEdit) save() {
	text := e.text()
	switch {
	case e.tooLong() != "":
		return // the words are there
	case text == "" && !e.optional:
		e.field.SetText(e.value)
	case text != e.value && text != e.sent:
		e.sent = text
		e.SetError("")
		if e.OnSave != nil {
			e.OnSave(text)
		}
	}
}

const (
	editLabel = float32(26)
	editError = float32(20)
)

// MinSize implements fyne.CanvasObject.
func (e *InfoEdit) MinSize() fyne.Size {
	h := editLabel + hitSide + 6
	if e.err != "" {
		h += editError
	}
	return fyne.NewSize(160, h)
}

// CreateRenderer implements fyne.Widget.
func (e *InfoEdit) CreateRenderer() fyne.WidgetRenderer {
	label, words := newText(), newText()
	return newDrawn([]fyne.CanvasObject{label, e.field, words}, e.MinSize, func(size fyne.Size) {
		f, room := font{size: TextSmall}, size.Width-2*listEdge
		setText(label, e.set.fit(cleanLine(e.label), f, room), f, tone(ColorSecondary))
		putText(label, listEdge, 6)
		put(e.field, listEdge, editLabel, room, hitSide)
		setText(words, e.set.fit(cleanLine(e.err), f, room), f, tone(ColorError))
		putText(words, listEdge, editLabel+hitSide+3)
	})
}
