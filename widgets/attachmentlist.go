package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// Attachment is a file that was chosen to be sent.
type Attachment struct {
	Name   string
	Detail string // such as 2.4 MB
	Alarm  bool   // the detail is why it cannot be sent; such a row has no arrows, and two lines for the reason
	Icon   assets.Icon
	Photo  *Photo // nil for what is no picture
}

const (
	attachmentHeight = float32(56)
	attachmentThumb  = float32(44)
	attachmentWidth  = float32(200) // at least
)

// AttachmentList lists the files that are about to be sent, each with a cross to take it off, and arrows that change the order. It
// wants to show all of them; what there is no room for is scrolled to.
type AttachmentList struct {
	widget.BaseWidget

	// OnRemove is called with the place of the file in the list.
	OnRemove func(index int)
	// OnMove is called for the arrows, with the place of the file and -1 for up or 1 for down. Without it there are none. Set it
	// before SetItems.
	OnMove func(index, by int)

	rows   *fyne.Container
	scroll *container.Scroll
}

var _ fyne.Widget = (*AttachmentList)(nil)

// NewAttachmentList returns an empty list.
func NewAttachmentList() *AttachmentList {
	l := &AttachmentList{rows: stacked(nil)}
	l.scroll = container.NewVScroll(l.rows)
	l.ExtendBaseWidget(l)
	return l
}

func stacked(rows []fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(0), rows...)
}

// SetItems shows these files.
func (l *AttachmentList) SetItems(items []Attachment) {
	rows := make([]fyne.CanvasObject, len(items))
	for i, it := range items {
		row := newAttachmentRow(it, func() {
			if l.OnRemove != nil {
				l.OnRemove(i)
			}
		})
		if l.OnMove != nil && len(items) > 1 && !it.Alarm {
			row.up = moveButton(assets.IconChevronUp, i > 0, func() { l.OnMove(i, -1) })
			row.down = moveButton(assets.IconChevronDown, i < len(items)-1, func() { l.OnMove(i, 1) })
		}
		rows[i] = row
	}
	l.rows = stacked(rows)
	l.scroll.Content = l.rows
	l.scroll.Refresh()
	l.Refresh()
}

func moveButton(icon assets.Icon, possible bool, move func()) *IconButton {
	b := NewIconButton(icon, move)
	b.setDisabled(!possible)
	return b
}

// MinSize implements fyne.CanvasObject.
func (l *AttachmentList) MinSize() fyne.Size {
	return fyne.NewSize(attachmentWidth, float32(max(len(l.rows.Objects), 1))*attachmentHeight)
}

// CreateRenderer implements fyne.Widget.
func (l *AttachmentList) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn([]fyne.CanvasObject{l.scroll}, l.MinSize, func(size fyne.Size) {
		put(l.scroll, 0, 0, size.Width, size.Height)
	})
}

// attachmentRow is one file of the list.
type attachmentRow struct {
	widget.BaseWidget

	data     Attachment
	remove   *IconButton
	up, down *IconButton // nil when the order cannot change
	set      *typesetter
}

func newAttachmentRow(d Attachment, remove func()) *attachmentRow {
	r := &attachmentRow{data: d, remove: NewIconButton(assets.IconClose, remove), set: newTypesetter()}
	r.ExtendBaseWidget(r)
	return r
}

// MinSize implements fyne.CanvasObject.
func (r *attachmentRow) MinSize() fyne.Size { return fyne.NewSize(attachmentWidth, attachmentHeight) }

// CreateRenderer implements fyne.Widget.
func (r *attachmentRow) CreateRenderer() fyne.WidgetRenderer {
	back, icon, photo := &canvas.Rectangle{CornerRadius: RadiusField}, newIcon(), newPhotoImage()
	name, detail, more := newText(), newText(), newText()
	if r.data.Photo != nil {
		photo.Image = r.data.Photo.img
	}
	objects := []fyne.CanvasObject{back, icon, photo, name, detail, more, r.remove}
	if r.up != nil {
		objects = append(objects, r.up, r.down)
	}
	return newDrawn(objects, r.MinSize, func(size fyne.Size) {
		const top = (attachmentHeight - attachmentThumb) / 2
		pictured := r.data.Photo != nil
		show(photo, pictured)
		show(icon, !pictured)
		setFill(back, tone(ColorButton))
		put(back, 0, top, attachmentThumb, attachmentThumb)
		put(photo, 0, top, attachmentThumb, attachmentThumb)
		glyph := r.data.Icon
		if glyph == "" {
			glyph = assets.IconFile
		}
		setIcon(icon, glyph, ColorSecondary)
		const gap = (attachmentThumb - iconSide) / 2
		put(icon, gap, top+gap, iconSide, iconSide)
		x := attachmentThumb + fileGap
		right := size.Width - hitSide
		put(r.remove, right, (size.Height-hitSide)/2, hitSide, hitSide)
		if r.up != nil {
			right -= 2 * hitSide
			put(r.up, right, (size.Height-hitSide)/2, hitSide, hitSide)
			put(r.down, right+hitSide, (size.Height-hitSide)/2, hitSide, hitSide)
		}
		room := right - x - 4
		ink := ColorSecondary
		if r.data.Alarm {
			ink = ColorError
		}
		first, second := r.details(room)
		y := float32(3)
		if second != "" {
			y = -3
		}
		setText(name, r.set.fitName(cleanLine(r.data.Name), cardTitleFont(), room), cardTitleFont(), tone(ColorText))
		putText(name, x, top+y)
		setText(detail, first, cardFont(), tone(ink))
		show(more, second != "")
		setText(more, second, cardFont(), tone(ink))
		const detailLine = 16
		y = top + attachmentThumb - lineHeight - 1
		if second != "" {
			y -= detailLine/2 + 3
		}
		putText(detail, x, y)
		putText(more, x, y+detailLine)
	})
}

// details breaks what is said of a file into lines; only the reason why it cannot be sent may have a second.
func (r *attachmentRow) details(room float32) (first, second string) {
	words := cleanLine(r.data.Detail)
	first = r.set.fit(words, cardFont(), room)
	if !r.data.Alarm || first == words {
		return first, ""
	}
	lines := r.set.wrap(words, cardFont(), room, 1)
	first = strings.TrimSpace(lines[0].text(words))
	return first, r.set.fit(strings.TrimSpace(words[lines[0].end:]), cardFont(), room)
}
