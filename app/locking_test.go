package app_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	outside "github.com/parley-chat/parley/app/system"
)

// setPasscode sets the passcode 4711 in the settings.
func (f *fixture) setPasscode() {
	f.t.Helper()
	f.settings("Privacy")
	f.Press("Set a passcode…")
	f.Type("4711")
	test.FocusNext(f.Canvas())
	f.Type("4711")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(f.t.Context())
	f.Wants("Lock when away for", "15 minutes")
	f.Key(fyne.KeyEscape)
}

// unlock types the passcode.
func (f *fixture) unlock() {
	f.t.Helper()
	f.Type("4711")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(f.t.Context())
}

func TestLock(t *testing.T) {
	f := around(t)
	f.setPasscode()
	f.Press("Bob Keller")
	f.Keys(ctrl, fyne.KeyComma) // what lies over the window goes as well
	f.Keys(ctrl, fyne.KeyL)
	f.Wants("Parley is locked")
	f.WantsNot("Bob Keller", "Alice Martin", "Settings", "Connected")
	f.wantTitle("Parley")
	f.Keys(ctrl, fyne.KeyComma)
	f.Keys(ctrl, fyne.KeyN)
	f.Keys(ctrl, fyne.KeySlash)
	f.Keys(fyne.KeyModifierAlt, fyne.KeyDown)
	f.Key(fyne.KeyEscape)
	f.WantsNot("Settings", "New group", "New chat", "Alice Martin")
	f.Wants("Parley is locked")
	f.Type("0000")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("This is not the passcode.", "Parley is locked")
	f.WantsNot("Bob Keller")
	f.unlock()
	f.Wants("Bob Keller", "Connected")
	f.WantsNot("Parley is locked")
	f.wantTitle("Bob Keller – Parley")
	f.Type("Hello")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent; len(got) != 1 || got[0] != "Hello" {
		t.Errorf("sent after unlocking: %q, want Hello", got)
	}
}

// Nothing counts as read while the window is locked, and notifications hide what is written.
func TestLock_notifications(t *testing.T) {
	f := around(t)
	f.setPasscode()
	f.Press("Bob Keller")
	f.Keys(ctrl, fyne.KeyL)
	receipts := len(f.backend.Receipts)
	f.receive("bob", "a secret")
	f.queue.Advance(5 * time.Second)
	if f.backend.Profiles["bob"].Unread != 1 || len(f.backend.Receipts) != receipts {
		t.Errorf("read while locked: %d unread, receipts %v", f.backend.Profiles["bob"].Unread, f.backend.Receipts)
	}
	f.wantNote("user:bob", "Bob Keller", "New message")
	if note := f.shell.shown["user:bob"]; note.Reply != "" || len(note.Actions) != 1 {
		t.Errorf("notification while locked: reply %q, actions %v, want none but to open", note.Reply, note.Actions)
	}
	f.invoke(outside.Invocation{Key: "user:bob", Action: outside.ActionOpen})
	f.Wants("Parley is locked")
	f.WantsNot("a secret")
	f.unlock()
	f.Wants("a secret")
	f.wantTitle("(1) Bob Keller – Parley")
}

// A start with a passcode shows the lock, and nothing of the chats.
func TestLock_start(t *testing.T) {
	f := startWithTwoChats(t)
	f.setPasscode()
	f.launch()
	f.Wants("Parley is locked")
	f.WantsNot("Alice Martin")
	f.unlock()
	f.Wants("Alice Martin")
}

func TestLock_away(t *testing.T) {
	f := around(t)
	f.setPasscode()
	f.shell.idle = 14 * time.Minute
	f.queue.Advance(10 * time.Second)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Parley is locked")
	f.shell.idle = 15 * time.Minute
	f.queue.Advance(10 * time.Second)
	f.queue.WorkAll(t.Context())
	f.Wants("Parley is locked")
	f.shell.idle = 0
	f.unlock()
	f.settings("Privacy")
	f.Press("15 minutes")
	f.Press("Never")
	f.shell.idle = time.Hour
	f.queue.Advance(time.Minute)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Parley is locked")
}

// To change or remove the passcode, one must know it.
func TestLock_change(t *testing.T) {
	f := startWithTwoChats(t)
	f.Keys(ctrl, fyne.KeyL)
	f.Wants("Set a passcode…", "Set a passcode first.")
	f.Key(fyne.KeyEscape)
	f.setPasscode()
	f.settings("Privacy")
	f.Press("Remove the passcode")
	f.Type("0000")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("This is not the passcode.")
	f.Key(fyne.KeyEscape)
	f.queue.WorkAll(t.Context())
	f.Wants("Lock when away for")
	f.Press("Change the passcode…")
	for _, text := range []string{"4711", "better", "bitter"} {
		f.Type(text)
		test.FocusNext(f.Canvas())
	}
	f.Press("Set")
	f.Wants("The two are not the same.")
	f.Press("Cancel")
	f.queue.WorkAll(t.Context())
	f.Press("Remove the passcode")
	f.Type("4711")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Set a passcode…")
	if apptest.Says(f.Canvas(), "Lock when away for") || f.fyne.Preferences().String("lock.passcode") != "" {
		t.Error("the passcode is still set")
	}
}
