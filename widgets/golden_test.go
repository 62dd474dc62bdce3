package widgets

import (
	"image"
	"maps"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// golden is a widget in one state, whose rendering is in testdata.
type golden struct {
	w, h float32
	make func() fyne.CanvasObject
}

func partStates() map[string]golden {
	alice := Face{Key: "alice", Name: "Alice Martin"}
	tapped := func() {}
	return map[string]golden{
		"avatar": {40, 40, func() fyne.CanvasObject { return NewAvatar(AvatarHeader, alice) }},
		"avatar_online": {46, 46, func() fyne.CanvasObject {
			return NewAvatar(AvatarRow, Face{Name: "Bob", Online: true})
		}},
		"avatar_group": {46, 46, func() fyne.CanvasObject {
			return NewAvatar(AvatarRow, Face{Name: "Team", Group: true})
		}},
		"avatar_saved": {46, 46, func() fyne.CanvasObject { return NewAvatar(AvatarRow, Face{Saved: true}) }},
		"avatar_robot": {32, 32, func() fyne.CanvasObject { return NewAvatar(AvatarSmall, Face{Robot: true}) }},
		"icon":         {36, 36, func() fyne.CanvasObject { return NewIconButton(assets.IconMenu, "Words", tapped) }},
		"icon_hovered": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconMenu, "Words", tapped)
			b.MouseIn(nil)
			return b
		}},
		"icon_focused": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconMenu, "Words", tapped)
			b.FocusGained()
			return b
		}},
		"icon_filled": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconSend, "Words", tapped)
			b.SetFilled(true)
			return b
		}},
		"icon_disabled": {36, 36, func() fyne.CanvasObject {
			b := NewIconButton(assets.IconSend, "Words", tapped)
			b.Disable()
			return b
		}},
		"stickers": {240, 96, func() fyne.CanvasObject {
			r := newStickerRow()
			r.set([]*Photo{NewPhoto(widgettest.Picture(56, 40)), NewPhoto(widgettest.Picture(40, 56))})
			r.point(1)
			return r
		}},
		"action": {120, 36, func() fyne.CanvasObject { return NewActionButton(Action{Text: "Invite"}) }},
		"action_primary": {120, 36, func() fyne.CanvasObject {
			return NewActionButton(Action{Text: "Start", Primary: true})
		}},
		"action_text": {120, 28, func() fyne.CanvasObject { return NewTextButton(Action{Text: "Sign in"}) }},
		"header": {500, 56, func() fyne.CanvasObject {
			h := NewHeader(NewIconButton(assets.IconMenu, "Words", tapped))
			h.Set(HeaderData{Face: alice, Title: "Alice Martin", Subtitle: "online"})
			return h
		}},
		"header_narrow": {320, 56, func() fyne.CanvasObject {
			h := NewHeader(NewIconButton(assets.IconMenu, "Words", tapped))
			h.Set(HeaderData{
				Face: alice, Title: "Bartholomew Featherstonehaugh of Kent", Subtitle: "typing…", Active: true,
			})
			h.ShowBack(true)
			return h
		}},
		"selectbar": {640, 56, func() fyne.CanvasObject {
			b := NewSelectBar()
			b.Set(SelectData{Count: 3, Copy: true, Forward: true, Delete: true})
			return b
		}},
		"selectbar_narrow": {380, 56, func() fyne.CanvasObject {
			b := NewSelectBar()
			b.Set(SelectData{Count: 100, Copy: true, Save: true, Forward: true, Delete: true})
			return b
		}},
		"pinned": {500, 44, func() fyne.CanvasObject {
			b := NewPinnedBar()
			b.Set(PinnedData{Title: "Pinned message 2 of 3", Text: "We meet at noon", At: 1, Count: 3, Unpin: true})
			return b
		}},
		"pinned_one": {320, 44, func() fyne.CanvasObject {
			b := NewPinnedBar()
			b.Set(PinnedData{Title: "Pinned message", Text: "We meet at noon, or a little later if the train is late", Count: 1})
			return b
		}},
		"shared_grid": {300, 200, func() fyne.CanvasObject {
			l := NewSharedList()
			l.SetItems([]SharedItem{
				{Icon: assets.IconImage, Photo: NewPhoto(widgettest.Picture(60, 40))},
				{Icon: assets.IconImage},
				{Icon: assets.IconVideo, Label: "1:23"},
				{Icon: assets.IconImage},
			}, true)
			l.FocusGained()
			return l
		}},
		"shared_rows": {300, 120, func() fyne.CanvasObject {
			l := NewSharedList()
			l.SetItems([]SharedItem{
				{Title: "A plan with a rather long name for it.txt", Detail: "7 B · You, Today", Icon: assets.IconFile},
				{Title: "example.org", Detail: "https://www.example.org/trip", Icon: assets.IconLink},
			}, false)
			return l
		}},
		"header_empty": {500, 56, func() fyne.CanvasObject { return NewHeader() }},
		"banner_amber": {500, 36, func() fyne.CanvasObject {
			return NewBanner(BannerData{Kind: BannerAmber, Text: "No network.", Actions: []Action{{Text: "Retry now"}}})
		}},
		"banner_red": {500, 36, func() fyne.CanvasObject {
			return NewBanner(BannerData{
				Kind: BannerRed, Text: "Signed out.", Actions: []Action{{Text: "Sign in"}, {Text: "Later"}},
			})
		}},
		"banner_green": {500, 36, func() fyne.CanvasObject {
			return NewBanner(BannerData{
				Kind: BannerGreen, Text: "On call with Bob 03:12", Actions: []Action{{Text: "Return"}, {Text: "Hang up"}},
			})
		}},
		"info_buttons": {300, 62, func() fyne.CanvasObject {
			hovered := NewInfoButton(assets.IconPhone, "Call", tapped)
			hovered.MouseIn(nil)
			focused := NewInfoButton(assets.IconVideo, "Video", tapped)
			focused.FocusGained()
			return NewInfoButtons(NewInfoButton(assets.IconChat, "Message", tapped), hovered, focused)
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
				Icon: assets.IconChat, Text: "Select a chat", Detail: "Or begin one",
				Keys:    []KeyHint{{"Ctrl+K", "find a chat"}, {"Ctrl+N", "new chat"}},
				Actions: []Action{{Text: "New chat", Primary: true}, {Text: "Invite"}},
			})
		}},
		"toast": {90, 36, func() fyne.CanvasObject { return NewToast("Copied") }},
		"toast_action": {220, 36, func() fyne.CanvasObject {
			t := NewToast("")
			t.Set("Message deleted", Action{Text: "Undo"})
			return t
		}},
		"card": {600, 200, func() fyne.CanvasObject { return NewCard(440, widget.NewLabel("Welcome.")) }},
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
				Photo: NewPhoto(widgettest.Picture(600, 400)), Title: "holiday.png", Detail: "Alice, 14:02",
				Before: true, Behind: true,
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
				{Name: "holiday.png", Detail: "2.4 MB", Photo: NewPhoto(widgettest.Picture(60, 40))},
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
		"composer_page": {500, 140, func() fyne.CanvasObject {
			c := NewComposer("Message Alice…")
			c.SetText("See https://example.org/a")
			c.SetStrip(&Strip{Icon: assets.IconReply, Title: "Reply to Alice", Text: "See you then"})
			c.SetPreview(&Strip{
				Icon: assets.IconLink, Title: "How to plan a trip", Text: "Example · Where to go", Photo: NewPhoto(widgettest.Picture(60, 40)),
			})
			return c
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
		"plain":   row(func(*ChatRow) {}),
		"read":    row(func(r *ChatRow) { r.State = StateRead }),
		"waiting": row(func(r *ChatRow) { r.State = StateWaiting }),
		"failed":  row(func(r *ChatRow) { r.State = StateFailed }),
		"missed":  row(func(r *ChatRow) { r.Preview, r.Call, r.Unread = "Missed call", CallMissed, 1 }),
		"called": row(func(r *ChatRow) {
			r.Preview, r.Call, r.Sender, r.Face.Group = "Group call, 3:12", CallOut, "You", true
		}),
		"unread":    row(func(r *ChatRow) { r.Unread = 5 }),
		"unread_99": row(func(r *ChatRow) { r.Unread, r.Muted = 240, true }),
		"pinned":    row(func(r *ChatRow) { r.Pinned, r.Muted = true, true }),
		"draft":     row(func(r *ChatRow) { r.Draft, r.State = "I was going to", StateSent }),
		"typing":    row(func(r *ChatRow) { r.Typing = "typing…" }),
		"deleted": row(func(r *ChatRow) {
			r.Deleted, r.Preview, r.State = true, "This message was deleted", StateRead
		}),
		"calling": row(func(r *ChatRow) { r.Calling, r.Muted, r.Face.Group = true, true, true }),
		"mention": row(func(r *ChatRow) { r.Mention, r.Unread, r.Muted, r.Sender = true, 3, true, "Bob" }),
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

// listStates are lists of results, members and people, and the find bar.
func listStates() map[string]golden {
	alice, team := Face{Key: "alice", Name: "Alice Martin"}, Face{Key: "team", Name: "Team", Group: true}
	return map[string]golden{
		"search": {320, 300, func() fyne.CanvasObject {
			r := NewSearchResults()
			r.SetSections([]SearchSection{
				{
					Title: "People", More: "Show all 12",
					Rows: []SearchRow{{Key: "a", Face: alice, Name: "Alice Martin"}},
				},
				{Title: "Messages", Rows: []SearchRow{
					{
						Key: "b", Face: team, Name: "Team", Snippet: "the plan",
						Found: []Range{{Start: 4, End: 8}}, Time: "Mon",
					},
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
				name, NewInfoField("Address", "team@example.org"), NewInfoSection(""), on, off,
				NewInfoSection("Members"), members,
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
		"call_list": {340, 200, func() fyne.CanvasObject {
			return NewCallList([]PastCall{
				{Face: alice, Name: "Alice Martin", Words: "Missed call", Time: "14:02", Arrow: CallMissed},
				{Face: Face{Name: "Bob"}, Name: "Bob", Words: "Outgoing video call, 3:12", Time: "Mon", Arrow: CallOut},
				{Face: alice, Name: "Alice Martin", Words: "Incoming call, 0:12", Time: "Mon", Arrow: CallIn},
			})
		}},
		"receipts": {300, 300, func() fyne.CanvasObject {
			return NewReceipts([]Receipt{
				{Face: alice, Name: "Alice Martin", Delivered: "14:02", Read: "14:03"},
				{Face: Face{Name: "Bob"}, Name: "Bob"},
			})
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
		l.MouseIn(widgettest.PointerAt(100, 10))
		return l
	}}
	maps.Copy(all, composerStates())
	maps.Copy(all, listStates())
	maps.Copy(all, callStates())
	maps.Copy(all, meetingStates())
	maps.Copy(all, settingStates())
	return all
}

// A rendering that differs is written to testdata/failed/golden: look at it, and copy it over its twin if it is right.
func TestGolden(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	for name, g := range allStates() {
		t.Run(name, func(t *testing.T) { widgettest.Renders(t, name, g.w, g.h, g.make) })
	}
}

// A change of theme leaves the same pixels as a widget that was created in the new one.
func TestThemeSwitch(t *testing.T) {
	s := widgettest.NewThemeSwitch(t, NewTheme(VariantLight))
	for name, g := range allStates() {
		s.Show(name, g.w, g.h, g.make)
	}
	s.To(NewTheme(VariantDark))
}

func callStates() map[string]golden {
	bob := Face{Key: "bob", Name: "Bob Keller"}
	tapped := func() {}
	end := CallAction{Icon: assets.IconHangUp, Text: "Hang up", Kind: CallButtonEnd, Tapped: tapped}
	talking := []CallAction{
		{Icon: assets.IconMicOff, Text: "Unmute", Kind: CallButtonOn, Tapped: tapped},
		{Icon: assets.IconVideo, Text: "Camera off", Tapped: tapped},
		{Icon: assets.IconComputer, Text: "Share screen", Tapped: tapped, Disabled: true},
		{Icon: assets.IconPause, Text: "Hold", Tapped: tapped},
		end,
	}
	state := func(d CallData, remote, own bool) func() fyne.CanvasObject {
		return func() fyne.CanvasObject {
			d.Face, d.Name, d.Remote, d.Own = bob, "Bob Keller", remote, own
			v := NewCallView(d)
			if remote {
				v.ShowRemote(image.NewRGBA(image.Rect(0, 0, 8, 6)))
			}
			if own {
				v.ShowOwn(image.NewRGBA(image.Rect(0, 0, 8, 6)))
			}
			return v
		}
	}
	return map[string]golden{
		"call_ring": {480, 540, state(CallData{Status: "Incoming voice call", Actions: []CallAction{
			{Icon: assets.IconHangUp, Text: "Decline", Kind: CallButtonEnd, Tapped: tapped},
			{Icon: assets.IconPhone, Text: "Answer", Kind: CallButtonAnswer, Tapped: tapped},
		}}, false, false)},
		"call_talk": {480, 540, state(CallData{
			Status: "03:12", Note: "Bob is muted", Warning: "The call goes on without a camera", Signal: true, Bars: 3,
			Route: "relayed", Actions: talking,
			Waiting: BannerData{Kind: BannerGreen, Text: "Carol is calling", Actions: []Action{{Text: "Decline"}}},
		}, false, true)},
		"call_video": {640, 596, state(CallData{
			Status: "03:12", Note: "Bob is muted", Signal: true, Bars: 2, Route: "direct", Actions: talking,
		}, true, true)},
		"call_failed": {
			480,
			540,
			state(CallData{Status: "No answer", Problem: true, Actions: []CallAction{end}}, false, false),
		},
	}
}
