package server_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

// phone is a device that calls.
type phone struct {
	*device

	id   string
	sent map[uint64]uint32 // number of the last signal of each call, sent and received
	had  map[uint64]uint32
}

func asPhone(d *device) *phone {
	return &phone{device: d, id: d.token.ID(), sent: make(map[uint64]uint32), had: make(map[uint64]uint32)}
}

func (h *host) phone(address string) *phone { return asPhone(h.device(address)) }

// phones returns several phones of a user.
func (h *host) phones(address string, n int) []*phone {
	list := make([]*phone, n)
	for i := range list {
		list[i] = h.phone(address)
	}
	return list
}

func callStart(peer string) *wire.CallStart {
	nonce := make([]byte, wire.NonceSize)
	_, _ = rand.Read(nonce)
	return &wire.CallStart{Nonce: nonce, Peer: peer, Sdp: "the offer"}
}

func startRequest(m *wire.CallStart) *wire.Request {
	return &wire.Request{Op: &wire.Request_CallStart{CallStart: m}}
}

func signalRequest(m *wire.CallSignal) *wire.Request {
	return &wire.Request{Op: &wire.Request_CallSignal{CallSignal: m}}
}

// start sends a CallStart.
func (p *phone) start(m *wire.CallStart) *wire.CallReply {
	p.t.Helper()
	res := p.call(startRequest(m))
	if res.GetResult() != wire.ResultOK {
		p.t.Fatalf("start: got %v", res)
	}
	return res.GetCall()
}

// dial calls a peer and returns the call's id.
func (p *phone) dial(peer string) uint64 {
	p.t.Helper()
	reply := p.start(callStart(peer))
	if reply.GetStatus() != wire.CallInProgress || reply.GetCallId() == 0 {
		p.t.Fatalf("call %s: got %v, want INPROGRESS", peer, reply)
	}
	return reply.GetCallId()
}

// signal sends a change and returns the status that the server replies.
func (p *phone) signal(id uint64, ch *wire.CallChange) uint32 {
	p.t.Helper()
	p.sent[id]++
	return p.repeat(id, ch)
}

// repeat is signal with the last number.
func (p *phone) repeat(id uint64, ch *wire.CallChange) uint32 {
	p.t.Helper()
	res := p.call(signalRequest(&wire.CallSignal{CallId: id, Seq: p.sent[id], Change: ch}))
	if res.GetResult() != wire.ResultOK || res.GetCall().GetCallId() != id {
		p.t.Fatalf("signal %v: got %v", ch, res)
	}
	return res.GetCall().GetStatus()
}

func (p *phone) status(id uint64, status uint32) uint32 {
	p.t.Helper()
	return p.signal(id, &wire.CallChange{Status: status})
}

// wantReply checks what the server replies to a change.
func (p *phone) wantReply(id uint64, ch *wire.CallChange, want uint32) {
	p.t.Helper()
	if got := p.signal(id, ch); got != want {
		p.t.Fatalf("%s sends %v: got status %#x, want %#x", p.token.Address, ch, got, want)
	}
}

// answer answers a call and checks that this is the device that has it.
func (p *phone) answers(id uint64) {
	p.t.Helper()
	p.wantReply(id, &wire.CallChange{Status: wire.CallAnswer, Sdp: "the answer"}, wire.CallAnswer)
}

// takeCall returns the oldest signal for this device that it has not had, nil if there is none.
func (p *phone) takeCall() *wire.CallSignalled {
	for len(p.signals) > 0 {
		s := p.signals[0].GetCall()
		p.signals = p.signals[1:]
		if s == nil || (s.GetDevice() != "" && s.GetDevice() != p.id) {
			continue
		}
		if n := s.GetSeq(); n != 0 {
			if n <= p.had[s.GetCallId()] {
				continue
			}
			p.had[s.GetCallId()] = n
		}
		return s
	}
	return nil
}

// want reads the next signal, which must have a status, and returns its change.
func (p *phone) want(id uint64, status uint32) *wire.CallChange {
	p.t.Helper()
	var s *wire.CallSignalled
	p.until(fmt.Sprintf("call signal %#x", status), func() bool {
		s = p.takeCall()
		return s != nil
	})
	if s.GetCallId() != id || s.GetChange().GetStatus() != status {
		p.t.Fatalf("%s got %v, want status %#x of call %d", p.token.Address, s, status, id)
	}
	return s.GetChange()
}

// wantSilence checks that nothing more has been sent to the device.
func (p *phone) wantSilence() {
	p.t.Helper()
	p.call(signalRequest(&wire.CallSignal{CallId: 1, Seq: 1, Change: &wire.CallChange{Status: wire.CallInfo}}))
	if s := p.takeCall(); s != nil {
		p.t.Fatalf("%s got %v, want nothing", p.token.Address, s)
	}
}

// reconnect connects again; signals that are under way are lost.
func (p *phone) reconnect() {
	p.t.Helper()
	p.connect()
}

// record returns the record of the call that the next message holds.
func (p *phone) record() (*wire.Message, *wire.CallRecord) {
	p.t.Helper()
	for {
		e := p.next()
		if m := e.GetMessage(); m != nil && m.GetContent().GetGroup() == nil {
			if m.GetContent().GetCall() == nil {
				p.t.Fatalf("got message %v, want the record of a call", m)
			}
			return m, m.GetContent().GetCall()
		}
	}
}

// wantRecord checks that the next message is the record of a call which has ended with a status.
func (p *phone) wantRecord(id uint64, status uint32) *wire.CallRecord {
	p.t.Helper()
	_, r := p.record()
	if r.GetCallId() != id || r.GetStatus() != status {
		p.t.Fatalf("%s got record %v, want status %#x of call %d", p.token.Address, r, status, id)
	}
	return r
}

// wantRecords checks that the logs of two users hold exactly the records of some calls, from their beginning.
func (h *host) wantRecords(users []string, ids ...uint64) {
	h.t.Helper()
	for _, address := range users {
		d := &device{t: h.t, h: h, token: h.token(address), epoch: 1, acks: true} // another epoch: the whole log
		head := d.connect().GetHead()
		var got []uint64
		for d.cursor < head || len(d.events) > 0 {
			if c := d.next().GetMessage().GetContent().GetCall(); c != nil {
				got = append(got, c.GetCallId())
			}
		}
		d.close()
		slices.Sort(got)
		slices.Sort(ids)
		if !slices.Equal(got, ids) {
			h.t.Errorf("%s: got records of the calls %v, want %v", address, got, ids)
		}
	}
}

// established returns two phones in a call.
func established(t *testing.T, h *host) (alice, bob *phone, id uint64) {
	t.Helper()
	alice, bob = h.phone("alice"), h.phone("bob")
	id = alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	bob.answers(id)
	alice.want(id, wire.CallAnswer)
	bob.want(id, wire.CallSwitched)
	return alice, bob, id
}
