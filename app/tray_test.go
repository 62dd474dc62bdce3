package app_test

import (
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

// hosted opens a window with a desktop that has a tray.
func hosted(t *testing.T) *fixture {
	t.Helper()
	f := around(t)
	f.shell.tray.Hosted(true)
	f.queue.WorkAll(t.Context())
	return f
}

func (f *fixture) wantVisible(want bool) {
	f.t.Helper()
	f.queue.WorkAll(f.t.Context())
	if f.shell.visible != want {
		f.t.Errorf("window visible: got %v, want %v", f.shell.visible, want)
	}
}

func TestTray_unread(t *testing.T) {
	f := hosted(t)
	want := func(dot bool, tooltip string) {
		t.Helper()
		if got := f.shell.icon; got.Dot != dot || got.Tooltip != tooltip || got.Image == nil {
			t.Errorf("icon: got dot %v, %q; want %v, %q", got.Dot, got.Tooltip, dot, tooltip)
		}
	}
	want(false, "No unread messages")
	f.receive("bob", "a")
	want(true, "1 unread in 1 chat")
	f.receive("bob", "b")
	f.receive("alice", "c")
	want(true, "3 unread in 2 chats")
	f.readElsewhere("bob", 0)
	f.readElsewhere("alice", 0)
	want(false, "No unread messages")
}

func TestTray_closing(t *testing.T) {
	f := hosted(t)
	f.Keys(ctrl, fyne.KeyW)
	f.Wants("Keep Parley running?")
	f.Press("Cancel")
	f.wantVisible(true)
	f.Keys(ctrl, fyne.KeyW)
	f.Press("Keep running")
	f.wantVisible(false)
	f.shell.tray.Activated("tok")
	f.wantVisible(true)
	if !f.shell.did(`raise 77 "tok"`) {
		t.Errorf("asked for %q", f.shell.calls)
	}
	f.app.SetForeground(true)
	f.Press("Bob Keller")
	f.Keys(ctrl, fyne.KeyW) // it is not asked again
	f.wantVisible(false)
	f.receive("bob", "Hello") // no event says that the keyboard is elsewhere
	f.wantShown("user:bob")
	if f.backend.Profiles["bob"].Unread != 1 {
		t.Error("read in a window that nobody sees")
	}
	f.trayMenu("Open")
	f.wantVisible(true)
	f.Keys(ctrl, fyne.KeyW)
	f.shell.tray.Hosted(false) // the panel has crashed, and the window must not be lost
	f.wantVisible(true)
	f.shell.tray.Hosted(true)
	f.settings("Notifications")
	f.Press("Keep running when the window is closed")
	f.Press("Start with the session")
	f.queue.WorkAll(t.Context())
	if !f.shell.starts {
		t.Error("it does not start with the session")
	}
	f.Key(fyne.KeyEscape)
	f.Keys(ctrl, fyne.KeyW)
	f.queue.WorkAll(t.Context())
	if !f.shell.quit {
		t.Error("it goes on")
	}
}

func TestTray_quit(t *testing.T) {
	for name, end := range map[string]func(f *fixture){
		"asked": func(f *fixture) {
			f.Keys(ctrl, fyne.KeyW)
			f.Press("Quit")
		},
		"from the tray": func(f *fixture) { f.trayMenu("Quit") },
	} {
		t.Run(name, func(t *testing.T) {
			f := hosted(t)
			end(f)
			f.queue.WorkAll(t.Context())
			if !f.shell.quit || f.keeper.closed != 1 {
				t.Errorf("quit %v, session closed %d times", f.shell.quit, f.keeper.closed)
			}
		})
	}
}

// TestClose_withoutTray: closing ends the program, and asks once when that interrupts transfers.
func TestClose_withoutTray(t *testing.T) {
	f := around(t)
	transfer := func(status mesibo.FileStatus) {
		t.Helper()
		l, ok := f.backend.Listeners[0].(mesibo.FileTransferListener)
		if !ok {
			t.Fatal("the program does not listen to transfers")
		}
		m := apptest.Params("bob", f.backend.Receive("bob", "film.mkv"))
		l.OnFileTransferProgress(&mesibo.FileInfo{Params: m, Mid: m.Mid, Mode: mesibo.FileModeDownload, Status: status})
		f.queue.Drain()
	}
	transfer(mesibo.FileStatusInProgress)
	f.Keys(ctrl, fyne.KeyW)
	f.Wants("Quit while files are on their way?")
	f.Press("Cancel")
	f.Keys(ctrl, fyne.KeyW)
	f.WantsNot("Quit while files are on their way?")
	f.queue.WorkAll(t.Context())
	if !f.shell.quit {
		t.Error("it goes on")
	}
}

func TestHidden(t *testing.T) {
	hidden := func(t *testing.T, err error) *fixture {
		t.Helper()
		f := prepare(t).withShell()
		f.hidden, f.shell.err = true, err
		f.backend.Fill("bob", 2, f.queue.Now())
		f.start()
		f.pass(time.Second)
		return f
	}
	t.Run("with a tray", func(t *testing.T) {
		f := hidden(t, nil)
		f.wantVisible(false)
		f.shell.tray.Hosted(true)
		f.pass(time.Hour)
		f.wantVisible(false)
		f.receive("bob", "Hello")
		f.wantShown("user:bob")
		f.app.Open("", "tok", false) // started again by hand
		f.wantVisible(true)
		f.Wants("Hello")
	})
	t.Run("tray too late", func(t *testing.T) {
		f := hidden(t, nil)
		f.pass(10 * time.Second)
		f.wantVisible(false)
		f.pass(10 * time.Second)
		f.wantVisible(true)
	})
	t.Run("without a tray", func(t *testing.T) { hidden(t, errors.New("no bus")).wantVisible(true) })
	t.Run("started with the session twice", func(t *testing.T) {
		f := hidden(t, nil)
		f.shell.tray.Hosted(true)
		f.app.Open("", "", true)
		f.wantVisible(false)
	})
	t.Run("quit", func(t *testing.T) {
		f := hidden(t, nil)
		f.trayMenu("Quit")
		if got := f.fyne.Preferences().FloatList("window.size"); len(got) > 0 {
			t.Errorf("the size of a window that was never seen is stored: %v", got)
		}
	})
}

func TestOpenLink(t *testing.T) {
	f := around(t)
	open := func(link string) {
		t.Helper()
		f.app.Open(link, "", false)
		f.queue.WorkAll(t.Context())
	}
	open("parley:chat/bob")
	f.Wants("Message Bob Keller")
	open("parley:chat/stranger")
	f.Wants("Open a chat with stranger?")
	open("parley:chat/alice") // not under a sheet
	f.Wants("Open a chat with stranger?")
	f.Press("Cancel")
	f.Wants("Message Bob Keller", "Close what is open first")
	open("parley:chat/stranger")
	f.Press("Open chat")
	f.Wants("Message stranger")

	open("parley:group/ABCD-2345")
	f.Wants("Join a group?", "ABCD-2345")
	f.Press("Cancel")
	if len(f.backend.Calls) > 0 {
		t.Errorf("asked for %q", f.backend.Calls)
	}
	open("parley:group/ABCD-2345")
	f.Press("Join")
	if got := f.backend.Calls; len(got) != 1 || got[0] != "join by ABCD-2345" {
		t.Errorf("asked for %q", got)
	}
	open("parley:join/parley1_abc")
	f.Wants("Invite to a server", "You are signed in to chat.example.org", "Add account")
	f.Press("Cancel")
	open("parley:nonsense")
	f.Wants("This link is damaged")
	if len(f.keeper.invites) > 0 {
		t.Errorf("joined with %q", f.keeper.invites)
	}
}

// TestOpenLink_firstRun: an invite is filled in, and used when the user wants it; other links wait.
func TestOpenLink_firstRun(t *testing.T) {
	f := prepare(t).withShell().launch()
	f.backend.Fill("bob", 2, f.queue.Now())
	f.app.Open("parley:chat/bob", "", false)
	f.app.Open("parley:join/parley1_abc", "", false)
	f.queue.WorkAll(t.Context())
	f.Wants("Join a server", "parley1_abc")
	if len(f.keeper.invites) > 0 {
		t.Fatalf("joined with %q", f.keeper.invites)
	}
	f.keeper.session = f.session()
	f.Press("Join")
	f.queue.WorkAll(t.Context())
	f.Wants("Message Bob Keller")
	if got := f.keeper.invites; len(got) != 1 || got[0] != "parley1_abc" {
		t.Errorf("joined with %q", got)
	}
}
