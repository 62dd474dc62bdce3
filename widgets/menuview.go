package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// menuRenderer draws the panes of a menu with as many objects as their lines need.
type menuRenderer struct {
	menu    *Menu
	panes   []*menuPaneView
	objects []fyne.CanvasObject
}

type menuPaneView struct {
	shadow, back *canvas.Rectangle
	thumb        *canvas.Rectangle // where the lines are that are seen, if not all are
	rows         []*menuRowView
}

type menuRowView struct {
	back, line *canvas.Rectangle
	icon       *canvas.Image
	end        *canvas.Image // a chevron or a check mark
	text, key  *draw.Text
}

var _ fyne.WidgetRenderer = (*menuRenderer)(nil)

// CreateRenderer implements fyne.Widget.
func (m *Menu) CreateRenderer() fyne.WidgetRenderer {
	r := &menuRenderer{menu: m}
	r.draw()
	return r
}

// MinSize implements fyne.WidgetRenderer.
func (r *menuRenderer) MinSize() fyne.Size { return fyne.Size{} }

// Layout implements fyne.WidgetRenderer.
func (r *menuRenderer) Layout(fyne.Size) { r.draw() }

// Refresh implements fyne.WidgetRenderer.
func (r *menuRenderer) Refresh() {
	r.draw()
	canvas.Refresh(r.menu)
}

// Objects implements fyne.WidgetRenderer.
func (r *menuRenderer) Objects() []fyne.CanvasObject { return r.objects }

// Destroy implements fyne.WidgetRenderer.
func (r *menuRenderer) Destroy() {}

func (r *menuRenderer) draw() {
	defer draw.Within(r.menu.Size().Width)()
	r.objects = r.objects[:0]
	for i, p := range r.menu.panes {
		if i == len(r.panes) {
			r.panes = append(r.panes, &menuPaneView{
				shadow: &canvas.Rectangle{CornerRadius: RadiusCard + 1},
				back:   &canvas.Rectangle{CornerRadius: RadiusCard, StrokeWidth: 1},
				thumb:  &canvas.Rectangle{CornerRadius: menuThumb / 2},
			})
		}
		r.drawPane(r.panes[i], p)
	}
}

func (r *menuRenderer) drawPane(v *menuPaneView, p *menuPane) {
	draw.SetFill(v.shadow, draw.ThemeColor(ColorShadow))
	draw.Place(v.shadow, p.at.X-1, p.at.Y+2, p.at.W+2, p.at.H)
	draw.SetFill(v.back, draw.ThemeColor(ColorChatPane))
	draw.SetStroke(v.back, draw.ThemeColor(ColorHairline))
	draw.Place(v.back, p.at.X, p.at.Y, p.at.W, p.at.H)
	r.objects = append(r.objects, v.shadow, v.back)
	for i := range p.items {
		if i == len(v.rows) {
			v.rows = append(v.rows, &menuRowView{
				back: &canvas.Rectangle{CornerRadius: RadiusField}, line: &canvas.Rectangle{},
				icon: draw.NewIcon(), end: draw.NewIcon(), text: draw.NewText(), key: draw.NewText(),
			})
		}
		if b := p.box(i); b.Y >= p.at.Y && b.Y+b.H <= p.at.Y+p.at.H {
			r.drawRow(v.rows[i], p, i, b)
		}
	}
	if over := p.height - p.at.H; over > 0 {
		room := p.at.H - 2*menuPad
		h := draw.SnapPx(room * p.at.H / p.height)
		draw.SetFill(v.thumb, draw.ThemeColor(ColorScrollThumb))
		draw.Place(v.thumb, p.at.X+p.at.W-menuThumb-1, p.at.Y+menuPad+draw.SnapPx((room-h)*p.from/over), menuThumb, h)
		r.objects = append(r.objects, v.thumb)
	}
}

const menuThumb = float32(4)

func (r *menuRenderer) drawRow(v *menuRowView, p *menuPane, line int, b draw.Box) {
	item := p.items[line]
	if item.separator {
		draw.SetFill(v.line, draw.ThemeColor(ColorHairline))
		draw.Place(v.line, b.X+menuTextPad, b.Y+draw.SnapPx(b.H/2), b.W-2*menuTextPad, 1)
		r.objects = append(r.objects, v.line)
		return
	}
	ink, iconInk := ColorText, ColorSecondary
	switch {
	case item.Disabled:
		ink, iconInk = ColorFaint, ColorFaint
	case item.Danger:
		ink, iconInk = ColorError, ColorError
	}
	if p.now == line {
		draw.SetFill(v.back, draw.ThemeColor(ColorRowHover))
		draw.Place(v.back, b.X, b.Y, b.W, b.H)
		r.objects = append(r.objects, v.back)
	}
	x := b.X + menuTextPad
	if p.icons {
		r.drawIcon(v.icon, item.leading(), iconInk, x, b)
		x += menuIconRoom
	}
	middle := b.Y + (b.H-text.Height(menuFont()))/2
	right := b.X + b.W - menuTextPad
	words := r.menu.set.Fit(item.Text, menuFont(), right-x-item.trailing(r.menu.set))
	draw.SetText(v.text, words, menuFont(), draw.ThemeColor(ink))
	draw.PlaceText(v.text, x, middle)
	r.objects = append(r.objects, v.text)
	switch {
	case item.Sub != nil:
		draw.SetIcon(v.end, assets.IconChevronRight, ColorSecondary)
		draw.Place(v.end, right-menuChevron, b.Y+draw.SnapPx((b.H-menuChevron)/2), menuChevron, menuChevron)
		r.objects = append(r.objects, v.end)
	case item.Key != "":
		draw.SetText(v.key, item.Key, menuFont(), draw.ThemeColor(ColorSecondary))
		draw.PlaceText(v.key, right-draw.CeilPx(r.menu.set.LineWidth(item.Key, menuFont())), middle)
		r.objects = append(r.objects, v.key)
	}
}

// leading returns the icon before the words: a check mark for what is on.
func (m *MenuItem) leading() assets.Icon {
	if m.Checked {
		return assets.IconCheck
	}
	return m.Icon
}

func (r *menuRenderer) drawIcon(o *canvas.Image, icon assets.Icon, ink fyne.ThemeColorName, x float32, b draw.Box) {
	if icon == "" {
		return
	}
	const side = float32(18)
	draw.SetIcon(o, icon, ink)
	draw.Place(o, x, b.Y+draw.SnapPx((b.H-side)/2), side, side)
	r.objects = append(r.objects, o)
}
