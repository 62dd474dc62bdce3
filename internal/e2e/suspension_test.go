package e2e_test

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// A suspended user learns why and until when, reads what is on the device, and is connected again when it is over. A
// banned one learns it too, and is not connected again.
func TestSuspension(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	bob := newDevice(t, srv.Token("bob"), t.TempDir())
	bob.start()
	until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	srv.SuspendUser("bob", until, "insults")
	suspended := func() bool { return bob.GetConnectionStatus() == mesibo.StatusSuspended }
	bob.await("suspended", suspended)
	if s := bob.GetSuspension(); s == nil || !s.Until.Equal(until) || s.Reason != "insults" || !bob.IsAccountSuspended() {
		t.Errorf("got %v, want until %v", s, until)
	}
	bob.Reconnect() // refused again, at the upgrade
	bob.await("suspended again", suspended)
	srv.RestoreUser("bob")
	bob.Reconnect()
	bob.await("online", func() bool { return bob.GetConnectionStatus() == mesibo.StatusOnline })
	if bob.IsAccountSuspended() {
		t.Error("still suspended")
	}
	srv.SuspendUser("bob", time.Time{}, "spam")
	bob.await("banned", func() bool { return bob.GetConnectionStatus() == mesibo.StatusStopped })
	err := bob.Run(t.Context())
	s, ok := errors.AsType[*mesibo.Suspension](err)
	if !ok || !s.Until.IsZero() || s.Reason != "spam" || !errors.Is(err, mesibo.ResultAuthFail) {
		t.Errorf("got %v, want a ban for spam", err)
	}
}
