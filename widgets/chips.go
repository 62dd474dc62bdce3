package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
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
	f.initSearch(p.data.Placeholder, f)
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
)

// chipRow shows the picked people in one line, the last ones if there are more. It is as high without any, so that
// nothing below it moves under the pointer.
type chipRow struct {
	widget.BaseWidget

	onDrop  func(key string)
	people  []Person
	chips   map[string]*chip
	metrics *text.Typesetter
}

func newChipRow(onDrop func(string)) *chipRow {
	c := &chipRow{onDrop: onDrop, chips: make(map[string]*chip), metrics: text.NewTypesetter()}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chipRow) set(people []Person) {
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

// arrange places the last chips, as many as fit, and returns how many of the first ones are hidden.
func (c *chipRow) arrange(width float32) (places []draw.Box, hidden int) {
	x, used := listEdge, float32(0)
	for hidden = len(c.people); hidden > 0; hidden-- {
		w := c.chips[c.people[hidden-1].Key].MinSize().Width + chipGap
		if used > 0 && used+w-chipGap+c.moreWidth(hidden-1) > width-2*listEdge {
			break
		}
		used += w
	}
	x += c.moreWidth(hidden)
	for _, one := range c.people[hidden:] {
		w := c.chips[one.Key].MinSize().Width
		places = append(places, draw.NewBox(x, 0, w, chipHeight))
		x += w + chipGap
	}
	return places, hidden
}

// moreWidth is the room for the number of hidden chips.
func (c *chipRow) moreWidth(hidden int) float32 {
	if hidden == 0 {
		return 0
	}
	return draw.CeilPx(c.metrics.LineWidth(moreChips(hidden), text.Font{Size: TextPreview})) + 2*chipGap
}

func moreChips(n int) string { return fmt.Sprintf("+%d", n) }

// MinSize implements fyne.CanvasObject.
func (c *chipRow) MinSize() fyne.Size { return fyne.NewSize(100, chipHeight+chipGap) }

// CreateRenderer implements fyne.Widget.
func (c *chipRow) CreateRenderer() fyne.WidgetRenderer {
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
		words := ""
		switch {
		case hidden > 0:
			words = moreChips(hidden)
		case len(places) == 0:
			words = tr.L("No one picked yet")
		}
		f := text.Font{Size: TextPreview}
		draw.SetText(more, words, f, draw.ThemeColor(ColorSecondary))
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
