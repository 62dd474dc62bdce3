package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// KeyHint is a key and what it does, shown in an [EmptyState].
type KeyHint struct{ Key, Does string }

// EmptyData is what an [EmptyState] shows.
type EmptyData struct {
	Icon    assets.Icon
	Text    string
	Detail  string // a second, smaller line
	Keys    []KeyHint
	Actions []Action
}

// EmptyState fills an empty pane: an icon, a text, keys and actions, centred.
type EmptyState struct {
	widget.BaseWidget

	data    EmptyData
	back    fyne.ThemeColorName
	buttons *fyne.Container
	set     *text.Typesetter
}

var _ fyne.Widget = (*EmptyState)(nil)

// NewEmptyState returns an empty state on the given background colour.
func NewEmptyState(back fyne.ThemeColorName, d EmptyData) *EmptyState {
	e := &EmptyState{back: back, buttons: NewHBox(), set: text.NewTypesetter()}
	e.ExtendBaseWidget(e)
	e.Set(d)
	return e
}

// Set changes what is shown.
func (e *EmptyState) Set(d EmptyData) {
	e.data = d
	e.buttons.RemoveAll()
	for _, a := range d.Actions {
		e.buttons.Add(NewActionButton(a))
	}
	e.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (e *EmptyState) MinSize() fyne.Size { return fyne.NewSize(200, 160) }

const (
	emptyIcon   = float32(48)
	emptyKeyRow = float32(26)
)

// CreateRenderer implements fyne.Widget.
func (e *EmptyState) CreateRenderer() fyne.WidgetRenderer {
	r := &emptyRenderer{
		e: e, back: &canvas.Rectangle{}, icon: draw.NewIcon(),
		text: draw.NewGroup(), detail: draw.NewGroup(), keys: draw.NewGroup(),
	}
	r.place(e.MinSize())
	return r
}

type emptyRenderer struct {
	e                  *EmptyState
	back               *canvas.Rectangle
	icon               *canvas.Image
	text, detail, keys *fyne.Container
	size               fyne.Size
}

func (r *emptyRenderer) Layout(size fyne.Size) {
	r.size = size
	r.place(size)
}

func (r *emptyRenderer) MinSize() fyne.Size { return r.e.MinSize() }

func (r *emptyRenderer) Refresh() {
	r.place(r.size)
	canvas.Refresh(r.back)
}

func (r *emptyRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.icon, r.text, r.detail, r.keys, r.e.buttons}
}

func (r *emptyRenderer) Destroy() {}

func (r *emptyRenderer) place(size fyne.Size) {
	defer draw.Within(size.Width)()
	d := r.e.data
	draw.SetFill(r.back, draw.ThemeColor(r.e.back))
	draw.Place(r.back, 0, 0, size.Width, size.Height)
	width := min(size.Width-48, 380)
	line := text.Font{Size: TextHeader, Bold: true}
	small := text.Font{Size: TextPreview}
	textH := r.fill(r.text, d.Text, line, 22, width, ColorText)
	detailH := r.fill(r.detail, d.Detail, small, 19, width, ColorSecondary)
	total := emptyIcon + 16 + textH
	if detailH > 0 {
		total += 6 + detailH
	}
	if len(d.Keys) > 0 {
		total += 16 + float32(len(d.Keys))*emptyKeyRow
	}
	if len(d.Actions) > 0 {
		total += 20 + actionHeight
	}
	y := max(12, draw.SnapPx((size.Height-total)/2))
	draw.SetVisible(r.icon, d.Icon != "")
	if d.Icon != "" {
		draw.SetIcon(r.icon, d.Icon, ColorFaint)
		draw.Place(r.icon, draw.SnapPx((size.Width-emptyIcon)/2), y, emptyIcon, emptyIcon)
	}
	x := draw.SnapPx((size.Width - width) / 2)
	y += emptyIcon + 16
	draw.Place(r.text, x, y, width, textH)
	y += textH
	if detailH > 0 {
		y += 6
		draw.Place(r.detail, x, y, width, detailH)
		y += detailH
	}
	if len(d.Keys) > 0 {
		y += 16
		r.placeKeys(d.Keys, x, y, width)
		y += float32(len(d.Keys)) * emptyKeyRow
	} else {
		r.keys.Objects = nil
	}
	buttons := r.e.buttons.MinSize()
	draw.Place(r.e.buttons, draw.SnapPx((size.Width-buttons.Width)/2), y+20, buttons.Width, actionHeight)
}

// fill draws centred lines in a container and returns their height.
func (r *emptyRenderer) fill(
	c *fyne.Container, s string, f text.Font, lineHeight, width float32, ink fyne.ThemeColorName,
) float32 {
	c.Objects = nil
	s = text.Clean(s)
	if strings.TrimSpace(s) == "" {
		return 0
	}
	defer draw.Within(width)()
	lines := r.e.set.Wrap(s, f, width, 6)
	y := float32(0)
	for _, l := range lines {
		t := draw.NewText()
		draw.SetLine(t, l, s, f, draw.ThemeColor(ink))
		draw.PlaceText(t, (width-l.Width)/2, y)
		c.Objects = append(c.Objects, t)
		y += lineHeight
	}
	return y
}

// placeKeys draws the keys as caps with what they do, in two columns.
func (r *emptyRenderer) placeKeys(keys []KeyHint, x, y, width float32) {
	draw.Place(r.keys, x, y, width, float32(len(keys))*emptyKeyRow)
	defer draw.Within(width)()
	f := text.Font{Size: TextSmall}
	r.keys.Objects = nil
	var left, right float32
	for _, k := range keys {
		left = max(left, r.e.set.LineWidth(k.Key, f)+14)
		right = max(right, r.e.set.LineWidth(k.Does, f))
	}
	x0 := draw.SnapPx((width - left - 10 - right) / 2)
	for i, k := range keys {
		row := float32(i) * emptyKeyRow
		w := r.e.set.LineWidth(k.Key, f) + 14
		kx := draw.SnapPx(x0 + left - w)
		key := &canvas.Rectangle{FillColor: draw.ThemeColor(ColorPill), CornerRadius: 5}
		draw.Place(key, kx, row+2, draw.CeilPx(w), 21)
		name := draw.NewText()
		draw.SetText(name, k.Key, f, draw.ThemeColor(ColorPillText))
		draw.PlaceText(name, kx+7, row+2+(21-text.Height(f))/2)
		does := draw.NewText()
		draw.SetText(does, k.Does, f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(does, x0+left+10, row+2+(21-text.Height(f))/2)
		r.keys.Objects = append(r.keys.Objects, key, name, does)
	}
}
