package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// renewLife is the lifetime of tokens in these tests, dueAfter an age at which they are to be renewed.
const (
	renewLife = 90 * 24 * time.Hour
	dueAfter  = renewLife * 3 / 4
)

func newRenewServer(t *testing.T) *mesibotest.Server {
	t.Helper()
	srv := mesibotest.NewServer(t)
	srv.SetTokenLifetime(renewLife)
	srv.Restart()
	return srv
}

// wantRefused checks that the server does not accept a token.
func wantRefused(t *testing.T, what, token string) {
	t.Helper()
	d := newDevice(t, token, t.TempDir())
	if err := d.Start(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	d.awaitLine("STOPPED")
	d.wantLines("", "CONNECTING", "AUTHFAIL", "STOPPED")
}

// sameSecret reports whether two printed tokens have the same secret.
func sameSecret(t *testing.T, a, b string) bool {
	t.Helper()
	x, errX := wire.ParseToken(a)
	y, errY := wire.ParseToken(b)
	if err := errors.Join(errX, errY); err != nil {
		t.Fatal(err)
	}
	return x.Secret == y.Secret
}

// TestToken_renewed: a device renews its token when it is due, and uses the new one as soon as that is stored, and not
// before.
func TestToken_renewed(t *testing.T) {
	t.Parallel()
	srv := newRenewServer(t)
	first := srv.Token("alice")
	alice := newPinnedClient(t, first)
	alice.await(t, "online", alice.m.IsOnline)
	srv.SetClock(dueAfter)
	alice.breakStore(os.ErrPermission)
	for want := range 3 { // each connection tries again
		srv.Kick("alice")
		alice.await(t, "a renewed token that is not stored", func() bool { return alice.saved() > want })
	}
	alice.breakStore(nil)
	srv.Kick("alice")
	alice.await(t, "the renewed token", func() bool { return !sameSecret(t, alice.kept(), first) })
	list, err := alice.m.GetDevices(t.Context())
	if err != nil || len(list) != 1 || !list[0].Current || list[0].Expires.Before(time.Now().Add(dueAfter)) {
		t.Errorf("got %+v, %v", list, err)
	}

	// Past the end of the first one, in the same run and in the next.
	srv.SetClock(renewLife + time.Hour)
	srv.Restart()
	alice.await(t, "online with the renewed token", alice.m.IsOnline)
	if again, err := alice.m.GetDevices(t.Context()); err != nil || len(again) != 1 || again[0].ID != list[0].ID {
		t.Errorf("got %+v, %v, want the device %s", again, err, list[0].ID)
	}
	alice.m.Stop()
	wantRefused(t, "the first token", first)
	next := newPinnedClient(t, alice.kept())
	next.await(t, "online in the next run", next.m.IsOnline)
}

// TestToken_renewed_then_restored: a server that was restored from a backup older than the renewal knows the token before
// it, with which the device goes on, and renews that again.
func TestToken_renewed_then_restored(t *testing.T) {
	t.Parallel()
	srv := newRenewServer(t)
	first := srv.Token("alice")
	alice := newPinnedClient(t, first)
	alice.await(t, "online", alice.m.IsOnline)
	srv.Stop()
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(srv.Dir())); err != nil {
		t.Fatal(err)
	}
	srv.Start()
	renewed := func(before string) func() bool {
		return func() bool { return alice.m.IsOnline() && !sameSecret(t, alice.kept(), before) }
	}
	srv.SetClock(dueAfter)
	srv.Kick("alice")
	alice.await(t, "the renewed token", renewed(first))
	second := alice.kept()
	srv.Restart() // the renewed one is used
	alice.await(t, "online with the renewed token", alice.m.IsOnline)

	restore := func() {
		srv.Stop()
		if err := errors.Join(os.RemoveAll(srv.Dir()), os.CopyFS(srv.Dir(), os.DirFS(backup))); err != nil {
			t.Fatal(err)
		}
		srv.Start()
	}
	srv.SetClock(0) // so that it is not renewed at once
	restore()
	alice.await(t, "online with the first token", func() bool { return alice.m.IsOnline() && sameSecret(t, alice.kept(), first) })
	srv.SetClock(dueAfter)
	srv.Kick("alice")
	alice.await(t, "a third token", func() bool { return renewed(first)() && renewed(second)() })

	// A revoked one is not replaced by the one before.
	srv.Restart()
	alice.await(t, "online with the third token", alice.m.IsOnline)
	srv.RevokeToken(first) // the device has the id of its first token
	alice.await(t, "the end", func() bool { return alice.m.GetConnectionStatus() == mesibo.StatusStopped })
	wantRefused(t, "the first token, which was replaced", first)
}

// TestToken_not_renewed: without Options.SaveToken the token stays as it is, and expires.
func TestToken_not_renewed(t *testing.T) {
	t.Parallel()
	srv := newRenewServer(t)
	token := srv.Token("alice")
	srv.SetClock(dueAfter)
	alice := online(t, token)
	alice.Stop()
	alice.start()
	alice.Stop()
	srv.SetClock(renewLife + time.Hour)
	wantRefused(t, "expired", token)
}

// playRenewer connects with the token in a file and stores there the one that takes its place. It blocks for ever before
// or after it has stored that, if at says so, and prints 1 then; it prints 2 when it is online.
func playRenewer(ctx context.Context, file, dir, at string) error {
	token, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: string(token), Database: "test.db", SaveToken: func(token string) error {
		if at == "before" {
			fmt.Println(1)
			<-ctx.Done()
		}
		err := os.WriteFile(file+".new", []byte(token), 0o600)
		if err == nil {
			err = os.Rename(file+".new", file)
		}
		if at == "after" {
			fmt.Println(1)
			<-ctx.Done()
		}
		return err
	}})
	if err != nil {
		return err
	}
	err = m.AddListener(&mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		if s == mesibo.StatusOnline && at == "online" {
			fmt.Println(2)
		}
	}})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return m.Run(ctx)
}

// renewals are a server in a process of its own, and devices whose tokens are due.
type renewals struct {
	t   *testing.T
	srv *process
}

// run plays a device until it has printed a number, and kills it.
func (r *renewals) run(file, dir, at string, number int) {
	r.t.Helper()
	p := &process{t: r.t, part: "renewer", args: []string{file, dir, at}}
	p.start()
	r.await(at, func() bool { return p.number() == number })
	p.kill()
}

func (r *renewals) await(what string, done func() bool) {
	r.t.Helper()
	end, tick := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			r.t.Fatalf("not in time: %s", what)
		}
	}
}

// TestToken_renewed_with_kills: whichever of the two is killed, and between which steps, the device still has a valid
// token.
func TestToken_renewed_with_kills(t *testing.T) {
	t.Parallel()
	host := newRenewServer(t)
	const rounds = 6
	var files [rounds]string
	for i := range files {
		files[i] = filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(files[i], []byte(host.Token(fmt.Sprint("user", i))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host.Stop()
	r := &renewals{t: t, srv: &process{t: t, part: "server", args: []string{host.Dir(), host.Addr(), renewLife.String()}}}
	r.srv.start()
	token := func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}

	// The device is killed: before it has stored the new token, after that, and when it has used that.
	first, dir := token(files[0]), t.TempDir()
	r.run(files[0], dir, "before", 1)
	if !sameSecret(t, token(files[0]), first) {
		t.Error("the token changed before it was stored")
	}
	r.srv.kill()
	r.srv.start()
	r.run(files[0], dir, "after", 1)
	if sameSecret(t, token(files[0]), first) {
		t.Error("the token did not change")
	}
	r.srv.kill()
	r.srv.start()
	r.run(files[0], dir, "online", 2)
	wantRefused(t, "the first token after the use of the other", first)
	r.run(files[0], dir, "online", 2)

	// The server is killed, at any time of a renewal.
	for _, file := range files[1:] {
		first := token(file)
		c := newPinnedClient(t, first)
		<-time.After(time.Duration(rand.IntN(60)) * time.Millisecond)
		r.srv.kill()
		if rand.IntN(2) == 0 { // so is the device
			c.m.Stop()
			c = newPinnedClient(t, c.kept())
		}
		r.srv.start()
		c.await(t, "the renewed token", func() bool { return !sameSecret(t, c.kept(), first) })
		c.m.Stop()
		again := newPinnedClient(t, c.kept())
		again.await(t, "online", again.m.IsOnline)
		again.m.Stop()
		wantRefused(t, "the first token after a kill of the server", strings.TrimSpace(first))
	}
	r.srv.kill()
}
