package mesibo

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// TestCall is a call from the ring to the records.
func TestCall(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of := alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	at := bob.call()
	alice.await("status RINGING")
	if of.IsIncoming() || !at.IsIncoming() || of.IsAnswered() || !of.IsCallInProgress() || at.IsVideoCall() ||
		at.IsLinkUp() {
		t.Error("the calls are not as they should be")
	}
	if bob.media(at) != nil {
		t.Error("the callee has media before the answer")
	}
	bob.must(at.Answer(false))
	alice.await("status CONNECTED")
	bob.await("status CONNECTED")
	if a, b := of.GetCallProperties(), at.GetCallProperties(); a.CallID == 0 || a.CallID != b.CallID ||
		b.User.Address != "alice" {
		t.Errorf("the calls are %+v and %+v", a, b)
	}
	if !of.IsCallConnected() || !at.IsLinkUp() || at.GetAnswerTime().IsZero() || of.Stats().Quality != 4 ||
		alice.GetActiveCall() != of || of.Status() != CallStatusConnected {
		t.Error("the calls are not as they should be")
	}
	f, g := alice.media(of), bob.media(at)
	alice.until("candidates", func() bool { return f.had() == "candidate of "+g.name })
	bob.until("candidates", func() bool { return g.had() == "candidate of "+f.name+", another of "+f.name })
	bob.must(at.Hangup())
	alice.await("hangup REMOTE")
	bob.await("hangup USER")
	alice.want(nil, "call", "ui SHOWINPROGRESS", "status INPROGRESS", "status RINGING", "sound RINGING true",
		"status ANSWER", "sound RINGING false", "ui ANSWERED", "status CONNECTED", "ui SHOWCONTROLS", "status COMPLETE",
		"hangup REMOTE")
	bob.want([]string{"notify"}, "incoming alice false false", "show alice", "call", "ui SHOWINCOMING", "status INCOMING",
		"status ANSWER", "ui ANSWERED", "status CONNECTED", "ui SHOWCONTROLS", "status COMPLETE", "hangup USER")
	alice.awaitRecords("bob", "CALLOUTGOING COMPLETE")
	bob.awaitRecords("alice", "CALLINCOMING COMPLETE")
	if of.IsCallInProgress() || of.Status() != CallStatusComplete || !of.IsAnswered() || of.Stats() != (CallStats{}) ||
		alice.GetActiveCall() != nil {
		t.Error("the call has not ended")
	}
	if err := of.Hangup(); !errors.Is(err, ErrCallState) {
		t.Errorf("hang up again: %v", err)
	}
	if err := at.Answer(false); !errors.Is(err, ErrCallState) {
		t.Errorf("answer after the end: %v", err)
	}
}

func (f *fakeMedia) had() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.candidates, ", ")
}

func TestCall_is_canceled(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	c := alice.dial("bob", true)
	bob.await("notify INCOMING alice true")
	alice.await("status RINGING")
	alice.must(c.Hangup())
	alice.await("hangup USER")
	bob.await("hangup REMOTE")
	bob.await("notify MISSED alice true")
	bob.want([]string{"ui", "notify"}, "incoming alice true false", "show alice", "call", "status INCOMING",
		"status CANCEL", "hangup REMOTE")
	alice.awaitRecords("bob", "CALLOUTGOING CANCEL")
	bob.awaitRecords("alice", "CALLMISSED CANCEL")
}

func TestCall_is_declined(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	tablet := newPhone(t, srv.Token("bob"), bob.line)
	alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	tablet.await("notify INCOMING alice false")
	bob.must(bob.call().Hangup())
	alice.await("hangup REMOTE")
	tablet.await("status BUSY")
	alice.await("sound BUSY true")
	bob.await("hangup USER")
	bob.awaitRecords("alice", "CALLINCOMING BUSY")
	tablet.awaitRecords("alice", "CALLINCOMING BUSY")
	alice.awaitRecords("bob", "CALLOUTGOING BUSY")
}

// TestCall_is_declined_by_the_listener: OnIncoming returns nil.
func TestCall_is_declined_by_the_listener(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	bob.cp = nil
	alice.dial("bob", false)
	alice.await("status BUSY")
	alice.await("hangup REMOTE")
	bob.awaitRecords("alice", "CALLINCOMING BUSY")
	bob.want(nil, "incoming alice false false")
}

// TestCall_of_one_who_cannot_be_called: what the server refuses.
func TestCall_of_one_who_cannot_be_called(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	alice.dial("nobody", false)
	alice.await("status INVALIDDEST")
	alice.await("hangup REMOTE")
	alice.forget()
	p, _ := bob.GetProfile("alice", 0)
	if p == nil {
		p = bob.CreateUserProfile("alice", 0)
	}
	p.BlockMessages(true)
	bob.must(bob.SetProfile(p))
	second := newPhone(t, srv.Token("bob"), bob.line)
	second.until("the block", func() bool { p, ok := second.GetProfile("alice", 0); return ok && p.IsBlocked() })
	alice.dial("bob", false)
	alice.await("status BLOCKED")
	bob.dial("alice", false)
	bob.await("status NOTALLOWED")
	alice.want([]string{"call", "ui"}, "status BLOCKED", "hangup REMOTE")
}

// TestCall_without_an_answer ends by itself.
func TestCall_without_an_answer(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.SetRingTimeout(500e6)
	srv.Restart()
	l := newLine(t)
	alice, bob := newPhone(t, srv.Token("alice"), l), newPhone(t, srv.Token("bob"), l)
	alice.dial("bob", false)
	alice.await("status NOANSWER")
	bob.await("status NOANSWER")
	alice.await("hangup REMOTE")
	bob.await("notify MISSED alice false")
	bob.awaitRecords("alice", "CALLMISSED NOANSWER")
}

// TestCall_unable: a device without listeners or media does not ring, and others do.
func TestCall_unable(t *testing.T) {
	t.Parallel()
	for name, disable := range map[string]func(p *phone){
		"listener": func(p *phone) { p.RemoveListener(p) },
		"media":    func(p *phone) { p.calls.reset() },
		"engine":   func(p *phone) { p.calls.engine = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, alice, bob := phones(t)
			unable := offPhone(t, srv.Token("bob"), bob.line)
			alone := offPhone(t, srv.Token("carol"), bob.line)
			for _, p := range []*phone{unable, alone} {
				disable(p)
				p.start()
			}
			c := alice.dial("bob", false)
			bob.await("notify INCOMING alice false")
			alice.await("status RINGING")
			alice.must(c.Hangup())
			bob.await("hangup REMOTE")
			alice.await("hangup USER")
			alice.dial("carol", false)
			alice.await("status BUSY")
			alone.want([]string{"notify"})
			unable.want([]string{"notify"})
		})
	}
}

// TestMesibo_Call_errors: what is refused before the server is asked.
func TestMesibo_Call_errors(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	cp := alice.CreateCallProperties(false)
	if _, err := alice.Call(cp); ResultOf(err) != ResultBadRequest {
		t.Errorf("nobody: %v", err)
	}
	if _, err := alice.Call(nil); ResultOf(err) != ResultBadRequest {
		t.Errorf("nil: %v", err)
	}
	cp.User = alice.CreateUserProfile("bob", 0)
	first, err := alice.Call(cp)
	alice.must(err)
	second, err := alice.Call(cp)
	alice.must(err)
	alice.add(first)
	alice.must(first.Start(alice))
	if err := second.Start(alice); !errors.Is(err, ErrCallBusy) || ResultOf(err) != ResultReqInProgress {
		t.Errorf("busy: %v", err)
	}
	alice.await("error bob BUSY")
	alice.EnableCallWaiting(true)
	if _, err := alice.Call(cp); !errors.Is(err, ErrCallBusy) {
		t.Errorf("the same user twice: %v", err)
	}
	bob.await("notify INCOMING alice false")
	alice.must(first.Hangup())
	alice.await("hangup USER")
	alice.Stop()
	if _, err := alice.Call(cp); ResultOf(err) != ResultDisconnected {
		t.Errorf("stopped: %v", err)
	}
	alice.await("error bob NETWORK")
	if second.IsCallInProgress() || second.Status() != CallStatusNone {
		t.Error("the call that was not started is one")
	}
	alice.calls.engine = nil
	if _, err := alice.Call(cp); !errors.Is(err, ErrCallMedia) {
		t.Errorf("no engine: %v", err)
	}
	if _, err := new(Mesibo).Call(cp); !errors.Is(err, ErrNotMade) {
		t.Errorf("zero value: %v", err)
	}
}

// TestCall_media_fail: what becomes of a call whose media do not work.
func TestCall_media_fail(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	l := alice.line
	l.failWith(fmt.Errorf("no microphone: %w", call.ErrNoDevice))
	alice.dial("bob", false)
	alice.await("hangup ERROR")
	alice.want([]string{"call", "ui"}, "status HWERROR", "hangup ERROR")
	alice.forget()
	l.failWith(nil)
	tablet := newPhone(t, srv.Token("bob"), l)
	c := alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	tablet.await("notify INCOMING alice false")
	l.failWith(errors.New("no codec"))
	bob.must(bob.call().Answer(false))
	bob.await("hangup ERROR")
	bob.await("status ERROR")
	l.failWith(nil)
	tablet.must(tablet.call().Answer(false)) // it rings there still
	alice.await("status CONNECTED")
	alice.media(c).h.OnFailed(errors.New("no way"))
	alice.await("status NETWORKERROR")
	alice.await("hangup ERROR")
	tablet.await("hangup REMOTE")
	alice.awaitRecords("bob", "CALLOUTGOING COMPLETE")
}
