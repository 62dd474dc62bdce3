package main

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/examples/internal/exampletest"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// The test driver runs fyne.Do on the goroutine that calls it: while the app is connected that is the SDK's, and the
// test leaves the window alone.
func TestFirstapp_shows_sends_and_marks_read(t *testing.T) {
	srv := mesibotest.NewServer(t)
	bob := exampletest.SignIn(t, srv.Token("bob"))
	a := &app{dir: t.TempDir(), window: test.NewTempApp(t).NewWindow("First app")}
	a.window.SetContent(a.signInForm())
	if err := a.signIn("no token", "bob"); err == nil {
		t.Error("sign in without a token: got nil, want an error")
	}
	if err := a.signIn(srv.Token("alice"), ""); err == nil {
		t.Error("sign in without a peer: got nil, want an error")
	}
	if err := a.signIn(srv.Token("alice"), "bob"); err != nil {
		t.Fatal(err)
	}
	bob.Send(t, "alice", 0, "Hello")
	bob.AwaitStatus(t, mesibo.MsgStatusRead)

	a.m.Stop()
	if a.list.Length() != 1 || line(a.messages[0]) != "bob: Hello" {
		t.Errorf("got %d messages, want the one of bob", a.list.Length())
	}
	input, ok := a.window.Canvas().Focused().(*widget.Entry)
	if !ok {
		t.Fatal("the field for messages does not have the keyboard")
	}
	test.Type(input, "Good morning")
	input.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := line(a.messages[1]); got != "Me: Good morning (…)" || input.Text != "" {
		t.Errorf("got %q with %q in the field, want a message that waits", got, input.Text)
	}
	statuses := make(chan mesibo.MsgStatus, 3)
	err := a.m.AddListener(&mesibo.ListenerFuncs{ // called after the app's
		MessageStatus: func(p *mesibo.MessageParams) { statuses <- p.Status },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.m.Start(); err != nil {
		t.Fatal(err)
	}
	got := exampletest.Next(t, bob.Messages)
	if got.Peer != "alice" || string(got.Data) != "Good morning" {
		t.Errorf("bob got %q from %s", got.Data, got.Peer)
	}
	for exampletest.Next(t, statuses) != mesibo.MsgStatusDelivered {
		continue
	}
	a.close()
	if got := line(a.messages[1]); got != "Me: Good morning (✓✓)" {
		t.Errorf("got %q, want a message that was delivered", got)
	}
}
