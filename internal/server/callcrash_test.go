package server_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

var errDisk = errors.New("the disk is full")

// failing is a record whose commits fail while they contain an update that begins with a text.
type failing struct {
	record.Record

	update  atomic.Pointer[string]
	rows    atomic.Bool   // commits with a message fail, too
	failed  chan struct{} // not nil: receives when one of these has failed
	stored  bool          // the failing commits are stored nevertheless
	blocked chan struct{} // not nil: commits that would fail wait instead
}

// on lets commits with an update fail; an empty text lets them succeed.
func (f *failing) on(update string) { f.update.Store(&update) }

func (f *failing) Begin(ctx context.Context, p *record.Plan) (record.Tx, error) { //nolint:ireturn // the contract
	tx, err := f.Record.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	return &failingTx{tx, f}, nil
}

type failingTx struct {
	record.Tx

	f *failing
}

func (t *failingTx) Commit(w *record.WriteSet) error {
	if t.f.rows.Load() &&
		slices.ContainsFunc(w.Rows, func(r *record.Rows) bool { return r.Table == "msgs" && r.Count > 0 }) {
		t.f.failed <- struct{}{}
		if t.f.stored {
			return errors.Join(t.Tx.Commit(w), errDisk)
		}
		return errDisk
	}
	text := t.f.update.Load()
	for _, u := range w.Updates {
		if text == nil || *text == "" || !strings.HasPrefix(u.Text, *text) {
			continue
		}
		if t.f.blocked != nil {
			<-t.f.blocked
			break
		}
		if t.f.stored {
			return errors.Join(t.Tx.Commit(w), errDisk)
		}
		return errDisk
	}
	return t.Tx.Commit(w)
}

// The updates with which calls change.
const (
	opens   = "INSERT INTO calls"
	answers = "UPDATE calls"
	ends    = "DELETE FROM calls WHERE id"
)

// newFailingHost returns a host whose record can fail.
func newFailingHost(t *testing.T, f *failing) *host {
	t.Helper()
	return newHost(t, server.WithRecord(server.Options{Logger: discard()}, func(rec record.Record) record.Record {
		f.Record = rec
		return f
	}))
}

// crash continues on a copy of the files, as after a crash.
func (h *host) crash() {
	h.t.Helper()
	dir := h.t.TempDir()
	copyDatabase(h.t, h.opts.Dir, dir)
	h.stop()
	h.opts.Dir = dir
	h.start()
}

// restarts are the ways to end and start a server.
func restarts(t *testing.T, test func(t *testing.T, again func(h *host))) {
	t.Helper()
	for name, again := range map[string]func(*host){
		"shutdown": (*host).restart,
		"close": func(h *host) {
			if err := h.srv.Close(); err != nil {
				h.t.Errorf("close: %v", err)
			}
			h.restart()
		},
		"crash": (*host).crash,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, again)
		})
	}
}

// TestCall_rings_after_a_restart.
func TestCall_rings_after_a_restart(t *testing.T) {
	t.Parallel()
	restarts(t, func(t *testing.T, again func(*host)) {
		t.Helper()
		h := newHost(t, server.Options{Logger: discard()})
		alice, bob := h.phone("alice"), h.phone("bob")
		start := callStart("bob")
		id := alice.start(start).GetCallId()
		bob.want(id, wire.CallIncoming)
		again(h)
		bob.reconnect()
		if ch := bob.want(id, wire.CallIncoming); ch.GetSdp() != start.GetSdp() {
			t.Errorf("got %v, want the offer", ch)
		}
		alice.reconnect()
		if reply := alice.start(start); reply.GetCallId() != id || reply.GetStatus() != wire.CallInProgress {
			t.Errorf("got %v, want call %d", reply, id)
		}
		bob.answers(id)
		alice.want(id, wire.CallAnswer)
		alice.wantReply(id, &wire.CallChange{Status: wire.CallComplete}, wire.CallComplete)
		h.wantRecords([]string{"alice", "bob"}, id)
	})
}

// TestCall_goes_on_after_a_restart: the server may also have restarted twice.
func TestCall_goes_on_after_a_restart(t *testing.T) {
	t.Parallel()
	restarts(t, func(t *testing.T, again func(*host)) {
		t.Helper()
		h := newHost(t, server.Options{Logger: discard()})
		alice, bob, id := established(t, h)
		for range 2 {
			for range 10 {
				alice.signal(id, &wire.CallChange{Status: wire.CallDTMF, Digit: 1})
				bob.want(id, wire.CallDTMF)
				bob.signal(id, &wire.CallChange{Status: wire.CallDTMF, Digit: 2})
				alice.want(id, wire.CallDTMF)
			}
			again(h)
			alice.reconnect()
			bob.reconnect()
			if ch := alice.want(id, wire.CallAnswer); ch.GetSdp() != "the answer" { // it may not have had it
				t.Errorf("got %v, want the answer", ch)
			}
			for _, p := range []*phone{alice, bob} {
				p.wantReply(id, &wire.CallChange{Status: wire.CallInfo}, wire.CallAnswer)
			}
		}
		bob.wantReply(id, &wire.CallChange{Status: wire.CallComplete}, wire.CallComplete)
		alice.want(id, wire.CallComplete)
		again(h)
		alice.reconnect()
		bob.reconnect()
		bob.wantReply(id, &wire.CallChange{Status: wire.CallComplete}, wire.CallBadID)
		h.wantRecords([]string{"alice", "bob"}, id)
	})
}

// TestCall_ends_while_the_server_is_down.
func TestCall_ends_while_the_server_is_down(t *testing.T) {
	t.Parallel()
	restarts(t, func(t *testing.T, again func(*host)) {
		t.Helper()
		h := newHost(t, server.Options{Logger: discard()})
		alice, bob := h.phone("alice"), h.phone("bob")
		id := alice.dial("bob")
		bob.want(id, wire.CallIncoming)
		h.opts.RingTimeout = time.Nanosecond
		again(h)
		bob.reconnect()
		r := bob.wantRecord(id, wire.CallNoAnswer)
		if r.GetEnded() < r.GetStarted() {
			t.Errorf("got record %v, want that it ended after its start", r)
		}
		h.wantRecords([]string{"alice", "bob"}, id)
	})
}

// TestCall_cannot_be_opened: nothing rings, and the same request starts the call later. There is one record even if the
// failed commit was stored.
func TestCall_cannot_be_opened(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"not stored": false, "stored": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{stored: stored}
			h := newFailingHost(t, f)
			alice, bob := h.phone("alice"), h.phone("bob")
			f.on(opens)
			start := callStart("bob")
			alice.request(startRequest(start))
			if bye := alice.ended(); bye.GetStatus() != wire.ConnOffline {
				t.Fatalf("got goodbye %v, want OFFLINE", bye)
			}
			bob.wantSilence()
			f.on("")
			alice.reconnect()
			id := alice.start(start).GetCallId()
			bob.want(id, wire.CallIncoming)
			bob.status(id, wire.CallComplete)
			h.opts.RingTimeout = time.Nanosecond
			h.restart()
			h.wantRecords([]string{"alice", "bob"}, id)
		})
	}
}

// TestCall_while_it_opens: a repeated request and the peer's call wait for what becomes of it.
func TestCall_while_it_opens(t *testing.T) {
	t.Parallel()
	f := &failing{blocked: make(chan struct{})}
	h := newFailingHost(t, f)
	alice, bob := h.phone("alice"), h.phone("bob")
	f.on(opens)
	start := callStart("bob")
	first, second := alice.request(startRequest(start)), alice.request(startRequest(start))
	alice.signal(1, &wire.CallChange{Status: wire.CallInfo}) // both requests have been read
	crossing := bob.request(startRequest(callStart("alice")))
	bob.wantSilence()
	if alice.responses[first] != nil || alice.responses[second] != nil || bob.responses[crossing] != nil {
		t.Fatal("a request was answered before the call was stored")
	}
	close(f.blocked)
	id := alice.answer(first).GetCall().GetCallId()
	if reply := alice.answer(second).GetCall(); reply.GetCallId() != id || reply.GetStatus() != wire.CallInProgress {
		t.Errorf("repeated: got %v, want call %d", reply, id)
	}
	if reply := bob.answer(crossing).GetCall(); reply.GetCallId() != id || reply.GetStatus() != wire.CallIncoming {
		t.Errorf("crossing: got %v, want INCOMING", reply)
	}
}

// TestCall_answer_cannot_be_stored: no device is connected, and any device may answer later.
func TestCall_answer_cannot_be_stored(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"not stored": false, "stored": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{stored: stored}
			h := newFailingHost(t, f)
			alice, bob := h.phone("alice"), h.phones("bob", 2)
			id := alice.dial("bob")
			for _, p := range bob {
				p.want(id, wire.CallIncoming)
			}
			f.on(answers)
			answer := &wire.CallChange{Status: wire.CallAnswer, Sdp: "the answer"}
			bob[0].sent[id]++
			bob[0].request(signalRequest(&wire.CallSignal{CallId: id, Seq: 1, Change: answer}))
			bob[0].ended()
			alice.wantSilence()
			f.on("")
			bob[0].reconnect()
			bob[0].want(id, wire.CallIncoming)
			if got := bob[0].repeat(id, answer); got != wire.CallAnswer {
				t.Fatalf("repeated: got status %#x, want ANSWER", got)
			}
			bob[1].want(id, wire.CallSwitched)
			alice.want(id, wire.CallAnswer)
			alice.status(id, wire.CallComplete)
			h.wantRecords([]string{"alice", "bob"}, id)
		})
	}
}

// TestCall_while_its_answer_is_stored: the caller hears nothing before, changes wait, and another device is too late.
func TestCall_while_its_answer_is_stored(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]bool{"it is connected": false, "the caller cancels": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{blocked: make(chan struct{})}
			h := newFailingHost(t, f)
			alice, bob := h.phone("alice"), h.phones("bob", 2)
			id := alice.dial("bob")
			for _, p := range bob {
				p.want(id, wire.CallIncoming)
			}
			f.on(answers)
			send := func(p *phone, ch *wire.CallChange) uint64 {
				p.sent[id]++
				return p.request(signalRequest(&wire.CallSignal{CallId: id, Seq: p.sent[id], Change: ch}))
			}
			answer := send(bob[0], &wire.CallChange{Status: wire.CallAnswer, Sdp: "the answer"})
			bob[0].wantReply(id, &wire.CallChange{Status: wire.CallSDP, Candidates: []string{"bob's"}}, wire.CallInProgress)
			late := &wire.CallChange{Status: wire.CallAnswer, Sdp: "too late"}
			bob[1].wantReply(id, late, wire.CallSwitched)
			alice.wantReply(id, &wire.CallChange{Status: wire.CallSDP, Candidates: []string{"alice's"}}, wire.CallInProgress)
			alice.wantSilence()
			want := uint32(wire.CallAnswer)
			if cancel {
				want = wire.CallCancel
				ended := send(alice, &wire.CallChange{Status: wire.CallCancel})
				bob[0].want(id, wire.CallCancel)
				close(f.blocked)
				alice.answer(ended)
			} else {
				close(f.blocked)
				alice.want(id, wire.CallAnswer)
				alice.want(id, wire.CallSDP)
				bob[0].want(id, wire.CallSwitched)
				bob[0].want(id, wire.CallSDP)
			}
			if got := bob[0].answer(answer).GetCall().GetStatus(); got != want {
				t.Errorf("the answer: got status %#x, want %#x", got, want)
			}
			if cancel {
				if r := bob[1].wantRecord(id, want); r.GetAnswered() != 0 {
					t.Errorf("got record %v, want an unanswered call", r)
				}
				return
			}
			bob[1].want(id, wire.CallSwitched)
		})
	}
}

// TestCall_end_cannot_be_stored: the device repeats it, also after a restart, and there is one record.
func TestCall_end_cannot_be_stored(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"not stored": false, "stored": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{stored: stored}
			h := newFailingHost(t, f)
			alice, bob, id := established(t, h)
			f.on(ends)
			end := &wire.CallChange{Status: wire.CallComplete}
			alice.sent[id]++
			alice.request(signalRequest(&wire.CallSignal{CallId: id, Seq: 1, Change: end}))
			alice.ended()
			bob.want(id, wire.CallComplete)
			h.stop()
			f.on("")
			h.start()
			alice.reconnect()
			want := uint32(wire.CallComplete)
			if stored {
				want = wire.CallBadID
			}
			if got := alice.repeat(id, end); got != want {
				t.Errorf("repeated: got status %#x, want %#x", got, want)
			}
			h.wantRecords([]string{"alice", "bob"}, id)
		})
	}
}
