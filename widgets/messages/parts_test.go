package messages

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// richItem returns a message with every part.
func richItem() Item {
	return Item{
		Key: 7, Text: "Hello @Bob see https://example.org", Mentions: []widgets.Range{{Start: 6, End: 10}},
		Time: "14:02", Day: "Today",
		SenderKey: "eve", SenderName: "Eve", Forwarded: "Forwarded", Quote: &Quote{Name: "You", Text: "What?"},
		File: &FileCard{Name: "Here"}, Reactions: []Reaction{{"👍", 1, true}, {"🎉", 2, false}},
	}
}

// middle returns the middle of a box of the only row, as a position in the list.
func middle(l *List, of func(*rowLayout) draw.Box) fyne.Position {
	p := l.visible[0]
	b := of(p.layout)
	return fyne.NewPos(b.X+b.W/2, p.y+b.Y+b.H/2)
}

func TestList_parts(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	w := widgettest.InWindow(t, l, 500, 500)
	l.SetItems([]Item{richItem()})
	var got []string
	add := func(what string) func(int64) {
		return func(key int64) { got = append(got, what+strconv.FormatInt(key, 10)) }
	}
	places := map[string]func(*rowLayout) draw.Box{
		"quote":  func(r *rowLayout) draw.Box { return r.parts.quote.Box },
		"place":  func(r *rowLayout) draw.Box { return r.parts.file.Box },
		"name":   func(r *rowLayout) draw.Box { return r.name },
		"face":   func(r *rowLayout) draw.Box { return r.face },
		"first":  func(r *rowLayout) draw.Box { return r.pills[0].Box },
		"second": func(r *rowLayout) draw.Box { return r.pills[1].Box },
		"mention": func(r *rowLayout) draw.Box {
			return draw.NewBox(r.extents(0, 6, 7, l.set)[0][0]+4, r.lineAt, 10, r.lineH)
		},
	}
	names := []string{"quote", "place", "name", "face", "first", "second", "mention"}
	for _, name := range names {
		test.TapCanvas(w.Canvas(), middle(l, places[name])) // no callback: nothing happens
		l.pointer = middle(l, places[name])
		if l.Cursor() == desktop.PointerCursor {
			t.Errorf("%s: a hand where nothing happens", name)
		}
	}
	l.OnQuoteTapped, l.OnFileTapped, l.OnSenderTapped = add("quote"), add("place"), add("sender")
	l.OnReactionTapped = func(_ int64, emoji string) { got = append(got, emoji) }
	l.OnMentionTapped = func(_ int64, i int) { got = append(got, "mention"+strconv.Itoa(i)) }
	for _, name := range names {
		test.TapCanvas(w.Canvas(), middle(l, places[name]))
		l.pointer = middle(l, places[name])
		if l.Cursor() != desktop.PointerCursor {
			t.Errorf("%s: no hand", name)
		}
	}
	if want := []string{"quote7", "place7", "sender7", "sender7", "👍", "🎉", "mention0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestList_ticksAndFile(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	w := widgettest.InWindow(t, l, 500, 300)
	l.SetItems([]Item{{
		Key: 3, Own: true, File: &FileCard{Name: "a.zip", Size: "1 MB"}, Time: "14:02", State: widgets.StateRead,
	}})
	ticks, files := int64(0), int64(0)
	l.OnTicksTapped = func(key int64) { ticks += key }
	l.OnFileTapped = func(key int64) { files += key }
	test.TapCanvas(w.Canvas(), middle(l, func(r *rowLayout) draw.Box { return r.tick }))
	test.TapCanvas(w.Canvas(), middle(l, func(r *rowLayout) draw.Box { return r.parts.file.Box }))
	if ticks != 3 || files != 3 {
		t.Errorf("ticks %d, files %d; want 3, 3", ticks, files)
	}
}

func TestList_tools(t *testing.T) {
	tests := map[string]struct {
		item Item
		want string
	}{
		"a peer's":  {Item{Key: 1, Text: "a", Time: "14:02"}, "react reply menu"},
		"own":       {Item{Key: 1, Own: true, State: widgets.StateSent, Text: "a", Time: "14:02"}, "react reply menu"},
		"waiting":   {Item{Key: 1, Own: true, State: widgets.StateWaiting, Text: "a", Time: "14:02"}, "menu"},
		"failed":    {Item{Key: 1, Own: true, State: widgets.StateFailed, Text: "a", Time: "14:02"}, "menu"},
		"deleted":   {Item{Key: 1, Deleted: true, Text: "a", Time: "14:02"}, "menu"},
		"kept here": {Item{Key: 1, Kept: true, Text: "a", Time: "14:02"}, "menu"},
		"of system": {Item{Key: 1, Kind: KindSystem, Text: "a"}, ""},
		"very wide": {Item{Key: 1, Text: strings.Repeat("word ", 100), Time: "14:02"}, "react reply menu"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			useTheme(t, widgets.VariantLight)
			l := NewList()
			w := widgettest.InWindow(t, l, 320, 500)
			l.SetItems([]Item{tc.item})
			var got []string
			l.OnReact = func(_ int64, pos fyne.Position) {
				got = append(got, "react")
				if pos.Y < l.tools.at.Y || pos.X < l.tools.at.X {
					t.Errorf("react: at %v, the buttons are at %v", pos, l.tools.at)
				}
			}
			l.OnReply = func(int64) { got = append(got, "reply") }
			l.OnMenu = func(int64, fyne.Position) { got = append(got, "menu") }
			before := bottoms(l)
			l.MouseIn(widgettest.PointerAt(160, middle(l, func(r *rowLayout) draw.Box { return r.bubble }).Y))
			for i := range l.tools.which {
				pos := fyne.NewPos(l.tools.at.X+toolPad+(float32(i)+0.5)*toolSide, l.tools.at.Y+10)
				l.MouseMoved(widgettest.PointerAt(pos.X, pos.Y))
				if l.tools.over != i || l.Cursor() != desktop.PointerCursor {
					t.Errorf("button %d: the pointer is over %d", i, l.tools.over)
				}
				test.TapCanvas(w.Canvas(), pos)
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("got %q, want %q", s, tc.want)
			}
			if b := l.tools.at; l.tools.key != 0 && (b.X < 0 || b.X+b.W > 320) {
				t.Errorf("buttons from %v to %v of 320", b.X, b.X+b.W)
			}
			if after := bottoms(l); after[1] != before[1] {
				t.Errorf("the message moved from %v to %v", before[1], after[1])
			}
			l.MouseOut()
			if l.tools.key != 0 {
				t.Error("the buttons stayed without the pointer")
			}
		})
	}
}

// A reaction changes the height of its row only, and what is being read stays.
func TestList_reactionKeepsPlaces(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	items := someItems(60, 1)
	l := NewList()
	widgettest.InWindow(t, l, 500, 500)
	l.SetItems(items)
	l.ScrollToKey(30, AlignCenter)
	before := bottoms(l)
	changed := slices.Clone(items)
	changed[28].Reactions = []Reaction{{"👍", 2, false}}
	l.SetItems(changed)
	low, lowest := l.visible[0].layout.item.Key, bottoms(l)
	if lowest[low] != before[low] {
		t.Errorf("message %d moved from %v to %v", low, before[low], lowest[low])
	}
	a, b := measured(items[28], rowContext{width: 500}), measured(changed[28], rowContext{width: 500})
	if b.height-a.height != reactionHeight+2*reactionGap || a.bubble != b.bubble {
		t.Errorf("height %v and %v, bubble %v and %v", a.height, b.height, a.bubble, b.bubble)
	}
}

func TestItem_same(t *testing.T) {
	base := richItem()
	copied := richItem()
	if !base.same(&copied) {
		t.Error("equal items with other pointers differ")
	}
	for name, change := range map[string]func(*Item){
		"quote":    func(it *Item) { it.Quote = &Quote{Name: "You", Text: "Why?"} },
		"no quote": func(it *Item) { it.Quote = nil },
		"file":     func(it *Item) { it.File = &FileCard{} },
		"mention":  func(it *Item) { it.Mentions = nil },
		"reaction": func(it *Item) { it.Reactions = []Reaction{{"👍", 1, false}, {"🎉", 2, false}} },
		"picture":  func(it *Item) { it.SenderPicture = &widgets.Picture{} },
		"deleted":  func(it *Item) { it.Deleted = true },
		"forward":  func(it *Item) { it.Forwarded = "" },
	} {
		it := richItem()
		change(&it)
		if base.same(&it) {
			t.Errorf("%s: a change was not seen", name)
		}
	}
}

func TestReactions_rows(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	many := make([]Reaction, 30)
	for i := range many {
		many[i] = Reaction{Emoji: "👍", Count: i}
	}
	many[3].Emoji = strings.Repeat("not an emoji ", 50)
	for _, own := range []bool{false, true} {
		item := Item{Key: 1, Own: own, Text: "a", Time: "14:02", Reactions: many}
		l := measured(item, rowContext{first: true, last: true, width: 320})
		for _, p := range l.pills {
			if p.X < sideGap || p.X+p.W > 320-sideGap || p.Y+p.H > l.height || p.Y < l.bubble.Y+l.bubble.H {
				t.Errorf("own %v: pill at %v in a row %v high", own, p.Box, l.height)
			}
		}
	}
}
