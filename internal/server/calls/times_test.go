package calls_test

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/wire"
)

// ring lets the first device of the caller call the callee. It returns it and the first device of the callee.
func (w *world) ring() (caller, callee *device, id uint64) {
	w.t.Helper()
	caller, callee = w.devices[0], w.devices[2]
	id, _ = w.dialBob(caller)
	if id == 0 {
		w.t.Fatal("the call was not started")
	}
	return caller, callee, id
}

// dialBob lets a device call, and returns the reply.
func (w *world) dialBob(d *device) (id uint64, status uint32) {
	s := calls.Start{Caller: d.calls(), Peer: &accounts.UserRef{UID: bob, Address: names[bob]}, Offer: "offer"}
	w.nonces++
	binary.BigEndian.PutUint64(s.Nonce[:], w.nonces)
	w.calls.Start(s, func(reply *wire.CallReply, _ error) { id, status = reply.GetCallId(), reply.GetStatus() })
	w.process.commit(nil, false)
	return id, status
}

// send sends a change and returns the replied status.
func (w *world) send(d *device, id uint64, status uint32) (replied uint32) {
	d.numbers[id]++
	w.calls.Signal(d.calls(), &wire.CallSignal{
		CallId: id, Seq: d.numbers[id], Change: &wire.CallChange{Status: status, Sdp: d.id},
	}, func(reply *wire.CallReply, _ error) { replied = reply.GetStatus() })
	w.process.commit(nil, false)
	return replied
}

// want checks how a call stands.
func (w *world) want(d *device, id uint64, status uint32) {
	w.t.Helper()
	if got := w.send(d, id, wire.CallInfo); got != status {
		w.t.Errorf("after %v: %s got status %#x, want %#x", time.Since(time.UnixMilli(w.disk.opened[id].Started)), d.id, got,
			status)
	}
}

// TestTimes: how long a call rings, and how long its devices may be away.
func TestTimes(t *testing.T) {
	t.Parallel()
	const second = time.Second
	away := func(w *world, list ...*device) {
		for _, d := range list {
			w.disconnect(d)
		}
	}
	back := func(w *world, list ...*device) {
		for _, d := range list {
			w.connect(d)
		}
	}
	for name, test := range map[string]func(w *world, a, b *device, id uint64){
		"it rings": func(w *world, a, b *device, id uint64) {
			w.pass(44 * second)
			w.want(a, id, wire.CallInProgress)
			w.pass(2 * second)
			w.want(b, id, wire.CallNoAnswer)
			w.pass(119 * second)
			w.want(b, id, wire.CallNoAnswer)
			_, _, other := w.ring()
			w.pass(46 * second)
			w.want(b, id, wire.CallBadID) // forgotten when the next call ends
			w.want(b, other, wire.CallNoAnswer)
		},
		"the caller goes": func(w *world, a, b *device, id uint64) {
			away(w, a)
			w.pass(9 * second)
			w.want(b, id, wire.CallInProgress)
			w.pass(2 * second)
			w.want(b, id, wire.CallCancel)
		},
		"the caller returns": func(w *world, a, b *device, id uint64) {
			away(w, a)
			w.pass(9 * second)
			back(w, a)
			w.want(a, id, wire.CallInProgress)
			w.pass(35 * second)
			w.want(b, id, wire.CallInProgress)
			w.pass(2 * second)
			w.want(b, id, wire.CallNoAnswer)
		},
		"the caller has forgotten": func(w *world, a, b *device, id uint64) {
			away(w, a)
			back(w, a)
			w.pass(11 * second)
			w.want(b, id, wire.CallCancel)
		},
		"the caller goes while it opens": func(w *world, _, b *device, _ uint64) {
			a := w.devices[1]
			s := calls.Start{Caller: a.calls(), Peer: &accounts.UserRef{UID: bob}, Offer: "offer", Nonce: [16]byte{99}}
			var id uint64
			w.calls.Start(s, func(reply *wire.CallReply, _ error) { id = reply.GetCallId() })
			away(w, a)
			w.process.commit(nil, false)
			w.pass(11 * second)
			w.want(b, id, wire.CallCancel)
		},
		"the callee goes": func(w *world, a, b *device, id uint64) {
			away(w, b, w.devices[3], w.devices[4])
			w.pass(44 * second)
			w.want(a, id, wire.CallInProgress)
		},
		"the last device that rings goes": func(w *world, a, b *device, id uint64) {
			w.send(b, id, wire.CallBusy)
			w.send(w.devices[3], id, wire.CallBusy)
			w.want(a, id, wire.CallInProgress)
			away(w, w.devices[4])
			w.process.commit(nil, false)
			w.want(a, id, wire.CallBusy)
		},
		"the devices that are busy go": func(w *world, a, b *device, id uint64) {
			away(w, w.devices[3], w.devices[4])
			w.connect(w.devices[4])
			w.send(b, id, wire.CallBusy)
			away(w, b)
			w.want(a, id, wire.CallInProgress)
			away(w, w.devices[4])
			w.pass(44 * second)
			w.want(a, id, wire.CallInProgress)
		},
		"answered": func(w *world, a, b *device, id uint64) {
			w.send(b, id, wire.CallAnswer)
			w.pass(time.Hour)
			away(w, a)
			w.pass(time.Hour)
			away(w, b)
			w.pass(59 * second)
			back(w, a)
			w.want(a, id, wire.CallAnswer)
			w.pass(time.Hour)
			w.want(a, id, wire.CallAnswer)
			away(w, a)
			back(w, a, b) // both have forgotten it
			w.pass(61 * second)
			w.want(a, id, wire.CallComplete)
		},
		"the answering device goes": func(w *world, a, b *device, id uint64) {
			w.calls.Signal(b.calls(), &wire.CallSignal{
				CallId: id, Seq: 1, Change: &wire.CallChange{Status: wire.CallAnswer, Sdp: b.id},
			}, func(*wire.CallReply, error) {})
			away(w, b)
			w.process.commit(nil, false)
			away(w, a)
			w.pass(61 * second)
			w.want(a, id, wire.CallComplete)
		},
		"restarted": func(w *world, a, b *device, id uint64) {
			w.stop()
			w.start()
			w.pass(29 * second)
			back(w, a, b)
			w.want(a, id, wire.CallInProgress)
			w.stop()
			w.start()
			back(w, b)
			w.pass(15 * second)
			w.want(b, id, wire.CallInProgress)
			w.pass(2 * second)
			w.want(b, id, wire.CallNoAnswer)
		},
		"stopped while it rings": func(w *world, _, b *device, id uint64) {
			w.stop()
			w.pass(time.Hour)
			w.start()
			w.pass(second)
			w.want(b, id, wire.CallNoAnswer)
		},
		"restarted after weeks": func(w *world, a, b *device, id uint64) {
			w.send(b, id, wire.CallAnswer)
			for range 4 { // the numbers of signals rise
				w.pass(6 * 24 * time.Hour)
				w.stop()
				w.start()
				back(w, a, b)
				w.want(b, id, wire.CallAnswer)
				w.send(a, id, wire.CallDTMF)
			}
			w.pass(100 * 24 * time.Hour)
			w.stop()
			w.start()
			back(w, a, b)
			w.want(b, id, wire.CallAnswer)
		},
		"the caller calls again": func(w *world, _, b *device, id uint64) {
			_, _, other := w.ring()
			w.want(b, id, wire.CallCancel)
			w.want(b, other, wire.CallInProgress)
			w.send(b, other, wire.CallAnswer)
			_, _, third := w.ring() // at the user's other devices
			w.want(b, other, wire.CallAnswer)
			w.want(w.devices[3], third, wire.CallInProgress)
		},
		"a user who does not answer": func(w *world, a, b *device, id uint64) {
			w.send(a, id, wire.CallCancel)
			for range 5 {
				_, _, id := w.ring()
				w.send(a, id, wire.CallCancel)
			}
			if _, status := w.dialBob(a); status != wire.CallBusy {
				w.t.Errorf("the seventh call in a minute: got status %#x, want BUSY", status)
			}
			w.pass(time.Minute)
			_, _, id = w.ring()
			w.send(b, id, wire.CallAnswer)
			w.send(a, id, wire.CallComplete)
			for range 6 {
				_, _, id = w.ring()
				w.send(a, id, wire.CallCancel)
			}
		},
		"restarted in the call": func(w *world, a, b *device, id uint64) {
			w.send(b, id, wire.CallAnswer)
			w.stop()
			w.start()
			w.pass(59 * second)
			back(w, b)
			w.want(b, id, wire.CallAnswer)
			w.pass(time.Hour)
			w.want(a, id, wire.CallAnswer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				a, b, id := w.ring()
				test(w, a, b, id)
				w.stop()
			})
		})
	}
}
