package chat_test

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

func TestModel_Pin(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 300, f.queue.Now())
	rows := f.backend.Chats[peer]
	rows[3].Text, rows[299].Text = "The rules", strings.Repeat("long ", 40)
	f.open()
	f.TogglePin(f.last().Key())
	_, shown := f.Pinned()
	want(t, "shown", shown, true)
	want(t, "notice", f.NoticeText(f.last()), "You pinned “"+strings.Repeat("long ", 40)[:59]+"…”")
	want(t, "what can be done with the notice", f.Can(f.last()), chat.Actions{})
	f.ShowMessage(rows[3].Mid)
	f.TogglePin(rows[3].Key())
	bar, _ := f.Pinned()
	want(t, "bar", bar, widgets.PinnedData{
		Title: "Pinned message 1 of 2", Text: "The rules", Count: 2, Unpin: true,
	})
	f.ShowPinned()
	want(t, "goes to it", f.TakeView().Key, rows[3].Key())
	bar, _ = f.Pinned()
	want(t, "then the other", bar.Title, "Pinned message 2 of 2")
	f.ShowPinned()
	want(t, "goes to it", f.TakeView().Key, rows[299].Key())
	f.Unpin()
	bar, _ = f.Pinned()
	want(t, "unpinned", bar.Text, strings.Join(strings.Fields(rows[299].Text), " "))
	want(t, "notice", f.NoticeText(f.last()), "You unpinned a message")
	f.backend.Chats[peer][299].Deleted = true
	f.Removed(rows[299].Mid)
	_, shown = f.Pinned()
	want(t, "recalled", shown, false)
}

func TestModel_PinRights(t *testing.T) {
	f := prepare()
	f.backend.ReceiveIn(group, "bob", "rules")
	f.openGroup()
	want(t, "the owner may", f.Can(f.last()).Pin, true)
	f.backend.Groups[group].Members[0].Permissions.AdminFlags = 0
	f.PeopleChanged("Book club")
	want(t, "a member may not", f.Can(f.last()).Pin, false)

	rules := f.last()
	pin := f.backend.ReceiveIn(group, "alice", "")
	stored := f.backend.Chats[apptest.Key("", group)]
	stored[len(stored)-1].Pin, stored[len(stored)-1].RefID = &chat.Pin{}, rules.Mid
	f.Received(stored[len(stored)-1])
	want(t, "notice", f.NoticeText(f.last()), "Alice pinned “rules”")
	bar, _ := f.Pinned()
	want(t, "bar of a member", bar, widgets.PinnedData{Title: "Pinned message", Text: "rules", Count: 1})

	f.pinRefused(t, pin)
}

// pinRefused checks the notice of a pin that the server has refused.
func (f *fixture) pinRefused(t *testing.T, m chat.Message) {
	t.Helper()
	m.Out, m.Status, m.Pin = true, mesibo.MsgStatusNotMember, &chat.Pin{}
	want(t, "refused", f.NoticeText(m), "The message could not be pinned: only admins pin messages in this group.")
}
