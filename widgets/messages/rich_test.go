package messages

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// rowOf lays out one message in a list.
func rowOf(t *testing.T, source string) (*List, *rowLayout) {
	t.Helper()
	l, _ := chatOf(t, Item{Key: 7, Text: source, Time: "14:02"})
	return l, l.visible[0].layout
}

func TestRich_code(t *testing.T) {
	l, m := rowOf(t, "see\n```go\na := 1\n\nb()\n```\nend")
	if got, want := m.text, "see\na := 1\n\nb()\nend"; got != want {
		t.Fatalf("shown as %q, want %q", got, want)
	}
	if len(m.grounds) != 1 || m.grounds[0].first != 1 || m.grounds[0].end != 5 {
		t.Fatalf("code is at %+v", m.grounds)
	}
	copied := false
	l.OnCopied = func() { copied = true }
	head := draw.NewBox(m.lineX, m.lineAt+m.lineH, m.bubble.W-2*padX, m.lineH)
	l.Tapped(widgettest.TapAt(centre(l, head)))
	if got := fyne.CurrentApp().Clipboard().Content(); got != "a := 1\n\nb()" || !copied {
		t.Errorf("copied %q, told %v", got, copied)
	}
}

func TestRich_hiddenLink(t *testing.T) {
	l, m := rowOf(t, "[my bank](https://evil.example/x) and https://a.example")
	var got []string
	l.OnLink = func(url string) { got = append(got, "open "+url) }
	l.OnHiddenLink = func(words, url string) { got = append(got, words+" → "+url) }
	for _, at := range []int{2, len("my bank and htt")} {
		x := m.extents(0, at, at+1, l.set)[0]
		l.Tapped(widgettest.TapAt(centre(l, draw.NewBox(x[0], m.lineAt, x[1]-x[0], m.lineH))))
	}
	if len(got) != 2 || got[0] != "my bank → https://evil.example/x" || got[1] != "open https://a.example" {
		t.Errorf("got %q", got)
	}
}

func TestRich_selected(t *testing.T) {
	l, m := rowOf(t, "a **bold** word")
	l.selectRange(selection{key: 7, from: 2, to: 6})
	if got := l.Selected(); got != "**bold**" {
		t.Errorf("copied %q", got)
	}
	l.selectRange(selection{key: 7, from: 0, to: len(m.text)})
	if got := l.Selected(); got != "a **bold** word" {
		t.Errorf("copied %q", got)
	}
}

func TestRich_mentions(t *testing.T) {
	l, _ := chatOf(t, Item{
		Key: 7, Text: "**hello** @bob", Time: "14:02", Mentions: []widgets.Range{{Start: 10, End: 14}},
	})
	m := l.visible[0].layout
	if len(m.links) != 1 || m.text[m.links[0].Start:m.links[0].End] != "@bob" || m.links[0].Mention != 1 {
		t.Errorf("links %+v in %q", m.links, m.text)
	}
}

func TestRightToLeft(t *testing.T) {
	l, m := rowOf(t, "a long line to the right, which is wide\nשלום (עולם)!")
	right := m.bubble.X + m.bubble.W - padX
	first := m.extents(1, m.lines[1].Start, m.lines[1].Start+2, l.set)[0]
	if d := right - first[1]; d < -1 || d > 1.5 {
		t.Errorf("the first letter ends at %v, the text's edge is %v", first[1], right)
	}
	if at := m.byteAt(first[1]-0.5, m.lineAt+m.lineH+5, l.set); at != m.lines[1].Start {
		t.Errorf("at the right edge is byte %d, want %d", at, m.lines[1].Start)
	}
	if m.metaBox.Y < m.lineAt+2*m.lineH-4 {
		t.Error("the time lies over the text")
	}
}

func TestEmoji_pictures(t *testing.T) {
	l, m := rowOf(t, "hi 👍🏽 there")
	pieces := m.piecesOf(0, l.set)
	if len(pieces) != 3 || !pieces[1].Emoji || pieces[1].Width != (text.Font{Size: widgets.TextBody}).EmojiAdvance() {
		t.Errorf("pieces %+v", pieces)
	}
	_, m = rowOf(t, "👍")
	if m.font.Size != widgets.TextEmoji || m.font.EmojiSide() < 32 || m.font.EmojiSide() > 48 {
		t.Errorf("an emoji alone has a side of %v", m.font.EmojiSide())
	}
}
