package app

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

type connectionFixture struct {
	*connectionModel

	backend *apptest.Backend
	queue   *apptest.Queue
	changes int
}

func newConnectionFixture() *connectionFixture {
	q := apptest.NewQueue()
	f := &connectionFixture{backend: apptest.NewBackend(q.Now), queue: q}
	f.connectionModel = newConnectionModel(f.backend, q, "chat.example.org", func() { f.changes++ })
	return f
}

func (f *connectionFixture) turns(status mesibo.ConnectionStatus, retry time.Duration) {
	f.backend.Status, f.backend.Retry = status, time.Time{}
	if retry > 0 {
		f.backend.Retry = f.queue.Now().Add(retry)
	}
	f.Status(status)
}

func (f *connectionFixture) wants(t *testing.T, when, footer, banner string) {
	t.Helper()
	if got := f.FooterWords(); got != footer {
		t.Errorf("%s: footer: got %q, want %q", when, got, footer)
	}
	if got := f.BannerWords(); got != banner {
		t.Errorf("%s: banner: got %q, want %q", when, got, banner)
	}
}

func TestConnectionModel_Outage(t *testing.T) {
	f := newConnectionFixture()
	f.wants(t, "at the start", "Connected", "")
	f.turns(mesibo.StatusConnectFailure, 9*time.Second)
	f.wants(t, "just gone", "Reconnecting in 9 s", "")
	f.queue.Advance(2 * time.Second)
	f.wants(t, "after two seconds", "Reconnecting in 7 s", "Can't reach chat.example.org. Retrying in 7 s.")
	before := f.changes
	f.queue.Advance(5 * time.Second)
	if got := f.changes - before; got != 5 {
		t.Errorf("countdown: got %d refreshes in five seconds, want 5", got)
	}
	f.wants(t, "later", "Reconnecting in 2 s", "Can't reach chat.example.org. Retrying in 2 s.")
	f.turns(mesibo.StatusConnecting, 0)
	f.wants(t, "trying", "Connecting…", "Can't reach chat.example.org. Trying now.")
	f.turns(mesibo.StatusOnline, 0)
	f.wants(t, "back", "Connected", "Connected again.")
	f.queue.Advance(time.Second)
	f.wants(t, "a second later", "Connected", "")
	if got := f.queue.Timers(); got != 0 {
		t.Errorf("timers left: got %d, want 0", got)
	}
}

func TestConnectionModel_ShortTrouble(t *testing.T) {
	f := newConnectionFixture()
	f.turns(mesibo.StatusOffline, 0)
	f.queue.Advance(1500 * time.Millisecond)
	f.turns(mesibo.StatusOnline, 0)
	f.queue.Advance(10 * time.Second)
	f.wants(t, "after short trouble", "Connected", "")
}

func TestConnectionModel_TroubleWhileRecovering(t *testing.T) {
	f := newConnectionFixture()
	f.turns(mesibo.StatusOffline, 0)
	f.queue.Advance(3 * time.Second)
	f.turns(mesibo.StatusOnline, 0)
	f.queue.Advance(500 * time.Millisecond)
	f.turns(mesibo.StatusOffline, 0)
	f.queue.Advance(10 * time.Second)
	f.wants(t, "gone again", "Reconnecting…", "Can't reach chat.example.org. Trying now.")
}

func TestConnectionModel_Waiting(t *testing.T) {
	f := newConnectionFixture()
	f.turns(mesibo.StatusConnectFailure, 30*time.Second)
	f.queue.Advance(3 * time.Second)
	send := func(id uint32) {
		if err := f.backend.SendMessageString(mesibo.MessageParams{Peer: "alice"}, id, "hello"); err != nil {
			t.Fatal(err)
		}
	}
	send(1)
	f.wants(t, "one waits", "Offline · 1 waiting", "Can't reach chat.example.org. Retrying in 27 s; 1 message waits.")
	send(2)
	f.wants(t, "two wait", "Offline · 2 waiting", "Can't reach chat.example.org. Retrying in 27 s; 2 messages wait.")
	f.turns(mesibo.StatusNoNetwork, 0)
	f.wants(t, "no network", "Offline · 2 waiting", "No network. You can read and write; 2 messages wait.")
}

func TestConnectionModel_SignedOut(t *testing.T) {
	for _, status := range []mesibo.ConnectionStatus{mesibo.StatusSignOut, mesibo.StatusAuthFail} {
		f := newConnectionFixture()
		f.turns(status, 0)
		f.turns(mesibo.StatusStopped, 0)
		f.wants(t, status.String(), "Signed out", "You were signed out on this device. You can read what is here.")
		if f.CanRetry() {
			t.Errorf("%v: got a retry, want none", status)
		}
	}
}

func TestConnectionModel_Suspended(t *testing.T) {
	f := newConnectionFixture()
	f.backend.Suspension = &mesibo.Suspension{
		Until: time.Date(2026, time.December, 5, 14, 2, 0, 0, time.Local), Reason: "insults.\n",
	}
	f.turns(mesibo.StatusSuspended, 0)
	const words = "This server has suspended you until 5 Dec 2026, 14:02: insults."
	f.wants(t, "suspended", "Suspended", words)
	f.turns(mesibo.StatusConnecting, 0)
	f.wants(t, "trying", "Suspended", words)
	f.turns(mesibo.StatusOnline, 0)
	f.queue.Advance(2 * time.Second)
	f.wants(t, "over", "Connected", "")
	f.backend.Suspension = &mesibo.Suspension{Reason: "spam"}
	f.turns(mesibo.StatusSuspended, 0)
	f.turns(mesibo.StatusStopped, 0)
	f.wants(t, "banned", "Suspended", "This server has banned you: spam.")
}

func TestConnectionModel_Retry(t *testing.T) {
	f := newConnectionFixture()
	if f.CanRetry() {
		t.Error("connected: got a retry, want none")
	}
	f.turns(mesibo.StatusConnectFailure, 30*time.Second)
	if !f.CanRetry() {
		t.Error("not connected: got no retry, want one")
	}
	f.Retry()
	if got := f.backend.Reconnects; got != 1 {
		t.Errorf("reconnects: got %d, want 1", got)
	}
}
