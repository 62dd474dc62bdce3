package messages

import (
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// A press on the card opens its page; one whose address cannot be read in the text is shown first.
func TestLinkCard_tapped(t *testing.T) {
	const page = "https://example.org/a"
	for _, tc := range []struct{ text, want string }{
		{"see " + page, "open " + page},
		{"**see** " + page, "open " + page},
		{"see [my bank](" + page + ")", "ask A page → " + page},
		{strings.Repeat("line\n", 40) + page, "ask A page → " + page}, // folded
	} {
		l, _ := chatOf(t, Item{Key: 7, Text: tc.text, Time: "14:02", Link: &LinkCard{URL: page, Title: "A page"}})
		var got []string
		l.OnLink = func(url string) { got = append(got, "open "+url) }
		l.OnHiddenLink = func(words, url string) { got = append(got, "ask "+words+" → "+url) }
		m := l.visible[0].layout
		l.Tapped(widgettest.TapAt(centre(l, m.link.Box)))
		if !slices.Equal(got, []string{tc.want}) {
			t.Errorf("%.20q: got %q, want %q", tc.text, got, tc.want)
		}
	}
}

// cardRow is the layout of the only row.
func cardRow(t *testing.T, item Item) *rowLayout {
	t.Helper()
	l, _ := chatOf(t, item)
	return l.visible[0].layout
}

// What a page says takes few lines, and its picture has its place before it is there.
func TestLinkCard_measured(t *testing.T) {
	long := strings.Repeat("very long words ", 60)
	tall := &LinkCard{URL: "u", Site: long, Title: long, Text: long, Pictured: true}
	m := cardRow(t, Item{Key: 1, Text: "u", Time: "14:02", Link: tall})
	if n := len(m.link.rows); n != 1+linkTitleLines+linkTextLines {
		t.Errorf("lines: got %d", n)
	}
	for i, r := range m.link.rows {
		if r.line.Width > m.link.room {
			t.Errorf("line %d is %v wide, the room is %v", i, r.line.Width, m.link.room)
		}
	}
	loaded := *tall
	loaded.Photo = widgets.NewPhoto(widgettest.Picture(80, 60))
	after := cardRow(t, Item{Key: 1, Text: "u", Time: "14:02", Link: &loaded})
	if after.height != m.height || after.link.Box != m.link.Box || m.link.photo.H == 0 {
		t.Errorf("it moves when the picture is loaded: %v, then %v", m.link.Box, after.link.Box)
	}
	gone := cardRow(t, Item{Key: 1, Text: "Deleted", Deleted: true, Time: "14:02", Link: tall})
	if gone.link.H != 0 {
		t.Error("a recalled message has the card")
	}
}
