package login_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/login"
)

type backend struct {
	names, invites []string
	err            error
	offer          login.Offer
	lookErr        error
}

func (b *backend) StartLocal(_ context.Context, name string) error {
	b.names = append(b.names, name)
	return b.err
}

func (b *backend) Look(context.Context, string) (login.Offer, error) { return b.offer, b.lookErr }

func (b *backend) Join(_ context.Context, invite, name string) error {
	b.invites, b.names = append(b.invites, invite), append(b.names, name)
	return b.err
}

type fixture struct {
	*login.Model

	backend *backend
	queue   *apptest.Queue
	done    int
}

func prepare() *fixture {
	f := &fixture{backend: &backend{}, queue: apptest.NewQueue()}
	f.Model = login.NewModel(f.config())
	return f
}

func (f *fixture) config() login.Config {
	return login.Config{
		Backend:    f.backend,
		Dispatcher: f.queue,
		Name:       "Alice Martin",
		Explain:    func(err error) string { return "sorry: " + err.Error() },
		Logger:     slog.New(slog.DiscardHandler),
		Changed:    func() {},
		Done:       func() { f.done++ },
	}
}

func TestModel_Start(t *testing.T) {
	tests := []struct {
		name        string
		typed       string
		err         error
		wantName    string
		wantProblem string
		wantDone    int
	}{
		{"plain", "Alice", nil, "Alice", "", 1},
		{"spaces", "  Alice   Martin ", nil, "Alice Martin", "", 1},
		{"empty", "  ", nil, "", "Type the name that others will see.", 0},
		{"too long", strings.Repeat("ä", 61), nil, "", "This name is too long.", 0},
		{"disk full", "Alice", errors.New("disk full"), "Alice", "sorry: disk full", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare()
			f.backend.err = tt.err
			f.Start(tt.typed)
			f.queue.WorkAll(t.Context())
			if got := strings.Join(f.backend.names, ","); got != tt.wantName {
				t.Errorf("name: got %q, want %q", got, tt.wantName)
			}
			if f.Problem() != tt.wantProblem || f.done != tt.wantDone || f.Busy() {
				t.Errorf("got problem %q, done %d, busy %t, want %q, %d, false",
					f.Problem(), f.done, f.Busy(), tt.wantProblem, tt.wantDone)
			}
		})
	}
}

func TestModel_PressedTwice(t *testing.T) {
	f := prepare()
	f.Start("Alice")
	f.Start("Alice")
	f.ShowJoin(true)
	if !f.Busy() || f.Joining() {
		t.Errorf("got busy %t, joining %t, want true, false", f.Busy(), f.Joining())
	}
	f.queue.WorkAll(t.Context())
	if len(f.backend.names) != 1 || f.done != 1 {
		t.Errorf("got %d accounts, done %d, want 1, 1", len(f.backend.names), f.done)
	}
}

func TestModel_Join(t *testing.T) {
	f := prepare()
	f.ShowJoin(true)
	f.Join(" ")
	if got, want := f.Problem(), "Paste the invite that you were given."; got != want {
		t.Errorf("problem: got %q, want %q", got, want)
	}
	f.Join("abc\n def ")
	f.queue.WorkAll(t.Context())
	if got, want := f.backend.invites[0], "abcdef"; got != want {
		t.Errorf("invite: got %q, want %q", got, want)
	}
	if f.done != 1 {
		t.Errorf("done: got %d, want 1", f.done)
	}
}

// TestModel_Join_with_an_invite: a new user has no name yet, so there is one more card.
func TestModel_Join_with_an_invite(t *testing.T) {
	f := prepare()
	f.ShowJoin(true)
	f.Join(" parleyinvite1_abc\ndef ")
	f.queue.WorkAll(t.Context())
	if !f.Naming() || len(f.backend.invites) != 0 {
		t.Fatalf("got naming %t, joined %v, want that the name is asked for first", f.Naming(), f.backend.invites)
	}
	f.JoinAs(" ")
	if got, want := f.Problem(), "Type the name that others will see."; got != want {
		t.Errorf("problem: got %q, want %q", got, want)
	}
	f.JoinAs(" Zoë  Müller")
	f.queue.WorkAll(t.Context())
	if f.done != 1 || f.backend.invites[0] != "parleyinvite1_abcdef" || f.backend.names[0] != "Zoë Müller" {
		t.Errorf("got %v, %v, done %d", f.backend.invites, f.backend.names, f.done)
	}
	f.ShowJoin(true)
	if f.Naming() {
		t.Error("the way back does not lead to the invite")
	}
}

// TestModel_Join_looks: what an invite is for is known before a name is asked for; an account of this user joins a group
// itself, and a dead invite leads nowhere.
func TestModel_Join_looks(t *testing.T) {
	f := prepare()
	own := 0
	cfg := f.config()
	cfg.Own = func() { own++ }
	f.Model = login.NewModel(cfg)
	f.ShowJoin(true)
	look := func() {
		f.Join("parleyinvite1_x")
		if !f.Busy() {
			t.Error("it is not asked what the invite is for")
		}
		f.queue.WorkAll(t.Context())
	}
	f.backend.lookErr = errors.New("used up")
	if look(); f.Naming() || f.Problem() != "sorry: used up" {
		t.Errorf("refused: naming %v, problem %q", f.Naming(), f.Problem())
	}
	f.backend.lookErr = login.ErrOwn
	if look(); own != 1 || f.Naming() || f.Problem() != "" {
		t.Errorf("an account of this user: %d times, naming %v, problem %q", own, f.Naming(), f.Problem())
	}
	f.backend.lookErr, f.backend.offer = nil, login.Offer{Group: "Choir", Members: 1}
	if look(); !f.Naming() || f.Offer() != "You join the group “Choir”, which has 1 member." {
		t.Errorf("offered: naming %v, %q", f.Naming(), f.Offer())
	}
	if f.ShowJoin(true); f.Naming() || f.Offer() != "" {
		t.Errorf("back: naming %v, %q", f.Naming(), f.Offer())
	}
}
