package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// pickerField is the search field of a [PickerList]: Backspace at its beginning drops who was picked last.
type pickerField struct {
	Field

	owner *PickerList
}

func newPickerField(p *PickerList) *pickerField {
	f := &pickerField{owner: p}
	f.beSearch(p.data.Placeholder)
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
	chipMost   = float32(110) // for a name
	chipLines  = 2
)

// chipRows shows those picked in at most two lines, those picked last if there are more.
type chipRows struct {
	widget.BaseWidget

	onDrop  func(key string)
	people  []Person
	chips   map[string]*chip
	metrics *typesetter
}

func newChipRows(onDrop func(string)) *chipRows {
	c := &chipRows{onDrop: onDrop, chips: make(map[string]*chip), metrics: newTypesetter()}
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

// arrange places as many chips as fit, and returns how many of the first are left out.
func (c *chipRows) arrange(width float32) (places []box, hidden int) {
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

// flow places the chips from one on, after the words that say how many are left out.
func (c *chipRows) flow(from int, width float32) (places []box, rows int) {
	x, y := listEdge, float32(0)
	if from > 0 {
		x += up(c.metrics.lineWidth(moreChips(from), font{size: TextPreview})) + 2*chipGap
	}
	rows = 1
	for _, one := range c.people[from:] {
		w := c.chips[one.Key].MinSize().Width
		if x+w > width-listEdge && x > listEdge {
			x = listEdge
			y += chipHeight + chipGap
			rows++
		}
		places = append(places, box{x, y, w, chipHeight})
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
	return fyne.NewSize(100, places[len(places)-1].y+chipHeight+chipGap)
}

// CreateRenderer implements fyne.Widget.
func (c *chipRows) CreateRenderer() fyne.WidgetRenderer {
	box, more := newStill(), newText()
	return newDrawn([]fyne.CanvasObject{box, more}, c.MinSize, func(size fyne.Size) {
		places, hidden := c.arrange(max(size.Width, 240))
		put(box, 0, 0, size.Width, size.Height)
		box.Objects = box.Objects[:0]
		for i, at := range places {
			one := c.chips[c.people[hidden+i].Key]
			put(one, at.x, at.y, at.w, at.h)
			box.Objects = append(box.Objects, one)
		}
		show(more, hidden > 0)
		f := font{size: TextPreview}
		setText(more, moreChips(hidden), f, tone(ColorSecondary))
		putText(more, listEdge, (chipHeight-textHeight(f))/2)
		canvas.Refresh(box)
	})
}

// chip is somebody picked, with a cross.
type chip struct {
	press

	person Person
	set    *typesetter
}

func newChip(one Person, set *typesetter, tapped func()) *chip {
	c := &chip{person: one, set: set}
	c.onTapped = tapped
	c.ExtendBaseWidget(c)
	return c
}

func (c *chip) name() string {
	return c.set.fit(cleanLine(c.person.Name), font{size: TextPreview}, chipMost)
}

// MinSize implements fyne.CanvasObject.
func (c *chip) MinSize() fyne.Size {
	return fyne.NewSize(4+chipFace+6+up(c.set.lineWidth(c.name(), font{size: TextPreview}))+6+14+8, chipHeight)
}

// CreateRenderer implements fyne.Widget.
func (c *chip) CreateRenderer() fyne.WidgetRenderer {
	back, face, name, cross := &canvas.Rectangle{CornerRadius: chipHeight / 2}, newFacePart(c.set), newText(), newIcon()
	ring := newFocusRing()
	objects := append([]fyne.CanvasObject{back}, face.objects()...)
	return newDrawn(append(objects, name, cross, ring.line), c.MinSize, func(size fyne.Size) {
		fill, ink := ColorButton, ColorSecondary
		if c.hovered {
			fill, ink = ColorButtonHover, ColorText
		}
		setFill(back, tone(fill))
		put(back, 0, 0, size.Width, size.Height)
		person := c.person.Face
		person.Online = false
		face.place(4, (chipHeight-chipFace)/2, chipFace, person, fill)
		f := font{size: TextPreview}
		setText(name, c.name(), f, tone(ColorText))
		putText(name, 4+chipFace+6, (size.Height-textHeight(f))/2)
		setIcon(cross, assets.IconClose, ink)
		put(cross, size.Width-14-8, (size.Height-14)/2, 14, 14)
		ring.place(c.focused, 1, 1, size.Width-2, size.Height-2, chipHeight/2)
	})
}
