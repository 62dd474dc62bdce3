package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoChoice is a row with a label and the value that is chosen; a press offers the others.
type InfoChoice struct {
	draw.Pressable

	// OnMenu is called for a press, with a position in the window for a menu.
	OnMenu func(pos fyne.Position)

	icon         assets.Icon
	label, value string
	resized      func()
	set          *text.Typesetter
}

var _ fyne.Widget = (*InfoChoice)(nil)

// NewInfoChoice returns a row. Without an icon the label starts at the edge.
func NewInfoChoice(icon assets.Icon, label, value string) *InfoChoice {
	c := &InfoChoice{icon: icon, label: label, value: value, set: text.NewTypesetter()}
	c.OnTapped = func() {
		if c.OnMenu != nil {
			c.OnMenu(draw.PointOf(c, max(listEdge, c.Size().Width/2), c.Size().Height))
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

func (c *InfoChoice) setResized(f func()) { c.resized = f }

// SetValue changes the value.
func (c *InfoChoice) SetValue(value string) {
	before := c.MinSize()
	c.value = value
	c.Refresh()
	if c.MinSize() != before {
		draw.Invoke(c.resized)
	}
}

// MinSize implements fyne.CanvasObject.
func (c *InfoChoice) MinSize() fyne.Size {
	if c.tall(max(c.Size().Width, 200)) {
		return fyne.NewSize(160, infoTall)
	}
	return fyne.NewSize(160, infoRow)
}

const choiceArrow = float32(16)

// start is where the label begins.
func (c *InfoChoice) start() float32 {
	if c.icon != "" {
		return infoIndent
	}
	return listEdge
}

// tall reports whether the value is below the label, because there is no room beside it.
func (c *InfoChoice) tall(width float32) bool {
	f := text.Font{Size: TextBody}
	need := c.set.LineWidth(text.CleanLine(c.label), f) + c.set.LineWidth(text.CleanLine(c.value), f) + 24
	return need > width-listEdge-choiceArrow-c.start()
}

// CreateRenderer implements fyne.Widget.
func (c *InfoChoice) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusRow}, draw.NewFocusRing()
	icon, label, value, arrow := draw.NewIcon(), draw.NewText(), draw.NewText(), draw.NewIcon()
	objects := []fyne.CanvasObject{shape, ring.Line, icon, label, value, arrow}
	return draw.NewRenderer(objects, c.MinSize, func(size fyne.Size) {
		placeRow(&c.Pressable, shape, ring, size)
		x, ink, pale := c.start(), ColorText, ColorSecondary
		if c.Disabled() {
			ink, pale = ColorFaint, ColorFaint
		}
		draw.SetVisible(icon, c.icon != "")
		if c.icon != "" {
			draw.SetIcon(icon, c.icon, pale)
			draw.Place(icon, listEdge, (size.Height-draw.IconSide)/2, draw.IconSide, draw.IconSide)
		}
		right := size.Width - listEdge - choiceArrow
		draw.SetIcon(arrow, assets.IconChevronDown, pale)
		draw.Place(arrow, right, (size.Height-choiceArrow)/2, choiceArrow, choiceArrow)
		f := text.Font{Size: TextBody}
		words := c.set.Fit(text.CleanLine(c.label), f, right-x-8)
		draw.SetText(label, words, f, draw.ThemeColor(ink))
		if c.tall(size.Width) {
			chosen := c.set.Fit(text.CleanLine(c.value), f, right-x-8)
			draw.SetText(value, chosen, f, draw.ThemeColor(pale))
			draw.PlaceText(label, x, size.Height/2-draw.LineHeight)
			draw.PlaceText(value, x, size.Height/2)
			return
		}
		y := (infoRow - text.Height(f)) / 2
		draw.PlaceText(label, x, y)
		chosen := c.set.Fit(text.CleanLine(c.value), f, right-x)
		draw.SetText(value, chosen, f, draw.ThemeColor(pale))
		draw.PlaceText(value, right-6-c.set.LineWidth(chosen, f), y)
	})
}

// InfoText is a paragraph in an [InfoPanel].
type InfoText struct {
	widget.BaseWidget

	words string
	size  float32
	ink   fyne.ThemeColorName
	set   *text.Typesetter
}

var _ fyne.Widget = (*InfoText)(nil)

// NewInfoText returns a paragraph in small letters, such as one that explains the row above it.
func NewInfoText(words string) *InfoText { return newInfoText(words, TextSmall, ColorSecondary) }

// NewInfoProblem returns a line about what went wrong; it may be empty.
func NewInfoProblem(words string) *InfoText { return newInfoText(words, TextSmall, ColorError) }

func newInfoText(words string, size float32, ink fyne.ThemeColorName) *InfoText {
	t := &InfoText{words: words, size: size, ink: ink, set: text.NewTypesetter()}
	t.ExtendBaseWidget(t)
	return t
}

// SetText changes the words.
func (t *InfoText) SetText(words string) {
	t.words = words
	t.Refresh()
}

func (t *InfoText) font() text.Font { return text.Font{Size: t.size} }

// lines wraps the words for the current width.
func (t *InfoText) lines() (words string, lines []text.Line) {
	const most = 60
	words = text.Clean(t.words)
	return words, t.set.Wrap(words, t.font(), max(t.Size().Width, 200)-2*listEdge, most)
}

const infoTextLine = float32(17)

// MinSize implements fyne.CanvasObject.
func (t *InfoText) MinSize() fyne.Size {
	if t.words == "" {
		return fyne.NewSize(120, 0)
	}
	_, lines := t.lines()
	return fyne.NewSize(120, 2+float32(len(lines))*infoTextLine+8)
}

// CreateRenderer implements fyne.Widget.
func (t *InfoText) CreateRenderer() fyne.WidgetRenderer {
	group := draw.NewGroup()
	return draw.NewRenderer([]fyne.CanvasObject{group}, t.MinSize, func(size fyne.Size) {
		words, lines := t.lines()
		draw.Place(group, 0, 0, size.Width, size.Height)
		group.Objects = group.Objects[:0]
		for i, s := range lines {
			line := draw.NewText()
			draw.SetLine(line, s, words, t.font(), draw.ThemeColor(t.ink))
			draw.PlaceText(line, listEdge, 2+float32(i)*infoTextLine)
			group.Objects = append(group.Objects, line)
		}
	})
}

// InfoPair is a row with words at the left and what belongs to them at the right, such as a size.
type InfoPair struct {
	widget.BaseWidget

	left, right string
	bold        bool // the words at the left
	set         *text.Typesetter
}

var _ fyne.Widget = (*InfoPair)(nil)

// NewInfoPair returns a row.
func NewInfoPair(left, right string) *InfoPair {
	p := &InfoPair{left: left, right: right, set: text.NewTypesetter()}
	p.ExtendBaseWidget(p)
	return p
}

// NewInfoKey returns a row of a list of keys: what a key does, below the key where there is no room beside it.
func NewInfoKey(key, does string) *InfoPair {
	p := NewInfoPair(key, does)
	p.bold = true
	return p
}

// SetRight changes what is at the right.
func (p *InfoPair) SetRight(right string) {
	p.right = right
	p.Refresh()
}

const (
	infoPairHigh = float32(30)
	infoPairTall = float32(48)
)

// tall reports whether there is no room for both in one line.
func (p *InfoPair) tall() bool {
	left, right := text.Font{Size: TextBody, Bold: p.bold}, text.Font{Size: TextBody}
	need := p.set.LineWidth(text.CleanLine(p.left), left) + p.set.LineWidth(text.CleanLine(p.right), right) + 16
	return need > max(p.Size().Width, 200)-2*listEdge
}

// MinSize implements fyne.CanvasObject.
func (p *InfoPair) MinSize() fyne.Size {
	if p.tall() {
		return fyne.NewSize(120, infoPairTall)
	}
	return fyne.NewSize(120, infoPairHigh)
}

// CreateRenderer implements fyne.Widget.
func (p *InfoPair) CreateRenderer() fyne.WidgetRenderer {
	left, right := draw.NewText(), draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{left, right}, p.MinSize, func(size fyne.Size) {
		strong, plain := text.Font{Size: TextBody, Bold: p.bold}, text.Font{Size: TextBody}
		room, tall := size.Width-2*listEdge, p.tall()
		draw.SetText(left, p.set.Fit(text.CleanLine(p.left), strong, room), strong, draw.ThemeColor(ColorText))
		words := p.set.Fit(text.CleanLine(p.right), plain, room)
		draw.SetText(right, words, plain, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(left, listEdge, 5)
		if tall {
			draw.PlaceText(right, listEdge, 24)
			return
		}
		draw.PlaceText(right, size.Width-listEdge-p.set.LineWidth(words, plain), 5)
	})
}
