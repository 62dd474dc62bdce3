package app_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/mesibo"
)

// TestReport_message: a message of another user is reported with a reason, and its sender is blocked if that is wanted.
func TestReport_message(t *testing.T) {
	f := prepare(t)
	f.backend.Profiles["alice"] = mesibo.UserProfile{Address: "alice", Name: "Alice Martin"}
	f.backend.Receive("alice", "an insult")
	f.start()
	f.Press("an insult")
	f.PressRight("an insult")
	f.Press("Report…")
	f.Wants("Report this message?", "Spam", "Also block Alice Martin")
	f.Press("Spam")
	f.Press("Insults or threats")
	f.Press("What happened? (optional)")
	f.Type("look")
	f.Press("Also block Alice Martin")
	f.Press("Report")
	f.queue.WorkAll(t.Context())
	f.Wants("Reported. Whoever runs the server looks at it.")
	if len(f.backend.Reports) != 1 || f.backend.Reports[0][len(f.backend.Reports[0])-8:] != ": 2 look" {
		t.Errorf("got %q, want a report of the message", f.backend.Reports)
	}
	if p := f.backend.Profiles["alice"]; !p.IsBlocked() {
		t.Error("alice is not blocked")
	}
}

// TestReport_user: a user is reported from the profile; what the server refuses is said.
func TestReport_user(t *testing.T) {
	f := startWithAlice(t, 1)
	f.Resize(fyne.NewSize(1180, 1000))
	f.Keys(ctrl, fyne.KeyI)
	f.backend.ReportErr = &mesibo.Error{Op: "ReportUser", Result: mesibo.ResultRateLimit}
	f.Press("Report Alice Martin…")
	f.Wants("Report Alice Martin?")
	f.Press("Report")
	f.queue.WorkAll(t.Context())
	f.Wants("That was too fast for the server. Wait a moment and try again.")
	if want := []string{"user alice: 1 "}; !slices.Equal(f.backend.Reports, want) {
		t.Errorf("got %q, want %q", f.backend.Reports, want)
	}
}

// TestServer_notice: the chat with the server's notices cannot be answered, and its profile has no Block.
func TestServer_notice(t *testing.T) {
	f := prepare(t)
	f.backend.Receive(mesibo.ServerAddress, "The server moves on Sunday.")
	f.backend.Profiles[mesibo.ServerAddress] = mesibo.UserProfile{Address: mesibo.ServerAddress, Name: "chat.example.org"}
	f.start()
	f.Resize(fyne.NewSize(1180, 1000))
	f.Press("The server moves on Sunday.")
	f.Wants("chat.example.org", "Notices of the server", "Only the server writes here.")
	f.PressRight("The server moves on Sunday.")
	f.WantsNot("Report…")
	f.Key(fyne.KeyEscape)
	f.Keys(ctrl, fyne.KeyI)
	f.Wants("Profile")
	f.WantsNot("Block chat.example.org", "Report chat.example.org…")
}
