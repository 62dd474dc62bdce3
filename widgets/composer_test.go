package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestComposer_send(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("Message Alice…")
	w := widgettest.InWindow(t, c, 500, 52)
	var sent, changed []string
	c.OnSend = func(s string) { sent = append(sent, s); c.SetText("") }
	c.OnChanged = func(s string) { changed = append(changed, s) }
	c.OnFocus = w.Canvas().Focus
	c.Focus()
	if w.Canvas().Focused() != fyne.Focusable(c.entry) {
		t.Fatal("no focus")
	}
	c.entry.TypedKey(widgettest.Key(fyne.KeyReturn))
	test.Type(c.entry, "hi")
	c.entry.TypedKey(widgettest.Key(fyne.KeyReturn))
	test.Type(c.entry, "a")
	c.entry.KeyDown(widgettest.Key(desktop.KeyShiftLeft))
	c.entry.TypedKey(widgettest.Key(fyne.KeyReturn))
	c.entry.KeyUp(widgettest.Key(desktop.KeyShiftLeft))
	test.Type(c.entry, "b")
	c.entry.TypedKey(widgettest.Key(fyne.KeyEnter))
	c.SetText("  by button ")
	test.Tap(c.button)
	c.SetText(" \n ")
	test.Tap(c.button)
	if want := []string{"hi", "a\nb", "by button"}; !slices.Equal(sent, want) {
		t.Errorf("sent: got %q, want %q", sent, want)
	}
	if want := []string{"h", "hi", "a", "a\n", "a\nb"}; !slices.Equal(changed, want) {
		t.Errorf("changed: got %q, want %q", changed, want)
	}
}

func TestComposer_keys(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("")
	widgettest.InWindow(t, c, 500, 52)
	var got []string
	c.OnEscape = func() { got = append(got, "escape") }
	c.OnUpInEmpty = func() { got = append(got, "up") }
	c.OnPage = func(d int) { got = append(got, map[int]string{-1: "page up", 1: "page down"}[d]) }
	c.OnShortcut = func(s fyne.Shortcut) bool {
		got = append(got, s.ShortcutName())
		return true
	}
	for _, k := range []fyne.KeyName{fyne.KeyUp, fyne.KeyEscape, fyne.KeyPageUp, fyne.KeyPageDown} {
		c.entry.TypedKey(widgettest.Key(k))
	}
	c.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	c.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	c.SetText("x")
	c.entry.TypedKey(widgettest.Key(fyne.KeyUp))
	want := []string{"up", "escape", "page up", "page down", "CustomDesktop:Control+K"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.entry.AcceptsTab() {
		t.Error("Tab is kept in the field")
	}
}

func TestComposer_limit(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("")
	widgettest.InWindow(t, c, 500, 300)
	sent := 0
	c.OnSend = func(string) { sent++ }
	c.SetText(strings.Repeat("word ", ComposerLimit/5))
	if words, alarm := c.status(); words != "1 character left" || alarm {
		t.Errorf("near the limit: got %q, alarm %v", words, alarm)
	}
	c.TypeRune('y')
	c.TypeRune('z')
	if got := len(c.Text()); got != ComposerLimit || !strings.HasSuffix(c.Text(), "y") {
		t.Errorf("typed over the limit: got %d characters, want %d", got, ComposerLimit)
	}
	if _, alarm := c.status(); !alarm {
		t.Error("a full field says nothing")
	}
	c.SetText("kept")
	board := fyne.CurrentApp().Clipboard()
	board.SetContent(strings.Repeat("p", ComposerLimit))
	tooLong := ""
	c.OnTooLong = func(s string) { tooLong = s }
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board})
	if c.Text() != "kept" || len(tooLong) != ComposerLimit {
		t.Errorf("pasted too much: text %q, told about %d characters", c.Text(), len(tooLong))
	}
	if words, alarm := c.status(); !alarm || !strings.Contains(words, "4 characters too long") {
		t.Errorf("after it: got %q, alarm %v", words, alarm)
	}
	c.TypeRune('!')
	if words, _ := c.status(); words != "" {
		t.Errorf("after the next key: got %q, want nothing", words)
	}
	board.SetContent(" pasted")
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board})
	if c.Text() != "kept! pasted" {
		t.Errorf("pasted: got %q", c.Text())
	}
	c.SetText(strings.Repeat("word ", ComposerLimit/5+1) + "x")
	c.send()
	if words, alarm := c.status(); sent != 0 || !alarm || words != "5 characters too many" {
		t.Errorf("a text over the limit: sent %d, %q, alarm %v", sent, words, alarm)
	}
}

func TestComposer_grows(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("")
	list := NewChatList()
	col := NewColumn(nil, list, []fyne.CanvasObject{c})
	widgettest.InWindow(t, col, 500, 600)
	resized := 0
	c.OnResized = func() { resized++; col.Refresh() }
	if got := c.Size().Height; got != 52 {
		t.Errorf("empty: height got %v, want 52", got)
	}
	last := float32(0)
	for n := 1; n <= 8; n++ {
		c.SetText(strings.TrimSpace(strings.Repeat("line\n", n)))
		if got := c.MinSize().Height; got <= last {
			t.Errorf("%d lines: height got %v, want more than %v", n, got, last)
		}
		last = c.MinSize().Height
		if got := c.Size().Height; got != last {
			t.Errorf("%d lines: laid out %v high, want %v", n, got, last)
		}
	}
	c.SetText(strings.Repeat("line\n", 30))
	if got := c.MinSize().Height; got != last {
		t.Errorf("30 lines: height got %v, want that of 8, %v", got, last)
	}
	if resized != 7 {
		t.Errorf("told about another height: got %d times, want 7", resized)
	}
	if got := list.Size().Height; got != 600-last {
		t.Errorf("list: height got %v, want %v", got, 600-last)
	}
}

func TestComposer_strip(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("x")
	widgettest.InWindow(t, c, 400, 96)
	var got []string
	c.OnResized = func() { got = append(got, "resized") }
	c.OnStripClose = func() { got = append(got, "close") }
	c.OnEscape = func() { got = append(got, "escape") }
	before := c.MinSize().Height
	c.SetStrip(&Strip{Icon: assets.IconEdit, Title: "Edit", Text: "old", Save: true})
	if h := c.MinSize().Height; h != before+stripHeight {
		t.Errorf("height: got %v, want %v", h, before+stripHeight)
	}
	if c.button.icon != assets.IconCheck {
		t.Errorf("icon: got %q", c.button.icon)
	}
	test.Tap(c.strip.close)
	c.entry.TypedKey(widgettest.Key(fyne.KeyEscape))
	c.SetRefused("You left")
	if h := c.MinSize().Height; h != composerMin {
		t.Errorf("refused: got %v, want %v", h, composerMin)
	}
	c.SetRefused("")
	c.SetStrip(nil)
	c.entry.TypedKey(widgettest.Key(fyne.KeyEscape))
	want := []string{"resized", "close", "close", "resized", "resized", "resized", "escape"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.Strip() != nil || c.button.icon != assets.IconSend {
		t.Error("the strip stayed")
	}
}

func TestComposer_typing(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("x")
	widgettest.InWindow(t, c, 400, 52)
	n := 0
	c.OnTyping = func() { n++ }
	test.Type(c.entry, "ab")
	c.entry.TypedKey(widgettest.Key(fyne.KeyBackspace))
	c.SetText("a draft")
	c.SetText("")
	if n != 2 {
		t.Errorf("got %d, want 2: for what was written only", n)
	}
	test.Type(c.entry, "c")
	if n != 3 {
		t.Errorf("got %d, want 3", n)
	}
}

func TestComposer_insert(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("x")
	widgettest.InWindow(t, c, 400, 52)
	c.SetText("ab")
	c.entry.TypedKey(widgettest.Key(fyne.KeyLeft))
	if !c.Insert("👨‍👩‍👧") || c.Text() != "a👨‍👩‍👧b" {
		t.Errorf("got %q", c.Text())
	}
	test.Type(c.entry, "c")
	if want := "a👨‍👩‍👧cb"; c.Text() != want {
		t.Errorf("caret: got %q, want %q", c.Text(), want)
	}
	c.SetText(strings.Repeat("a", ComposerLimit))
	if c.Insert("👍") {
		t.Error("more than there is room for")
	}
	c.SetText("")
	c.SetRefused("no")
	if c.Insert("👍") || c.Text() != "" {
		t.Error("written where nothing can be")
	}
}

func TestComposer_emoji(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("x")
	c.Resize(fyne.NewSize(400, 52))
	widgettest.InWindow(t, c, 400, 52)
	if c.emoji.Visible() {
		t.Error("a button nobody listens to")
	}
	n := 0
	c.OnEmoji = func(fyne.Position) { n++ }
	c.Refresh()
	test.Tap(c.emoji)
	if n != 1 || !c.emoji.Visible() {
		t.Errorf("got %d, visible %v", n, c.emoji.Visible())
	}
}
