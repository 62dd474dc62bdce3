package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// CallButtonKind is the look of a [CallButton].
type CallButtonKind uint8

// The kinds.
const (
	CallButtonPlain  CallButtonKind = iota
	CallButtonOn                    // it has switched something: muted, on hold
	CallButtonAnswer                // green
	CallButtonEnd                   // red
)

// CallAction is a button of a call: an icon on a disc, and what it does in words below.
type CallAction struct {
	Icon     assets.Icon
	Text     string
	Kind     CallButtonKind
	Disabled bool
	Tapped   func()
}

// Geometry of buttons of calls.
const (
	callDisc   = float32(52)
	callIcon   = float32(24)
	callButton = float32(84) // width
	callHigh   = callDisc + 6 + 18
)

// callKeys is what has the keyboard of a call together with its buttons.
type callKeys interface {
	TypedKey(e *fyne.KeyEvent)
	focusChanged(focused bool)
}

// callButtonView is a round button in a [CallView] or a [MeetingView].
type callButtonView struct {
	draw.Pressable

	view   callKeys
	action CallAction
	set    *text.Typesetter
}

func newCallButton(view callKeys) *callButtonView {
	b := &callButtonView{view: view, set: text.NewTypesetter()}
	b.ExtendBaseWidget(b)
	return b
}

// setAction changes what is shown and done.
func (b *callButtonView) setAction(a CallAction) {
	same := b.action.Icon == a.Icon && b.action.Text == a.Text && b.action.Kind == a.Kind
	b.action, b.OnTapped = a, a.Tapped
	b.SetDisabled(a.Disabled)
	if !same {
		b.Refresh()
	}
}

// TypedKey implements fyne.Focusable: the keys of the call work here, too.
func (b *callButtonView) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Pressable.TypedKey(e)
	default:
		b.view.TypedKey(e)
	}
}

// FocusGained implements fyne.Focusable.
func (b *callButtonView) FocusGained() {
	b.Pressable.FocusGained()
	b.view.focusChanged(true)
}

// FocusLost implements fyne.Focusable.
func (b *callButtonView) FocusLost() {
	b.Pressable.FocusLost()
	b.view.focusChanged(false)
}

// MinSize implements fyne.CanvasObject.
func (b *callButtonView) MinSize() fyne.Size { return fyne.NewSize(callButton, callHigh) }

// CreateRenderer implements fyne.Widget.
func (b *callButtonView) CreateRenderer() fyne.WidgetRenderer {
	disc, icon := &canvas.Rectangle{CornerRadius: callDisc / 2}, draw.NewIcon()
	label, ring := draw.NewText(), draw.NewFocusRing()
	return draw.NewRenderer([]fyne.CanvasObject{disc, ring.Line, icon, label}, b.MinSize, func(size fyne.Size) {
		x := draw.SnapPx((size.Width - callDisc) / 2)
		fill, ink := b.colors()
		draw.SetFill(disc, draw.ThemeColor(fill))
		draw.Place(disc, x, 0, callDisc, callDisc)
		ring.Place(b.Focused(), x-3, -3, callDisc+6, callDisc+6, callDisc/2+3)
		draw.SetIcon(icon, b.action.Icon, ink)
		const gap = (callDisc - callIcon) / 2
		draw.Place(icon, x+gap, gap, callIcon, callIcon)
		f, words := text.Font{Size: TextSmall}, ColorSecondary
		if b.Disabled() {
			words = ColorFaint
		}
		line := b.set.Fit(b.action.Text, f, size.Width)
		draw.SetText(label, line, f, draw.ThemeColor(words))
		draw.PlaceText(label, (size.Width-b.set.LineWidth(line, f))/2, callDisc+6)
	})
}

func (b *callButtonView) colors() (fill, ink fyne.ThemeColorName) {
	switch {
	case b.Disabled():
		return ColorButton, ColorFaint
	case b.action.Kind == CallButtonAnswer:
		return ColorCallAnswer, ColorCallInk
	case b.action.Kind == CallButtonEnd:
		return ColorCallEnd, ColorCallInk
	case b.action.Kind == CallButtonOn:
		return ColorCallOn, ColorCallOnInk
	case b.Hovered():
		return ColorButtonHover, ColorText
	default:
		return ColorButton, ColorText
	}
}

// callButtons is the row of buttons at the lower edge.
type callButtons [callActions]*callButtonView

func newCallButtons(view callKeys) (row callButtons) {
	for i := range row {
		row[i] = newCallButton(view)
	}
	return row
}

// set changes what is shown and done.
func (row *callButtons) set(actions []CallAction) {
	for i, b := range row {
		draw.SetVisible(b, i < len(actions))
		if i < len(actions) {
			b.setAction(actions[i])
		}
	}
}

// place puts n buttons into the middle of the lower edge.
func (row *callButtons) place(n int, size fyne.Size) {
	if n == 0 {
		return
	}
	wide := callButton
	if n <= callApart {
		wide += 2 * callEdge
	}
	wide = min(wide, (size.Width-2*callEdge)/float32(n))
	x := draw.SnapPx((size.Width - float32(n)*wide) / 2)
	y := draw.SnapPx(size.Height - CallFooter + (CallFooter-callHigh)/2)
	for _, b := range row {
		if b.Visible() {
			draw.Place(b, x, y, wide, callHigh)
			x += wide
		}
	}
}
