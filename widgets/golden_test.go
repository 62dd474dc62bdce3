package widgets

import (
	"bytes"
	"image"
	"maps"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// golden is a widget in one state; its rendered tree is kept in testdata.
type golden struct {
	w, h float32
	make func() fyne.CanvasObject
}

func pointerAt(x, y float32) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}}
}

func partStates() map[string]golden {
	alice := Face{Key: "alice", Name: "Alice Martin"}
	tapped := func() {}
	return map[string]golden{
		"avatar":        {40, 40, func() fyne.CanvasObject { return NewAvatar(AvatarHeader, alice) }},
		"avatar_online": {46, 46, func() fyne.CanvasObject { return NewAvatar(AvatarRow, Face{Name: "Bob", Online: true}) }},
		"avatar_group":  {46, 46, func() fyne.CanvasObject { return NewAvatar(AvatarRow, Face{Name: "Team", Group: true}) }},
		"avatar_saved":  {46, 46, func() fyne.CanvasObject { return NewAvatar(AvatarRow, Face{Saved: true}) }},
		"avatar_robot":  {32, 32, func() fyne.CanvasObject { return NewAvatar(AvatarSmall, Face{Robot: true}) }},
		"icon":          {36, 36, func() fyne.CanvasObject { return NewIconButton(assets.IconMenu, tapped) }},
		"icon_hovered": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconMenu, tapped)
			b.MouseIn(nil)
			return b
		}},
		"icon_focused": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconMenu, tapped)
			b.FocusGained()
			return b
		}},
		"icon_filled": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconSend, tapped)
			b.SetFilled(true)
			return b
		}},
		"icon_disabled": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconSend, tapped)
			b.Disable()
			return b
		}},
		"action":         {120, 36, func() fyne.CanvasObject { return NewActionButton(Action{Text: "Invite"}) }},
		"action_primary": {120, 36, func() fyne.CanvasObject { return NewActionButton(Action{Text: "Start", Primary: true}) }},
		"action_text":    {120, 28, func() fyne.CanvasObject { return NewTextButton(Action{Text: "Sign in"}) }},
		"header": {500, 56, func() fyne.CanvasObject {
			h := NewHeader(NewIconButton(assets.IconMenu, tapped))
			h.Set(HeaderData{Face: alice, Title: "Alice Martin", Subtitle: "online"})
			return h
		}},
		"header_narrow": {320, 56, func() fyne.CanvasObject {
			h := NewHeader(NewIconButton(assets.IconMenu, tapped))
			h.Set(HeaderData{Face: alice, Title: "Bartholomew Featherstonehaugh of Kent", Subtitle: "typing…", Active: true})
			h.ShowBack(true)
			return h
		}},
		"header_empty": {500, 56, func() fyne.CanvasObject { return NewHeader() }},
		"banner_amber": {500, 36, func() fyne.CanvasObject {
			return NewBanner(BannerData{Kind: BannerAmber, Text: "No network.", Actions: []Action{{Text: "Retry now"}}})
		}},
		"banner_red": {500, 36, func() fyne.CanvasObject {
			return NewBanner(BannerData{Kind: BannerRed, Text: "Signed out.", Actions: []Action{{Text: "Sign in"}, {Text: "Later"}}})
		}},
		"banner_neutral": {300, 36, func() fyne.CanvasObject {
			return NewBanner(BannerData{Text: "Version 1.3 is ready, and these words do not fit on the line"})
		}},
		"footer": {320, 28, func() fyne.CanvasObject {
			f := NewConnectionFooter()
			f.Set(LinkOnline, "Connected", Action{})
			return f
		}},
		"footer_trying": {320, 28, func() fyne.CanvasObject {
			f := NewConnectionFooter()
			f.Set(LinkTrying, "Reconnecting in 4 s", Action{Text: "Retry"})
			return f
		}},
		"empty": {500, 400, func() fyne.CanvasObject {
			return NewEmptyState(ColorChatBackground, EmptyData{
				Icon: assets.IconChat, Text: "Select a conversation", Detail: "Or begin one",
				Keys:    []KeyHint{{"Ctrl+K", "find a chat"}, {"Ctrl+N", "new chat"}},
				Actions: []Action{{Text: "New chat", Primary: true}, {Text: "Invite"}},
			})
		}},
		"toast": {90, 36, func() fyne.CanvasObject { return NewToast("Copied") }},
		"card":  {600, 200, func() fyne.CanvasObject { return NewCard(440, widget.NewLabel("Welcome.")) }},
		"drop": {480, 360, func() fyne.CanvasObject {
			z := NewDropZones()
			z.Set("Drop to send to Alice", ZonePhotos)
			return z
		}},
		"field": {240, 36, func() fyne.CanvasObject { return NewSearchField("Search") }},
		"composer": {500, 52, func() fyne.CanvasObject {
			return NewComposer("Message Alice…")
		}},
		"composer_written": {500, 90, func() fyne.CanvasObject {
			c := NewComposer("Message Alice…")
			c.SetText("Two\nlines")
			return c
		}},
		"viewer": {500, 400, func() fyne.CanvasObject {
			v := NewPhotoViewer()
			v.OnSave = func() {}
			v.Set(PhotoViewerData{
				Photo: NewPhoto(somePicture(600, 400)), Title: "holiday.png", Detail: "Alice, 14:02", Before: true, Behind: true,
			})
			return v
		}},
		"viewer_empty": {500, 400, func() fyne.CanvasObject {
			v := NewPhotoViewer()
			v.Set(PhotoViewerData{Title: "holiday.png"})
			return v
		}},
		"composer_attach": {500, 52, func() fyne.CanvasObject {
			c := NewComposer("Message Alice…")
			c.OnAttach = func() {}
			return c
		}},
		"attachments": {360, 180, func() fyne.CanvasObject {
			l := NewAttachmentList()
			l.SetItems([]Attachment{
				{Name: "holiday.png", Detail: "2.4 MB", Photo: NewPhoto(somePicture(60, 40))},
				{Name: "report.pdf", Detail: "This file can't be read", Alarm: true},
			})
			return l
		}},
		"composer_refused": {500, 52, func() fyne.CanvasObject {
			c := NewComposer("Message Alice…")
			c.SetRefused("You are no longer in this group")
			return c
		}},
		"composer_reply": {500, 96, func() fyne.CanvasObject {
			c := NewComposer("Message Alice…")
			c.OnEmoji = func(fyne.Position) {}
			c.SetStrip(&Strip{Icon: assets.IconReply, Title: "Reply to Alice", Text: "See you\nthen"})
			return c
		}},
		"jump": {46, 46, func() fyne.CanvasObject { return newJumpButton(tapped) }},
		"jump_count": {46, 46, func() fyne.CanvasObject {
			b := newJumpButton(tapped)
			b.setCount(120)
			return b
		}},
	}
}

func rowStates() map[string]ChatRow {
	face := Face{Key: "alice", Name: "Alice Martin"}
	row := func(change func(*ChatRow)) ChatRow {
		r := ChatRow{Key: "alice", Face: face, Name: "Alice Martin", Time: "14:02", Preview: "See you then"}
		change(&r)
		return r
	}
	return map[string]ChatRow{
		"plain":     row(func(*ChatRow) {}),
		"read":      row(func(r *ChatRow) { r.State = StateRead }),
		"waiting":   row(func(r *ChatRow) { r.State = StateWaiting }),
		"failed":    row(func(r *ChatRow) { r.State = StateFailed }),
		"unread":    row(func(r *ChatRow) { r.Unread = 5 }),
		"unread_99": row(func(r *ChatRow) { r.Unread, r.Muted = 240, true }),
		"pinned":    row(func(r *ChatRow) { r.Pinned, r.Muted = true, true }),
		"draft":     row(func(r *ChatRow) { r.Draft, r.State = "I was going to", StateSent }),
		"typing":    row(func(r *ChatRow) { r.Typing = "typing…" }),
		"deleted":   row(func(r *ChatRow) { r.Deleted, r.Preview, r.State = true, "This message was deleted", StateRead }),
		"mention":   row(func(r *ChatRow) { r.Mention, r.Unread, r.Muted, r.Sender = true, 3, true, "Bob" }),
		"picture": row(func(r *ChatRow) {
			r.Face.Picture, r.Face.Online = NewPicture(image.NewGray(image.Rect(0, 0, 4, 4))), true
		}),
		"group": row(func(r *ChatRow) { r.Sender, r.Face.Group = "Bob", true }),
		"long": row(func(r *ChatRow) {
			r.Name = "Bartholomew Maximilian Featherstonehaugh-Cholmondeley of Kent"
			r.Preview, r.Unread = "One line\nand another\nand another\nand a fourth one", 12
		}),
	}
}

func messageStates() map[string][]MessageItem {
	own := func(s MessageState) []MessageItem {
		return []MessageItem{{Key: 1, Own: true, Text: "On my way", Time: "14:02", State: s}}
	}
	failed := own(StateFailed)
	failed[0].FailedReason = "You are no longer a member of this group"
	m := map[string][]MessageItem{
		"peer":      {{Key: 1, Text: "Hello", Time: "14:02", Day: "Today"}},
		"waiting":   own(StateWaiting),
		"sent":      own(StateSent),
		"delivered": own(StateDelivered),
		"read":      own(StateRead),
		"failed":    failed,
		"edited":    {{Key: 1, Text: "A message that is long enough for two lines of it", Time: "14:02", Edited: true}},
		"emoji":     {{Key: 1, Text: "😀", Time: "14:02"}},
		"link":      {{Key: 1, Text: "See https://example.org/a.", Time: "14:02"}},
		"system":    {{Key: 1, Kind: MessageSystem, Text: "Alice changed the name"}},
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
			{Key: 1, Own: true, Text: "a", Time: "14:02", At: 10, State: StateRead},
			{Key: 2, Own: true, Text: "b", Time: "14:03", At: 70, State: StateRead},
			{Key: 3, Own: true, Text: "c", Time: "14:03", At: 80, State: StateSent},
		},
	}
	peer := func(change func(*MessageItem)) []MessageItem {
		it := MessageItem{Key: 1, Text: "Has anybody seen it?", Time: "14:02", SenderKey: "bob", SenderName: "Bob"}
		change(&it)
		return []MessageItem{it}
	}
	mine := func(change func(*MessageItem)) []MessageItem {
		items := own(StateRead)
		change(&items[0])
		return items
	}
	q := Quote{SenderKey: "eve", Name: "Eve", Text: "Has anybody seen the plan for Thursday, or Friday?"}
	place := Place{Title: "Café", Latitude: 48.87, Longitude: -2.33}
	m["quote"] = peer(func(it *MessageItem) { it.Quote = &q })
	m["quote_own"] = mine(func(it *MessageItem) { it.Quote = &Quote{Name: "Eve", Text: "Deleted", Deleted: true} })
	m["forwarded"] = peer(func(it *MessageItem) { it.Forwarded = "Forwarded" })
	m["deleted"] = peer(func(it *MessageItem) { it.Deleted, it.Text, it.Quote = true, "This message was deleted", &q })
	m["deleted_own"] = mine(func(it *MessageItem) { it.Deleted, it.Text = true, "This message was deleted" })
	m["reactions"] = peer(func(it *MessageItem) {
		it.Reactions = []Reaction{{"👍", 3, true}, {"🎉", 1, false}, {"❤️", 120, false}}
	})
	m["reactions_own"] = mine(func(it *MessageItem) { it.Reactions = []Reaction{{"👍", 2, false}, {"😂", 1, true}} })
	m["mention"] = peer(func(it *MessageItem) { it.Text, it.Mentions = "Hello @Alice!", []Range{{6, 12}} })
	m["place"] = peer(func(it *MessageItem) { it.Text, it.Place = "", &place })
	m["place_own"] = mine(func(it *MessageItem) { it.Place = &Place{} })
	return m
}

// messageMarks are lists in which something is marked for the time being.
func messageMarks() map[string]golden {
	hovered := func(items []MessageItem, x float32) func() fyne.CanvasObject {
		return func() fyne.CanvasObject {
			l := NewMessageList()
			l.OnReact, l.OnMenu = func(int64, fyne.Position) {}, func(int64, fyne.Position) {}
			l.OnReply = func(int64) {}
			l.SetItems(items)
			l.Resize(fyne.NewSize(420, 220))
			l.MouseIn(pointerAt(x, 190))
			return l
		}
	}
	states := messageStates()
	return map[string]golden{
		"message_tools":     {420, 220, hovered(states["peer"], 40)},
		"message_tools_own": {420, 220, hovered(states["read"], 30)},
		"message_flash": {420, 220, func() fyne.CanvasObject {
			l := NewMessageList()
			l.SetItems(states["joined"])
			l.SetFlash(2)
			return l
		}},
		"message_found": {420, 220, func() fyne.CanvasObject {
			l := NewMessageList()
			l.SetItems(states["edited"])
			l.SetFind("MESSAGE is")
			return l
		}},
	}
}

// listStates are the lists of things found, of members and of people to pick.
func listStates() map[string]golden {
	alice, team := Face{Key: "alice", Name: "Alice Martin"}, Face{Key: "team", Name: "Team", Group: true}
	return map[string]golden{
		"search": {320, 300, func() fyne.CanvasObject {
			r := NewSearchResults()
			r.SetSections([]SearchSection{
				{Title: "People", Rows: []SearchRow{{Key: "a", Face: alice, Name: "Alice Martin"}}, More: "Show all 12"},
				{Title: "Messages", Rows: []SearchRow{
					{Key: "b", Face: team, Name: "Team", Snippet: "the plan", Found: []Range{{4, 8}}, Time: "Mon"},
				}},
			})
			return r
		}},
		"search_none": {320, 300, func() fyne.CanvasObject {
			r := NewSearchResults()
			r.SetEmpty(EmptyData{Icon: assets.IconSearch, Text: "Nothing for “xyz”"})
			return r
		}},
		"info": {300, 700, func() fyne.CanvasObject {
			members := NewMemberList()
			members.SetMembers([]Member{
				{Key: "a", Face: alice, Name: "Alice Martin", Role: "owner", Status: "online", Active: true},
				{Key: "b", Face: Face{Name: "Bob"}, Name: "Bob"},
			})
			on := NewInfoSwitch(assets.IconBell, "Notifications")
			on.Set(true)
			off := NewInfoSwitch("", "Only mentions")
			off.SetDetail("until 18:00")
			name := NewInfoEdit("Name", "Team", "Name", 3)
			name.SetError("At most 3 characters")
			return NewInfoPanel("Group",
				NewInfoHead(InfoHeadData{Face: team, Title: "Team", Subtitle: "2 members", Editable: true}),
				name, NewInfoField("Address", "team@example.org"), NewInfoSection(""), on, off, NewInfoSection("Members"), members,
				NewInfoAction(assets.IconUserPlus, "Add members", nil), NewInfoDanger(assets.IconLeave, "Leave", nil))
		}},
		"picker": {320, 480, func() fyne.CanvasObject {
			p := NewPickerList(PickerData{Placeholder: "Search", Button: "Add", Limit: 20})
			p.SetPeople([]Person{
				{Key: "a", Face: alice, Name: "Alice Martin", Detail: "online"},
				{Key: "b", Face: Face{Name: "Bob"}, Name: "Bob", Detail: "already a member", Fixed: true},
				{Key: "c", Face: Face{Name: "Eve"}, Name: "Eve"},
			})
			p.SetPicked([]string{"a"})
			return p
		}},
		"picker_none": {320, 400, func() fyne.CanvasObject {
			return NewPickerList(PickerData{Placeholder: "Search", Button: "Add", Empty: "No contacts yet"})
		}},
		"receipts": {300, 300, func() fyne.CanvasObject {
			return NewReceipts([]Receipt{
				{Face: alice, Name: "Alice Martin", Delivered: "14:02", Read: "14:03"}, {Face: Face{Name: "Bob"}, Name: "Bob"},
			})
		}},
		"reactionbar": {260, 36, func() fyne.CanvasObject {
			b := NewReactionBar(QuickReactions(), "👍")
			b.OnMore = func() {}
			return b
		}},
		"findbar": {400, 48, func() fyne.CanvasObject {
			b := NewFindBar()
			b.SetQuery("plan")
			b.SetCount(2, 7)
			return b
		}},
		"findbar_none": {400, 48, func() fyne.CanvasObject {
			b := NewFindBar()
			b.SetQuery("plan")
			return b
		}},
	}
}

// allStates returns every widget in every state.
func allStates() map[string]golden {
	all := partStates()
	for name, row := range rowStates() {
		all["row_"+name] = golden{320, 64, func() fyne.CanvasObject {
			l := NewChatList()
			l.SetRows([]ChatRow{row})
			return l
		}}
	}
	all["row_selected"] = golden{320, 128, func() fyne.CanvasObject {
		l := NewChatList()
		rows := rowStates()
		first, second := rows["plain"], rows["read"]
		second.Key = "bob"
		l.SetRows([]ChatRow{first, second})
		l.SetSelected("bob")
		l.FocusGained()
		l.MouseIn(pointerAt(100, 10))
		return l
	}}
	maps.Copy(all, messageMarks())
	maps.Copy(all, fileStates())
	maps.Copy(all, voiceStates())
	maps.Copy(all, composerStates())
	maps.Copy(all, listStates())
	for name, items := range messageStates() {
		all["message_"+name] = golden{420, 220, func() fyne.CanvasObject {
			l := NewMessageList()
			l.SetItems(items)
			return l
		}}
	}
	return all
}

// A changed one is written to testdata/failed/golden: look at it, and copy it over if that is what was meant.
func TestGolden(t *testing.T) {
	for name, g := range allStates() {
		t.Run(name, func(t *testing.T) {
			useTheme(t, VariantLight)
			w := inWindow(t, g.make(), g.w, g.h)
			test.AssertRendersToMarkup(t, "golden/"+name+".xml", w.Canvas())
		})
	}
}

// What was shown in light and is then switched looks, to the pixel, like what is made in dark.
func TestThemeSwitch(t *testing.T) {
	for name, g := range allStates() {
		t.Run(name, func(t *testing.T) {
			a := useTheme(t, VariantLight)
			w := inWindow(t, g.make(), g.w, g.h)
			light := w.Canvas().Capture()
			a.Settings().SetTheme(NewTheme(VariantDark))
			got := w.Canvas().Capture()
			want := inWindow(t, g.make(), g.w, g.h).Canvas().Capture()
			if samePixels(got, light) {
				t.Error("nothing changed")
			}
			if !samePixels(got, want) {
				t.Error("not all of it changed")
			}
		})
	}
}

func samePixels(a, b image.Image) bool {
	x, okX := a.(*image.NRGBA)
	y, okY := b.(*image.NRGBA)
	return okX && okY && x.Rect == y.Rect && bytes.Equal(x.Pix, y.Pix)
}
