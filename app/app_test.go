package app_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

// keeper is a workspace without disk and network.
type keeper struct {
	session  *app.Session // nil: nobody was here before
	err      error
	names    []string
	invites  []string
	forgot   int
	started  int
	closed   int
	echoGone int
}

func (k *keeper) Resume(context.Context) (*app.Session, error) { return k.session, k.err }

func (k *keeper) StartLocal(_ context.Context, name string) (*app.Session, error) {
	k.names = append(k.names, name)
	return k.session, k.err
}

func (k *keeper) Join(_ context.Context, invite string) (*app.Session, error) {
	k.invites = append(k.invites, invite)
	return k.session, k.err
}

func (k *keeper) Forget(context.Context) error {
	k.forgot++
	return nil
}

type fixture struct {
	*apptest.Window

	t       *testing.T
	app     *app.App
	fyne    fyne.App
	queue   *apptest.Queue
	backend *apptest.Backend
	keeper  *keeper
}

func prepare(t *testing.T) *fixture {
	t.Helper()
	q := apptest.NewQueue()
	f := &fixture{t: t, fyne: apptest.NewApp(t), queue: q, backend: apptest.NewBackend(q.Now), keeper: &keeper{}}
	for peer, name := range map[string]string{"alice": "Alice Martin", "bob": "Bob Keller", "chiara": "Chiara Rossi"} {
		f.backend.Profiles[peer] = mesibo.UserProfile{Name: name}
	}
	return f
}

func (f *fixture) session() *app.Session {
	return &app.Session{
		Client: f.backend, Server: "chat.example.org", Echo: "echo",
		Connect:    func(context.Context) error { f.keeper.started++; return nil },
		RemoveEcho: func(context.Context) error { f.keeper.echoGone++; return nil },
		Close:      func(context.Context) error { f.keeper.closed++; return nil },
	}
}

// start opens the window of somebody who has been here before.
func (f *fixture) start() *fixture {
	f.t.Helper()
	f.keeper.session = f.session()
	return f.launch()
}

func (f *fixture) launch() *fixture {
	f.t.Helper()
	f.app = app.New(app.Config{
		FyneApp: f.fyne, Workspace: f.keeper, UI: f.queue, Name: "Anna", Version: "1.0", Logger: slog.New(slog.DiscardHandler),
	})
	f.app.SetLook("light")
	f.queue.WorkAll(f.t.Context())
	f.Window = apptest.Use(f.t, f.queue, f.app.Window())
	f.t.Cleanup(f.Window.Close)
	return f
}

// listener is what the program gave the SDK.
func (f *fixture) listener() mesibo.MessageListener {
	f.t.Helper()
	if len(f.backend.Listeners) != 1 {
		f.t.Fatalf("listeners: got %d, want 1", len(f.backend.Listeners))
	}
	l, _ := f.backend.Listeners[0].(mesibo.MessageListener)
	return l
}

func (f *fixture) receive(peer, text string) {
	f.t.Helper()
	f.listener().OnMessage(apptest.Params(peer, f.backend.Receive(peer, text)), []byte(text))
	f.queue.Drain()
}

// status lets the server say what became of the last message sent to peer.
func (f *fixture) status(peer string, status mesibo.MsgStatus) {
	f.t.Helper()
	rows := f.backend.Chats[peer]
	m := rows[len(rows)-1]
	m.Mid = f.backend.SetStatus(peer, m.ID(), status)
	m.Status = status
	f.listener().OnMessageStatus(apptest.Params(peer, m))
	f.queue.Drain()
}

func (f *fixture) connection(status mesibo.ConnectionStatus, retry time.Duration) {
	f.t.Helper()
	f.backend.Status = status
	f.backend.Retry = f.queue.Now().Add(retry)
	l, _ := f.listener().(mesibo.ConnectionListener)
	l.OnConnectionStatus(status)
	f.queue.Drain()
}

func (f *fixture) wantTitle(want string) {
	f.t.Helper()
	f.queue.Drain()
	if got := f.Title(); got != want {
		f.t.Errorf("title: got %q, want %q", got, want)
	}
}

func TestFirstRun(t *testing.T) {
	f := prepare(t).launch()
	f.Wants("Welcome", "Start on this computer", "Join a server", "Anna")
	for _, s := range apptest.Look(f.Canvas()) {
		for _, word := range []string{"port", "token", "database"} {
			if strings.Contains(strings.ToLower(s.Text), word) {
				t.Errorf("first card: got %q, want no word %q", s.Text, word)
			}
		}
	}
	f.keeper.session = f.session()
	f.Key(fyne.KeyReturn)
	f.Wants("Starting…")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages", "Echo", "Connected")
	if got := strings.Join(f.keeper.names, ","); got != "Anna" {
		t.Errorf("name: got %q, want Anna", got)
	}
	if f.keeper.started != 1 {
		t.Errorf("connected: got %d times, want 1", f.keeper.started)
	}
}

func TestFirstRun_JoinRefused(t *testing.T) {
	f := prepare(t).launch()
	f.Press("Join a server")
	f.Type("parley1_x")
	f.keeper.err = &mesibo.Error{Op: "SetAccessToken", Result: mesibo.ResultAuthFail, Cause: mesibo.ErrInvalidToken}
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("That is not a complete invite.", "parley1_x")
	f.keeper.err, f.keeper.session = nil, f.session()
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
	if got := len(f.keeper.invites); got != 2 {
		t.Errorf("invites: got %d, want 2", got)
	}
}

func TestStart_Fails(t *testing.T) {
	f := prepare(t)
	f.keeper.err = errors.New("disk gone")
	f.launch()
	f.Wants("Your chats could not be opened", "Try again")
	f.keeper.err, f.keeper.session = nil, f.session()
	f.Press("Try again")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
}

func TestStart_SlowKeyring(t *testing.T) {
	f := prepare(t)
	f.keeper.session = f.session()
	a := app.New(app.Config{FyneApp: f.fyne, Workspace: f.keeper, UI: f.queue, Logger: slog.New(slog.DiscardHandler)})
	f.Window = apptest.Use(t, f.queue, a.Window())
	f.queue.Advance(time.Second)
	f.Wants("Opening…")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
	f.WantsNot("Opening…")
}

// The list is on the screen before anything is connected.
func TestStart_ListBeforeConnection(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.keeper.session = f.session()
	a := app.New(app.Config{FyneApp: f.fyne, Workspace: f.keeper, UI: f.queue, Logger: slog.New(slog.DiscardHandler)})
	f.queue.Work(t.Context()) // Resume
	f.Window = apptest.Use(t, f.queue, a.Window())
	f.Wants("Alice Martin")
	if f.keeper.started != 0 {
		t.Errorf("connected: got %d, want 0", f.keeper.started)
	}
}

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
	f.Press("Echo")
	f.Type("Hello there")
	f.Key(fyne.KeyReturn)
	f.status("echo", mesibo.MsgStatusBlocked)
	f.WantsMark("Hello there", apptest.Failed)
	f.Wants("the recipient does not accept your messages", "Retry", "Delete")
	f.Press("Retry")
	f.WantsMark("Hello there", apptest.Waiting)
	if got := len(f.backend.Resent); got != 1 {
		t.Errorf("sent again: got %d, want 1", got)
	}
}

func TestChat_CancelWaiting(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.Type("Not this")
	f.Key(fyne.KeyReturn)
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
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Echo")
	f.Wants("Select a conversation")
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
	f.Wants("Appearance", "Copy my address", "Quit")
	f.Press("About Parley")
	f.Wants("Version 1.0")
	f.Press("Close")
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
	f.queue.Advance(time.Second)
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
	f.Wants("30 unread messages") // nobody was looking
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

// conversation lists what is seen of the messages: right of the list, under the header, over the button and the composer.
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
	f := prepare(t)
	f.backend.Fill("alice", 12_000, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	f.Wants("14:02") // the newest is there without any background work
	for range 200 {
		test.Scroll(f.Canvas(), fyne.NewPos(700, 400), 0, 75)
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
	f.Wants("This is no date.")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Go to date")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyG)
	f.Type("10.11.2026")
	f.Key(fyne.KeyReturn)
	f.Wants("Tuesday", "00:00")
	f.Key(fyne.KeyEscape)
	f.Wants("14:02")
}

func TestOutage(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 20, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
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
	f.Wants("Start on this computer")
	if f.keeper.forgot != 1 || f.keeper.closed != 1 {
		t.Errorf("got account forgotten %d times and closed %d times, want 1 and 1", f.keeper.forgot, f.keeper.closed)
	}
}

func TestDraft(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Fill("bob", 2, f.queue.Now().Add(-2*time.Hour))
	f.start()
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
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Fill("bob", 2, f.queue.Now().Add(-2*time.Hour))
	f.start()
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
	f := prepare(t)
	f.backend.Fill("alice", 20, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
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
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	f.Resize(fyne.NewSize(900, 600))
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	f.launch()
	f.wantTitle("Alice Martin – Parley")
	if got, want := f.Canvas().Size(), fyne.NewSize(900, 600); got != want {
		t.Errorf("size: got %v, want %v", got, want)
	}
}

// Two conversations are switched while a page of the first is on its way.
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
