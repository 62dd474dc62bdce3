package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/examples/internal/exampletest"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// startBot runs the bot until stop is called, which reports what run returned.
func startBot(t *testing.T, dir, token string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, dir, token, slog.New(slog.NewTextHandler(t.Output(), nil))) }()
	return func() {
		t.Helper()
		cancel()
		if err := exampletest.Next(t, done); err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

func TestEchobot_answers_users_and_groups(t *testing.T) {
	srv := mesibotest.NewServer(t)
	stop := startBot(t, t.TempDir(), srv.Token("echobot"))
	alice := exampletest.SignIn(t, srv.Token("alice"))

	alice.Send(t, "echobot", 0, "Hello")
	if got := exampletest.Next(t, alice.Messages); got.Peer != "echobot" || string(got.Data) != "Hello" || got.RefID == 0 {
		t.Errorf("got %q from %s about message %d, want Hello from echobot", got.Data, got.Peer, got.RefID)
	}
	alice.AwaitStatus(t, mesibo.MsgStatusRead)

	if err := alice.CreateGroup(mesibo.GroupSettings{Name: "Book club"}, []string{"echobot"}, alice.Random()); err != nil {
		t.Fatal(err)
	}
	group := exampletest.Next(t, alice.Groups)
	alice.Send(t, "", group, "What do we read?")
	if got := exampletest.Next(t, alice.Messages); got.GroupID != group || string(got.Data) != "What do we read?" {
		t.Errorf("got %q in group %d, want the question in group %d", got.Data, got.GroupID, group)
	}
	stop()
}

func TestEchobot_answers_files_and_locations(t *testing.T) {
	srv := mesibotest.NewServer(t)
	stop := startBot(t, t.TempDir(), srv.Token("echobot"))
	alice := exampletest.SignIn(t, srv.Token("alice"))

	to := mesibo.NewMessageParams("echobot", mesibo.FlagDefault)
	if err := alice.SendLocation(to, alice.Random(), mesibo.Location{Lat: 48.2, Lon: 16.4}); err != nil {
		t.Fatal(err)
	}
	if got := exampletest.Next(t, alice.Messages); got.Location == nil || got.Location.Lat != 48.2 {
		t.Errorf("got %+v, want the location", got)
	}
	path := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(path, []byte("Dear bot"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := alice.SendFile(to, alice.Random(), alice.GetFileInstance(mesibo.FileTypeAuto, "", path)); err != nil {
		t.Fatal(err)
	}
	if got := exampletest.Next(t, alice.Messages); got.File == nil || got.File.Title != "letter.txt" {
		t.Errorf("got %+v, want the file", got)
	}
	stop()
}

func TestEchobot_loses_nothing_between_runs(t *testing.T) {
	srv := mesibotest.NewServer(t)
	dir, token := t.TempDir(), srv.Token("echobot")
	alice := exampletest.SignIn(t, srv.Token("alice"))
	startBot(t, dir, token)()

	for _, text := range []string{"one", "two", "three"} {
		alice.Send(t, "echobot", 0, text)
		alice.AwaitStatus(t, mesibo.MsgStatusSent)
	}
	stop := startBot(t, dir, token)
	for _, want := range []string{"one", "two", "three"} {
		if got := exampletest.Next(t, alice.Messages); string(got.Data) != want {
			t.Errorf("got %q, want %q", got.Data, want)
		}
	}
	stop()
}

// A crash between storing a message and answering it leaves it unread in the database; one between answering it and
// marking it read leaves an answered one unread.
func TestEchobot_answers_once_after_a_crash(t *testing.T) {
	srv := mesibotest.NewServer(t)
	dir, token := t.TempDir(), srv.Token("echobot")
	alice := exampletest.SignIn(t, srv.Token("alice"))
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token, Database: "echobot.db"})
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan *mesibo.Message, 2)
	err = m.AddListener(&mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
		arrived <- &mesibo.Message{MessageParams: *p, Data: data}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	alice.Send(t, "echobot", 0, "answered, but not marked read")
	b := &bot{m: m, log: slog.New(slog.DiscardHandler)}
	if err := b.answer(exampletest.Next(t, arrived)); err != nil {
		t.Fatal(err)
	}
	alice.Send(t, "echobot", 0, "not answered")
	exampletest.Next(t, arrived)
	if err := m.Reset(); err != nil {
		t.Fatal(err)
	}

	stop := startBot(t, dir, token)
	alice.Send(t, "echobot", 0, "the last")
	for _, want := range []string{"answered, but not marked read", "not answered", "the last"} {
		if got := exampletest.Next(t, alice.Messages); string(got.Data) != want {
			t.Errorf("got %q, want %q", got.Data, want)
		}
	}
	stop()
}

func TestEchobot_without_token(t *testing.T) {
	if err := run(t.Context(), t.TempDir(), "", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("got nil, want an error")
	}
}
