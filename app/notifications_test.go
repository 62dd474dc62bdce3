package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	outside "github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/mesibo"
)

// receiveIn receives a message of a group.
func (f *fixture) receiveIn(group uint32, sender, text string, mentions ...string) {
	f.t.Helper()
	m := apptest.Message(apptest.Key("", group), f.backend.ReceiveIn(group, sender, text))
	m.Mentions = mentions
	f.listener().OnReceived(m)
	f.queue.Drain()
}

// readElsewhere reads a chat on another device of the user.
func (f *fixture) readElsewhere(peer string, left int) {
	f.t.Helper()
	p := f.backend.Profiles[peer]
	p.Unread = left
	f.backend.Profiles[peer] = p
	l, ok := f.backend.Listeners[0].(mesibo.ReadListener)
	if !ok {
		f.t.Fatal("the program does not listen to what is read")
	}
	l.OnRead(peer, 0, left)
	f.queue.Drain()
}

func TestNotify(t *testing.T) {
	f := around(t)
	f.receive("bob", "Hello")
	if len(f.shell.shown) > 0 {
		t.Error("shown before it could be read elsewhere")
	}
	f.wantNote("user:bob", "Bob Keller", "Hello")
	if n := f.shell.shown["user:bob"]; !n.Sound || n.Reply != "Reply" || len(n.Actions) != 2 {
		t.Errorf("got %+v", n)
	}
	if !f.shell.did("attention 77 true") {
		t.Errorf("no attention: %q", f.shell.calls)
	}
	f.receive("bob", "Are you there?")
	f.wantNote("user:bob", "Bob Keller", "Are you there?\n2 new messages")
	f.receiveIn(7, "bob", "Emma")
	f.wantNote("group:7", "Book club", "Bob: Emma")
	f.wantTitle("(3) Parley")
	f.app.SetForeground(true)
	f.Press("Bob Keller")
	f.wantShown("group:7")
	if !f.shell.did("attention 77 false") {
		t.Errorf("still attention: %q", f.shell.calls)
	}
	f.receive("bob", "You see this") // the chat is open, and at its end
	f.wantShown("group:7")
	f.app.SetForeground(false)
	f.receive("bob", "Not this")
	f.wantNote("user:bob", "Bob Keller", "Not this")
	f.app.SetForeground(true)
	f.wantShown("group:7")
}

// TestNotify_readElsewhere: what is read on another device is not shown, or not any more.
func TestNotify_readElsewhere(t *testing.T) {
	f := around(t)
	f.receive("bob", "one")
	f.readElsewhere("bob", 0)
	f.wantShown()
	if len(f.shell.calls) > 0 {
		t.Errorf("asked for %q", f.shell.calls)
	}
	f.receive("bob", "two")
	f.wantShown("user:bob")
	f.readElsewhere("bob", 0)
	f.wantShown()
}

func TestNotify_notWanted(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(f *fixture)
		act     func(f *fixture)
	}{
		"muted": {func(f *fixture) {
			f.backend.Profiles["bob"] = mesibo.UserProfile{Name: "Bob Keller", Flag: mesibo.UserFlagMute}
		}, func(f *fixture) { f.receive("bob", "x") }},
		"archived": {func(f *fixture) {
			f.backend.Profiles["bob"] = mesibo.UserProfile{Name: "Bob Keller", Flag: mesibo.UserFlagArchive}
		}, func(f *fixture) {
			f.receive("bob", "x")
			f.receive("bob", "y")
		}},
		"mentions only": {func(f *fixture) {
			f.fyne.Preferences().SetStringList("notify.mentions", []string{"group:7"})
		}, func(f *fixture) { f.receiveIn(7, "bob", "x", "alice") }},
		"off": {func(f *fixture) { f.fyne.Preferences().SetBool("notify.off", true) }, func(f *fixture) {
			f.receive("bob", "x")
			f.backend.Listener.OnMissed("bob", false)
			f.backend.Ring("bob", false)
		}},
		"own, from another device": {func(*fixture) {}, func(f *fixture) {
			m := apptest.Message("bob", chat.Message{Mid: 1 << 62, Out: true, Text: "x", Status: mesibo.MsgStatusSent})
			f.listener().OnReceived(m)
		}},
		"read before it came": {func(*fixture) {}, func(f *fixture) {
			m := apptest.Message("bob", f.backend.Receive("bob", "x"))
			m.Status = mesibo.MsgStatusReceivedRead
			f.listener().OnReceived(m)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := prepare(t).withShell()
			f.backend.Fill("bob", 2, f.queue.Now())
			f.backend.AddGroup(7, "Book club", "alice", "bob")
			c.prepare(f)
			f.start()
			f.pass(time.Second)
			c.act(f)
			f.wantShown()
		})
	}
}

func TestNotify_mentionsOnly(t *testing.T) {
	f := around(t)
	f.PressRight("Book club")
	f.Press("Notify of mentions only")
	f.receiveIn(7, "bob", "Nobody is named")
	f.wantShown()
	f.receiveIn(7, "bob", "You, @me", apptest.Self)
	f.wantNote("group:7", "Book club", "Bob: You, @me")
}

// TestNotify_burst: after a week offline, hundreds of messages make few notifications.
func TestNotify_burst(t *testing.T) {
	f := around(t)
	for i := range 500 {
		f.listener().OnReceived(apptest.Message("bob", f.backend.Receive("bob", fmt.Sprintf("message %d", i+1))))
	}
	f.queue.Drain()
	f.wantNote("user:bob", "Bob Keller", "message 500\n500 new messages")
	if len(f.shell.calls) != 2 { // and the attention
		t.Errorf("asked for %d things", len(f.shell.calls))
	}
	f.shell.calls = nil
	for i := range 6 {
		who := fmt.Sprintf("user%d", i)
		f.backend.Profiles[who] = mesibo.UserProfile{Name: "User " + who}
		f.receive(who, "a")
		f.receive(who, "b")
	}
	f.wantNote("summary", "Parley", "12 new messages in 6 chats")
	f.wantShown("summary", "user:bob")
	for i := range 6 {
		f.wantShown("summary", "user:bob")
		f.readElsewhere(fmt.Sprintf("user%d", i), 0)
	}
	f.wantShown("user:bob")
}

func TestNotify_hiddenText(t *testing.T) {
	f := around(t)
	f.settings("Notifications")
	f.Press("Show what is written")
	f.Key(fyne.KeyEscape)
	f.receive("bob", "a secret")
	f.wantNote("user:bob", "Bob Keller", "New message")
	f.receive("bob", "another")
	f.wantNote("user:bob", "Bob Keller", "2 new messages")
}

func TestNotify_doNotDisturb(t *testing.T) {
	f := around(t)
	f.trayMenu("For 1 hour")
	f.receive("bob", "one")
	f.backend.Ring("alice", false)
	f.wantShown()
	if len(f.shell.calls) > 0 {
		t.Errorf("asked for %q", f.shell.calls)
	}
	f.backend.Made[0].Status(mesibo.CallStatusCancel)
	f.pass(time.Hour)
	f.receive("bob", "two")
	f.wantNote("user:bob", "Bob Keller", "two")
	f.trayMenu("Until I turn it off")
	f.pass(100 * time.Hour)
	f.receive("alice", "three")
	f.wantShown("user:bob")
	f.trayMenu("Turn off")
	f.receive("alice", "four")
	f.wantShown("user:bob", "user:alice")
	f.trayMenu("Until tomorrow morning")
	if until := time.Unix(int64(f.fyne.Preferences().Float("notify.quiet")), 0); until.Hour() != 8 ||
		!until.After(f.queue.Now()) || until.Sub(f.queue.Now()) > 24*time.Hour {
		t.Errorf("until: got %v, at %v", until, f.queue.Now())
	}
}

func TestNotify_invoked(t *testing.T) {
	f := around(t)
	f.receive("bob", "Hello")
	f.wantShown("user:bob")
	f.invoke(outside.Invocation{Key: "user:bob", Action: outside.ActionOpen, Token: "tok"})
	if !f.shell.did(`raise 77 "tok"`) {
		t.Errorf("asked for %q", f.shell.calls)
	}
	f.app.SetForeground(true)
	f.Wants("Message Bob Keller", "Hello")
	f.wantShown()
	f.app.SetForeground(false)

	f.receive("alice", "Question")
	f.wantShown("user:alice")
	f.invoke(outside.Invocation{Key: "user:alice", Action: outside.ActionReply, Text: " Answer\n"})
	if got := f.backend.Sent[len(f.backend.Sent)-1]; got != "Answer" {
		t.Errorf("sent: got %q", got)
	}
	f.wantShown()

	f.receive("alice", "And")
	f.wantShown("user:alice")
	f.invoke(outside.Invocation{Key: "user:alice", Action: "read"})
	f.wantShown()
	if got := f.backend.Profiles["alice"].Unread; got != 0 {
		t.Errorf("unread: got %d", got)
	}

	f.receive("alice", "Once more")
	f.wantShown("user:alice")
	f.backend.Err = errors.New("disk full")
	f.invoke(outside.Invocation{Key: "user:alice", Action: outside.ActionReply, Text: "x"})
	if !f.shell.did(`raise 77 ""`) {
		t.Errorf("a reply that was not sent: asked for %q", f.shell.calls)
	}
}

func TestNotify_editedAndDeleted(t *testing.T) {
	f := around(t)
	f.receive("bob", "Hallo")
	f.wantShown("user:bob")
	sent := f.backend.Chats["bob"]
	m := apptest.Message("bob", sent[len(sent)-1])
	edited := m.MessageParams
	l, ok := f.backend.Listeners[0].(mesibo.MessageUpdateListener)
	if !ok {
		t.Fatal("the program does not listen to edits")
	}
	l.OnMessageUpdate(&edited, []byte("Hello"))
	f.wantNote("user:bob", "Bob Keller", "Hello")
	if f.shell.shown["user:bob"].Sound {
		t.Error("an edit is heard")
	}
	delete(f.shell.shown, "user:bob") // the user closed it
	l.OnMessageUpdate(&edited, []byte("Hello!"))
	f.wantShown()

	f.receive("bob", "A mistake")
	f.wantShown("user:bob")
	for range 2 {
		rows := f.backend.Chats["bob"]
		gone := apptest.Params("bob", rows[len(rows)-1])
		f.backend.Chats["bob"] = rows[:len(rows)-1]
		gone.Flag |= mesibo.FlagDeleted
		f.listener().OnMessageStatus(gone)
		f.queue.Drain()
		if n, ok := f.shell.shown["user:bob"]; ok && strings.Contains(n.Body, "mistake") {
			t.Errorf("still says %q", n.Body)
		}
	}
	f.wantShown()
}

func TestNotify_calls(t *testing.T) {
	f := around(t)
	c := f.backend.Ring("bob", false)
	f.progress(c, mesibo.CallStatusIncoming)
	f.wantNote("call", "Bob Keller is calling", "Incoming voice call")
	if n := f.shell.shown["call"]; !n.Call || n.Sound || n.Actions[1].Label != "Answer" ||
		n.Actions[2].Label != "Decline" {
		t.Errorf("got %+v", n)
	}
	f.progress(c, mesibo.CallStatusSwitched) // answered on another device
	f.wantShown()

	c = f.backend.Ring("bob", false)
	f.progress(c, mesibo.CallStatusIncoming)
	f.wantShown("call")
	f.invoke(outside.Invocation{Key: "call", Action: "answer"})
	f.wantShown()
	if got := c.Done[len(c.Done)-1]; !strings.HasPrefix(got, "answer") {
		t.Errorf("asked last: got %q", got)
	}
	f.progress(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected, mesibo.CallStatusComplete)
	f.pass(5 * time.Second)

	c = f.backend.Ring("bob", true)
	f.progress(c, mesibo.CallStatusIncoming)
	f.wantNote("call", "Bob Keller is calling", "Incoming video call")
	f.invoke(outside.Invocation{Key: "call", Action: "decline"})
	f.wantShown()
	if got := c.Done[len(c.Done)-1]; got != "hang up" {
		t.Errorf("asked last: got %q", got)
	}

	f.backend.RingGroup(7, false, "alice")
	f.wantNote("call", "Alice Martin is calling the group Book club", "Voice call · Alice Martin is in the call")
	f.invoke(outside.Invocation{Key: "call", Action: "decline"})
	f.wantShown()

	f.backend.Listener.OnMissed("bob", false)
	f.wantNote("missed:user:bob", "Missed call from Bob Keller", "Voice call")
	f.invoke(outside.Invocation{Key: "missed:user:bob", Action: outside.ActionOpen})
	f.app.SetForeground(true)
	f.Wants("Message Bob Keller")
	f.wantShown()
}

// TestNotify_quit: no notification outlives the program that handles it.
func TestNotify_quit(t *testing.T) {
	f := around(t)
	f.receive("bob", "Hello")
	f.wantShown("user:bob")
	f.Keys(ctrl, fyne.KeyQ)
	f.wantShown()
	if !f.shell.quit {
		t.Error("it goes on")
	}
}

// TestNotify_withoutServer: where the desktop shows none, the sound is heard all the same.
func TestNotify_withoutServer(t *testing.T) {
	f := prepare(t).withShell()
	f.shell.err = errors.New("no bus")
	sound := &apptest.Sound{}
	f.sound = &chat.Sound{Output: sound}
	f.backend.Fill("bob", 2, f.queue.Now())
	f.start()
	f.pass(time.Second)
	f.receive("bob", "Hello")
	f.queue.Advance(300 * time.Millisecond)
	f.queue.WorkAll(t.Context())
	if !sound.IsPlaying() {
		t.Error("silence")
	}
	f.wantShown()
	if sound.IsPlaying() {
		t.Error("the device stays open")
	}
}
