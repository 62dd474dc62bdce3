package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

// benchWindow opens the program with forty chats, of which one has n messages.
func benchWindow(b *testing.B, n int) (*app.App, *apptest.Backend, *apptest.Queue) {
	b.Helper()
	q := apptest.NewQueue()
	backend := apptest.NewBackend(q.Now)
	for i := range 40 {
		peer := "person" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		backend.Profiles[peer] = mesibo.UserProfile{Name: "Person " + peer}
		backend.Fill(peer, 20, q.Now().Add(-time.Duration(i+1)*time.Hour))
	}
	backend.Profiles["alice"] = mesibo.UserProfile{Name: "Alice Martin"}
	backend.Fill("alice", n, q.Now())
	nothing := func(context.Context) error { return nil }
	k := &keeper{session: &app.Session{
		Client: backend, Server: "s", Connect: nothing, RemoveEcho: nothing, Close: nothing,
	}}
	a := app.New(app.Config{FyneApp: apptest.NewApp(b), Workspace: k, UI: q, Logger: slog.New(slog.DiscardHandler)})
	q.WorkAll(b.Context())
	return a, backend, q
}

// BenchmarkOpenChat switches to a chat of 12,000 messages and back to a short one; painting is not in it.
func BenchmarkOpenChat(b *testing.B) {
	a, _, q := benchWindow(b, 12_000)
	apptest.Press(a.Window().Canvas(), "Alice Martin")
	q.Drain()
	w := apptest.Use(b, q, a.Window())
	for b.Loop() {
		w.Keys(fyne.KeyModifierAlt, fyne.KeyDown)
		w.Keys(fyne.KeyModifierAlt, fyne.KeyUp)
	}
}

// BenchmarkScroll turns the wheel by one notch in a chat of 12,000 messages, the pages read included.
func BenchmarkScroll(b *testing.B) {
	a, _, q := benchWindow(b, 12_000)
	apptest.Press(a.Window().Canvas(), "Alice Martin")
	q.Drain()
	up, i := float32(25), 0
	for b.Loop() {
		test.Scroll(a.Window().Canvas(), fyne.NewPos(700, 400), 0, up)
		q.WorkAll(b.Context())
		if i++; i%10_000 == 0 {
			up = -up
		}
	}
}

// BenchmarkReceive handles a message of the open chat: model, list and both panes.
func BenchmarkReceive(b *testing.B) {
	a, backend, q := benchWindow(b, 12_000)
	apptest.Press(a.Window().Canvas(), "Alice Martin")
	q.Drain()
	l, _ := backend.Listeners[0].(mesibo.MessageReceiver)
	for b.Loop() {
		l.OnReceived(apptest.Message("alice", backend.Receive("alice", "One more message")))
		q.Drain()
	}
}

// BenchmarkReceiveBurst handles a thousand messages that arrive at once.
func BenchmarkReceiveBurst(b *testing.B) {
	a, backend, q := benchWindow(b, 1000)
	apptest.Press(a.Window().Canvas(), "Alice Martin")
	q.Drain()
	l, _ := backend.Listeners[0].(mesibo.MessageReceiver)
	for b.Loop() {
		for range 1000 {
			l.OnReceived(apptest.Message("alice", backend.Receive("alice", "One more message")))
		}
		q.Drain()
	}
}
