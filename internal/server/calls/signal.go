package calls

import (
	"log/slog"
	"slices"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// CheckSignal refuses a malformed request.
func CheckSignal(m *wire.CallSignal) error {
	ch := m.GetChange()
	switch {
	case m.GetSeq() == 0:
		return refusal.Bad("the number of the signal is 0")
	case ch.GetStatus() == 0 || ch.GetStatus() > wire.CallMaxStatus:
		return refusal.Bad("the status of the call is 0 or over %d", wire.CallMaxStatus)
	case len(ch.GetSdp()) > wire.MaxSDP:
		return refusal.Bad("the session description is longer than %d bytes", wire.MaxSDP)
	case len(ch.GetCandidates()) > wire.MaxCandidates:
		return refusal.Bad("there are more than %d candidates", wire.MaxCandidates)
	case slices.ContainsFunc(ch.GetCandidates(), func(c string) bool { return len(c) > wire.MaxCandidate }):
		return refusal.Bad("a candidate is longer than %d bytes", wire.MaxCandidate)
	case hasNUL(ch.GetSdp()) || slices.ContainsFunc(ch.GetCandidates(), hasNUL):
		return errNUL
	case ch.GetMute() > wire.MuteAll:
		return refusal.Bad("the mute status is over %d", wire.MuteAll)
	case ch.GetKey() != nil:
		return refusal.Bad("only the server makes keys")
	case ch.GetStatus() == wire.CallAnswer && ch.GetSdp() == "":
		return refusal.Bad("the answer has no session description")
	}
	return nil
}

// Signal handles what happens to a call at a device. answer is called once, as the one of Start, with the call's status
// as the device shall see it. It is called after an answer or the end of the call is stored, so that a device which
// repeats what was not answered makes up for a crash.
func (cs *Calls) Signal(d Device, m *wire.CallSignal, answer func(*wire.CallReply, error)) {
	cs.mu.Lock()
	c := cs.live[m.GetCallId()]
	status, ok := cs.standing(d, c, m.GetCallId())
	if !ok {
		cs.mu.Unlock()
		answer(&wire.CallReply{CallId: m.GetCallId(), Status: status}, nil)
		return
	}
	cs.returned(d, c)
	var end *eventlog.EndCall
	var submit func()
	repeated, change := c.repeated(d.ID, m.GetSeq()), m.GetChange()
	switch {
	case change.GetStatus() == wire.CallAnswer && !c.isCaller(d.UID) && !c.answered():
		submit = cs.accept(d, c, change, answer) // repeated or not: the first may not have been stored
	case !repeated:
		end = cs.change(d, c, change)
	}
	reply := &wire.CallReply{CallId: c.ID, Status: c.status()}
	cs.mu.Unlock()
	switch {
	case submit != nil:
		submit()
	case end != nil:
		cs.store(end, func(err error) {
			if err != nil {
				reply = nil
			}
			answer(reply, err)
		})
	default:
		answer(reply, nil)
	}
}

// standing reports whether a device may signal about a call; if not, the status says why. Under mu.
func (cs *Calls) standing(d Device, c *call, id uint64) (status uint32, ok bool) {
	end := cs.ended[id]
	switch {
	case end != nil && slices.Contains(end.parties[:], d.UID):
		return end.status, false
	case c == nil, c.opening, c.Caller.UID != d.UID && c.Callee.UID != d.UID:
		return wire.CallBadID, false
	case c.isCaller(d.UID) && c.caller.device != d.ID:
		return wire.CallBadID, false
	case c.isCaller(d.UID):
		return 0, true
	case c.answered() && c.callee.device != d.ID, c.answering != nil && c.answering.device != d.ID:
		return wire.CallSwitched, false
	}
	return 0, true
}

// change applies a change of a device. It returns the record of a call that it ended. Under mu.
func (cs *Calls) change(d Device, c *call, ch *wire.CallChange) *eventlog.EndCall {
	switch {
	case c.answered():
		return cs.relay(d, c, ch)
	case c.isCaller(d.UID):
		return cs.changeByCaller(c, ch)
	}
	return cs.changeByCallee(d, c, ch)
}

// changeByCaller applies a change of the caller of an unanswered call.
func (cs *Calls) changeByCaller(c *call, ch *wire.CallChange) *eventlog.EndCall {
	switch s := ch.GetStatus(); {
	case s&wire.CallEnded != 0:
		return cs.finish(c, wire.CallCancel, false)
	case relayed(s):
		c.caller.early.add(ch)
	}
	return nil
}

// changeByCallee applies a change of a device of the callee of an unanswered call.
func (cs *Calls) changeByCallee(d Device, c *call, ch *wire.CallChange) *eventlog.EndCall {
	switch s := ch.GetStatus(); {
	case c.answering != nil && relayed(s):
		c.callee.early.add(ch)
	case s == wire.CallRinging && !c.ringing:
		c.ringing = true
		cs.sendCaller(c, &wire.CallChange{Status: wire.CallRinging})
	case s == wire.CallBusy && !ch.GetDeclined():
		c.busy[d.ID] = struct{}{}
		if cs.allBusy(c) {
			return cs.finish(c, wire.CallBusy, false)
		}
	case s&wire.CallEnded != 0:
		return cs.finish(c, wire.CallBusy, true)
	}
	return nil
}

// allBusy reports whether no connected device of the callee rings. Under mu.
func (cs *Calls) allBusy(c *call) bool {
	return !slices.ContainsFunc(cs.c.Hub.Devices(c.Callee.UID), func(id string) bool {
		_, busy := c.busy[id]
		return !busy
	})
}

// accept makes a device the one that has answered, once that is stored, so that it is still the one after a crash. It
// returns a function that stores it, without mu. Under mu.
func (cs *Calls) accept(d Device, c *call, change *wire.CallChange, answer func(*wire.CallReply, error)) func() {
	if c.answering != nil { // it repeats its answer
		c.answering.answers = append(c.answering.answers, answer)
		return func() {}
	}
	a := &answering{
		device: d.ID, change: change, at: max(cs.c.Clock().UnixMilli(), c.Started),
		answers: []func(*wire.CallReply, error){answer},
	}
	c.answering = a
	ch := &eventlog.AnswerCall{ID: c.ID, Device: d.ID, Answer: change.GetSdp(), Video: change.GetVideo(), Time: a.at}
	ch.Done = func(err error) { cs.accepted(c, a, err) }
	return func() {
		if err := cs.c.Log.Submit(ch); err != nil {
			cs.accepted(c, a, err)
		}
	}
}

// accepted connects the parties of a call whose answer is stored. If it could not be, the call still rings.
func (cs *Calls) accepted(c *call, a *answering, err error) {
	cs.mu.Lock()
	c.answering = nil
	switch {
	case c.ended != nil:
	case err != nil:
		c.callee.early = early{}
	default:
		cs.connect(c, a)
	}
	reply := &wire.CallReply{CallId: c.ID, Status: c.status()}
	cs.mu.Unlock()
	if err != nil {
		reply = nil
	}
	for _, answer := range a.answers {
		answer(reply, err)
	}
}

// connect lets the parties know of the answer and of each other. Under mu.
func (cs *Calls) connect(c *call, a *answering) {
	c.Answered, c.CalleeDevice, c.callee.device = a.at, a.device, a.device
	c.Answer, c.AnswerVideo = a.change.GetSdp(), a.change.GetVideo()
	c.callee.away = !cs.isConnected(c.Callee.UID, a.device)
	s := c.answer()
	c.caller.keep(s)
	cs.send(c.Caller.UID, s)
	cs.send(c.Callee.UID, c.signal(false, &wire.CallChange{Status: wire.CallSwitched}))
	for _, ch := range c.caller.early.list {
		cs.sendCallee(c, ch)
	}
	for _, ch := range c.callee.early.list {
		cs.sendCaller(c, ch)
	}
	c.Offer, c.caller.early, c.callee.early = "", early{}, early{}
	cs.rings.answered(pair{c.Caller.UID, c.Callee.UID})
	cs.watch(c, callerGrace)
}

// relay passes a change from one party of an answered call to the other.
func (cs *Calls) relay(d Device, c *call, ch *wire.CallChange) *eventlog.EndCall {
	s := ch.GetStatus()
	switch {
	case s&wire.CallEnded != 0:
		return cs.finish(c, wire.CallComplete, false)
	case !relayed(s):
	case c.isCaller(d.UID):
		cs.sendCallee(c, ch)
	default:
		cs.sendCaller(c, ch)
	}
	return nil
}

// relayed reports whether changes with a status are passed to the other party.
func relayed(status uint32) bool {
	switch status {
	case wire.CallSDP, wire.CallUpdate, wire.CallMute, wire.CallUnmute, wire.CallHold, wire.CallUnhold, wire.CallDTMF:
		return true
	}
	return false
}

// maxResumed is how many signals a device that connects is sent. It is less than its connection holds.
const maxResumed = 3 * maxKept

// Connected sends a device what it has missed. send must not block.
func (cs *Calls) Connected(d Device, send func(*wire.Signal) error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	var missed []*wire.CallSignalled
	for _, c := range cs.byUser[d.UID] {
		p := c.party(d)
		switch {
		case c.opening:
		case p != nil:
			missed = append(missed, p.kept...)
		case !c.isCaller(d.UID) && !c.answered() && !cs.c.Log.Blocks(c.Callee.UID, c.Caller.UID):
			missed = append(missed, c.ring())
		}
	}
	for _, s := range missed[:min(len(missed), maxResumed)] {
		if err := send(&wire.Signal{Body: &wire.Signal_Call{Call: s}}); err != nil {
			cs.c.Logger.Error("signal a call", slog.Any("error", err))
		}
	}
}

// Disconnected notes that a device is gone, unless it has connected again.
func (cs *Calls) Disconnected(d Device) {
	for _, end := range cs.disconnected(d) {
		cs.store(end, func(error) {})
	}
}

// disconnected is Disconnected without storing the records of calls that have ended, which it returns.
func (cs *Calls) disconnected(d Device) (over []*eventlog.EndCall) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.stopped || len(cs.byUser[d.UID]) == 0 || cs.isConnected(d.UID, d.ID) {
		return nil
	}
	for _, c := range cs.byUser[d.UID] {
		delete(c.busy, d.ID)
		switch p := c.party(d); {
		case p != nil && !p.away:
			p.away = true
			cs.watch(c, callerGrace)
		case !c.answered() && c.answering == nil && !c.opening && len(c.busy) > 0 && cs.allBusy(c):
			over = append(over, cs.finish(c, wire.CallBusy, false)) // it was the last that rang
		}
	}
	return over
}
