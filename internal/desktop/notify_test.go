//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"image"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"github.com/parley-chat/parley/app/system"
)

// server stands for the notification server of a desktop, such as GNOME's, KDE's or dunst: it has the interface of the
// Desktop Notifications Specification, and hands what it is asked to the test instead of showing it.
type server struct {
	conn      *dbus.Conn
	can       []string
	inhibited bool
	notified  chan notified
	closed    chan uint32
	last      atomic.Uint32
	asked     chan struct{} // a call has come that is not answered before hold is closed
	hold      chan struct{} // nil to answer at once
}

type notified struct {
	ID, Replaces               uint32
	Program, Icon, Title, Body string
	Actions                    []string
	Hints                      map[string]dbus.Variant
	Expires                    int32
}

func newServer(t *testing.T, b *testBus, can ...string) *server {
	t.Helper()
	return serve(t, b, &server{can: can})
}

func serve(t *testing.T, b *testBus, s *server) *server {
	t.Helper()
	s.conn, s.notified, s.closed = b.connect(), make(chan notified, 100), make(chan uint32, 100)
	s.asked = make(chan struct{}, 100)
	if err := s.conn.Export(s, notifyPath, notifyName); err != nil {
		t.Fatal(err)
	}
	if err := s.conn.Export(serverProps{s}, notifyPath, busProperties); err != nil {
		t.Fatal(err)
	}
	own(t, s.conn, notifyName)
	return s
}

func (s *server) GetCapabilities() ([]string, *dbus.Error) { return s.can, nil }

func (s *server) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	return "test", "parley", "1", "1.2", nil
}

func (s *server) Notify(program string, replaces uint32, icon, title, body string, actions []string,
	hints map[string]dbus.Variant, expires int32,
) (uint32, *dbus.Error) {
	s.asked <- struct{}{}
	if s.hold != nil {
		<-s.hold
	}
	id := replaces
	if id == 0 {
		id = s.last.Add(1)
	}
	s.notified <- notified{id, replaces, program, icon, title, body, actions, hints, expires}
	return id, nil
}

func (s *server) CloseNotification(id uint32) *dbus.Error {
	s.closed <- id
	return nil
}

func (s *server) emit(t *testing.T, signal string, values ...any) {
	t.Helper()
	if err := s.conn.Emit(notifyPath, notifyName+"."+signal, values...); err != nil {
		t.Fatal(err)
	}
}

// serverProps are the properties of a server.
type serverProps struct{ *server }

func (p serverProps) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	if iface == notifyName && name == "Inhibited" {
		return dbus.MakeVariant(p.inhibited), nil
	}
	return dbus.Variant{}, dbus.MakeFailedError(dbus.ErrClosed)
}

// heard is what a Desktop reports.
type heard struct {
	invoked chan system.Invocation
	sounds  chan struct{}
}

func notifying(t *testing.T, b *testBus) (*Desktop, heard) {
	t.Helper()
	d := New(Options{Bus: b.address})
	h := heard{make(chan system.Invocation, 100), make(chan struct{}, 100)}
	background(t, func(ctx context.Context) error {
		return d.RunNotifications(ctx, system.NotificationHandler{
			Invoked: func(i system.Invocation) { h.invoked <- i }, Sound: func() { h.sounds <- struct{}{} },
		})
	})
	return d, h
}

func news(key, body string) system.Notification {
	return system.Notification{
		Key: key, Title: "Alice", Body: body, Reply: "Reply",
		Actions: []system.Action{{ID: system.ActionOpen, Label: "Open"}, {ID: "read", Label: "Mark as read"}},
	}
}

func TestNotify(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	s := newServer(t, b, "body", "body-markup", "actions", "inline-reply")
	d, _ := notifying(t, b)
	n := news("user:alice", "2 < 3 & <b>bold</b>")
	n.Picture = image.NewNRGBA(image.Rect(0, 0, 200, 100))
	d.Notify(n)
	got := soon(t, "a notification", s.notified)
	if got.Program != "Parley" || got.Icon != programID || got.Title != "Alice" ||
		got.Body != "2 &lt; 3 &amp; &lt;b&gt;bold&lt;/b&gt;" || got.Replaces != 0 || got.Expires != -1 {
		t.Errorf("got %+v", got)
	}
	want := []string{"default", "Open", "read", "Mark as read", "inline-reply", "Reply"}
	if !slices.Equal(got.Actions, want) {
		t.Errorf("actions: got %q, want %q", got.Actions, want)
	}
	var picture notifyPicture
	if err := dbus.Store([]any{got.Hints["image-data"].Value()}, &picture); err != nil || picture.Width != pictureSide ||
		len(picture.Pixels) != int(picture.Stride*picture.Height) {
		t.Errorf("picture: got %d by %d, %v", picture.Width, picture.Height, err)
	}
	if got.Hints["desktop-entry"].Value() != programID || got.Hints["category"].Value() != "im.received" {
		t.Errorf("hints: got %v", got.Hints)
	}
	d.Notify(news("user:alice", "more"))
	if again := soon(t, "another", s.notified); again.Replaces != got.ID || again.Body != "more" {
		t.Errorf("in its place: got %+v", again)
	}
	d.Notify(news("user:bob", "hello"))
	other := soon(t, "one of another chat", s.notified)
	if other.Replaces != 0 {
		t.Errorf("beside it: got %+v", other)
	}
	d.Withdraw("user:alice")
	if id := soon(t, "withdrawn", s.closed); id != got.ID {
		t.Errorf("withdrawn: got %d, want %d", id, got.ID)
	}
	d.Withdraw("user:alice")
	d.Withdraw("user:nobody")
	d.Withdraw("user:bob")
	if id := soon(t, "withdrawn", s.closed); id != other.ID {
		t.Errorf("withdrawn: got %d, want %d", id, other.ID)
	}
}

// TestNotify_server_without_much: markup is not escaped, and no buttons are offered, where the server has neither.
func TestNotify_server_without_much(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	s := newServer(t, b, "body")
	d, _ := notifying(t, b)
	d.Notify(news("user:alice", "2 < 3"))
	if got := soon(t, "a notification", s.notified); got.Body != "2 < 3" || len(got.Actions) > 0 {
		t.Errorf("got %+v", got)
	}
}

func TestNotify_invoked(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	s := newServer(t, b, "actions", "inline-reply")
	d, h := notifying(t, b)
	d.Notify(news("user:alice", "x"))
	id := soon(t, "a notification", s.notified).ID
	s.emit(t, "ActivationToken", id, "token_TIME7")
	s.emit(t, "ActionInvoked", id, "default")
	press := system.Invocation{Key: "user:alice", Action: "default", Token: "token_TIME7"}
	if got := soon(t, "the press", h.invoked); got != press {
		t.Errorf("got %+v", got)
	}
	s.emit(t, "ActionInvoked", id, "inline-reply")
	s.emit(t, "NotificationReplied", id, "Yes!")
	reply := system.Invocation{Key: "user:alice", Action: "inline-reply", Text: "Yes!"}
	if got := soon(t, "the reply", h.invoked); got != reply {
		t.Errorf("got %+v", got)
	}
	// Nothing of these is about a notification of this program, or what the specification says.
	s.emit(t, "ActionInvoked", id+1, "default")
	s.emit(t, "ActionInvoked", "text", "default")
	s.emit(t, "ActionInvoked", id)
	s.emit(t, "ActionInvoked", id, uint32(7))
	s.emit(t, "NotificationClosed")
	stranger := b.connect()
	if err := stranger.Emit(notifyPath, notifyName+".ActionInvoked", id, "default"); err != nil {
		t.Fatal(err)
	}
	s.emit(t, "ActionInvoked", id, "read")
	if got := soon(t, "what follows", h.invoked); got.Action != "read" {
		t.Errorf("got %+v", got)
	}
	d.Notify(news("user:bob", "z"))
	other := soon(t, "another", s.notified).ID
	s.emit(t, "NotificationClosed", id, uint32(2))
	s.emit(t, "ActionInvoked", id, "default")
	d.Notify(news("user:bob", "z")) // so that the number of the one before is known
	soon(t, "another", s.notified)
	s.emit(t, "ActionInvoked", other, "last")
	if got := soon(t, "that all has been seen", h.invoked); got.Action != "last" {
		t.Errorf("got %+v", got)
	}
	d.Notify(news("user:alice", "y"))
	if got := soon(t, "a new one", s.notified); got.Replaces != 0 {
		t.Errorf("after it was closed: got %+v", got)
	}
	select {
	case i := <-h.invoked:
		t.Errorf("told of %+v", i)
	default:
	}
}

func TestNotify_update(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	s := newServer(t, b)
	d, _ := notifying(t, b)
	update := news("user:alice", "edited")
	update.Update = true
	d.Notify(update) // nothing is shown that could change
	d.Notify(news("user:bob", "first"))
	if got := soon(t, "a notification", s.notified); got.Body != "first" {
		t.Errorf("got %+v", got)
	}
	update.Key = "user:bob"
	d.Notify(update)
	if got := soon(t, "the update", s.notified); got.Body != "edited" || got.Replaces == 0 {
		t.Errorf("got %+v", got)
	}
}

// TestNotify_slow_server: a server that does not answer costs nothing, and in the end shows the latest once.
func TestNotify_slow_server(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	s := serve(t, b, &server{hold: make(chan struct{})})
	d, _ := notifying(t, b)
	d.Notify(news("user:alice", "first"))
	soon(t, "the call", s.asked)
	for range 500 {
		d.Notify(news("user:alice", "another"))
		d.Notify(news("user:bob", "hello"))
	}
	d.Notify(news("user:alice", "last"))
	d.Withdraw("user:bob")
	close(s.hold)
	for _, want := range []string{"first", "last"} {
		if got := soon(t, "a notification", s.notified); got.Body != want {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
	d.Notify(news("user:carol", "end"))
	if got := soon(t, "a notification", s.notified); got.Body != "end" {
		t.Errorf("got %+v", got)
	}
}

// TestNotify_server_comes_late: there is none, then one, then another one, and then another bus.
func TestNotify_server_comes_late(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	d, h := notifying(t, b)
	loud := news("user:alice", "nobody shows this")
	loud.Sound = true
	d.Notify(loud)
	soon(t, "the sound all the same", h.sounds)
	s := newServer(t, b)
	d.Notify(news("user:alice", "one"))
	soon(t, "at the first server", s.notified)
	if _, err := s.conn.ReleaseName(notifyName); err != nil {
		t.Fatal(err)
	}
	s = newServer(t, b)
	d.Notify(news("user:alice", "two"))
	if got := soon(t, "at the second", s.notified); got.Replaces != 0 {
		t.Errorf("another server does not know the old number: got %+v", got)
	}
	b.stop()
	b.start()
	s = newServer(t, b)
	d.Notify(news("user:alice", "three"))
	if got := soon(t, "at the third", s.notified); got.Replaces != 0 || got.Body != "three" {
		t.Errorf("got %+v", got)
	}
}

func TestNotify_sound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		can              []string
		inhibited, quiet bool
		theirs, ours     bool
	}{
		"by the server":  {can: []string{"sound"}, theirs: true},
		"by the program": {ours: true},
		"not wanted":     {can: []string{"sound"}, quiet: true},
		"do not disturb": {can: []string{"inhibitions"}, inhibited: true},
		"may disturb":    {can: []string{"inhibitions"}, ours: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTestBus(t)
			s := serve(t, b, &server{can: c.can, inhibited: c.inhibited})
			d, h := notifying(t, b)
			n := news("a", "x")
			n.Sound = !c.quiet
			d.Notify(n)
			got := soon(t, "a notification", s.notified)
			if _, theirs := got.Hints["sound-name"]; theirs != c.theirs {
				t.Errorf("sound-name: got %v", got.Hints)
			}
			if _, none := got.Hints["suppress-sound"]; none == c.theirs {
				t.Errorf("suppress-sound: got %v", got.Hints)
			}
			d.Notify(news("b", "silent"))
			soon(t, "the next one", s.notified)
			if heard := len(h.sounds) > 0; heard != c.ours {
				t.Errorf("heard: got %v, want %v", heard, c.ours)
			}
		})
	}
}

// TestNotify_ends: what is shown goes with the program.
func TestNotify_ends(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	s := newServer(t, b)
	d := New(Options{Bus: b.address})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.RunNotifications(ctx, system.NotificationHandler{}) }()
	d.Notify(news("a", "x"))
	id := soon(t, "a notification", s.notified).ID
	d.Notify(news("a", "y")) // so that the number of the one before is known
	soon(t, "another", s.notified)
	cancel()
	if err := soon(t, "the end", ended); err != nil {
		t.Error(err)
	}
	if got := soon(t, "withdrawn", s.closed); got != id {
		t.Errorf("withdrawn: got %d, want %d", got, id)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"plain":        {"Hello", "Hello"},
		"spaces":       {"  a \t b\u00a0c ", "a b c"},
		"lines":        {"a\nb\nc\nd", "a\nb\nc d"},
		"control":      {"a\x00b\x1b[31mc", "ab[31mc"},
		"direction":    {"\u202Eevil\u202C \u2067x\u2069", "evil x"},
		"not UTF-8":    {"a\xffb", "ab"},
		"too long":     {strings.Repeat("ä", 30), strings.Repeat("ä", 20) + "…"},
		"just fitting": {strings.Repeat("ä", 20), strings.Repeat("ä", 20)},
		"empty":        {"", ""},
	} {
		if got := clean(c.text, 20, 3); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("Hello <b>you</b>\n\u202Eabc\x00")
	f.Fuzz(func(t *testing.T, text string) {
		got := clean(text, 50, 3)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 51 || strings.Count(got, "\n") > 2 ||
			strings.ContainsRune(got, 0) || strings.ContainsRune(got, '\u202E') {
			t.Errorf("%q gives %q", text, got)
		}
		if out := escape(got); strings.ContainsAny(out, "<>") {
			t.Errorf("%q is markup", out)
		}
	})
}
