package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// pickerField is the search field of a [PickerList]: Backspace in an empty field removes the person picked last.
type pickerField struct {
	Field

	owner *PickerList
}

func newPickerField(p *PickerList) *pickerField {
	f := &pickerField{owner: p}
	f.initSearch(p.data.Placeholder)
	f.ExtendBaseWidget(f)
	return f
}

// TypedKey implements fyne.Focusable.
func (f *pickerField) TypedKey(e *fyne.KeyEvent) {
	if n := len(f.owner.picked); e.Name == fyne.KeyBackspace && f.Text == "" && n > 0 {
		f.owner.drop(f.owner.picked[n-1].Key)
		return
	}
	f.Field.TypedKey(e)
}

const (
	chipHeight = float32(32)
	chipGap    = float32(6)
	chipFace   = float32(24)
	chipMost   = float32(110) // of a name
	chipLines  = 2
)

// chipRows shows the picked people in at most two lines, the last ones if there are more.
type chipRows struct {
	widget.BaseWidget

	onDrop  func(key string)
	people  []Person
	chips   map[string]*chip
	metrics *text.Typesetter
}

func newChipRows(onDrop func(string)) *chipRows {
	c := &chipRows{onDrop: onDrop, chips: make(map[string]*chip), metrics: text.NewTypesetter()}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chipRows) set(people []Person) {
	c.people = people
	kept := make(map[string]*chip, len(people))
	for _, one := range people {
		kept[one.Key] = c.chips[one.Key]
		if kept[one.Key] == nil {
			kept[one.Key] = newChip(one, c.metrics, func() { c.onDrop(one.Key) })
		}
	}
	c.chips = kept
	c.Refresh()
}

// arrange places the chips that fit, and returns how many of the first ones are hidden.
func (c *chipRows) arrange(width float32) (places []draw.Box, hidden int) {
	for hidden < len(c.people) {
		var rows int
		places, rows = c.flow(hidden, width)
		if rows <= chipLines {
			break
		}
		hidden++
	}
	return places, hidden
}

// flow places the chips from one on, after the number of hidden ones.
func (c *chipRows) flow(from int, width float32) (places []draw.Box, rows int) {
	x, y := listEdge, float32(0)
	if from > 0 {
		x += draw.CeilPx(c.metrics.LineWidth(moreChips(from), text.Font{Size: TextPreview})) + 2*chipGap
	}
	rows = 1
	for _, one := range c.people[from:] {
		w := c.chips[one.Key].MinSize().Width
		if x+w > width-listEdge && x > listEdge {
			x = listEdge
			y += chipHeight + chipGap
			rows++
		}
		places = append(places, draw.NewBox(x, y, w, chipHeight))
		x += w + chipGap
	}
	return places, rows
}

func moreChips(n int) string { return fmt.Sprintf("+%d", n) }

// MinSize implements fyne.CanvasObject.
func (c *chipRows) MinSize() fyne.Size {
	if len(c.people) == 0 {
		return fyne.NewSize(100, 0)
	}
	places, _ := c.arrange(max(c.Size().Width, 240))
	return fyne.NewSize(100, places[len(places)-1].Y+chipHeight+chipGap)
}

// CreateRenderer implements fyne.Widget.
func (c *chipRows) CreateRenderer() fyne.WidgetRenderer {
	box, more := draw.NewGroup(), draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{box, more}, c.MinSize, func(size fyne.Size) {
		places, hidden := c.arrange(max(size.Width, 240))
		draw.Place(box, 0, 0, size.Width, size.Height)
		box.Objects = box.Objects[:0]
		for i, at := range places {
			one := c.chips[c.people[hidden+i].Key]
			draw.Place(one, at.X, at.Y, at.W, at.H)
			box.Objects = append(box.Objects, one)
		}
		draw.SetVisible(more, hidden > 0)
		f := text.Font{Size: TextPreview}
		draw.SetText(more, moreChips(hidden), f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(more, listEdge, (chipHeight-text.Height(f))/2)
		canvas.Refresh(box)
	})
}

// chip is a picked person, with a cross.
type chip struct {
	draw.Pressable

	person Person
	set    *text.Typesetter
}

func newChip(one Person, set *text.Typesetter, tapped func()) *chip {
	c := &chip{person: one, set: set}
	c.OnTapped = tapped
	c.ExtendBaseWidget(c)
	return c
}

func (c *chip) name() string {
	return c.set.Fit(text.CleanLine(c.person.Name), text.Font{Size: TextPreview}, chipMost)
}

// MinSize implements fyne.CanvasObject.
func (c *chip) MinSize() fyne.Size {
	w := draw.CeilPx(c.set.LineWidth(c.name(), text.Font{Size: TextPreview}))
	return fyne.NewSize(4+chipFace+6+w+6+14+8, chipHeight)
}

// CreateRenderer implements fyne.Widget.
func (c *chip) CreateRenderer() fyne.WidgetRenderer {
	back, face := &canvas.Rectangle{CornerRadius: chipHeight / 2}, NewFacePart(c.set)
	name, cross, ring := draw.NewText(), draw.NewIcon(), draw.NewFocusRing()
	objects := append([]fyne.CanvasObject{back}, face.Objects()...)
	return draw.NewRenderer(append(objects, name, cross, ring.Line), c.MinSize, func(size fyne.Size) {
		fill, ink := ColorButton, ColorSecondary
		if c.Hovered() {
			fill, ink = ColorButtonHover, ColorText
		}
		draw.SetFill(back, draw.ThemeColor(fill))
		draw.Place(back, 0, 0, size.Width, size.Height)
		person := c.person.Face
		person.Online = false
		face.Place(4, (chipHeight-chipFace)/2, chipFace, person, fill)
		f := text.Font{Size: TextPreview}
		draw.SetText(name, c.name(), f, draw.ThemeColor(ColorText))
		draw.PlaceText(name, 4+chipFace+6, (size.Height-text.Height(f))/2)
		draw.SetIcon(cross, assets.IconClose, ink)
		draw.Place(cross, size.Width-14-8, (size.Height-14)/2, 14, 14)
		ring.Place(c.Focused(), 1, 1, size.Width-2, size.Height-2, chipHeight/2)
	})
}
