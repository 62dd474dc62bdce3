package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/parley-chat/parley/examples/internal/exampletest"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// startParrot runs the parrot until the test ends.
func startParrot(t *testing.T, token string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, t.TempDir(), token, slog.New(slog.NewTextHandler(t.Output(), nil))) }()
	t.Cleanup(func() {
		cancel()
		if err := exampletest.Next(t, done); err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// signIn connects alice, whose microphone hears a tone of 440 Hz.
func signIn(t *testing.T, srv *mesibotest.Server) (alice *exampletest.User, set *calltest.Set) {
	t.Helper()
	startParrot(t, srv.Token("parrot"))
	alice, set = exampletest.SignIn(t, srv.Token("alice")), calltest.New(440)
	alice.SetCallMedia(*set.Media)
	return alice, set
}

// hears fails the test unless alice hears herself, after silence.
func hears(t *testing.T, set *calltest.Set) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := errors.Join(set.Speaker.Hear(ctx, 0), set.Speaker.Hear(ctx, 440)); err != nil {
		t.Error(err)
	}
}

func TestParrot_answers(t *testing.T) {
	t.Parallel()
	alice, set := signIn(t, mesibotest.NewServer(t))
	cp := alice.CreateCallProperties(false)
	cp.User = alice.CreateUserProfile("parrot", 0)
	c, err := alice.Call(cp)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan mesibo.HangupReason, 1)
	if err := c.Start(&mesibo.CallInProgressFuncs{
		Hangup: func(_ *mesibo.CallProperties, reason mesibo.HangupReason) { ended <- reason },
	}); err != nil {
		t.Fatal(err)
	}
	hears(t, set)
	if err := c.Hangup(); err != nil {
		t.Fatal(err)
	}
	if reason := exampletest.Next(t, ended); reason != mesibo.HangupReasonUser {
		t.Errorf("ended by %v", reason)
	}
}

func TestParrot_takes_part_in_groups(t *testing.T) {
	t.Parallel()
	alice, set := signIn(t, mesibotest.NewServer(t))
	if err := alice.CreateGroup(mesibo.GroupSettings{Name: "Birds"}, []string{"parrot"}, alice.Random()); err != nil {
		t.Fatal(err)
	}
	c, err := alice.GroupCall(exampletest.Next(t, alice.Groups))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Join(&mesibo.GroupCallFuncs{Publisher: func(p *mesibo.CallParticipant, joined bool) {
		if !joined {
			return
		}
		if err := p.Call(true, false, false, false, nil); err != nil {
			t.Error(err)
		}
	}}, false); err != nil {
		t.Fatal(err)
	}
	if err := c.CreatePublisher(1).Call(true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	hears(t, set)
	c.Leave()
}
