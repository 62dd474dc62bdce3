package widgets

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestAttachmentList(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewAttachmentList()
	w := inWindow(t, l, 300, 200)
	l.SetItems([]Attachment{{Name: "a"}, {Name: "b"}})
	cross := fyne.NewPos(300-hitSide/2, attachmentHeight+attachmentHeight/2)
	test.TapCanvas(w.Canvas(), cross) // nobody listens
	var got []int
	l.OnRemove = func(i int) { got = append(got, i) }
	test.TapCanvas(w.Canvas(), cross)
	test.TapCanvas(w.Canvas(), fyne.NewPos(20, 20))
	if !slices.Equal(got, []int{1}) {
		t.Errorf("removed %v, want [1]", got)
	}
	if h := l.MinSize().Height; h != 2*attachmentHeight {
		t.Errorf("height %v, want that of two rows", h)
	}
	l.SetItems(make([]Attachment, 40))
	if h := l.MinSize().Height; h != attachmentRows*attachmentHeight {
		t.Errorf("height %v, want that of %d rows", h, attachmentRows)
	}
}

func TestComposer_attach(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("")
	w := inWindow(t, c, 400, 52)
	at := fyne.NewPos(composerMargin+10, 26)
	test.TapCanvas(w.Canvas(), at)
	taps := 0
	c.OnAttach = func() { taps++ }
	c.Refresh()
	test.TapCanvas(w.Canvas(), at)
	c.SetRefused("You left")
	test.TapCanvas(w.Canvas(), at)
	if taps != 1 {
		t.Errorf("heard %d taps, want 1", taps)
	}
}
