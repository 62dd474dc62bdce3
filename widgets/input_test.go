package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func tapAt(x, y float32) *fyne.PointEvent {
	return &fyne.PointEvent{Position: fyne.NewPos(x, y), AbsolutePosition: fyne.NewPos(x+100, y+100)}
}

func manyRows(n int) []ChatRow {
	rows := make([]ChatRow, n)
	for i := range rows {
		rows[i] = ChatRow{Key: string(rune('a'+i%26)) + strings.Repeat("x", i/26), Name: "Name", Time: "14:02"}
	}
	return rows
}

func TestChatList_mouse(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := inWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	var selected, menu []string
	var at fyne.Position
	l.OnSelected = func(k string) { selected = append(selected, k) }
	l.OnMenu = func(k string, p fyne.Position) { menu, at = append(menu, k), p }

	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 64*2+10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 64*2+10))
	l.TappedSecondary(tapAt(50, 64*3+5))
	if !slices.Equal(selected, []string{"c", "c"}) {
		t.Errorf("selected: got %q, want c twice", selected)
	}
	if !slices.Equal(menu, []string{"d"}) || at != fyne.NewPos(150, 64*3+105) {
		t.Errorf("menu: got %q at %v, want d where the pointer was", menu, at)
	}
	test.Scroll(w.Canvas(), fyne.NewPos(100, 100), 0, -100)
	l.Tapped(tapAt(100, 0))
	if want := "e"; selected[len(selected)-1] != want { // 300 below the first row's upper edge
		t.Errorf("after the wheel: selected %q, want %q", selected[len(selected)-1], want)
	}
	if l.Hovered() {
		t.Error("hovered before the pointer came")
	}
	var hover []bool
	l.OnHover = func(v bool) { hover = append(hover, v) }
	l.MouseIn(pointerAt(10, 10))
	l.MouseMoved(pointerAt(10, 200))
	l.MouseOut()
	if !slices.Equal(hover, []bool{true, false}) || l.Hovered() {
		t.Errorf("hover: got %v, want in and out", hover)
	}
}

func TestChatList_keys(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := inWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	var got []string
	l.OnSelected = func(k string) { got = append(got, k) }
	activated := ""
	l.OnActivated = func(k string) { activated = k }
	w.Canvas().Focus(l)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyReturn} {
		l.TypedKey(key(k))
	}
	if want := []string{"a", "b", "a", "j"}; !slices.Equal(got, want) {
		t.Errorf("selected: got %q, want %q", got, want)
	}
	if activated != "j" {
		t.Errorf("activated: got %q, want j", activated)
	}
	l.TypedKey(key(fyne.KeyEnd))
	if i := l.index(l.Selected()); i != 99 || l.offset != l.reach() {
		t.Errorf("end: row %d at offset %v, want 99 at %v", i, l.offset, l.reach())
	}
	l.TypedKey(key(fyne.KeyHome))
	if l.offset != 0 {
		t.Errorf("home: offset got %v, want 0", l.offset)
	}
	menu := ""
	l.OnMenu = func(k string, _ fyne.Position) { menu = k }
	l.TypedKey(key(desktop.KeyMenu))
	if menu != "a" {
		t.Errorf("menu key: got %q, want a", menu)
	}
}

func TestChatList_rowsShrink(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	inWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	l.TypedKey(key(fyne.KeyEnd))
	l.SetRows(manyRows(3))
	if l.offset != 0 {
		t.Errorf("offset: got %v, want 0", l.offset)
	}
	l.SetRows(nil)
	l.TypedKey(key(fyne.KeyDown))
	l.TypedKey(key(fyne.KeyEnd))
}

// The time keeps its place, and nothing of the name or preview reaches into it or into the badge.
func TestChatList_nothingOverlaps(t *testing.T) {
	useTheme(t, VariantLight)
	set := newTypesetter()
	for name, row := range rowStates() {
		for _, width := range []float32{240, 320, 420} {
			v := newChatRowView(set)
			v.show(&row, rowLook{width: width}, set, false)
			end := func(o fyne.CanvasObject, text string, f font) float32 {
				return o.Position().X + set.lineWidth(text, f)
			}
			if e := end(v.name, v.name.Text, font{size: TextName, bold: true}); e > v.time.Position().X {
				t.Errorf("%s at %v: name ends at %v, time begins at %v", name, width, e, v.time.Position().X)
			}
			f := font{size: TextPreview, bold: v.preview.TextStyle.Bold}
			if e := end(v.preview, v.preview.Text, f); v.badge.Visible() && e > v.badge.Position().X || e > width-rowRight+1 {
				t.Errorf("%s at %v: preview ends at %v, badge begins at %v", name, width, e, v.badge.Position().X)
			}
		}
	}
}

// chatOf is a list with these items in a window of 700×600.
func chatOf(t *testing.T, items ...MessageItem) (*MessageList, fyne.Window) {
	t.Helper()
	useTheme(t, VariantLight)
	l := NewMessageList()
	w := inWindow(t, l, 700, 600)
	l.SetItems(items)
	return l, w
}

// centre of a box of the only row.
func centre(l *MessageList, b box) (x, y float32) { return b.x + b.w/2, l.visible[0].y + b.y + b.h/2 }

func TestMessageList_taps(t *testing.T) {
	l, _ := chatOf(t, MessageItem{Key: 7, Own: true, Text: "see https://example.org/a now", Time: "14:02", State: StateFailed})
	var got []string
	l.OnRetry = func(int64) { got = append(got, "retry") }
	l.OnDelete = func(int64) { got = append(got, "delete") }
	l.OnLink = func(u string) { got = append(got, u) }
	l.OnMenu = func(k int64, _ fyne.Position) {
		if k == 7 {
			got = append(got, "menu")
		}
	}
	m := l.visible[0].layout
	tap := func(x, y float32) { l.Tapped(tapAt(x, y)) }
	tap(centre(l, m.retry))
	tap(centre(l, m.remove))
	word := l.set.lineWidth("see https", m.font)
	tap(m.lineX+word, l.visible[0].y+m.lineAt+8)
	tap(m.lineX+2, l.visible[0].y+m.lineAt+8) // no link there
	l.TappedSecondary(tapAt(m.bubble.x+3, l.visible[0].y+m.bubble.y+3))
	l.TappedSecondary(tapAt(5, 5)) // beside all bubbles
	if want := []string{"retry", "delete", "https://example.org/a", "menu"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.MouseMoved(pointerAt(m.lineX+word, l.visible[0].y+m.lineAt+8))
	if got := l.Cursor(); got != desktop.PointerCursor {
		t.Errorf("cursor over a link: got %v, want the hand", got)
	}
	l.MouseMoved(pointerAt(m.lineX+2, l.visible[0].y+m.lineAt+8))
	if got := l.Cursor(); got != desktop.TextCursor {
		t.Errorf("cursor over text: got %v, want the beam", got)
	}
}

func TestMessageList_showMore(t *testing.T) {
	l, _ := chatOf(t, MessageItem{Key: 7, Text: strings.TrimSpace(strings.Repeat("line\n", 60)), Time: "14:02"})
	l.Tapped(tapAt(centre(l, l.visible[0].layout.more)))
	if got := len(l.visible[0].layout.lines); got != 60 {
		t.Errorf("lines: got %d, want 60", got)
	}
	l.Unfold(7, false)
	if got := len(l.visible[0].layout.lines); got != 25 {
		t.Errorf("folded again: got %d lines, want 25", got)
	}
}

func TestMessageList_selection(t *testing.T) {
	l, w := chatOf(t,
		MessageItem{Key: 1, Text: "above", Time: "14:02"},
		MessageItem{Key: 2, Text: "first words of it\nsecond line", Time: "14:02"},
	)
	p := l.visible[0]
	at := func(line int, text string) fyne.Position {
		return fyne.NewPos(p.layout.lineX+l.set.lineWidth(text, p.layout.font), p.y+p.layout.lineAt+float32(line)*20+9)
	}
	drag := func(from, to fyne.Position) {
		l.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: from}, Button: desktop.MouseButtonPrimary})
		l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}})
		l.DragEnd()
	}
	drag(at(0, "first "), at(1, "second"))
	if got, want := l.Selected(), "words of it\nsecond"; got != want {
		t.Errorf("selected: got %q, want %q", got, want)
	}
	drag(at(1, "second"), at(0, "first "))
	if got, want := l.Selected(), "words of it\nsecond"; got != want {
		t.Errorf("backwards: got %q, want %q", got, want)
	}
	drag(at(0, "first "), fyne.NewPos(5, 5)) // up over the other message
	if got, want := l.Selected(), "first "; got != want {
		t.Errorf("dragged out at the top: got %q, want %q", got, want)
	}
	copied := false
	l.OnCopied = func() { copied = true }
	l.TypedShortcut(&fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "first " || !copied {
		t.Errorf("clipboard: got %q, told %v; want %q, true", got, copied, "first ")
	}
	if w.Canvas().Focused() != fyne.Focusable(l) {
		t.Error("the list has no focus after a selection, so Ctrl+C would not come")
	}
	l.TypedKey(key(fyne.KeyEscape))
	if got := l.Selected(); got != "" {
		t.Errorf("after Escape: got %q, want nothing", got)
	}
}

func TestMessageList_keys(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 700, 600)
	l.SetItems(someItems(200, 1000))
	l.TypedKey(key(fyne.KeyHome))
	if first, _ := l.VisibleRange(); first != 1000 {
		t.Errorf("home: first seen %d, want 1000", first)
	}
	place := func() float32 { return bottoms(l)[1003] }
	was := place()
	l.TypedKey(key(fyne.KeyDown))
	if got := place(); got != was-lineStep {
		t.Errorf("down: message at %v, want %v", got, was-lineStep)
	}
	l.TypedKey(key(fyne.KeyUp))
	if got := place(); got != was {
		t.Errorf("up: message at %v, want %v", got, was)
	}
	l.TypedKey(key(fyne.KeyPageDown))
	l.TypedKey(key(fyne.KeyPageUp))
	if got := place(); got != was {
		t.Errorf("a page down and up: message at %v, want %v", got, was)
	}
	l.TypedKey(key(fyne.KeyEnd))
	if !l.AtEnd() {
		t.Error("end: not at the end")
	}
	jumped, escaped, typed := false, false, rune(0)
	l.OnJumpEnd = func() { jumped = true }
	l.OnEscape = func() { escaped = true }
	l.OnTyped = func(r rune) { typed = r }
	l.TypedKey(key(fyne.KeyEnd))
	l.TypedKey(key(fyne.KeyEscape))
	l.TypedRune('x')
	if !jumped || !escaped || typed != 'x' {
		t.Errorf("jump %v, escape %v, typed %q; want true, true, x", jumped, escaped, typed)
	}
}

func TestMessageList_jumpButton(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	w := inWindow(t, l, 700, 600)
	l.SetItems(someItems(200, 1000))
	if slices.Contains(l.objs, fyne.CanvasObject(l.jump)) {
		t.Error("the button is shown at the end")
	}
	l.ScrollBy(-400)
	l.SetNewCount(3)
	if !slices.Contains(l.objs, fyne.CanvasObject(l.jump)) {
		t.Fatal("the button is not shown")
	}
	if x, y := l.jump.Position().X+jumpSide, l.jump.Position().Y+jumpRoom; x != 700-16 || y != 600-16 {
		t.Errorf("its disc ends at %v, %v; want 684, 584", x, y)
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(700-16-20, 600-16-20))
	if !l.AtEnd() {
		t.Error("not at the end after a tap")
	}
}

func TestMessageList_bar(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 700, 600)
	l.SetItems(someItems(200, 1000))
	drag := func(y, dy float32) {
		l.bar.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(6, y+dy)}, Dragged: fyne.NewDelta(0, dy)})
	}
	top, height := l.bar.geometry()
	drag(top+height/2, -2000)
	l.bar.DragEnd()
	if first, _ := l.VisibleRange(); first != 1000 {
		t.Errorf("dragged to the top: first seen %d, want 1000", first)
	}
	l.bar.Tapped(tapAt(6, 599))
	if !l.AtEnd() {
		t.Error("tapped at the bottom: not at the end")
	}
	var asked []float64
	l.OnBarDrag = func(p float64) { asked = append(asked, p) }
	l.SetBar(0.5, 0.1)
	drag(300, -2000)
	l.bar.DragEnd()
	if !slices.Equal(asked, []float64{0}) {
		t.Errorf("with a place in the whole history: asked for %v, want 0", asked)
	}
}

func TestComposer_send(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("Message Alice…")
	w := inWindow(t, c, 500, 52)
	var sent, changed []string
	c.OnSend = func(s string) { sent = append(sent, s); c.SetText("") }
	c.OnChanged = func(s string) { changed = append(changed, s) }
	c.Focus()
	if w.Canvas().Focused() != fyne.Focusable(c.entry) {
		t.Fatal("no focus")
	}
	c.entry.TypedKey(key(fyne.KeyReturn))
	test.Type(c.entry, "hi")
	c.entry.TypedKey(key(fyne.KeyReturn))
	test.Type(c.entry, "a")
	c.entry.KeyDown(key(desktop.KeyShiftLeft))
	c.entry.TypedKey(key(fyne.KeyReturn))
	c.entry.KeyUp(key(desktop.KeyShiftLeft))
	test.Type(c.entry, "b")
	c.entry.TypedKey(key(fyne.KeyEnter))
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
	inWindow(t, c, 500, 52)
	var got []string
	c.OnEscape = func() { got = append(got, "escape") }
	c.OnUpInEmpty = func() { got = append(got, "up") }
	c.OnPage = func(d int) { got = append(got, map[int]string{-1: "page up", 1: "page down"}[d]) }
	c.OnShortcut = func(s fyne.Shortcut) bool {
		got = append(got, s.ShortcutName())
		return true
	}
	for _, k := range []fyne.KeyName{fyne.KeyUp, fyne.KeyEscape, fyne.KeyPageUp, fyne.KeyPageDown} {
		c.entry.TypedKey(key(k))
	}
	c.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	c.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	c.SetText("x")
	c.entry.TypedKey(key(fyne.KeyUp))
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
	inWindow(t, c, 500, 300)
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
	list := NewMessageList()
	col := NewColumn(nil, list, []fyne.CanvasObject{c})
	inWindow(t, col, 500, 600)
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

func TestButtons(t *testing.T) {
	useTheme(t, VariantLight)
	n := 0
	icon := NewIconButton(assets.IconMenu, func() { n++ })
	action := NewActionButton(Action{Text: "Go", Tapped: func() { n++ }})
	banner := NewBanner(BannerData{Text: "x", Actions: []Action{{Text: "Retry now", Tapped: func() { n++ }}}})
	footer := NewConnectionFooter()
	footer.Set(LinkTrying, "x", Action{Text: "Retry", Tapped: func() { n++ }})
	w := inWindow(t, container.NewVBox(icon, action, banner, footer), 400, 300)
	test.Tap(icon)
	test.Tap(action)
	test.Tap(banner.buttons[0])
	test.Tap(footer.button)
	w.Canvas().Focus(icon)
	icon.TypedKey(key(fyne.KeySpace))
	action.TypedKey(key(fyne.KeyReturn))
	if n != 6 {
		t.Errorf("pressed: got %d, want 6", n)
	}
	icon.Disable()
	test.Tap(icon)
	if n != 6 || icon.Cursor() != desktop.DefaultCursor {
		t.Error("a disabled button can be pressed")
	}
}

func TestHeader(t *testing.T) {
	useTheme(t, VariantLight)
	h := NewHeader(NewIconButton(assets.IconMenu, nil))
	w := inWindow(t, h, 500, 56)
	h.Set(HeaderData{Title: "Alice"})
	title, back := 0, 0
	h.OnTapped = func() { title++ }
	h.OnBack = func() { back++ }
	test.TapCanvas(w.Canvas(), fyne.NewPos(30, 28))
	h.ShowBack(true)
	test.TapCanvas(w.Canvas(), fyne.NewPos(26, 28))
	if title != 1 || back != 1 {
		t.Errorf("title %d, back %d; want 1, 1", title, back)
	}
}

func TestPanes(t *testing.T) {
	useTheme(t, VariantLight)
	left, right := widget.NewLabel("l"), widget.NewLabel("r")
	p := NewPanes(left, right)
	var modes []PanesMode
	p.OnMode = func(m PanesMode) { modes = append(modes, m) }
	kept := float32(0)
	p.OnLeftWidth = func(v float32) { kept = v }
	w := inWindow(t, p, 1180, 760)
	if left.Size().Width != 320 || right.Position().X != 321 || right.Size().Width != 1180-321 {
		t.Errorf("wide: left %v, right from %v, %v wide", left.Size().Width, right.Position().X, right.Size().Width)
	}
	p.grip.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(60, 5)}})
	p.grip.DragEnd()
	if left.Size().Width != 377 || kept != 377 {
		t.Errorf("dragged: left %v, kept %v; want 377", left.Size().Width, kept)
	}
	p.SetLeftWidth(1000)
	if p.LeftWidth() != PanesMax {
		t.Errorf("left: got %v, want %v", p.LeftWidth(), PanesMax)
	}
	modes = nil
	w.Resize(fyne.NewSize(500, 480))
	if !left.Visible() || right.Visible() || left.Size().Width != 500 {
		t.Errorf("narrow: left %v and %v wide, right %v", left.Visible(), left.Size().Width, right.Visible())
	}
	p.ShowRight()
	if left.Visible() || !right.Visible() {
		t.Error("narrow: the right pane did not come")
	}
	p.ShowLeft()
	w.Resize(fyne.NewSize(900, 480))
	if want := []PanesMode{PanesOnlyLeft, PanesOnlyRight, PanesOnlyLeft, PanesBoth}; !slices.Equal(modes, want) {
		t.Errorf("modes: got %v, want %v", modes, want)
	}
}

func TestField(t *testing.T) {
	useTheme(t, VariantLight)
	f := NewSearchField("Search")
	inWindow(t, f, 200, 40)
	var got []string
	f.OnEscape = func() { got = append(got, "escape") }
	f.OnArrow = func(d int) { got = append(got, map[int]string{-1: "up", 1: "down"}[d]) }
	f.OnShortcut = func(s fyne.Shortcut) bool { got = append(got, s.ShortcutName()); return true }
	f.TypedKey(key(fyne.KeyEscape))
	f.TypedKey(key(fyne.KeyUp))
	f.TypedKey(key(fyne.KeyDown))
	f.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	test.Type(f, "ab")
	if want := []string{"escape", "up", "down", "CustomDesktop:Control+K"}; !slices.Equal(got, want) || f.Text != "ab" {
		t.Errorf("got %q and text %q, want %q and ab", got, f.Text, want)
	}
}
