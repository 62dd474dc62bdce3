package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

func TestOutage(t *testing.T) {
	f := startWithAlice(t, 20)
	f.connection(mesibo.StatusConnectFailure, 30*time.Second)
	f.Wants("Reconnecting in 30 s")
	f.queue.Advance(3 * time.Second)
	f.Wants("Can't reach chat.example.org. Retrying in 27 s", "Retry now")
	f.Type("one")
	f.Key(fyne.KeyReturn)
	f.Type("two")
	f.Key(fyne.KeyReturn)
	f.WantsMark("one", apptest.Waiting)
	f.WantsMark("two", apptest.Waiting)
	f.Wants("Offline · 2 waiting", "2 messages wait")
	f.WantsNot("failed", "Failed")
	f.Press("Retry now")
	if got := f.backend.Reconnects; got != 1 {
		t.Errorf("reconnects: got %d, want 1", got)
	}
	f.connection(mesibo.StatusOnline, 0)
	f.queue.Advance(2 * time.Second)
	f.Wants("Connected")
	f.WantsNot("Can't reach", "Connected again")
}

func TestSignedOut(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.connection(mesibo.StatusSignOut, 0)
	f.connection(mesibo.StatusStopped, 0)
	f.Wants("You were signed out on this device.", "Signed out")
	f.keeper.session = nil
	f.Press("Sign in")
	f.queue.WorkAll(t.Context())
	f.Wants("Paste what you were given")
	if f.keeper.forgot != 1 || f.keeper.closed != 1 {
		t.Errorf("got account forgotten %d times and closed %d times, want 1 and 1", f.keeper.forgot, f.keeper.closed)
	}
}

func TestDraft(t *testing.T) {
	f := startWithTwoChats(t)
	f.Press("Alice Martin")
	f.Type("I wanted to say")
	f.WantsNot("Draft:")
	f.Press("Bob Keller")
	f.Wants("Draft:")
	f.Press("Alice Martin")
	f.Wants("I wanted to say")
	f.app.Quit()
	f.queue.Drain()
	if got := f.backend.Profiles["alice"].Draft; got != "I wanted to say" {
		t.Errorf("draft after quitting: got %q, want %q", got, "I wanted to say")
	}
}

func TestQuit(t *testing.T) {
	f := prepare(t).start()
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyQ)
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	if got := f.keeper.closed; got != 1 {
		t.Errorf("session closed: got %d times, want 1", got)
	}
	if got := len(f.backend.Listeners); got != 0 {
		t.Errorf("listeners left: got %d, want 0", got)
	}
}

func TestNarrowWindow(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 20, f.queue.Now())
	f.start()
	f.Resize(fyne.NewSize(400, 480))
	f.Wants("Saved messages")
	f.Press("Alice Martin")
	f.WantsNot("Saved messages")
	f.Key(fyne.KeyEscape)
	f.Wants("Saved messages")
	f.wantTitle("Parley")
}

func TestKeys(t *testing.T) {
	f := startWithTwoChats(t)
	f.Keys(fyne.KeyModifierAlt, fyne.KeyDown)
	f.wantTitle("Alice Martin – Parley")
	f.Keys(fyne.KeyModifierAlt, fyne.KeyDown)
	f.wantTitle("Bob Keller – Parley")
	f.Keys(fyne.KeyModifierAlt, fyne.KeyUp)
	f.wantTitle("Alice Martin – Parley")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeySlash)
	f.Wants("Keyboard", "Ctrl+N", "New chat")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Ctrl+N")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyN)
	f.Type("chi")
	f.Wants("Chiara Rossi")
	f.Key(fyne.KeyReturn)
	f.wantTitle("Chiara Rossi – Parley")
	f.Wants("Say hello to Chiara Rossi")
}

func TestNewChat_TypedAddress(t *testing.T) {
	f := prepare(t).start()
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyN)
	f.Type("zoe@example.org")
	f.Wants("Write to this address")
	f.Key(fyne.KeyReturn)
	f.Type("Hello")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Chats["zoe@example.org"]; len(got) != 1 || got[0].Text != "Hello" {
		t.Errorf("messages: got %v, want one", got)
	}
	f.wantTitle("zoe@example.org – Parley")
}

func TestTheme(t *testing.T) {
	f := startWithAlice(t, 20)
	light := f.Canvas().Capture()
	f.app.SetLook("dark")
	dark := f.Canvas().Capture()
	differing := 0
	bounds := light.Bounds()
	for x := bounds.Min.X; x < bounds.Max.X; x += 10 {
		for y := bounds.Min.Y; y < bounds.Max.Y; y += 10 {
			if light.At(x, y) != dark.At(x, y) {
				differing++
			}
		}
	}
	if all := bounds.Dx() * bounds.Dy() / 100; differing < all*9/10 {
		t.Errorf("points that changed with the theme: got %d of %d, want nearly all", differing, all)
	}
	if got := f.fyne.Preferences().String("theme"); got != "dark" {
		t.Errorf("remembered: got %q, want dark", got)
	}
}

func TestLastChatAndSize(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Resize(fyne.NewSize(900, 600))
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	f.launch()
	f.wantTitle("Alice Martin – Parley")
	if got, want := f.Canvas().Size(), fyne.NewSize(900, 600); got != want {
		t.Errorf("size: got %v, want %v", got, want)
	}
}

// Two chats are switched while a page of the first is on its way.
func TestSwitchWhilePaging(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 300, f.queue.Now())
	f.backend.Fill("bob", 3, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	for range 40 {
		test.Scroll(f.Canvas(), fyne.NewPos(700, 400), 0, 25)
	}
	if !f.queue.Busy() {
		t.Fatal("scrolled up: got no page asked for, want one")
	}
	f.Press("Bob Keller")
	f.queue.WorkAll(t.Context())
	f.Wants("Message Bob Keller…")
	if got := len(conversation(f)); got > 10 {
		t.Errorf("lines of Bob's three messages: got %d", got)
	}
}

func TestMidnight(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Wants("Today", "14:02")
	f.queue.Advance(10 * time.Hour)
	f.Wants("Yesterday", "Mon")
	f.WantsNot("Today")
}

func TestConnectFails(t *testing.T) {
	f := prepare(t)
	f.keeper.session = f.session()
	f.keeper.session.Connect = func(context.Context) error { return errors.New("folder in use") }
	f.launch()
	f.Press("Echo")
	f.Wants("Your account could not be connected.", "Not connected")
	f.Press("Quit")
	f.queue.WorkAll(t.Context())
	if got := f.keeper.closed; got != 1 {
		t.Errorf("session closed: got %d, want 1", got)
	}
}

func TestChatMenu(t *testing.T) {
	f := startWithAlice(t, 400)
	menu := func() {
		t.Helper()
		for _, s := range apptest.Look(f.Canvas()) {
			if strings.HasPrefix(s.Icon, "menu") && s.At.X > 1000 {
				test.TapCanvas(f.Canvas(), s.At)
				return
			}
		}
		t.Fatal("menu of the conversation: got none")
	}
	menu()
	f.Wants("Go to date…", "Newest message", "Delete messages…")
	f.WantsNot("Remove Echo…")
	f.Press("First message")
	f.Wants("00:44") // 399 times two minutes before 14:02
	menu()
	f.Press("Newest message")
	f.Wants("14:02")
}

// In a narrow window a chat that is not shown is not read.
func TestNarrowWindow_NothingIsReadBehindTheList(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 20, f.queue.Now())
	f.start()
	f.app.SetForeground(true)
	f.Press("Alice Martin")
	f.Resize(fyne.NewSize(400, 640))
	f.Wants("Message Alice Martin…")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyN)
	f.Wants("Saved messages")
	f.receive("alice", "Are you still there?")
	f.queue.Advance(10 * time.Second)
	if got := len(f.backend.Receipts); got != 0 {
		t.Errorf("receipts: got %d, want 0", got)
	}
	f.wantTitle("(1) Parley")
}
