package chat_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

const group = 7

// openGroup opens a group of this user, its owner, with Alice and Bob.
func (f *fixture) openGroup() *fixture {
	f.backend.AddGroup(group, "Book club", "alice", "bob")
	cfg := f.config()
	cfg.Peer, cfg.GroupID, cfg.Title = "", group, "Book club"
	f.Model = chat.NewModel(cfg)
	return f
}

// sendNow sends a text and has the server take it.
func (f *fixture) sendNow(t *testing.T, text string) chat.Message {
	t.Helper()
	want(t, "sent", f.Send(text), true)
	key := apptest.Key(f.Peer(), f.GroupID())
	f.StatusChanged(f.backend.SetStatus(key, f.last().ID(), mesibo.MsgStatusSent), mesibo.MsgStatusSent)
	return f.last()
}

func TestModel_Reply(t *testing.T) {
	f := prepare()
	asked := f.backend.Receive(peer, "When?")
	f.open()
	want(t, "reply", f.Reply(asked.Key()), true)
	strip, _ := f.Strip()
	want(t, "strip", strip, chat.Strip{Title: "Reply to Alice", Text: "When?"})
	answer := f.sendNow(t, "At noon")
	want(t, "answers", answer.RefID, asked.Mid)
	want(t, "told the server", f.backend.Params[0].RefID, asked.Mid)
	if _, ok := f.Strip(); ok {
		t.Error("strip after sending: got one, want none")
	}
	quoted, ok := f.Quoted(answer)
	want(t, "quoted", quoted.Text, "When?")
	want(t, "there is a quote", ok, true)

	f.Removed(asked.Mid)
	quoted, _ = f.Quoted(answer)
	want(t, "taken back", quoted.Preview(), chat.DeletedWords())
	f.Delete(asked.Key(), false)
	quoted, ok = f.Quoted(answer)
	want(t, "deleted here", quoted.Mid, 0)
	want(t, "and yet a quote", ok, true)
	f.ShowQuoted(answer.Key())
	want(t, "notice", f.TakeNotice(), "The message this one answers is not here any more.")
}

func TestModel_ReplyToWhatIsNotSent(t *testing.T) {
	f := prepare().open()
	f.Send("one")
	want(t, "reply to a waiting message", f.Reply(f.last().Key()), false)
	want(t, "to nothing", f.Reply(4711), false)
}

func TestModel_ShowQuotedFarAway(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 3000, f.queue.Now())
	rows := f.backend.Chats[peer]
	rows[2999].RefID = rows[10].Mid
	f.open()
	f.ShowQuoted(f.last().Key())
	want(t, "view", f.TakeView(), chat.View{Kind: chat.ViewMessage, Key: rows[10].Key()})
	want(t, "lit up", f.Flash(), rows[10].Key())
	f.queue.Advance(2 * time.Second)
	want(t, "lit up later", f.Flash(), 0)
}

func TestModel_Edit(t *testing.T) {
	f := prepare().open()
	f.SetDraft("half a")
	f.Send("Hello Bbo")
	f.SetDraft("half a")
	waiting := f.last()
	want(t, "edit what waits", f.EditLast(), false)
	f.StatusChanged(f.backend.SetStatus(peer, waiting.ID(), mesibo.MsgStatusSent), mesibo.MsgStatusSent)
	want(t, "edit", f.EditLast(), true)
	text, _ := f.TakeText()
	want(t, "in the composer", text, "Hello Bbo")
	f.SetDraft("Hello Bob") // what is typed now is no draft
	want(t, "draft", f.Draft(), "half a")
	f.Send("Hello Bob")
	want(t, "text", f.last().Text, "Hello Bob")
	want(t, "edited", f.last().Edited, true)
	text, _ = f.TakeText()
	want(t, "the draft comes back", text, "half a")
	if got, want := f.backend.Calls, []string{`edit "Hello Bbo" to "Hello Bob"`}; !slices.Equal(got, want) {
		t.Errorf("asked: got %q, want %q", got, want)
	}
}

func TestModel_EditRefused(t *testing.T) {
	f := prepare().open()
	f.sendNow(t, "one")
	f.EditLast()
	f.TakeText()
	f.backend.Err = mesibo.ErrTooLate
	f.Send("two")
	want(t, "notice", f.TakeNotice(), "sorry: "+mesibo.ErrTooLate.Error())
	strip, ok := f.Strip()
	want(t, "still editing", ok && strip.Edit, true)
	f.CancelStrip()
	if _, ok := f.Strip(); ok {
		t.Error("after Escape: got a strip, want none")
	}
	want(t, "text", f.last().Text, "one")
}

func TestModel_Can(t *testing.T) {
	old := func(f *fixture) { f.queue.Advance(2 * time.Hour) }
	tests := []struct {
		name string
		own  bool
		then func(f *fixture)
		want string
	}{
		{"own", true, nil, "copy reply edit forward react info delete recall"},
		{"own, old", true, old, "copy reply forward react info delete"},
		{"hers", false, nil, "copy reply forward react delete"},
		{"taken back", true, func(f *fixture) { f.Removed(f.last().Mid) }, "delete"},
		{"blocked", true, func(f *fixture) {
			p := f.backend.Profiles[peer]
			p.BlockMessages(true)
			f.backend.Profiles[peer] = p
			f.PeopleChanged("Alice")
		}, "copy forward info delete recall"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare().open()
			if tt.own {
				f.sendNow(t, "hello")
			} else {
				f.Received(f.backend.Receive(peer, "hello"))
			}
			if tt.then != nil {
				tt.then(f)
			}
			want(t, "can", actionWords(f.Can(f.last())), tt.want)
		})
	}
}

func actionWords(a chat.Actions) string {
	var words []string
	for _, one := range []struct {
		can  bool
		word string
	}{
		{a.Copy, "copy"},
		{a.Reply, "reply"},
		{a.Edit, "edit"},
		{a.Forward, "forward"},
		{a.React, "react"},
		{a.Info, "info"},
		{a.Delete, "delete"},
		{a.Recall, "recall"},
	} {
		if one.can {
			words = append(words, one.word)
		}
	}
	return strings.Join(words, " ")
}

func TestModel_Delete(t *testing.T) {
	f := prepare().open()
	for _, text := range []string{"one", "two", "three"} {
		f.sendNow(t, text)
	}
	rows := slices.Clone(f.Messages())
	f.Delete(rows[0].Key(), false)
	f.Delete(rows[1].Key(), true)
	if got, want := f.texts(), []string{"", "three"}; !slices.Equal(got, want) {
		t.Errorf("left: got %q, want %q", got, want)
	}
	want(t, "taken back", f.Messages()[0].Deleted, true)
	f.backend.Err = errors.New("no")
	f.Delete(rows[2].Key(), true)
	want(t, "refused", f.Messages()[1].Text, "three")
	want(t, "notice", f.TakeNotice(), "sorry: no")
}

func TestModel_GroupAdminTakesBackOthers(t *testing.T) {
	f := prepare().openGroup()
	f.Received(f.backend.ReceiveIn(group, "bob", "spam"))
	want(t, "the owner may", f.Can(f.last()).Recall, true)
	f.backend.Groups[group].Members[0].Permissions.AdminFlags = 0
	f.PeopleChanged("Book club")
	want(t, "a member may not", f.Can(f.last()).Recall, false)
}

func TestModel_React(t *testing.T) {
	f := prepare()
	m := f.backend.Receive(peer, "It is done")
	f.open()
	f.React(m.Key(), "👍")
	want(t, "own", f.Reaction(m.Key()), "👍")
	theirs := f.backend.Chats[peer][0]
	apptest.Reacted(&theirs, peer, "👍")
	f.Changed(theirs)
	want(t, "counted", f.Reactions(f.last())[0], chat.ReactionCount{Emoji: "👍", Count: 2, Own: true})
	f.React(m.Key(), "👍")
	want(t, "taken away", f.Reaction(m.Key()), "")
	want(t, "text stays", f.last().Text, "It is done")
}

func TestModel_Receipts(t *testing.T) {
	f := prepare().openGroup()
	f.sendNow(t, "hello")
	f.backend.Info[f.last().ID()] = []mesibo.Receipt{
		{Address: "Bob", Delivered: time.UnixMilli(5), Read: time.UnixMilli(6)},
	}
	list, err := f.Receipts(f.last().Key())
	if err != nil || len(list) != 2 || list[0].Address != "Bob" || list[1] != (mesibo.Receipt{Address: "alice"}) {
		t.Errorf("got %+v and %v, want Bob, who has it, and alice, who has not", list, err)
	}
}

func TestModel_Refused(t *testing.T) {
	tests := []struct {
		name string
		then func(g *apptest.Group)
		want string
	}{
		{"member", func(*apptest.Group) {}, ""},
		{"left", func(g *apptest.Group) { g.Left = true }, "You are no longer in this group."},
		{"paused", func(g *apptest.Group) {
			g.Settings.Flags = mesibo.GroupFlagPause
		}, "Nobody may write in this group at present."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare().openGroup()
			tt.then(f.backend.Groups[group])
			f.PeopleChanged("Book club")
			want(t, "refused", f.Refused(), tt.want)
		})
	}
}

func TestModel_Subtitle(t *testing.T) {
	f := prepare().open()
	now := f.queue.Now()
	set := func(p mesibo.UserProfile) string {
		f.backend.Profiles[peer] = p
		f.PeopleChanged("Alice")
		return f.Subtitle()
	}
	want(t, "nothing known", set(mesibo.UserProfile{}), "")
	want(t, "online", set(mesibo.UserProfile{Online: true}), "online")
	at := func(d time.Duration) string {
		return set(mesibo.UserProfile{LastActiveTime: uint64(now.Add(-d).UnixMilli())})
	}
	want(t, "today", at(2*time.Minute), "last seen 14:00")
	want(t, "yesterday", at(20*time.Hour), "last seen yesterday, 18:02")
	want(t, "long ago", at(240*time.Hour), "last seen 6 November 2026")
	f.SetTyping("typing…")
	want(t, "typing", f.Subtitle(), "typing…")

	f = prepare().openGroup()
	want(t, "group", f.Subtitle(), "3 members")
}

func TestModel_Typing(t *testing.T) {
	const typing, cleared = mesibo.ActivityTyping, mesibo.ActivityTypingCleared
	f := prepare().open()
	for range 5 {
		f.Typed()
		f.queue.Advance(time.Second)
	}
	f.Send("hello")
	f.Typed()
	f.SetDraft("h")
	f.SetDraft("")
	f.Close()
	want := []mesibo.Activity{typing, typing, cleared, typing, cleared}
	if got := f.backend.Activities; !slices.Equal(got, want) {
		t.Errorf("sent: got %v, want %v", got, want)
	}
}

func TestModel_Find(t *testing.T) {
	f := openFilled(3000)
	f.OpenFind()
	f.Find("work")
	f.Find("workshop")
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	at, total := f.FindCount()
	want(t, "found", total, 375)
	want(t, "at", at, 1)
	hit := f.TakeView().Key
	m, _ := f.Message(hit)
	want(t, "hit", strings.Contains(m.Text, "workshop"), true)
	f.FindStep(-1)
	at, _ = f.FindCount()
	want(t, "older", at, 2)
	older, _ := f.Message(f.TakeView().Key)
	want(t, "is older", older.At.Before(m.At), true)
	f.FindStep(1)
	f.FindStep(1)
	at, _ = f.FindCount()
	want(t, "after the newest comes the oldest", at, 375)
	oldest, ok := f.Message(f.TakeView().Key)
	want(t, "loaded", ok && oldest.ID() < 10, true)
	f.CloseFind()
	want(t, "closed", f.FindOpen(), false)
}

func TestModel_FindAtHit(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 300, f.queue.Now())
	mid := f.backend.Chats[peer][3].Mid
	cfg := f.config()
	cfg.At = mid
	f.Model = chat.NewModel(cfg)
	want(t, "view", f.TakeView().Key, f.Messages()[3].Key())
	f.FindAt("workshop", mid)
	f.queue.Advance(0)
	f.queue.WorkAll(t.Context())
	at, total := f.FindCount()
	want(t, "at the oldest", at, total)
	want(t, "view stays", f.TakeView().Kind, chat.ViewKeep)
}

func TestModel_Mentions(t *testing.T) {
	f := prepare().openGroup()
	f.Send("Ask @Bob, not @bobby or mail@alice")
	if got, want := f.backend.Params[0].Mentions, []string{"bob"}; !slices.Equal(got, want) {
		t.Errorf("named: got %q, want %q", got, want)
	}
	if got, want := f.Mentionable("al"), []string{"alice"}; !slices.Equal(got, want) {
		t.Errorf("offered: got %q, want %q", got, want)
	}
}

func TestMentioned(t *testing.T) {
	tests := []struct {
		text      string
		addresses []string
		want      string
	}{
		{"@bob", []string{"bob"}, "@bob"},
		{"(@BOB)", []string{"bob"}, "@BOB"},
		{"@bob@example.org!", []string{"bob", "bob@example.org"}, "@bob@example.org"},
		{"@bo @bob2 x@bob", []string{"bob"}, ""},
		{"@bob @eva @bob", []string{"bob", "eva"}, "@bob @eva @bob"},
		{"nobody", []string{"bob"}, ""},
		{"@é @éa", []string{"é"}, "@é"},
	}
	for _, tt := range tests {
		var got []string
		for _, p := range chat.Mentioned(tt.text, tt.addresses) {
			got = append(got, tt.text[p.Start:p.End])
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("Mentioned(%q): got %q, want %q", tt.text, g, tt.want)
		}
	}
}

func TestModel_SendPlace(t *testing.T) {
	f := prepare().open()
	want(t, "nonsense", f.Send("/location here"), false)
	want(t, "notice", strings.HasPrefix(f.TakeNotice(), "Write a place like"), true)
	want(t, "sent", f.Send("/location 52.5163, 13.3777 Brandenburg Gate"), true)
	want(t, "place", *f.last().Place, mesibo.Location{Lat: 52.5163, Lon: 13.3777, Title: "Brandenburg Gate"})
	want(t, "gist", f.last().Preview(), "📍 Brandenburg Gate")
}

func FuzzParsePlace(f *testing.F) {
	for _, seed := range []string{"1 2", "91 0", "-90,180 Pole", "NaN 3", "1e400 2", "52.5;13.4; Gate", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, ok := chat.ParsePlace(text)
		if ok && !(l.Lat >= -90 && l.Lat <= 90 && l.Lon >= -180 && l.Lon <= 180) {
			t.Errorf("ParsePlace(%q): got %v, want a place on the earth", text, l)
		}
		if !ok && l != (mesibo.Location{}) {
			t.Errorf("ParsePlace(%q): got %v with false, want nothing", text, l)
		}
	})
}

func FuzzMentioned(f *testing.F) {
	f.Add("hello @bob and @eva", "bob")
	f.Add("@@bob@bob", "bob")
	f.Fuzz(func(t *testing.T, text, address string) {
		end := 0
		for _, p := range chat.Mentioned(text, []string{address}) {
			if p.Start < end || p.End <= p.Start || p.End > len(text) || text[p.Start] != '@' {
				t.Fatalf("Mentioned(%q, %q): got part %v after %d", text, address, p, end)
			}
			end = p.End
		}
	})
}
