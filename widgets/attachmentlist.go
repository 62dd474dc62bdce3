package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Attachment is a file about to be sent.
type Attachment struct {
	Name   string
	Detail string // such as 2.4 MB
	Alarm  bool   // Detail is why it cannot be sent; such a row has no arrows, and two lines for the reason
	Icon   assets.Icon
	Photo  *Photo // nil if the file is not a picture
}

const (
	attachmentHeight = float32(56)
	attachmentThumb  = float32(44)
	attachmentWidth  = float32(200) // minimum
	attachmentGap    = float32(10)  // between thumbnail and name
)

// AttachmentList lists the files about to be sent, each with a cross to remove it and arrows to change the order. Its
// minimum size shows all of them; in less room it scrolls.
type AttachmentList struct {
	widget.BaseWidget

	// OnRemove is called for a cross.
	OnRemove func(index int)
	// OnMove is called for the arrows, with -1 for up or 1 for down. If it is nil there are none. Set it before
	// SetItems.
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
			row.up = moveButton(assets.IconChevronUp, tr.L("Move up"), i > 0, func() { l.OnMove(i, -1) })
			row.down = moveButton(assets.IconChevronDown, tr.L("Move down"), i < len(items)-1, func() { l.OnMove(i, 1) })
		}
		rows[i] = row
	}
	l.rows = stacked(rows)
	l.scroll.Content = l.rows
	l.scroll.Refresh()
	l.Refresh()
}

func moveButton(icon assets.Icon, words string, possible bool, move func()) *IconButton {
	b := NewIconButton(icon, words, move)
	b.SetDisabled(!possible)
	return b
}

// MinSize implements fyne.CanvasObject.
func (l *AttachmentList) MinSize() fyne.Size {
	return fyne.NewSize(attachmentWidth, float32(max(len(l.rows.Objects), 1))*attachmentHeight)
}

// CreateRenderer implements fyne.Widget.
func (l *AttachmentList) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewRenderer([]fyne.CanvasObject{l.scroll}, l.MinSize, func(size fyne.Size) {
		draw.Place(l.scroll, 0, 0, size.Width, size.Height)
	})
}

// attachmentRow is one file of the list.
type attachmentRow struct {
	widget.BaseWidget

	data     Attachment
	remove   *IconButton
	up, down *IconButton // nil if the order cannot change
	set      *text.Typesetter
}

func newAttachmentRow(d Attachment, remove func()) *attachmentRow {
	r := &attachmentRow{data: d, remove: NewIconButton(assets.IconClose, tr.L("Remove"), remove), set: text.NewTypesetter()}
	r.ExtendBaseWidget(r)
	return r
}

// MinSize implements fyne.CanvasObject.
func (r *attachmentRow) MinSize() fyne.Size { return fyne.NewSize(attachmentWidth, attachmentHeight) }

// CreateRenderer implements fyne.Widget.
func (r *attachmentRow) CreateRenderer() fyne.WidgetRenderer {
	back, icon, photo := &canvas.Rectangle{CornerRadius: RadiusField}, draw.NewIcon(), draw.NewPhotoImage(RadiusField)
	name, detail, more := draw.NewText(), draw.NewText(), draw.NewText()
	if r.data.Photo != nil {
		photo.Image = r.data.Photo.Image()
	}
	objects := []fyne.CanvasObject{back, icon, photo, name, detail, more, r.remove}
	if r.up != nil {
		objects = append(objects, r.up, r.down)
	}
	return draw.NewRenderer(objects, r.MinSize, func(size fyne.Size) {
		const top = (attachmentHeight - attachmentThumb) / 2
		pictured := r.data.Photo != nil
		draw.SetVisible(photo, pictured)
		draw.SetVisible(icon, !pictured)
		draw.SetFill(back, draw.ThemeColor(ColorButton))
		draw.Place(back, 0, top, attachmentThumb, attachmentThumb)
		draw.Place(photo, 0, top, attachmentThumb, attachmentThumb)
		glyph := r.data.Icon
		if glyph == "" {
			glyph = assets.IconFile
		}
		draw.SetIcon(icon, glyph, ColorSecondary)
		const gap = (attachmentThumb - draw.IconSide) / 2
		draw.Place(icon, gap, top+gap, draw.IconSide, draw.IconSide)
		x := attachmentThumb + attachmentGap
		right := size.Width - draw.HitSide
		draw.Place(r.remove, right, (size.Height-draw.HitSide)/2, draw.HitSide, draw.HitSide)
		if r.up != nil {
			right -= 2 * draw.HitSide
			draw.Place(r.up, right, (size.Height-draw.HitSide)/2, draw.HitSide, draw.HitSide)
			draw.Place(r.down, right+draw.HitSide, (size.Height-draw.HitSide)/2, draw.HitSide, draw.HitSide)
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
		words, f := text.CleanLine(r.data.Name), captionTitleFont()
		draw.SetText(name, r.set.FitName(words, f, room), f, draw.ThemeColor(ColorText))
		draw.PlaceText(name, x, top+y)
		draw.SetText(detail, first, captionFont(), draw.ThemeColor(ink))
		draw.SetVisible(more, second != "")
		draw.SetText(more, second, captionFont(), draw.ThemeColor(ink))
		const detailLine = 16
		y = top + attachmentThumb - draw.LineHeight - 1
		if second != "" {
			y -= detailLine/2 + 3
		}
		draw.PlaceText(detail, x, y)
		draw.PlaceText(more, x, y+detailLine)
	})
}

// details wraps the detail of a file; only the reason why it cannot be sent may have a second line.
func (r *attachmentRow) details(room float32) (first, second string) {
	words := text.CleanLine(r.data.Detail)
	first = r.set.Fit(words, captionFont(), room)
	if !r.data.Alarm || first == words {
		return first, ""
	}
	lines := r.set.Wrap(words, captionFont(), room, 1)
	first = strings.TrimSpace(lines[0].In(words))
	return first, r.set.Fit(strings.TrimSpace(words[lines[0].End:]), captionFont(), room)
}
