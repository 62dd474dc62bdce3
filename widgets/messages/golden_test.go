package messages

import (
	"maps"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/text"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// golden is an object in one state, whose rendering is in testdata.
type golden struct {
	w, h float32
	make func() fyne.CanvasObject
}

func itemStates() map[string][]Item {
	own := func(s widgets.MessageState) []Item {
		return []Item{{Key: 1, Own: true, Text: "On my way", Time: "14:02", State: s}}
	}
	failed := own(widgets.StateFailed)
	failed[0].FailedReason = "You are no longer a member of this group"
	m := map[string][]Item{
		"peer":      {{Key: 1, Text: "Hello", Time: "14:02", Day: "Today"}},
		"waiting":   own(widgets.StateWaiting),
		"sent":      own(widgets.StateSent),
		"delivered": own(widgets.StateDelivered),
		"read":      own(widgets.StateRead),
		"failed":    failed,
		"edited":    {{Key: 1, Text: "A message that is long enough for two lines of it", Time: "14:02", Edited: true}},
		"emoji":     {{Key: 1, Text: "😀", Time: "14:02"}},
		"link":      {{Key: 1, Text: "See https://example.org/a.", Time: "14:02"}},
		"system":    {{Key: 1, Kind: KindSystem, Text: "Alice changed the name"}},
		"divider": {
			{Key: 1, Text: "a", Time: "14:02", Day: "Monday"},
			{Key: 2, Text: "b", Time: "14:03", Day: "Today", Divider: "1 unread message"},
		},
		"group": {
			{Key: 1, Text: "a", Time: "14:02", At: 10, SenderKey: "bob", SenderName: "Bob"},
			{Key: 2, Text: "b", Time: "14:03", At: 70, SenderKey: "bob", SenderName: "Bob"},
			{Key: 3, Text: "c", Time: "14:03", At: 80, SenderKey: "eve", SenderName: "Eve"},
		},
		"joined": {
			{Key: 1, Own: true, Text: "a", Time: "14:02", At: 10, State: widgets.StateRead},
			{Key: 2, Own: true, Text: "b", Time: "14:03", At: 70, State: widgets.StateRead},
			{Key: 3, Own: true, Text: "c", Time: "14:03", At: 80, State: widgets.StateSent},
		},
	}
	peer := func(change func(*Item)) []Item {
		it := Item{Key: 1, Text: "Has anybody seen it?", Time: "14:02", SenderKey: "bob", SenderName: "Bob"}
		change(&it)
		return []Item{it}
	}
	mine := func(change func(*Item)) []Item {
		items := own(widgets.StateRead)
		change(&items[0])
		return items
	}
	q := Quote{SenderKey: "eve", Name: "Eve", Text: "Has anybody seen the plan for Thursday, or Friday?"}
	place := FileCard{
		Name: "Café", Size: "48.87000° N, 2.33000° W", State: "Open in a map", Icon: assets.IconPlace, Narrow: true,
	}
	m["quote"] = peer(func(it *Item) { it.Quote = &q })
	m["quote_own"] = mine(func(it *Item) { it.Quote = &Quote{Name: "Eve", Text: "Deleted", Deleted: true} })
	m["forwarded"] = peer(func(it *Item) { it.Forwarded = "Forwarded" })
	m["deleted"] = peer(func(it *Item) { it.Deleted, it.Text, it.Quote = true, "This message was deleted", &q })
	m["deleted_own"] = mine(func(it *Item) { it.Deleted, it.Text = true, "This message was deleted" })
	m["reactions"] = peer(func(it *Item) {
		it.Reactions = []Reaction{{"👍", 3, true}, {"🎉", 1, false}, {"❤️", 120, false}}
	})
	m["reactions_own"] = mine(func(it *Item) { it.Reactions = []Reaction{{"👍", 2, false}, {"😂", 1, true}} })
	m["mention"] = peer(func(it *Item) { it.Text, it.Mentions = "Hello @Alice!", []text.Range{{Start: 6, End: 12}} })
	m["place"] = peer(func(it *Item) { it.Text, it.File = "", &place })
	m["poll"] = peer(func(it *Item) { it.Text, it.Question, it.Poll = "", "Where do we meet?", pollOptions() })
	m["poll_own"] = mine(func(it *Item) { it.Text, it.Question, it.Poll = "", "Where do we meet?", pollOptions()[:2] })
	m["album"] = mine(func(it *Item) {
		it.Text, it.Album = "Three of them", pictures(3)
		it.Album[0].File.Photo = widgets.NewPhoto(widgettest.Picture(80, 60))
		it.Album[1].File.Ring, it.Album[1].File.Part = FileRunning, 0.4
	})
	sticker := FileCard{
		Name: "cat.webp", Width: 512, Height: 384, Sticker: true, Photo: widgets.NewPhoto(widgettest.Picture(200, 150)),
	}
	m["sticker_group"] = peer(func(it *Item) { it.Text, it.File = "", &sticker })
	m["sticker_own"] = mine(func(it *Item) {
		it.Text, it.File, it.Quote = "", &sticker, &q
		it.Reactions = []Reaction{{"👍", 1, false}}
	})
	m["sticker_captioned"] = mine(func(it *Item) { it.File = &sticker })
	m["video"] = peer(func(it *Item) {
		it.Text = ""
		it.File = &FileCard{
			Name: "trip.mp4", Size: "1:23 · 12 MB", Icon: assets.IconVideo, Width: 160, Height: 90, Play: true,
			Photo: widgets.NewPhoto(widgettest.Picture(160, 90)),
		}
	})
	m["video_plain"] = peer(func(it *Item) {
		it.Text = ""
		it.File = &FileCard{Name: "trip.mp4", Size: "1:23 · 12 MB", State: "Opens in your video player", Icon: assets.IconVideo}
	})
	page := LinkCard{
		URL: "https://example.org/a", Site: "Example", Title: "How to plan a trip with friends and stay friends",
		Text: "Where to go, when, and who pays. A guide in twelve parts for people who would rather be on the way already, " +
			"with lists to print and everything that was forgotten by others before.",
	}
	m["page"] = peer(func(it *Item) { it.Text, it.Link = "See https://example.org/a", &page })
	m["page_own"] = mine(func(it *Item) {
		c := page
		c.Pictured, c.Photo = true, widgets.NewPhoto(widgettest.Picture(80, 60))
		it.Text, it.Link = "https://example.org/a", &c
	})
	m["call"] = []Item{
		{Key: 1, Time: "14:02", File: &FileCard{
			Name: "Missed call", State: "Call back", Icon: assets.IconPhone, Narrow: true, Alarm: true,
		}},
		{Key: 2, Own: true, Time: "14:03", File: &FileCard{
			Name: "Outgoing video call", Size: "3:12", State: "Call again", Icon: assets.IconVideo, Narrow: true,
		}},
	}
	return m
}

// markStates are lists with temporary marks.
func markStates() map[string]golden {
	hovered := func(items []Item, x float32) func() fyne.CanvasObject {
		return func() fyne.CanvasObject {
			l := NewList()
			l.OnReact, l.OnMenu = func(int64, fyne.Position) {}, func(int64, fyne.Position) {}
			l.OnReply = func(int64) {}
			l.SetItems(items)
			l.Resize(fyne.NewSize(420, 220))
			l.MouseIn(widgettest.PointerAt(x, 190))
			return l
		}
	}
	states := itemStates()
	return map[string]golden{
		"message_tools":     {420, 220, hovered(states["peer"], 40)},
		"message_tools_own": {420, 220, hovered(states["read"], 30)},
		"message_flash": {420, 220, func() fyne.CanvasObject {
			l := NewList()
			l.SetItems(states["joined"])
			l.SetFlash(2)
			return l
		}},
		"message_marked": {420, 220, func() fyne.CanvasObject {
			l := NewList()
			l.SetItems(append(states["group"], Item{Key: 4, Own: true, Text: "d", Time: "14:04", At: 90, State: widgets.StateSent}))
			l.SetMarks(map[int64]bool{1: true, 3: true})
			return l
		}},
		"message_found": {420, 220, func() fyne.CanvasObject {
			l := NewList()
			l.SetItems(states["edited"])
			l.SetFind("MESSAGE is")
			return l
		}},
	}
}

// popupStates are the jump button and the reaction bar.
func popupStates() map[string]golden {
	tapped := func() {}
	return map[string]golden{
		"jump": {46, 46, func() fyne.CanvasObject { return newJumpButton("Words", tapped) }},
		"jump_count": {46, 46, func() fyne.CanvasObject {
			b := newJumpButton("Words", tapped)
			b.setCount(120)
			return b
		}},
		"jump_mention": {46, 46, func() fyne.CanvasObject {
			b := newJumpButton("Words", tapped)
			b.mention = true
			b.setCount(2)
			return b
		}},
		"reactionbar": {260, 36, func() fyne.CanvasObject {
			b := NewReactionBar(QuickReactions(), "👍")
			b.OnMore = func() {}
			return b
		}},
	}
}

// allStates returns the list and its parts in every state.
func allStates() map[string]golden {
	all := popupStates()
	maps.Copy(all, markStates())
	maps.Copy(all, fileStates())
	maps.Copy(all, voiceStates())
	for name, items := range itemStates() {
		all["message_"+name] = golden{420, 220, func() fyne.CanvasObject {
			l := NewList()
			l.SetItems(items)
			return l
		}}
	}
	return all
}

// The card of a link is drawn in the colours of the dark look as well.
func TestGolden_dark(t *testing.T) {
	widgettest.StartApp(t, widgets.NewTheme(widgets.VariantDark))
	states := allStates()
	for _, name := range []string{"message_page", "message_page_own"} {
		g := states[name]
		t.Run(name, func(t *testing.T) { widgettest.Renders(t, name+"_dark", g.w, g.h, g.make) })
	}
}

// A rendering that differs is written to testdata/failed/golden: look at it, and copy it over its twin if it is right.
func TestGolden(t *testing.T) {
	widgettest.StartApp(t, widgets.NewTheme(widgets.VariantLight))
	for name, g := range allStates() {
		t.Run(name, func(t *testing.T) { widgettest.Renders(t, name, g.w, g.h, g.make) })
	}
}

// A change of theme leaves the same pixels as a list that was created in the new one.
func TestThemeSwitch(t *testing.T) {
	s := widgettest.NewThemeSwitch(t, widgets.NewTheme(widgets.VariantLight))
	for name, g := range allStates() {
		s.Show(name, g.w, g.h, g.make)
	}
	s.To(widgets.NewTheme(widgets.VariantDark))
}
