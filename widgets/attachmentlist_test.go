package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestAttachmentList(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewAttachmentList()
	w := widgettest.InWindow(t, l, 300, 200)
	l.SetItems([]Attachment{{Name: "a"}, {Name: "b"}})
	cross := fyne.NewPos(300-draw.HitSide/2, attachmentHeight+attachmentHeight/2)
	test.TapCanvas(w.Canvas(), cross) // no callback
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
	if h := l.MinSize().Height; h != 40*attachmentHeight {
		t.Errorf("height %v, want that of 40 rows", h)
	}
}

func TestComposer_attach(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("")
	w := widgettest.InWindow(t, c, 400, 52)
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

// The reason why a file cannot be sent is shown whole in a narrow window too.
func TestAttachmentRow_details(t *testing.T) {
	useTheme(t, VariantLight)
	const reason, detail = "This is a folder; pack it into one file", "24 MB of 120 MB in a long line of words"
	row := newAttachmentRow(Attachment{Detail: reason, Alarm: true}, func() {})
	for room := float32(130); room < 400; room += 9 {
		first, second := row.details(room)
		if got := strings.TrimSpace(first + " " + second); got != reason {
			t.Errorf("room %v: got %q", room, got)
		}
		for _, line := range []string{first, second} {
			if w := row.set.LineWidth(line, captionFont()); w > room {
				t.Errorf("room %v: %q is %v wide", room, line, w)
			}
		}
	}
	row.data = Attachment{Detail: detail}
	if _, second := row.details(100); second != "" {
		t.Errorf("second line of what can be sent: %q", second)
	}
}

// A file that cannot be sent has no arrows.
func TestAttachmentList_arrows(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewAttachmentList()
	l.OnMove = func(int, int) {}
	l.SetItems([]Attachment{{Name: "a"}, {Name: "b", Alarm: true}})
	for i, want := range []bool{true, false} {
		row, ok := l.rows.Objects[i].(*attachmentRow)
		if !ok || (row.up != nil) != want {
			t.Errorf("row %d has arrows: got %v, want %v", i, !want, want)
		}
	}
}
