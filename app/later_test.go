package app_test

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/mesibo"
)

const ctrlShift = ctrl | fyne.KeyModifierShift

func TestSendSilently(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Type("Good night")
	f.Keys(ctrlShift, fyne.KeyReturn)
	f.Press("Send without sound")
	f.Wants("Good night", "Sent without sound")
	if p := f.backend.Params; len(p) != 1 || p[0].Flag&mesibo.FlagSilent == 0 {
		t.Errorf("sent: got %+v, want it silent", p)
	}
	f.Type("Louder")
	f.Key(fyne.KeyReturn)
	if p := f.backend.Params; len(p) != 2 || p[1].Flag&mesibo.FlagSilent != 0 {
		t.Errorf("sent: got %+v, want the second with sound", p)
	}
}

func TestSendLater(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Type("Happy birthday")
	f.Keys(ctrlShift, fyne.KeyReturn)
	f.Press("Send later…")
	f.Wants("Happy birthday", "Tomorrow, 09:00")
	f.Type("yesterday noon")
	f.Key(fyne.KeyReturn)
	f.Wants("Write a time such as 18:15")
	f.Press("Tomorrow, 09:00")
	f.WantsNot("Write a time such as 18:15")
	f.Wants("1 message is sent later: tomorrow, 09:00")
	f.Type("See you")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent; !slices.Equal(got, []string{"See you"}) {
		t.Errorf("sent before the time: got %q", got)
	}

	f.app.Quit()
	f.queue.WorkAll(t.Context())
	f.launch() // killed or closed, it is kept
	f.Press("Alice Martin")
	f.Wants("1 message is sent later: tomorrow, 09:00")
	f.Press("Show")
	f.Wants("Happy birthday", "Send now", "Do not send")
	f.Key(fyne.KeyEscape)
	for range 30 { // hours; the clock is looked at every one
		f.queue.Advance(time.Hour)
	}
	if got := f.backend.Sent; !slices.Equal(got, []string{"See you", "Happy birthday"}) {
		t.Errorf("sent: got %q", got)
	}
	f.WantsNot("is sent later")
	f.Wants("Happy birthday")
}

func TestSendLater_twice(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Type("Once")
	f.Keys(ctrlShift, fyne.KeyReturn)
	f.Press("Send later…")
	f.Press("Tomorrow, 09:00")
	f.Press("Show")
	f.backend.Err = mesibo.ErrDuplicateID // it was sent, and the program killed before it was dropped
	f.Press("Send now")
	f.backend.Err = nil
	f.Press("Do not send")
	f.WantsNot("is sent later")
	if got := f.backend.Sent; len(got) != 0 {
		t.Errorf("sent: got %q, want nothing", got)
	}
}

func TestDisappearingMessages(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Keys(ctrl, fyne.KeyI)
	f.Press("Disappearing messages: off")
	f.Wants("Off", "After 1 day", "After 4 weeks")
	f.Press("After 1 week")
	f.wantCalls("messages of alice stay for 168h0m0s")
	f.Wants("You set messages to disappear after 1 week", "Disappearing messages: 1 week")
	gone := f.backend.Chats["alice"][1]
	f.Wants(gone.Text)
	f.backend.Chats["alice"] = slices.Delete(f.backend.Chats["alice"], 1, 2)
	l, ok := f.backend.Listeners[0].(mesibo.DisappearListener)
	if !ok {
		t.Fatal("the program does not listen to messages that disappear")
	}
	l.OnDisappeared(&mesibo.MessageParams{Mid: gone.Mid, Peer: "alice", Status: mesibo.MsgStatusReceivedRead})
	f.queue.Drain()
	f.WantsNot(gone.Text)
}
