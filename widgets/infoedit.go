package widgets

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoEdit is a field for editing one line in an [InfoPanel], such as a name. Enter and leaving the field save the
// text, Escape restores it.
type InfoEdit struct {
	widget.BaseWidget

	// OnSave is called with the trimmed text if it was changed. It is empty only if SetOptional was called.
	OnSave func(text string)

	label, value string
	sent         string // last argument of OnSave
	limit        int
	optional     bool
	err          string
	field        *Field
	resized      func()
	set          *text.Typesetter
}

var _ fyne.Widget = (*InfoEdit)(nil)

// NewInfoEdit returns a field of at most limit characters; 0 is no limit.
func NewInfoEdit(label, value, placeholder string, limit int) *InfoEdit {
	e := &InfoEdit{
		label: label, value: value, sent: value, limit: limit, field: NewField(placeholder), set: text.NewTypesetter(),
	}
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

// SetValue changes the saved value. A text that the user is changing stays.
func (e *InfoEdit) SetValue(value string) {
	if text := e.text(); text == e.value || text == e.sent {
		e.field.SetQuietly(value)
	}
	e.value, e.sent = value, value
	e.Refresh()
}

// SetOptional sets whether the text may be empty.
func (e *InfoEdit) SetOptional(optional bool) { e.optional = optional }

// SetError shows below the field why the text was not saved; an empty string hides it. The text can be saved again.
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
		draw.Invoke(e.resized)
	}
}

func (e *InfoEdit) text() string { return strings.TrimSpace(text.Clean(e.field.Text)) }

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
		return // the error is shown
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
	h := editLabel + draw.HitSide + 6
	if e.err != "" {
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
		draw.SetText(words, e.set.Fit(text.CleanLine(e.err), f, room), f, draw.ThemeColor(ColorError))
		draw.PlaceText(words, listEdge, editLabel+draw.HitSide+3)
	})
}
