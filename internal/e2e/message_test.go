package e2e_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func TestStart_and_Stop_twice(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	d := online(t, srv.Token("alice"))
	d.awaitLine("ONLINE") // the status is set just before listeners are called
	d.wantLines("", "CONNECTING", "ONLINE")
	if d.GetAddress() != "alice" || d.GetUid() == 0 {
		t.Errorf("got address %q, uid %d", d.GetAddress(), d.GetUid())
	}
	if err := d.Start(); err != nil {
		t.Errorf("second start: %v", err)
	}
	d.Stop()
	d.Stop()
	d.wantLines("", "CONNECTING", "ONLINE", "OFFLINE", "STOPPED")
}

func TestTokens_refused(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	revoked := srv.Token("alice")
	srv.RevokeToken(revoked)
	for name, token := range map[string]string{
		"revoked":           revoked,
		"expired":           srv.ExpiringToken("alice", time.Now().Add(-time.Minute)),
		"other_application": srv.TokenFor("alice", "another"),
	} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, token, t.TempDir())
			if err := d.Start(); err != nil {
				t.Fatalf("start: %v", err)
			}
			d.awaitLine("STOPPED")
			d.wantLines("", "CONNECTING", "AUTHFAIL", "STOPPED")
		})
	}
	good := srv.Token("alice")
	other := "A"
	if good[20] == 'A' {
		other = "B"
	}
	for name, token := range map[string]string{
		"empty": "", "foreign": "m_123", "cut": good[:len(good)-5], "changed": good[:20] + other + good[21:],
	} {
		t.Run(name, func(t *testing.T) {
			m, err := mesibo.New(mesibo.Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = m.SetAccessToken(token)
			if !errors.Is(err, mesibo.ErrInvalidToken) || !errors.Is(err, mesibo.ResultAuthFail) {
				t.Errorf("got %v, want ErrInvalidToken", err)
			}
			if err := m.Start(); !errors.Is(err, mesibo.ResultFail) {
				t.Errorf("start without a token: got %v", err)
			}
		})
	}
}

func TestStatuses_up_to_READ(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	session := bob.NewReadDbSession("alice", 0, "", nil)
	session.EnableReadReceipt(true)
	alice.send("bob", 0x12345678, "hi")
	alice.awaitLine("status 305419896 READ")
	alice.wantLines("status", "status 305419896 SENT", "status 305419896 DELIVERED", "status 305419896 READ")
	bob.wantLines("message", "message hi RECEIVEDNEW")
	m := bob.messages()[0]
	if m.Peer != "alice" || m.Origin != mesibo.OriginRealtime || uint32(m.Mid) != 0x12345678 || m.Mid>>32 == 0 ||
		m.Profile == nil {
		t.Errorf("got %+v", m.MessageParams)
	}
	session.Stop()
	bob.send("alice", 7, "hello")
	bob.awaitLine("status 7 DELIVERED")
	alice.wantHistory("bob", "hi READ", "hello RECEIVEDNEW")
	bob.wantHistory("alice", "hi RECEIVEDREAD", "hello DELIVERED")
}

func TestStatuses_with_interruptions(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := online(t, srv.Token("alice"))
	bobToken, bobDir := srv.Token("bob"), t.TempDir()
	srv.Stop()
	alice.send("bob", 1, "one")
	alice.wantHistory("bob", "one OUTBOX")
	srv.Start()
	alice.awaitLine("status 1 SENT")
	srv.Restart()
	bob := newDevice(t, bobToken, bobDir)
	bob.start()
	alice.awaitLine("status 1 DELIVERED")
	bob.end()
	srv.Restart()
	bob = newDevice(t, bobToken, bobDir)
	session := bob.NewReadDbSession("alice", 0, "", nil)
	session.EnableReadReceipt(true)
	if n, err := session.Read(10); n != 1 || err != nil { // still offline: the receipt waits
		t.Fatalf("got %d, %v", n, err)
	}
	session.Stop()
	bob.end()
	bob = newDevice(t, bobToken, bobDir)
	bob.start()
	alice.awaitLine("status 1 READ")
	alice.wantLines("status", "status 1 SENT", "status 1 DELIVERED", "status 1 READ")
	bob.wantLines("message")
}

func TestTwo_devices(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	phone, laptop, bob := online(t, srv.Token("alice")), online(t, srv.Token("alice")), online(t, srv.Token("bob"))
	bob.send("alice", 1, "hello")
	phone.awaitLine("message hello RECEIVEDNEW")
	laptop.awaitLine("message hello RECEIVEDNEW")
	phone.send("bob", 2, "from the phone")
	laptop.awaitLine("message from the phone SENT")
	laptop.awaitLine("status 2 DELIVERED")
	phone.awaitLine("status 2 DELIVERED")
	if err := laptop.SendReadReceipt(mesibo.MessageParams{Peer: "bob"}, laptop.messages()[0].Mid); err != nil {
		t.Fatal(err)
	}
	phone.awaitLine("read bob 0")
	bob.awaitLine("status 1 READ")
	phone.wantHistory("bob", "hello RECEIVEDREAD", "from the phone DELIVERED")
	laptop.wantHistory("bob", "hello RECEIVEDREAD", "from the phone DELIVERED")
	tablet := online(t, srv.Token("alice")) // a new device gets the history
	tablet.await("history", func() bool { return len(tablet.history("bob")) == 2 })
	tablet.await("states", func() bool {
		return strings.Join(tablet.history("bob"), ",") == "hello RECEIVEDREAD,from the phone DELIVERED"
	})
}

func TestRevoked_while_connected(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	token := srv.Token("alice")
	d := online(t, token)
	srv.RevokeToken(token)
	d.awaitLine("STOPPED")
	d.wantLines("", "CONNECTING", "ONLINE", "AUTHFAIL", "STOPPED")
}

func TestSendMessage_refusals(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	d := online(t, srv.Token("alice"))
	big := strings.Repeat("x", 64<<10+1)
	for _, c := range []struct {
		name   string
		params mesibo.MessageParams
		text   string
		result mesibo.Result
		cause  error
	}{
		{"no_destination", mesibo.MessageParams{}, "x", mesibo.ResultBadRequest, nil},
		{"too_large", mesibo.NewMessageParams("bob", 0), big, mesibo.ResultBadRequest, mesibo.ErrTooLarge},
		{"type", mesibo.MessageParams{Peer: "bob", Type: 1 << 16}, "x", mesibo.ResultBadRequest, nil},
		{"long_address", mesibo.NewMessageParams(strings.Repeat("a", 64), 0), "x", mesibo.ResultBadRequest, nil},
		{"address_not_utf8", mesibo.NewMessageParams("b\xff", 0), "x", mesibo.ResultBadRequest, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := d.SendMessageString(c.params, 1, c.text)
			if !errors.Is(err, c.result) || c.cause != nil && !errors.Is(err, c.cause) {
				t.Errorf("got %v, want %v and %v", err, c.result, c.cause)
			}
		})
	}
	d.send("nobody", 5, "to nobody")
	d.awaitLine("status 5 INVALIDDEST")
	d.send("alice", 6, strings.Repeat("x", 64<<10))
	d.await("a note to oneself is settled", func() bool { return len(d.entries("status 6")) == 1 })
	d.send("nobody3", 5, "the same id to another user")
	d.await("both settled", func() bool { return len(d.entries("status 5 INVALIDDEST")) == 2 })
	d.send("nobody2", 7, "\xff\xfe not UTF-8 is any bytes")
	d.awaitLine("status 7 INVALIDDEST")
	err := d.SendMessageString(mesibo.NewMessageParams("nobody", 0), 5, "again")
	if !errors.Is(err, mesibo.ErrDuplicateID) {
		t.Errorf("repeated id: got %v, want ErrDuplicateID", err)
	}
}

func TestTransient(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	p := mesibo.MessageParams{Peer: "bob", Flag: mesibo.FlagTransient}
	if err := alice.SendMessageString(p, 1, "now"); err != nil {
		t.Fatal(err)
	}
	bob.awaitLine("message now RECEIVEDNEW")
	alice.awaitLine("status 1 SENT")
	bob.Stop()
	id := uint32(1)
	alice.await("the server to see that bob is gone", func() bool {
		id++
		if err := alice.SendMessageString(p, id, "gone"); err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("status %d ", id)
		alice.await(line, func() bool { return len(alice.entries(line)) == 1 })
		return alice.entries(line)[0] == line+"USEROFFLINE"
	})
	alice.Stop()
	if err := alice.SendMessageString(p, 3, "never"); !errors.Is(err, mesibo.ResultDisconnected) {
		t.Errorf("got %v, want ResultDisconnected", err)
	}
	alice.wantHistory("bob")
	bob.wantHistory("alice")
}

func TestCancel_waiting(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	srv.Stop()
	alice.await("offline", func() bool { return alice.GetConnectionStatus() != mesibo.StatusOnline })
	alice.send("bob", 1, "no")
	alice.send("bob", 2, "yes")
	if err := alice.Cancel(mesibo.MessageParams{Peer: "bob"}, 1); err != nil {
		t.Fatal(err)
	}
	srv.Start()
	alice.awaitLine("status 2 DELIVERED")
	bob.wantLines("message", "message yes RECEIVEDNEW")
	alice.wantHistory("bob", "yes DELIVERED")
	if err := alice.Cancel(mesibo.MessageParams{Peer: "bob"}, 2); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("cancel of a sent message: got %v, want ErrNotFound", err)
	}
}

func TestListeners_may_do_anything(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	stopped := make(chan struct{})
	var self *mesibo.ListenerFuncs
	self = &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, _ []byte) {
		bob.RemoveListener(self)
		if err := bob.SendMessageString(mesibo.NewMessageParams(p.Peer, 0), 77, "answer"); err != nil {
			t.Error(err)
		}
		bob.Stop()
		close(stopped)
		panic("a listener's mistake")
	}}
	if err := bob.AddListener(self); err != nil {
		t.Fatal(err)
	}
	if err := bob.AddListener(42); !errors.Is(err, mesibo.ErrNoListener) {
		t.Errorf("got %v, want ErrNoListener", err)
	}
	alice.send("bob", 1, "go")
	<-stopped
	bob.awaitLine("STOPPED")
	bob.start()
	alice.awaitLine("message answer RECEIVEDNEW")
}

func TestDatabase_per_user_and_without(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	dir := t.TempDir()
	alice, bob := newDevice(t, srv.Token("alice"), dir), newDevice(t, srv.Token("bob"), dir)
	alice.start()
	bob.start()
	alice.send("bob", 1, "hi")
	alice.awaitLine("status 1 DELIVERED")
	alice.wantHistory("bob", "hi DELIVERED")
	bob.wantHistory("alice", "hi RECEIVEDNEW")

	m, err := mesibo.New(mesibo.Options{AccessToken: srv.Token("carol")})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	alice.must(m.AddListener(&mesibo.ListenerFuncs{Message: func(_ *mesibo.MessageParams, data []byte) {
		got <- string(data)
	}}))
	alice.send("carol", 2, "no database")
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "no database" {
		t.Errorf("got %q", text)
	}
	if n, err := m.NewReadDbSession("alice", 0, "", nil).Read(10); n != 0 || err != nil {
		t.Errorf("read without a database: got %d, %v", n, err)
	}
	if err := m.Reset(); err != nil {
		t.Error(err)
	}
}
