package app_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
)

// askBackup types a passphrase twice and presses the button.
func (f *fixture) askBackup(first, second string) {
	f.t.Helper()
	f.settings("Chats and storage")
	f.Press("Back up…")
	f.Type(first)
	f.Key(fyne.KeyReturn)
	f.Type(second)
	f.Key(fyne.KeyReturn)
}

func TestBackup(t *testing.T) {
	folder := t.TempDir()
	f := startWithDialogs(t, folder)
	f.askBackup("short", "short")
	f.Wants("A passphrase has at least 8 characters")
	f.Key(fyne.KeyEscape)
	f.queue.WorkAll(t.Context())
	f.Wants("Chats and storage") // back where it came from
	f.Key(fyne.KeyEscape)
	f.askBackup("correct horse", "correct house")
	f.Wants("The two are not the same.")
	f.Key(fyne.KeyEscape)
	f.queue.WorkAll(t.Context())
	f.Key(fyne.KeyEscape)
	f.askBackup("correct horse", "correct horse")
	f.Wants("Backing up…", "Cancel")
	f.queue.WorkAll(t.Context())
	f.Wants("Your chats are backed up in Parley ")
	f.WantsNot("Backing up…")
	if len(f.keeper.backups) != 1 {
		t.Fatalf("backups: got %d, want 1", len(f.keeper.backups))
	}
	b := f.keeper.backups[0]
	if filepath.Dir(b.Path) != folder || filepath.Ext(b.Path) != ".parley" || b.Passphrase != "correct horse" || !strings.Contains(string(b.Preferences), "alice") {
		t.Errorf("got %+v", b)
	}
}

func TestBackup_cancelled(t *testing.T) {
	f := startWithDialogs(t, t.TempDir())
	f.askBackup("correct horse", "correct horse")
	f.Press("Cancel")
	f.queue.WorkAll(t.Context())
	f.Wants("There is no backup: it was cancelled.")
}

// startWithDialogs opens the window, with a chat and a dialog that answers a path.
func startWithDialogs(t *testing.T, path string) *fixture {
	t.Helper()
	f := prepare(t)
	f.files = &system{App: f.fyne, chosen: path}
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	return f
}

// chooseBackup goes through the sheets that restore one.
func (f *fixture) chooseBackup() {
	f.t.Helper()
	f.Press("Restore a backup")
	f.Wants("The passphrase that x.parley was made with.")
	f.Type("correct horse")
	f.Key(fyne.KeyReturn)
	f.Wants("Restoring…")
	f.queue.WorkAll(f.t.Context())
}

func TestRestore_at_the_first_start(t *testing.T) {
	f := prepare(t)
	f.files = &system{App: f.fyne, chosen: filepath.Join(t.TempDir(), "x.parley")}
	f.launch()
	f.keeper.restoring = func(context.Context) error { return fmt.Errorf("read backup: %w", app.ErrPassphrase) }
	f.chooseBackup()
	f.Wants("This is not the passphrase of this backup.", "The passphrase that x.parley was made with.")
	f.keeper.restoring, f.keeper.session = nil, f.session()
	f.keeper.prefs = []byte(`{"strings":{"theme":"dark"},"lists":{"chat.pins":["alice"]}}`)
	f.Type("correct horse after all")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages", "Your backup is restored.")
	if got := f.fyne.Preferences(); got.String("theme") != "dark" || len(got.StringList("chat.pins")) != 1 {
		t.Errorf("preferences: got theme %q, pins %q", got.String("theme"), got.StringList("chat.pins"))
	}
	if f.keeper.started != 1 {
		t.Errorf("connected: got %d times, want 1", f.keeper.started)
	}
}

func TestRestore_in_the_settings(t *testing.T) {
	f := startWithDialogs(t, filepath.Join(t.TempDir(), "x.parley"))
	for err, words := range map[error]string{
		app.ErrOtherAccount:  "This is the backup of another account.",
		app.ErrBackupDamaged: "This backup is damaged or not complete.",
		app.ErrNewerBackup:   "A newer version of Parley made this.",
		app.ErrNotBackup:     "This file is not a backup of Parley.",
	} {
		f.keeper.restoring = func(context.Context) error { return err }
		f.settings("Chats and storage")
		f.chooseBackup()
		f.Wants("Nothing was restored", words)
		f.Key(fyne.KeyEscape)
	}
	if f.keeper.closed != 0 {
		t.Fatalf("the session was closed %d times", f.keeper.closed)
	}
	f.keeper.restoring, f.backend.Listeners, f.keeper.prefs = nil, nil, []byte(`{"strings":{"theme":"dark"}}`)
	started := f.keeper.started
	f.settings("Chats and storage")
	f.chooseBackup()
	f.Wants("Saved messages", "Your backup is restored.", "Alice Martin")
	if f.keeper.closed != 1 || f.keeper.started != started+1 {
		t.Errorf("closed %d, started %d times, want once each", f.keeper.closed, f.keeper.started-started)
	}
	if got := f.fyne.Preferences().String("theme"); got == "dark" {
		t.Error("the look of the program was changed")
	}
	f.Press("Alice Martin")
	f.Type("still here")
	f.Key(fyne.KeyReturn)
	f.Wants("still here")
}

func TestDamaged_messages(t *testing.T) {
	f := startWithAlice(t, 2)
	f.keeper.rebuilt = &app.Rebuilt{Aside: "messages-damaged-1.db", Rescued: 2}
	f.keeper.session, f.backend.Listeners = f.session(), nil
	closed := f.keeper.closed
	f.keeper.damage()
	f.keeper.damage() // once more is nothing more
	f.queue.WorkAll(t.Context())
	f.Wants("Your messages were damaged", "come again from the server", "2 messages", "messages-damaged-1.db")
	f.Key(fyne.KeyEscape)
	f.Wants("Alice Martin")
	if f.keeper.closed != closed+1 {
		t.Errorf("closed %d times, want once", f.keeper.closed-closed)
	}
	f.keeper.session, f.backend.Listeners = f.session(), nil
	f.keeper.err = errors.New("disk gone")
	f.keeper.damage()
	f.queue.WorkAll(t.Context())
	f.Wants("Your chats could not be opened")
}

// Damage that keeps the chats from being read at all is met the same way.
func TestDamaged_at_the_start(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	f.backend.Err = errors.New("malformed")
	f.start()
	f.Wants("Your chats could not be opened")
	f.backend.Err, f.keeper.rebuilt = nil, &app.Rebuilt{Aside: "messages-damaged-1.db"}
	damage := f.keeper.damage
	f.keeper.session = f.session()
	damage()
	f.queue.WorkAll(t.Context())
	f.Wants("Your messages were damaged")
	f.Key(fyne.KeyEscape)
	f.Wants("Alice Martin")
	if f.keeper.closed != 1 || f.keeper.started != 1 {
		t.Errorf("closed %d, connected %d times, want once each", f.keeper.closed, f.keeper.started)
	}
}
