package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// KeyHint is a key and what it does, shown under an [EmptyState].
type KeyHint struct{ Key, Does string }

// EmptyData is what an [EmptyState] shows.
type EmptyData struct {
	Icon    assets.Icon
	Text    string
	Detail  string // a second, smaller line
	Keys    []KeyHint
	Actions []Action
}

// EmptyState stands where nothing is yet: an icon, a line, keys, and what can be done, in the middle of its room.
type EmptyState struct {
	widget.BaseWidget

	data    EmptyData
	back    fyne.ThemeColorName
	buttons *fyne.Container
	set     *typesetter
}

var _ fyne.Widget = (*EmptyState)(nil)

// NewEmptyState returns an empty state on the given background colour.
func NewEmptyState(back fyne.ThemeColorName, d EmptyData) *EmptyState {
	e := &EmptyState{back: back, buttons: container.NewHBox(), set: newTypesetter()}
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
		e: e, back: &canvas.Rectangle{}, icon: newIcon(), text: newStill(), detail: newStill(), keys: newStill(),
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
	d := r.e.data
	setFill(r.back, tone(r.e.back))
	put(r.back, 0, 0, size.Width, size.Height)
	width := min(size.Width-48, 380)
	line := font{size: TextHeader, bold: true}
	small := font{size: TextPreview}
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
	y := max(12, whole((size.Height-total)/2))
	show(r.icon, d.Icon != "")
	if d.Icon != "" {
		setIcon(r.icon, d.Icon, ColorFaint)
		put(r.icon, whole((size.Width-emptyIcon)/2), y, emptyIcon, emptyIcon)
	}
	x := whole((size.Width - width) / 2)
	y += emptyIcon + 16
	put(r.text, x, y, width, textH)
	y += textH
	if detailH > 0 {
		y += 6
		put(r.detail, x, y, width, detailH)
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
	put(r.e.buttons, whole((size.Width-buttons.Width)/2), y+20, buttons.Width, actionHeight)
}

// fill writes centred lines into a container and returns their height.
func (r *emptyRenderer) fill(c *fyne.Container, s string, f font, lineHeight, width float32, ink fyne.ThemeColorName) float32 {
	c.Objects = nil
	s = clean(s)
	if strings.TrimSpace(s) == "" {
		return 0
	}
	lines := r.e.set.wrap(s, f, width, 6)
	y := float32(0)
	for _, l := range lines {
		t := canvas.NewText(l.text(s), tone(ink))
		t.TextSize, t.TextStyle = f.size, f.style()
		putText(t, (width-l.width)/2, y)
		c.Objects = append(c.Objects, t)
		y += lineHeight
	}
	return y
}

// placeKeys writes the keys as caps with their meaning, in two columns around the middle.
func (r *emptyRenderer) placeKeys(keys []KeyHint, x, y, width float32) {
	f := font{size: TextSmall}
	r.keys.Objects = nil
	var left, right float32
	for _, k := range keys {
		left = max(left, r.e.set.lineWidth(k.Key, f)+14)
		right = max(right, r.e.set.lineWidth(k.Does, f))
	}
	x0 := whole((width - left - 10 - right) / 2)
	for i, k := range keys {
		row := float32(i) * emptyKeyRow
		w := r.e.set.lineWidth(k.Key, f) + 14
		kx := whole(x0 + left - w)
		key := &canvas.Rectangle{FillColor: tone(ColorPill), CornerRadius: 5}
		put(key, kx, row+2, up(w), 21)
		name := canvas.NewText(k.Key, tone(ColorPillText))
		name.TextSize = f.size
		putText(name, kx+7, row+2+(21-textHeight(f))/2)
		does := canvas.NewText(k.Does, tone(ColorSecondary))
		does.TextSize = f.size
		putText(does, x0+left+10, row+2+(21-textHeight(f))/2)
		r.keys.Objects = append(r.keys.Objects, key, name, does)
	}
	put(r.keys, x, y, width, float32(len(keys))*emptyKeyRow)
}
