package mesibo

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/callstate"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// TestCall_two_devices: the first answer has the call.
func TestCall_two_devices(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	tablet := newPhone(t, srv.Token("bob"), bob.line)
	c := alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	tablet.await("notify INCOMING alice false")
	late := newPhone(t, srv.Token("bob"), bob.line) // comes online while it rings
	late.await("notify INCOMING alice false")
	var both sync.WaitGroup
	for _, p := range []*phone{bob, tablet} {
		both.Go(func() { _ = p.call().Answer(false) })
	}
	both.Wait()
	alice.await("status CONNECTED")
	late.await("status SWITCHED")
	late.await("hangup REMOTE")
	winner, loser := bob, tablet
	bob.until("an end", func() bool {
		for _, p := range []*phone{bob, tablet} {
			if slices.Contains(p.entries(), "status SWITCHED") {
				loser = p
				return true
			}
		}
		return false
	})
	if loser == bob {
		winner = tablet
	}
	winner.await("status CONNECTED")
	loser.await("hangup REMOTE")
	alice.must(c.Hangup())
	winner.await("status COMPLETE")
	late.awaitRecords("alice", "CALLINCOMING COMPLETE")
}

// TestCall_glare: both call each other at the same moment, and talk.
func TestCall_glare(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	var both sync.WaitGroup
	for _, p := range []*phone{alice, bob} {
		other := "bob"
		if p == bob {
			other = "alice"
		}
		cp := p.CreateCallProperties(false)
		cp.User = p.CreateUserProfile(other, 0)
		c, err := p.Call(cp)
		p.must(err)
		p.add(c)
		both.Go(func() { p.must(c.Start(p)) })
	}
	both.Wait()
	alice.await("status CONNECTED")
	bob.await("status CONNECTED")
	of, at := alice.GetActiveCall(), bob.GetActiveCall()
	if a, b := of.GetCallProperties().CallID, at.GetCallProperties().CallID; a != b || a == 0 {
		t.Errorf("the calls are %d and %d", a, b)
	}
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
	alice.await("hangup USER")
	alice.until("one record", func() bool { return len(alice.records("bob")) == 1 })
	bob.until("one record", func() bool { return len(bob.records("alice")) == 1 })
	if a := alice.records("bob")[0] + bob.records("alice")[0]; strings.Count(a, "COMPLETE") != 2 {
		t.Errorf("the records are %q", a)
	}
}

// TestCall_while_it_rings: who calls a user that is calling, answers, with the device's own call.
func TestCall_while_it_rings(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of := alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	rings := bob.call()
	c := bob.dial("alice", false)
	alice.await("status CONNECTED")
	bob.await("status CONNECTED")
	if rings.IsCallInProgress() || rings.Status() != CallStatusSwitched || bob.GetActiveCall() != c {
		t.Errorf("the call that rang has status %v", rings.Status())
	}
	bob.must(c.Hangup())
	alice.await("hangup REMOTE")
	if of.IsCallInProgress() {
		t.Error("the call goes on")
	}
	bob.awaitRecords("alice", "CALLINCOMING COMPLETE")
}

// TestCall_server_ends: the server is killed in each state of a call, which goes on after it is back.
func TestCall_server_ends(t *testing.T) {
	t.Parallel()
	t.Run("ringing", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		c := alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		alice.await("status RINGING")
		srv.Kill()
		bob.must(bob.call().Answer(false))
		srv.Start()
		alice.await("status CONNECTED")
		bob.await("status CONNECTED")
		alice.must(c.Hangup())
		bob.await("hangup REMOTE")
		bob.awaitRecords("alice", "CALLINCOMING COMPLETE")
	})
	t.Run("connected", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		of, at := talk(alice, bob, false)
		srv.Kill()
		at.Hold(true)
		at.Mute(true, false, true)
		if !of.IsLinkUp() {
			t.Error("the call does not go on")
		}
		srv.Start()
		alice.await("status HOLD")
		alice.await("mute true false true")
		bob.must(at.Hangup())
		alice.await("hangup REMOTE")
		alice.awaitRecords("bob", "CALLOUTGOING COMPLETE")
	})
	t.Run("hung up meanwhile", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		of, _ := talk(alice, bob, false)
		srv.Kill()
		alice.must(of.Hangup())
		alice.await("hangup USER")
		srv.Start()
		bob.await("hangup REMOTE")
		alice.awaitRecords("bob", "CALLOUTGOING COMPLETE")
	})
	t.Run("declined meanwhile", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		srv.Kill()
		bob.must(bob.call().Hangup())
		srv.Start()
		alice.await("status BUSY")
		bob.awaitRecords("alice", "CALLINCOMING BUSY")
	})
	t.Run("restart meanwhile", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		of, at := talk(alice, bob, false)
		f, g := alice.media(of), bob.media(at)
		srv.Kill()
		alice.forget()
		f.h.OnReconnecting()
		g.h.OnReconnecting()
		f.h.OnRestartWanted()
		g.h.OnRestartWanted()
		srv.Start()
		alice.await("status CONNECTED")
		alice.must(of.Hangup())
		bob.await("hangup REMOTE")
	})
}

// lose disconnects a device, lets something happen to another one's call until the server has confirmed it, and kills
// the server, which forgets what it kept for the device.
func lose(srv *mesibotest.Server, p *phone, c *Call, happens func()) {
	p.cut.Store(true)
	srv.Kick(p.GetAddress())
	p.until("offline", func() bool { return !p.IsOnline() })
	happens()
	p.until("the server's reply", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.out) == 0 && len(c.tasks) == 0
	})
	srv.Kill()
	p.cut.Store(false)
	srv.Start()
}

// TestCall_server_forgets: what the server has confirmed, and lost with a crash, still reaches the other party.
func TestCall_server_forgets(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	of, at := talk(alice, bob, false)
	f, g := alice.media(of), bob.media(at)
	lose(srv, alice, at, func() { at.Mute(true, false, true) })
	alice.await("mute true false true")
	bob.until("online", bob.IsOnline)
	alice.forget()
	bob.forget()
	lose(srv, bob, of, func() {
		f.h.OnReconnecting()
		g.h.OnReconnecting()
		f.h.OnRestartWanted()
		alice.until("an offer", func() bool {
			of.mu.Lock()
			defer of.mu.Unlock()
			return of.restart != ""
		})
	})
	alice.await("status CONNECTED")
	bob.await("status CONNECTED")
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
}

// TestCalls_numbers: the numbers of a call that rings again go on, and few are kept.
func TestCalls_numbers(t *testing.T) {
	t.Parallel()
	m, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	cs := m.calls
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for id := range uint64(3 * mostRemembers) {
		cs.remember(id, math.MaxUint32)
	}
	if n := cs.firstNumber(3*mostRemembers - 1); n != math.MaxUint32 {
		t.Errorf("the numbers of a call that is known go on at %d", n)
	}
	if n := cs.firstNumber(0); n == math.MaxUint32 || len(cs.numbers) > mostRemembers {
		t.Errorf("%d calls are remembered", len(cs.numbers))
	}
}

// TestCall_connection_cut: what happens while a device has no connection reaches it afterwards.
func TestCall_connection_cut(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	c := alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	for range 5 {
		srv.Kick("alice")
		srv.Kick("bob")
	}
	bob.must(bob.call().Answer(false))
	srv.Kick("bob")
	alice.await("status CONNECTED")
	srv.Kick("alice")
	c.Hold(true)
	bob.await("status HOLD")
	srv.Kick("bob")
	alice.must(c.Hangup())
	srv.Kick("alice")
	bob.await("hangup REMOTE")
	if n := len(slices.DeleteFunc(bob.entries(), func(e string) bool { return e != "incoming alice false false" })); n != 1 {
		t.Errorf("it rang %d times", n)
	}
	alice.awaitRecords("bob", "CALLOUTGOING COMPLETE")
}

// TestCall_start_is_repeated: a caller whose connection is cut again and again makes one call.
func TestCall_start_is_repeated(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	c := alice.dial("bob", false)
	for range 3 {
		srv.Kick("alice")
	}
	bob.await("notify INCOMING alice false")
	alice.await("status RINGING")
	alice.must(c.Hangup())
	bob.await("status CANCEL")
	alice.awaitRecords("bob", "CALLOUTGOING CANCEL")
}

// TestCall_times: a call that nothing comes back of ends by itself.
func TestCall_times(t *testing.T) {
	t.Parallel()
	t.Run("no reply", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		alice.calls.times.ring = 300 * time.Millisecond
		srv.Kill()
		c := newCall(alice.Mesibo, CallProperties{User: alice.CreateUserProfile("bob", 0)})
		alice.add(c)
		alice.calls.mu.Lock()
		alice.calls.begin(c)
		alice.calls.mu.Unlock()
		c.attach(alice)
		c.apply((*callstate.Machine).Dial)
		alice.await("hangup ERROR")
		<-c.done
		srv.Start()
		bob.until("online", bob.IsOnline)
		alice.until("online", alice.IsOnline)
		bob.want(nil) // the call does not ring any more
	})
	t.Run("rings for too long", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		bob.calls.times.ring = 300 * time.Millisecond
		alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		srv.Kill()
		bob.await("status NOANSWER")
		bob.await("hangup REMOTE")
	})
	t.Run("the server never learns of the end", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		bob.calls.times.linger = 100 * time.Millisecond
		alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		srv.Kill()
		bob.must(bob.call().Hangup())
		<-bob.call().done
	})
	t.Run("media never come back", func(t *testing.T) {
		t.Parallel()
		_, alice, bob := phones(t)
		alice.calls.times.reconnect = 100 * time.Millisecond
		of, _ := talk(alice, bob, false)
		alice.media(of).h.OnReconnecting()
		alice.await("status NETWORKERROR")
		alice.await("hangup ERROR")
		bob.await("hangup REMOTE")
	})
}

// TestCall_stop: Stop hangs up in each state.
func TestCall_stop(t *testing.T) {
	t.Parallel()
	t.Run("calling", func(t *testing.T) {
		t.Parallel()
		_, alice, bob := phones(t)
		c := alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		alice.await("status RINGING")
		alice.Stop()
		bob.await("status CANCEL")
		if c.Status() != CallStatusCancel || !slices.Contains(alice.entries(), "hangup USER") {
			t.Errorf("status %v, diary %q", c.Status(), alice.entries())
		}
	})
	t.Run("starting", func(t *testing.T) {
		t.Parallel()
		_, alice, _ := phones(t)
		alice.dial("bob", false)
		alice.Stop()
		if alice.GetActiveCall() != nil || !slices.Contains(alice.entries(), "hangup USER") {
			t.Errorf("the diary is %q", alice.entries())
		}
	})
	t.Run("ringing", func(t *testing.T) {
		t.Parallel()
		_, alice, bob := phones(t)
		alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		bob.Stop()
		alice.await("status BUSY")
		if !slices.Contains(bob.entries(), "hangup USER") {
			t.Errorf("the diary is %q", bob.entries())
		}
	})
	t.Run("ringing on two devices", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		tablet := newPhone(t, srv.Token("bob"), bob.line)
		alice.dial("bob", false)
		bob.await("notify INCOMING alice false")
		tablet.await("notify INCOMING alice false")
		bob.Stop()
		tablet.must(tablet.call().Answer(false)) // it rings there still
		alice.await("status CONNECTED")
		tablet.must(tablet.call().Hangup())
		alice.await("status COMPLETE")
	})
	t.Run("talking", func(t *testing.T) {
		t.Parallel()
		_, alice, bob := phones(t)
		talk(alice, bob, false)
		bob.Stop()
		alice.await("status COMPLETE")
		bob.must(bob.Start())
		bob.awaitRecords("alice", "CALLINCOMING COMPLETE")
	})
	t.Run("by a listener", func(t *testing.T) {
		t.Parallel()
		_, alice, bob := phones(t)
		talk(alice, bob, false)
		bob.Post(bob.Stop)
		alice.await("status COMPLETE")
		bob.await("hangup USER")
	})
	t.Run("without a connection", func(t *testing.T) {
		t.Parallel()
		srv, alice, bob := phones(t)
		talk(alice, bob, false)
		srv.Kill()
		bob.until("offline", func() bool { return !bob.IsOnline() })
		bob.Stop()
		if !slices.Contains(bob.entries(), "hangup USER") {
			t.Errorf("the diary is %q", bob.entries())
		}
	})
}

// TestCall_token_is_revoked: the call ends with the session.
func TestCall_token_is_revoked(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	l := newLine(t)
	token := srv.Token("alice")
	alice, bob := newPhone(t, token, l), newPhone(t, srv.Token("bob"), l)
	talk(alice, bob, false)
	srv.RevokeToken(token)
	alice.await("status AUTHFAIL")
	alice.await("hangup ERROR")
}

// crash ends everything without a word to the server.
func (p *phone) crash() {
	r := p.running()
	r.cancel()
	<-r.done
}

// TestCall_device_that_comes_again: a device that has forgotten the call rings again, and may decline.
func TestCall_device_that_comes_again(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	l := newLine(t)
	alice, token := newPhone(t, srv.Token("alice"), l), srv.Token("bob")
	bob := newPhone(t, token, l)
	alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	bob.crash()
	again := newPhone(t, token, l)
	again.await("notify INCOMING alice false")
	again.call().mu.Lock()
	again.call().seq += 5 // the clock has gone on
	again.call().mu.Unlock()
	again.must(again.call().Hangup())
	alice.await("status BUSY")
}

// TestCall_caller_that_has_forgotten: after a crash of the caller's program the call ends when that is back.
func TestCall_caller_that_has_forgotten(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	l := newLine(t)
	token := srv.Token("alice")
	alice, bob := newPhone(t, token, l), newPhone(t, srv.Token("bob"), l)
	talk(alice, bob, false)
	alice.crash()
	if !bob.GetActiveCall().IsLinkUp() {
		t.Error("the call does not go on")
	}
	again := newPhone(t, token, l)
	bob.await("status COMPLETE")
	again.awaitRecords("bob", "CALLOUTGOING COMPLETE")
}
