package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// stickerRow shows stickers side by side, under a title. Only visible ones have objects.
type stickerRow struct {
	widget.BaseWidget

	onChosen  func(i int)
	onCurrent func() // the pointer is over one

	photos  []*Photo
	current int // -1 for none
	offset  float32

	title   *draw.Text
	back    *canvas.Rectangle
	views   []*stickerView
	objects []fyne.CanvasObject
}

type stickerView struct {
	image *canvas.Image
	shown *Photo
}

// StickerPicture is the side of a sticker in a picker.
const StickerPicture = float32(56)

const (
	stickerCell    = float32(64)
	stickerRowHigh = emojiTitle + stickerCell + 4
)

var (
	_ fyne.Scrollable     = (*stickerRow)(nil)
	_ fyne.Tappable       = (*stickerRow)(nil)
	_ desktop.Hoverable   = (*stickerRow)(nil)
	_ desktop.Cursorable  = (*stickerRow)(nil)
	_ fyne.WidgetRenderer = (*stickerRowRenderer)(nil)
)

func newStickerRow() *stickerRow {
	r := &stickerRow{current: -1, title: draw.NewText(), back: &canvas.Rectangle{CornerRadius: RadiusField}}
	r.ExtendBaseWidget(r)
	return r
}

// set shows stickers from the left.
func (r *stickerRow) set(photos []*Photo) {
	r.photos, r.offset = photos, 0
	r.current = min(r.current, len(photos)-1)
	r.update()
}

// point makes a sticker the current one, -1 none, and brings it into view.
func (r *stickerRow) point(i int) {
	r.current = min(i, len(r.photos)-1)
	if left := float32(r.current) * stickerCell; r.current >= 0 {
		r.offset = min(max(r.offset, left+stickerCell-r.Size().Width), left)
	}
	r.update()
}

func (r *stickerRow) move(by int) { r.point(max(0, r.current+by)) }

func (r *stickerRow) choose() {
	if r.current >= 0 && r.onChosen != nil {
		r.onChosen(r.current)
	}
}

// at returns the sticker at a point, -1 if there is none.
func (r *stickerRow) at(pos fyne.Position) int {
	pos = draw.FlipPoint(pos, r.Size().Width)
	if pos.X < 0 || pos.Y < emojiTitle || pos.Y >= emojiTitle+stickerCell {
		return -1
	}
	if i := int((pos.X + r.offset) / stickerCell); i < len(r.photos) {
		return i
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (r *stickerRow) Tapped(e *fyne.PointEvent) {
	if i := r.at(e.Position); i >= 0 {
		r.current = i
		r.choose()
	}
}

// Scrolled implements fyne.Scrollable.
func (r *stickerRow) Scrolled(e *fyne.ScrollEvent) {
	r.offset -= (e.Scrolled.DX + e.Scrolled.DY) * draw.WheelFactor
	r.update()
}

// MouseIn implements desktop.Hoverable.
func (r *stickerRow) MouseIn(e *desktop.MouseEvent) { r.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (r *stickerRow) MouseMoved(e *desktop.MouseEvent) {
	if i := r.at(e.Position); i >= 0 && i != r.current {
		r.current = i
		draw.Invoke(r.onCurrent)
		r.update()
	}
}

// MouseOut implements desktop.Hoverable.
func (r *stickerRow) MouseOut() {}

// Cursor implements desktop.Cursorable.
func (r *stickerRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (r *stickerRow) CreateRenderer() fyne.WidgetRenderer { return &stickerRowRenderer{r} }

type stickerRowRenderer struct{ row *stickerRow }

func (r *stickerRowRenderer) Layout(fyne.Size) { r.row.update() }

func (r *stickerRowRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *stickerRowRenderer) Refresh() {
	r.row.update()
	canvas.Refresh(r.row.back)
}

func (r *stickerRowRenderer) Objects() []fyne.CanvasObject { return r.row.objects }

func (r *stickerRowRenderer) Destroy() {}

// update makes objects for the visible stickers.
func (r *stickerRow) update() {
	size := r.Size()
	if size.IsZero() {
		return
	}
	defer draw.Within(size.Width)()
	reach := max(0, float32(len(r.photos))*stickerCell-size.Width)
	r.offset = draw.SnapPx(min(max(r.offset, 0), reach))
	f := text.Font{Size: TextSmall, Bold: true}
	draw.SetText(r.title, tr.L("Recent stickers"), f, draw.ThemeColor(ColorSecondary))
	draw.PlaceText(r.title, 4, (emojiTitle-text.Height(f))/2)
	r.objects = append(r.objects[:0], r.title)
	if r.current >= 0 {
		draw.SetFill(r.back, draw.ThemeColor(ColorIconHover))
		draw.Place(r.back, float32(r.current)*stickerCell-r.offset, emojiTitle, stickerCell, stickerCell)
		r.objects = append(r.objects, r.back)
	}
	first := int(r.offset / stickerCell)
	end := min(len(r.photos), int((r.offset+size.Width-1)/stickerCell)+1)
	for i := first; i < end; i++ {
		if i-first == len(r.views) {
			r.views = append(r.views, &stickerView{image: draw.NewPhotoImage(0)})
		}
		v := r.views[i-first]
		if v.shown != r.photos[i] {
			v.shown, v.image.Image, v.image.FillMode = r.photos[i], r.photos[i].Image(), canvas.ImageFillContain
			v.image.Refresh()
		}
		const gap = (stickerCell - StickerPicture) / 2
		draw.Place(v.image, float32(i)*stickerCell-r.offset+gap, emojiTitle+gap, StickerPicture, StickerPicture)
		r.objects = append(r.objects, v.image)
	}
	canvas.Refresh(r.back)
}
