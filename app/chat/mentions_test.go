package chat_test

import (
	"testing"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
)

// mention makes the last message of the group mention this user.
func (f *fixture) mention(text string) chat.Message {
	f.backend.ReceiveIn(group, "alice", text)
	rows := f.backend.Chats[apptest.Key("", group)]
	rows[len(rows)-1].Mentions = []string{apptest.Self}
	return rows[len(rows)-1]
}

func TestModel_JumpToMention(t *testing.T) {
	f := prepare()
	first := f.mention("@me one")
	for range 200 {
		f.backend.ReceiveIn(group, "bob", "talk")
	}
	second := f.mention("@me two")
	f.openGroup()
	f.queue.WorkAll(t.Context())
	want(t, "mentions", f.MentionCount(), 2)
	f.SetFocused(true)
	f.Viewed(first.Key(), first.Key(), false)
	want(t, "after the first was seen", f.MentionCount(), 1)
	f.JumpToMention()
	want(t, "view", f.TakeView(), chat.View{Kind: chat.ViewMessage, Key: second.Key()})
	want(t, "after the jump", f.MentionCount(), 0)
	third := f.mention("@me three")
	f.Received(third)
	want(t, "a new one", f.MentionCount(), 1)
	f.Viewed(second.Key(), third.Key(), true)
	want(t, "in view", f.MentionCount(), 0)
}
