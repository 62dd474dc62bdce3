package workspace_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/workspace"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

const patience = time.Minute

func TestMain(m *testing.M) {
	keyring.MockInit() // mocks the desktop's secret service
	os.Exit(m.Run())
}

func keeper(t *testing.T, dir string) *workspace.Keeper {
	t.Helper()
	k := workspace.New(dir, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	k.SetWorkFactor(10)
	if err := k.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

func connect(t *testing.T, s *app.Session) {
	t.Helper()
	if err := s.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, s *app.Session, k *workspace.Keeper) {
	t.Helper()
	if err := errors.Join(s.Close(context.WithoutCancel(t.Context())), k.Close()); err != nil {
		t.Fatal(err)
	}
}

// await waits until the texts of the chat, newest first, start with these.
func await(t *testing.T, s *app.Session, peer string, texts ...string) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		page, err := s.Client.ReadPage(chat.Query{Peer: peer, Count: 50})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range page {
			got = append(got, m.Text)
		}
		if len(got) >= len(texts) && strings.HasPrefix(strings.Join(got, "|"), strings.Join(texts, "|")) {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("got conversation %q, want %q", got, texts)
		}
	}
}

func TestLocal_workspace_with_echo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	k := keeper(t, dir)
	if s, err := k.Resume(t.Context()); err != nil || s != nil {
		t.Fatalf("resume of nothing: got %v, %v", s, err)
	}
	s, err := k.StartLocal(t.Context(), "  Alice Martin ")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s)
	if got := s.Client.GetAddress(); got != "alice.martin" {
		t.Errorf("got address %q", got)
	}
	await(t, s, "echo", "Hi Alice!")
	p := mesibo.NewMessageParams("echo", mesibo.FlagDefault)
	if err := s.Client.SendMessageString(p, 99, "Are you there?"); err != nil {
		t.Fatal(err)
	}
	await(t, s, "echo", "Are you there?", "Are you there?")
	other := workspace.New(dir, slog.New(slog.DiscardHandler))
	if err := other.Hold(t.Context()); !errors.Is(err, dirlock.ErrInUse) {
		t.Errorf("second program: got %v, want ErrInUse", err)
	}
	closed(t, s, k)

	k = keeper(t, dir)
	if s, err = k.Resume(t.Context()); err != nil || s == nil {
		t.Fatalf("resume: %v", err)
	}
	await(t, s, "echo", "Are you there?", "Are you there?") // before it is connected
	connect(t, s)
	if err := s.Client.SendMessageString(p, 100, "And now?"); err != nil {
		t.Fatal(err)
	}
	await(t, s, "echo", "And now?", "And now?", "Are you there?", "Are you there?", "Hi Alice!")
	if err := s.RemoveEcho(t.Context()); err != nil {
		t.Fatal(err)
	}
	closed(t, s, k)

	k = keeper(t, dir)
	if s, err = k.Resume(t.Context()); err != nil || s.Echo != "" {
		t.Fatalf("got Echo %q, %v", s.Echo, err)
	}
	connect(t, s)
	closed(t, s, k)
}

func TestStartLocal_names(t *testing.T) {
	for name, want := range map[string]string{
		"Bob": "bob", "Łukasz Żak": "łukasz.żak", "李雷": "李雷", "!!!": "me", "Echo": "me",
		strings.Repeat("Wolfeschlegelstein ", 9): "wolfeschlegelstein.wolfeschlegelstein.wolfeschlegelstein.wolfes",
	} {
		t.Run(want, func(t *testing.T) {
			k := keeper(t, t.TempDir())
			s, err := k.StartLocal(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Client.GetAddress(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			closed(t, s, k)
		})
	}
}

func TestJoin(t *testing.T) {
	srv := mesibotest.NewServer(t)
	revoked := srv.Token("alice")
	srv.RevokeToken(revoked)
	k := keeper(t, t.TempDir())
	for name, c := range map[string]struct {
		invite string
		want   error
	}{
		"damaged": {"parley1_x", mesibo.ErrInvalidToken},
		"revoked": {revoked, mesibo.ResultAuthFail},
	} {
		if s, err := k.Join(t.Context(), c.invite, ""); s != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	token := srv.Token("alice")
	srv.Stop()
	if s, err := k.Join(t.Context(), token, ""); s != nil || !errors.Is(err, workspace.ErrNoAnswer) {
		t.Errorf("server is away: got %v, want ErrNoAnswer", err)
	}
	if s, err := k.Resume(t.Context()); s != nil || err != nil {
		t.Errorf("a failed Join was kept: %v", err)
	}
	srv.Start()
	s, err := k.Join(t.Context(), " "+token+"\n", "")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s)
	closed(t, s, k)
	if err := k.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err := k.Resume(t.Context()); s != nil || err != nil {
		t.Errorf("after Forget: got %v, %v", s, err)
	}
}

// TestJoin_with_an_invite: what is kept is the token that this computer has made, not the invite.
func TestJoin_with_an_invite(t *testing.T) {
	srv := mesibotest.NewServer(t)
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetAccessToken(srv.Token("alice")); err != nil {
		t.Fatal(err)
	}
	invite, err := m.CreateInvite(t.Context(), mesibo.InviteParams{Address: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	k := keeper(t, t.TempDir())
	s, err := k.Join(t.Context(), invite.Link, "Alice")
	if err != nil || s.Client.GetAddress() != "alice" {
		t.Fatalf("got %v", err)
	}
	connect(t, s)
	closed(t, s, k)
	if s, err = k.Resume(t.Context()); err != nil || s == nil {
		t.Fatalf("got %v", err)
	}
	connect(t, s)
	closed(t, s, k)
	if _, err := k.Join(t.Context(), invite.Link, "Alice"); !errors.Is(err, mesibo.ErrInviteUsed) {
		t.Errorf("a second time: got %v, want ErrInviteUsed", err)
	}
	if err := m.Reset(); err != nil {
		t.Error(err)
	}
}

func TestResume_of_a_damaged_account(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "account.json"), []byte(`{"kind": "lo`), 0o600); err != nil {
		t.Fatal(err)
	}
	k := keeper(t, dir)
	if s, err := k.Resume(t.Context()); s != nil || err == nil {
		t.Errorf("got %v, want an error: a damaged account must not look like a first start", err)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
}
