package app_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

func TestPoll(t *testing.T) {
	f := startWithAlice(t, 2)
	apptest.Click(f.Canvas(), fyne.NewPos(f.Canvas().Size().Width-30, 28)) // the menu of the chat
	f.queue.Drain()
	f.Press("New poll…")
	f.Type("Where do we meet?")
	if !apptest.PressLowest(f.Canvas(), "Send") {
		t.Fatal("button: got none")
	}
	f.Wants("A poll needs two options.")
	f.Press("Option 1")
	f.Type("In the park")
	f.Key(fyne.KeyReturn) // to the second option
	f.Type("At home")
	f.Key(fyne.KeyReturn) // to the third, which is empty
	f.Key(fyne.KeyReturn)
	f.queue.Drain()
	f.Wants("Where do we meet?", "In the park", "No votes yet", "📊 Where do we meet?")
	if p := f.backend.Params; len(p) != 1 || p[0].Type != mesibo.TypePoll {
		t.Fatalf("sent: got %+v, want a poll", p)
	}
	f.status("alice", mesibo.MsgStatusSent)
	f.Press("At home")
	f.Wants("1 vote", "100 %")
	f.Press("In the park") // another vote in place of the first
	f.Wants("1 vote")
	rows := f.backend.Chats["alice"]
	if got := rows[len(rows)-1].Reactions; len(got) != 1 || got[0].Emoji != "1" {
		t.Errorf("votes: got %v, want one for the first option", got)
	}
	f.Press("In the park")
	f.Wants("No votes yet")
	f.Key(fyne.KeyEscape)
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeyReturn)
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyReturn) // the first line of the menu is the first option
	f.Wants("1 vote")
	f.Key(fyne.KeyReturn)
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyReturn)
	rows = f.backend.Chats["alice"]
	if got := rows[len(rows)-1].Reactions; len(got) != 1 || got[0].Emoji != "2" {
		t.Errorf("votes by keyboard: got %v, want one for the second option", got)
	}
	f.Key(fyne.KeyEscape)
}
