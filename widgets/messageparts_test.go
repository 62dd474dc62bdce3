package widgets

import (
	"image"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// richItem has everything a message of a group can have.
func richItem() MessageItem {
	return MessageItem{
		Key: 7, Text: "Hello @Bob see https://example.org", Mentions: []Range{{6, 10}}, Time: "14:02", Day: "Today",
		SenderKey: "eve", SenderName: "Eve", Forwarded: "Forwarded", Quote: &Quote{Name: "You", Text: "What?"},
		Place: &Place{Title: "Here"}, Reactions: []Reaction{{"👍", 1, true}, {"🎉", 2, false}},
	}
}

// middle returns a point in the middle of a box of the row that is shown, in the list.
func middle(l *MessageList, of func(*rowLayout) box) fyne.Position {
	p := l.visible[0]
	b := of(p.layout)
	return fyne.NewPos(b.x+b.w/2, p.y+b.y+b.h/2)
}

func TestMessageList_parts(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	w := inWindow(t, l, 500, 500)
	l.SetItems([]MessageItem{richItem()})
	var got []string
	add := func(what string) func(int64) {
		return func(key int64) { got = append(got, what+strconv.FormatInt(key, 10)) }
	}
	places := map[string]func(*rowLayout) box{
		"quote":  func(r *rowLayout) box { return r.parts.quote.box },
		"place":  func(r *rowLayout) box { return r.parts.place.box },
		"name":   func(r *rowLayout) box { return r.name },
		"face":   func(r *rowLayout) box { return r.face },
		"first":  func(r *rowLayout) box { return r.pills[0].box },
		"second": func(r *rowLayout) box { return r.pills[1].box },
		"mention": func(r *rowLayout) box {
			return box{r.lineX + r.offsetX(0, 6, l.set) + 4, r.lineAt, 10, r.lineH}
		},
	}
	names := []string{"quote", "place", "name", "face", "first", "second", "mention"}
	for _, name := range names {
		test.TapCanvas(w.Canvas(), middle(l, places[name])) // nobody listens: nothing happens
		l.pointer = middle(l, places[name])
		if l.Cursor() == desktop.PointerCursor {
			t.Errorf("%s: a hand where nothing happens", name)
		}
	}
	l.OnQuoteTapped, l.OnPlaceTapped, l.OnSenderTapped = add("quote"), add("place"), add("sender")
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

func TestMessageList_ticksAndFile(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	w := inWindow(t, l, 500, 300)
	l.SetItems([]MessageItem{{Key: 3, Own: true, File: &FileCard{Name: "a.zip", Size: "1 MB"}, Time: "14:02", State: StateRead}})
	ticks, files := int64(0), int64(0)
	l.OnTicksTapped = func(key int64) { ticks += key }
	l.OnFileTapped = func(key int64) { files += key }
	test.TapCanvas(w.Canvas(), middle(l, func(r *rowLayout) box { return r.tick }))
	test.TapCanvas(w.Canvas(), middle(l, func(r *rowLayout) box { return r.parts.file.box }))
	if ticks != 3 || files != 3 {
		t.Errorf("ticks %d, files %d; want 3, 3", ticks, files)
	}
}

func TestMessageList_tools(t *testing.T) {
	tests := map[string]struct {
		item MessageItem
		want string
	}{
		"a peer's":  {MessageItem{Key: 1, Text: "a", Time: "14:02"}, "react reply menu"},
		"own":       {MessageItem{Key: 1, Own: true, State: StateSent, Text: "a", Time: "14:02"}, "react reply menu"},
		"waiting":   {MessageItem{Key: 1, Own: true, State: StateWaiting, Text: "a", Time: "14:02"}, "menu"},
		"failed":    {MessageItem{Key: 1, Own: true, State: StateFailed, Text: "a", Time: "14:02"}, "menu"},
		"deleted":   {MessageItem{Key: 1, Deleted: true, Text: "a", Time: "14:02"}, "menu"},
		"of system": {MessageItem{Key: 1, Kind: MessageSystem, Text: "a"}, ""},
		"very wide": {MessageItem{Key: 1, Text: strings.Repeat("word ", 100), Time: "14:02"}, "react reply menu"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			useTheme(t, VariantLight)
			l := NewMessageList()
			w := inWindow(t, l, 320, 500)
			l.SetItems([]MessageItem{tc.item})
			var got []string
			l.OnReact = func(_ int64, pos fyne.Position) {
				got = append(got, "react")
				if pos.Y < l.tools.at.y || pos.X < l.tools.at.x {
					t.Errorf("react: at %v, the buttons are at %v", pos, l.tools.at)
				}
			}
			l.OnReply = func(int64) { got = append(got, "reply") }
			l.OnMenu = func(int64, fyne.Position) { got = append(got, "menu") }
			before := bottoms(l)
			l.MouseIn(pointerAt(160, middle(l, func(r *rowLayout) box { return r.bubble }).Y))
			for i := range l.tools.which {
				pos := fyne.NewPos(l.tools.at.x+toolPad+(float32(i)+0.5)*toolSide, l.tools.at.y+10)
				l.MouseMoved(pointerAt(pos.X, pos.Y))
				if l.tools.over != i || l.Cursor() != desktop.PointerCursor {
					t.Errorf("button %d: the pointer is over %d", i, l.tools.over)
				}
				test.TapCanvas(w.Canvas(), pos)
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("got %q, want %q", s, tc.want)
			}
			if b := l.tools.at; l.tools.key != 0 && (b.x < 0 || b.x+b.w > 320) {
				t.Errorf("buttons from %v to %v of 320", b.x, b.x+b.w)
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

// What changes in a message changes the height of its row alone, and what is read stays.
func TestMessageList_reactionKeepsPlaces(t *testing.T) {
	useTheme(t, VariantLight)
	items := someItems(60, 1)
	l := NewMessageList()
	inWindow(t, l, 500, 500)
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
	if a, b := measured(items[28], rowContext{width: 500}), measured(changed[28], rowContext{width: 500}); b.height-a.height != reactionHeight+2*reactionGap || a.bubble != b.bubble {
		t.Errorf("height %v and %v, bubble %v and %v", a.height, b.height, a.bubble, b.bubble)
	}
}

func TestMessageItem_same(t *testing.T) {
	base := richItem()
	copied := richItem()
	if !base.same(&copied) {
		t.Error("equal items with other pointers differ")
	}
	for name, change := range map[string]func(*MessageItem){
		"quote":    func(it *MessageItem) { it.Quote = &Quote{Name: "You", Text: "Why?"} },
		"no quote": func(it *MessageItem) { it.Quote = nil },
		"place":    func(it *MessageItem) { it.Place = &Place{Title: "There"} },
		"file":     func(it *MessageItem) { it.File = &FileCard{} },
		"mention":  func(it *MessageItem) { it.Mentions = nil },
		"reaction": func(it *MessageItem) { it.Reactions = []Reaction{{"👍", 1, false}, {"🎉", 2, false}} },
		"picture":  func(it *MessageItem) { it.SenderPicture = &Picture{} },
		"deleted":  func(it *MessageItem) { it.Deleted = true },
		"forward":  func(it *MessageItem) { it.Forwarded = "" },
	} {
		it := richItem()
		change(&it)
		if base.same(&it) {
			t.Errorf("%s: a change was not seen", name)
		}
	}
}

func TestReactions_rows(t *testing.T) {
	useTheme(t, VariantLight)
	many := make([]Reaction, 30)
	for i := range many {
		many[i] = Reaction{Emoji: "👍", Count: i}
	}
	many[3].Emoji = strings.Repeat("not an emoji ", 50)
	for _, own := range []bool{false, true} {
		l := measured(MessageItem{Key: 1, Own: own, Text: "a", Time: "14:02", Reactions: many}, rowContext{first: true, last: true, width: 320})
		for _, p := range l.pills {
			if p.x < sideGap || p.x+p.w > 320-sideGap || p.y+p.h > l.height || p.y < l.bubble.y+l.bubble.h {
				t.Errorf("own %v: pill at %v in a row %v high", own, p.box, l.height)
			}
		}
	}
}

func TestFindRanges(t *testing.T) {
	tests := []struct{ text, query, want string }{
		{"Hello World", "world", "World"},
		{"Hello World", "o", "o|o"},
		{"Straße und ÄRGER", "ärger STRA", "Stra|ÄRGER"},
		{"aaaa", "aa", "aaaa"},
		{"plan the plan", "plan  the", "plan|the|plan"},
		{"nothing", "xyz", ""},
		{"nothing", "  ", ""},
		{"", "a", ""},
		{"e\u0301t\u00e9", "\u00c9", "\u00e9"},
		{"\xff\xfe", "a", ""},
	}
	for _, tc := range tests {
		var got []string
		for _, r := range FindRanges(tc.text, tc.query) {
			got = append(got, tc.text[r.Start:r.End])
		}
		if s := strings.Join(got, "|"); s != tc.want {
			t.Errorf("%q in %q: got %q, want %q", tc.query, tc.text, s, tc.want)
		}
	}
}

func FuzzFindRanges(f *testing.F) {
	f.Add("Hello World", "o wor")
	f.Add("İstanbul ſ K", "i k s")
	f.Fuzz(func(t *testing.T, text, query string) {
		last := 0
		for _, r := range FindRanges(text, query) {
			if r.Start < last || r.End <= r.Start || r.End > len(text) {
				t.Fatalf("%v after %d of %d", r, last, len(text))
			}
			last = r.End
		}
	})
}

func FuzzMentions(f *testing.F) {
	f.Add("Hello @Bob\r\n\tsee https://a.org", 6, 10)
	f.Fuzz(func(t *testing.T, raw string, from, to int) {
		text := clean(raw)
		last := 0
		for _, k := range mergeMentions(findLinks(text), raw, text, []Range{{from, to}, {to, from + to}}) {
			if k.start < last || k.end <= k.start || k.end > len(text) {
				t.Fatalf("%v after %d of %d", k, last, len(text))
			}
			last = k.end
		}
	})
}

func TestMentions_cleaned(t *testing.T) {
	raw := "a\tb\r\n@Bob and \x01@Eve"
	text := clean(raw)
	at := strings.Index(raw, "@Bob")
	eve := strings.Index(raw, "@Eve")
	links := mergeMentions(nil, raw, text, []Range{{at, at + 4}, {eve, eve + 4}, {-1, 3}, {5, 500}})
	var got []string
	for _, k := range links {
		got = append(got, text[k.start:k.end])
	}
	if want := []string{"@Bob", "@Eve"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCoordinates(t *testing.T) {
	for want, at := range map[string][2]float64{
		"48.87064° N, 2.33183° E":   {48.870637, 2.331829},
		"33.86785° S, 151.20732° E": {-33.86785, 151.20732},
		"0.00000° N, 70.50000° W":   {0, -70.5},
	} {
		if got := Coordinates(at[0], at[1]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPicture(t *testing.T) {
	if NewPicture(nil) != nil || NewPicture(image.NewRGBA(image.Rectangle{})) != nil {
		t.Error("a picture of nothing")
	}
	wide := image.NewNRGBA(image.Rect(10, 20, 310, 120)) // red, with a green square in its middle
	for y := 20; y < 120; y++ {
		for x := 10; x < 310; x++ {
			c := color.NRGBA{R: 0xFF, A: 0xFF}
			if x >= 110 && x < 210 {
				c = color.NRGBA{G: 0xFF, A: 0xFF}
			}
			wide.SetNRGBA(x, y, c)
		}
	}
	p := NewPicture(wide)
	small := p.at(33)
	if small.Bounds() != image.Rect(0, 0, 33, 33) {
		t.Errorf("bounds: got %v, want 33 square", small.Bounds())
	}
	for _, at := range []image.Point{{}, {32, 0}, {16, 16}, {32, 32}} {
		if got, want := small.At(at.X, at.Y), (color.RGBA{G: 0xFF, A: 0xFF}); got != want {
			t.Errorf("at %v: got %v, want %v", at, got, want)
		}
	}
	if p.at(33) != small {
		t.Error("scaled twice")
	}
	if got := p.at(500).Bounds().Dx(); got != 100 {
		t.Errorf("larger than it is: got %d, want 100", got)
	}
}
