package widgets

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/emoji"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// picker is a picker in a window; chosen gets what was chosen.
func picker(t testing.TB, recent ...string) (p *EmojiPicker, chosen *[]string) {
	t.Helper()
	useTheme(t, VariantLight)
	p, chosen = NewEmojiPicker(recent, "de"), &[]string{}
	p.OnChosen = func(s string) { *chosen = append(*chosen, s) }
	size := p.MinSize()
	w := widgettest.InWindow(t, p, size.Width, size.Height)
	p.OnFocus = w.Canvas().Focus
	p.Focus()
	return p, chosen
}

func (p *EmojiPicker) press(keys ...fyne.KeyName) {
	for _, k := range keys {
		p.field.TypedKey(widgettest.Key(k))
	}
}

func TestEmojiPicker_keys(t *testing.T) {
	p, chosen := picker(t, "🎉", "👍🏽")
	p.press(fyne.KeyReturn, fyne.KeyRight, fyne.KeyReturn, fyne.KeyDown, fyne.KeyReturn)
	want := []string{"🎉", "👍🏽", emoji.All()[1].Text}
	if !slices.Equal(*chosen, want) {
		t.Errorf("chosen %q, want %q", *chosen, want)
	}
	p.press(fyne.KeyUp, fyne.KeyUp, fyne.KeyLeft, fyne.KeyLeft)
	if p.grid.current != 0 {
		t.Errorf("current %d, want the first", p.grid.current)
	}
	escaped := false
	p.OnEscape = func() { escaped = true }
	test.Type(p.field, "x")
	p.press(fyne.KeyEscape)
	if escaped || p.field.Text != "" {
		t.Error("Esc does not clear the search first")
	}
	if p.press(fyne.KeyEscape); !escaped {
		t.Error("Esc does not close")
	}
}

func TestEmojiPicker_search(t *testing.T) {
	for query, want := range map[string]string{
		"thumbs up": "👍", "+1": "👍", "smil": "😄", "hund": "🐶", "geburtstag": "🎂", "germany": "🇩🇪", "rocket": "🚀", "👍🏽": "👍",
	} {
		p, _ := picker(t)
		test.Type(p.field, query)
		found := slices.ContainsFunc(p.grid.cells[:min(len(p.grid.cells), 12)], func(c emojiGridCell) bool {
			return c.emoji.Text == want
		})
		if !found {
			t.Errorf("%q does not find %s", query, want)
		}
	}
	p, chosen := picker(t)
	test.Type(p.field, "qqqq")
	if p.press(fyne.KeyReturn, fyne.KeyDown); len(*chosen) > 0 || len(p.grid.cells) > 0 {
		t.Errorf("chosen %q where nothing is found", *chosen)
	}
}

func TestEmojiPicker_tones(t *testing.T) {
	p, chosen := picker(t)
	test.Type(p.field, "thumbs up")
	at := p.grid.place(0)
	p.grid.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(at.X+9, at.Y+9)})
	if p.grid.tones != 0 {
		t.Fatal("no skin tones are offered")
	}
	p.press(fyne.KeyRight, fyne.KeyRight, fyne.KeyReturn)
	b := p.grid.toneBar()
	p.grid.Tapped(&fyne.PointEvent{Position: fyne.NewPos(b.X+5*emojiCell+9, b.Y+9)})
	if want := []string{"👍🏼", "👍🏿"}; !slices.Equal(*chosen, want) {
		t.Errorf("chosen %q, want %q", *chosen, want)
	}
	p.press(fyne.KeyEscape)
	if p.grid.tones >= 0 || p.field.Text == "" {
		t.Error("Esc does not close the skin tones alone")
	}
}

// TestEmojiPicker_stickers: by keyboard and by mouse, among them and back to the emoji.
func TestEmojiPicker_stickers(t *testing.T) {
	p, chosen := picker(t, "🎉")
	var sent []int
	p.OnSticker = func(i int) { sent = append(sent, i) }
	before := p.MinSize().Height
	photos := make([]*Photo, 24)
	for i := range photos {
		photos[i] = NewPhoto(widgettest.Picture(56, 40))
	}
	p.press(fyne.KeyUp)
	p.SetStickers(photos)
	p.Resize(p.MinSize())
	if got := p.MinSize().Height - before; got != stickerRowHigh {
		t.Errorf("it is %v higher, want %v", got, stickerRowHigh)
	}
	p.press(fyne.KeyReturn, fyne.KeyUp, fyne.KeyUp, fyne.KeyReturn, fyne.KeyLeft, fyne.KeyReturn)
	for range 30 {
		p.press(fyne.KeyRight)
	}
	p.press(fyne.KeyReturn)
	if want := []int{0, 0, 23}; !slices.Equal(sent, want) || !slices.Equal(*chosen, []string{"🎉"}) {
		t.Fatalf("sent %v, want %v; chosen %q", sent, want, *chosen)
	}
	if left := 23*stickerCell - p.row.offset; left < 0 || left+stickerCell > p.row.Size().Width {
		t.Errorf("the last one is at %v of %v", left, p.row.Size().Width)
	}
	if n := len(p.row.objects); n > 10 {
		t.Errorf("%d objects for a row", n)
	}
	p.press(fyne.KeyDown, fyne.KeyReturn)
	if !slices.Equal(*chosen, []string{"🎉", "🎉"}) || len(sent) != 3 || p.row.current >= 0 {
		t.Errorf("down leads not to the emoji: %q", *chosen)
	}
	p.row.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: 1e6}})
	at := fyne.NewPos(2*stickerCell+9, emojiTitle+9)
	p.row.MouseMoved(widgettest.PointerAt(at.X, at.Y))
	if !p.grid.idle || p.words() != "Send this sticker" {
		t.Errorf("the pointer is over a sticker, and the words are %q", p.words())
	}
	p.row.Tapped(&fyne.PointEvent{Position: at})
	p.row.Tapped(&fyne.PointEvent{Position: fyne.NewPos(9, 2)}) // the title
	if sent[len(sent)-1] != 2 || len(sent) != 4 {
		t.Errorf("sent %v", sent)
	}
	p.grid.MouseMoved(widgettest.PointerAt(9, emojiTitle+9))
	if p.grid.idle || p.row.current >= 0 {
		t.Error("the pointer is over an emoji, and a sticker is current")
	}
	p.press(fyne.KeyUp)
	test.Type(p.field, "thumbs up")
	if p.press(fyne.KeyReturn); len(*chosen) != 3 {
		t.Errorf("chosen %q after a search", *chosen)
	}
	p.SetStickers(nil)
	if p.press(fyne.KeyUp); p.MinSize().Height != before || p.grid.idle {
		t.Error("a row without stickers")
	}
}

func TestEmojiPicker_virtual(t *testing.T) {
	p, _ := picker(t)
	if n := len(p.grid.objects); n > 100 {
		t.Errorf("%d objects for a few rows", n)
	}
	p.tabs.pointed = 8
	p.tabs.Trigger()
	if e := p.grid.cells[p.grid.current].emoji; e.Group != emoji.Flags || p.tabs.current != 8 {
		t.Errorf("the tab of flags shows %s, tab %d", e.Text, p.tabs.current)
	}
	p.grid.scrollBy(-1e6)
	if p.grid.offset != 0 || p.tabs.current != 0 {
		t.Errorf("scrolled to %v, tab %d", p.grid.offset, p.tabs.current)
	}
}

// TestEmojiPicker_all looks at every emoji of the list: each has one picture and a name.
func TestEmojiPicker_all(t *testing.T) {
	t.Parallel()
	all := emoji.All()
	if len(all) < 1800 {
		t.Fatalf("%d emoji", len(all))
	}
	for _, e := range all {
		if emoji.Count(e.Text) != 1 || e.Name == "" || len(e.Tones) != 0 && len(e.Tones) != 5 {
			t.Errorf("%q: %d pictures, name %q, %d tones", e.Text, emoji.Count(e.Text), e.Name, len(e.Tones))
		}
		for _, tone := range e.Tones {
			if emoji.Count(tone) != 1 {
				t.Errorf("%q has %d pictures", tone, emoji.Count(tone))
			}
		}
	}
}

// BenchmarkEmojiPicker opens the picker with pictures that are not drawn yet.
func BenchmarkEmojiPicker(b *testing.B) {
	useTheme(b, VariantLight)
	emoji.All()
	var took time.Duration
	for b.Loop() {
		emoji.Forget()
		begin := time.Now()
		p := NewEmojiPicker(nil, "")
		p.Resize(p.MinSize())
		test.WidgetRenderer(p).Layout(p.MinSize())
		test.WidgetRenderer(p.grid).Layout(p.grid.Size())
		took += time.Since(begin)
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "ms/open")
}

func TestCompleteEmoji(t *testing.T) {
	t.Parallel()
	got := CompleteEmoji("thumb", "", 5)
	if len(got) == 0 || len(got) > 5 || got[0].Emoji != "👍" {
		t.Errorf("offers %v", got)
	}
	if got := CompleteEmoji("hea", "", 5); len(got) == 0 || got[0].Name != ":heart:" {
		t.Errorf("hea: got %v, want the heart before longer codes", got)
	}
	if got := CompleteEmoji("qqqq", "", 5); got != nil {
		t.Errorf("offers %v", got)
	}
}
