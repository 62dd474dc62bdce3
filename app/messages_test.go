package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

const ctrl = fyne.KeyModifierShortcutDefault

// update reports to the program that a message carries something else now.
func (f *fixture) update(key string, m chat.Message) {
	f.t.Helper()
	l, ok := f.backend.Listeners[0].(mesibo.MessageUpdateListener)
	if !ok {
		f.t.Fatal("the program does not listen to updates")
	}
	l.OnMessageUpdate(apptest.Params(key, m), []byte(m.Text))
	f.queue.Drain()
}

// sent writes a message to the open chat, which the server takes.
func (f *fixture) sent(key, text string) chat.Message {
	f.t.Helper()
	f.Type(text)
	f.Key(fyne.KeyReturn)
	f.status(key, mesibo.MsgStatusSent)
	rows := f.backend.Chats[key]
	return rows[len(rows)-1]
}

func (f *fixture) icon(icon assets.Icon) {
	f.t.Helper()
	if !apptest.PressIcon(f.Canvas(), icon) {
		f.t.Fatalf("icon %q: not in the window", icon)
	}
	f.queue.Drain()
}

func (f *fixture) wantCalls(want ...string) {
	f.t.Helper()
	if !slices.Equal(f.backend.Calls, want) {
		f.t.Errorf("asked of the SDK: got %q, want %q", f.backend.Calls, want)
	}
}

func TestReply(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 300, f.queue.Now())
	rows := f.backend.Chats["alice"]
	rows[299].RefID, rows[299].Text = rows[4].Mid, "Found it"
	rows[4].Text = "The very old question"
	f.start()
	f.Press("Alice Martin")
	f.Wants("The very old question") // in the quote
	f.PressRight("Found it")
	f.Press("Reply")
	f.Wants("Reply to", "Found it")
	f.Type("Thank you")
	f.Key(fyne.KeyReturn)
	if got, want := f.backend.Params[0].RefID, rows[299].Mid; got != want {
		t.Errorf("answers: got %x, want %x", got, want)
	}
	f.Press("The very old question")
	f.Wants("04:12") // the time of the original, which was not loaded
	f.Key(fyne.KeyEscape)
	f.Wants("Thank you")
	f.Keys(ctrl, fyne.KeyUp)
	f.Keys(ctrl, fyne.KeyUp)
	f.Type("r")
	f.Wants("Reply to yourself")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Reply to")
}

func TestEdit(t *testing.T) {
	f := prepare(t).start()
	f.app.SetForeground(true)
	f.Press("Echo")
	f.sent("echo", "Hte cat")
	f.Key(fyne.KeyUp)
	f.Wants("Edit message")
	for range len("Hte cat") {
		f.Key(fyne.KeyBackspace)
	}
	f.Type("The cat")
	f.Key(fyne.KeyReturn)
	f.Wants("The cat", "edited")
	f.WantsNot("Edit message", "Hte cat")
	f.wantCalls(`edit "Hte cat" to "The cat"`)

	theirs := f.backend.Receive("echo", "Hte dog")
	f.listener().OnReceived(apptest.Message("echo", theirs))
	f.queue.Drain()
	if err := f.backend.SendUpdate(mesibo.MessageParams{}, theirs.Mid, []byte("The dog")); err != nil {
		t.Fatal(err)
	}
	theirs.Text, theirs.Edited = "The dog", true
	f.update("echo", theirs)
	f.Wants("The dog")
	f.WantsNot("Hte dog")
	f.wantTitle("Echo – Parley")
}

func TestDelete(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.sent("echo", "first")
	f.sent("echo", "second")
	f.PressRight("first")
	f.Press("Delete…")
	f.Wants("Delete for me", "Delete for everyone")
	f.Press("Delete for everyone")
	f.Wants("Message deleted for everyone", "Undo")
	f.WantsNot("first")
	f.wantCalls()
	f.Press("Undo")
	f.Wants("first")
	f.WantsNot("Undo")
	f.queue.Advance(10 * time.Second)
	f.wantCalls()
	f.PressRight("first")
	f.Press("Delete…")
	f.Press("Delete for everyone")
	f.PressRight("second")
	f.Press("Delete…")
	f.Press("Delete for me") // the other deletion cannot be undone any more
	f.Wants("This message was deleted", "Message deleted")
	f.WantsNot("first", "second")
	f.queue.Advance(9 * time.Second)
	f.WantsNot("Undo")
	f.wantCalls(`take back "first"`, `delete "second" here`)

	theirs := f.backend.Receive("echo", "not for you")
	f.listener().OnReceived(apptest.Message("echo", theirs))
	f.queue.Drain()
	f.PressRight("not for you")
	f.Press("Delete…")
	f.Wants("Delete for me")
	f.WantsNot("Delete for everyone")
	f.Press("Cancel")
	theirs.Deleted, theirs.Text = true, ""
	if err := f.backend.DeleteMessage(theirs.Mid, mesibo.DeleteRecall); err != nil {
		t.Fatal(err)
	}
	f.listener().OnMessageStatus(apptest.Params("echo", theirs))
	f.queue.Drain()
	f.WantsNot("not for you")
}

func TestReact(t *testing.T) {
	f := prepare(t)
	f.backend.Receive("alice", "It is done")
	f.start()
	f.Press("Alice Martin")
	f.PressRight("It is done")
	f.Press("React…")
	f.Press("👍")
	if got := f.backend.Chats["alice"][0].Reactions; len(got) != 1 || got[0].Emoji != "👍" {
		t.Fatalf("reactions: got %v, want one 👍", got)
	}
	f.Press("👍") // the pill under the message
	if got := f.backend.Chats["alice"][0].Reactions; len(got) != 0 {
		t.Errorf("after a press on the pill: got %v, want none", got)
	}
}

func TestForward(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("bob", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Receive("alice", "Read this")
	f.start()
	f.Press("Alice Martin")
	f.PressRight("Read this")
	f.Press("Forward…")
	f.Wants("Forward to")
	f.Press("Bob Keller")
	f.Press("Chiara Rossi")
	if !apptest.PressLowest(f.Canvas(), "Forward") {
		t.Fatal("button: got none")
	}
	f.queue.Drain()
	f.wantCalls(`forward "Read this" to bob`, `forward "Read this" to chiara`)
	f.Wants("Forwarded to Bob Keller, Chiara Rossi")
}

func TestTyping(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	typing := &mesibo.MessageParams{Peer: "alice", Flag: mesibo.FlagPresence}
	f.listener().OnActivity(typing, mesibo.ActivityTyping)
	f.queue.Drain()
	f.Wants("typing…")
	f.Press("Alice Martin")
	if got := apptest.Count(f.Canvas(), "typing…"); got != 2 {
		t.Errorf("in row and header: got %d, want 2", got)
	}
	f.receive("alice", "Here it is")
	f.WantsNot("typing…")
	f.listener().OnActivity(typing, mesibo.ActivityTyping)
	f.queue.Advance(7 * time.Second)
	f.WantsNot("typing…")

	f.Type("Hello")
	f.Key(fyne.KeyReturn)
	want := []mesibo.Activity{mesibo.ActivityTyping, mesibo.ActivityTypingCleared}
	if !slices.Equal(f.backend.Activities, want) {
		t.Errorf("told: got %v, want %v", f.backend.Activities, want)
	}
	f.app.SetForeground(true)
	if !f.backend.Foreground {
		t.Error("foreground: got false, want true")
	}
	f.app.SetForeground(false)
	if f.backend.Foreground {
		t.Error("background: got true, want false")
	}
}

func TestSearchEverywhere(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 300, f.queue.Now())
	f.backend.Chats["alice"][5].Text = "The **invoice** is on the table"
	f.start()
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyF)
	f.Type("oice")
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	f.Wants("Messages", "The invoice is on the table")
	f.Press("The invoice is on the table")
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	f.wantTitle("Alice Martin – Parley")
	f.Wants("1 of 1")
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyF)
	f.Key(fyne.KeyEscape)
	f.Wants("Alice Martin", "All")

	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyF)
	f.Type("chiara")
	f.Wants("People", "Chiara Rossi")
	f.Key(fyne.KeyReturn)
	f.wantTitle("Chiara Rossi – Parley")
}

func TestFindInChat(t *testing.T) {
	f := startWithAlice(t, 300)
	f.Keys(ctrl, fyne.KeyF)
	f.Type("workshop")
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	f.Wants("1 of 38")
	f.Key(fyne.KeyReturn)
	f.Wants("2 of 38")
	f.Key(fyne.KeyEscape)
	f.WantsNot("2 of 38")
}

func TestLocation(t *testing.T) {
	f := prepare(t).start()
	f.write("Echo", "/location 52.5163, 13.3777 Brandenburg Gate")
	f.Wants("Brandenburg Gate", "52.51630")
	f.PressRight("Brandenburg Gate")
	f.Press("Copy")
	if got, want := f.fyne.Clipboard().Content(), "52.5163, 13.3777"; got != want {
		t.Errorf("copied: got %q, want %q", got, want)
	}
	m := f.backend.Receive("alice", "")
	m.Place = &mesibo.Location{Lat: -1.5, Lon: 2, Title: "An island"}
	f.listener().OnReceived(apptest.Message("alice", m))
	f.queue.Drain()
	f.Wants("📍 An island")
}

// The reasons for a refused message are words, not numbers.
func TestReasons(t *testing.T) {
	for _, status := range []mesibo.MsgStatus{
		mesibo.MsgStatusFail, mesibo.MsgStatusUserOffline, mesibo.MsgStatusInboxFull, mesibo.MsgStatusInvalidDest,
		mesibo.MsgStatusExpired, mesibo.MsgStatusBlocked, mesibo.MsgStatusGroupPaused, mesibo.MsgStatusNotMember,
	} {
		t.Run(status.String(), func(t *testing.T) {
			f := prepare(t).start()
			f.Press("Echo")
			f.Type("Hello there")
			f.Key(fyne.KeyReturn)
			f.status("echo", status)
			f.Wants(chat.Reason(status), "Retry")
			if strings.ContainsAny(chat.Reason(status), "0123456789") {
				t.Errorf("reason: got %q, want words", chat.Reason(status))
			}
		})
	}
}

func TestSelectMessages(t *testing.T) {
	f := prepare(t)
	for _, text := range []string{"one", "two", "three", "four"} {
		f.backend.Receive("alice", text)
	}
	f.start()
	f.Press("Alice Martin")
	f.PressRight("two")
	f.Press("Select")
	f.Wants("1 selected", "Forward…")
	if !apptest.PressLowest(f.Canvas(), "three") {
		t.Fatal("three: not in the window")
	}
	f.Wants("2 selected")
	f.Type("c")
	f.WantsNot("selected")
	if got := f.fyne.Clipboard().Content(); !strings.Contains(got, "Alice Martin") || !strings.HasSuffix(got, ":\nthree") {
		t.Errorf("copied: got %q, want both texts with their author", got)
	}

	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeySpace)
	f.Wants("1 selected")
	held, ok := f.Canvas().Focused().(desktop.Keyable)
	if !ok {
		t.Fatal("what has the keyboard does not know Shift")
	}
	held.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	f.Key(fyne.KeyUp)
	held.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	f.Wants("2 selected")
	f.Type("f")
	f.Wants("Forward 2 messages to")
	f.Press("Bob Keller")
	f.Press("Chiara Rossi")
	apptest.PressLowest(f.Canvas(), "Forward")
	f.queue.Drain()
	f.WantsNot("selected")
	f.wantCalls(`forward "three" to bob`, `forward "four" to bob`, `forward "three" to chiara`, `forward "four" to chiara`)

	f.backend.Calls = nil
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeySpace)
	f.Key(fyne.KeyUp)
	f.Key(fyne.KeySpace)
	f.Key(fyne.KeyDelete)
	f.Wants("Delete 2 messages?")
	f.Press("Delete for me")
	f.WantsNot("selected", "three")
	f.Wants("2 messages deleted")
	f.wantCalls()
	f.Press("Echo") // leaving the chat makes it final
	f.wantCalls(`delete "three" here`, `delete "four" here`)
	f.WantsNot("Undo")
	f.Press("Alice Martin")

	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeySpace)
	f.Wants("1 selected")
	f.Key(fyne.KeyEscape)
	f.WantsNot("selected")
	f.Type("Hello")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent; len(got) != 1 || got[0] != "Hello" {
		t.Errorf("after Esc, sent: got %q, want Hello", got)
	}
}

// A message that arrives while something lies over the whole window is not read before that has gone.
func TestReading_covered(t *testing.T) {
	f := prepare(t).start()
	f.app.SetForeground(true)
	f.Press("Echo")
	arrive := func(text string) {
		f.listener().OnReceived(apptest.Message("echo", f.backend.Receive("echo", text)))
		f.queue.Drain()
		f.queue.Advance(time.Second)
		f.queue.WorkAll(t.Context())
	}
	arrive("one")
	f.wantTitle("Echo – Parley")
	f.Keys(ctrl, fyne.KeyComma)
	arrive("two")
	f.wantTitle("(1) Echo – Parley")
	f.Key(fyne.KeyEscape)
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	f.wantTitle("Echo – Parley")
}
