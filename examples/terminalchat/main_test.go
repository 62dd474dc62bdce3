package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/parley-chat/parley/examples/internal/exampletest"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// terminal is what a test types and sees.
type terminal struct {
	t    *testing.T
	keys io.WriteCloser
	out  chan string
	seen string
	done chan error
}

type screen struct {
	io.Reader
	io.Writer
}

type writer chan string

func (w writer) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}

// open runs the chat until leave is called.
func open(t *testing.T, dir, token, peer string) *terminal {
	t.Helper()
	r, w := io.Pipe()
	term := &terminal{t: t, keys: w, out: make(chan string, 10_000), done: make(chan error, 1)}
	go func() {
		term.done <- run(context.WithoutCancel(t.Context()), dir, token, peer, screen{r, writer(term.out)})
	}()
	return term
}

// await waits for a text that was not awaited before.
func (s *terminal) await(text string) {
	s.t.Helper()
	for !strings.Contains(s.seen, text) {
		s.seen += exampletest.Next(s.t, s.out)
	}
	_, s.seen, _ = strings.Cut(s.seen, text)
}

func (s *terminal) enter(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.keys, line+"\r"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *terminal) leave() {
	s.t.Helper()
	_ = s.keys.Close()
	if err := exampletest.Next(s.t, s.done); err != nil {
		s.t.Errorf("run: %v", err)
	}
}

func TestTerminalchat_talks_and_shows_history(t *testing.T) {
	srv := mesibotest.NewServer(t)
	bob := exampletest.SignIn(t, srv.Token("bob"))
	dir, token := t.TempDir(), srv.Token("alice")
	alice := open(t, dir, token, "bob")
	alice.await("ONLINE")

	alice.enter("Hello")
	alice.await("✓✓ Hello")
	got := exampletest.Next(t, bob.Messages)
	if got.Peer != "alice" || string(got.Data) != "Hello" {
		t.Errorf("bob got %q from %s", got.Data, got.Peer)
	}
	if err := bob.SendReadReceipt(got.MessageParams, got.Mid); err != nil {
		t.Fatal(err)
	}
	alice.await("✓✓ (read) Hello")

	if err := bob.SendActivity(got.Reply(), 0, mesibo.ActivityTyping, 0); err != nil {
		t.Fatal(err)
	}
	alice.await("bob is typing…")
	bob.Send(t, "alice", 0, "Good morning")
	alice.await("bob: Good morning")
	bob.AwaitStatus(t, mesibo.MsgStatusRead)
	alice.leave()

	again := open(t, dir, token, "bob")
	again.await("✓✓ (read) Hello\r\nbob: Good morning\r\n")
	again.leave()
}

func TestTerminalchat_shows_that_the_user_types(t *testing.T) {
	srv := mesibotest.NewServer(t)
	alice := open(t, t.TempDir(), srv.Token("alice"), "bob")
	bob := open(t, t.TempDir(), srv.Token("bob"), "alice")
	alice.await("ONLINE")
	bob.await("ONLINE")
	if _, err := io.WriteString(alice.keys, "H"); err != nil {
		t.Fatal(err)
	}
	bob.await("alice is typing…")
	alice.leave()
	bob.leave()
}

func TestTerminalchat_groups(t *testing.T) {
	srv := mesibotest.NewServer(t)
	bob := exampletest.SignIn(t, srv.Token("bob"))
	alice := open(t, t.TempDir(), srv.Token("alice"), "bob")
	alice.await("ONLINE")
	alice.enter("/group Chess bob")
	alice.await("-- you made the group Chess")
	alice.enter("Your move")
	got := exampletest.Next(t, bob.Messages)
	if got.GroupID == 0 || string(got.Data) != "Your move" {
		t.Errorf("bob got %q in group %d", got.Data, got.GroupID)
	}
	bob.Send(t, "", got.GroupID, "e4")
	alice.await("bob in #")
	alice.await(": e4")
	alice.enter("/chat bob")
	alice.enter("Only for you")
	if got := exampletest.Next(t, bob.Messages); got.GroupID != 0 || string(got.Data) != "Only for you" {
		t.Errorf("bob got %q in group %d", got.Data, got.GroupID)
	}
	alice.enter("/unknown")
	alice.await("/group NAME USER…")
	alice.leave()
}

func TestTerminalchat_ends_when_the_token_is_revoked(t *testing.T) {
	srv := mesibotest.NewServer(t)
	token := srv.Token("alice")
	alice := open(t, t.TempDir(), token, "bob")
	alice.await("ONLINE")
	srv.RevokeToken(token)
	if err := exampletest.Next(t, alice.done); err == nil {
		t.Error("got nil, want an error")
	}
	_ = alice.keys.Close()
}
