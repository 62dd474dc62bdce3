package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoWidth is the preferred width of an [InfoPanel].
const InfoWidth = float32(300)

// InfoPanel is a scrolling column below a line with a title and a cross. It holds the widgets whose names start with
// Info, and a [MemberList].
type InfoPanel struct {
	widget.BaseWidget

	// OnClose is called for the cross, and for the Escape key in a part that is no field. If it is nil there is no cross.
	OnClose func()
	// OnShortcut is called for shortcuts before parts that would swallow them, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses a part of the panel.
	OnFocus Focuser

	title  string
	column *fyne.Container
	scroll *container.Scroll
	close  *IconButton
	set    *text.Typesetter
}

var _ fyne.Widget = (*InfoPanel)(nil)

// NewInfoPanel returns a panel with these parts. Without a title it is only the column.
func NewInfoPanel(title string, parts ...fyne.CanvasObject) *InfoPanel {
	p := &InfoPanel{title: title, column: &fyne.Container{Layout: stack{}, Objects: parts}, set: text.NewTypesetter()}
	p.scroll = container.NewVScroll(p.column)
	p.scroll.OnScrolled = func(fyne.Position) { p.updateVisible() }
	p.close = NewIconButton(assets.IconClose, tr.L("Close"), p.escape)
	p.close.OnEscape = p.escape
	p.watchParts()
	p.ExtendBaseWidget(p)
	return p
}

// SetParts replaces the parts. The scroll position stays, as far as the column is long enough.
func (p *InfoPanel) SetParts(parts ...fyne.CanvasObject) {
	p.column.Objects = parts
	p.watchParts()
	p.Refresh()
}

// ScrollToTop scrolls to the first part.
func (p *InfoPanel) ScrollToTop() {
	p.scroll.ScrollToTop()
	p.updateVisible()
}

func (p *InfoPanel) escape() { draw.Invoke(p.OnClose) }

func (p *InfoPanel) shortcut(s fyne.Shortcut) bool { return p.OnShortcut != nil && p.OnShortcut(s) }

// watchParts lays out the panel again whenever a part wants another height, and gets from parts the keys that are not
// theirs.
func (p *InfoPanel) watchParts() {
	for _, o := range p.column.Objects {
		if part, ok := o.(interface{ setResized(f func()) }); ok {
			part.setResized(p.Refresh)
		}
		if part, ok := o.(interface{ SetOnEscape(f func()) }); ok {
			part.SetOnEscape(p.escape)
		}
		if part, ok := o.(interface {
			SetOnKey(f func(e *fyne.KeyEvent))
		}); ok {
			part.SetOnKey(p.ScrollKey)
		}
		if part, ok := o.(interface{ SetOnFocusGained(f func()) }); ok {
			part.SetOnFocusGained(func() { p.reveal(o) })
		}
		switch part := o.(type) {
		case *MemberList:
			part.list.onShortcut = p.shortcut
		case *InfoEdit:
			part.OnShortcut = p.shortcut
			part.OnFocus = p.OnFocus
		}
	}
}

// ScrollKey scrolls for the keys that do.
func (p *InfoPanel) ScrollKey(e *fyne.KeyEvent) {
	page := p.scroll.Size().Height - infoRow
	switch e.Name {
	case fyne.KeyPageDown:
		p.scrollTo(p.scroll.Offset.Y + page)
	case fyne.KeyPageUp:
		p.scrollTo(p.scroll.Offset.Y - page)
	case fyne.KeyHome:
		p.scrollTo(0)
	case fyne.KeyEnd:
		p.scrollTo(p.column.MinSize().Height)
	}
}

func (p *InfoPanel) scrollTo(y float32) {
	y = max(0, min(y, p.column.MinSize().Height-p.scroll.Size().Height))
	if y != p.scroll.Offset.Y {
		p.scroll.ScrollToOffset(fyne.NewPos(0, y))
		p.updateVisible()
	}
}

// reveal scrolls to a part that is not in view.
func (p *InfoPanel) reveal(part fyne.CanvasObject) {
	top, bottom := part.Position().Y, part.Position().Y+part.Size().Height
	offset := max(min(p.scroll.Offset.Y, top), bottom-p.scroll.Size().Height)
	if p.scroll.Size().Height > 0 {
		p.scrollTo(offset)
	}
}

// Holds reports whether a widget is a part of the panel, or of a part.
func (p *InfoPanel) Holds(w fyne.Focusable) bool {
	return w == p.close || slices.Contains(p.Focusables(), w)
}

// Focusables returns what can have the keyboard in the parts, in their order, also what is greyed out now.
func (p *InfoPanel) Focusables() []fyne.Focusable {
	var list []fyne.Focusable
	for _, o := range p.column.Objects {
		switch part := o.(type) {
		case *InfoEdit:
			list = append(list, part.field, part.check)
		case *MemberList:
			list = append(list, part.list)
		case *InfoHead:
			list = append(list, part.avatar)
		case *InfoButtons:
			for _, b := range part.buttons {
				if f, ok := b.(fyne.Focusable); ok {
					list = append(list, f)
				}
			}
		case fyne.Focusable:
			list = append(list, part)
		}
	}
	return list
}

// Restore shows the saved values again in the fields.
func (p *InfoPanel) Restore() {
	for _, o := range p.column.Objects {
		if part, ok := o.(*InfoEdit); ok {
			part.Restore()
		}
	}
}

// updateVisible sets which part of long lists is visible.
func (p *InfoPanel) updateVisible() {
	top, height := p.scroll.Offset.Y, p.scroll.Size().Height
	for _, o := range p.column.Objects {
		if l, ok := o.(*MemberList); ok {
			y := l.Position().Y
			l.list.setVisible(top-y, top-y+height)
		}
	}
}

// MinSize implements fyne.CanvasObject.
func (p *InfoPanel) MinSize() fyne.Size { return fyne.NewSize(240, 200) }

// CreateRenderer implements fyne.Widget.
func (p *InfoPanel) CreateRenderer() fyne.WidgetRenderer {
	back, line, title := &canvas.Rectangle{}, &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, p.scroll, line, title, p.close}
	return draw.NewRenderer(objects, p.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.Place(back, 0, 0, size.Width, size.Height)
		top := float32(0)
		draw.SetVisible(line, p.title != "")
		draw.SetVisible(title, p.title != "")
		draw.SetVisible(p.close, p.title != "" && p.OnClose != nil)
		if p.title != "" {
			top = HeaderHeight
			draw.SetFill(line, draw.ThemeColor(ColorHairline))
			draw.Place(line, 0, top-1, size.Width, 1)
			f := text.Font{Size: TextHeader, Bold: true}
			words := p.set.Fit(text.CleanLine(p.title), f, size.Width-2*listEdge-draw.HitSide)
			draw.SetText(title, words, f, draw.ThemeColor(ColorText))
			draw.PlaceText(title, listEdge, (top-1-text.Height(f))/2)
			draw.Place(p.close, size.Width-draw.HitSide-10, (top-draw.HitSide)/2, draw.HitSide, draw.HitSide)
		}
		for _, o := range p.column.Objects {
			heightAt(o, size.Width) // so that each has its height before the column adds them up
		}
		draw.Place(p.scroll, 0, top, size.Width, max(0, size.Height-top))
		p.scroll.Refresh()
		p.updateVisible()
	})
}

// stack is a column without gaps, in which each object has its own height.
type stack struct{}

func (stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	defer draw.Within(size.Width)()
	y := float32(0)
	for _, o := range objects {
		if h := heightAt(o, size.Width); o.Visible() {
			draw.Place(o, 0, y, size.Width, h)
			y += h
		}
	}
}

func (stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if o.Visible() {
			s := o.MinSize()
			m.Width = max(m.Width, s.Width)
			m.Height += s.Height
		}
	}
	m.Height += 12 // below the last
	return m
}
