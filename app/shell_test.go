package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	outside "github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/mesibo"
)

// handle is the number of the windows of a recorder.
const handle = 77

// shell stands for the desktop around the window: it keeps what it is to show, and the test does what a user would.
type shell struct {
	shown   map[string]outside.Notification
	calls   []string // what was asked of it, in order
	icon    outside.TrayIcon
	news    outside.NotificationHandler
	tray    outside.TrayHandler
	starts  bool
	idle    time.Duration
	visible bool // the main window is on the screen
	focused int  // how often the toolkit was asked to focus a window
	quit    bool
	err     error // of everything
}

func (s *shell) called(format string, args ...any) {
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

// RunNotifications implements system.Notifier; it returns at once.
func (s *shell) RunNotifications(_ context.Context, on outside.NotificationHandler) error {
	s.news = on
	return s.err
}

// Notify implements system.Notifier.
func (s *shell) Notify(n outside.Notification) {
	if _, ok := s.shown[n.Key]; n.Update && !ok {
		return
	}
	s.called("show %s: %s: %s", n.Key, n.Title, n.Body)
	s.shown[n.Key] = n
}

// Withdraw implements system.Notifier.
func (s *shell) Withdraw(key string) {
	if _, ok := s.shown[key]; ok {
		s.called("withdraw %s", key)
		delete(s.shown, key)
	}
}

// RunTray implements system.Tray; it returns at once.
func (s *shell) RunTray(_ context.Context, on outside.TrayHandler) error {
	s.tray = on
	return s.err
}

// SetTray implements system.Tray.
func (s *shell) SetTray(i outside.TrayIcon) { s.icon = i }

// Raise implements system.Windows.
func (s *shell) Raise(window uintptr, token string) error {
	s.called("raise %d %q", window, token)
	return s.err
}

// SetAttention implements system.Windows.
func (s *shell) SetAttention(window uintptr, on bool) error {
	s.called("attention %d %v", window, on)
	return s.err
}

// Idle implements system.Windows.
func (s *shell) Idle() (time.Duration, error) { return s.idle, s.err }

// Autostarts implements system.Autostart.
func (s *shell) Autostarts() (bool, error) { return s.starts, s.err }

// SetAutostart implements system.Autostart.
func (s *shell) SetAutostart(on bool) error {
	s.starts = on
	return s.err
}

// recorder is an application whose windows note whether they are on the screen, and have a handle.
type recorder struct {
	fyne.App

	shell *shell
}

// NewWindow implements fyne.App.
func (r *recorder) NewWindow(title string) fyne.Window {
	return &recorded{r.App.NewWindow(title), r.shell, title == "Parley"}
}

// Quit implements fyne.App.
func (r *recorder) Quit() { r.shell.quit = true }

type recorded struct {
	fyne.Window

	shell *shell
	main  bool
}

var _ driver.NativeWindow = (*recorded)(nil)

// Show implements fyne.Window.
func (w *recorded) Show() {
	w.Window.Show()
	w.shell.visible = w.shell.visible || w.main
}

// Hide implements fyne.Window.
func (w *recorded) Hide() {
	w.Window.Hide()
	w.shell.visible = w.shell.visible && !w.main
}

// RequestFocus implements fyne.Window.
func (w *recorded) RequestFocus() {
	w.Window.RequestFocus()
	w.shell.focused++
}

// RunNative implements driver.NativeWindow.
func (w *recorded) RunNative(f func(context any)) { f(driver.X11WindowContext{WindowHandle: handle}) }

// withShell lets a fixture start with a desktop around its window.
func (f *fixture) withShell() *fixture {
	f.shell = &shell{shown: map[string]outside.Notification{}}
	return f
}

// around opens a window with a chat of Alice and one of Bob, and a desktop around it.
func around(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t).withShell()
	f.backend.Fill("alice", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Fill("bob", 2, f.queue.Now().Add(-2*time.Hour))
	f.backend.AddGroup(7, "Book club", "alice", "bob")
	f.backend.ReceiveIn(7, "bob", "Which book?")
	if err := f.backend.SendReadReceipt(mesibo.MessageParams{GroupID: 7}, 0); err != nil {
		t.Fatal(err)
	}
	f.start()
	f.pass(time.Second)
	return f
}

// pass lets time go by, and work be done.
func (f *fixture) pass(d time.Duration) {
	f.t.Helper()
	f.queue.WorkAll(f.t.Context())
	f.queue.Advance(d)
	f.queue.WorkAll(f.t.Context())
}

// wantShown compares the keys of the notifications that are shown.
func (f *fixture) wantShown(keys ...string) {
	f.t.Helper()
	f.pass(2 * time.Second)
	var got []string
	for key := range f.shell.shown {
		got = append(got, key)
	}
	slices.Sort(got)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		f.t.Errorf("notifications: got %q, want %q", got, keys)
	}
}

// wantNote compares the words of a notification.
func (f *fixture) wantNote(key, title, body string) {
	f.t.Helper()
	f.pass(2 * time.Second)
	n, ok := f.shell.shown[key]
	if !ok || n.Title != title || n.Body != body {
		f.t.Errorf("notification %s: got %q, %q (shown %v); want %q, %q", key, n.Title, n.Body, ok, title, body)
	}
}

// did reports whether the desktop was asked to do something, and forgets it.
func (s *shell) did(what string) bool {
	i := slices.Index(s.calls, what)
	if i >= 0 {
		s.calls = slices.Delete(s.calls, i, i+1)
	}
	return i >= 0
}

func (f *fixture) invoke(i outside.Invocation) {
	f.t.Helper()
	f.shell.news.Invoked(i)
	f.pass(time.Second)
}

// trayMenu chooses an entry of the icon's menu that begins so.
func (f *fixture) trayMenu(label string) {
	f.t.Helper()
	var find func(items []outside.MenuItem) string
	find = func(items []outside.MenuItem) string {
		for _, item := range items {
			if strings.HasPrefix(item.Label, label) && len(item.Items) == 0 {
				return item.ID
			}
			if id := find(item.Items); id != "" {
				return id
			}
		}
		return ""
	}
	id := find(f.shell.icon.Menu)
	if id == "" {
		f.t.Fatalf("the tray does not offer %q: %+v", label, f.shell.icon.Menu)
	}
	f.shell.tray.Chosen(id)
	f.queue.WorkAll(f.t.Context())
}
