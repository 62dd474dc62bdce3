package e2e_test

import (
	"errors"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// A user reports a message that came in, and its sender; the operator gets what the message said.
func TestReport(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	bob := newDevice(t, srv.Token("bob"), t.TempDir())
	alice.start()
	bob.start()
	alice.send("bob", 7, "an insult")
	bob.awaitLine("message an insult RECEIVEDNEW")
	mid := bob.mid("an insult")
	bob.must(bob.ReportMessage(t.Context(), mid, mesibo.ReportAbuse, "look"))
	bob.must(bob.ReportUser(t.Context(), "alice", mesibo.ReportOther, ""))
	if got := srv.Reports(); len(got) != 2 || got[0].Content != "an insult" || got[0].Text != "look" || got[1].MID != 0 {
		t.Errorf("got %+v, want a message and a user", got)
	}
	if err := bob.ReportMessage(t.Context(), mid+1, mesibo.ReportSpam, ""); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("no message: got %v, want ErrNotFound", err)
	}
	if err := bob.ReportUser(t.Context(), "nobody", mesibo.ReportSpam, ""); !errors.Is(err, mesibo.ResultNoSuchUser) {
		t.Errorf("nobody: got %v, want ResultNoSuchUser", err)
	}
	bob.end()
	if err := bob.ReportUser(t.Context(), "alice", mesibo.ReportSpam, ""); !errors.Is(err, mesibo.ResultDisconnected) {
		t.Errorf("offline: got %v, want ResultDisconnected", err)
	}
}
