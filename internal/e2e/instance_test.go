package e2e_test

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// After Reset nothing is left of what the application has said.
func TestReset_forgets_everything(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	talk(alice, bob)
	set := func(d *device) {
		d.SetAppInForeground(7, true)
		d.must(d.SetOnlineStatusMode(mesibo.OnlineModeLogin))
		d.DeletePolicy(10, mesibo.DeleteLocal)
		d.SetRemoteRetractionPolicy(0)
		d.SetUIThread(func() bool { return true })
		d.EnableFileTransfer(false)
	}
	set(alice)
	alice.must(alice.Reset())
	seconds, kind := alice.DeletePolicy(-1, -1)
	if alice.IsAppInForeground() || seconds != 3600 || kind != mesibo.DeleteRecall || alice.IsUiThread() ||
		!alice.IsFileTransferEnabled() ||
		alice.GetConnectedTime() != 0 {
		t.Errorf("got foreground %v, policy %d %d, thread %v, files %v, connected %d", alice.IsAppInForeground(), seconds,
			kind, alice.IsUiThread(),
			alice.IsFileTransferEnabled(), alice.GetConnectedTime())
	}

	carol := &device{
		Mesibo: alice.Mesibo, t: t, dir: t.TempDir(),
		changed: make(chan struct{}),
	} // the next user of the instance
	carol.listen()
	carol.must(carol.SetPath(carol.dir))
	carol.must(carol.SetAccessToken(srv.Token("carol")))
	carol.must(carol.SetDatabase("test.db", 0))
	carol.start()
	carol.send("bob", 1, "hello")
	bob.awaitLine("message hello RECEIVEDNEW")
	bob.Stop()
	bob.start() // asks who is online
	bob.awaitServer("carol")
	bob.awaitServer("carol")
	if p, _ := bob.GetProfile("carol", 0); p.Online {
		t.Error("the next user appears online")
	}
	bob.send("carol", 2, "recalled")
	carol.awaitLine("message recalled RECEIVEDNEW")
	bob.awaitLine("status 2 DELIVERED")
	bob.must(bob.DeleteMessage(2, mesibo.DeleteRecall))
	carol.awaitLine("deleted 2") // the remote policy allows it again
}

// lines is a log that a test reads.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.buf.String(), part)
}

// Asked for an encrypted connection, the instance says that it has none to a server on this machine.
func TestSetSecureConnection_on_this_machine_is_said(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	for _, asked := range []bool{false, true} {
		log := &lines{}
		m, err := mesibo.New(mesibo.Options{AccessToken: srv.Token("alice"), Logger: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if asked {
			err = m.SetSecureConnection(true)
		}
		if err := errors.Join(err, m.Start()); err != nil {
			t.Fatal(err)
		}
		if said := log.has("is not encrypted"); said != asked {
			t.Errorf("asked for: %v, said: %v", asked, said)
		}
		if err := m.Reset(); err != nil {
			t.Fatal(err)
		}
	}
}

// With the token of another user the database is that user's.
func TestSetAccessToken_of_another_user_changes_the_database(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	aliceToken, bobToken, dir := srv.Token("alice"), srv.Token("bob"), t.TempDir()
	d := newDevice(t, aliceToken, dir)
	alices := d.GetDatabasePath()
	d.send("carol", 1, "of alice")
	d.must(d.SetAccessToken(bobToken))
	d.send("carol", 1, "of bob")
	d.wantHistory("carol", "of bob OUTBOX")
	bobs := d.GetDatabasePath()
	if alices == bobs || !strings.Contains(bobs, "test-bob-") {
		t.Errorf("bob is in %s, alice in %s", bobs, alices)
	}
	d.end()
	for token, want := range map[string]string{aliceToken: "of alice OUTBOX", bobToken: "of bob OUTBOX"} {
		again := newDevice(t, token, dir)
		again.wantHistory("carol", want)
	}

	shared, err := mesibo.New(mesibo.Options{Path: t.TempDir()}) // by all users
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{shared.SetDatabase("all.db", 0), shared.SetAccessToken(aliceToken)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	before := shared.GetDatabasePath()
	if err := shared.SetAccessToken(bobToken); err != nil || shared.GetDatabasePath() != before ||
		filepath.Base(before) != "all.db" {
		t.Errorf("got %s after %s, %v", shared.GetDatabasePath(), before, err)
	}
	if err := shared.Reset(); err != nil {
		t.Fatal(err)
	}
}

// An instance that New has not made says so.
func TestZero_instance_is_refused(t *testing.T) {
	t.Parallel()
	m := &mesibo.Mesibo{}
	for name, err := range map[string]error{
		"AddListener": m.AddListener(&mesibo.ListenerFuncs{}), "SetPath": m.SetPath(t.TempDir()),
		"SetDatabase":    m.SetDatabase("x.db", 0),
		"SetAccessToken": m.SetAccessToken("x"), "Start": m.Start(), "Run": m.Run(t.Context()),
		"SendMessage": m.SendMessageString(toBob(), 1, "x"), "DeleteMessage": m.DeleteMessage(1, mesibo.DeleteLocal),
	} {
		if !errors.Is(err, mesibo.ErrNotMade) || !errors.Is(err, mesibo.ResultFail) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
