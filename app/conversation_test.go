package app_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

func TestChat_Ticks(t *testing.T) {
	f := prepare(t).start()
	f.app.SetForeground(true)
	f.Press("Echo")
	f.Wants("Write something to Echo")
	f.Type("Hello there")
	f.Key(fyne.KeyReturn)
	f.WantsNot("Write something to Echo")
	f.WantsMark("Hello there", apptest.Waiting)
	steps := []struct {
		status mesibo.MsgStatus
		want   apptest.Mark
	}{
		{mesibo.MsgStatusSent, apptest.Sent},
		{mesibo.MsgStatusDelivered, apptest.Delivered},
		{mesibo.MsgStatusRead, apptest.Read},
	}
	for _, s := range steps {
		f.status("echo", s.status)
		f.WantsMark("Hello there", s.want)
	}
	f.wantTitle("Echo – Parley")
}

func TestChat_Failed(t *testing.T) {
	f := prepare(t).start()
	f.write("Echo", "Hello there")
	f.status("echo", mesibo.MsgStatusBlocked)
	f.WantsMark("Hello there", apptest.Failed)
	f.Wants("The recipient does not accept your messages.", "Retry", "Delete")
	f.Press("Retry")
	f.WantsMark("Hello there", apptest.Waiting)
	if got := len(f.backend.Resent); got != 1 {
		t.Errorf("sent again: got %d, want 1", got)
	}
}

func TestChat_CancelWaiting(t *testing.T) {
	f := prepare(t).start()
	f.write("Echo", "Not this")
	f.PressRight("Not this")
	f.Press("Cancel sending")
	f.WantsNot("Not this")
	if got := len(f.backend.Chats["echo"]); got != 0 {
		t.Errorf("messages left: got %d, want 0", got)
	}
}

func TestChat_Copy(t *testing.T) {
	f := prepare(t)
	f.backend.Receive("alice", "Take this")
	f.start()
	f.Press("Alice Martin")
	f.PressRight("Take this")
	f.Press("Copy")
	f.Wants("Copied")
	if got := f.fyne.Clipboard().Content(); got != "Take this" {
		t.Errorf("clipboard: got %q, want %q", got, "Take this")
	}
	f.queue.Advance(5 * time.Second)
	f.WantsNot("Copied")
}

func TestList_Menu(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.start()
	f.Press("Echo")
	f.PressRight("Alice Martin")
	f.Press("Delete messages…")
	f.Wants("Delete all messages of this chat?", "Cancel")
	f.Press("Delete messages")
	f.queue.Advance(3 * time.Second)
	f.WantsNot("Alice Martin", "Delete all messages")

	f.PressRight("Echo")
	f.Press("Remove Echo…")
	f.Press("Remove Echo")
	f.queue.WorkAll(t.Context())
	f.WantsNot("Echo")
	f.Wants("Select a chat")
	if got := f.keeper.echoGone; got != 1 {
		t.Errorf("echo removed: got %d times, want 1", got)
	}
}

func TestMenu(t *testing.T) {
	f := prepare(t).start()
	menu, ok := findIcon(f, "menu")
	if !ok {
		t.Fatal("menu button: got none")
	}
	test.TapCanvas(f.Canvas(), menu.At)
	f.Wants("Copy my address", "Settings", "Quit")
	f.Press("Settings")
	f.Wants("Account", "Appearance", "About")
	f.Key(fyne.KeyEscape)
	test.TapCanvas(f.Canvas(), menu.At)
	f.Press("Copy my address")
	if got := f.fyne.Clipboard().Content(); got != apptest.Self {
		t.Errorf("clipboard: got %q, want %q", got, apptest.Self)
	}
}

func findIcon(f *fixture, name string) (apptest.Sight, bool) {
	for _, s := range apptest.Look(f.Canvas()) {
		if strings.HasPrefix(s.Icon, name) {
			return s, true
		}
	}
	return apptest.Sight{}, false
}

func TestChat_ReadOnlyWhenFocusedAndInView(t *testing.T) {
	f := prepare(t)
	f.backend.Receive("alice", "Are you there?")
	f.start()
	f.wantTitle("(1) Parley")
	f.Press("Alice Martin")
	f.queue.Advance(10 * time.Second)
	if got := len(f.backend.Receipts); got != 0 {
		t.Errorf("receipts without focus: got %d, want 0", got)
	}
	f.Wants("1 unread message")
	f.app.SetForeground(true)
	f.settle()
	if got := len(f.backend.Receipts); got != 1 {
		t.Errorf("receipts with focus: got %d, want 1", got)
	}
	f.wantTitle("Alice Martin – Parley")
	f.receive("alice", "And now?")
	f.wantTitle("Alice Martin – Parley")
	f.app.SetForeground(false)
	f.receive("alice", "Gone again?")
	f.queue.Advance(10 * time.Second)
	f.wantTitle("(2) Alice Martin – Parley")
}

func TestChat_UnreadDivider(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 200, f.queue.Now().Add(-time.Hour))
	f.start()
	f.Press("Saved messages")
	for range 5 {
		f.receive("alice", "A new message that takes a few words to read")
	}
	for range 30 {
		f.receive("bob", "One of many")
	}
	f.wantTitle("(35) Saved messages – Parley")
	f.queue.Advance(3 * time.Second) // the pointer is over the list, so the rows wait
	f.Press("Bob Keller")
	s, ok := apptest.Find(f.Canvas(), "30 unread messages")
	if third := f.Canvas().Size().Height / 3; !ok || s.At.Y < third/2 || s.At.Y > third*1.5 {
		t.Errorf("divider: got %t at %v, want near the top third, %v", ok, s.At.Y, third)
	}
	f.Press("Alice Martin")
	f.Wants("5 unread messages")
	f.Press("Bob Keller")
	f.Wants("30 unread messages") // no one was looking
}

func TestChat_NothingMovesWhenScrolledUp(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 400, f.queue.Now().Add(-time.Hour))
	f.start()
	f.app.SetForeground(true)
	f.Press("Alice Martin")
	for range 20 {
		test.Scroll(f.Canvas(), fyne.NewPos(700, 400), 0, 25)
		f.queue.Drain()
	}
	f.queue.WorkAll(t.Context())
	before := conversation(f)
	f.receive("alice", "Something new")
	after := conversation(f)
	moved := 0
	for i := range before {
		if i >= len(after) || before[i] != after[i] {
			moved++
		}
	}
	if moved > 0 || len(before) == 0 {
		t.Errorf("lines moved: got %d of %d, want none", moved, len(before))
	}
	f.WantsNot("Something new (")
	s, ok := apptest.Find(f.Canvas(), "1")
	if !ok {
		t.Fatal("count on the button: got none, want 1")
	}
	test.TapCanvas(f.Canvas(), s.At)
	f.queue.Drain()
	if _, ok := apptest.Lowest(f.Canvas(), "Something new"); !ok {
		t.Error("after the button: the newest message is not in view")
	}
}

// conversation lists what is seen of the messages: right of the list, under the header, over the button and the
// composer.
func conversation(f *fixture) []apptest.Sight {
	var seen []apptest.Sight
	for _, s := range apptest.Look(f.Canvas()) {
		if s.At.X > 330 && s.At.X < 1100 && s.At.Y > 60 && s.At.Y < 700 && s.Text != "" {
			seen = append(seen, s)
		}
	}
	return seen
}

func TestChat_LongAndFast(t *testing.T) {
	f := startWithAlice(t, 12_000)
	f.Wants("14:02") // the newest is there without any background work
	for range 80 {
		test.Scroll(f.Canvas(), fyne.NewPos(700, 400), 0, 200)
		f.queue.WorkAll(t.Context())
		f.queue.Drain()
		if len(conversation(f)) < 5 {
			t.Fatalf("blank: got %d lines in view, want at least 5", len(conversation(f)))
		}
	}
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyG)
	f.Wants("Go to date")
	f.Type("nonsense")
	f.Key(fyne.KeyReturn)
	f.Wants("This is not a date.")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Go to date")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyG)
	f.Type("10.11.2026")
	f.Key(fyne.KeyReturn)
	f.Wants("Tuesday", "00:00")
	f.Key(fyne.KeyEscape)
	f.Wants("14:02")
}
